from datetime import UTC, datetime

from functions.shared.concerns import Concern, concern_row, few, is_noted, unnoted
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


def test_a_concern_is_noted_by_its_line_ticked_off_or_not():
    here = Concern("Référents!B3", "Courriel : à corriger.", "Corrigez.")
    other = line("Référents!B4", here.subject)
    assert not is_noted(here, [other, line(here.place, "Nom : à corriger.")])
    assert is_noted(here, [other, line(here.place, here.subject, done=True)])


def test_a_concern_becomes_a_line():
    row = concern_row(Concern("Référents!B3", "Ceci", "Cela"), NOW)
    assert row.keys() == {"noted_at", "subject", "place", "action"}
    assert (row["place"], row["subject"], row["action"]) == ("Référents!B3", "Ceci", "Cela")


def problems(tab, count, first=2):
    return [
        Concern(f"{tab}!B{row}", "À corriger.", "Corrigez.") for row in range(first, first + count)
    ]


def test_of_a_tab_the_first_problems_are_shown_and_the_others_counted():
    rules, people = problems("Règles d'attribution", 10_000), problems("Référents", 3)
    shown = few([*rules, *people], [], NOW.date())
    assert shown[:5] == rules[:5]
    assert shown[6:] == people
    assert shown[5].place == "Règles d'attribution"
    assert shown[5].subject == "Et 9995 autres problèmes dans cet onglet, comptés le 23 novembre."


def test_one_more_is_one():
    assert few(problems("Référents", 6), [], NOW.date())[-1].subject == (
        "Et 1 autre problème dans cet onglet, compté le 23 novembre."
    )
    assert len(few(problems("Référents", 5), [], NOW.date())) == 5


def test_what_is_said_twice_counts_once():
    assert few(problems("Référents", 1) * 10, [], NOW.date()) == problems("Référents", 1)


def test_while_people_correct_the_count_is_not_written_again():
    noted = few(problems("Référents", 20), [], NOW.date())[-1]
    later = problems("Référents", 12, first=9)
    assert few(later, [line(noted.place, noted.subject)], NOW.date()) == later[:5]
    assert len(few(later, [line(noted.place, noted.subject, done=True)], NOW.date())) == 6
    assert len(few(later, [line("Référents!B4", "À corriger.")], NOW.date())) == 6
