"""The standstill: says once that the drain writes nothing any more, and once that it goes on.

The journal remembers it, so a new process neither repeats nor forgets it:

| object | what |
|---|---|
| `standstill/<time>` | since when every call fails |
| `standstill/<time>.told` | who was told |

Only calls that fail, and sweeps, look there.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from functions.shared.errors import AccueilError
from functions.shared.journal.formats import Standstill, StandstillTold, WaitingMail
from functions.shared.journal.store import Journal, legible
from functions.shared.log import log
from functions.shared.sheets.port import Workbook
from sheets_schema.tab import find_columns, read_table, tab

PATIENCE = timedelta(minutes=30)
OPERATOR = "la personne qui administre le système"
_TOLD = ".told"

# Addresses, each with the name of its person.
People = Mapping[str, str]


@dataclass(frozen=True)
class Watch:
    """Learns from calls whether the drain stands still, and puts mails about it into the outbox.

    `operator` is the address of whoever runs the system, "" if nobody is named.
    """

    journal: Journal
    workbook: Workbook
    operator: str
    clock: Callable[[], datetime]

    def failed(self, error: Exception) -> None:
        """Note that a call failed. If calls have failed for half an hour, tell people once.

        Raises:
            JournalError: the journal does not answer.
        """
        now = self.clock()
        begun, announced = self._kept()
        if not begun:
            log("WARNING", "standstill begins")
            self.journal.create(f"standstill/{now:%Y%m%dT%H%M%SZ}", Standstill(now).to_json())
            return
        since = self._since(begun[0])
        if begun[0] in announced or now - since < PATIENCE:
            return
        people = self._people()
        if people:
            log("ERROR", "standstill", since=since.isoformat())
            said = _in_words(error)
            self._tell(begun[0], "stopped", people, {"since": since.isoformat(), "what": said})
            self.journal.create(begun[0] + _TOLD, StandstillTold(now, people).to_json())

    def went_through(self) -> None:
        """Note that a sweep went through. If people were told of a standstill, tell them the end.

        Raises:
            JournalError: the journal does not answer.
        """
        begun, announced = self._kept()
        for key in begun:
            if key in announced:
                times = {"since": self._since(key), "until": self.clock()}
                data = {name: time.isoformat() for name, time in times.items()}
                self._tell(key, "resumed", self._told(key), data)
                log("INFO", "standstill ends", **data)
            self.journal.delete(key)
        for key in announced:  # it means nothing any more once the other object is gone
            self.journal.delete(key + _TOLD)

    def _kept(self) -> tuple[list[str], list[str]]:
        """The standstills that the journal knows, and those that were announced, by key."""
        keys = self.journal.keys("standstill/")
        announced = [key.removesuffix(_TOLD) for key in keys if key.endswith(_TOLD)]
        return [key for key in keys if not key.endswith(_TOLD)], announced

    def _since(self, key: str) -> datetime:
        with legible(key):
            return Standstill.from_json(self.journal.read(key) or b"").since

    def _told(self, key: str) -> People:
        with legible(key + _TOLD):
            return StandstillTold.from_json(self.journal.read(key + _TOLD) or b"").people

    def _tell(self, key: str, kind: str, people: People, data: Mapping[str, Any]) -> None:
        """Put a mail to each person into the outbox; a second time does no harm."""
        waiting = len(self.journal.keys("pending/"))
        for address, name in people.items():
            who = hashlib.sha256(address.encode()).hexdigest()[:16]
            mail = WaitingMail(kind, name, {**data, "waiting": waiting}, address=address)
            self.journal.create(f"outbox/{kind}-{_time(key)}-{who}", mail.to_json())

    def _people(self) -> People:
        """The operator, and the coordinators if their tab can be read now."""
        people = {self.operator: OPERATOR} if self.operator else {}
        try:
            reading = self.workbook.read({"coordination": "all"})
            places, _, _ = find_columns(tab("coordination"), reading.header("coordination"))
            keys = ("email", "name") if "name" in places else ("email",)
            grid = reading.tabs["coordination"].grid
            rows = read_table(tab("coordination"), grid, keys=keys).rows
        except AccueilError as error:
            log("WARNING", "coordinators cannot be told", error=type(error).__name__)
            return people
        return people | _addresses(row.values for row in rows)


def _addresses(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    people: dict[str, str] = {}
    for values in rows:
        if values["email"]:
            people.setdefault(values["email"], values.get("name") or tab("coordination").title)
    return people


def _time(key: str) -> str:
    return key.rpartition("/")[2]


def _in_words(error: Exception) -> str:
    if isinstance(error, AccueilError):
        return str(error)
    # The text of an unexpected error may hold anything.
    return f"Une erreur imprévue s'est produite ({type(error).__name__}). Prévenez {OPERATOR}."
