"""A column inserted at the instant of a write: what follows, and how it is put right."""

import pytest

from tests.functions.route.arrivals import arrive


@pytest.fixture
def realign(accueil):
    return lambda *words: accueil("sheet", "realign", *words)


def insert_a_column_during_the_write(classeur, at):
    def action(_, carry_out):
        where = {"sheetId": classeur.sheet_id("Demandes"), "dimension": "COLUMNS"}
        classeur.do({"insertDimension": {"range": where | {"startIndex": at, "endIndex": at + 1}}})
        return carry_out()

    classeur.gate.writes.append(action)


def sweep_for_a_day(drain, clock):
    for _ in range(3):
        clock.advance(hours=12)
        drain(sweep=True)


@pytest.mark.parametrize("at", [0, 4])  # before and after Référence; others: test_alignment
def test_a_shifted_batch_is_left_alone_named_and_put_right(
    at, realign, drain, new_drain, journal, classeur, clock
):
    right = arrive(journal, 99)
    drain()
    before = classeur.rows()
    insert_a_column_during_the_write(classeur, at)
    shifted = [arrive(journal, number) for number in range(1, 13)]
    drain()
    batches, mails = len(journal.keys("batches/")), len(journal.keys("outbox/"))
    written = classeur.values("Demandes")

    # Another process sweeps. It neither completes these rows nor writes to anybody.
    sweep_for_a_day(new_drain(), clock)
    assert classeur.values("Demandes") == written
    assert len(journal.keys("outbox/")) == mails
    assert journal.keys("references/") == sorted(f"references/{name}" for name in [right, *shifted])
    assert sorted(line["Où"] for line in classeur.rows("À vérifier")) == sorted(shifted)
    assert len(journal.keys("batches/")) <= batches + 1

    # Nothing changes before the workbook is paused, nor in a dry run.
    assert all(name in realign("--dry-run").output for name in shifted)
    refused = realign()
    assert (refused.exit_code, "Pause" in refused.output) == (1, True)
    assert classeur.values("Demandes") == written
    classeur.type("Coordination!F2", "Oui")
    assert "Rien n'a été changé" in realign("--dry-run").output
    assert classeur.values("Demandes") == written

    result = realign()
    assert result.exit_code == 0, result.output
    assert "Toutes les demandes sont dans leurs colonnes" in realign().output
    rows = classeur.rows()
    assert rows[0]["Référence"] == right
    assert sorted(row["Référence"] for row in rows) == sorted([right, *shifted])
    assert rows[0] == before[0]
    assert {frozenset(row) for row in rows} == {frozenset(before[0])}
    classeur.type("Coordination!F2", "")
    sweep_for_a_day(drain, clock)
    assert classeur.rows() == rows
    assert journal.keys("misplaced/") == []


def test_a_reference_that_was_lost_with_the_column_is_given_back(
    realign, drain, journal, classeur, clock
):
    insert_a_column_during_the_write(classeur, 0)
    reference = arrive(journal)
    drain()
    where = {"sheetId": classeur.sheet_id("Demandes"), "dimension": "COLUMNS"}
    classeur.do({"deleteDimension": {"range": where | {"startIndex": 0, "endIndex": 1}}})
    sweep_for_a_day(drain, clock)
    assert classeur.rows()[0]["Référence"] == "Martin"
    classeur.type("Coordination!F2", "Oui")
    assert realign().exit_code == 0
    (row,) = classeur.rows()
    assert (row["Référence"], row["Nom"], row["Prénom"]) == (reference, "Martin", "Ana")


def test_a_deleted_row_is_forgotten(drain, journal, classeur, clock):
    insert_a_column_during_the_write(classeur, 1)
    arrive(journal)
    drain()
    assert len(journal.keys("misplaced/")) == 1
    classeur.delete_row("Demandes", 2)
    clock.advance(minutes=5)
    drain(sweep=True)
    assert journal.keys("misplaced/") == []
