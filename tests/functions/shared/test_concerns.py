from datetime import UTC, datetime

from functions.shared.concerns import Concern, concern_row, unnoted
from sheets_schema.tab import Row

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
