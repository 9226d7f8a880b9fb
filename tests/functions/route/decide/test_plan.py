"""What one batch writes, and what the journal keeps of it."""

from dataclasses import replace

import pytest

from functions.route.arrival import Arrival
from functions.route.commit.row_edits import HASHED
from functions.route.decide.completion import Completion
from functions.route.decide.history import Event
from functions.route.decide.load import Load
from functions.route.decide.notices import Notice, NoticeLine
from functions.route.decide.plan import Work, plan_batch
from functions.route.read.sheet import PARTS, gather
from functions.shared.concerns import Concern, concern_row
from functions.shared.journal.entries import Imported
from functions.shared.journal.formats import State
from functions.shared.journal.store import open_journal
from functions.shared.sheets.fence import Fence
from functions.shared.sheets.port import Change, RowEdit
from sheets_schema.tab import format_row, tab
from sheets_schema.territory import territories
from tests.functions.route.arrivals import MORNING, arrive, name_of
from tests.functions.route.books import ANA, BOB, book, grid, person, rule

FENCE = Fence(4, MORNING, "t4")


def arrival(**more):
    journal = open_journal("memory:///")
    arrive(journal, **more)
    return Arrival.from_json(name_of(1), journal.read(f"pending/{name_of(1)}"), territories())


def arrivals(count):
    journal = open_journal("memory:///")
    for number in range(1, count + 1):
        arrive(journal, number)
    names = [name_of(number) for number in range(1, count + 1)]
    bodies = [journal.read(f"pending/{name}") for name in names]
    return [
        Arrival.from_json(name, body, territories())
        for name, body in zip(names, bodies, strict=True)
    ]


def plan(work, **tables):
    sheet = book(**tables)
    return plan_batch(FENCE, "classeur", work, gather(sheet.read(PARTS), territories()))


class TestArrival:
    def test_it_is_a_row_an_event_a_mail_and_an_entry_of_the_batch(self):
        request = arrival()
        made = plan(Work([request]))
        (row,) = made.commit.rows["requests"]
        assert (row["reference"], row["referent"], row["status"]) == (
            request.reference,
            ANA,
            "À contacter",
        )
        cells = format_row(tab("requests"), {"received_at": MORNING, "assigned_at": MORNING})
        assert {key: row[key] for key in ("received_at", "assigned_at")} == {
            key: cells[key] for key in ("received_at", "assigned_at")
        }
        (event,) = made.commit.rows["tracking"]
        assert (event["reference"], event["event"], event["after"], event["referent"]) == (
            request.reference,
            "Attribuée",
            ANA,
            ANA,
        )
        assert made.commit.rows["to_check"] == []
        assert made.batch.filed == (request.filed,)
        assert made.batch.opened == {request.reference: State("À contacter", ANA, "")}
        assert [(mail.kind, mail.to, mail.if_confirmed) for mail in made.batch.mails] == [
            ("assigned", ANA, "")
        ]
        assert made.batch.hashed == HASHED
        assert (made.batch.fence, made.batch.spreadsheet) == (FENCE, "classeur")
        assert (made.commit.fence, made.commit.spreadsheet) == (FENCE, "classeur")

    def test_its_reason_begins_with_what_is_remarkable_about_it(self):
        request = arrival(source="test", doubt="no_script")
        (row,) = plan(Work([request], repeats={request.name: "LOT-0"})).commit.rows["requests"]
        assert row["assignment_reason"].startswith(
            "ESSAI : Relance de LOT-0. Sans vérification anti-robot"
        )
        assert row["status"] == "À qualifier"

    @pytest.mark.parametrize("mails", [False, True])
    def test_a_contact_of_a_list_is_to_qualify_and_nobody_gets_a_mail_unasked(self, mails):
        imported = Imported({"notes": "Vue au salon"}, "LOT-0000-0001", mails)
        sent = arrival()
        body = replace(sent.entry, imported=imported).to_json()
        made = plan(Work([Arrival.from_json(sent.name, body, territories())]))

        (row,) = made.commit.rows["requests"]
        assert (row["status"], row["referent"], row["notes"]) == (
            "À qualifier",
            ANA,
            "Vue au salon",
        )
        assert row["assignment_reason"].startswith("Relance de LOT-0000-0001. Règle")
        assert bool(made.batch.mails) is mails

    def test_where_nobody_can_be_named_it_is_said(self):
        request = arrival()
        made = plan(Work([request]), rules=[rule(1, "Personne")], coordination=[])
        (line,) = made.commit.rows["to_check"]
        assert line["place"] == request.reference
        assert line["subject"] == "La règle 1 ne désigne personne de disponible."
        assert made.batch.mails == ()
        assert made.batch.opened == {request.reference: State("À contacter", "", "")}

    def test_people_of_a_rule_share_the_requests_of_a_batch(self):
        requests = arrivals(5)
        made = plan(Work(requests, load=Load({"ana roux": 1})), rules=[rule(1, f"{ANA}, {BOB}")])
        names = [row["referent"] for row in made.commit.rows["requests"]]
        assert names == [BOB, ANA, BOB, ANA, BOB]
        assert [row.get("other_referents") for row in made.commit.rows["requests"]] == [None] * 5

    @pytest.mark.parametrize(("at", "lead"), [("23:30", ANA), ("22:59", BOB)])
    def test_an_absence_begins_with_the_day_in_paris(self, at, lead):
        hour, minute = map(int, at.split(":"))
        fence = Fence(4, MORNING.replace(hour=hour, minute=minute), "t4")
        people = [person(BOB, absent_from="24/11/2026", substitute=ANA), person(ANA)]
        sheet = book(rules=[rule(1, BOB)], people=people)
        gathered = gather(sheet.read(PARTS), territories())
        (row,) = plan_batch(fence, "classeur", Work([arrival()]), gathered).commit.rows["requests"]
        assert row["referent"] == lead


class TestCompletion:
    edit = RowEdit("LOT-9", 3, "hash", {"referent": Change("", ANA)})
    notice = Notice(
        "assigned", ANA, NoticeLine("LOT-9", "Léo", "", "", ANA, ""), if_confirmed="LOT-9"
    )

    def test_it_is_an_edit_an_event_a_mail_and_what_there_is_to_note(self):
        concern = Concern("LOT-9", "Sujet", "Geste")
        event = Event("LOT-9", "completed", "", ANA, ANA, "Règle 1")
        completion = Completion(self.edit, (event,), (self.notice,), (concern,))
        made = plan(Work(completions=[completion]))
        assert made.commit.rows["requests"] == []
        assert made.commit.edits == made.batch.edits == (self.edit,)
        assert made.commit.rows["to_check"] == [concern_row(concern, MORNING)]
        assert [row["event"] for row in made.commit.rows["tracking"]] == ["Complétée"]
        assert [mail.if_confirmed for mail in made.batch.mails] == ["LOT-9"]

    def test_what_a_try_before_has_noted_is_not_noted_again(self):
        concern = Concern("LOT-9", "Sujet", "Geste")
        sheet = book()
        sheet.grids["to_check"] = grid("to_check", concern_row(concern, MORNING))
        gathered = gather(sheet.read(PARTS), territories())
        work = Work(completions=[Completion(self.edit, (), (), (concern, concern))])
        assert plan_batch(FENCE, "classeur", work, gathered).commit.rows["to_check"] == []


def test_what_is_given_to_note_and_to_tell_is_written_as_it_is():
    concern, event = Concern("ici", "ceci", "cela"), Event("LOT-9", "closed")
    made = plan(Work(concerns=[concern], events=[event]))
    assert made.commit.rows["to_check"] == [concern_row(concern, MORNING)]
    assert [row["reference"] for row in made.commit.rows["tracking"]] == ["LOT-9"]


def test_fences_older_than_an_hour_go_with_it():
    sheet = book()
    for number, hour, minute in ((1, 7, 59), (2, 8, 1), (3, 8, 59)):
        old = Fence(number, MORNING.replace(hour=hour, minute=minute), "old")
        sheet.named_ranges[old.range_id] = old.range_name
    made = plan_batch(FENCE, "classeur", Work(), gather(sheet.read(PARTS), territories()))
    assert [fence.number for fence in made.commit.expired] == [1]


@pytest.mark.parametrize(
    "work", [{"arrivals": [1]}, {"completions": [1]}, {"concerns": [1]}, {"events": [1]}]
)
def test_anything_to_do_is_work_and_nothing_is_none(work):
    assert Work(**work)
    assert not Work(repeats={"a": "b"})
