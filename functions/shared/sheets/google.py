"""The shared workbook in Google Sheets, through gspread: the only module that knows it.

Two calls, `get` and `batch_update`, because a drain makes one of each. Errors say whether the
call was certainly not applied, which the write protocol turns on.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import google.auth
import gspread
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import GoogleAuthError, TransportError
from gspread.exceptions import APIError
from gspread.urls import SPREADSHEET_BATCH_UPDATE_URL
from requests import Response
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ConnectTimeout, RequestException
from urllib3.exceptions import MaxRetryError, NewConnectionError

from functions.shared.errors import (
    WorkbookBusyError,
    WorkbookError,
    WorkbookRefusedError,
    WorkbookUnsureError,
)
from functions.shared.settings import GOOGLE_SHEETS_API
from functions.shared.sheets.encode import encode, encode_replacements
from functions.shared.sheets.port import Commit, Replacement
from sheets_schema.plan import METADATA_FIELDS
from sheets_schema.tab import Grid, Part, column_letter, find_columns, tab
from sheets_schema.wire import Json, Reading, TabCells, a1, grid

SCOPE = "https://www.googleapis.com/auth/spreadsheets"
TIMEOUT = (5, 30)  # seconds to connect, and to wait for an answer
_READ_FIELDS = (
    "namedRanges(namedRangeId,name),"
    "sheets(properties(sheetId,title),data(startRow,startColumn,rowData.values.effectiveValue))"
)


class GoogleWorkbook:
    """One spreadsheet of Google's: see `port.Workbook`.

    Raises:
        WorkbookError: from every method; see its subclasses for what is known of the call.
    """

    def __init__(self, http: gspread.HTTPClient, spreadsheet_id: str) -> None:
        self._http = http
        self.id = spreadsheet_id
        self._places: dict[str, Mapping[str, int]] = {}  # where columns were last seen

    def get(self, ranges: Sequence[str], fields: str) -> Json:
        """spreadsheets.get with a field mask."""
        params: Any = {"ranges": list(ranges), "fields": fields}
        answer: Json = _call(lambda: self._http.spreadsheets_get(self.id, params))
        return answer

    def batch_update(
        self, requests: Sequence[Json], *, response_ranges: Sequence[str] = (), fields: str = ""
    ) -> Json:
        """One atomic spreadsheets.batchUpdate; with response ranges, the cells after it."""
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
        """See `port.Workbook`: one atomic call, whose answer shows the system tab."""
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

    def read(self, parts: Mapping[str, Part]) -> Reading:
        """Read parts of tabs by key, and the named ranges: one call.

        Some columns of a tab are asked for where they stood the last time, and once more if its
        header says that they have moved since.

        Raises:
            WorkbookError: one of the tabs is not there; the sentence names it.
        """
        columns = {key: part for key, part in parts.items() if isinstance(part, tuple)}
        try:
            reading = self._read(parts)
        except WorkbookRefusedError:
            if not columns:
                raise
            # A place may lie beyond a grid that became smaller: the header tells.
            self._learn(self._read(dict.fromkeys(columns, "header")), columns)
            return self._read(parts)
        return self._read(parts) if self._learn(reading, columns) else reading

    def _learn(self, reading: Reading, columns: Mapping[str, tuple[str, ...]]) -> bool:
        """Note where columns stand; whether one of those asked for was not where it was read."""
        moved = False
        for key, names in columns.items():
            cells = reading.tabs[key].grid
            found, _, _ = find_columns(tab(key), cells[0] if cells else [])
            asked = self._places_of(key)
            moved |= any(name in found and found[name] != asked.get(name) for name in names)
            self._places[key] = found
        return moved

    def _read(self, parts: Mapping[str, Part]) -> Reading:
        # A title is found whatever its capitals, and comes back as people wrote it.
        keys = {tab(key).title.casefold(): key for key in parts}
        ranges = [one for key, part in parts.items() for one in self._ranges(key, part)]
        try:
            answer = self.get(ranges, _READ_FIELDS)
        except WorkbookRefusedError as error:
            if missing := self._missing_tabs(parts):
                raise missing from error
            raise
        return Reading(
            {one["name"]: one["namedRangeId"] for one in answer.get("namedRanges", [])},
            {
                keys[sheet["properties"]["title"].casefold()]: TabCells(
                    sheet["properties"]["sheetId"], grid(sheet)
                )
                for sheet in answer["sheets"]
            },
        )

    def _ranges(self, key: str, part: Part) -> list[str]:
        title = tab(key).title
        if part == "all":
            return [a1(title)]
        if part == "header":
            return [a1(title, "1:1")]
        known = self._places_of(key)
        places = sorted(known[name] for name in part if name in known)
        letters = [(column_letter(start), column_letter(end)) for start, end in _runs(places)]
        return [a1(title, "1:1"), *(a1(title, f"{start}:{end}") for start, end in letters)]

    def _places_of(self, key: str) -> Mapping[str, int]:
        """Where a tab's columns were last seen; at first, where the schema puts them."""
        return self._places.get(key) or {
            column.key: place for place, column in enumerate(tab(key).columns)
        }

    def _missing_tabs(self, keys: Iterable[str]) -> WorkbookError | None:
        there = {sheet["properties"]["title"] for sheet in self.metadata()["sheets"]}
        missing = [f"« {tab(key).title} »" for key in keys if tab(key).title not in there]
        if not missing:
            return None
        return WorkbookError(
            f"Onglet introuvable : {', '.join(missing)}. Rendez-lui son nom, ou recréez-le avec "
            "« accueil sheet apply » ; rien n'est perdu, tout reprendra ensuite."
        )


def _runs(places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of each run of consecutive numbers."""
    for _, group in groupby(enumerate(places), lambda item: item[1] - item[0]):
        run = [place for _, place in group]
        yield run[0], run[-1]


def open_workbook(spreadsheet_id: str, api: str = GOOGLE_SHEETS_API) -> GoogleWorkbook:
    """The spreadsheet, reached with this machine's Google identity.

    Another `api` than Google's, the local one for example, is never shown credentials.

    Raises:
        WorkbookError: there is no Google identity here.
    """
    credentials: Any = AnonymousCredentials()  # type: ignore[no-untyped-call]
    if api == GOOGLE_SHEETS_API:
        try:
            credentials, _ = google.auth.default(scopes=[SCOPE])
        except GoogleAuthError as error:
            raise WorkbookError(
                "Aucune identité Google sur cette machine : lancez « gcloud auth "
                "application-default login », ou donnez un compte de service à la fonction."
            ) from error
    http = _HttpClient(credentials)
    http.api = api
    http.set_timeout(TIMEOUT)
    return GoogleWorkbook(http, spreadsheet_id)


class _HttpClient(gspread.HTTPClient):
    api = GOOGLE_SHEETS_API

    def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401
        there = endpoint.replace(GOOGLE_SHEETS_API, self.api, 1)
        return super().request(method, there, *args, **kwargs)


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
    except (RequestException, ValueError, KeyError, TypeError) as error:
        # An answer cut short is not JSON, and gspread trips over errors that are not Google's.
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
    if code == 501:  # noqa: PLR2004  (the local API's, for what it does not imitate)
        return WorkbookRefusedError(f"Google Sheets a refusé l'appel : {_message(error)}")
    if code >= 500:  # noqa: PLR2004
        return WorkbookUnsureError(f"Google Sheets est en panne ({code}).")
    return WorkbookError(f"Google Sheets a répondu {code} : {_message(error)}")


def _message(error: APIError) -> str:
    """Where in our call Google found fault; its own words may quote what a cell holds."""
    text = str(error.error.get("message", ""))
    places = re.findall(r"requests\[\d+\](?:\.\w+)?|Unable to parse range", text)
    return ", ".join(dict.fromkeys(places)) or "sans précision"
