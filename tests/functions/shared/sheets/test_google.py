import json
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Response
from google.auth.credentials import AnonymousCredentials
from requests.adapters import BaseAdapter

from functions.shared.errors import (
    WorkbookBusyError,
    WorkbookError,
    WorkbookRefusedError,
    WorkbookTooBigError,
    WorkbookUnsureError,
)
from functions.shared.settings import GOOGLE_SHEETS_API
from functions.shared.sheets import google as module
from functions.shared.sheets.google import GoogleWorkbook, open_workbook
from sheets_schema.tab import cell_at, tab
from sheets_schema.wire import LONGEST
from tests.functions.shared.sheets.canned import RESET, SILENCE

SOMEBODY = "Ana Martin, 06 12 34 56 78"
NO_ACCESS = (
    "La fonction n'a pas accès au classeur : partagez-le, en modification, avec "
    "l'adresse de son compte de service."
)
HTML = b"<!DOCTYPE html><title>Error</title><p>Ana Martin, 06 12 34 56 78"


def error(code: int, message: str) -> dict:
    """An error as Google words it."""
    return {"error": {"code": code, "message": message, "status": "WHATEVER"}}


def write(url: str) -> object:
    """Try to write a cell that names somebody."""
    cell = {"userEnteredValue": {"stringValue": SOMEBODY}}
    update = {"rows": [{"values": [cell]}], "fields": "userEnteredValue"}
    return open_workbook("demo", url).batch_update([{"appendCells": update}])


ANSWERS = {
    "400": (
        400,
        error(400, f"Invalid requests[2].appendCells: « {SOMEBODY} » is no value"),
        WorkbookRefusedError,
        "Google Sheets a refusé l'appel : requests[2].appendCells",
    ),
    "400 of several requests": (
        400,
        error(400, f"Invalid requests[0]: {SOMEBODY}, requests[3].updateCells, requests[0]"),
        WorkbookRefusedError,
        "Google Sheets a refusé l'appel : requests[0], requests[3].updateCells",
    ),
    "400 of a range": (
        400,
        error(400, f"Unable to parse range: {SOMEBODY}"),
        WorkbookRefusedError,
        "Google Sheets a refusé l'appel : Unable to parse range",
    ),
    "400 without a message": (
        400,
        {"error": {"code": 400}},
        WorkbookRefusedError,
        "Google Sheets a refusé l'appel : sans précision",
    ),
    "400 in HTML": (
        400,
        HTML,
        WorkbookRefusedError,
        "Google Sheets a refusé l'appel : sans précision",
    ),
    **{
        f"403 in {kind}": (403, body, WorkbookError, NO_ACCESS)
        for kind, body in {"JSON": error(403, SOMEBODY), "HTML": HTML}.items()
    },
    **{
        f"404 in {kind}": (
            404,
            body,
            WorkbookError,
            "Le classeur est introuvable : vérifiez ACCUEIL_SPREADSHEET.",
        )
        for kind, body in {"JSON": error(404, SOMEBODY), "HTML": HTML}.items()
    },
    "413": (
        413,
        error(413, f"{SOMEBODY} is too long"),
        WorkbookError,
        "Google Sheets a répondu 413 : sans précision",
    ),
    **{
        f"429 in {kind}": (
            429,
            body,
            WorkbookBusyError,
            "Google Sheets demande de patienter (quota atteint).",
        )
        for kind, body in {"JSON": error(429, "Quota exceeded"), "HTML": HTML}.items()
    },
    **{
        f"{code} in {kind}": (
            code,
            body,
            WorkbookUnsureError,
            f"Google Sheets est en panne ({code}).",
        )
        for code in (500, 503)
        for kind, body in {"JSON": error(code, SOMEBODY), "HTML": HTML}.items()
    },
    "200 with half an answer": (
        200,
        b'{"replies": [{"appendCells": {',
        WorkbookUnsureError,
        "Google Sheets n'a pas répondu.",
    ),
    "an error that is not Google's": (
        500,
        {"error": "unavailable"},
        WorkbookUnsureError,
        "Google Sheets n'a pas répondu.",
    ),
}


class TestErrors:
    """What an answer says of the call: not applied, perhaps applied, or not to be made again."""

    @pytest.mark.parametrize(("status", "body", "kind", "sentence"), ANSWERS.values(), ids=ANSWERS)
    def test_an_answer_says_what_became_of_the_call_and_nothing_of_the_cells(
        self, canned, status, body, kind, sentence
    ):
        canned.answer(status, body)

        with pytest.raises(WorkbookError) as caught:
            write(canned.url)

        assert type(caught.value) is kind
        assert str(caught.value) == sentence
        assert len(canned.requests) == 1

    def test_an_answer_cut_short_may_have_been_applied(self, canned):
        canned.answer(200, b'{"replies"', missing=100)

        with pytest.raises(WorkbookUnsureError) as caught:
            write(canned.url)

        assert str(caught.value) == "Google Sheets n'a pas répondu."

    @pytest.mark.parametrize("body", [RESET, SILENCE], ids=["reset", "silence"])
    def test_without_an_answer_the_call_may_have_been_applied(self, canned, monkeypatch, body):
        monkeypatch.setattr(module, "TIMEOUT", (1, 0.1))
        canned.body = body

        with pytest.raises(WorkbookUnsureError) as caught:
            write(canned.url)

        assert str(caught.value) == "Google Sheets n'a pas répondu."
        assert len(canned.requests) == 1

    def test_where_nobody_listens_nothing_was_applied(self, closed_port):
        with pytest.raises(WorkbookBusyError) as caught:
            write(f"http://127.0.0.1:{closed_port}")

        assert str(caught.value) == "Google Sheets est injoignable."

    def test_without_a_connection_in_time_nothing_was_applied(self):
        class Deaf(BaseAdapter):
            def send(self, *_, **__):
                raise requests.ConnectTimeout

            def close(self):
                pass

        workbook = open_workbook("demo", "http://sheets.invalid")
        workbook._http.session.mount("http://", Deaf())

        with pytest.raises(WorkbookBusyError, match="Google Sheets est injoignable"):
            workbook.metadata()


class Google(BaseAdapter):
    """Stands where Google's API would be, and remembers who asks."""

    def __init__(self, status: int = 200) -> None:
        super().__init__()
        self.status = status
        self.asked: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, **_: object) -> requests.Response:
        self.asked.append(request)
        response = requests.Response()
        response.status_code, response._content, response.url = self.status, b"{}", request.url
        return response

    def close(self) -> None:
        """Nothing was opened."""


@pytest.fixture(scope="module")
def key() -> str:
    """The private key of a service account that does not exist."""
    private = rsa.generate_private_key(65537, 2048)
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


class TestIdentity:
    @pytest.fixture
    def identity(self, canned, key, tmp_path: Path, monkeypatch) -> None:
        """This machine has a Google identity; its tokens come from a local server."""
        account = {
            "type": "service_account",
            "client_email": "accueil@example.org",
            "private_key": key,
            "token_uri": f"{canned.url}/token",
        }
        file = tmp_path / "identity.json"
        file.write_text(json.dumps(account))
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "essai")
        canned.answer(200, {"access_token": "t0ken", "expires_in": 3600, "token_type": "Bearer"})

    def google(self, status: int = 200) -> tuple[Google, GoogleWorkbook]:
        google, workbook = Google(status), open_workbook("demo")
        workbook._http.session.mount(GOOGLE_SHEETS_API, google)
        return google, workbook

    @pytest.mark.usefixtures("identity")
    def test_google_sees_who_asks(self):
        google, workbook = self.google()
        workbook.metadata()

        assert [request.headers["Authorization"] for request in google.asked] == ["Bearer t0ken"]
        assert google.asked[0].url.startswith(f"{GOOGLE_SHEETS_API}/v4/spreadsheets/demo?")

    @pytest.mark.usefixtures("identity")
    def test_an_identity_that_may_not_is_told_what_to_do(self):
        _, workbook = self.google(status=401)

        with pytest.raises(WorkbookError) as caught:
            workbook.metadata()

        assert type(caught.value) is WorkbookError
        assert str(caught.value) == NO_ACCESS

    @pytest.mark.usefixtures("identity")
    def test_nobody_else_does(self, canned):
        workbook = open_workbook("demo", canned.url)
        workbook.metadata()
        workbook.batch_update([])

        assert isinstance(workbook._http.auth, AnonymousCredentials)
        assert [path.partition("?")[0] for _, path, _ in canned.requests] == [
            "/v4/spreadsheets/demo",
            "/v4/spreadsheets/demo:batchUpdate",
        ]
        assert not any("authorization" in headers for _, _, headers in canned.requests)

    @pytest.mark.usefixtures("identity")
    def test_an_identity_that_google_refuses_is_an_error_and_nothing_was_applied(self, canned):
        canned.answer(400, {"error": "invalid_grant", "error_description": "revoked"})
        google, workbook = self.google()

        with pytest.raises(WorkbookBusyError) as caught:
            workbook.batch_update([])

        assert str(caught.value) == (
            "Google n'a pas reconnu l'identité de la fonction (RefreshError)."
        )
        assert google.asked == []

    @pytest.mark.usefixtures("identity")
    def test_a_connection_that_breaks_while_google_is_asked_for_a_token_applied_nothing(
        self, canned
    ):
        canned.body = RESET
        google, workbook = self.google()

        with pytest.raises(WorkbookBusyError) as caught:
            workbook.batch_update([])

        assert str(caught.value) == "Google est injoignable."
        assert google.asked == []

    @pytest.mark.usefixtures("identity")
    def test_the_key_of_another_account_may_be_given(self, tmp_path, monkeypatch):
        file = tmp_path / "identity.json"
        monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS")
        google, workbook = Google(200), open_workbook("demo", key_file=str(file))
        workbook._http.session.mount(GOOGLE_SHEETS_API, google)
        workbook.metadata()
        assert google.asked[0].headers["Authorization"] == "Bearer t0ken"

        file.write_text("{}")
        with pytest.raises(WorkbookError, match="n'est pas la clé"):
            open_workbook("demo", key_file=str(file))

    def test_a_machine_without_an_identity_is_told_how_to_get_one(self, monkeypatch, tmp_path):
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))

        with pytest.raises(WorkbookError) as caught:
            open_workbook("demo")

        assert str(caught.value) == (
            "Aucune identité Google sur cette machine : lancez « gcloud auth "
            "application-default login », ou donnez un compte de service à la fonction."
        )

    def test_a_machine_without_an_identity_may_use_a_local_api(self, monkeypatch, tmp_path, canned):
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))

        assert open_workbook("demo", canned.url).metadata() == {}


class TestRead:
    def test_tabs_are_read_by_key_whole_or_their_header_only(self, workbook, classeur):
        reading = workbook.read({"requests": "header", "referents": "all"})

        assert list(reading.tabs) == ["requests", "referents"]
        assert len(reading.tabs["requests"].grid) == 1
        assert reading.tabs["requests"].grid[0][:2] == ["Référence", "Nom"]
        assert reading.tabs["referents"].sheet_id == classeur.sheet_id("Référents")
        assert reading.tabs["referents"].grid[1][1].endswith("@example.org")
        assert classeur.gate.calls["read"] == 1

    def test_named_ranges_come_along(self, workbook, classeur):
        named = {
            "namedRangeId": "fence7",
            "name": "lot_7",
            "range": {"sheetId": classeur.sheet_id("Système")},
        }
        classeur.do({"addNamedRange": {"namedRange": named}})

        assert workbook.read({"system": "header"}).named_ranges == {"lot_7": "fence7"}

    def test_a_renamed_tab_is_named_with_what_to_do(self, workbook, classeur):
        for title, other in {"Référents": "Nos référents", "Coordination": "Coordos"}.items():
            properties = {"sheetId": classeur.sheet_id(title), "title": other}
            update = {"properties": properties, "fields": "title"}
            classeur.do({"updateSheetProperties": update})

        with pytest.raises(WorkbookError) as caught:
            workbook.read({"requests": "all", "referents": "all", "coordination": "header"})

        assert str(caught.value) == (
            "Onglet introuvable : « Référents », « Coordination ». Rendez-lui son nom, ou "
            "recréez-le avec « accueil sheet apply » ; rien n'est perdu, tout reprendra ensuite."
        )

    def test_a_tab_s_capitals_are_the_partners_choice(self, workbook, classeur):
        properties = {"sheetId": classeur.sheet_id("Référents"), "title": "RÉFÉRENTS"}
        update = {"properties": properties, "fields": "title"}
        classeur.do({"updateSheetProperties": update})

        assert len(workbook.read({"referents": "all"}).tabs["referents"].grid) > 1

    def test_a_refusal_for_another_reason_stays_what_it_is(self, workbook):
        with pytest.raises(WorkbookRefusedError) as caught:
            workbook.get([], "nonsense")

        assert str(caught.value) == "Google Sheets a refusé l'appel : sans précision"

    def test_a_spreadsheet_that_is_not_there_is_an_error(self, classeur):
        with pytest.raises(WorkbookError, match="vérifiez ACCUEIL_SPREADSHEET"):
            open_workbook("autre", classeur.url).metadata()


class TestBatchUpdate:
    def test_the_cells_after_it_come_back_when_they_are_asked_for(self, workbook, classeur):
        cell = {"userEnteredValue": {"stringValue": "=1+1"}}
        start = {"sheetId": classeur.sheet_id("Système"), "rowIndex": 1, "columnIndex": 0}
        update = {"rows": [{"values": [cell]}], "fields": "userEnteredValue", "start": start}

        answer = workbook.batch_update(
            [{"updateCells": update}],
            response_ranges=["'Système'!A2"],
            fields="updatedSpreadsheet.sheets.data.rowData.values.effectiveValue",
        )

        (sheet,) = answer["updatedSpreadsheet"]["sheets"]
        assert sheet["data"][0]["rowData"] == [
            {"values": [{"effectiveValue": {"stringValue": "=1+1"}}]}
        ]

    def test_a_batch_that_is_refused_changes_nothing(self, workbook, classeur):
        before = classeur.values("Référents")
        start = {"sheetId": classeur.sheet_id("Référents"), "rowIndex": 1, "columnIndex": 0}
        cell = {"userEnteredValue": {"stringValue": "Personne"}}
        update = {"rows": [{"values": [cell]}], "fields": "userEnteredValue", "start": start}

        with pytest.raises(WorkbookRefusedError):
            workbook.batch_update([{"updateCells": update}, {"deleteSheet": {"sheetId": 404}}])

        assert classeur.values("Référents") == before


class TestVersion:
    def test_drive_that_is_closed_is_asked_once(self, workbook, classeur, capsys):
        closed = Response('{"error": {"code": 403, "message": "no scope"}}', 403)
        classeur.gate.reads.append(lambda *_: closed)
        assert [workbook.version() for _ in range(3)] == ["", "", ""]
        assert classeur.gate.calls["read"] == 1
        assert "every sweep reads the sheet" in capsys.readouterr().out

    def test_drive_that_does_not_answer_is_asked_again(self, workbook, classeur):
        classeur.gate.reads.append(lambda *_: Response("", 503))
        assert workbook.version() == ""
        assert workbook.version()


def test_a_merged_territory_is_that_of_every_rule_beside_it(workbook, classeur):
    """Google says that the second cell is blank, and a rule without a territory is for all."""
    rules = workbook.read({"rules": "all"})
    column = rules.positions("rules")["territory"]
    before = [row[column] for row in rules.tabs["rules"].grid]
    first = next(at for at in range(1, len(before)) if before[at] and before[at + 1] != before[at])
    rows = {"startRowIndex": first, "endRowIndex": first + 2}
    span = {"startColumnIndex": column, "endColumnIndex": column + 1} | rows
    span["sheetId"] = rules.tabs["rules"].sheet_id
    classeur.do({"mergeCells": {"range": span, "mergeType": "MERGE_ALL"}})

    after = [row[column] for row in workbook.read({"rules": "all"}).tabs["rules"].grid]

    assert after == [*before[: first + 1], before[first], *before[first + 2 :]]


class TestReadEnd:
    PARTS = {"requests": "end", "tracking": "end"}  # noqa: RUF012

    def fill(self, classeur, count):
        rows = [{"values": [{"userEnteredValue": {"stringValue": "x"}}]}] * count
        start = {"sheetId": classeur.sheet_id("Demandes"), "rowIndex": 1, "columnIndex": 0}
        cells = {"rows": rows, "start": start, "fields": "userEnteredValue"}
        more = {"sheetId": start["sheetId"], "dimension": "ROWS", "length": count}
        classeur.do({"appendDimension": more}, {"updateCells": cells})

    def delete(self, classeur, start, end):
        span = {"sheetId": classeur.sheet_id("Demandes"), "dimension": "ROWS"}
        span |= {"startIndex": start, "endIndex": end}
        classeur.do({"deleteDimension": {"range": span}})

    def read(self, workbook, classeur):
        before = classeur.gate.calls["read"]
        end = workbook.read(self.PARTS).end("requests")
        return end, classeur.gate.calls["read"] - before

    def test_a_process_looks_for_it_in_two_calls_and_then_in_one(self, workbook, classeur):
        self.fill(classeur, 700)
        assert self.read(workbook, classeur) == (701, 2)
        assert self.read(workbook, classeur) == (701, 1)
        classeur.type(classeur.at("Nom", 703), "Tapé à la main")
        assert self.read(workbook, classeur) == (703, 1)
        self.delete(classeur, 600, 703)
        assert self.read(workbook, classeur) == (600, 1)

    def test_it_is_looked_for_anew_when_many_rows_came_below(self, workbook, classeur):
        self.fill(classeur, 100)
        self.read(workbook, classeur)
        self.fill(classeur, 900)
        assert self.read(workbook, classeur) == (901, 2)

    def test_it_is_found_in_rows_that_were_added_below_the_grid(self, workbook, classeur):
        self.read(workbook, classeur)
        sheet = classeur.sheet_id("Demandes")
        size = len(classeur.store.file("demo").book.sheet(sheet).grid.rows)
        self.fill(classeur, size - 1)
        assert self.read(workbook, classeur)[0] == size
        more = {"sheetId": sheet, "dimension": "ROWS", "length": 1}
        classeur.do({"appendDimension": more})
        classeur.type(classeur.at("Nom", size + 1), "Tapé à la main")
        assert self.read(workbook, classeur)[0] == size + 1

    def test_it_is_looked_for_anew_when_the_rows_around_it_are_blank(self, workbook, classeur):
        self.fill(classeur, 700)
        self.read(workbook, classeur)
        self.delete(classeur, 300, 701)
        assert self.read(workbook, classeur) == (300, 2)

    def test_it_is_looked_for_anew_when_the_grid_ends_before(self, workbook, classeur):
        self.fill(classeur, 700)
        self.read(workbook, classeur)
        self.delete(classeur, 5, 990)
        assert self.read(workbook, classeur)[0] == 5

    def test_it_is_looked_for_anew_when_columns_have_moved(self, workbook, classeur):
        self.fill(classeur, 3)
        self.read(workbook, classeur)
        span = {"sheetId": classeur.sheet_id("Demandes"), "dimension": "COLUMNS"}
        move = {"source": span | {"startIndex": 0, "endIndex": 1}, "destinationIndex": 9}
        classeur.do({"moveDimension": move})
        assert self.read(workbook, classeur) == (4, 2)


class TestReadColumns:
    PARTS = {"requests": ("reference", "last_name", "email")}  # noqa: RUF012

    def columns(self, workbook):
        """What was read of the first row below the header, by header."""
        header, *rows = workbook.read(self.PARTS).tabs["requests"].grid
        return dict(zip(header, rows[0], strict=False)) if rows else {}

    def fill(self, classeur):
        row = {"Référence": "LOT-1", "Nom": "Martin", "Statut": "À contacter"}
        classeur.type_row(2, row | {"Courriel": "a@b.org"})

    def test_some_columns_are_read_by_name_in_two_calls(self, workbook, classeur):
        self.fill(classeur)

        columns = self.columns(workbook)

        assert (columns["Référence"], columns["Nom"], columns["Courriel"]) == (
            "LOT-1",
            "Martin",
            "a@b.org",
        )
        assert columns["Statut"] is None  # not asked for
        assert classeur.gate.calls["read"] == 2

    def test_an_error_reads_the_same_in_cells_columns_and_rows(self, workbook, classeur):
        """A row's hash is made of values, and compared with that of a copy read as cells."""
        self.fill(classeur)
        formula = {"values": [{"userEnteredValue": {"formulaValue": "=+33 6 12 34 56 78"}}]}
        place = {"sheetId": classeur.sheet_id("Demandes"), "rowIndex": 1}
        place["columnIndex"] = classeur.column("Téléphone")
        cells = {"rows": [formula], "start": place, "fields": "userEnteredValue"}
        classeur.do({"updateCells": cells})
        whole = workbook.read({"requests": "all", "system": "all"})
        at = whole.positions("requests")["phone"]

        columns = workbook.read({"requests": ("phone",), "system": "all"})
        rows = workbook.read_rows(whole, "requests", [1])

        read = [grid[at] for grid in (whole.tabs["requests"].grid[1], rows[1])]
        assert [*read, columns.tabs["requests"].grid[1][at]] == ["#ERROR!"] * 3

    def test_columns_are_read_where_the_header_says_they_are(self, workbook, classeur):
        self.fill(classeur)
        move = {"source": classeur.span("Courriel"), "destinationIndex": 0}
        classeur.do({"moveDimension": move})

        assert self.columns(workbook)["Courriel"] == "a@b.org"
        assert classeur.gate.calls["read"] == 2

    def test_columns_that_move_between_the_two_calls_are_looked_for_once_more(
        self, workbook, classeur
    ):
        self.fill(classeur)
        source = classeur.span("Courriel")

        def move_first(_, carry_out):
            classeur.do({"moveDimension": {"source": source, "destinationIndex": 0}})
            return carry_out()

        classeur.gate.reads += [lambda _, carry_out: carry_out(), move_first]
        assert self.columns(workbook)["Courriel"] == "a@b.org"
        assert classeur.gate.calls["read"] == 4

    def test_columns_that_go_on_moving_are_waited_for(self, workbook, classeur):
        source = classeur.span("Courriel")

        def move_first(_, carry_out):
            classeur.do({"moveDimension": {"source": source, "destinationIndex": 0}})
            return carry_out()

        passing = [lambda _, carry_out: carry_out(), move_first] * 2
        classeur.gate.reads += passing
        with pytest.raises(WorkbookBusyError, match="bougent : « Demandes »"):
            workbook.read(self.PARTS)

    def test_a_place_beyond_a_grid_that_shrank_is_looked_for_again(self, workbook, classeur):
        self.fill(classeur)
        sheet = classeur.sheet_id("Demandes")
        columns = {"sheetId": sheet, "dimension": "COLUMNS"}
        last = len(classeur.store.file("demo").book.sheet(sheet).grid.columns)
        source, ours = classeur.span("Courriel"), len(tab("requests").columns)
        classeur.do({"moveDimension": {"source": source, "destinationIndex": last}})
        assert self.columns(workbook)["Courriel"] == "a@b.org"
        source = columns | {"startIndex": last - 1, "endIndex": last}
        gone = columns | {"startIndex": ours, "endIndex": last}
        classeur.do(
            {"moveDimension": {"source": source, "destinationIndex": 0}},
            {"deleteDimension": {"range": gone}},
        )

        assert self.columns(workbook)["Courriel"] == "a@b.org"

    def test_a_column_that_is_gone_is_no_matter_here(self, workbook, classeur):
        self.fill(classeur)
        classeur.type(classeur.at("Courriel", 1), "E-mail")

        assert self.columns(workbook)["Nom"] == "Martin"


class TestLongAnswers:
    """Somebody filled cells with long texts; no answer is read beyond a bound."""

    @pytest.fixture
    def bounded(self, monkeypatch):
        def bound(most):
            monkeypatch.setattr("functions.shared.sheets.google.MOST_BYTES", most)

        return bound

    def fill(self, workbook, title, cells):
        book = workbook.metadata()["sheets"]
        [sheet] = [s["properties"]["sheetId"] for s in book if s["properties"]["title"] == title]
        start = {"sheetId": sheet, "rowIndex": cells[0], "columnIndex": cells[1]}
        rows = [{"values": [{"userEnteredValue": {"stringValue": "x" * 50_000}}]}] * cells[2]
        body = {"rows": rows, "fields": "userEnteredValue", "start": start}
        wider = {"sheetId": sheet, "dimension": "COLUMNS", "length": 10}
        workbook.batch_update([{"appendDimension": wider}, {"updateCells": body}])

    def test_a_cell_is_read_up_to_a_length(self, workbook):
        self.fill(workbook, "Règles d'attribution", (1, 3, 1))
        cells = workbook.read({"rules": "all"}).tabs["rules"].grid[1]
        assert max(len(cell) for cell in cells if isinstance(cell, str)) == LONGEST

    def test_a_column_that_partners_filled_is_left_out(self, workbook, bounded):
        self.fill(workbook, "Règles d'attribution", (1, 15, 20))
        whole = workbook.read({"rules": "all", "system": "all"})
        bounded(400_000)
        read = workbook.read({"rules": "all", "system": "all"})
        own = read.positions("rules").values()
        assert max(map(len, read.tabs["rules"].grid)) <= max(own) + 1
        for ours, all_ in zip(read.tabs["rules"].grid, whole.tabs["rules"].grid, strict=False):
            assert [cell_at(ours, at) for at in own] == [cell_at(all_, at) for at in own]

    def test_our_own_columns_that_are_too_long_are_an_error_that_says_so(self, workbook, bounded):
        self.fill(workbook, "Règles d'attribution", (1, 3, 20))
        bounded(400_000)
        with pytest.raises(WorkbookTooBigError, match="Videz les cellules"):
            workbook.read({"rules": "all", "system": "all"})

    def test_long_rows_are_read_in_parts(self, workbook, bounded):
        self.fill(workbook, "Demandes", (1, 1, 8))
        seen = workbook.read({"requests": "header"})
        bounded(150_000)
        rows = workbook.read_rows(seen, "requests", range(1, 9))
        assert list(rows) == list(range(1, 9))
        assert {len(row[1]) for row in rows.values()} == {LONGEST}

    def test_of_a_write_whose_answer_is_too_long_nothing_is_known(self, canned, bounded):
        canned.answer(200, {"replies": ["x" * 2_000]})
        bounded(1_000)
        with pytest.raises(WorkbookUnsureError):
            write(canned.url)


def shared_with(store, count):
    people = [
        {"id": str(n), "type": "user", "role": "writer", "emailAddress": f"p{n}@example.org"}
        for n in range(count)
    ]
    store.share("demo", people)


def test_all_permissions_are_read_however_many(workbook, classeur):
    shared_with(classeur.store, 101)

    assert {item["emailAddress"] for item in workbook.permissions()} == {
        f"p{n}@example.org" for n in range(101)
    }


@pytest.mark.parametrize(("code", "shown"), [(403, True), (404, True), (429, False), (503, False)])
def test_permissions_that_we_may_not_see_are_unknown_and_a_fault_in_passing_is_none(
    canned, code, shown
):
    canned.answer(code, error(code, SOMEBODY))
    book = open_workbook("demo", canned.url)
    if shown:
        assert book.permissions() is None
        return
    with pytest.raises((WorkbookBusyError, WorkbookUnsureError)):
        book.permissions()


def test_a_file_is_deleted_although_the_answer_is_empty(workbook, classeur):
    made = workbook.drive(
        "post", "", {"name": "Essai", "mimeType": "application/vnd.google-apps.spreadsheet"}
    )

    assert workbook.beside(made["id"]).metadata()["sheets"]
    assert workbook.drive("delete", f"/{made['id']}") == {}
    assert [file.book.id for file in classeur.store.files()] == ["demo"]
