"""Small hand-written doubles and helpers that several tests use."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from itertools import count

import requests
from flask import Response

from functions.intake.handler import Intake
from functions.shared.errors import MailRefusedError
from functions.shared.journal.store import Journal, open_journal
from functions.shared.mail.mailer import Mailer
from functions.shared.web import Call
from infra.emulator.methods import Call as SheetsCall
from infra.emulator.store import Store
from infra.local.access import LOCAL_INTAKE, LOCAL_KEY
from sheets_schema.tab import column_letter

ANA = {
    "first_name": "Ana",
    "last_name": "Martin",
    "email": "ana.martin@example.org",
    "projects": [{"type": "employment"}],
    "target": {"communes": ["46102"]},
}
# A request as a partner types it into a row of Demandes.
TYPED = {
    "Nom": "Durand",
    "Prénom": "Léo",
    "Projet principal": "Trouver un emploi",
    "Territoire visé": "Figeac",
    "Téléphone": "06 12 34 56 78",
}

# Callers with an API key prove nothing else.
API_KEY = {"x-api-key": LOCAL_KEY}
JSON = {"content-type": "application/json"} | API_KEY


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self, text: str = "2026-11-23T09:00:00+00:00") -> None:
        self.now = datetime.fromisoformat(text).astimezone(UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **step: float) -> None:
        self.now += timedelta(**step)


def counter(prefix: str) -> Iterator[str]:
    """prefix1, prefix2, … for what is random in real life."""
    return (f"{prefix}{number}" for number in count(1))


def submit(journal: Journal, key: str | None = None, **fields: object) -> str:
    """Record an arrival request through the real intake; gives its reference."""
    headers = JSON | ({"idempotency-key": key} if key else {})
    body = json.dumps(ANA | fields).encode()
    answer = Intake(journal, LOCAL_INTAKE)(Call("POST", headers, {}, body))
    assert answer.status == 202, answer.body
    return str(json.loads(answer.body)["reference"])


CarryOut = Callable[[], Response]


class Crash(BaseException):
    """The process is killed here: nothing may catch it."""


class Mortal:
    """Stands before an adapter; its `life`-th effect, counted with others', is the last.

    With `after`, the effect still happens and only what comes next does not.
    """

    effects = ("create", "delete", "commit", "replace", "send")

    def __init__(self, part: object, life: list[int], *, after: bool = False) -> None:
        self._part, self._life, self._after = part, life, after

    def session(self) -> AbstractContextManager["Mortal"]:
        """Of a mailer: what is sent in a session counts as well."""
        return nullcontext(self)

    def __getattr__(self, name: str) -> object:
        method = getattr(self._part, name)
        if name not in self.effects:
            return method

        def act(*args: object, **kwargs: object) -> object:
            self._life[0] -= 1
            if self._life[0] == 0 and not self._after:
                raise Crash
            result = method(*args, **kwargs)
            if self._life[0] == 0:
                raise Crash
            return result

        return act


def killed_anywhere(
    prepare: Callable[[Journal], object], act: Callable[[Journal], object]
) -> Iterator[Journal]:
    """Do something to a journal, killed before each of its effects in turn; then whole.

    Each journal is given as the kill left it, with what `prepare` put there first. An act that has
    several threads has to be given one.
    """
    for effect in count(1):
        journal = open_journal("memory:///")
        prepare(journal)
        try:
            act(Mortal(journal, [effect]))
        except Crash:
            yield journal
        else:
            yield journal
            return


class Postman(Mailer):
    """A mailer that remembers, and fails as it is told: None lets a message pass.

    `refused` are the addresses that it refuses for good.
    """

    def __init__(self) -> None:
        self.sent: list[EmailMessage] = []
        self.failures: list[Exception | None] = []
        self.refused: set[str] = set()

    def send(self, message: EmailMessage) -> None:
        if self.failures and (failure := self.failures.pop(0)):
            raise failure
        if message["To"] in self.refused:
            raise MailRefusedError("refusé")
        self.sent.append(message)

    @property
    def addressees(self) -> list[str]:
        return [message["To"] for message in self.sent]


class Gate:
    """Stands before the local Sheets API: counts calls, and does to the next ones what it is told.

    `writes` and `reads` are queues of actions `(call, carry_out) -> Response`; each takes one
    call. Without one, calls pass.
    """

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.writes: list[Callable[[SheetsCall, CarryOut], Response]] = []
        self.reads: list[Callable[[SheetsCall, CarryOut], Response]] = []

    def __call__(self, call: SheetsCall, carry_out: CarryOut) -> Response:
        self.calls["write" if call.write else "read"] += 1
        queue = self.writes if call.write else self.reads
        return queue.pop(0)(call, carry_out) if queue else carry_out()


def no_answer(_: SheetsCall, carry_out: CarryOut) -> Response:
    """The call is carried out, and its answer lost."""
    carry_out()
    return Response("upstream request timeout", 504)


def broken(_: SheetsCall, __: CarryOut) -> Response:
    """The call is not carried out, and nobody can tell."""
    return Response("<html>Service unavailable</html>", 503)


@dataclass
class Classeur:
    """The spreadsheet as people see and edit it, straight through the API."""

    store: Store
    url: str
    gate: Gate
    api: str = field(init=False)

    def __post_init__(self) -> None:
        self.api = f"{self.url}/v4/spreadsheets/demo"

    def cell(self, cell: str) -> dict:
        """One cell's CellData."""
        self.gate.calls["read"] -= 1
        params = {"ranges": cell, "fields": "sheets.data.rowData.values"}
        answer = requests.get(self.api, params=params, timeout=10).json()
        content: dict = answer["sheets"][0]["data"][0]["rowData"][0]["values"][0]
        return content

    def values(self, cells: str) -> list[list[str]]:
        """Cells as people see them."""
        self.gate.calls["read"] -= 1
        answer = requests.get(f"{self.api}/values/{cells}", timeout=10).json()
        return answer.get("values", [])

    def rows(self, tab: str = "Demandes") -> list[dict[str, str]]:
        """The rows of a tab by header; blank cells are left out."""
        header, *lines = self.values(tab) or [[]]
        return [
            {title: cell for title, cell in zip(header, line, strict=False) if cell}
            for line in lines
        ]

    def column(self, title: str, tab: str = "Demandes") -> int:
        """Where a column stands, 0-based, by its header."""
        return self.values(f"{tab}!1:1")[0].index(title)

    def at(self, title: str, row: int, tab: str = "Demandes") -> str:
        """The cell of a column in a row, as people count rows, in A1 notation."""
        return f"{tab}!{column_letter(self.column(title, tab))}{row}"

    def sheet_id(self, tab: str) -> int:
        return next(s.id for s in self.store.file("demo").book.sheets if s.title == tab)

    def type(self, cell: str, text: str) -> None:
        """Type into a cell, as a person does."""
        self.gate.calls["write"] -= 1
        answer = requests.put(
            f"{self.api}/values/{cell}",
            params={"valueInputOption": "USER_ENTERED"},
            json={"values": [[text]]},
            timeout=10,
        )
        assert answer.ok, answer.text

    def type_row(self, row: int, cells: dict[str, str], tab: str = "Demandes") -> None:
        """Type into cells of a row, by header."""
        for title, text in cells.items():
            self.type(self.at(title, row, tab), text)

    def span(self, *titles: str, tab: str = "Demandes") -> dict:
        """The columns from the first to the last of these headers, for a batch request."""
        first, last = self.column(titles[0], tab), self.column(titles[-1], tab)
        where = {"sheetId": self.sheet_id(tab), "dimension": "COLUMNS"}
        return where | {"startIndex": first, "endIndex": last + 1}

    def do(self, *batch: dict) -> None:
        """Do something that the API does not count as the functions' own call."""
        self.gate.calls["write"] -= 1
        answer = requests.post(f"{self.api}:batchUpdate", json={"requests": batch}, timeout=10)
        assert answer.ok, answer.text

    def delete_row(self, tab: str, row: int) -> None:
        """Delete a row by its number in the sheet."""
        where = {"sheetId": self.sheet_id(tab), "dimension": "ROWS"}
        self.do({"deleteDimension": {"range": where | {"startIndex": row - 1, "endIndex": row}}})
