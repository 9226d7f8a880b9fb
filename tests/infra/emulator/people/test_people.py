import json
from collections import Counter
from random import Random

import pytest

from infra.emulator.errors import InvalidArgumentError
from infra.emulator.people.people import HABITS, People
from infra.emulator.store import Store
from tests.infra.emulator.people.conftest import TITLES


def test_every_action_is_taken_sooner_or_later(people):
    for _ in range(300):
        assert people.act()
    assert {record["action"] for record in people.records} == set(HABITS)
    numbers = [record["number"] for record in people.records]
    assert numbers == sorted(set(numbers))
    json.dumps(people.records)


def test_habits_weigh(people):
    people.habits = {"write_note": 9, "sort": 1, "add_tab": 0}
    for _ in range(200):
        people.act()
    taken = Counter(record["action"] for record in people.records)
    assert set(taken) == {"write_note", "sort"}
    assert taken["write_note"] > 5 * taken["sort"]


def test_the_same_chance_makes_the_same_edits(store):
    before = store.file("demo").book
    records = []
    for seed in (1, 1, 2):
        other = Store()
        other.create({}, "demo")

        def paste(book):
            book.sheets = before.copy().sheets

        other.update("demo", paste)
        people = People(other, Random(seed), TITLES)
        records.append([people.act() for _ in range(30)])
        other.close()
    assert records[0] == records[1] != records[2]


def test_headers_are_put_right(people, cells):
    header = cells()[0]
    for title in header[:3]:
        people.rename_column(title)
    assert len(people.put_right()) == 3
    assert cells()[0] == header
    assert people.put_right() == []


def test_an_action_may_be_taken_by_its_name(people):
    assert people.do("write_note", row=2)["action"] == "write_note"
    for action, arguments in (("act", {}), ("put_right", {}), ("sort", {"row": 2})):
        with pytest.raises(InvalidArgumentError, match="action"):
            people.do(action, **arguments)


def test_people_may_be_on_another_tab(people, api):
    people.tab = "Référents"
    people.fill_in({"Nom": "Personne"})
    assert api.read("Référents!A5") == [["Personne"]]
    people.tab = "Absent"
    with pytest.raises(InvalidArgumentError, match="no tab « Absent »"):
        people.sort()


def test_where_nothing_can_be_done_nothing_is():
    store = Store()
    people = People(store, titles=TITLES)
    assert people.act() is None
    store.create({}, "vide")
    assert people.act() is None
    people.tab = "Sheet1"
    people.habits = dict.fromkeys(["sort", "write_note", "delete_request"], 1)
    assert people.act() is None
    people.spreadsheet = "nulle-part"
    assert people.act() is None
    store.close()
