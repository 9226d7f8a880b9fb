"""The objects of the journal: what each holds, and every version of it that was ever written.

An object outlives the deployment that wrote it by up to 60 days, so an object that is read here may
have been written by any earlier version. If you change what a kind of object holds, raise the
version of that kind, keep the code that reads the earlier versions, and add a golden file to
tests/functions/shared/journal.

| folder | object | class |
|---|---|---|
| `pending/`, `quarantine/` | an accepted request | entries.Entry |
| `quarantine/….why` | why a request is set aside | entries.AsideNote |
| `filed/` | a request whose row is written | entries.Tombstone |
| `batches/` | what a drain is about to write | Batch |
| `settled/` | a batch that needs nothing more | SettledMark |
| `outbox/` | a mail that waits | WaitingMail |
| `seen/` | since when rows are as they are | RowsSeen |
| `snapshots/` | what the last sweep saw of each request | Snapshot |
| `moves/` | an order of the operator's to give a request to somebody else | Move |
| `standstill/` | since when the drain stands still | Standstill |
| `standstill/….told` | who was told so | StandstillTold |
| `tables/` | the last table of rules that could be read as a whole | GoodTable |
| `links/`, `answers/`, `answered/`, `unsubscribed/` | mails that people answer | see replies |
| `adopted/` | the requests of an adopted sheet whose referents people choose | Adopted |
| `adoption/` | how a partner's spreadsheet was before it was adopted | BeforeAdoption |
| `stages/` | how far requests have come, for their applicants | see replies |
| `misplaced/` | a row that was written under columns that had moved | Misplaced |

Objects of `references/`, `accepted/`, `spent/`, `mail/`, `mailed/` and `swept/` mean something by
their name alone. Those of `doctor/` mean nothing.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from functions.shared.journal.entries import (
    ILLEGIBLE,
    Entry,
    Json,
    check_version,
    read_object,
    stamp,
    write_object,
)
from functions.shared.journal.replies import Stage
from functions.shared.sheets.fence import Fence
from functions.shared.sheets.port import Change, RowEdit
from sheets_schema.columns import PARIS, Cell, as_text
from sheets_schema.schema import TEST_SOURCE


@dataclass(frozen=True)
class SettledMark:
    """Says that everything that follows from a batch is done. `filed` names the batch's entries.

    `confirmed` holds the references of the row edits that met the row they were meant for; it is
    None where an earlier version did not keep them.
    """

    settled_at: datetime
    filed: tuple[str, ...]
    confirmed: frozenset[str] | None = frozenset()

    def to_json(self) -> bytes:
        """The object's content."""
        return write_object(
            2,
            settled_at=stamp(self.settled_at),
            filed=self.filed,
            confirmed=None if self.confirmed is None else sorted(self.confirmed),
        )

    @classmethod
    def from_json(cls, body: bytes) -> "SettledMark":
        """Read a mark back.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is none.
        """
        data = read_object(body, 2)
        confirmed = data.get("confirmed")
        return cls(
            datetime.fromisoformat(data["settled_at"]),
            tuple(data["filed"]),
            None if confirmed is None else frozenset(confirmed),
        )


@dataclass(frozen=True)
class WaitingMail:
    """A mail that waits. Its data depends on its kind; see `mail.kinds`.

    `to` is the name of a person in the lookup tables; the address is looked up when the mail is
    sent. For a person who is in no lookup table, `address` is given in its place. `if_confirmed`
    is the reference of the row edit that must be confirmed before the mail is sent. `attempts`
    counts how often the recipient was refused; `refused` is the address that was refused, and
    `refused_at` the time.
    """

    kind: str
    to: str
    data: Mapping[str, Any]
    lang: str = "fr"
    address: str = ""
    if_confirmed: str = ""
    attempts: int = 0
    refused: str = ""
    refused_at: datetime | None = None

    def to_data(self) -> Json:
        """The mail as plain data, with its version. A batch holds mails in this form too."""
        given = {
            "address": self.address,
            "if_confirmed": self.if_confirmed,
            "refused": self.refused,
            "refused_at": self.refused_at and stamp(self.refused_at),
        }
        return {
            "version": 3,
            "kind": self.kind,
            "to": self.to,
            "lang": self.lang,
            "data": self.data,
            "attempts": self.attempts,
        } | {name: text for name, text in given.items() if text}

    def to_json(self) -> bytes:
        """The object's content."""
        return json.dumps(self.to_data(), ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, body: bytes) -> "WaitingMail":
        """Read an object of the outbox.

        Raises:
            ValueError, KeyError, TypeError, AttributeError, IndexError: it is none.
        """
        return cls.from_data(json.loads(body))

    @classmethod
    def from_data(cls, data: Json) -> "WaitingMail":
        """See `from_json`. In version 1 mails were about requests only, and held addresses only.

        Up to version 2 a mail did not say what its requests' status was, so it gets no buttons.
        """
        if "version" not in data:
            requests = data["requests"]
            return cls(
                "trial" if requests[0].get("test") else "assigned",
                data["name"],
                {"requests": [{name: line[name] for name in _TOLD} for line in requests]},
                address=data["email"],
            )
        check_version(data, 3)
        refused_at = data.get("refused_at")
        return cls(
            data["kind"],
            data["to"],
            dict(data["data"]),
            data["lang"],
            data.get("address", ""),
            data.get("if_confirmed", ""),
            int(data["attempts"]),
            data.get("refused", ""),
            datetime.fromisoformat(refused_at) if refused_at else None,
        )


_TOLD = ("reference", "person", "project", "target", "lead", "reason")


@dataclass(frozen=True)
class Filed:
    """An entry of a batch. `body` is the content of the entry, so that it can be filed again."""

    name: str
    reference: str
    fingerprint: str
    body: str


@dataclass(frozen=True)
class State:
    """Some texts of a request's row, remembered to learn what people changed since."""

    status: str = ""
    referent: str = ""
    last_contact_on: str = ""


@dataclass(frozen=True)
class Course:
    """What sweeps remember of how a request went from one referent to the next.

    `refused` names who handed it back by « À réorienter », once for each time. `handed_on` is the
    day in Paris on which the present referent got it from somebody else, as long as she has not
    taken it up; then it is None. `reminded` says whether she was reminded of it. `motive` is a hash
    of the text in Motif de transmission that the last hand-over cited.
    """

    refused: tuple[str, ...] = ()
    handed_on: date | None = None
    reminded: bool = False
    motive: str = ""

    def __bool__(self) -> bool:
        return self != NO_COURSE


NO_COURSE = Course()  # of a request of which there is nothing to remember


@dataclass(frozen=True)
class Applicant:
    """What is remembered of whoever wrote to us by the form, so that they hear from us once.

    `lang` is the language of the form, and `received` the day in Paris on which they wrote.
    `referent` follows their request and `closed` is its status if it is over, as a sweep last saw
    them, and `since` is when it first saw both together. `introduced` is the referent of whom they
    were told, `contacted` says that somebody has called them, or tried to. `said` are the kinds of
    mail that they got, `mailed` the day of the last one, and `look` that on which to look again.
    """

    lang: str
    received: date
    since: datetime
    mailed: date
    referent: str = ""
    closed: str = ""
    introduced: str = ""
    contacted: bool = False
    said: tuple[str, ...] = ()
    look: date | None = None

    @classmethod
    def of(cls, entry: Entry, at: datetime, referent: str) -> "Applicant | None":
        """Whoever sent an entry; None if it was imported, is a trial, or has no address.

        Args:
            entry: an accepted request.
            at: when its row is written.
            referent: who follows it then.
        """
        given = entry.submission
        if entry.imported or given.get("source") == TEST_SOURCE or not given.get("email"):
            return None
        today = at.astimezone(PARIS).date()
        received = entry.received_at.astimezone(PARIS).date()
        return cls(entry.lang, received, at, today, referent)

    def to_data(self) -> list[Any]:
        """The applicant as a part of a snapshot, which holds very many of them."""
        return [
            self.lang,
            self.received.isoformat(),
            stamp(self.since),
            self.mailed.isoformat(),
            self.referent,
            self.closed,
            self.introduced,
            self.contacted,
            self.said,
            self.look and self.look.isoformat(),
        ]

    @classmethod
    def from_data(cls, data: Sequence[Any]) -> "Applicant":
        """Read one back.

        Raises:
            ValueError, TypeError: it is none.
        """
        lang, received, since, mailed, referent, closed, introduced, contacted, said, look = data
        return cls(
            lang,
            date.fromisoformat(received),
            datetime.fromisoformat(since),
            date.fromisoformat(mailed),
            referent,
            closed,
            introduced,
            contacted,
            tuple(said),
            date.fromisoformat(look) if look else None,
        )


@dataclass(frozen=True)
class Standing:
    """How a request stands once a row edit is confirmed."""

    state: State
    course: Course


@dataclass(frozen=True)
class OtherTab:
    """A tab beside Demandes of which a batch changes rows: its sheetId, and its columns.

    `positions` says where these stood when the batch was planned, and `hashed` names those that the
    row hashes of the edits cover.
    """

    sheet_id: int
    positions: Mapping[str, int]
    hashed: tuple[str, ...]


@dataclass(frozen=True)
class Dealt:
    """An answer from a mail that a batch deals with; `name` is that of its object.

    `status` is what it leaves in Statut. `if_confirmed` is the reference of the row edit that must
    be confirmed; otherwise the answer goes on waiting.
    """

    name: str
    status: str = ""
    if_confirmed: str = ""


@dataclass(frozen=True)
class Reached:
    """How far a request has come by now, for its applicant's page.

    `if_confirmed` is the reference of the row edit that must be confirmed; otherwise it has not.
    """

    reference: str
    stage: Stage
    if_confirmed: str = ""


@dataclass(frozen=True)
class Batch:
    """What a drain is about to write, with everything that is needed to settle it.

    `positions` says where the columns of Demandes stood when the batch was planned. `hashed` names
    the columns that the row hashes of the edits cover. `rows` holds the cells of each row that the
    batch adds, by reference and column. `others` says the same of other tabs as `positions` and
    `hashed` of Demandes, by key, in the order in which the batch copies their headers. `answers`
    are those from mails that it deals with. `reached` says which requests have come further.
    """

    fence: Fence
    spreadsheet: str
    positions: Mapping[str, int]
    hashed: tuple[str, ...]
    filed: tuple[Filed, ...] = ()
    edits: tuple[RowEdit, ...] = ()
    mails: tuple[WaitingMail, ...] = ()
    rows: Mapping[str, Mapping[str, Cell]] = field(default_factory=dict)
    others: Mapping[str, OtherTab] = field(default_factory=dict)
    answers: tuple[Dealt, ...] = ()
    reached: tuple[Reached, ...] = ()

    @property
    def opened(self) -> dict[str, State]:
        """The first state of each request whose row the batch adds."""
        return {
            reference: State(**{key: as_text(cells.get(key)) for key in _STATE})
            for reference, cells in self.rows.items()
        }

    @property
    def applicants(self) -> dict[str, Applicant]:
        """Whoever wrote by the form, by the references of the rows that the batch adds."""
        applicants = {}
        for filed in self.filed:
            state = self.opened.get(filed.reference, State())
            with suppress(*ILLEGIBLE):  # what only an earlier version could read
                entry = Entry.from_json(filed.body.encode())
                if applicant := Applicant.of(entry, self.fence.at, state.referent):
                    applicants[filed.reference] = applicant
        return applicants

    @property
    def new_references(self) -> list[str]:
        """The references that the batch's row edits give; a reference typed by a person is none."""
        return [edit.reference for edit in self.edits if "reference" in edit.changes]

    def to_json(self) -> bytes:
        """The object's content."""
        return write_object(
            6,
            fence=_fence_data(self.fence),
            spreadsheet=self.spreadsheet,
            positions=self.positions,
            hashed=self.hashed,
            filed=[vars(filed) for filed in self.filed],
            edits=[_edit_data(edit) for edit in self.edits],
            mails=[mail.to_data() for mail in self.mails],
            rows=self.rows,
            others={key: vars(other) for key, other in self.others.items()},
            answers=[vars(dealt) for dealt in self.answers],
            reached=[
                {**vars(reached), "stage": reached.stage.to_data()} for reached in self.reached
            ],
        )

    @classmethod
    def from_json(cls, body: bytes) -> "Batch":
        """Read a batch back.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is none.
        """
        data = json.loads(body)
        read = _later_batch if "version" in data else _first_batch
        return read(data)


def _later_batch(data: Json) -> Batch:
    """Read version 2, which kept only the state of each new row, or a later one.

    Version 4 came with edits of rows of other tabs than Demandes, version 5 with answers from
    mails, version 6 with how far requests have come.
    """
    check_version(data, 6)
    return Batch(
        _fence(data["fence"]),
        data["spreadsheet"],
        dict(data["positions"]),
        tuple(data["hashed"]),
        tuple(Filed(**filed) for filed in data["filed"]),
        tuple(map(_edit, data["edits"])),
        tuple(map(WaitingMail.from_data, data["mails"])),
        data["rows"]
        if "rows" in data
        else {
            name: dict(zip(_STATE, state, strict=True)) for name, state in data["opened"].items()
        },
        {
            key: OtherTab(other["sheet_id"], dict(other["positions"]), tuple(other["hashed"]))
            for key, other in data.get("others", {}).items()
        },
        tuple(Dealt(**dealt) for dealt in data.get("answers", ())),
        tuple(
            Reached(part["reference"], Stage.from_data(part["stage"]), part["if_confirmed"])
            for part in data.get("reached", ())
        ),
    )


def _first_batch(data: Json) -> Batch:
    """Read version 1, which did not keep what a cell held before."""
    return Batch(
        _fence(data["fence"]),
        data["spreadsheet"],
        dict(data["header"]),
        _FIRST_HASHED,
        tuple(Filed(**filed) for filed in data["filed"]),
        tuple(
            RowEdit(
                edit["reference"],
                edit["row"],
                edit["expected"],
                {cell["key"]: Change(None, cell["value"]) for cell in edit["fillings"]},
            )
            for edit in data["completions"]
        ),
        tuple(mail for notice in data["notices"] for mail in _first_mails(notice)),
    )


def _first_mails(notice: Json) -> Iterator[WaitingMail]:
    """The mails of a notice of version 1.

    Such a notice mixed lines that depend on a row edit with lines that do not.
    """
    lines: dict[str, list[Json]] = {}
    for line in notice["requests"]:
        lines.setdefault(line["reference"] if line["if_meant"] else "", []).append(line)
    for to_confirm, requests in lines.items():
        mail = WaitingMail.from_data(notice | {"requests": requests})
        yield replace(mail, if_confirmed=to_confirm)


# The columns that version 1 hashed. They stay these, whatever `row_edits.HASHED` covers today.
_FIRST_HASHED = (
    "reference",
    "last_name",
    "first_name",
    "status",
    "referent",
    "assignment_reason",
    "project",
    "sector",
    "target",
    "phone",
    "email",
    "other_referents",
    "organisation",
    "source",
)


def _fence_data(fence: Fence) -> Json:
    return {"number": fence.number, "at": fence.at.isoformat(), "token": fence.token}


def _fence(data: Json) -> Fence:
    return Fence(data["number"], datetime.fromisoformat(data["at"]), data["token"])


def _edit_data(edit: RowEdit) -> Json:
    changes = {column: [change.before, change.after] for column, change in edit.changes.items()}
    return {
        "reference": edit.reference,
        "row": edit.row,
        "row_hash": edit.row_hash,
        "changes": changes,
        "tab": edit.tab,
    }


def _edit(data: Json) -> RowEdit:
    changes = {column: Change(*change) for column, change in data["changes"].items()}
    tab = data.get("tab", "requests")
    return RowEdit(data["reference"], data["row"], data["row_hash"], changes, tab)


@dataclass(frozen=True)
class RowsSeen:
    """The rows to complete that a sweep saw: since when each has not changed, by its hash."""

    since: Mapping[str, datetime]

    def to_json(self) -> bytes:
        """The object's content."""
        return write_object(2, since={row: at.isoformat() for row, at in self.since.items()})

    @classmethod
    def from_json(cls, body: bytes) -> "RowsSeen":
        """Read them back.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is something else.
        """
        data = json.loads(body)
        if "version" in data:
            check_version(data, 2)
            data = data["since"]
        return cls({row: datetime.fromisoformat(at) for row, at in data.items()})


@dataclass(frozen=True)
class Snapshot:
    """What a sweep knows of each request, by reference.

    References that stand in two rows are left out of `states`. `latest` says when each referent
    last got a request, by normalised name. `courses` holds the requests of which there is something
    to remember. `edited` holds those whose rows the batch of the snapshot edits: they stand so if
    their edit is confirmed, otherwise as the sweep saw them. `applicants` holds whoever wrote
    by the form and may hear from us.
    """

    states: Mapping[str, State]
    latest: Mapping[str, datetime] = field(default_factory=dict)
    courses: Mapping[str, Course] = field(default_factory=dict)
    edited: Mapping[str, Standing] = field(default_factory=dict)
    applicants: Mapping[str, Applicant] = field(default_factory=dict)

    def to_json(self) -> bytes:
        """The object's content."""
        return write_object(
            4,
            states={name: _state_data(state) for name, state in self.states.items()},
            latest={name: stamp(at) for name, at in self.latest.items()},
            courses={name: _course_data(course) for name, course in self.courses.items() if course},
            edited={
                name: [_state_data(standing.state), _course_data(standing.course)]
                for name, standing in self.edited.items()
            },
            applicants={name: person.to_data() for name, person in self.applicants.items()},
        )

    @classmethod
    def from_json(cls, body: bytes) -> "Snapshot":
        """Read one back. Versions 1 and 2 held row edits as if they were confirmed.

        Version 1 had no `latest`, and up to version 3 no applicant was remembered.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is none.
        """
        data = read_object(body, 4)
        return cls(
            {name: State(*state) for name, state in data["states"].items()},
            {name: datetime.fromisoformat(at) for name, at in data.get("latest", {}).items()},
            {name: _course(course) for name, course in data.get("courses", {}).items()},
            {
                name: Standing(State(*state), _course(course))
                for name, (state, course) in data.get("edited", {}).items()
            },
            {
                name: Applicant.from_data(person)
                for name, person in data.get("applicants", {}).items()
            },
        )


@dataclass(frozen=True)
class Misplaced:
    """A new row whose cells got into the wrong columns.

    `header` holds the titles under which it was written, `positions` where its cells were put, and
    `cells` what each of them holds, by column.
    """

    header: tuple[str, ...]
    positions: Mapping[str, int]
    cells: Mapping[str, Cell]

    def to_json(self) -> bytes:
        """The object's content."""
        return write_object(1, header=self.header, positions=self.positions, cells=self.cells)

    @classmethod
    def from_json(cls, body: bytes) -> "Misplaced":
        """Read one back.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is none.
        """
        data = read_object(body, 1)
        return cls(tuple(data["header"]), dict(data["positions"]), dict(data["cells"]))


@dataclass(frozen=True)
class Move:
    """Says that a request is to be given to somebody else because its referent leaves.

    The name of the object is the reference of the request. `giver` is the referent who leaves, and
    `receiver` who is to get the request; "" lets the rules decide. `until` is the last day of an
    absence; None means that the giver has left for good.
    """

    giver: str
    receiver: str = ""
    until: date | None = None

    def to_json(self) -> bytes:
        """The object's content."""
        until = self.until and self.until.isoformat()
        return write_object(1, giver=self.giver, receiver=self.receiver, until=until)

    @classmethod
    def from_json(cls, body: bytes) -> "Move":
        """Read one back.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is none.
        """
        data = read_object(body, 1)
        until = data["until"]
        return cls(data["giver"], data["receiver"], date.fromisoformat(until) if until else None)


@dataclass(frozen=True)
class GoodTable:
    """A table of assignment rules that could be read as a whole: the cells of each row, by column.

    It goes on while the table in the sheet has a rule that cannot be read.
    """

    at: datetime
    rows: tuple[Mapping[str, Cell], ...]

    def to_json(self) -> bytes:
        """The object's content."""
        return write_object(1, at=stamp(self.at), rows=self.rows)

    @classmethod
    def from_json(cls, body: bytes) -> "GoodTable":
        """Read one back.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is none.
        """
        data = read_object(body, 1)
        return cls(datetime.fromisoformat(data["at"]), tuple(map(dict, data["rows"])))


@dataclass(frozen=True)
class Adopted:
    """The references of rows that were in a sheet before it was adopted.

    People choose their referents. A reference is taken out once its row has one: from then on it is
    a request like any other.
    """

    references: frozenset[str]

    def to_json(self) -> bytes:
        """The object's content."""
        return write_object(1, references=sorted(self.references))

    @classmethod
    def from_json(cls, body: bytes) -> "Adopted":
        """Read one back.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is none.
        """
        return cls(frozenset(map(str, read_object(body, 1)["references"])))


@dataclass(frozen=True)
class BeforeAdoption:
    """How a partner's spreadsheet was before it was adopted, as far as the adoption changes it.

    `title` is that of the adopted tab, `properties` are the spreadsheet's language and time zone,
    and `made` are the sheetIds of the tabs that the system added. `references` are those that the
    rows got. `corrections` are the cells that were corrected: reference, column, and the cell's
    value before (as the Sheets API takes it) and after, as text.
    """

    title: str
    properties: Mapping[str, str]
    made: tuple[int, ...]
    references: tuple[str, ...]
    corrections: tuple[tuple[str, str, Json, str], ...] = ()

    def to_json(self) -> bytes:
        """The object's content."""
        return write_object(1, **vars(self))

    @classmethod
    def from_json(cls, body: bytes) -> "BeforeAdoption":
        """Read one back.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is none.
        """
        data = read_object(body, 1)
        return cls(
            data["title"],
            dict(data["properties"]),
            tuple(map(int, data["made"])),
            tuple(data["references"]),
            tuple((ref, key, dict(old), new) for ref, key, old, new in data["corrections"]),
        )


_STATE = ("status", "referent", "last_contact_on")


def _state_data(state: State) -> list[str]:
    return [state.status, state.referent, state.last_contact_on]


def _course_data(course: Course) -> Json:
    day = course.handed_on and course.handed_on.isoformat()
    return {**vars(course), "handed_on": day}


def _course(data: Json) -> Course:
    day = data["handed_on"]
    return Course(
        tuple(data["refused"]),
        date.fromisoformat(day) if day else None,
        data["reminded"],
        data["motive"],
    )


@dataclass(frozen=True)
class Standstill:
    """Says since when every call of the drain fails."""

    since: datetime

    def to_json(self) -> bytes:
        """The object's content."""
        return write_object(1, since=stamp(self.since))

    @classmethod
    def from_json(cls, body: bytes) -> "Standstill":
        """Read one back.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is none.
        """
        return cls(datetime.fromisoformat(read_object(body, 1)["since"]))


@dataclass(frozen=True)
class StandstillTold:
    """Says who was told of a standstill, and when: names by address."""

    at: datetime
    people: Mapping[str, str]

    def to_json(self) -> bytes:
        """The object's content."""
        return write_object(1, at=stamp(self.at), people=self.people)

    @classmethod
    def from_json(cls, body: bytes) -> "StandstillTold":
        """Read one back.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is none.
        """
        data = read_object(body, 1)
        return cls(datetime.fromisoformat(data["at"]), dict(data["people"]))
