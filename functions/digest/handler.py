"""digest: reads the sheet once, and mails each coordinator their week, once."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal
from urllib.parse import urlsplit

from functions.digest.render import Links, render
from functions.digest.report import (
    REQUEST_COLUMNS,
    TO_CHECK_COLUMNS,
    Coordinator,
    Line,
    Week,
    last_week,
    parse_week,
    report,
)
from functions.shared.errors import CellError, MailError, MailUnsureError
from functions.shared.journal import Journal
from functions.shared.letter import Mail, message
from functions.shared.log import log
from functions.shared.mailer import Mailer
from functions.shared.web import Answer, Call, json_answer, only_post, problem
from functions.shared.workbook import Workbook
from sheets_schema.columns import Cell
from sheets_schema.tab import Part, read_loosely, read_table, tab
from sheets_schema.territory import Target, Territories, territories
from sheets_schema.wire import Reading

PARTS: dict[str, Part] = {"requests": "all", "to_check": "all", "coordination": "all"}
GOOGLE_SHEETS: Final = "docs.google.com"
Outcome = Literal["sent", "already_sent", "failed", "unsure"]


@dataclass(frozen=True)
class Digest:
    """The function. `sheet_url` is where people open the spreadsheet, {id} standing for its id."""

    journal: Journal
    workbook: Workbook
    mailer: Mailer
    sender: str
    sheet_url: str
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    official: Territories = field(default_factory=territories)

    def __call__(self, call: Call) -> Answer:
        """POST mails the digest of the week that ended, or of `{"week": "2026-W48"}`.

        200 counts what became of each mail; 502 the same, when one was certainly not sent and a
        later call will try it again.

        Raises:
            AccueilError: journal or spreadsheet cannot be read; nothing was sent.
        """
        if refusal := only_post(call):
            return refusal
        try:
            week = _asked_week(call.body) or last_week(self.clock())
        except ValueError:
            return problem(400, 'Attendu : rien, ou {"week": "2026-W48"}, une semaine ISO.')
        outcomes: Counter[Outcome] = Counter(self._send_all(week))
        status = 502 if outcomes["failed"] else 200
        return json_answer(status, {"week": week.name} | outcomes)

    def _send_all(self, week: Week) -> Iterator[Outcome]:
        reading = self.workbook.read(PARTS)
        requests = read_loosely(tab("requests"), reading.tabs["requests"].grid, REQUEST_COLUMNS)
        to_check = read_loosely(tab("to_check"), reading.tabs["to_check"].grid, TO_CHECK_COLUMNS)
        links = self._links(reading)
        now = self.clock()
        for person in self._coordinators(reading.tabs["coordination"].grid):
            made = report(week, now, requests, to_check, person.scope, self.official)
            outcome = self._send_once(week, person, render(made, person.name, links))
            log(
                "INFO" if outcome in ("sent", "already_sent") else "ERROR",
                "digest",
                week=week.name,
                row=person.row,
                outcome=outcome,
            )
            yield outcome

    def _coordinators(self, grid: list[list[Cell]]) -> Iterator[Coordinator]:
        seen = set()
        for row in read_table(tab("coordination"), grid).rows:
            email = row.values["email"]
            if row.values["weekly_mail"] and email.casefold() not in seen:
                seen.add(email.casefold())
                try:
                    scope = self.official.parse(row.values["scope"] or "")
                except CellError:
                    scope = Target()  # rather too much than nothing
                yield Coordinator(row.number, row.values["name"], email, scope)

    def _send_once(self, week: Week, person: Coordinator, mail: Mail) -> Outcome:
        """Send a digest unless this recipient got this week's.

        Two marks in the journal: `claim` before the mail leaves, `sent` after. A claim alone is a
        mail that may have left, or is just leaving: it is not sent again.
        """
        who = hashlib.sha256(person.email.casefold().encode()).hexdigest()[:32]
        name = f"digest-{week.name}-{who}"
        claim, sent = f"mail/{name}.claim", f"mail/{name}.sent"
        mark = json.dumps({"at": self.clock().isoformat(timespec="seconds")}).encode()
        if not self.journal.create(claim, mark):
            return "unsure" if self.journal.read(sent) is None else "already_sent"
        try:
            self.mailer.send(message(mail, self.sender, person.email, name, self.clock()))
        except MailError:
            self.journal.delete(claim)
            return "failed"
        except MailUnsureError:
            return "unsure"
        self.journal.create(sent, mark)
        return "sent"

    def _links(self, reading: Reading) -> Links:
        book = self.sheet_url.replace("{id}", self.workbook.id)

        def row_of(key: str, line: Line) -> str:
            return f"{book}#gid={reading.tabs[key].sheet_id}&range=A{line.row}"

        def request(line: Line) -> str:
            # Google knows rows only; our own page finds the request.
            found = lasting and line.reference
            return row_of("requests", line) + (f"&demande={line.reference}" if found else "")

        lasting = urlsplit(book).hostname != GOOGLE_SHEETS
        return Links(request, lambda line: row_of("to_check", line), book, lasting)


def _asked_week(body: bytes) -> Week | None:
    """The week a call names, None where it names none.

    Raises:
        ValueError: the body is something else.
    """
    if not body.strip():
        return None
    try:
        asked = json.loads(body)
    except RecursionError as error:
        raise ValueError("too deep") from error
    if asked == {}:
        return None
    if not isinstance(asked, dict) or list(asked) != ["week"] or not isinstance(asked["week"], str):
        raise ValueError("not a week")
    return parse_week(asked["week"])
