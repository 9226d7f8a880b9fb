"""One request marked as a test, followed from the form to its row, which is then deleted.

Nobody may lose a row by it: people sort while it looks. So one batch copies the row to a tab of its
own and deletes it; if the copy turns out to be somebody else's row, it is put back whole.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import requests

from functions.shared.errors import AccueilError
from functions.shared.sheets.google import GoogleWorkbook
from sheets_schema.columns import as_text
from sheets_schema.schema import TEST_SOURCE
from sheets_schema.tab import find_columns, tab
from sheets_schema.wire import Json, Reading

PATIENCE = timedelta(minutes=6)  # a lost notification is made up for by a sweep every five minutes
_BETWEEN = 2.0  # seconds between two looks
_TRIES = 5  # to delete the row while people sort
REQUEST: Json = {
    "first_name": "Essai",
    "last_name": "Déploiement",
    "phone": "05 36 49 00 00",  # kept for works of fiction (Arcep, plan de numérotation)
    "projects": [{"type": "employment"}],
    "target": {"unknown": True},
    "source": TEST_SOURCE,
}


class SmokeError(AccueilError):
    """The request did not get to its row; the sentence says where it stopped."""


@dataclass(frozen=True)
class Smoke:
    """Sends and follows the request.

    `send` sends it and returns its reference. `clock` gives the time, `sleep` waits for some
    seconds, and `say` shows a line.
    """

    send: Callable[[], str]
    workbook: GoogleWorkbook
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    say: Callable[[str], None]

    def __call__(self) -> None:
        """Send it, wait for its row, delete the row.

        Raises:
            SmokeError: one of these failed.
            WorkbookError: the spreadsheet does not answer.
        """
        sent = self.clock()
        reference = self.send()
        self.say(f"{reference} : reçue par le formulaire.")
        self._wait(reference)
        self.say(f"{reference} : écrite dans le classeur après {self._since(sent)} s.")
        self._delete(reference)
        self.say(f"{reference} : sa ligne est supprimée.")

    def _since(self, then: datetime) -> int:
        return round((self.clock() - then).total_seconds())

    def _wait(self, reference: str) -> None:
        until = self.clock() + PATIENCE
        while self._row(reference)[1] is None:
            if self.clock() >= until:
                raise SmokeError(
                    f"{reference} n'est pas dans le classeur après {PATIENCE.seconds // 60} "
                    "minutes : « accueil journal » dit si elle attend, et le journal de route "
                    "pourquoi."
                )
            self.sleep(_BETWEEN)

    def _row(self, reference: str) -> tuple[Reading, int | None]:
        """What was read of Demandes, and the 0-based index of the request's row, None if none."""
        reading = self.workbook.read({"requests": "all"})
        places, _, _ = find_columns(tab("requests"), reading.header("requests"))
        column = places["reference"]
        for index, row in enumerate(reading.tabs["requests"].grid):
            if column < len(row) and as_text(row[column]) == reference:
                return reading, index
        return reading, None

    def _delete(self, reference: str) -> None:
        for _ in range(_TRIES):
            reading, index = self._row(reference)
            if index is None:
                return
            if self._delete_row(reading, index, reference):
                return
        raise SmokeError(f"La ligne de {reference} bouge sans cesse : supprimez-la vous-même.")

    def _delete_row(self, reading: Reading, index: int, reference: str) -> bool:
        """Delete a row if it is the request's; otherwise leave everything as it was."""
        sheet = reading.tabs["requests"].sheet_id
        aside = secrets.randbelow(2**30) + 2**30
        title = f"Essai {aside}"
        width = self._width(sheet)
        self.workbook.batch_update(_move_aside(sheet, index, aside, title, width))
        answer = self.workbook.get([f"'{title}'!1:1"], "sheets(data.rowData.values.effectiveValue)")
        if reference in str(answer):
            self.workbook.batch_update([{"deleteSheet": {"sheetId": aside}}])
            return True
        self.workbook.batch_update(_put_back(sheet, index, aside, width))
        return False

    def _width(self, sheet: int) -> int:
        """How many columns a tab has, with those that partners added."""
        tabs = (entry["properties"] for entry in self.workbook.metadata()["sheets"])
        requests_tab = next(properties for properties in tabs if properties["sheetId"] == sheet)
        return int(requests_tab["gridProperties"]["columnCount"])


def send(url: str, key: str) -> str:
    """Send the request to a form; returns its reference.

    Raises:
        SmokeError: the form does not answer, or refuses it.
    """
    headers = {"X-API-Key": key, "Idempotency-Key": f'"{secrets.token_hex(16)}"'}
    try:
        answer = requests.post(url, json=REQUEST, headers=headers, timeout=30)
        content = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise SmokeError(f"Le formulaire {url} ne répond pas ({type(error).__name__}).") from error
    if answer.status_code != requests.codes.accepted:
        raise SmokeError(
            f"Le formulaire {url} a répondu {answer.status_code} : {content.get('title', '')}"
        )
    return str(content["reference"])


def _move_aside(sheet: int, index: int, aside: int, title: str, width: int) -> list[Json]:
    size = {"rowCount": 1, "columnCount": width}
    properties = {"sheetId": aside, "title": title, "hidden": True, "gridProperties": size}
    return [
        {"addSheet": {"properties": properties}},
        _copy(_line(sheet, index, width), _line(aside, 0, width)),
        {"deleteDimension": {"range": _rows(sheet, index)}},
    ]


def _put_back(sheet: int, index: int, aside: int, width: int) -> list[Json]:
    return [
        {"insertDimension": {"range": _rows(sheet, index), "inheritFromBefore": False}},
        _copy(_line(aside, 0, width), _line(sheet, index, width)),
        {"deleteSheet": {"sheetId": aside}},
    ]


def _rows(sheet: int, index: int) -> Json:
    return {"sheetId": sheet, "dimension": "ROWS", "startIndex": index, "endIndex": index + 1}


def _line(sheet: int, index: int, width: int) -> Json:
    return {
        "sheetId": sheet,
        "startRowIndex": index,
        "endRowIndex": index + 1,
        "startColumnIndex": 0,
        "endColumnIndex": width,
    }


def _copy(source: Json, destination: Json) -> Json:
    return {
        "copyPaste": {
            "source": source,
            "destination": destination,
            "pasteType": "PASTE_NORMAL",
            "pasteOrientation": "NORMAL",
        }
    }
