"""What people and accidents do to the sheet and the journal: nothing is lost, and all resumes."""

import json
from contextlib import nullcontext
from datetime import timedelta

import pytest

from functions.intake.handler import Intake
from functions.route.housekeeping import Housekeeping
from functions.shared.errors import JournalError, WorkbookError
from functions.shared.journal import operator
from functions.shared.mail.mailer import Mailer
from functions.shared.mail.outbox import Outbox
from functions.shared.sheets.google import open_workbook
from functions.shared.web import Call
from infra.emulator.errors import ApiError
from infra.local.access import LOCAL_INTAKE
from infra.workbook import apply
from sheets_schema.tab import column_letter, tab
from tests.support import ANA, JSON, TYPED, submit

RUBBISH = b"\xff{not json"


def references(classeur):
    return [row.get("Référence") for row in classeur.rows()]


def meanwhile(act):
    """Something that people do between a drain's read and its write."""

    def action(_, carry_out):
        act()
        return carry_out()

    return action


def typed(classeur, cell, text):
    """To be typed while a write is on its way."""
    return meanwhile(lambda: classeur.type(cell, text))


def delete_tab(classeur, title):
    classeur.do({"deleteSheet": {"sheetId": classeur.sheet_id(title)}})


def forbid(_, __):
    refusal = "The caller does not have permission"
    raise ApiError(refusal, code=403, status="PERMISSION_DENIED")


def spoil(journal, key):
    """Somebody overwrites an object of the journal; what it was."""
    was = journal.read(key)
    journal.delete(key)
    journal.create(key, RUBBISH)
    return was


def put_back(journal, key, body):
    journal.delete(key)
    journal.create(key, body)


@pytest.mark.parametrize(
    ("before", "title", "sentence", "at_once"),
    [
        ("Courriel", "E-mail", "colonne introuvable : « Courriel »", True),
        ("", "Nom", "colonne en double : « Nom »", False),  # moves none: the next drain sees it
    ],
)
def test_a_header_renamed_or_doubled_in_the_middle_of_a_drain(
    before, title, sentence, at_once, drain, journal, classeur, capsys
):
    ours = len(tab("requests").columns)
    cell = classeur.at(before, 1) if before else f"Demandes!{column_letter(ours)}1"
    classeur.gate.writes.append(typed(classeur, cell, title))
    first = submit(journal, last_name="Durand")
    with pytest.raises(WorkbookError, match=sentence) if at_once else nullcontext():
        drain()
    assert ("header moved during write" in capsys.readouterr().out) == at_once
    second = submit(journal)
    with pytest.raises(WorkbookError, match=sentence):
        drain()
    classeur.type(cell, before)
    drain(sweep=True)
    assert references(classeur) == [first, second]
    assert [row["Nom"] for row in classeur.rows()] == ["Durand", "Martin"]
    assert {row["Courriel"] for row in classeur.rows()} == {"ana.martin@example.org"}
    assert journal.keys("pending/") == []


@pytest.mark.parametrize("title", ["Demandes", "Référents", "Règles d'attribution", "À vérifier"])
@pytest.mark.parametrize("during", [False, True], ids=["before", "meanwhile"])
def test_a_deleted_tab_is_named_and_made_again(title, during, drain, journal, classeur, workbook):
    reference = submit(journal)
    if during:
        classeur.gate.writes.append(meanwhile(lambda: delete_tab(classeur, title)))
    else:
        delete_tab(classeur, title)
    if during and title != "Demandes":
        drain()  # it had read them, and needs them no more
    with pytest.raises(WorkbookError, match=rf"« {title} ».*accueil sheet apply"):
        drain(sweep=True)
    apply(workbook)
    drain(sweep=True)
    assert references(classeur) == [reference]


def test_the_deleted_system_tab_stops_the_drain_and_an_adoption_resumes(
    drain, journal, classeur, workbook
):
    first = submit(journal)
    drain()
    delete_tab(classeur, "Système")
    second = submit(journal)
    with pytest.raises(WorkbookError, match="« Système »"):
        drain()
    apply(workbook)
    with pytest.raises(WorkbookError, match=r"plus ancien que le journal.*accueil journal refile"):
        drain()
    comparison = operator.missing(journal, workbook)
    assert comparison.bodies == {}
    operator.refile(journal, comparison)
    drain()
    assert references(classeur) == [first, second]


@pytest.mark.parametrize("call", ["reads", "writes"])
def test_a_sheet_that_is_no_longer_shared_and_is_again(call, drain, journal, classeur):
    getattr(classeur.gate, call).append(forbid)
    reference = submit(journal)
    with pytest.raises(WorkbookError, match="partagez-le, en modification"):
        drain()
    assert classeur.rows() == []
    assert len(journal.keys("pending/")) == 1
    drain(sweep=True)
    assert references(classeur) == [reference]


def test_a_wrong_spreadsheet_id_writes_nowhere_until_it_is_right(
    drain, new_drain, journal, classeur
):
    reference = submit(journal)
    with pytest.raises(WorkbookError, match="vérifiez ACCUEIL_SPREADSHEET"):
        new_drain(workbook=open_workbook("autre", classeur.url))()
    assert len(journal.keys("pending/")) == 1
    drain()
    assert references(classeur) == [reference]


def test_an_unknown_referent_and_a_row_of_rubbish_are_noted_until_they_are_mended(
    drain, journal, classeur
):
    rules = classeur.values("Règles d'attribution")
    at = len(rules) + 1
    was = rules[3][5]
    classeur.type("Règles d'attribution!F4", "Quelqu'un d'inconnu")
    for column, rubbish in zip("ABCDEF", ("x", "🙂", "?", "-1", "#REF", "a;b"), strict=True):
        classeur.type(f"Règles d'attribution!{column}{at}", rubbish)
    submit(journal)
    drain()
    noted = {line["Où"]: line["Sujet"] for line in classeur.rows("À vérifier")}
    assert "« Quelqu'un d'inconnu »" in noted["Règles d'attribution!F4"]
    assert any(
        place.startswith("Règles d'attribution!") and place.endswith(str(at)) for place in noted
    )
    assert all(line["Que faire"] for line in classeur.rows("À vérifier"))
    assert len(classeur.rows()) == 1
    classeur.type("Règles d'attribution!F4", was)
    classeur.delete_row("Règles d'attribution", at)
    lines = len(classeur.rows("À vérifier"))
    for row in range(2, 2 + lines):
        classeur.type(f"À vérifier!E{row}", "Oui")
    submit(journal)
    drain(sweep=True)
    assert len(classeur.rows()) == 2
    assert len(classeur.rows("À vérifier")) == lines


def test_a_request_that_is_not_json_is_noted_stays_and_is_filed_once_mended(
    drain, journal, classeur
):
    reference = submit(journal)
    (key,) = journal.keys("pending/")
    was = spoil(journal, key)
    other = submit(journal)
    drain()
    assert references(classeur) == [other]
    (line,) = classeur.rows("À vérifier")
    assert line["Où"].startswith("Journal, ")
    assert line["Que faire"].startswith("Prévenez la personne qui administre")
    assert journal.keys("pending/") == [key]
    put_back(journal, key, was)
    drain()
    assert references(classeur) == [other, reference]


def test_a_batch_that_is_not_json_stops_the_drain_until_it_is_mended(
    new_drain, journal, classeur, monkeypatch
):
    first = submit(journal)
    with monkeypatch.context() as dying:
        dying.setattr("functions.route.commit.settle.Settler.settle", broken)
        with pytest.raises(ZeroDivisionError):
            new_drain()()
    (key,) = journal.keys("batches/")
    was = spoil(journal, key)
    second = submit(journal)
    with pytest.raises(JournalError, match=f"{key} .*est illisible"):
        new_drain()()
    assert references(classeur) == [first]
    put_back(journal, key, was)
    new_drain()()
    assert references(classeur) == [first, second]


def broken(*_):
    raise ZeroDivisionError


def test_a_mail_that_is_not_json_holds_up_nobody_s_and_leaves_once_mended(
    new_drain, journal, clock, capsys
):
    submit(journal)
    submit(journal, target={"communes": ["46042"]})
    new_drain()()
    sent = []
    outbox = Outbox(journal, Postman(sent), "a@example.org", "https://example.org", clock)
    spoilt, _ = journal.keys("outbox/")
    was = spoil(journal, spoilt)
    drain = new_drain(outbox=outbox)
    drain(sweep=True)
    assert len(sent) == 1
    assert spoilt in capsys.readouterr().out
    put_back(journal, spoilt, was)
    drain(sweep=True)
    assert len(sent) == len(set(sent)) == 2


class Postman(Mailer):
    def __init__(self, sent):
        self.sent = sent

    def send(self, message):
        self.sent.append(message["To"])


def test_sightings_that_are_not_json_only_delay_what_people_typed(drain, journal, classeur, clock):
    classeur.type_row(2, TYPED)
    drain(sweep=True)
    (seen,) = journal.keys("seen/")
    spoil(journal, seen)
    reference = submit(journal)
    for _ in range(2):
        clock.advance(minutes=5)
        drain(sweep=True)
    hand, filed = references(classeur)
    assert filed == reference
    assert hand


def test_a_settled_mark_that_is_not_json_forgets_nothing_until_it_is_mended(
    drain, journal, clock, capsys
):
    for _ in range(2):
        submit(journal)
        drain()
    first, _ = journal.keys("settled/")
    was = spoil(journal, first)
    clock.advance(days=61)
    Housekeeping(journal, timedelta(days=30), clock).run()
    assert first in capsys.readouterr().out
    assert len(journal.keys("filed/")) == 2
    put_back(journal, first, was)
    Housekeeping(journal, timedelta(days=30), clock).run()
    assert len(journal.keys("filed/")) == 1


@pytest.mark.parametrize("folder", ["pending/", "filed/"])
def test_a_request_sent_again_is_promised_nothing_while_the_first_is_not_json(
    folder, drain, journal, classeur
):
    reference = submit(journal, key="cle1")
    if folder == "filed/":
        drain()
    (key,) = journal.keys(folder)
    was = spoil(journal, key)
    headers = JSON | {"idempotency-key": "cle1"}
    again = Call("POST", headers, {}, json.dumps(ANA).encode())
    answer = Intake(journal, LOCAL_INTAKE)(again)
    assert answer.status == 503
    assert "n'est pas confirmé" in answer.body
    put_back(journal, key, was)
    assert submit(journal, key="cle1") == reference
    drain()
    assert references(classeur) == [reference]
