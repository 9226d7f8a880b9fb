import pytest

from sheets_schema.errors import HeaderError
from sheets_schema.layout import TABS
from sheets_schema.sheet import Sheet
from sheets_schema.tab import tab

REFERENTS = next(look for look in TABS if look.key == "referents")
COMMUNES = next(look for look in TABS if look.key == "communes")
HEADER = [column.title for column in tab("referents").columns]


def resource(header, rows=10, columns=12):
    """A tab Référents as the API describes it, with its header row."""
    cells = [{"effectiveValue": {"stringValue": title}} if title else {} for title in header]
    return {
        "properties": {
            "sheetId": 5,
            "title": "Référents",
            "gridProperties": {"rowCount": rows, "columnCount": columns},
        },
        "data": [
            {"rowData": [{"values": cells}, {"values": [{"note": "first"}]}]},
            {"startRow": rows - 2, "rowData": [{"values": [{"note": "last"}]}, {}]},
        ],
    }


class TestNew:
    sheet = Sheet(REFERENTS, None, set())

    def test_its_columns_stand_in_the_order_of_the_schema(self):
        assert list(self.sheet.positions) == [c.key for c in tab("referents").columns]
        assert list(self.sheet.positions.values()) == list(range(len(HEADER)))
        assert len(self.sheet.new) == len(HEADER)

    def test_it_leaves_partners_room_for_columns_of_their_own(self):
        assert self.sheet.column_count == len(HEADER) + 3
        assert Sheet(COMMUNES, None, set()).column_count == 4

    def test_equal_workbooks_have_equal_links(self):
        assert Sheet(REFERENTS, None, set()).id == self.sheet.id
        assert Sheet(COMMUNES, None, set()).id != self.sheet.id

    def test_an_id_that_is_taken_is_not_used_again(self):
        other = Sheet(REFERENTS, None, {self.sheet.id, self.sheet.id + 1})

        assert other.id == self.sheet.id + 2

    def test_nothing_is_known_of_its_cells(self):
        assert self.sheet.edges(tab("referents")["name"]) == [{}, {}]


class TestFound:
    def test_columns_are_where_the_partners_put_them(self):
        sheet = Sheet(REFERENTS, resource(["Notes", *reversed(HEADER)]), set())

        assert sheet.positions["name"] == len(HEADER)
        assert sheet.new == []
        assert sheet.id == 5

    def test_a_missing_column_will_stand_after_the_last_header(self):
        header = [*HEADER[:-1], None, "Mes notes", None]
        sheet = Sheet(REFERENTS, resource(header), set())

        assert [column.title for column in sheet.new] == [HEADER[-1]]
        assert sheet.positions[tab("referents").columns[-1].key] == len(HEADER) + 1

    def test_a_header_that_stands_there_twice_is_named(self):
        with pytest.raises(HeaderError) as caught:
            Sheet(REFERENTS, resource([*HEADER, "nom", "COURRIEL"]), set())

        assert str(caught.value) == (
            "Onglet « Référents » : en-tête en double : « Nom », « Courriel ». "
            "Renommez la colonne de trop, puis recommencez."
        )

    def test_the_first_row_and_the_last_but_one_speak_for_a_column(self):
        sheet = Sheet(REFERENTS, resource(HEADER), set())

        assert sheet.edges(tab("referents")["name"]) == [{"note": "first"}, {"note": "last"}]
        assert sheet.edges(tab("referents")["email"]) == [{}, {}]

    def test_a_column_is_addressed_without_its_header(self):
        sheet = Sheet(REFERENTS, resource(["Notes", *HEADER]), set())

        assert sheet.column(tab("referents")["name"]) == {
            "sheetId": 5,
            "startRowIndex": 1,
            "startColumnIndex": 1,
            "endColumnIndex": 2,
        }
        assert sheet.dropdown_range("name") == "='Référents'!$B$2:$B"

    def test_neighbours_make_a_run_and_a_column_between_breaks_it(self):
        header = [HEADER[1], HEADER[0], "Mes notes", *HEADER[2:]]
        sheet = Sheet(REFERENTS, resource(header), set())
        runs = [
            (start, [column.key for column in run])
            for start, run in sheet.runs(sheet.tab.columns[:4], lambda _: None)
        ]

        assert runs == [(0, ["email", "name"]), (3, ["organisation", "epci"])]

    def test_neighbours_that_differ_make_runs_of_their_own(self):
        sheet = Sheet(REFERENTS, resource(HEADER), set())
        runs = [
            (start, len(run))
            for start, run in sheet.runs(sheet.tab.columns, lambda column: column.type.name)
        ]

        assert runs == [(0, 1), (1, 1), (2, 2), (4, 1), (5, 2), (7, 1), (8, 1), (9, 1), (10, 1)]
