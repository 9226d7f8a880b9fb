from datetime import UTC, datetime, timedelta

import pytest

from functions.shared.journal.marks import SweepNotes
from infra.doctor.basics import BASICS
from infra.doctor.checks import examine
from sheets_schema.tab import tab
from tests.support import submit

CHECKS = {check.key: check for check in BASICS}


@pytest.fixture
def look(system):
    """What a check sees of the system, or of another one."""
    return lambda key, of=system: next(iter(examine([CHECKS[key]], of))).seen


def create(system, *keys):
    for key in keys:
        system.journal.create(key, b"{}")


def test_on_the_first_day_nothing_is_faulty(system):
    seen = {line.check.key: line.seen.outcome for line in examine(BASICS, system)}

    warned = {key for key, outcome in seen.items() if outcome == "warning"}
    assert warned == {"sharing", "sweep", "digest"}
    assert {seen[key] for key in seen.keys() - warned} == {"ok"}
    assert system.journal.keys("doctor/") == []


def test_every_setting_that_is_missing_is_named_once(look, new_system):
    seen = look("settings", new_system(environ={"ACCUEIL_JOURNAL": "", "ACCUEIL_MAIL": "perdu"}))

    assert seen.outcome == "fault"
    assert seen.sentence.count("ACCUEIL_JOURNAL manque") == 1
    assert "ACCUEIL_MAIL est mal formée" in seen.sentence


def test_of_one_function_only_its_settings_count(look, new_system):
    only = new_system(environ={"ACCUEIL_SECRET": ""}, functions=("digest",))
    assert look("settings", only).outcome == "ok"


def test_without_a_setting_its_checks_are_skipped(look, new_system):
    seen = look("journal", new_system(environ={"ACCUEIL_JOURNAL": ""}))

    assert seen.outcome == "skipped"
    assert "ACCUEIL_JOURNAL" in seen.sentence


def test_a_spreadsheet_that_is_not_there_is_told_once(new_system):
    elsewhere = new_system(environ={"ACCUEIL_SPREADSHEET": "nowhere"}, functions=("digest",))
    lines = {line.check.key: line.seen for line in examine(BASICS, elsewhere)}

    assert lines["spreadsheet"].outcome == "fault"
    assert "introuvable" in lines["spreadsheet"].sentence
    assert lines["plan"].sentence == "Voir d'abord : spreadsheet."


def test_a_plan_that_is_not_empty_is_told_in_a_sentence(look, classeur):
    classeur.do({"deleteSheet": {"sheetId": classeur.sheet_id("Suivi")}})

    seen = look("plan")

    assert seen.outcome == "warning"
    assert "Créer l'onglet « Suivi »" in seen.sentence


def test_a_version_that_was_restored_is_seen_until_it_is_accepted(look, system):
    create(system, "settled/000000004-abc")

    seen = look("same")
    assert (seen.outcome, "plus ancien" in seen.sentence) == ("fault", True)


@pytest.mark.parametrize(("word", "outcome"), [("Oui", "warning"), ("Bof", "fault"), ("", "ok")])
def test_a_pause_is_told(look, classeur, word, outcome):
    classeur.type(classeur.at("Pause", 2, "Coordination"), word)
    assert look("pause").outcome == outcome


def test_a_spreadsheet_that_is_nearly_full_is_told(look, system):
    size = {"rowCount": 90_000, "columnCount": 100}
    system.metadata["sheets"].append({"properties": {"gridProperties": size}})
    assert look("room").outcome == "warning"


def share(classeur, *addresses, **more):
    people = [{"type": "user", "role": "writer", "emailAddress": who} for who in addresses]
    owner = {"type": "user", "role": "owner", "emailAddress": "departement@example.org"}
    items = [owner, *people, *([more] if more else [])]
    classeur.store.share("demo", [{"id": str(n), **item} for n, item in enumerate(items)])


def addresses(classeur):
    rows = [*classeur.rows("Référents"), *classeur.rows("Coordination")]
    return {row["Courriel"] for row in rows}


def test_sharing_is_counted_and_nobody_is_named(look, classeur):
    share(classeur, *addresses(classeur), "exploitation@example.org")
    assert look("sharing").outcome == "ok"

    share(classeur, *sorted(addresses(classeur))[1:], "x@example.org", type="anyone", role="reader")
    seen = look("sharing")
    assert seen.outcome == "warning"
    assert seen.sentence == (
        "partage public : 1, accès de personnes inconnues : 1, personnes sans accès : 1. "
        "« accueil access » dit qui."
    )


class Forgetful:
    """A journal that keeps its promises, but for one."""

    def __init__(self, journal, **broken):
        self._journal, self._broken = journal, broken

    def __getattr__(self, name):
        return self._broken.get(name) or getattr(self._journal, name)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"create": lambda *_: True}, "remplacé"),
        ({"create": lambda *_: False}, "passe pour existant"),
        ({"keys": lambda *_: []}, "pas dans la liste"),
        ({"delete": lambda *_: None}, "encore là"),
        ({"read": lambda *_: b"2"}, "remplacé"),
    ],
)
def test_each_promise_of_the_journal_is_checked(look, system, broken, words):
    system.__dict__["journal"] = Forgetful(system.journal, **broken)

    seen = look("journal")

    assert (seen.outcome, words in seen.sentence) == ("fault", True)


def test_what_waits_for_long_is_a_fault(look, system, clock):
    submit(system.journal)
    clock.now = datetime.now(UTC)  # intake has a clock of its own
    assert look("waiting").outcome == "ok"
    clock.advance(minutes=16)
    seen = look("waiting")
    assert seen.outcome == "fault"
    assert "la plus ancienne depuis 16 min" in seen.sentence


def test_what_is_set_aside_and_what_cannot_be_read_is_told(look, system):
    create(system, "quarantine/a")
    assert look("waiting").outcome == "warning"
    create(system, "pending/b")
    assert look("waiting").outcome == "fault"


def test_a_standstill_is_told(look, system):
    create(system, "standstill/20261123T080000Z")
    assert look("standstill").outcome == "warning"
    create(system, "standstill/20261123T080000Z.told")
    assert look("standstill").outcome == "fault"


def test_sweeps_that_stopped_are_a_fault(look, system, clock):
    SweepNotes(system.journal).note(clock())
    clock.advance(minutes=30)
    assert look("sweep").outcome == "ok"
    clock.advance(minutes=1)
    assert look("sweep").outcome == "fault"


def test_mondays_mails_are_due_from_monday_on(look, system, clock):
    """Week 47 ends on Sunday 22 November; its mails leave the day after at seven."""
    whose = "a" * 32
    create(system, f"mail/digest-2026-W46-{whose}.claim", f"mail/digest-2026-W46-{whose}.sent")
    clock.now = clock.now.replace(hour=6)
    assert look("digest").outcome == "ok"
    clock.now = clock.now.replace(hour=7, minute=30)
    seen = look("digest")
    assert (seen.outcome, "2026-W47 auraient dû partir" in seen.sentence) == ("fault", True)

    create(system, f"mail/digest-2026-W47-{whose}.claim", f"mail/digest-2026-W47-{whose}.sent")
    assert look("digest").outcome == "ok"
    create(system, f"mail/digest-2026-W47-{'b' * 32}.claim")
    assert look("digest").outcome == "warning"


@pytest.mark.parametrize(("version", "outcome"), [(1, "warning"), (99, "warning")])
def test_a_workbook_of_another_version_is_told(look, classeur, version, outcome):
    title = tab("system")["schema_version"].title
    cell = {"userEnteredValue": {"numberValue": version}}
    start = {
        "sheetId": classeur.sheet_id("Système"),
        "rowIndex": 1,
        "columnIndex": classeur.column(title, "Système"),
    }
    rows = [{"values": [cell]}]
    classeur.do({"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}})

    assert look("versions").outcome == outcome


@pytest.mark.parametrize(("seconds", "outcome"), [(20, "ok"), (-40, "warning"), (400, "fault")])
def test_a_clock_that_is_wrong_is_told(look, new_system, clock, seconds, outcome):
    elsewhere = new_system(read_date=lambda _: clock() + timedelta(seconds=seconds))
    assert look("clock", elsewhere).outcome == outcome
