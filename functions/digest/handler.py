"""digest: reads the sheet once, and mails each coordinator their week, once."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from urllib.parse import quote, urlsplit

from functions.digest.render import Links, State, render
from functions.digest.report import (
    NAME_COLUMNS,
    REQUEST_COLUMNS,
    TO_CHECK_COLUMNS,
    Coordinator,
    Line,
    Tables,
    Week,
    last_week,
    parse_week,
    report,
    week_of,
)
from functions.digest.tracking import TRACKING_COLUMNS, dated, handed_on
from functions.shared.access import PEOPLE_COLUMNS, compare
from functions.shared.concerns import Concern
from functions.shared.errors import (
    AccueilError,
    CellError,
    HeaderError,
    MailError,
    MailRefusedError,
    MailUnsureError,
    WorkbookError,
)
from functions.shared.journal.store import Journal
from functions.shared.log import log
from functions.shared.mail.letter import Mail, message
from functions.shared.mail.mailer import Mailer
from functions.shared.request import read_requests
from functions.shared.sheets.faults import in_words, read_pause, read_sound
from functions.shared.sheets.port import Workbook
from functions.shared.stopping import is_stopping
from functions.shared.web import Answer, Call, json_answer, only_post, problem
from sheets_schema.columns import PARIS, Cell
from sheets_schema.tab import Part, Row, Table, find_columns, read_table, tab
from sheets_schema.territory import Target, Territories, territories
from sheets_schema.views import view_link
from sheets_schema.wire import Reading

# What a digest is made of; and the headers of the other tabs, to say what is wrong there.
PARTS: dict[str, Part] = {
    "requests": REQUEST_COLUMNS,
    "to_check": "all",
    "coordination": "all",
    "tracking": "all",
    "system": "all",
    "referents": "header",
    "rules": "header",
}
OLDEST = timedelta(days=60)  # as long as `housekeeping.MEMORY` at least keeps a digest's marks
GOOGLE_SHEETS: Final = "docs.google.com"
Outcome = Literal["sent", "already_sent", "failed", "unsure"]


@dataclass(frozen=True)
class Digest:
    """The function.

    `sheet_url` is where people open the spreadsheet. `operator` is the address of whoever runs the
    system; "" if nobody is named. The operator gets the digest if Coordination does not say who.
    """

    journal: Journal
    workbook: Workbook
    mailer: Mailer
    sender: str
    sheet_url: str
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    official: Territories = field(default_factory=territories)
    operator: str = ""
    is_stopping: Callable[[], bool] = is_stopping

    def __call__(self, call: Call) -> Answer:
        """POST mails the digest of the last week that ended, or of `{"week": "2026-W48"}`.

        A week can be mailed once it has ended, and for OLDEST after that: for so long the journal
        remembers that it was mailed. `{"week": …, "preview": ADDRESS}` mails it earlier, to one
        coordinator alone, who asks for it. A preview has marks of its own in the journal. So
        Monday's mail still goes out, and of each week a person gets one preview.

        The answer counts the mails by outcome. Its status is 502 if a mail was certainly not
        sent: another call will try that mail again. Otherwise it is 200.

        Raises:
            AccueilError: the journal or the spreadsheet cannot be read; nothing was sent.
        """
        if refusal := only_post(call):
            return refusal
        # A page of any site can make a browser post a form, or a text that looks like JSON.
        if call.content_type != "application/json" and (call.content_type or call.body):
            return problem(415, _JSON_ONLY)
        try:
            asked = _read(call.body)
        except ValueError:
            return problem(400, _EXPECTED)
        week = asked.week or last_week(self.clock())
        if refusal := self._refusal(week, asked):
            return refusal
        monthly = week.ends_before_first_monday
        parts = PARTS | ({"referents": PEOPLE_COLUMNS["referents"]} if monthly else {})
        reading, stops = read_sound(self.workbook.read, parts)
        people = self._people(reading, stops)
        if wanted := asked.preview.casefold():
            people = [person for person in people if person.email.casefold() == wanted]
            if not people:
                return problem(400, _NOBODY)
        access = self._access(reading) if monthly and people else ()
        outcomes: Counter[Outcome] = Counter(
            self._send_all((reading, stops), week, people, access, preview=bool(asked.preview))
        )
        status = 502 if outcomes["failed"] else 200
        return json_answer(status, {"week": week.name} | outcomes)

    def _refusal(self, week: Week, asked: "_Asked") -> Answer | None:
        """The refusal of a week that is too early or too long ago; None for any other."""
        today = self.clock().astimezone(PARIS).date()
        if week.sunday < today - OLDEST or week_of(today) < week:
            return problem(400, _TOO_FAR.format(week.name, OLDEST.days))
        if not asked.preview and last_week(self.clock()) < week:
            return problem(400, _NOT_ENDED.format(week.name))
        return None

    def _send_all(
        self,
        sound: tuple[Reading, dict[str, Concern]],
        week: Week,
        people: Sequence[Coordinator],
        access: tuple[str, ...],
        *,
        preview: bool,
    ) -> Iterator[Outcome]:
        reading, stops = sound
        pause = read_pause(reading)
        stops |= {fault.place: fault for fault in pause.unreadable}
        if pause.wanted:
            stops["pause"] = _PAUSED
        waiting = len(self.journal.keys("pending/")) if stops else None
        state = State(tuple(stops.values()), waiting, self._set_aside(), access)
        tables = self._tables(reading)
        links = self._links(reading)
        now = self.clock()
        for person in people:
            try:
                made = report(week, now, tables, person.scope, self.official)
                mine = replace(state, faults=(*state.faults, *person.faults))
                mail = render(made, person.name, links, mine, preview=preview)
                name = _mark(week, person, preview=preview)
                # If the process is to end, another call sends the rest.
                outcome = "failed" if self.is_stopping() else self._send_once(name, person, mail)
            except AccueilError:
                raise
            except Exception as error:  # noqa: BLE001  (one mail's fault must not stop the others)
                log("ERROR", "unexpected error", row=person.row, error=type(error).__name__)
                outcome = "failed"
            log(
                "INFO" if outcome in ("sent", "already_sent") else "ERROR",
                "digest",
                week=week.name,
                row=person.row,
                outcome=outcome,
            )
            yield outcome

    def _tables(self, reading: Reading) -> Tables:
        to_check = _rows(reading, "to_check", TO_CHECK_COLUMNS)
        places, _, _ = find_columns(tab("requests"), _header(reading, "requests"))
        columns = [key for key in REQUEST_COLUMNS if key not in NAME_COLUMNS or key in places]
        if not places:  # the tab is gone, or its header
            return Tables(None, to_check)
        try:
            requests = read_requests(reading, columns, self.official)
        except HeaderError:
            return Tables(None, to_check)
        tracking = _rows(reading, "tracking", TRACKING_COLUMNS) or ()
        waiting = handed_on(requests, tracking)
        return Tables(dated(requests, tracking), to_check, places, waiting)

    def _access(self, reading: Reading) -> tuple[str, ...]:
        """What there is to say of who can open the workbook.

        If that cannot be known, this is said, too: somebody has to look for themselves.
        """
        try:
            permissions = self.workbook.permissions()
            if permissions is None or not PEOPLE_COLUMNS.keys() <= reading.tabs.keys():
                return (_ACCESS_UNKNOWN,)
            access = compare(permissions, reading, [self.operator] if self.operator else [])
        except AccueilError as error:
            log("WARNING", "access is not known", error=type(error).__name__)
            return (_ACCESS_UNKNOWN,)
        return tuple(access.sentences()) or (_ACCESS_RIGHT,)

    def _set_aside(self) -> int:
        """How many requests are set aside in the journal; their contents are not read."""
        return sum(not key.endswith(".why") for key in self.journal.keys("quarantine/"))

    def _people(self, reading: Reading, stops: Mapping[str, Concern]) -> list[Coordinator]:
        """Who gets a digest: the operator, if Coordination does not say who.

        Raises:
            WorkbookError: Coordination cannot be read, and there is no operator.
        """
        places, _, _ = find_columns(tab("coordination"), _header(reading, "coordination"))
        keys = [key for key in _PEOPLE_COLUMNS if key in places]
        readable = "email" in keys
        if readable:
            grid = reading.tabs["coordination"].grid
            table = read_table(tab("coordination"), grid, reading.version, keys)
            people = list(self._coordinators(table))
            if people or (table.rows and not any(map(_wants_digest, table.rows))):
                return people
        if self.operator:
            return [Coordinator(0, "", self.operator, Target(), (_STANDS_IN,))]
        if not readable:
            raise WorkbookError(in_words(stops.values()))
        return []

    def _coordinators(self, table: Table) -> Iterator[Coordinator]:
        seen = set()
        for row in table.rows:
            email, name, scope = (row.values.get(key) or "" for key in ("email", "name", "scope"))
            if not email or not _wants_digest(row) or email.casefold() in seen:
                continue
            seen.add(email.casefold())
            try:
                yield Coordinator(row.number, name, email, self.official.parse_area(scope))
            except CellError as error:  # better a digest about everywhere than none
                problem = table.problem(row, "scope", f"{error}.")
                fault = Concern(problem.place, f"{problem.place}, {problem.sentence}", _EVERYWHERE)
                yield Coordinator(row.number, name, email, Target(), (fault,))

    def _send_once(self, name: str, person: Coordinator, mail: Mail) -> Outcome:
        """Send a digest unless the digest called `name` was sent before.

        The journal gets two marks: `claim` before the mail leaves, and `sent` after it has left.
        A claim without `sent` means that the mail may have left or is just leaving, so the mail is
        not sent again. For this reason the message is made before the claim, and the claim is
        deleted if the mail certainly did not leave.

        Raises:
            JournalError: the marks cannot be written; the mail may have left.
        """
        claim, sent = f"mail/{name}.claim", f"mail/{name}.sent"
        made = message(mail, self.sender, person.email, name, self.clock())
        mark = json.dumps({"at": self.clock().isoformat(timespec="seconds")}).encode()
        if not self.journal.create(claim, mark):
            return "unsure" if self.journal.read(sent) is None else "already_sent"
        try:
            self.mailer.send(made)
        except MailUnsureError:
            return "unsure"
        except (MailError, MailRefusedError):
            self.journal.delete(claim)
            return "failed"
        except Exception:
            self.journal.delete(claim)
            raise
        self.journal.create(sent, mark)
        return "sent"

    def _links(self, reading: Reading) -> Links:
        def row_of(key: str, line: Line) -> str:
            sheet = reading.tabs[key].sheet_id
            return f"{self.sheet_url}#gid={sheet}&range={line.column}{line.row}"

        def request(line: Line) -> str:
            # A link into Google Sheets can name a row only. Our own page can search for a request.
            filter_by_request = (
                f"&demande={quote(line.reference)}" if lasting and line.reference else ""
            )
            return row_of("requests", line) + filter_by_request

        lasting = urlsplit(self.sheet_url).hostname != GOOGLE_SHEETS

        def view(title: str) -> str:
            tabs = reading.tabs
            fragment = view_link(tabs["requests"].sheet_id, title) if "requests" in tabs else ""
            return self.sheet_url + fragment

        def to_check(line: Line) -> str:
            return row_of("to_check", line)

        return Links(request, to_check, self.sheet_url, view, lasting)


def _wants_digest(row: Row) -> bool:
    return bool(row.values.get("weekly_mail", True))


def _header(reading: Reading, key: str) -> Sequence[Cell]:
    return reading.header(key) if key in reading.tabs else ()


def _rows(reading: Reading, key: str, columns: Sequence[str]) -> Sequence[Row] | None:
    """The rows of a tab with some columns; None if the tab or one of them cannot be read."""
    if key not in reading.tabs:
        return None
    try:
        return read_table(tab(key), reading.tabs[key].grid, reading.version, columns).rows
    except HeaderError:
        return None


_PEOPLE_COLUMNS = ("name", "email", "scope", "weekly_mail")
_PAUSED = Concern(
    tab("coordination").title,
    "Une pause est demandée dans l'onglet Coordination.",
    "Videz la cellule Pause quand le classeur est prêt.",
)
_STANDS_IN = Concern(
    tab("coordination").title,
    "L'onglet Coordination ne dit pas à qui envoyer ce courriel : il n'est envoyé qu'à vous.",
    "Faites corriger cet onglet ; en attendant, transmettez ce courriel à la coordination.",
)
_ACCESS_UNKNOWN = (
    "Le système ne peut pas voir avec qui le classeur est partagé : regardez-le vous-même, par le "
    "bouton Partager du classeur."
)
_ACCESS_RIGHT = "Les personnes des onglets Référents et Coordination, et elles seules."
_EVERYWHERE = "Corrigez cette cellule : en attendant, ce courriel parle de tout le territoire."


def _mark(week: Week, person: Coordinator, *, preview: bool) -> str:
    """The name of a mail in the journal and in its Message-ID; it says nothing personal."""
    who = hashlib.sha256(person.email.casefold().encode()).hexdigest()[:32]
    return f"digest-{week.name}-{'preview-' if preview else ''}{who}"


@dataclass(frozen=True)
class _Asked:
    week: Week | None = None
    preview: str = ""  # the address of whoever asks for a preview


_EXPECTED = (
    'Attendu : rien, ou {"week": "2026-W48"}, une semaine ISO. Pour un aperçu, ajoutez votre '
    'adresse : "preview": "ana@example.org".'
)
_NOT_ENDED = (
    "La semaine {} n'est pas finie : son courriel partira ensuite. "
    'Pour un aperçu, ajoutez votre adresse : "preview": "ana@example.org".'
)
_JSON_ONLY = "Envoyez application/json."
_TOO_FAR = (
    "La semaine {} est trop loin : il y a un courriel pour cette semaine et les {} derniers jours."
)
_NOBODY = (
    "Un aperçu part à la personne qui le demande, si l'onglet Coordination lui prévoit le courriel "
    "du lundi : indiquez l'adresse qui y est écrite."
)


def _read(body: bytes) -> _Asked:
    """Read which digest a call asks for.

    Raises:
        ValueError: the body is neither empty nor such an order.
    """
    try:
        asked = json.loads(body) if body.strip() else {}
    except RecursionError as error:
        raise ValueError("too deep") from error
    if asked == {}:
        return _Asked()
    match asked:
        case {"week": str(week), **rest} if not rest:
            return _Asked(parse_week(week))
        case {"week": str(week), "preview": str(address), **rest} if not rest and address:
            return _Asked(parse_week(week), address)
    raise ValueError("not a week")
