import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from infra.emulator.a1 import GridRange, parse
from sheets_schema.errors import HeaderError
from sheets_schema.schema import VERSION
from sheets_schema.tab import tab
from sheets_schema.wire import Reading, TabCells, a1, cell_value, grid, typed_cell

TITLES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)


@given(TITLES)
@example("Règles d'attribution")
@example("''")
@example("A1")
@example("Oh! Lot!A1")
def test_a_quoted_title_names_its_tab_and_no_other(title):
    sheets = {"Première": 1, title: 7}

    assert parse(a1(title), sheets, lambda _: None) == GridRange(7)
    assert parse(a1(title, "B2"), sheets, lambda _: None) == GridRange(7, 1, 2, 1, 2)


def test_an_apostrophe_in_a_title_is_doubled():
    assert a1("Règles d'attribution", "1:1") == "'Règles d''attribution'!1:1"
    assert a1("Communes") == "'Communes'"


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", {"userEnteredValue": {"stringValue": "=1+1"}}),
        ("0612345678", {"userEnteredValue": {"stringValue": "0612345678"}}),
        ("", {"userEnteredValue": {"stringValue": ""}}),
        (46349.5, {"userEnteredValue": {"numberValue": 46349.5}}),
        (0.0, {"userEnteredValue": {"numberValue": 0.0}}),
        (True, {"userEnteredValue": {"boolValue": True}}),
        (None, {}),
    ],
)
def test_a_cell_is_written_with_its_type_and_never_parsed(cell, written):
    assert typed_cell(cell) == written


@pytest.mark.parametrize(
    ("data", "cell"),
    [
        ({"effectiveValue": {"stringValue": "Ana"}}, "Ana"),
        ({"effectiveValue": {"numberValue": 0}}, 0),
        ({"effectiveValue": {"boolValue": False}}, False),
        ({"effectiveValue": {"errorValue": {"type": "REF", "message": "Réf. perdue"}}}, "#REF!"),
        ({"effectiveValue": {"errorValue": {"type": "N_A"}}}, "#N/A"),
        ({"effectiveValue": {"errorValue": {"type": "ERROR", "message": "Erreur"}}}, "#ERROR!"),
        ({"userEnteredFormat": {}}, None),
        ({}, None),
    ],
)
def test_a_cell_is_read_as_what_it_effectively_holds(data, cell):
    assert cell_value(data) == cell


def test_a_grid_keeps_rows_and_cells_in_their_place():
    value = {"effectiveValue": {"stringValue": "x"}}
    sheet = {"data": [{"rowData": [{"values": [value]}, {}, {"values": [{}, value]}]}]}

    assert grid(sheet) == [["x"], [], [None, "x"]]
    further = {"startRow": 3, "startColumn": 2, "rowData": [{"values": [value]}]}
    sheet["data"].append(further)
    assert grid(sheet) == [["x"], [], [None, "x"], [None, None, "x"]]


@pytest.mark.parametrize("sheet", [{}, {"data": [{}]}, {"data": [{"rowData": []}]}])
def test_an_empty_tab_has_no_cells(sheet):
    assert grid(sheet) == []


@pytest.mark.parametrize(
    ("span", "cells"),
    [
        ((1, 3, 1, 2), [["A", "B", "C"], ["1", "x", "3"], ["4", "x", "6"]]),
        ((1, 2, 0, 2), [["A", "B", "C"], ["1", "1", "3"], ["4", None, "6"]]),
        ((2, 9, 2, 4), [["A", "B", "C"], ["1", "x", "3"], ["4", None, "6", "6"]]),
        ((0, 2, 0, 2), [["A", "B", "C"], ["1", "x", "3"], ["4", None, "6"]]),
        ((7, 9, 0, 1), [["A", "B", "C"], ["1", "x", "3"], ["4", None, "6"]]),
        ((1, 2, 7, 9), [["A", "B", "C"], ["1", "x", "3"], ["4", None, "6"]]),
    ],
)
def test_every_cell_of_a_merged_range_reads_as_what_is_shown_there(span, cells):
    def values(*texts):
        return {"values": [{"effectiveValue": {"stringValue": t}} if t else {} for t in texts]}

    names = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
    rows = [values("A", "B", "C"), values("1", "x", "3"), values("4", "", "6")]
    merge = dict(zip(names, span, strict=True))
    assert grid({"data": [{"rowData": rows}], "merges": [merge]}) == cells


def test_ranges_are_put_where_they_were_read():
    def block(top, left, *lines):
        rows = [{"values": [typed_effectively(cell) for cell in line]} for line in lines]
        return {"startRow": top, "startColumn": left, "rowData": rows}

    def typed_effectively(cell):
        return {"effectiveValue": {"stringValue": cell}} if cell else {}

    sheet = {"data": [block(0, 0, ["A", "B", "C"]), block(0, 2, ["C"], [""], ["c3"])]}
    assert grid(sheet) == [["A", "B", "C"], [None, None, None], [None, None, "c3"]]


class TestReading:
    def test_columns_are_found_of_the_version_that_the_workbook_has(self):
        system = [column.title for column in tab("system").columns]
        at = system.index(tab("system")["schema_version"].title)

        def version(*rows):
            return Reading({}, {"system": TabCells(1, [system, *rows])}).version

        assert Reading({}, {}).version == VERSION
        assert [version(["x"] * at + [said]) for said in (3.0, 0, "3", None)] == [3, 1, 1, 1]
        assert version() == 1

    def test_only_the_columns_that_are_needed_must_be_there(self):
        reading = Reading({}, {"referents": TabCells(1, [["Courriel", "Nom"]])})
        name, email = (tab("referents")[key].title for key in ("name", "email"))
        reading = Reading({}, {"referents": TabCells(1, [[email, name]])})
        assert reading.positions("referents", ["name"])["name"] == 1
        assert reading.header("referents") == [email, name]
        assert Reading({}, {"referents": TabCells(1, [])}).header("referents") == []
        with pytest.raises(HeaderError):
            reading.positions("referents")

    def test_a_tab_ends_where_it_says_or_below_its_last_row(self):
        name = tab("referents")["name"].title
        grid = [[name, "Autre"], ["Ana"], [], ["Bob"], ["", True]]
        tabs = {"referents": TabCells(1, grid)}
        assert Reading({}, tabs).end("referents") == 4
        assert Reading({}, {"referents": TabCells(1, grid, 9)}).end("referents") == 9
        assert Reading({}, {"referents": TabCells(1, [])}).end("referents") == 1

    def test_columns_that_were_read_alone_are_rows_where_somebody_wants_rows(self):
        cells = TabCells(1, [["Nom", "Autre", "Courriel"]], columns={2: ["a", None], 0: ["b", "c"]})
        assert cells.grid[1:] == [["b", None, "a"], ["c", None, None]]
        rows = TabCells(1, [["Nom", "Autre"], ["b"], ["c", "d"]])
        assert [list(column) for column in rows.below_header.values()] == [["b", "c"], [None, "d"]]
        assert TabCells(1, [["Nom"]], columns={}).grid == [["Nom"]]
