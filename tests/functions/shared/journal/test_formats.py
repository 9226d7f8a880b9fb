"""Every version of every object that was ever written is read; what is written is the newest."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from functions.shared.journal.entries import (
    AsideNote,
    Entry,
    Imported,
    Kept,
    Tombstone,
    cleared,
    fingerprint,
    is_of,
    is_suspect,
    says_the_same,
)
from functions.shared.journal.formats import (
    Adopted,
    Applicant,
    Batch,
    BeforeAdoption,
    Course,
    Dealt,
    Filed,
    GoodTable,
    Misplaced,
    Move,
    OtherTab,
    Reached,
    RowsSeen,
    SettledMark,
    Snapshot,
    Standing,
    Standstill,
    StandstillTold,
    State,
    WaitingMail,
)
from functions.shared.journal.replies import Answered, Asked, Letter, Reply, Stage
from functions.shared.sheets.fence import Fence
from functions.shared.sheets.port import Change, RowEdit, token
from sheets_schema.schema import TEST_SOURCE

# Never edit a golden file: it is what a deployment of its time left in somebody's journal.
GOLDEN = Path(__file__).parent / "golden"
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
SUBMISSION = {
    "first_name": "Ana",
    "last_name": "Martin",
    "email": "ana.martin@example.org",
    "projects": [{"type": "employment"}],
    "target": {"communes": ["46102"]},
    "source": "site",
    "newsletter": False,
    "ambassador_contact": False,
}
FIRST, SECOND = "f" * 64, "2:" + "f" * 64
TOLD = {
    "reference": "LOT-65AC-WHNK",
    "person": "Ana Martin",
    "project": "Trouver un emploi",
    "target": "Figeac",
    "lead": "Camille Bonnet",
    "reason": "Règle 11",
}
TOLD_LATER = TOLD | {"reference": "LOT-0000-0001"}
CAMILLE = "camille.bonnet@example.org"
FENCE = Fence(12, AT, "a1b2")
EDIT = RowEdit("LOT-0000-0001", 4, "e" * 64, {"referent": Change(None, "Ana Roux")})
IMPORTED = Imported({"notes": "Organisme : Faculté"}, "LOT-0000-0001", mails=True)
ENTRY = Entry("LOT-65AC-WHNK", AT, SECOND, SUBMISSION, "en", "no_script", "honeypot", IMPORTED)
SENT = replace(ENTRY, imported=None)
ASIDE = AsideNote("LOT-65AC-WHNK", AT, "suspecte : champ invisible rempli", "honeypot")
MAIL = WaitingMail(
    "assigned",
    "Camille Bonnet",
    {"requests": [TOLD | {"first_name": "Ana", "status": "to_contact"}]},
    attempts=1,
    refused="camille@example.org",
    refused_at=AT,
)
BATCH = Batch(
    FENCE,
    "demo",
    {"reference": 0, "last_name": 1},
    ("reference", "last_name"),
    (Filed("a1", "LOT-65AC-WHNK", SECOND, "{}"),),
    (
        RowEdit(
            "LOT-0000-0001",
            4,
            "e" * 64,
            {
                "referent": Change("", "Ana Roux"),
                "status": Change("À réorienter", "À contacter"),
            },
        ),
    ),
    (
        WaitingMail(
            "assigned",
            "Camille Bonnet",
            {"requests": [TOLD]},
            if_confirmed="LOT-0000-0001",
        ),
    ),
    {
        "LOT-65AC-WHNK": {
            "reference": "LOT-65AC-WHNK",
            "status": "À contacter",
            "referent": "Camille Bonnet",
            "children": 2,
        }
    },
    answers=(
        Dealt("20261214-f0.LOT-0000-0001.called", "Accompagnement en cours", "LOT-0000-0001"),
    ),
)
ASKED = Asked("Ana", "Bob Cros", "Camille Bonnet", "to_contact")
OFFERED = replace(ASKED, choices=("called", "no_answer"))
ANA = "ana.martin@example.org"
OWN = Asked(
    "Ana", "Ana Martin", "Camille Bonnet", "to_contact", "Grand-Figeac", "05 65 00 00 01", "en"
)
THIRD_BATCH = replace(BATCH, answers=())
BATCH = replace(
    BATCH,
    edits=(
        *BATCH.edits,
        RowEdit("draft-2", 1, "d" * 64, {"effect": Change("", "Valable.")}, "draft"),
    ),
    others={"draft": OtherTab(77, {"number": 0, "effect": 1}, ("number",))},
)
FOURTH_BATCH, FIFTH_BATCH = replace(BATCH, answers=()), BATCH
STAGE = Stage("contacted", "Ana Roux", "Grand-Figeac", "05 65 00 00 01", AT)
BATCH = replace(BATCH, reached=(Reached("LOT-0000-0001", STAGE, "LOT-0000-0001"),))
SECOND_BATCH = replace(
    THIRD_BATCH,
    rows={
        "LOT-65AC-WHNK": {
            "status": "À contacter",
            "referent": "Camille Bonnet",
            "last_contact_on": "",
        }
    },
)
MISPLACED = Misplaced(
    ("", "Référence", "Nom"),
    {"reference": 0, "last_name": 1},
    {"reference": "LOT-65AC-WHNK", "last_name": "Martin"},
)
SEEN = RowsSeen({"e" * 64: AT})
STATES = {"LOT-65AC-WHNK": State("À contacter", "Camille Bonnet", "46349")}
LATEST = {"camille bonnet": AT}
SNAPSHOT = Snapshot(
    STATES,
    LATEST,
    {"LOT-65AC-WHNK": Course(("Ana Roux",), AT.date(), reminded=True, motive="9f86d081884c7d65")},
    {"LOT-0000-0001": Standing(State("À contacter", "Bob Cros", ""), Course(("Camille Bonnet",)))},
    {
        "LOT-65AC-WHNK": Applicant(
            "en",
            AT.date(),
            AT,
            AT.date(),
            "Camille Bonnet",
            "settled",
            "Bob Cros",
            contacted=True,
            said=("closing", "news-6"),
            look=date(2027, 5, 23),
        )
    },
)
THIRD_SNAPSHOT = replace(SNAPSHOT, applicants={})

NEWEST = {
    "entry-3.json": ENTRY,
    "tombstone-1.json": Tombstone("LOT-65AC-WHNK", SECOND, AT),
    "aside-1.json": ASIDE,
    "settled-2.json": SettledMark(AT, ("a1", "b2"), frozenset({"LOT-0000-0001"})),
    "mail-3.json": MAIL,
    "batch-6.json": BATCH,
    "good-table-1.json": GoodTable(AT, ({"number": 12.0, "referents": "Camille Bonnet"},)),
    "link-3.json": Letter(
        "f0" * 32, "Ana Martin", ANA, {"LOT-65AC-WHNK": OWN, "LOT-0000-0001": OFFERED}
    ),
    "answer-4.json": Reply("LOT-65AC-WHNK", "close", AT, OFFERED),
    "answered-1.json": Answered("À contacter"),
    "stage-1.json": STAGE,
    "misplaced-1.json": MISPLACED,
    "adopted-1.json": Adopted(frozenset({"LOT-65AC-WHNK"})),
    "before-adoption-1.json": BeforeAdoption(
        "Suivi",
        {"locale": "en_US", "timeZone": "Europe/Paris"},
        (12, 34),
        ("LOT-65AC-WHNK",),
        (("LOT-65AC-WHNK", "status", {"stringValue": "A rappeler"}, "Sans réponse"),),
    ),
    "seen-2.json": SEEN,
    "snapshot-4.json": SNAPSHOT,
    "move-1.json": Move("Ana Roux", "Bob Cros", date(2027, 1, 3)),
    "standstill-1.json": Standstill(AT),
    "standstill-told-1.json": StandstillTold(AT, {CAMILLE: "Camille Bonnet"}),
}
EARLIER = {
    "link-2.json": Letter("f0" * 32, "Ana Martin", ANA, {"LOT-65AC-WHNK": OWN}),
    "answer-3.json": Reply("LOT-65AC-WHNK", "close", AT, ASKED),
    "link-1.json": Letter("f0" * 32, "Camille Bonnet", CAMILLE, {"LOT-65AC-WHNK": ASKED}),
    "answer-1.json": Reply("LOT-65AC-WHNK", "not_mine", AT, ASKED, "Pas mon domaine"),
    "answer-2.json": Reply("LOT-65AC-WHNK", "phone", AT, OWN, "06 12 34 56 78", ANA),
    "entry-1.json": Entry("LOT-65AC-WHNK", AT, FIRST, SUBMISSION, "fr", "no_script"),
    "entry-2.json": SENT,
    "aside-0.json": ASIDE,
    "settled-0.json": SettledMark(AT, ("a1", "b2"), None),
    "settled-1.json": SettledMark(AT, ("a1", "b2"), None),
    "mail-1.json": WaitingMail(
        "assigned", "Camille Bonnet", {"requests": [TOLD, TOLD_LATER]}, address=CAMILLE
    ),
    "mail-1-trial.json": WaitingMail(
        "trial", "Ana Martin", {"requests": [TOLD]}, address="ana.martin@example.org"
    ),
    "mail-2.json": replace(MAIL, data={"requests": [TOLD]}),
    "seen-1.json": SEEN,
    "batch-3.json": THIRD_BATCH,
    "batch-2.json": SECOND_BATCH,
    "snapshot-1.json": Snapshot(STATES),
    "snapshot-2.json": Snapshot(STATES, LATEST),
    "snapshot-3.json": THIRD_SNAPSHOT,
    "batch-4.json": FOURTH_BATCH,
    "batch-5.json": FIFTH_BATCH,
}


LEAST = [
    Move("Ana Roux"),
    Stage("received", "", "", ""),
    Snapshot(STATES, {}, {}, {}, {"LOT-0000-0001": Applicant("fr", AT.date(), AT, AT.date(), "")}),
]


def golden(name):
    return (GOLDEN / name).read_bytes()


@pytest.mark.parametrize("name", NEWEST)
def test_what_is_written_is_the_newest_version(name):
    """Who changes what is written makes a new version, and keeps the golden file of this one."""
    assert json.loads(NEWEST[name].to_json()) == json.loads(golden(name))


def test_what_somebody_sent_is_written_as_an_older_route_reads_it():
    assert json.loads(SENT.to_json()) == json.loads(golden("entry-2.json"))


@pytest.mark.parametrize("name", [name for name in NEWEST | EARLIER if "tombstone" not in name])
def test_every_version_is_read(name):
    expected = (NEWEST | EARLIER)[name]
    assert type(expected).from_json(golden(name)) == expected


@pytest.mark.parametrize(
    ("name", "mark"),
    [
        ("entry-1.json", FIRST),
        ("entry-2.json", SECOND),
        ("entry-3.json", SECOND),
        ("tombstone-0.json", FIRST),
        ("tombstone-1.json", SECOND),
    ],
)
def test_what_came_first_with_a_key_is_read_of_entry_and_tombstone(name, mark):
    assert Kept.from_json(golden(name)) == Kept("LOT-65AC-WHNK", mark)


@pytest.mark.parametrize("least", LEAST)
def test_what_may_be_missing_is_read_as_missing(least):
    assert type(least).from_json(least.to_json()) == least


def test_an_applicant_is_whoever_wrote_and_has_an_address():
    sent = replace(SENT, received_at=datetime(2026, 11, 22, 23, 30, tzinfo=UTC))
    # Days are those of Paris.
    day = date(2026, 11, 23)
    assert Applicant.of(sent, AT, "Ana Roux") == Applicant("en", day, AT, day, "Ana Roux")
    for left_out in ({"email": ""}, {"source": TEST_SOURCE}):
        none = replace(sent, submission=SUBMISSION | left_out)
        assert Applicant.of(none, AT, "Ana Roux") is None
    assert Applicant.of(ENTRY, AT, "Ana Roux") is None


def test_no_golden_file_is_forgotten():
    kept = {file.name for file in GOLDEN.iterdir()}
    assert kept == {*NEWEST, *EARLIER, "tombstone-0.json", "batch-1.json"}


@pytest.mark.parametrize("batch", [BATCH, SECOND_BATCH])
def test_the_first_state_of_a_new_row_is_kept(batch):
    assert batch.opened == {"LOT-65AC-WHNK": State("À contacter", "Camille Bonnet", "")}


def test_a_batch_of_the_first_version_is_settled_as_it_was_meant():
    batch = Batch.from_json(golden("batch-1.json"))

    assert (batch.fence, batch.spreadsheet) == (FENCE, "demo")
    assert batch.positions == {"reference": 0, "last_name": 1}
    assert batch.filed == (Filed("a1", "LOT-65AC-WHNK", FIRST, "{}"),)
    assert batch.edits == (EDIT,)
    # The token that stands in the sheet is the one that is looked for.
    written = json.loads(golden("batch-1.json"))["completions"][0]["fillings"][0]["token"]
    assert token(batch.fence.key, EDIT, "referent") == written
    # The row's hash covers what it covered then.
    assert len(batch.hashed) == 14
    assert batch.hashed[0] == "reference"
    assert [(mail.if_confirmed, mail.data["requests"]) for mail in batch.mails] == [
        ("", [TOLD]),
        ("LOT-0000-0001", [TOLD_LATER]),
    ]


@pytest.mark.parametrize("name", NEWEST)
def test_what_a_later_version_wrote_is_not_half_understood(name):
    if "tombstone" in name:
        return
    body = json.dumps(json.loads(golden(name)) | {"version": 99}).encode()
    with pytest.raises(ValueError, match="version"):
        type(NEWEST[name]).from_json(body)


class TestFingerprint:
    def test_an_answer_that_repeats_its_default_does_not_count(self):
        spoken = {key: SUBMISSION[key] for key in ("first_name", "last_name", "email", "projects")}
        assert fingerprint(spoken | {"target": {"unknown": True}}) == fingerprint(
            spoken | {"source": "site", "newsletter": False, "target": {"unknown": True}}
        )

    @pytest.mark.parametrize("more", [{"newsletter": True}, {"source": "salon"}, {"phone": "+331"}])
    def test_any_other_answer_does(self, more):
        assert fingerprint(SUBMISSION | more) != fingerprint(SUBMISSION)

    def test_a_retry_after_a_deployment_is_the_same_submission(self):
        """What the first version hashed, with the defaults of its time."""
        assert not says_the_same("e" * 64, SUBMISSION)
        assert says_the_same(FIRST_OF_SUBMISSION, SUBMISSION)
        bare = {key: value for key, value in SUBMISSION.items() if value not in ("site", False)}
        assert says_the_same(FIRST_OF_SUBMISSION, bare)
        assert not says_the_same(FIRST_OF_SUBMISSION, SUBMISSION | {"newsletter": True})
        assert says_the_same(fingerprint(SUBMISSION), bare)


# Of SUBMISSION, as version 1 wrote it.
FIRST_OF_SUBMISSION = "c89d89464d82b0b779281848306e3e3483d2b0b4289970f129f5ca0177faef4a"


RUBBISH = [b"{not json", b"[]", b"3", b"null", b"\xff"]


class TestMarks:
    def test_a_suspect_is_marked_until_it_is_cleared(self):
        body = b'{"reference": "LOT-1", "suspect": "honeypot"}'
        assert is_suspect(body)
        assert not is_suspect(cleared(body))
        assert json.loads(cleared(body)) == {"reference": "LOT-1"}

    @pytest.mark.parametrize("body", [b"{}", *RUBBISH])
    def test_anything_else_is_none_and_is_left_as_it_is(self, body):
        assert not is_suspect(body)
        assert cleared(body) == body

    @pytest.mark.parametrize(
        ("body", "own"),
        [(b'{"reference": "LOT-1"}', True), (b'{"reference": "LOT-2"}', False), (b"{}", False)]
        + [(body, False) for body in RUBBISH],
    )
    def test_an_object_is_of_the_reference_that_it_names(self, body, own):
        assert is_of(body, "LOT-1") == own
