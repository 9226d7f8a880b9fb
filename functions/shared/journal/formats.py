"""The objects of the journal: what each holds, and every version of it that was ever written.

An object outlives the deployment that wrote it by up to 60 days, so what is read here may have
been written by any earlier version. Whoever changes what is written raises the version of that
kind, keeps reading the earlier ones, and adds a golden file to tests/functions/shared/journal.

| folder | object | class |
|---|---|---|
| `pending/`, `quarantine/` | an accepted request | Entry |
| `quarantine/….why` | why one is set aside | AsideNote |
| `filed/` | a request whose row is written | Tombstone |
| `batches/` | what a drain is about to write | Batch |
| `settled/` | a batch that needs nothing more | SettledMark |
| `outbox/` | a mail that waits | WaitingMail |
| `seen/` | since when rows are as they are | RowsSeen |
| `snapshots/` | what the last sweep saw of each request | Snapshot |

`references/`, `accepted/`, `spent/` and `mail/` say something by being there.
"""

import functools
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from functions.shared.sheets.fence import Fence
from functions.shared.sheets.port import Change, RowEdit
from sheets_schema.schema import load

Json = dict[str, Any]
# What makes no sense of an object's content raises one of these; see `store.legible`.
ILLEGIBLE = (ValueError, KeyError, TypeError, AttributeError, IndexError)


@dataclass(frozen=True)
class Entry:
    """An accepted request: version 2 keeps the applicant's language.

    `submission` is a valid one, with its defaults. `suspect` says why intake takes it for a
    robot's, `doubt` why it may be one's; both are empty as a rule.
    """

    reference: str
    received_at: datetime
    fingerprint: str
    submission: Mapping[str, Any]
    lang: str = "fr"
    doubt: str = ""
    suspect: str = ""

    def to_json(self) -> bytes:
        """The object's content; what is empty is left out."""
        marks = {"lang": self.lang, "doubt": self.doubt, "suspect": self.suspect}
        return _dump(
            2,
            reference=self.reference,
            received_at=_stamp(self.received_at),
            fingerprint=self.fingerprint,
            submission=self.submission,
            **{name: mark for name, mark in marks.items() if mark},
        )

    @classmethod
    def from_json(cls, body: bytes) -> "Entry":
        """Read an entry back.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is none.
        """
        data = _load(body, 2)
        received_at = datetime.fromisoformat(data["received_at"])
        if received_at.tzinfo is None:
            raise ValueError("a time without its zone")
        submission = data["submission"]
        submission.items()  # an AttributeError where it is no object
        return cls(
            data["reference"],
            received_at,
            data["fingerprint"],
            submission,
            str(data.get("lang") or "fr"),
            str(data.get("doubt") or ""),
            str(data.get("suspect") or ""),
        )


def cleared(body: bytes) -> bytes:
    """An entry without the mark by which intake suspects it; anything else as it is."""
    try:
        data = json.loads(body)
    except ValueError:
        return body
    if isinstance(data, dict) and data.pop("suspect", None):
        return json.dumps(data, ensure_ascii=False).encode()
    return body


def is_of(body: bytes, reference: str) -> bool:
    """Whether an object names a reference as its own; not where it is illegible."""
    try:
        return bool(json.loads(body)["reference"] == reference)
    except (ValueError, KeyError, TypeError):
        return False


def is_suspect(body: bytes) -> bool:
    """Whether an entry is marked as a robot's; not where it is illegible."""
    try:
        return bool(json.loads(body).get("suspect"))
    except (ValueError, AttributeError):
        return False


def fingerprint(submission: Mapping[str, Any]) -> str:
    """A hash that two submissions share exactly when they say the same.

    An answer that only repeats its default does not count: a deployment that adds an optional
    field must not make a retry look like another submission.
    """
    return f"2:{_hash(_without_defaults(submission))}"


def says_the_same(kept: str, submission: Mapping[str, Any]) -> bool:
    """Whether a submission is the one whose fingerprint was kept, by whichever version.

    Args:
        kept: a fingerprint out of the journal.
        submission: a valid one, with its defaults.
    """
    if kept.startswith("2:"):
        return kept == fingerprint(submission)
    return kept == _hash(_FIRST_DEFAULTS | _without_defaults(submission))


# Version 1 hashed a submission with the defaults of its time.
_FIRST_DEFAULTS = {
    "source": "site",
    "newsletter": False,
    "ambassador_contact": False,
    "target": {"unknown": True},
}


def _without_defaults(submission: Mapping[str, Any]) -> Json:
    defaults = _defaults()
    return {
        name: value
        for name, value in submission.items()
        if name not in defaults or value != defaults[name]
    }


@functools.cache
def _defaults() -> Json:
    """What intake takes for answered where nothing is."""
    parts = load("submission")["properties"]
    given = {name: part["default"] for name, part in parts.items() if "default" in part}
    return given | {"target": {"unknown": True}}


def _hash(value: Mapping[str, Any]) -> str:
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True)
class Tombstone:
    """That a request's row is written, for whoever sends its key again."""

    reference: str
    fingerprint: str
    filed_at: datetime

    def to_json(self) -> bytes:
        """The object's content."""
        return _dump(
            1,
            reference=self.reference,
            fingerprint=self.fingerprint,
            filed_at=_stamp(self.filed_at),
        )


@dataclass(frozen=True)
class Kept:
    """What an entry and a tombstone both tell of the request that came first with a key."""

    reference: str
    fingerprint: str

    @classmethod
    def from_json(cls, body: bytes) -> "Kept":
        """Read either of them.

        Raises:
            ValueError, KeyError, TypeError: it is neither.
        """
        data = json.loads(body)
        return cls(data["reference"], data["fingerprint"])


@dataclass(frozen=True)
class AsideNote:
    """Why an entry is set aside; `suspect` as in the entry."""

    reference: str
    at: datetime
    reason: str
    suspect: str = ""

    def to_json(self) -> bytes:
        """The object's content."""
        marks = {"suspect": self.suspect} if self.suspect else {}
        return _dump(1, reference=self.reference, at=_stamp(self.at), reason=self.reason, **marks)

    @classmethod
    def from_json(cls, body: bytes) -> "AsideNote":
        """Read a note back.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is none.
        """
        data = _load(body, 1)
        return cls(
            str(data.get("reference", "")),
            datetime.fromisoformat(data["at"]),
            str(data.get("reason", "")),
            str(data.get("suspect") or ""),
        )


@dataclass(frozen=True)
class SettledMark:
    """That a batch needs nothing more; `filed` are the names of its entries."""

    settled_at: datetime
    filed: tuple[str, ...]

    def to_json(self) -> bytes:
        """The object's content."""
        return _dump(1, settled_at=_stamp(self.settled_at), filed=self.filed)

    @classmethod
    def from_json(cls, body: bytes) -> "SettledMark":
        """Read a mark back.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is none.
        """
        data = _load(body, 1)
        return cls(datetime.fromisoformat(data["settled_at"]), tuple(data["filed"]))


@dataclass(frozen=True)
class WaitingMail:
    """A mail that waits, in the kind's own words; see `mail.kinds`.

    `to` is the name of somebody in the lookup tables, whose address is looked up when the mail is
    sent; `address` stands in its place for a person who is in none. `if_confirmed` names the row
    edit that has to hold for it to be sent. `attempts` is how often its recipient was refused,
    `refused` the address that was, `refused_at` when.
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
        """As plain data, with its version: a batch holds mails as well."""
        given = {
            "address": self.address,
            "if_confirmed": self.if_confirmed,
            "refused": self.refused,
            "refused_at": self.refused_at and _stamp(self.refused_at),
        }
        return {
            "version": 2,
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
        """See `from_json`; version 1 told of requests only, and knew addresses only."""
        if "version" not in data:
            requests = data["requests"]
            return cls(
                "trial" if requests[0].get("test") else "assigned",
                data["name"],
                {"requests": [{name: line[name] for name in _TOLD} for line in requests]},
                address=data["email"],
            )
        _check(data, 2)
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
    """An entry of a batch; `body` is the journal's, so that it can be filed again."""

    name: str
    reference: str
    fingerprint: str
    body: str


@dataclass(frozen=True)
class State:
    """What is remembered of a request, to learn what people changed: texts of its row."""

    status: str = ""
    referent: str = ""
    last_contact_on: str = ""


@dataclass(frozen=True)
class Batch:
    """What a drain is about to write, and all that settling it needs to know.

    `positions` is where the columns of Demandes stood when it was decided. `hashed` are the
    columns that the edits' row hashes cover. `opened` is how the rows that it adds begin.
    """

    fence: Fence
    spreadsheet: str
    positions: Mapping[str, int]
    hashed: tuple[str, ...]
    filed: tuple[Filed, ...] = ()
    edits: tuple[RowEdit, ...] = ()
    mails: tuple[WaitingMail, ...] = ()
    opened: Mapping[str, State] = field(default_factory=dict)

    @property
    def new_references(self) -> list[str]:
        """The references that it gives to rows; what people wrote in that column is theirs."""
        return [edit.reference for edit in self.edits if "reference" in edit.changes]

    def to_json(self) -> bytes:
        """The object's content."""
        return _dump(
            2,
            fence=_fence_data(self.fence),
            spreadsheet=self.spreadsheet,
            positions=self.positions,
            hashed=self.hashed,
            filed=[vars(filed) for filed in self.filed],
            edits=[_edit_data(edit) for edit in self.edits],
            mails=[mail.to_data() for mail in self.mails],
            opened={reference: _state_data(state) for reference, state in self.opened.items()},
        )

    @classmethod
    def from_json(cls, body: bytes) -> "Batch":
        """Read a batch back.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is none.
        """
        data = json.loads(body)
        read = _second_batch if "version" in data else _first_batch
        return read(data)


def _second_batch(data: Json) -> Batch:
    _check(data, 2)
    return Batch(
        _fence(data["fence"]),
        data["spreadsheet"],
        dict(data["positions"]),
        tuple(data["hashed"]),
        tuple(Filed(**filed) for filed in data["filed"]),
        tuple(map(_edit, data["edits"])),
        tuple(map(WaitingMail.from_data, data["mails"])),
        {reference: State(*state) for reference, state in data["opened"].items()},
    )


def _first_batch(data: Json) -> Batch:
    """Version 1 did not keep what a cell held before."""
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
    """The mails of a notice of version 1, which told both what to confirm and what was sure."""
    lines: dict[str, list[Json]] = {}
    for line in notice["requests"]:
        lines.setdefault(line["reference"] if line["if_meant"] else "", []).append(line)
    for to_confirm, requests in lines.items():
        mail = WaitingMail.from_data(notice | {"requests": requests})
        yield replace(mail, if_confirmed=to_confirm)


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
    }


def _edit(data: Json) -> RowEdit:
    changes = {column: Change(*change) for column, change in data["changes"].items()}
    return RowEdit(data["reference"], data["row"], data["row_hash"], changes)


@dataclass(frozen=True)
class RowsSeen:
    """The rows that a sweep saw with something to complete: by their hash, since when."""

    since: Mapping[str, datetime]

    def to_json(self) -> bytes:
        """The object's content."""
        return _dump(2, since={row: at.isoformat() for row, at in self.since.items()})

    @classmethod
    def from_json(cls, body: bytes) -> "RowsSeen":
        """Read them back.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is something else.
        """
        data = json.loads(body)
        if "version" in data:
            _check(data, 2)
            data = data["since"]
        return cls({row: datetime.fromisoformat(at) for row, at in data.items()})


@dataclass(frozen=True)
class Snapshot:
    """What a sweep saw of each request that stands in Demandes once, by reference."""

    states: Mapping[str, State]

    def to_json(self) -> bytes:
        """The object's content."""
        return _dump(1, states={name: _state_data(state) for name, state in self.states.items()})

    @classmethod
    def from_json(cls, body: bytes) -> "Snapshot":
        """Read one back.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is none.
        """
        data = _load(body, 1)
        return cls({name: State(*state) for name, state in data["states"].items()})


def _state_data(state: State) -> list[str]:
    return [state.status, state.referent, state.last_contact_on]


def _dump(version: int, **parts: Any) -> bytes:  # noqa: ANN401  (JSON values)
    return json.dumps({"version": version} | parts, ensure_ascii=False).encode()


def _load(body: bytes, newest: int) -> Json:
    data: Json = json.loads(body)
    _check(data, newest)
    return data


def _check(data: Json, newest: int) -> None:
    """Refuse what is no object, and what a later version wrote: half of it would be understood.

    Raises:
        ValueError: it is one of these.
    """
    if not isinstance(data, dict):
        raise ValueError("no object")  # noqa: TRY004  (what is read is wrong, not the call)
    if not 1 <= data.get("version", 1) <= newest:
        raise ValueError("of another version")


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
