"""The shared workbook in Google Sheets. No other module knows gspread.

A drain makes one call of `get` and one of `batch_update`. Errors say whether a call was certainly
not applied; the write protocol depends on this.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import google.auth
import gspread
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import GoogleAuthError, TransportError
from google.oauth2 import service_account
from gspread.exceptions import APIError
from gspread.urls import SPREADSHEET_BATCH_UPDATE_URL
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ConnectTimeout, RequestException
from urllib3.exceptions import MaxRetryError, NewConnectionError

from functions.shared.errors import (
    MissingTabsError,
    WorkbookBusyError,
    WorkbookError,
    WorkbookRefusedError,
    WorkbookTooBigError,
    WorkbookUnsureError,
)
from functions.shared.log import log
from functions.shared.settings import GOOGLE_SHEETS_API
from functions.shared.sheets.encode import encode, encode_replacements
from functions.shared.sheets.port import (
    FIRST_COPY,
    Commit,
    Replacement,
    TabChange,
    TabTitle,
    missing_tabs,
)
from sheets_schema.adoption import ADOPTED, OURS, Adoption, Header, find_marker, read_adoption
from sheets_schema.columns import Cell, as_text
from sheets_schema.drift import Drift
from sheets_schema.errors import HeaderError
from sheets_schema.plan import (
    DRIFT_FIELDS,
    METADATA_FIELDS,
    STATE_FIELDS,
    dress,
    drift_ranges,
    drifts,
    edges,
)
from sheets_schema.tab import Grid, Part, column_letter, find_columns, tab
from sheets_schema.views import view_requests
from sheets_schema.wire import LONGEST, Json, Reading, TabCells, a1, grid

GOOGLE_DRIVE_API = "https://www.googleapis.com"
SCOPES = (
    "https://www.googleapis.com/auth/spreadsheets",
    "https://www.googleapis.com/auth/drive.metadata.readonly",  # only for the file's version
)
MOST_RANGES = 100  # in one call; they are part of its address, whose length is limited
TAIL = 200  # rows above and below the last known end of a tab, where the next read looks for it
TIMEOUT = (5, 30)  # seconds to connect, and to wait for an answer
# Bytes of an answer. A workbook of the usual size takes a tenth; somebody may fill its cells.
MOST_BYTES = 32_000_000
COMMIT_FIELDS = "updatedSpreadsheet.sheets.data.rowData.values.effectiveValue"
_READ_FIELDS = (
    "namedRanges(namedRangeId,name,range(sheetId,startRowIndex)),"
    "sheets(properties(sheetId,title,gridProperties.rowCount),merges,data(startRow,startColumn,rowData.values.effectiveValue))"
)


@dataclass(frozen=True)
class _End:
    """Where the rows of a tab ended, 0-based, when it was read.

    `header` holds the texts of its header, and `size` is the number of rows of its grid.
    """

    header: Sequence[str]
    end: int
    size: int

    @property
    def window(self) -> tuple[int, int]:
        """The 0-based rows among which the next read looks for the end; the last is outside."""
        return max(1, self.end - TAIL), min(self.size, self.end + TAIL)


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
        self._ends: dict[str, _End] = {}  # by tab, as the last read saw them
        self._sizes: dict[str, int] = {}  # rows of each tab's grid
        self._head = OURS  # of Demandes, as the last read saw it
        self._drive_is_closed = False
        self._drive = GOOGLE_DRIVE_API if api == GOOGLE_SHEETS_API else api

    @property
    def identity(self) -> str:
        """The address of the service account that reads and writes; "" if it is a person's."""
        address = getattr(self._http.auth, "service_account_email", "")
        return address if "@" in address else ""

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
        dresses = [request for change in commit.tabs for request in self._dress(change)]
        answer = self.batch_update(
            [*encode(commit), *dresses],
            response_ranges=[a1(tab("system").title)],
            fields=COMMIT_FIELDS,
        )
        return self._copies_in_our_words(grid(answer["updatedSpreadsheet"]["sheets"][0]))

    def _copies_in_our_words(self, system: list[list[Cell]]) -> list[list[Cell]]:
        """The cells of the system tab, with the copy of an adopted header in our words."""
        if len(system) > FIRST_COPY:
            system[FIRST_COPY] = self._head.in_our_words(system[FIRST_COPY])
        return system

    def replace(self, seen: Reading, replacements: Sequence[Replacement]) -> None:
        """See `port.Workbook`."""
        if not replacements:
            return
        try:
            self.batch_update(encode_replacements(seen, replacements))
        except WorkbookRefusedError:
            # Somebody may have deleted a tab, and its tokens with it.
            there = {item.sheet_id for item in self.read_titles()} | {None}
            left = [item for item in replacements if item.sheet_id in there]
            if len(left) == len(replacements):
                raise
            self.replace(seen, left)

    def read_titles(self) -> list[TabTitle]:
        """See `port.Workbook`. This is one read of no cell."""
        answer = self.get([], "sheets.properties(sheetId,title,index)")
        return [
            TabTitle(properties["sheetId"], properties["title"], properties.get("index", place))
            for place, properties in enumerate(sheet["properties"] for sheet in answer["sheets"])
        ]

    def _dress(self, change: TabChange) -> list[Json]:
        """What a tab lacks to be one of ours, as batch requests; one read if it is asked for."""
        if not change.dress:
            return []
        metadata = self.metadata()
        titles = {
            sheet["properties"]["sheetId"]: sheet["properties"]["title"]
            for sheet in metadata["sheets"]
        }
        title = titles.get(change.sheet_id)
        if title is None:
            raise WorkbookRefusedError(f"L'onglet « {change.before} » n'existe plus.")
        state = self.get(edges(metadata, title), STATE_FIELDS)
        try:
            return dress(metadata, state, title, change.dress)
        except HeaderError as error:
            raise WorkbookRefusedError(str(error)) from error

    def keep_views(self, wanted: Sequence[Json]) -> int:
        """See `port.Workbook`. This is one read, and one write if something has to change."""
        answer = self.get([], "sheets(properties(title,gridProperties),filterViews)")
        title = tab("requests").title.casefold()
        sheets = {sheet["properties"]["title"].casefold(): sheet for sheet in answer["sheets"]}
        if title not in sheets:
            raise missing_tabs(["requests"])
        properties = sheets[title]["properties"]["gridProperties"]
        size = properties["rowCount"], properties["columnCount"]
        requests = view_requests(sheets[title].get("filterViews", []), wanted, size)
        if requests:
            self.batch_update(requests)
        return len(requests)

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
        try:
            answer = self.drive("get", f"/{self.id}", fields="version")
        except (WorkbookBusyError, WorkbookUnsureError):
            return ""
        except WorkbookError:
            self._drive_is_closed = True
            log("WARNING", "Drive does not tell the file's version: every sweep reads the sheet")
            return ""
        return str(answer.get("version", ""))

    def drifts(self) -> Sequence[Drift]:
        """See `port.Workbook`. These are two reads, of a few rows of each tab."""
        metadata = self.metadata()
        head = self.head(metadata.get("namedRanges", []))
        ranges = drift_ranges(metadata, head)
        return drifts(metadata, self.get(ranges, DRIFT_FIELDS), head) if ranges else []

    def drive(self, method: str, path: str, body: Json | None = None, **parameters: object) -> Json:
        """Call Drive about files; `path` is what follows `/files`."""
        url = f"{self._drive}/drive/v3/files{path}"
        params: Any = {"supportsAllDrives": True, **parameters}

        def call() -> Any:  # noqa: ANN401  (a JSON value)
            answer = self._http.request(method, url, params=params, json=body)
            return answer.json() if answer.content else {}

        answered: Json = _call(call)
        return answered

    def beside(self, spreadsheet_id: str) -> "GoogleWorkbook":
        """Another spreadsheet, by way of the same API with the same identity."""
        return GoogleWorkbook(self._http, spreadsheet_id)

    def permissions(self) -> Sequence[Json] | None:
        """See `port.Workbook`.

        The scope `drive.metadata.readonly` is enough, but Drive shows them only to those who may
        share the file.
        """
        where = f"/{self.id}/permissions"
        fields = "nextPageToken,permissions(type,role,emailAddress,domain,deleted)"
        permissions: list[Json] = []
        token: dict[str, Any] = {}
        while True:
            try:
                answer = self.drive("get", where, fields=fields, pageSize=100, **token)
            except (WorkbookBusyError, WorkbookUnsureError):
                raise
            except WorkbookError:
                return None
            permissions += answer["permissions"]
            if "nextPageToken" not in answer:
                return permissions
            token = {"pageToken": answer["nextPageToken"]}

    def read(self, parts: Mapping[str, Part]) -> Reading:
        """See `port.Workbook`. This is one call, or two if only some columns of a tab are wanted.

        The first call shows where these columns stand. The second call reads their values alone,
        which are a tenth of the size of cells with their properties. If the columns have moved in
        between, their values are read once more.

        The end of a tab is looked for near the end that the last read saw, in the same call. If it
        is not there, the columns that mark a row are read, too.

        If the answer is too long, whole tabs are read once more without the columns that people
        added.

        Raises:
            MissingTabsError: tabs do not exist; the sentence names them.
            WorkbookTooBigError: our own columns are too long as well.
        """
        try:
            return self._read(parts)
        except WorkbookTooBigError:
            # Of Demandes and Système whoever asks for all of it needs all of it.
            whole = [key for key, part in parts.items() if part == "all" and key not in _WHOLE]
            own = {key: tuple(column.key for column in tab(key).columns) for key in whole}
            if not own:
                raise
            return self._read({**parts, **own})

    def _read(self, parts: Mapping[str, Part]) -> Reading:
        columns = {key: part for key, part in parts.items() if isinstance(part, tuple)}
        reading = self._read_tabs({**parts, **dict.fromkeys(columns, "header")})
        for key, part in parts.items():
            if part == "end" and not self._is_end_seen(reading, key):
                columns[key] = tab(key).marks
        if columns:
            added = self._add_columns(reading, columns) or self._again(reading, columns)
            if added is None:
                titles = ", ".join(f"« {tab(key).title} »" for key in columns)
                raise WorkbookBusyError(f"Des colonnes bougent : {titles}.")
            reading = added
        tabs = {key: self._known(reading, key, part) for key, part in parts.items()}
        return Reading(reading.named_ranges, tabs)

    def _is_end_seen(self, reading: Reading, key: str) -> bool:
        """Whether the rows that were read of a tab show where its rows end."""
        before = self._ends.get(key)
        if before is None or _texts(reading.header(key)) != before.header:
            return False
        first, last = before.window
        return (first == 1 or reading.end(key) > first) and (
            last >= self._sizes[key] or reading.end(key) < last
        )

    def _known(self, reading: Reading, key: str, part: Part) -> TabCells:
        """What was read of a tab: its header and its end alone, if no more was asked for."""
        cells = reading.tabs[key]
        if part != "end":
            return cells
        end = reading.end(key)
        self._ends[key] = _End(_texts(reading.header(key)), end, self._sizes[key])
        return TabCells(cells.sheet_id, cells.rows[:1], end, cells.head)

    def _again(self, reading: Reading, columns: Mapping[str, Sequence[str]]) -> Reading | None:
        """Read some columns once more, from where they stand by now."""
        headers = self._read_tabs(dict.fromkeys(columns, "header"))
        tabs = {**reading.tabs, **headers.tabs}
        return self._add_columns(replace(reading, tabs=tabs), columns)

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
        head = seen.tabs[key].head
        asked = [a1(tab(key).title, cells) for cells in (_rows_at(head.row), *ranges)]
        header, *blocks = self.values(asked, "ROWS")
        if _texts(head.in_our_words(header[0] if header else [])) != _texts(seen.header(key)):
            return {}
        return {
            row: line
            for (first, last), lines in zip(runs, blocks, strict=True)
            for row, line in zip(range(first, last + 1), lines, strict=False)
        }

    def _read_tabs(self, parts: Mapping[str, Part]) -> Reading:
        # Google finds a tab by its title in any capitals, and returns the title as people wrote it.
        keys = {tab(key).title.casefold(): key for key in parts}
        ranges = [cells for key, part in parts.items() for cells in self._ranges(key, part)]
        try:
            answer = self.get(ranges, _READ_FIELDS)
        except WorkbookRefusedError as error:
            if missing := self._missing_tabs(parts):
                raise missing from error
            if not self._ends:
                raise
            self._ends = {}  # so many rows were deleted that the tail lies beyond the grid
            return self._read_tabs(parts)
        if self._is_header_elsewhere(answer.get("namedRanges", [])):
            return self._read_tabs(parts)
        tabs: dict[str, TabCells] = {}
        for sheet in answer["sheets"]:
            properties = sheet["properties"]
            key = keys[properties["title"].casefold()]
            head, cells = self._head_of(key), grid(sheet)
            cells = self._copies_in_our_words(cells) if key == "system" else head.in_place(cells)
            tabs[key] = TabCells(properties["sheetId"], cells, head=head)
            self._sizes[key] = properties["gridProperties"]["rowCount"]
        return Reading(
            {named["name"]: named["namedRangeId"] for named in answer.get("namedRanges", [])}, tabs
        )

    def _head_of(self, key: str) -> Header:
        return self._head if key == ADOPTED else OURS

    def _is_header_elsewhere(self, named_ranges: Sequence[Json]) -> bool:
        """Whether the header of Demandes is not where, or not in the words, that we took it for.

        Then its words are read, and what was read of Demandes has to be read again.

        Raises:
            WorkbookError: what the system tab says of them cannot be read.
        """
        head = self.head(named_ranges)
        moved, self._head = head != self._head, head
        if moved:
            self._ends.pop(ADOPTED, None)
        return moved

    def head(self, named_ranges: Sequence[Json]) -> Header:
        """Where the header of Demandes stands, and its words; one read if the words are new.

        Args:
            named_ranges: those of the spreadsheet.

        Raises:
            WorkbookError: what the system tab says of them cannot be read.
        """
        marker = find_marker(named_ranges)
        if marker is None:
            return OURS
        adoption = self._head.adoption
        if adoption is None or adoption.range_name != marker.name:
            adoption = self._adoption()
        return Header(marker.row, adoption)

    def _adoption(self) -> Adoption | None:
        try:
            (system,) = self.values([a1(tab("system").title, "1:2")], "ROWS")
        except WorkbookRefusedError as error:
            raise self._missing_tabs(["system"]) or error from error
        try:
            return read_adoption(system)
        except HeaderError as error:
            raise WorkbookError(str(error)) from error

    def _ranges(self, key: str, part: Part) -> list[str]:
        title, top = tab(key).title, self._head_of(key).row
        if part == "all":
            return [a1(title)]
        before = self._ends.get(key) if part == "end" else None
        if before is None:
            return [a1(title, _rows_at(top))]
        positions, _, _ = find_columns(tab(key), before.header)
        letters = [column_letter(positions[mark]) for mark in tab(key).marks if mark in positions]
        first, last = before.window
        if first >= last:
            return [a1(title, _rows_at(top))]
        windows = [a1(title, f"{letter}{first + 1}:{letter}{last}") for letter in letters]
        return [a1(title, _rows_at(top)), *windows]

    def _add_columns(
        self, reading: Reading, columns: Mapping[str, Sequence[str]]
    ) -> Reading | None:
        """A reading with the cells of some columns of tabs as well, which is one call.

        A column that is gone is left out; whoever needs it will report it. None if the columns do
        not stand any more where the headers of the reading say.
        """
        runs: dict[str, list[tuple[int, int]]] = {}
        asked: list[str] = []
        for key, names in columns.items():
            positions, _, _ = find_columns(tab(key), reading.header(key))
            runs[key] = list(_runs(sorted(positions[name] for name in names if name in positions)))
            letters = [f"{column_letter(first)}:{column_letter(last)}" for first, last in runs[key]]
            top = _rows_at(reading.tabs[key].head.row)
            asked += [a1(tab(key).title, cells) for cells in (top, *letters)]
        try:
            answer = iter(self.values(asked, "COLUMNS"))
        except WorkbookRefusedError:  # a grid became smaller, and a range lies beyond it
            return None
        tabs = dict(reading.tabs)
        for key in columns:
            header = [column[0] if column else None for column in next(answer)]
            blocks = [next(answer) for _ in runs[key]]
            seen = tabs[key]
            if _texts(seen.head.in_our_words(header)) != _texts(reading.header(key)):
                return None
            tabs[key] = replace(
                seen, rows=seen.rows[:1], columns=_below(seen.head.row, runs[key], blocks)
            )
        return replace(reading, tabs=tabs)

    def values(self, ranges: Sequence[str], dimension: str) -> list[list[list[Cell]]]:
        """Some ranges, each as a list of rows or columns; a blank cell is None or left out."""
        params: Any = {
            "majorDimension": dimension,
            "valueRenderOption": "UNFORMATTED_VALUE",
            "dateTimeRenderOption": "SERIAL_NUMBER",
            "fields": "valueRanges.values",
        }
        answer = _call(lambda: self._http.values_batch_get(self.id, list(ranges), params))
        return [
            [
                [(cell[:LONGEST] or None) if type(cell) is str else cell for cell in line]
                for line in block.get("values", [])
            ]
            for block in answer["valueRanges"]
        ]

    def _missing_tabs(self, keys: Iterable[str]) -> MissingTabsError | None:
        there = {sheet["properties"]["title"].casefold() for sheet in self.metadata()["sheets"]}
        missing = [key for key in keys if tab(key).title.casefold() not in there]
        return missing_tabs(missing) if missing else None


def _rows_at(row: int) -> str:
    """A row in A1 notation, by its 0-based index."""
    return f"{row + 1}:{row + 1}"


def _texts(header: Sequence[Cell]) -> list[str]:
    texts = [as_text(cell) for cell in header]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _below(
    row: int, runs: Iterable[tuple[int, int]], blocks: Iterable[Sequence[list[Cell]]]
) -> dict[int, list[Cell]]:
    """The cells below a header by column; each run says which columns its block holds.

    Args:
        row: the 0-based index of the header. What stands above it counts as blank.
        runs: the first and the last of consecutive columns.
        blocks: their cells from row 1 on, up to the last one that is not blank.
    """
    columns = {
        place: [*[None] * row, *column[row + 1 :]]
        for (first, last), block in zip(runs, blocks, strict=True)
        for place, column in zip(range(first, last + 1), block, strict=False)
    }
    longest = max(map(len, columns.values()), default=0)
    return {place: [*cells, *[None] * (longest - len(cells))] for place, cells in columns.items()}


def _runs(places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of each run of consecutive numbers."""
    for _, group in groupby(enumerate(places), lambda item: item[1] - item[0]):
        run = [place for _, place in group]
        yield run[0], run[-1]


def open_workbook(
    spreadsheet_id: str,
    api: str = GOOGLE_SHEETS_API,
    *,
    scopes: Sequence[str] = SCOPES,
    key_file: str = "",
) -> GoogleWorkbook:
    """Open a spreadsheet with the Google identity of this machine, or with that of a key file.

    An `api` that is not Google's, such as the local one, never gets credentials.

    Raises:
        WorkbookError: this machine has no Google identity, or the file holds no key.
    """
    credentials: Any = AnonymousCredentials()  # type: ignore[no-untyped-call]
    if api == GOOGLE_SHEETS_API:
        credentials = _from_key(key_file, scopes) if key_file else _of_machine(scopes)
    http = _HttpClient(credentials)
    for scheme in ("https://", "http://"):
        http.session.mount(scheme, _Bounded())
    http.api = api
    http.set_timeout(TIMEOUT)
    return GoogleWorkbook(http, spreadsheet_id)


def _of_machine(scopes: Sequence[str]) -> Any:  # noqa: ANN401  (of several types)
    try:
        credentials, _ = google.auth.default(scopes=scopes)
    except GoogleAuthError as error:
        raise WorkbookError(
            "Aucune identité Google sur cette machine : lancez « gcloud auth "
            "application-default login », ou donnez un compte de service à la fonction."
        ) from error
    return credentials


def _from_key(key_file: str, scopes: Sequence[str]) -> Any:  # noqa: ANN401
    try:
        return service_account.Credentials.from_service_account_file(  # type: ignore[no-untyped-call]
            key_file, scopes=scopes
        )
    except (OSError, ValueError) as error:
        raise WorkbookError(
            "Le fichier donné n'est pas la clé (JSON) d'un compte de service."
        ) from error


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


_WHOLE = ("requests", "system")
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
