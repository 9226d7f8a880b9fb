"""digest: reads the sheet once, and mails coordinators and referents their week, once."""

import functools
import gc
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from urllib.parse import quote, urlsplit

from functions.digest.agenda import Agenda, agendas
from functions.digest.cases import NEEDED_COLUMNS, REQUEST_COLUMNS, read_cases
from functions.digest.history import TRACKING_COLUMNS, read_histories
from functions.digest.lines import Line
from functions.digest.people import People, read_people
from functions.digest.render import Links, State, asked_in, render_agenda, render_report
from functions.digest.report import TO_CHECK_COLUMNS, Report, Tables, report
from functions.digest.sending import Letter, Outcome, Recipient, Sending
from functions.digest.weeks import Week, last_week, parse_week, week_of
from functions.shared.access import PEOPLE_COLUMNS, compare
from functions.shared.concerns import Concern
from functions.shared.errors import AccueilError, CellError, HeaderError, WorkbookError
from functions.shared.journal.replies import Asked, unsubscribed
from functions.shared.journal.store import Journal
from functions.shared.links import LetterLinks, LinkMaker
from functions.shared.log import log
from functions.shared.mail.letter import Mail
from functions.shared.mail.mailer import Mailer
from functions.shared.mail.refused import RefusedAddresses
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
    "tracking": TRACKING_COLUMNS,
    "system": "all",
    "referents": "all",
    "rules": "header",
}
OLDEST = timedelta(days=60)  # as long as `housekeeping.MEMORY` at least keeps a digest's marks
GOOGLE_SHEETS: Final = "docs.google.com"
_NAMED = 8  # people whose mails are uncertain; a sentence counts the others


@dataclass(frozen=True)
class Coordinator(Recipient):
    """A person who gets a coordinator's digest. An empty scope means the whole département.

    `faults` are what is wrong in that person's row.
    """

    scope: Target = field(default_factory=Target)
    faults: tuple[Concern, ...] = ()


@dataclass(frozen=True)
class Digest:
    """The function.

    `intake_url` is where people answer from a mail, and cancel it; "" if they cannot.
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
    intake_url: str = ""
    is_stopping: Callable[[], bool] = is_stopping

    def __call__(self, call: Call) -> Answer:
        """POST mails the digests of the last week that ended, or of `{"week": "2026-W48"}`.

        A week can be mailed once it has ended, and for OLDEST after that: for so long the journal
        remembers that it was mailed. `{"week": …, "preview": ADDRESS}` mails it earlier, to one
        person alone, who asks for it. A preview has marks of its own in the journal. So
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
        preview = bool(asked.preview)
        if refused := self.refusal(week, preview=preview):
            return problem(400, refused)
        letters = self.letters(week, preview=preview)
        if wanted := asked.preview.casefold():
            letters = [mail for mail in letters if mail.recipient.email.casefold() == wanted]
            if not letters:
                return problem(400, _NOBODY)
        outcomes = self.send(week, letters, preview=preview)
        status = 502 if outcomes["failed"] else 200
        return json_answer(status, {"week": week.name} | outcomes)

    def refusal(self, week: Week, *, preview: bool = False) -> str:
        """Why a week cannot be mailed: it is too early, or too long ago; "" for any other."""
        if week.sunday < self._today() - OLDEST or week_of(self._today()) < week:
            return _TOO_FAR.format(week.name, OLDEST.days)
        if not preview and last_week(self.clock()) < week:
            return _NOT_ENDED.format(week.name)
        return ""

    def letters(self, week: Week, *, preview: bool = False) -> list[Letter]:
        """Read the sheet, and say who gets a mail about a week; nothing is sent.

        Whoever cancelled it from a mail is left out, and whose address refuses mails, which À
        vérifier says.

        A referent's mail is about what is to be done now, whatever week is reported.

        Raises:
            AccueilError: the journal or the spreadsheet cannot be read.
        """
        with _without_collector():
            return self._letters(week, preview=preview)

    def _letters(self, week: Week, *, preview: bool) -> list[Letter]:
        reading, stops = read_sound(self.workbook.read, PARTS)
        coordinators = self._coordinators(reading, stops)
        tables = self._tables(reading)
        cancelled = frozenset(self.journal.keys("unsubscribed/"))
        if not preview:
            self._take_over(reading, cancelled)
        links = self._links(reading)
        theirs = self._referents_letters(tables, links, preview=preview)
        state = self._state(week, reading, stops, [*coordinators, *_staff(tables.people)])
        reports = functools.cache(self._report_maker(week, tables))

        def letter(person: Coordinator) -> Letter:
            mine = replace(state, faults=(*state.faults, *person.faults))

            def make(answers: LetterLinks | None) -> Mail:
                report = reports(person.scope)
                return render_report(
                    report, person.name, links, mine, preview=preview, answers=answers
                )

            return self._letter(person, {}, make)

        mails = [*map(letter, coordinators), *theirs]
        refused = RefusedAddresses(self.journal).look()
        return [
            mail
            for mail in mails
            if unsubscribed(mail.recipient.email) not in cancelled
            and mail.recipient.email not in refused
        ]

    def send(
        self, week: Week, letters: Sequence[Letter], *, preview: bool = False, force: bool = False
    ) -> Counter[Outcome]:
        """Send letters, unless they were sent before; see `Sending`. Counts them by outcome.

        Raises:
            JournalError: the journal does not answer; a mail may have left.
        """
        outcomes: Counter[Outcome] = Counter()
        for recipient, outcome in self.sending.send(week, letters, preview=preview, force=force):
            outcomes[outcome] += 1
            log(
                "INFO" if outcome in ("sent", "already_sent") else "ERROR",
                "digest",
                week=week.name,
                kind=recipient.kind,
                row=recipient.row,
                outcome=outcome,
            )
        return outcomes

    @property
    def sending(self) -> Sending:
        """What sends, and what knows what was sent."""
        return Sending(self.journal, self.mailer, self.sender, self.clock, self.is_stopping)

    def _today(self) -> date:
        return self.clock().astimezone(PARIS).date()

    def _report_maker(self, week: Week, tables: Tables) -> Callable[[Target], Report]:
        return lambda scope: report(week, self._today(), tables, scope, self.official)

    def _referents_letters(self, tables: Tables, links: Links, *, preview: bool) -> list[Letter]:
        if not tables.people or tables.cases is None:
            return []
        letters = []
        by_name = {person.name: person for person in tables.people.values()}
        for agenda in agendas(tables.cases, tables.people, self._today()).values():
            first = by_name[agenda.names[0]]
            person = Recipient("referent", first.row, " et ".join(agenda.names), first.email)

            def make(answers: LetterLinks | None, agenda: Agenda = agenda) -> Mail:
                return render_agenda(agenda, links, preview=preview, answers=answers)

            letters.append(self._letter(person, asked_in(agenda), make))
        return sorted(letters, key=lambda letter: letter.recipient.row)

    def _take_over(self, reading: Reading, cancelled: Collection[str]) -> None:
        """Forget what people cancelled from a mail where the sheet says so itself by now.

        From then on the sheet decides alone, so that somebody can put it back to Oui there. It does
        not say so yet while any row with that address is at Oui: a person may be both referent and
        coordinator.
        """
        said: set[str] = set()
        unsaid: set[str] = set()
        for key in ("referents", "coordination"):
            rows = _rows(reading, key, ("email", "weekly_mail"))
            if rows is None:
                return
            for row in rows:
                mark = unsubscribed(row.values["email"] or "")
                (unsaid if _wants_digest(row) else said).add(mark)
        for mark in sorted((said - unsaid) & set(cancelled)):
            self.journal.delete(mark)

    def _letter(
        self,
        person: Recipient,
        asked: Mapping[str, Asked],
        render: Callable[[LetterLinks | None], Mail],
    ) -> Letter:
        """A letter from which its reader answers; for that the journal keeps what it asks."""
        maker = LinkMaker(self.journal, self.intake_url, self.clock)
        kept: list[str] = []

        def make() -> Mail:
            answers = maker.links(person.name, person.email, asked)
            if answers:
                kept.append(answers.key_in_journal)
            return render(answers)

        def take_back() -> None:
            while kept:
                self.journal.delete(kept.pop())

        return Letter(person, make, take_back)

    def _state(
        self,
        week: Week,
        reading: Reading,
        stops: Mapping[str, Concern],
        recipients: Sequence[Recipient],
    ) -> State:
        pause = read_pause(reading)
        stopping = {**stops, **{fault.place: fault for fault in pause.unreadable}}
        if pause.wanted:
            stopping["pause"] = _PAUSED
        faults = (*stopping.values(), *self._uncertain(week.before, recipients))
        waiting = len(self.journal.keys("pending/"))
        access = self._access(reading) if week.ends_before_first_monday else ()
        return State(faults, bool(stopping), waiting, self._set_aside(), access)

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

    def _uncertain(self, week: Week, recipients: Sequence[Recipient]) -> Iterator[Concern]:
        """What to say of the mails of a week that perhaps, or certainly, did not arrive."""
        states = self.sending.states(week, recipients)
        for state, said in (("unsure", _UNSURE), ("planned", _MISSING)):
            names = [person.name or person.email for person in states if states[person] == state]
            if names:
                others = len(names) - _NAMED
                listed = ", ".join(names[:_NAMED]) + (f" et {others} de plus" if others > 0 else "")
                again = _AGAIN.format(week.name)
                yield Concern("Courriels", said.format(week.name, listed), again)

    def _tables(self, reading: Reading) -> Tables:
        to_check = _rows(reading, "to_check", TO_CHECK_COLUMNS)
        referents = _rows(reading, "referents", _REFERENT_COLUMNS)
        people = None if referents is None else read_people(referents)
        places, _, _ = find_columns(tab("requests"), _header(reading, "requests"))
        if not set(NEEDED_COLUMNS) <= places.keys():
            return Tables(None, to_check, people)
        histories = {}
        lines, _, _ = find_columns(tab("tracking"), _header(reading, "tracking"))
        if {"reference", "noted_at"} <= lines.keys():
            histories = read_histories(reading.tabs["tracking"], lines)
        cases = read_cases(reading.tabs["requests"], places, histories, self.official)
        return Tables(cases, to_check, people, places)

    def _set_aside(self) -> int:
        """How many requests are set aside in the journal; their contents are not read."""
        return sum(not key.endswith(".why") for key in self.journal.keys("quarantine/"))

    def _coordinators(
        self, reading: Reading, stops: Mapping[str, Concern]
    ) -> Sequence[Coordinator]:
        """Who gets a coordinator's digest: the operator, if Coordination does not say who.

        Raises:
            WorkbookError: Coordination cannot be read, and there is no operator.
        """
        places, _, _ = find_columns(tab("coordination"), _header(reading, "coordination"))
        keys = [key for key in _COORDINATOR_COLUMNS if key in places]
        readable = "email" in keys
        if readable:
            grid = reading.tabs["coordination"].grid
            table = read_table(tab("coordination"), grid, reading.version, keys)
            people = list(self._named(table))
            if people or (table.rows and not any(map(_wants_digest, table.rows))):
                return people
        if self.operator:
            return [Coordinator("coordinator", 0, "", self.operator, faults=(_STANDS_IN,))]
        if not readable:
            raise WorkbookError(in_words(stops.values()))
        return []

    def _named(self, table: Table) -> Iterator[Coordinator]:
        seen = set()
        for row in table.rows:
            email, name, scope = (row.values.get(key) or "" for key in ("email", "name", "scope"))
            if not email or not _wants_digest(row) or email.casefold() in seen:
                continue
            seen.add(email.casefold())
            faults: tuple[Concern, ...] = ()
            try:
                area = self.official.parse_area(scope)
            except CellError as error:  # better a digest about everywhere than none
                problem = table.problem(row, "scope", f"{error}.")
                said = f"{problem.place}, {problem.sentence}"
                area, faults = Target(), (Concern(problem.place, said, _EVERYWHERE),)
            yield Coordinator("coordinator", row.number, name, email, area, faults)

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


@contextmanager
def _without_collector() -> Iterator[None]:
    """Let Python look for no cycles while very many objects are made, which all stay.

    It would look through them again and again, which takes a third of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _staff(people: People | None) -> list[Recipient]:
    """The referents who may have got a mail."""
    return [
        Recipient("referent", person.row, person.name, person.email)
        for person in (people or {}).values()
        if person.email
    ]


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


_COORDINATOR_COLUMNS = ("name", "email", "scope", "weekly_mail")
_REFERENT_COLUMNS = (
    "name",
    "email",
    "active",
    "absent_from",
    "absent_until",
    "substitute",
    "weekly_mail",
)
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
_UNSURE = "Le courriel de la semaine {} n'est peut-être pas arrivé à {}."
_MISSING = "Le courriel de la semaine {} n'est pas parti pour {}."
_AGAIN = (
    "Posez-leur la question ; la personne qui administre le système peut le renvoyer : "
    "« accueil digest --week {} --to ADRESSE --force »."
)


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
    "Un aperçu part à la personne qui le demande, si l'onglet Coordination ou l'onglet Référents "
    "lui prévoit le courriel du lundi : indiquez l'adresse qui y est écrite."
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
