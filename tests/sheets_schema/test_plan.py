import json
from collections.abc import Iterator
from importlib import resources

import pytest

import sheets_schema
from functions.shared.errors import WorkbookRefusedError
from functions.shared.sheets.google import GoogleWorkbook, open_workbook
from infra.emulator.app import create_app
from infra.emulator.server import serving
from infra.emulator.spreadsheet import Spreadsheet
from infra.emulator.store import Store
from infra.workbook import apply, planned
from sheets_schema import layout
from sheets_schema.columns import Cell
from sheets_schema.errors import HeaderError
from sheets_schema.plan import dress, plan, reads
from sheets_schema.tab import column_letter, tab
from sheets_schema.territory import territories
from sheets_schema.views import view_id
from sheets_schema.wire import Json, a1, cell_value

TITLES = [tab(look.key).title for look in layout.TABS]
HEADER = [column.title for column in tab("referents").columns]
STATUS = "« Demandes » : liste de choix de « Statut »"


class Book:
    """A spreadsheet as people see and edit it."""

    def __init__(self, workbook: GoogleWorkbook) -> None:
        self.workbook = workbook

    def do(self, *requests: Json) -> None:
        self.workbook.batch_update(requests)

    def look(self, cells: str, fields: str) -> list[list[Json]]:
        """Some fields of the cells of a range, row by row."""
        (sheet,) = self.workbook.get([cells], f"sheets.data.rowData.values({fields})")["sheets"]
        return [row.get("values", []) for row in sheet["data"][0].get("rowData", [])]

    def read(self, cells: str) -> list[list[Cell]]:
        """What a range holds; rows that hold nothing are left out."""
        rows = [[*map(cell_value, row)] for row in self.look(cells, "effectiveValue")]
        return [row for row in rows if any(row)]

    def sheet(self, title: str, fields: str = "properties") -> Json:
        answer = self.workbook.get([], f"sheets(properties,{fields})")
        return next(s for s in answer["sheets"] if s["properties"]["title"] == title)

    def id(self, title: str) -> int:
        return self.sheet(title)["properties"]["sheetId"]

    def column(self, title: str, header: str) -> int:
        return self.read(a1(title, "1:1"))[0].index(header)

    def cells(self, title: str, header: str) -> str:
        """The A1 range of a column below its header."""
        letter = column_letter(self.column(title, header))
        return a1(title, f"{letter}2:{letter}")

    def below(self, title: str, header: str) -> Json:
        """The GridRange of a column below its header."""
        at = self.column(title, header)
        columns = {"startColumnIndex": at, "endColumnIndex": at + 1}
        return {"sheetId": self.id(title), "startRowIndex": 1} | columns

    def write(self, title: str, row: int, column: int, *texts: str) -> None:
        """Type texts into a row from a column on, both 0-based."""
        values = [{"userEnteredValue": {"stringValue": text}} for text in texts]
        start = {"sheetId": self.id(title), "rowIndex": row, "columnIndex": column}
        update = {"rows": [{"values": values}], "fields": "userEnteredValue", "start": start}
        self.do({"updateCells": update})

    def span(self, title: str, dimension: str, start: int, end: int) -> Json:
        return {
            "sheetId": self.id(title),
            "dimension": dimension,
            "startIndex": start,
            "endIndex": end,
        }

    def rule(self, title: str, header: str, row: int = 2) -> Json:
        """The validation of a cell, by its number in the sheet."""
        at = f"{column_letter(self.column(title, header))}{row}"
        return self.look(a1(title, at), "dataValidation")[0][0]["dataValidation"]

    def warnings(self, title: str) -> list[Json]:
        """The protected ranges that only warn."""
        ranges = self.sheet(title, "protectedRanges")["protectedRanges"]
        return [protection for protection in ranges if protection.get("warningOnly")]


def sentences(workbook: GoogleWorkbook) -> list[str]:
    return [change.sentence for change in planned(workbook)]


def serve(spreadsheet: Spreadsheet | None = None) -> Iterator[GoogleWorkbook]:
    """An empty spreadsheet behind the local Sheets API, or a copy of another."""
    store = Store()
    store.create({"title": "Essai"}, "demo")

    def paste(book: Spreadsheet) -> None:
        book.properties, book.sheets = spreadsheet.properties, spreadsheet.copy().sheets

    if spreadsheet:
        store.update("demo", paste)
    with serving(create_app(store)) as url:
        yield open_workbook("demo", url)
    store.close()


@pytest.fixture(scope="module")
def made() -> Spreadsheet:
    """An empty spreadsheet that the plan made ours; fewer blank rows than real, for speed."""
    store = Store()
    store.create({"title": "Essai"}, "demo")
    with serving(create_app(store)) as url:
        workbook = open_workbook("demo", url)
        assert apply(workbook)
        assert apply(workbook) == []
    book = store.file("demo").book.copy()
    for sheet in book.sheets:
        del sheet.grid.rows[max(sheet.grid.next_row(), 1) + 20 :]
    store.close()
    return book


@pytest.fixture
def workbook(made: Spreadsheet) -> Iterator[GoogleWorkbook]:
    yield from serve(made)


@pytest.fixture
def book(workbook: GoogleWorkbook) -> Book:
    return Book(workbook)


@pytest.fixture
def empty() -> Iterator[GoogleWorkbook]:
    yield from serve()


class TestEmptySpreadsheet:
    def test_the_operator_reads_what_will_be_done(self, empty):
        assert sentences(empty) == [
            "Classeur : régler langue et fuseau (fr_FR, Europe/Paris)",
            *(
                f"Créer l'onglet « {tab(look.key).title} » ({len(tab(look.key).columns)} colonnes)"
                for look in layout.TABS
            ),
            *(f"« {title} » : en-têtes, formats, choix, protections, contenu" for title in TITLES),
            f"« Demandes » : tenir à jour {4 + len(territories().epcis)} vues filtrées",
        ]

    def test_looking_changes_nothing(self, empty):
        planned(empty)

        assert [sheet["properties"]["title"] for sheet in empty.metadata()["sheets"]] == ["Sheet1"]


class TestMade:
    def test_every_tab_is_there_beside_those_there_were_and_nothing_more_to_do(self, workbook):
        titles = [sheet["properties"]["title"] for sheet in workbook.metadata()["sheets"]]

        assert titles == ["Sheet1", *TITLES]
        assert apply(workbook) == []

    def test_every_tab_has_its_headers_explained_by_notes(self, book):
        for look in layout.TABS:
            columns = tab(look.key).columns
            header = a1(tab(look.key).title, "1:1")
            (notes,) = book.look(header, "note")

            assert book.read(header) == [[column.title for column in columns]]
            assert [cell.get("note", "") for cell in notes] == [c.description for c in columns]

    def test_only_the_system_s_memory_is_hidden_and_headers_stay_in_sight(self, workbook):
        sheets = [sheet["properties"] for sheet in workbook.metadata()["sheets"]][1:]

        assert [properties["title"] for properties in sheets if properties.get("hidden")] == [
            "Suivi",
            "Système",
        ]
        assert all(properties["gridProperties"]["frozenRowCount"] == 1 for properties in sheets)

    def test_dates_show_as_dates_and_text_stays_text(self, book):
        def formats(header):
            kinds = book.look(book.cells("Demandes", header), "userEnteredFormat.numberFormat")
            return {str(row[0]["userEnteredFormat"]["numberFormat"]) for row in kinds}

        assert formats("Relancer le") == {"{'type': 'DATE', 'pattern': 'dd/mm/yyyy'}"}
        assert formats("Reçue le") == {"{'type': 'DATE_TIME', 'pattern': 'dd/mm/yyyy hh:mm'}"}
        assert formats("Téléphone") == {"{'type': 'TEXT', 'pattern': '@'}"}

    def test_a_status_offers_its_choices_and_no_others(self, book):
        assert book.rule("Demandes", "Statut") == {
            "condition": {
                "type": "ONE_OF_LIST",
                "values": [
                    {"userEnteredValue": label} for label in tab("requests")["status"].type.choices
                ],
            },
            "strict": True,
            "showCustomUi": True,
        }

    @pytest.mark.parametrize(
        ("title", "header"), [("Demandes", "Référent"), ("Référents", "Suppléant")]
    )
    def test_a_referent_is_chosen_among_the_referents_or_typed(self, book, title, header):
        rule = book.rule(title, header)

        assert rule["condition"] == {
            "type": "ONE_OF_RANGE",
            "values": [{"userEnteredValue": "='Référents'!$A$2:$A"}],
        }
        assert not rule.get("strict")

    def test_an_intercommunalite_is_proposed_by_its_official_name(self, book):
        condition = book.rule("Référents", "Intercommunalité")["condition"]

        assert [value["userEnteredValue"] for value in condition["values"]] == sorted(
            epci.name for epci in territories().epcis.values()
        )

    def test_every_row_has_the_dropdown_and_the_header_has_none(self, book):
        rules = book.look(book.cells("Demandes", "Statut"), "dataValidation")
        header = book.look("'Demandes'!1:1", "dataValidation")

        assert len(rules) == book.sheet("Demandes")["properties"]["gridProperties"]["rowCount"] - 1
        assert all(row[0]["dataValidation"] for row in rules)
        assert not any(cell for row in header for cell in row)

    def test_protection_warns_in_the_system_s_columns_and_locks_headers(self, book):
        ranges = book.sheet("Demandes", "protectedRanges")["protectedRanges"]
        protections = {protection["description"]: protection for protection in ranges}
        locked = [
            name for name, protection in protections.items() if not protection.get("warningOnly")
        ]

        assert locked == [f"Accueil : en-tête « {c.title} »" for c in tab("requests").columns]
        assert protections["Accueil : en-tête « Statut »"]["range"] == {
            "sheetId": book.id("Demandes"),
            "startRowIndex": 0,
            "endRowIndex": 1,
            "startColumnIndex": 3,
            "endColumnIndex": 4,
        }
        # A range that began below the header would move down with a row that is inserted there.
        below = book.below("Demandes", "Pourquoi ce référent")
        del below["startRowIndex"]
        name = "Accueil : colonne du système « Pourquoi ce référent »"
        assert protections[name]["range"] == below
        colours = book.sheet("Demandes", "conditionalFormats")["conditionalFormats"]
        assert all("startRowIndex" not in span for rule in colours for span in rule["ranges"])
        assert len(protections) == len(locked) + sum(c.read_only for c in tab("requests").columns)

    @pytest.mark.parametrize("title", ["Communes", "Mode d'emploi", "Suivi", "Système"])
    def test_a_tab_of_the_system_is_locked_as_a_whole(self, book, title):
        (protection,) = book.sheet(title, "protectedRanges")["protectedRanges"]

        assert protection["description"] == "Accueil : onglet du système"
        assert protection["range"] == {"sheetId": book.id(title)}
        assert not protection.get("warningOnly")

    def test_every_status_has_its_colour(self, book):
        rules = book.sheet("Demandes", "conditionalFormats")["conditionalFormats"]
        colored = {
            rule["booleanRule"]["condition"]["values"][0]["userEnteredValue"] for rule in rules
        }

        assert colored == set(tab("requests")["status"].type.choices)
        shades = [rule["booleanRule"]["format"]["backgroundColorStyle"] for rule in rules]
        shade, wanted = shades[-1], next(iter(layout.STATUS_COLORS.values()))
        parts = [shade["rgbColor"][name] for name in ("red", "green", "blue")]
        assert parts == pytest.approx([part / 255 for part in wanted], abs=0.001)

    def test_what_is_wrong_stands_out_in_the_columns_that_judge_a_row(self, book):
        for title, column, texts in (
            ("Règles d'attribution", "Effet", {"À corriger", "Ne désigne personne"}),
            ("Cas d'école", "Résultat", {"non :", "À corriger"}),
        ):
            rules = book.sheet(title, "conditionalFormats")["conditionalFormats"]
            conditions = [rule["booleanRule"]["condition"] for rule in rules]
            assert {condition["values"][0]["userEnteredValue"] for condition in conditions} == texts
            whole = book.below(title, column)
            del whole["startRowIndex"]
            assert all(rule["ranges"] == [whole] for rule in rules)

    def test_the_communes_are_there_in_alphabetical_order(self, book):
        _, *rows = book.read("'Communes'!A:D")

        assert len(rows) == 312
        assert rows[0] == ["46001", "Albas", "46140", "Vallée du Lot et du Vignoble"]
        assert ["46102", "Figeac", "46100", "Grand-Figeac"] in rows

    def test_the_guide_answers_the_questions_of_a_partner(self, book):
        questions = [row[0] for row in book.read("'Mode d''emploi'!A2:A")]

        assert "S'absenter" in questions
        assert "Trier, filtrer, insérer, supprimer" in questions


class TestPartners:
    """What people do to their spreadsheet stays as they did it."""

    def test_nothing_that_partners_do_makes_work(self, workbook, book):
        demandes, referents = book.id("Demandes"), book.id("Référents")
        book.write("Demandes", 1, 1, "Martin", "Ana")
        book.write("Référents", 1, 0, "Zoé Petit", "zoe.petit@example.org")
        width = len(tab("requests").columns)
        book.write("Demandes", 0, width, "Ma colonne")
        book.do(
            {"insertDimension": {"range": book.span("Référents", "COLUMNS", 1, 2)}},
            {"addSheet": {"properties": {"title": "Nos idées"}}},
            {
                "updateSheetProperties": {
                    "properties": {"sheetId": referents, "index": 0},
                    "fields": "index",
                }
            },
            {
                "updateDimensionProperties": {
                    "range": book.span("Demandes", "COLUMNS", 1, 2),
                    "properties": {"pixelSize": 321},
                    "fields": "pixelSize",
                }
            },
            {
                "moveDimension": {
                    "source": book.span("Demandes", "COLUMNS", 8, 9),
                    "destinationIndex": 1,
                }
            },
            {
                "addConditionalFormatRule": {
                    "rule": {
                        "ranges": [{"sheetId": demandes, "startColumnIndex": 1}],
                        "booleanRule": {
                            "condition": {"type": "NOT_BLANK"},
                            "format": {"textFormat": {"bold": True}},
                        },
                    },
                    "index": 0,
                }
            },
            {
                "addProtectedRange": {
                    "protectedRange": {
                        "description": "À Zoé",
                        "range": {"sheetId": referents, "startRowIndex": 1, "endRowIndex": 2},
                    }
                }
            },
        )
        book.write("Référents", 0, 1, "Bureau")

        # Zoé gets a view of her requests, and a formula names the columns where they are by now.
        assert [change.sentence for change in apply(workbook)] == [
            "« Demandes » : tenir à jour 2 vues filtrées"
        ]
        assert sentences(workbook) == []

    def test_mending_leaves_what_partners_made_alone(self, workbook, book):
        demandes = book.id("Demandes")
        book.write("Demandes", 1, 1, "Martin", "Ana")
        book.do(
            {"insertDimension": {"range": book.span("Demandes", "COLUMNS", 1, 2)}},
            {
                "updateDimensionProperties": {
                    "range": book.span("Demandes", "COLUMNS", 2, 3),
                    "properties": {"pixelSize": 321},
                    "fields": "pixelSize",
                }
            },
            {"addSheet": {"properties": {"title": "Nos idées", "sheetId": 77}}},
            {
                "addConditionalFormatRule": {
                    "rule": {
                        "ranges": [{"sheetId": demandes, "startColumnIndex": 1}],
                        "booleanRule": {
                            "condition": {"type": "NOT_BLANK"},
                            "format": {"textFormat": {"bold": True}},
                        },
                    },
                    "index": 3,
                }
            },
            {
                "addProtectedRange": {
                    "protectedRange": {
                        "protectedRangeId": 99,
                        "description": "À Zoé",
                        "range": {"sheetId": demandes, "startRowIndex": 1, "endRowIndex": 2},
                    }
                }
            },
        )
        book.write("Demandes", 0, 1, "Ma colonne")
        book.write("Demandes", 1, 1, "à moi")
        book.write("Nos idées", 0, 0, "Une idée")
        protected = book.sheet("Demandes", "protectedRanges")["protectedRanges"]
        ours = [
            protection["protectedRangeId"]
            for protection in protected
            if protection["protectedRangeId"] != 99
        ]
        book.do(
            *({"deleteProtectedRange": {"protectedRangeId": protection}} for protection in ours),
            *(
                {"deleteConditionalFormatRule": {"sheetId": demandes, "index": index}}
                for index in (2, 1, 0)
            ),
            {"setDataValidation": {"range": {"sheetId": demandes, "startRowIndex": 1}}},
            {"deleteDimension": {"range": book.span("Demandes", "COLUMNS", 20, 23)}},
        )

        apply(workbook)

        assert sentences(workbook) == []
        assert book.read("'Demandes'!A2:D2") == [[None, "à moi", "Martin", "Ana"]]
        assert book.read("'Demandes'!B1:B1") == [["Ma colonne"]]
        assert "dataValidation" not in book.look("'Demandes'!B2:B2", "dataValidation")[0][0]
        assert book.read("'Nos idées'!A1:A1") == [["Une idée"]]
        widths = workbook.get(["'Demandes'!A:C"], "sheets.data.columnMetadata.pixelSize")
        assert widths["sheets"][0]["data"][0]["columnMetadata"][2]["pixelSize"] == 321
        after = book.sheet("Demandes", "protectedRanges,conditionalFormats")
        assert "À Zoé" in [protection["description"] for protection in after["protectedRanges"]]
        assert len(after["protectedRanges"]) == len(protected)
        conditions = [r["booleanRule"]["condition"]["type"] for r in after["conditionalFormats"]]
        assert conditions.count("NOT_BLANK") == 1
        assert conditions.count("TEXT_EQ") == len(layout.STATUS_COLORS)

    def test_how_a_date_looks_is_the_partners_choice(self, workbook, book):
        where = book.below("Demandes", "Relancer le")
        cell = {"userEnteredFormat": {"numberFormat": {"type": "DATE", "pattern": "yyyy-mm-dd"}}}
        fields = "userEnteredFormat.numberFormat"
        book.do({"repeatCell": {"range": where, "cell": cell, "fields": fields}})

        assert sentences(workbook) == []

    def test_a_tab_s_capitals_are_the_partners_choice(self, workbook, book):
        properties = {"sheetId": book.id("Référents"), "title": "RÉFÉRENTS"}
        update = {"properties": properties, "fields": "title"}
        book.do({"updateSheetProperties": update})

        assert sentences(workbook) == []


class TestViews:
    """The filter views of Demandes that the system keeps, beside those of people."""

    @staticmethod
    def titles(book):
        return [view["title"] for view in book.sheet("Demandes", "filterViews")["filterViews"]]

    @staticmethod
    def view(book, title):
        views = book.sheet("Demandes", "filterViews")["filterViews"]
        return next(view for view in views if view["title"] == title)

    def test_they_are_there_for_what_waits_and_for_each_intercommunalite(self, book):
        epcis = [epci.name for epci in territories().epcis.values()]

        assert self.titles(book) == [
            "À contacter",
            "Sans référent",
            "À relancer",
            "À corriger",
            *epcis,
        ]

    def test_a_referent_gets_one_and_loses_it_when_no_longer_active(self, workbook, book):
        book.write("Référents", 1, 0, "Zoé Petit", "zoe.petit@example.org")
        apply(workbook)
        assert self.titles(book)[-1] == "Suivi par Zoé Petit"

        book.write("Référents", 1, book.column("Référents", "Actif"), "Non")
        assert sentences(workbook) == ["« Demandes » : tenir à jour une vue filtrée"]
        apply(workbook)
        assert "Suivi par Zoé Petit" not in self.titles(book)
        assert sentences(workbook) == []

    def test_people_s_own_are_not_touched(self, workbook, book):
        whole = {"sheetId": book.id("Demandes"), "startColumnIndex": 2}
        own = {"filterViewId": 5, "title": "À moi", "range": whole}
        named_alike = {"filterViewId": 6, "title": "À relancer", "range": whole}
        renamed = {"filterViewId": view_id("À contacter"), "title": "Mon jeudi"}
        book.do(
            {"deleteFilterView": {"filterId": view_id("À relancer")}},
            {"addFilterView": {"filter": own}},
            {"addFilterView": {"filter": named_alike}},
            {"updateFilterView": {"filter": renamed, "fields": "title"}},
        )
        before = book.sheet("Demandes", "filterViews")

        assert apply(workbook) == []
        assert book.sheet("Demandes", "filterViews") == before

    def test_one_that_was_deleted_or_narrowed_is_put_right_and_its_order_kept(self, workbook, book):
        before = self.view(book, "À contacter")
        order = [{"dimensionIndex": 1, "sortOrder": "DESCENDING"}]
        narrowed = {"filterViewId": before["filterViewId"], "sortSpecs": order} | {
            "filterSpecs": before["filterSpecs"][:1]
        }
        book.do(
            {"deleteFilterView": {"filterId": view_id("À relancer")}},
            {"updateFilterView": {"filter": narrowed, "fields": "filterSpecs,sortSpecs"}},
        )

        apply(workbook)

        assert self.view(book, "À contacter") == before | {"sortSpecs": order}
        assert "À relancer" in self.titles(book)
        assert sentences(workbook) == []

    def test_if_google_refuses_one_the_workbook_is_whole_without_them(self, empty, monkeypatch):
        call = empty.batch_update

        def refuse_views(requests, **parts):
            if any("addFilterView" in request for request in requests):
                raise WorkbookRefusedError("requests[2].addFilterView")
            return call(requests, **parts)

        monkeypatch.setattr(empty, "batch_update", refuse_views)
        with pytest.raises(WorkbookRefusedError):
            apply(empty)

        assert [text for text in sentences(empty) if "vues filtrées" not in text] == []

    def test_a_column_that_moves_takes_its_criteria_along(self, workbook, book):
        move = {"source": book.span("Demandes", "COLUMNS", 3, 4), "destinationIndex": 12}
        book.do({"moveDimension": move})

        apply(workbook)

        specs = self.view(book, "À contacter")["filterSpecs"]
        columns = [book.column("Demandes", title) for title in ("Nom", "Statut")]
        assert [spec["columnIndex"] for spec in specs] == columns


class TestMending:
    def test_a_missing_column_comes_back_after_the_last_one(self, workbook, book):
        book.write("Référents", 1, 0, "Zoé Petit", "zoe.petit@example.org", "CMA du Lot")
        book.write("Référents", 0, len(HEADER), "Bureau")
        book.do({"deleteDimension": {"range": book.span("Référents", "COLUMNS", 4, 5)}})

        assert [change.sentence for change in apply(workbook)] == [
            "« Référents » : ajouter « Actif »",
            "« Référents » : régler le format de « Actif »",
            "« Référents » : liste de choix de « Actif »",
            "« Référents » : protéger ce que tient le système",
            "« Demandes » : tenir à jour une vue filtrée",
        ]
        assert book.read(f"'Référents'!A1:{column_letter(len(HEADER))}2") == [
            [*HEADER[:4], *HEADER[5:], "Bureau", "Actif"],
            ["Zoé Petit", "zoe.petit@example.org", "CMA du Lot", *[None] * (len(HEADER) - 2)],
        ]
        assert sentences(workbook) == []

    def test_a_column_that_comes_back_does_not_land_on_one_without_a_header(self, workbook, book):
        book.write("Coordination", 2, 7, "un mémo")  # a partner's column, cells but no header
        book.do({"deleteDimension": {"range": book.span("Coordination", "COLUMNS", 4, 5)}})

        apply(workbook)

        header = ["Pause", "Téléphone", "Référent par défaut"]
        assert book.read("'Coordination'!E1:H1") == [header]
        assert book.read("'Coordination'!H3") == [["un mémo"]]
        assert sentences(workbook) == []

    @pytest.mark.parametrize("text", ["Maison", ""])
    def test_a_renamed_header_gets_its_name_back_and_its_column_is_not_made_anew(
        self, workbook, book, text
    ):
        book.write("Référents", 1, 2, "CMA du Lot")
        # Its protection goes with it when somebody inserts a column before it.
        before = book.span("Référents", "COLUMNS", 1, 2)
        book.do({"insertDimension": {"range": before, "inheritFromBefore": False}})
        book.write("Référents", 0, 3, text)

        assert [change.sentence for change in apply(workbook)] == [
            "« Référents » : remettre l'en-tête « Organisme », renommé ou effacé (D1)"
        ]
        assert book.read("'Référents'!A1:D1") == [["Nom", None, "Courriel", "Organisme"]]
        assert book.read("'Référents'!D2") == [["CMA du Lot"]]
        assert sentences(workbook) == []

    def test_a_renamed_header_without_its_protection_is_a_missing_column(self, workbook, book):
        locks = book.sheet("Référents", "protectedRanges")["protectedRanges"]
        (lock,) = [lock for lock in locks if lock["description"].endswith("« Organisme »")]
        book.do({"deleteProtectedRange": {"protectedRangeId": lock["protectedRangeId"]}})
        book.write("Référents", 0, 2, "Maison")

        assert sentences(workbook)[0] == "« Référents » : ajouter « Organisme »"

    def test_a_grid_without_room_for_it_grows(self, workbook, book):
        last, at = HEADER[-1], len(HEADER) - 1
        book.do({"deleteDimension": {"range": book.span("Référents", "COLUMNS", at, at + 4)}})

        assert sentences(workbook)[0] == f"« Référents » : ajouter « {last} »"
        apply(workbook)
        assert book.column("Référents", last) == at
        assert sentences(workbook) == []

    def test_a_doubled_header_stops_it_and_is_named(self, workbook, book):
        book.write("Référents", 0, 8, "courriel")

        with pytest.raises(HeaderError) as caught:
            apply(workbook)

        assert str(caught.value) == (
            "Onglet « Référents » : en-tête en double : « Courriel ». "
            "Renommez la colonne de trop, puis recommencez."
        )

    def test_a_deleted_tab_comes_back_and_no_other_is_touched(self, workbook, book):
        book.do({"deleteSheet": {"sheetId": book.id("À vérifier")}})

        assert [change.sentence for change in apply(workbook)] == [
            "Créer l'onglet « À vérifier » (5 colonnes)",
            "« À vérifier » : en-têtes, formats, choix, protections, contenu",
        ]
        assert sentences(workbook) == []

    def test_rows_added_at_the_bottom_get_their_dropdowns_and_formats(self, workbook, book):
        grow = {"sheetId": book.id("Demandes"), "dimension": "ROWS", "length": 30}
        book.do({"appendDimension": grow})
        last = book.sheet("Demandes")["properties"]["gridProperties"]["rowCount"]

        done = [change.sentence for change in apply(workbook)]

        assert STATUS in done
        assert "« Demandes » : liste de choix de « Référent »" in done
        assert book.rule("Demandes", "Statut", last) == book.rule("Demandes", "Statut")
        assert sentences(workbook) == []

    def test_a_choice_that_was_taken_out_of_a_dropdown_comes_back(self, workbook, book):
        rule = book.rule("Demandes", "Statut")
        rule["condition"]["values"].pop()
        book.do({"setDataValidation": {"range": book.below("Demandes", "Statut"), "rule": rule}})

        assert sentences(workbook) == [STATUS]

    def test_a_phone_column_made_numeric_is_text_again(self, workbook, book):
        where = book.below("Demandes", "Téléphone")
        cell = {"userEnteredFormat": {"numberFormat": {"type": "NUMBER", "pattern": "0"}}}
        fields = "userEnteredFormat.numberFormat"
        book.do({"repeatCell": {"range": where, "cell": cell, "fields": fields}})

        assert sentences(workbook) == ["« Demandes » : régler le format de « Téléphone »"]

    def test_the_dropdown_of_referents_follows_their_names(self, workbook, book):
        move = {"source": book.span("Référents", "COLUMNS", 0, 1), "destinationIndex": 3}
        book.do({"moveDimension": move})

        apply(workbook)

        assert book.column("Référents", "Nom") == 2
        assert book.rule("Demandes", "Référent")["condition"]["values"] == [
            {"userEnteredValue": "='Référents'!$C$2:$C"}
        ]
        assert sentences(workbook) == []

    def test_how_sheets_spells_the_range_of_a_dropdown_does_not_matter(self, workbook, book):
        rule = book.rule("Demandes", "Référent")
        rule["condition"]["values"] = [{"userEnteredValue": "=RÉFÉRENTS!$A$2:$A"}]
        book.do({"setDataValidation": {"range": book.below("Demandes", "Référent"), "rule": rule}})

        assert sentences(workbook) == []

    @pytest.mark.parametrize("at", [0, 3, 37])
    def test_partners_name_the_columns_they_insert(self, at, workbook, book):
        where = book.span("Demandes", "COLUMNS", at, at + 1)
        book.do({"insertDimension": {"range": where, "inheritFromBefore": False}})
        locks = [
            protection["range"]
            for protection in book.sheet("Demandes", "protectedRanges")["protectedRanges"]
            if not protection.get("warningOnly")
        ]

        assert len(locks) == len(tab("requests").columns)
        assert not [
            lock for lock in locks if lock.get("startColumnIndex", 0) <= at < lock["endColumnIndex"]
        ]
        assert [text for text in sentences(workbook) if "vues filtrées" not in text] == []

    def test_what_an_earlier_version_protected_is_given_back(self, workbook, book):
        row = {"sheetId": book.id("Demandes"), "startRowIndex": 0, "endRowIndex": 1}
        old = {"description": "Accueil : en-têtes", "range": row}
        book.do({"addProtectedRange": {"protectedRange": old}})

        assert [change.sentence for change in apply(workbook)] == [
            "« Demandes » : protéger ce que tient le système"
        ]
        ranges = book.sheet("Demandes", "protectedRanges")["protectedRanges"]
        assert "Accueil : en-têtes" not in [protection["description"] for protection in ranges]
        assert sentences(workbook) == []

    def test_a_protection_that_was_removed_comes_back(self, workbook, book):
        protection, *_ = book.warnings("Demandes")
        gone = {"protectedRangeId": protection["protectedRangeId"]}
        book.do({"deleteProtectedRange": gone})

        assert [change.sentence for change in apply(workbook)] == [
            "« Demandes » : remettre les protections"
        ]
        assert protection["description"] in [
            protections["description"] for protections in book.warnings("Demandes")
        ]
        assert sentences(workbook) == []

    def test_a_warning_that_was_made_a_lock_warns_again(self, workbook, book):
        before = book.warnings("Demandes")
        lock = {"protectedRangeId": before[0]["protectedRangeId"], "warningOnly": False}
        book.do({"updateProtectedRange": {"protectedRange": lock, "fields": "warningOnly"}})
        assert len(book.warnings("Demandes")) < len(before)

        apply(workbook)

        assert len(book.warnings("Demandes")) == len(before)
        assert sentences(workbook) == []

    def test_a_status_without_its_colour_gets_it_back(self, workbook, book):
        gone = {"sheetId": book.id("Demandes"), "index": 2}
        book.do({"deleteConditionalFormatRule": gone})

        assert [change.sentence for change in apply(workbook)] == [
            "« Demandes » : couleurs de la colonne « Statut »"
        ]
        assert sentences(workbook) == []

    def test_language_and_time_zone_are_put_right(self, workbook, book):
        properties = {"timeZone": "America/New_York"}
        update = {"properties": properties, "fields": "timeZone"}
        book.do({"updateSpreadsheetProperties": update})

        assert sentences(workbook) == ["Classeur : régler langue et fuseau (Europe/Paris)"]


def drifted(workbook: GoogleWorkbook) -> dict[str, list[str]]:
    """What people changed, by tab or cell."""
    said: dict[str, list[str]] = {}
    for item in workbook.drifts():
        said.setdefault(item.place, []).append(item.sentence)
    return said


class TestDrift:
    """What people changed is said in their words, and one call mends all of it."""

    def test_each_change_is_said_where_it_is_and_a_single_call_mends_all(
        self, workbook, book, monkeypatch
    ):
        assert drifted(workbook) == {}
        demandes, referents = book.id("Demandes"), book.id("Référents")
        status, needs = book.rule("Demandes", "Statut"), book.rule("Demandes", "Projet principal")
        values = status["condition"]["values"]
        removed = values.pop()["userEnteredValue"]
        values.append({"userEnteredValue": "En vacances"})
        numeric = {"userEnteredFormat": {"numberFormat": {"type": "NUMBER", "pattern": "0"}}}
        (lock,) = [
            item
            for item in book.sheet("Demandes", "protectedRanges")["protectedRanges"]
            if item["description"].endswith("en-tête « Nom »")
        ]
        color = book.sheet("Demandes", "conditionalFormats")["conditionalFormats"][2]
        (label,) = [v["userEnteredValue"] for v in color["booleanRule"]["condition"]["values"]]
        book.do(
            {"setDataValidation": {"range": book.below("Demandes", "Statut"), "rule": status}},
            {"setDataValidation": {"range": book.below("Demandes", "Référent")}},
            {
                "setDataValidation": {
                    "range": book.below("Demandes", "Projet principal"),
                    "rule": needs | {"strict": False},
                }
            },
            {
                "repeatCell": {
                    "range": book.below("Demandes", "Téléphone"),
                    "cell": numeric,
                    "fields": "userEnteredFormat.numberFormat",
                }
            },
            {"deleteProtectedRange": {"protectedRangeId": lock["protectedRangeId"]}},
            {"deleteConditionalFormatRule": {"sheetId": demandes, "index": 2}},
            {
                "updateSheetProperties": {
                    "properties": {"sheetId": referents, "hidden": True},
                    "fields": "hidden",
                }
            },
            {"deleteDimension": {"range": book.span("Référents", "COLUMNS", 4, 5)}},
            {"deleteSheet": {"sheetId": book.id("Cas d'école")}},
            {
                "updateSpreadsheetProperties": {
                    "properties": {"timeZone": "America/New_York"},
                    "fields": "timeZone",
                }
            },
        )
        book.write("Référents", 0, 2, "Maison")
        letter = {
            header: column_letter(book.column("Demandes", header))
            for header in ("Statut", "Référent", "Projet principal", "Téléphone")
        }

        changed = "La liste de choix de « Statut » a changé :"

        assert drifted(workbook) == {
            "Fichier, Paramètres": ["On a changé le fuseau horaire du classeur."],
            "Cas d'école": ["Cet onglet a été supprimé, ou il a changé de nom."],
            f"Demandes!{letter['Téléphone']}:{letter['Téléphone']}": [
                "Le format de « Téléphone » n'est plus « texte », mais « nombre »."
            ],
            f"Demandes!{letter['Projet principal']}:{letter['Projet principal']}": [
                changed.replace("Statut", "Projet principal")
                + " elle n'empêche plus d'écrire autre chose."
            ],
            f"Demandes!{letter['Statut']}:{letter['Statut']}": [
                f"{changed} « En vacances » en plus ; « {removed} » en moins.",
                f"Mise en forme conditionnelle enlevée : la couleur de « {label} ».",
            ],
            f"Demandes!{letter['Référent']}:{letter['Référent']}": [
                "La liste de choix de « Référent » a été enlevée."
            ],
            "Demandes": ["Protection enlevée ou changée : en-tête « Nom »."],
            "Référents!C1": ["L'en-tête « Organisme » a été renommé ou effacé."],
            "Référents": [
                "Cet onglet a été masqué.",
                "La colonne « Actif » a été supprimée, ou elle a changé de nom.",
            ],
        }

        calls = []
        call = workbook.batch_update
        monkeypatch.setattr(
            workbook, "batch_update", lambda requests: calls.append(requests) or call(requests)
        )
        changes = apply(workbook)
        assert len(calls) == 1 + any(change.apart for change in changes)
        assert drifted(workbook) == {}
        assert sentences(workbook) == []
        assert not book.sheet("Référents")["properties"].get("hidden")

    def test_what_a_newer_version_adds_is_no_drift_and_needs_no_consent(self, workbook, book):
        newest = max(tab("requests").columns, key=lambda column: column.since)
        at = book.column("Demandes", newest.title)
        rule = book.rule("Demandes", "Statut")
        rule["condition"]["values"].pop()
        version = {"sheetId": book.id("Système"), "rowIndex": 1, "columnIndex": 1}
        older = {"userEnteredValue": {"numberValue": newest.since - 1}}
        book.do(
            {"deleteDimension": {"range": book.span("Demandes", "COLUMNS", at, at + 1)}},
            {"setDataValidation": {"range": book.below("Demandes", "Statut"), "rule": rule}},
        )
        version["columnIndex"] = book.column("Système", "Version du classeur")
        book.do(
            {
                "updateCells": {
                    "rows": [{"values": [older]}],
                    "fields": "userEnteredValue",
                    "start": version,
                }
            }
        )

        assert drifted(workbook) == {}
        changes = planned(workbook)
        assert f"« Demandes » : ajouter « {newest.title} »" in [c.sentence for c in changes]
        assert not any(change.overrules for change in changes)

    def test_rows_at_the_end_that_never_had_them_are_nobody_s_doing(self, workbook, book):
        grow = {"sheetId": book.id("Demandes"), "dimension": "ROWS", "length": 30}
        book.do({"appendDimension": grow})

        assert drifted(workbook) == {}


class TestContents:
    REWRITE = "« Communes » : écrire 312 lignes"

    def test_sorting_the_communes_changes_nothing(self, workbook, book):
        where = {"sheetId": book.id("Communes"), "startRowIndex": 1}
        order = [{"dimensionIndex": 3, "sortOrder": "ASCENDING"}]
        book.do({"sortRange": {"range": where, "sortSpecs": order}})

        assert book.read("'Communes'!B2:B2") != [["Albas"]]
        assert sentences(workbook) == []

    def test_a_damaged_commune_is_repaired(self, workbook, book):
        book.write("Communes", 5, 3, "Grand Paris")

        assert [change.sentence for change in apply(workbook)] == [self.REWRITE]
        _, *rows = book.read("'Communes'!A:D")
        assert len(rows) == 312
        assert "Grand Paris" not in {row[3] for row in rows}
        assert sentences(workbook) == []

    def test_a_commune_that_does_not_exist_is_taken_out(self, workbook, book):
        book.write("Communes", 320, 0, "46999", "Trifouilly")

        apply(workbook)

        assert len(book.read("'Communes'!A2:A")) == 312
        assert sentences(workbook) == []

    def test_a_column_that_somebody_put_between_is_left_alone(self, workbook, book):
        book.do({"insertDimension": {"range": book.span("Communes", "COLUMNS", 2, 3)}})
        book.write("Communes", 0, 2, "Mairie")
        book.write("Communes", 1, 2, "05 65 00 00 00")
        book.write("Communes", 1, 1, "Albass")

        apply(workbook)

        assert book.read("'Communes'!A2:E2") == [
            ["46001", "Albas", "05 65 00 00 00", "46140", "Vallée du Lot et du Vignoble"]
        ]
        assert sentences(workbook) == []

    def test_deleted_rows_come_back_even_when_the_grid_is_too_short(self, workbook, book):
        rows = book.sheet("Communes")["properties"]["gridProperties"]["rowCount"]
        book.do({"deleteDimension": {"range": book.span("Communes", "ROWS", 100, rows)}})

        first, *_, last = sentences(workbook)
        assert (first, last) == ("« Communes » : agrandir la grille", self.REWRITE)
        apply(workbook)

        assert len(book.read("'Communes'!A2:A")) == 312
        assert sentences(workbook) == []

    def test_a_reworded_guide_is_restored(self, workbook, book):
        book.write("Mode d'emploi", 1, 1, "Débrouillez-vous.")

        guide = json.loads(resources.files(sheets_schema).joinpath("data/guide.json").read_text())
        assert sentences(workbook) == [f"« Mode d'emploi » : écrire {len(guide)} lignes"]


def test_the_bare_row_that_the_first_request_adds_at_the_end_is_no_change(
    workbook: GoogleWorkbook, book: Book
):
    row = {"sheetId": book.id("Demandes"), "dimension": "ROWS", "length": 1}
    book.do({"appendDimension": row})
    assert sentences(workbook) == []
    book.do({"appendDimension": row})
    assert STATUS in sentences(workbook)


class TestPure:
    def test_only_tabs_of_ours_that_exist_are_read_and_only_what_is_needed(self):
        def sheet(title, rows):
            return {"properties": {"title": title, "gridProperties": {"rowCount": rows}}}

        metadata = {
            "sheets": [
                sheet("Nos idées", 10),
                sheet("Règles d'attribution", 500),
                sheet("Communes", 400),
            ]
        }

        assert reads(metadata) == [
            "'Règles d''attribution'!1:2",
            "'Règles d''attribution'!499:499",
            "'Communes'",
        ]

    def test_ids_are_not_those_of_the_partners_tabs(self):
        taken = {
            request["addSheet"]["properties"]["sheetId"]
            for change in plan({"properties": {}, "sheets": []}, {})
            for request in change.requests
            if "addSheet" in request
        }
        protection = {"properties": {"title": "Nos idées", "sheetId": min(taken)}}
        again = [
            request["addSheet"]["properties"]["sheetId"]
            for change in plan({"properties": {}, "sheets": [protection]}, {})
            for request in change.requests
            if "addSheet" in request
        ]

        assert len(set(again)) == len(layout.TABS)
        assert min(taken) not in again


def test_what_the_system_writes_looks_different_from_what_people_type():
    metadata = {"properties": {}, "sheets": []}
    requests = [request for change in plan(metadata, {}) for request in change.requests]
    looks = [
        request["repeatCell"]["cell"]["userEnteredFormat"]
        for request in requests
        if "wrapStrategy" in request.get("repeatCell", {}).get("fields", "")
    ]

    system = [look for look in looks if "backgroundColorStyle" in look]
    assert system
    assert len(system) < len(looks)
    assert all(look["textFormat"]["foregroundColorStyle"] for look in system)


def test_a_copy_of_one_of_our_tabs_is_dressed_as_it_without_names_to_choose_from():
    title, grid = "Règles – projet", {"rowCount": 9, "columnCount": 30, "frozenRowCount": 1}
    properties = {"title": title, "sheetId": 77, "gridProperties": grid}
    header = [
        {"formattedValue": column.title, "effectiveValue": {"stringValue": column.title}}
        for column in tab("rules").columns
    ]
    state = {
        "sheets": [{"properties": {"title": title}, "data": [{"rowData": [{"values": header}]}]}]
    }
    others = {"title": tab("rules").title, "sheetId": 1, "gridProperties": grid}
    metadata = {"sheets": [{"properties": others}, {"properties": properties}]}
    requests = dress(metadata, state, title, "rules")
    said = json.dumps(requests, ensure_ascii=False)
    assert dress(metadata, state, title.upper(), "rules") == requests
    assert '"sheetId": 77' in said
    assert '"sheetId": 1,' not in said
    # The choices of our own lists, and of no range of names.
    assert "Créer une entreprise" in said
    assert "ONE_OF_RANGE" not in said
