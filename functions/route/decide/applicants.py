"""What applicants hear from us, once each, as mails of the outbox. Pure.

Only whoever wrote by the form is remembered, in the batch that adds their row, so nobody else gets
a mail: no row of a partner's list, none that is typed by hand, no trial and no suspect. Whoever
gave no proof gets a receipt and an apology like anybody else, but the receipt repeats no word of
theirs, and they hear of a referent only once somebody has qualified the request.

A sweep decides by what people have left in the sheet for some time, never by what its own batch
changes: a name that is corrected after ten minutes causes no mail.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from functions.route.arrival import Arrival
from functions.route.decide.completion import known_person
from functions.route.decide.history import ORDER, Event, status_of
from functions.route.decide.lookup import Lookup, Referent
from functions.route.decide.sight import Sight
from functions.shared.journal.formats import Applicant, State, WaitingMail
from functions.shared.journal.replies import UNREACHED
from functions.shared.reference import in_cell
from functions.shared.request import Request
from functions.shared.settling import NEWS_AFTER, months_after
from sheets_schema.columns import PARIS, Cell, as_text
from sheets_schema.schema import CLOSED_STATUSES, UNCONTACTED
from sheets_schema.tab import cell_at, tab
from sheets_schema.text import normalise

KINDS = ("receipt", "caller", "apology", "closing", "news")
STEADY = timedelta(minutes=30)  # a referent who stays for so long is told
OVER = timedelta(days=1)  # a request that stays closed for so long gets a closing word
LATEST = timedelta(days=7)  # after it, a referent or a closing is no news any more
PATIENCE, TOO_LATE = 10, 30  # days without a call: from when, and until when, to apologise
APART = 3  # days between another mail and an apology or a question
NEWS_LATEST = 31  # days for which the question how they are is still asked
MOST = 200  # mails in a batch
_AGAIN = timedelta(days=7)  # to look again for the day on which people settled
_MONTH = timedelta(days=30)
_FORGET = timedelta(days=400)  # after settling
_OPENED = timedelta(days=60)  # a mail's links are kept no longer than that
_TO_QUALIFY, _TO_CONTACT = UNCONTACTED


def receipt(
    arrival: Arrival, lead: Referent | None, lookup: Lookup, kinds: Collection[str], at: datetime
) -> WaitingMail | None:
    """The receipt of a request whose row is written at a moment; None if nobody gets one.

    Args:
        arrival: the request.
        lead: who follows it.
        lookup: the lookup tables.
        kinds: the kinds of mail that are sent.
        at: when the row is written.
    """
    entry = arrival.entry
    late = at - entry.received_at > LATEST  # filed again into a restored sheet, for example
    if late or "receipt" not in kinds or not Applicant.of(entry, at, ""):
        return None
    if entry.doubt:
        content = _Content(arrival.reference, "", _TO_QUALIFY, None, lookup.default)
    else:
        first_name = arrival.request["first_name"] or ""
        content = _Content(arrival.reference, first_name, _TO_CONTACT, lead, lookup.default)
    return WaitingMail("receipt", arrival.reference, content.data(kinds), entry.lang)


def advance(applicant: Applicant, state: State, now: datetime) -> Applicant:
    """What is remembered of an applicant after a look at the state of their request."""
    status = status_of(state.status)
    closed = status if status in CLOSED_STATUSES else ""
    contacted = applicant.contacted or _is_contacted(state, status)
    if not _is_same(state.referent, applicant.referent) or closed != applicant.closed:
        look = now.astimezone(PARIS).date() + OVER if closed == "settled" else None
        applicant = replace(applicant, referent=state.referent, closed=closed, since=now, look=look)
    introduced = applicant.introduced
    if not introduced and contacted and not closed and status not in UNREACHED:
        introduced = state.referent  # who has spoken with them needs no introduction
    if (contacted, introduced) == (applicant.contacted, applicant.introduced):
        return applicant
    return replace(applicant, contacted=contacted, introduced=introduced)


def _is_contacted(state: State, status: str) -> bool:
    return bool(state.last_contact_on) or status not in (*UNCONTACTED, ORDER, "", "junk")


def due(applicant: Applicant, state: State, kinds: Collection[str], now: datetime) -> str:
    """The kind of mail for which the row of an applicant is to be read now; "" for none.

    Args:
        applicant: what is remembered, as `advance` left it.
        state: the request as it is.
        kinds: the kinds of mail that are sent.
        now: the moment.
    """
    if applicant.closed:
        kind = _due_at_the_end(applicant, now)
    else:
        kind = _due_before(applicant, status_of(state.status), now, kinds)
    return kind if kind in kinds else ""


def _due_at_the_end(applicant: Applicant, now: datetime) -> str:
    lasts = now - applicant.since
    if applicant.closed == "junk" or lasts < OVER:
        return ""
    if "closing" not in applicant.said and lasts < LATEST:
        return "closing"
    look, today = applicant.look, now.astimezone(PARIS).date()
    return "news" if look and look <= today else ""


def _due_before(applicant: Applicant, status: str, now: datetime, kinds: Collection[str]) -> str:
    lasts = now - applicant.since
    new = _is_new(applicant) and STEADY <= lasts < LATEST and status not in (_TO_QUALIFY, ORDER)
    if new and "caller" in kinds:
        return "caller"
    today = now.astimezone(PARIS).date()
    late = (
        status in UNCONTACTED
        and not applicant.contacted
        and "apology" not in applicant.said
        and PATIENCE <= (today - applicant.received).days < TOO_LATE
        and (today - applicant.mailed).days >= APART
        and (applicant.look is None or applicant.look <= today)
    )
    return "apology" if late else ""


def _is_new(applicant: Applicant) -> bool:
    """Whether somebody follows the request of whom the applicant was not told."""
    name = applicant.referent
    return bool(name) and not _is_same(name, applicant.introduced)


def _is_same(name: str, other: str) -> bool:
    return name == other or normalise(name) == normalise(other)


def is_over(applicant: Applicant, now: datetime) -> bool:
    """Whether nothing more is to be said to an applicant, who is then forgotten.

    As long as a mail of theirs may be opened, a request that is opened again has to be known: their
    own page shows that.
    """
    if applicant.closed == "settled" and applicant.look is not None:
        return now - applicant.since > 2 * _FORGET
    age = now.astimezone(PARIS).date() - applicant.mailed
    return bool(applicant.closed) and now - applicant.since > _OPENED and age > _OPENED


@dataclass(frozen=True)
class Hearing:
    """What a sweep has to do for applicants.

    `applicants` is what to remember. `due` says, by reference, which kind of mail may be due, and
    `rows` which rows to read: the reference of each, by 0-based index. `gone` are the references of
    waiting mails that are not to leave. `more` says that another batch has to follow.
    """

    applicants: Mapping[str, Applicant] = field(default_factory=dict)
    due: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[int, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    more: bool = False

    def is_soon(self, now: datetime) -> bool:
        """Whether somebody is to be told of a referent soon, so that sweeps had better look."""
        return any(
            _is_new(person) and not person.closed and now - person.since <= STEADY
            for person in self.applicants.values()
        )


def listen(sight: Sight, waiting: Collection[str], kinds: Collection[str]) -> Hearing:
    """What a sweep has to do for applicants, as far as a few columns say.

    A request whose referent or status this sweep may change waits for the next one.

    Args:
        sight: what the sweep sees.
        waiting: the references of the requests about which mails to applicants wait.
        kinds: the kinds of mail that are sent.
    """
    replies = sight.answers.replies.values()
    unsettled = {*sight.turns, *sight.untold, *(reply.reference for reply in replies)}
    # Whoever asks to be erased hears nothing more from a robot.
    erased = {reply.reference for reply in replies if reply.choice == "erase"}
    there = {*sight.references, *sight.alignments}
    remembered = there - erased
    applicants, wanted = {}, {}
    for name, known in sight.known.applicants.items() if kinds else ():
        person, state = known, sight.states.get(name)
        if state and name not in unsettled:
            person = advance(known, state, sight.now)
            if kind := due(person, state, kinds, sight.now):
                wanted[name] = kind
        if name in remembered and not is_over(person, sight.now):
            applicants[name] = person
    first = dict([*wanted.items()][:MOST])
    place, rows = sight.positions["reference"], {}
    for row, line in enumerate(sight.grid[1:], start=1) if first or waiting else ():
        name = in_cell(as_text(cell_at(line, place)))
        if name in sight.states and name in remembered and (name in first or name in waiting):
            rows[row] = name
    return Hearing(
        applicants, first, rows, frozenset(set(waiting) - remembered), len(first) < len(wanted)
    )


@dataclass(frozen=True)
class Heard:
    """What a sweep decides for applicants.

    `addresses` are theirs by reference, as far as their rows were read, "" for none.
    """

    applicants: Mapping[str, Applicant] = field(default_factory=dict)
    mails: Sequence[WaitingMail] = ()
    events: Sequence[Event] = ()
    addresses: Mapping[str, str] = field(default_factory=dict)


def answer(
    hearing: Hearing, sight: Sight, lines: Mapping[int, Sequence[Cell]], kinds: Collection[str]
) -> Heard:
    """Decide which mails applicants get, by the rows of their requests.

    A row that moved since the first look waits for the next sweep.

    Args:
        hearing: see `listen`.
        sight: what the sweep sees.
        lines: the cells of the rows that were read, by 0-based index.
        kinds: the kinds of mail that are sent.
    """
    applicants, mails, events = dict(hearing.applicants), [], []
    addresses = dict.fromkeys(hearing.gone, "")
    for index, name in hearing.rows.items():
        line = lines.get(index, ())
        cells = {key: cell_at(line, place) for key, place in sight.positions.items()}
        row = Request.from_cells(cells, sight.lookup.official)
        if row.reference != name:
            continue
        addresses[name] = row["email"] or ""
        if name in hearing.due and name in applicants and row["email"] and not row.is_test:
            letter = write(hearing.due[name], applicants[name], row, sight.lookup, kinds, sight.now)
            applicants[name] = letter.applicant
            if letter.mail and letter.event:
                mails.append(letter.mail)
                events.append(letter.event)
    return Heard(applicants, mails, events, addresses)


@dataclass(frozen=True)
class Letter:
    """What was decided for one applicant: what to remember, the mail, and its line of Suivi."""

    applicant: Applicant
    mail: WaitingMail | None = None
    event: Event | None = None


def write(
    kind: str,
    applicant: Applicant,
    row: Request,
    lookup: Lookup,
    kinds: Collection[str],
    now: datetime,
) -> Letter:
    """Decide whether an applicant gets the mail that is due, by the row of their request.

    Args:
        kind: the kind of mail that is due.
        applicant: what is remembered of whoever wrote the request.
        row: the request as its row says it now.
        lookup: the lookup tables.
        kinds: the kinds of mail that are sent.
        now: the moment.
    """
    today, referent = now.astimezone(PARIS).date(), known_person(applicant.referent, lookup)
    said = replace(applicant, said=(*applicant.said, kind))
    if kind == "caller":
        if not referent:  # a name that nobody has; À vérifier says so
            return Letter(applicant)
        before = {"before": applicant.introduced} if applicant.introduced else {}
        marked = replace(applicant, introduced=applicant.referent)
        return _letter(kind, marked, _Content.of(row, referent, referent), kinds, today, before)
    if kind == "apology":
        planned = row["remind_on"]
        if planned and planned > today:  # the referent means to call then
            return Letter(replace(applicant, look=planned))
        if not lookup.default:  # À vérifier says so
            return Letter(applicant)
        return _letter(kind, said, _Content.of(row, referent, lookup.default), kinds, today)
    content = _Content.of(row, referent, referent or lookup.default)
    if kind == "closing":
        end = {"settled": applicant.closed == "settled", "why": row["closing_reason"] or ""}
        return _letter(kind, said, content, kinds, today, end)
    return _question(applicant, row["settled_on"], content, kinds, today)


def _question(
    applicant: Applicant,
    settled: date | None,
    content: "_Content",
    kinds: Collection[str],
    today: date,
) -> Letter:
    """How they are, six and twelve months after they settled; otherwise when to look again."""
    if not settled:
        late = today - applicant.since.astimezone(PARIS).date() > _FORGET
        return Letter(replace(applicant, look=None if late else today + _AGAIN))
    for months in NEWS_AFTER:
        on, kind = months_after(settled, months), f"news-{months}"
        if kind in applicant.said or (today - on).days > NEWS_LATEST:
            continue
        if today < on:
            return Letter(replace(applicant, look=min(on, today + _MONTH)))
        if (today - applicant.mailed).days < APART:
            return Letter(replace(applicant, look=today + timedelta(days=APART)))
        said = replace(applicant, said=(*applicant.said, kind), look=today + _MONTH)
        return _letter("news", said, content, kinds, today, {"months": months})
    return Letter(replace(applicant, look=None))


def _letter(
    kind: str,
    applicant: Applicant,
    content: "_Content",
    kinds: Collection[str],
    today: date,
    more: Mapping[str, object] | None = None,
) -> Letter:
    name = content.contact.name if content.contact and kind in _NAMED else ""
    words = f"{EVENTS[kind]} : {name}" if name else EVENTS[kind]
    event = Event(content.reference, "written", "", words, applicant.referent)
    mail = WaitingMail(
        kind, content.reference, {**content.data(kinds), **(more or {})}, applicant.lang
    )
    return Letter(replace(applicant, mailed=today), mail, event)


def new_page(row: Request, lang: str, lookup: Lookup) -> WaitingMail:
    """The mail with a new link to an applicant's page, which they asked for."""
    referent = known_person(row["referent"] or "", lookup)
    content = _Content.of(row, referent, referent or lookup.default)
    return WaitingMail("page", row.reference, content.data(()), lang)


# What Suivi says of each kind.
EVENTS = {
    "caller": "Qui va l'appeler",
    "apology": "Excuses pour l'attente",
    "closing": "Mot de clôture",
    "news": "Prise de nouvelles",
}
_NAMED = ("caller", "apology")


@dataclass(frozen=True)
class _Content:
    """What a mail says of a request: who follows it, and who reads an answer."""

    reference: str
    first_name: str
    status: str
    referent: Referent | None
    contact: Referent | None

    @classmethod
    def of(cls, row: Request, referent: Referent | None, contact: Referent | None) -> "_Content":
        return cls(row.reference, row["first_name"] or "", row["status"] or "", referent, contact)

    def data(self, kinds: Collection[str]) -> dict[str, object]:
        """The data of the mail; see `mail.applicants.values_of`."""
        request = {
            "reference": self.reference,
            "first_name": self.first_name,
            "status": self.status,
            "referent": self.referent.name if self.referent else "",
            "organisation": self.referent.organisation if self.referent else "",
            "phone": self.referent.phone if self.referent else "",
        }
        contact = self.contact or Referent(tab("coordination").title, "")
        return {
            "requests": [request],
            "contact": {
                "name": contact.name,
                "organisation": contact.organisation,
                "phone": contact.phone,
            },
            "follows": [kind for kind in KINDS if kind in kinds],
        }
