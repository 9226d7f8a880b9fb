"""The shared workbook in Google Sheets. No other module knows gspread.

A drain makes one call of `get` and one of `batch_update`. Errors say whether a call was certainly
not applied; the write protocol depends on this.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, zip_longest
from typing import Any

import google.auth
import gspread
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import GoogleAuthError, TransportError
from gspread.exceptions import APIError
from gspread.urls import SPREADSHEET_BATCH_UPDATE_URL
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ConnectTimeout, RequestException
from urllib3.exceptions import MaxRetryError, NewConnectionError

from functions.shared.errors import (
    WorkbookBusyError,
    WorkbookError,
    WorkbookRefusedError,
    WorkbookTooBigError,
    WorkbookUnsureError,
)
from functions.shared.log import log
from functions.shared.settings import GOOGLE_SHEETS_API
from functions.shared.sheets.encode import encode, encode_replacements
from functions.shared.sheets.port import Commit, Replacement
from sheets_schema.columns import Cell, as_text
from sheets_schema.plan import METADATA_FIELDS
from sheets_schema.tab import Grid, Part, column_letter, find_columns, tab
from sheets_schema.wire import Json, Reading, TabCells, a1, cut, grid

GOOGLE_DRIVE_API = "https://www.googleapis.com"
SCOPES = (
    "https://www.googleapis.com/auth/spreadsheets",
    "https://www.googleapis.com/auth/drive.metadata.readonly",  # only for the file's version
)
MOST_RANGES = 100  # in one call; they are part of its address, whose length is limited
TIMEOUT = (5, 30)  # seconds to connect, and to wait for an answer
# Bytes of an answer. A workbook of the usual size takes a tenth; somebody may fill its cells.
MOST_BYTES = 32_000_000
_READ_FIELDS = (
    "namedRanges(namedRangeId,name),"
    "sheets(properties(sheetId,title),data(startRow,startColumn,rowData.values.effectiveValue))"
)


class GoogleWorkbook:
    """A spreadsheet in Google Sheets, see `port.Workbook`.

    Raises:
        WorkbookError: from every method; its subclasses say whether the call may be applied.
    """

    def __init__(self, http: gspread.HTTPClient, spreadsheet_id: str) -> None:
        self._http = http
        self.id = spreadsheet_id
        # The local API serves Google's Sheets and Drive APIs under the same address.
        api: str = getattr(http, "api", GOOGLE_SHEETS_API)
        self._drive_is_closed = False
        self._drive = GOOGLE_DRIVE_API if api == GOOGLE_SHEETS_API else api

    def get(self, ranges: Sequence[str], fields: str) -> Json:
        """Call spreadsheets.get with a field mask."""
        params: Any = {"ranges": list(ranges), "fields": fields}
        answer: Json = _call(lambda: self._http.spreadsheets_get(self.id, params))
        return answer

    def batch_update(
        self, requests: Sequence[Json], *, response_ranges: Sequence[str] = (), fields: str = ""
    ) -> Json:
        """Call spreadsheets.batchUpdate, which is atomic.

        If response ranges are given, the answer holds their cells as the call left them.
        """
        body: Json = {"requests": list(requests)}
        if response_ranges:
            body |= {"includeSpreadsheetInResponse": True, "responseRanges": list(response_ranges)}
        url = SPREADSHEET_BATCH_UPDATE_URL % self.id
        params: Any = {"fields": fields} if fields else None
        answer: Json = _call(
            lambda: self._http.request("post", url, params=params, json=body).json()
        )
        return answer

    def commit(self, commit: Commit) -> Grid:
        """See `port.Workbook`. This is one atomic call, whose answer shows the system tab."""
        answer = self.batch_update(
            encode(commit),
            response_ranges=[a1(tab("system").title)],
            fields="updatedSpreadsheet.sheets.data.rowData.values.effectiveValue",
        )
        return grid(answer["updatedSpreadsheet"]["sheets"][0])

    def replace(self, seen: Reading, replacements: Sequence[Replacement]) -> None:
        """See `port.Workbook`."""
        if replacements:
            self.batch_update(encode_replacements(seen, replacements))

    def metadata(self) -> Json:
        """The spreadsheet's properties and its tabs', without cells."""
        return self.get([], METADATA_FIELDS)

    def version(self) -> str:
        """See `port.Workbook`. Drive counts the changes of a file.

        If the function's identity may not use Drive, the version is unknown. Drive is not asked
        again then, and every sweep reads the sheet.
        """
        if self._drive_is_closed:
            return ""
        url = f"{self._drive}/drive/v3/files/{self.id}"
        params: Any = {"fields": "version", "supportsAllDrives": True}
        try:
            answer: Json = _call(lambda: self._http.request("get", url, params=params).json())
        except (WorkbookBusyError, WorkbookUnsureError):
            return ""
        except WorkbookError:
            self._drive_is_closed = True
            log("WARNING", "Drive does not tell the file's version: every sweep reads the sheet")
            return ""
        return str(answer.get("version", ""))

    def read(self, parts: Mapping[str, Part]) -> Reading:
        """See `port.Workbook`. This is one call, or two if only some columns of a tab are wanted.

        The first call shows where these columns stand. The second call reads their values alone,
        which are a tenth of the size of cells with their properties. If the columns have moved in
        between, their values are read once more.

        If the answer is too long, whole tabs are read once more without the columns that people
        added.

        Raises:
            WorkbookError: a tab does not exist; the sentence names it.
            WorkbookTooBigError: our own columns are too long as well.
        """
        try:
            return self._read(parts)
        except WorkbookTooBigError:
            whole = [key for key, part in parts.items() if part == "all" and key != "system"]
            own = {key: tuple(column.key for column in tab(key).columns) for key in whole}
            if not own:
                raise
            return self._read({**parts, **own})

    def _read(self, parts: Mapping[str, Part]) -> Reading:
        columns = {key: part for key, part in parts.items() if isinstance(part, tuple)}
        reading = self._read_tabs({**parts, **dict.fromkeys(columns, "header")})
        for key, names in columns.items():
            if not (self._add_columns(reading, key, names) or self._again(reading, key, names)):
                raise WorkbookBusyError(f"Des colonnes de « {tab(key).title} » bougent.")
        return reading

    def _again(self, reading: Reading, key: str, names: Sequence[str]) -> bool:
        """Read some columns once more, from where they stand by now."""
        reading.tabs[key].grid[:] = self._read_tabs({key: "header"}).tabs[key].grid
        return self._add_columns(reading, key, names)

    def read_rows(self, seen: Reading, key: str, rows: Sequence[int]) -> dict[int, list[Cell]]:
        """See `port.Workbook`. This is one call, or more where the rows are very long."""
        try:
            return self._read_rows(seen, key, rows)
        except WorkbookTooBigError:
            middle = len(rows) // 2
            if not middle:
                raise
            ordered = sorted(rows)
            halves = ordered[:middle], ordered[middle:]
            first, second = (self.read_rows(seen, key, half) for half in halves)
            return first | second

    def _read_rows(self, seen: Reading, key: str, rows: Sequence[int]) -> dict[int, list[Cell]]:
        runs = list(_runs(sorted(rows)))
        if len(runs) > MOST_RANGES:
            runs = [(min(rows), max(rows))]
        ranges = [f"{first + 1}:{last + 1}" for first, last in runs]
        header, *blocks = self._values(key, ["1:1", *ranges], "ROWS")
        if _texts(header[0] if header else []) != _texts(seen.header(key)):
            return {}
        return {
            row: line
            for (first, last), lines in zip(runs, blocks, strict=True)
            for row, line in zip(range(first, last + 1), lines, strict=False)
        }

    def _read_tabs(self, parts: Mapping[str, Part]) -> Reading:
        # Google finds a tab by its title in any capitals, and returns the title as people wrote it.
        keys = {tab(key).title.casefold(): key for key in parts}
        ranges = [
            a1(tab(key).title, "1:1") if part == "header" else a1(tab(key).title)
            for key, part in parts.items()
        ]
        try:
            answer = self.get(ranges, _READ_FIELDS)
        except WorkbookRefusedError as error:
            if missing := self._missing_tabs(parts):
                raise missing from error
            raise
        return Reading(
            {named["name"]: named["namedRangeId"] for named in answer.get("namedRanges", [])},
            {
                keys[sheet["properties"]["title"].casefold()]: TabCells(
                    sheet["properties"]["sheetId"], grid(sheet)
                )
                for sheet in answer["sheets"]
            },
        )

    def _add_columns(self, reading: Reading, key: str, names: Sequence[str]) -> bool:
        """Add the cells of some columns of a tab to a reading.

        A column that is gone is left out; whoever needs it will report it.

        Returns:
            Whether the columns still stood where the header of the reading says.
        """
        header = reading.header(key)
        positions, _, _ = find_columns(tab(key), header)
        places = sorted(positions[name] for name in names if name in positions)
        runs = list(_runs(places))
        ranges = [f"{column_letter(first)}:{column_letter(last)}" for first, last in runs]
        try:
            there, *blocks = self._values(key, ["1:1", *ranges], "COLUMNS")
        except WorkbookRefusedError:  # the grid became smaller, and a range lies beyond it
            return False
        if _texts([column[0] if column else None for column in there]) != _texts(header):
            return False
        columns = {
            place: column
            for (first, last), block in zip(runs, blocks, strict=True)
            for place, column in zip(range(first, last + 1), block, strict=False)
        }
        width = max(columns, default=-1) + 1
        rows = zip_longest(*(columns.get(place, ()) for place in range(width)))
        reading.tabs[key].grid[1:] = [list(row) for row in rows][1:]
        return True

    def _values(self, key: str, ranges: Sequence[str], dimension: str) -> list[list[list[Cell]]]:
        """Ranges of a tab, each as a list of rows or columns; a blank cell is None or left out."""
        params: Any = {
            "majorDimension": dimension,
            "valueRenderOption": "UNFORMATTED_VALUE",
            "dateTimeRenderOption": "SERIAL_NUMBER",
            "fields": "valueRanges.values",
        }
        asked = [a1(tab(key).title, cells) for cells in ranges]
        answer = _call(lambda: self._http.values_batch_get(self.id, asked, params))
        return [
            [
                [None if cell == "" else cut(cell) for cell in line]
                for line in block.get("values", [])
            ]
            for block in answer["valueRanges"]
        ]

    def _missing_tabs(self, keys: Iterable[str]) -> WorkbookError | None:
        there = {sheet["properties"]["title"] for sheet in self.metadata()["sheets"]}
        missing = [f"« {tab(key).title} »" for key in keys if tab(key).title not in there]
        if not missing:
            return None
        return WorkbookError(
            f"Onglet introuvable : {', '.join(missing)}. Rendez-lui son nom, ou recréez-le avec "
            "« accueil sheet apply » ; rien n'est perdu, tout reprendra ensuite."
        )


def _texts(header: Sequence[Cell]) -> list[str]:
    texts = [as_text(cell) for cell in header]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _runs(places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of each run of consecutive numbers."""
    for _, group in groupby(enumerate(places), lambda item: item[1] - item[0]):
        run = [place for _, place in group]
        yield run[0], run[-1]


def open_workbook(spreadsheet_id: str, api: str = GOOGLE_SHEETS_API) -> GoogleWorkbook:
    """Open a spreadsheet with the Google identity of this machine.

    An `api` that is not Google's, such as the local one, never gets credentials.

    Raises:
        WorkbookError: this machine has no Google identity.
    """
    credentials: Any = AnonymousCredentials()  # type: ignore[no-untyped-call]
    if api == GOOGLE_SHEETS_API:
        try:
            credentials, _ = google.auth.default(scopes=SCOPES)
        except GoogleAuthError as error:
            raise WorkbookError(
                "Aucune identité Google sur cette machine : lancez « gcloud auth "
                "application-default login », ou donnez un compte de service à la fonction."
            ) from error
    http = _HttpClient(credentials)
    for scheme in ("https://", "http://"):
        http.session.mount(scheme, _Bounded())
    http.api = api
    http.set_timeout(TIMEOUT)
    return GoogleWorkbook(http, spreadsheet_id)


class _HttpClient(gspread.HTTPClient):
    api = GOOGLE_SHEETS_API

    def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401
        there = endpoint.replace(GOOGLE_SHEETS_API, self.api, 1)
        return super().request(method, there, *args, **kwargs)


class _TooLongError(RequestException):
    """An answer to a reading call is longer than MOST_BYTES."""


class _Bounded(HTTPAdapter):
    """Reads answers to their end, or to MOST_BYTES, whatever they claim to be."""

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401
        response = super().send(request, *args, **kwargs)
        body = bytearray()
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > MOST_BYTES:
                response.close()
                # What a writing call did is unknown without its answer.
                error = _TooLongError if request.method == "GET" else RequestException
                raise error(request=request)
        response._content = bytes(body)  # noqa: SLF001  (as requests itself keeps it)
        return response


_CHUNK = 256 * 1024  # bytes


def _call(call: Any) -> Any:  # noqa: ANN401  (a JSON value)
    try:
        return call()
    except APIError as error:
        raise _api_error(error) from error
    except TransportError as error:
        raise WorkbookBusyError("Google est injoignable.") from error
    except GoogleAuthError as error:
        raise WorkbookBusyError(
            f"Google n'a pas reconnu l'identité de la fonction ({type(error).__name__})."
        ) from error
    except _TooLongError as error:
        raise WorkbookTooBigError(
            "Le classeur contient trop de texte pour être lu : plus de "
            f"{MOST_BYTES // 1_000_000} Mo. Videz les cellules aux textes très longs ; rien n'est "
            "perdu, tout reprendra ensuite."
        ) from error
    except (RequestException, ValueError, KeyError, TypeError) as error:
        # An answer that was cut short is not JSON, and gspread fails on errors that do not come
        # from Google.
        if _never_sent(error):
            raise WorkbookBusyError("Google Sheets est injoignable.") from error
        raise WorkbookUnsureError("Google Sheets n'a pas répondu.") from error


def _never_sent(error: Exception) -> bool:
    if isinstance(error, ConnectTimeout):
        return True
    cause = error.args[0] if isinstance(error, RequestsConnectionError) and error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


def _api_error(error: APIError) -> WorkbookError:
    code = error.response.status_code
    if code == 400:  # noqa: PLR2004  (HTTP statuses read best as numbers)
        return WorkbookRefusedError(f"Google Sheets a refusé l'appel : {_message(error)}")
    if code in (401, 403):
        return WorkbookError(
            "La fonction n'a pas accès au classeur : partagez-le, en modification, avec "
            "l'adresse de son compte de service."
        )
    if code == 404:  # noqa: PLR2004
        return WorkbookError("Le classeur est introuvable : vérifiez ACCUEIL_SPREADSHEET.")
    if code == 429:  # noqa: PLR2004
        asked = error.response.headers.get("Retry-After", "")
        return WorkbookBusyError(
            "Google Sheets demande de patienter (quota atteint).",
            float(asked) if asked.isdecimal() else None,
        )
    if code == 501:  # noqa: PLR2004  (the local API does not imitate this part of Google's)
        return WorkbookRefusedError(f"Google Sheets a refusé l'appel : {_message(error)}")
    if code >= 500:  # noqa: PLR2004
        return WorkbookUnsureError(f"Google Sheets est en panne ({code}).")
    return WorkbookError(f"Google Sheets a répondu {code} : {_message(error)}")


def _message(error: APIError) -> str:
    """The part of our call that Google refuses.

    Google's own sentence may quote what a cell holds, so it is not used.
    """
    text = str(error.error.get("message", ""))
    places = re.findall(r"requests\[\d+\](?:\.\w+)?|Unable to parse range", text)
    return ", ".join(dict.fromkeys(places)) or "sans précision"
