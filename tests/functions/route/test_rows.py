from datetime import UTC, datetime

import pytest

from functions.route.rows import Concern, Entry, append_rows, concern_row, unnoted
from sheets_schema.tab import Row
from sheets_schema.territory import territories

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def line(place, subject, done=False):
    return Row(2, {"place": place, "subject": subject, "done": done})


def test_a_concern_is_new_until_an_open_line_shows_it():
    here = Concern("Référents!B3", "Courriel : à corriger.", "Corrigez.")
    assert unnoted([here, here], []) == [here]
    assert unnoted([here], [line("Référents!B3", "Courriel : à corriger.")]) == []
    assert unnoted([here], [line("Référents!B3", "Courriel : à corriger.", done=True)]) == [here]
    assert unnoted([here], [line("Référents!B4", "Courriel : à corriger.")]) == [here]


def test_a_concern_becomes_a_line():
    row = concern_row(Concern("Référents!B3", "Ceci", "Cela"), NOW)
    assert row.keys() == {"noted_at", "subject", "place", "action"}
    assert (row["place"], row["subject"], row["action"]) == ("Référents!B3", "Ceci", "Cela")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'"x"',
        b'{"reference": "LOT-1"}',
        (
            b'{"reference":"x","received_at":"2026-11-23T09:00:00","fingerprint":"x",'
            b'"submission":{"projects":[{"type":"other"}],"target":{"unknown":true}}}'
        ),
        b'{"reference":"x","received_at":"hier","fingerprint":"x","submission":{}}',
    ],
)
def test_an_entry_that_intake_did_not_write_is_refused(body):
    with pytest.raises((ValueError, KeyError, TypeError)):
        Entry.from_json("x", body, territories())


def test_cells_are_put_under_their_columns_with_typed_values():
    append, *_ = append_rows(
        "to_check", [{"subject": "=1+1", "noted_at": 1.5}], {"subject": 3, "noted_at": 1}, 7
    )
    cells = append["appendCells"]["rows"][0]["values"]
    assert cells == [
        {},
        {"userEnteredValue": {"numberValue": 1.5}},
        {},
        {"userEnteredValue": {"stringValue": "=1+1"}},
    ]
