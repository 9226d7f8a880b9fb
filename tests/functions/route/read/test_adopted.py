"""Which adopted rows a sweep leaves to people."""

import pytest

from functions.route.read.adopted import AdoptedRows
from functions.shared.errors import JournalError
from functions.shared.journal.formats import Adopted, State

ONE, TWO = "LOT-65AC-WHNK", "LOT-0000-0000"


def test_a_row_is_left_alone_until_it_has_a_referent_and_never_again_afterwards(journal):
    AdoptedRows(journal).keep(frozenset({ONE, TWO}))
    rows = AdoptedRows(journal)
    assert rows.look({ONE: State()}) == {ONE, TWO}

    assert rows.look({ONE: State(referent="Anne"), TWO: State()}) == {TWO}

    assert AdoptedRows(journal).look({ONE: State(), TWO: State()}) == {TWO}
    assert len(journal.keys("adopted/")) == 1
    rows.look({TWO: State(referent="Anne")})
    assert journal.keys("adopted/") == []


def test_a_sheet_that_was_not_adopted_leaves_nothing_alone(journal):
    assert AdoptedRows(journal).look({ONE: State()}) == frozenset()


def test_an_illegible_object_stops_the_sweep_before_it_takes_adopted_rows_for_others(journal):
    journal.create("adopted/000000001-x", b"?")

    with pytest.raises(JournalError, match="adopted/000000001-x"):
        AdoptedRows(journal).look({})


def test_what_an_earlier_version_kept_counts_until_it_is_replaced(journal):
    journal.create("adopted/000000007-0123456789ab", Adopted(frozenset({ONE, TWO})).to_json())
    rows = AdoptedRows(journal)

    assert rows.look({ONE: State(referent="Anne"), TWO: State()}) == {TWO}

    assert rows.references() == {TWO}
    assert journal.keys("adopted/") == ["adopted/999999999-rows"]


def test_cut_off_before_the_older_object_goes_the_newer_one_counts(journal, monkeypatch):
    journal.create("adopted/000000007-0123456789ab", Adopted(frozenset({ONE, TWO})).to_json())
    monkeypatch.setattr(journal, "delete", lambda _: None)

    AdoptedRows(journal).keep(frozenset({TWO}))

    assert AdoptedRows(journal).references() == {TWO}
