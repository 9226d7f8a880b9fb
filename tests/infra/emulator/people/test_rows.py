import pytest

from infra.emulator.errors import InvalidArgumentError
from tests.infra.emulator.people.conftest import HEADER, ROWS

ANNE = {"row": 2, "reference": "LOT-1", "name": "Anne"}
LUC = {"row": 3, "reference": "LOT-2", "name": "Luc"}


def test_people_sort_all_rows_by_a_column(people, cells):
    record = people.sort("Nom", descending=True)
    assert [row[1] for row in cells()] == ["Nom", "Zoé", "Luc", "Anne"]
    assert (record["header"], record["value"]) == ("Nom", "DESCENDING")
    assert cells()[3] == ROWS[0]
    people.sort("Nom", descending=False)
    assert cells()[:2] == [HEADER, ROWS[0]]


def test_people_insert_blank_rows(people, cells, api):
    record = people.insert_rows(row="LOT-2", count=2)
    assert [row[1:2] for row in cells()[1:]] == [["Anne"], [], [], ["Luc"], ["Zoé"]]
    assert [row["row"] for row in record["rows"]] == [3, 4]
    assert api.cell("D3", "dataValidation")  # they look like the row above
    people.insert_rows(row=2)
    assert cells()[1] == []


def test_people_delete_rows(people, cells):
    assert people.delete_rows(row=2, count=2)["rows"] == [ANNE, LUC]
    assert [row[1] for row in cells()] == ["Nom", "Zoé"]


def test_people_delete_a_request(people, cells):
    record = people.delete_request("LOT-2")
    assert record["rows"] == [LUC]
    assert [row[1] for row in cells()] == ["Nom", "Anne", "Zoé"]
    people.delete_request()
    assert [row[1] for row in cells()] == ["Nom", "Zoé"]  # which has no reference
    with pytest.raises(InvalidArgumentError, match="no such row"):
        people.delete_request()


def test_people_copy_a_row_with_its_reference(people, cells, store):
    for row in (5, 6, 7):
        assert people.copy_row("LOT-1")["rows"] == [ANNE, ANNE | {"row": row}]
    assert cells()[4:] == [ROWS[0]] * 3
    assert len(store.file("demo").book.sheets[0].grid.rows) == 7  # it had six


@pytest.mark.parametrize(
    "edit",
    [
        lambda people: people.delete_rows(row=1),
        lambda people: people.delete_rows(row=99),
        lambda people: people.delete_request("LOT-9"),
        lambda people: people.sort("Prénom"),
        lambda people: people.insert_rows(row=0),
    ],
)
def test_what_is_not_there_cannot_be_edited(edit, people, store):
    version = store.file("demo").version
    with pytest.raises(InvalidArgumentError, match="There is no "):
        edit(people)
    assert (people.records, store.file("demo").version) == ([], version)


def test_all_rows_cannot_be_deleted(people):
    with pytest.raises(InvalidArgumentError, match="all non-frozen rows"):
        people.delete_rows(row=2, count=5)
