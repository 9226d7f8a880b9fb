"""The objects of the journal that intake writes and reads, and what all objects have in common.

`formats` describes the others, and says what to do when an object changes. Intake starts without
it.
"""

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sheets_schema.schema import load

Json = dict[str, Any]
# Code that cannot read an object's content raises one of these errors; see `store.legible`.
ILLEGIBLE = (ValueError, KeyError, TypeError, AttributeError, IndexError)


@dataclass(frozen=True)
class Imported:
    """What an entry says because it comes from a partner's list.

    `cells` are texts by column of Demandes, as people write them, for columns that no question of
    the form fills. `repeats` is the reference of an earlier request of the same person, "" for
    none. `mails` says whether the referents get a mail.
    """

    cells: Mapping[str, str] = field(default_factory=dict)
    repeats: str = ""
    mails: bool = False


@dataclass(frozen=True)
class Entry:
    """An accepted request. Version 2 keeps the applicant's language, version 3 what was imported.

    `submission` is valid and has its defaults filled in. `suspect` says why intake takes the
    request for a robot's, and `doubt` why it may be a robot's. Both are usually empty. `imported`
    is None for a request that somebody sent.
    """

    reference: str
    received_at: datetime
    fingerprint: str
    submission: Mapping[str, Any]
    lang: str = "fr"
    doubt: str = ""
    suspect: str = ""
    imported: Imported | None = None

    @property
    def cells(self) -> Mapping[str, str]:
        """The cells that a partner's list fills, see `Imported`."""
        return self.imported.cells if self.imported else {}

    def to_json(self) -> bytes:
        """The object's content; empty parts are left out.

        What somebody sent is written as version 2, so that an older route can file it, too.
        """
        marks = {
            "lang": self.lang,
            "doubt": self.doubt,
            "suspect": self.suspect,
            "imported": self.imported and vars(self.imported),
        }
        return write_object(
            3 if self.imported else 2,
            reference=self.reference,
            received_at=stamp(self.received_at),
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
        data = read_object(body, 3)
        imported = data.get("imported")
        received_at = read_moment(data["received_at"])
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
            Imported(**imported) if imported else None,
        )


def cleared(body: bytes) -> bytes:
    """An entry without the mark by which intake suspects it; any other body as it is."""
    try:
        data = json.loads(body)
    except ValueError:
        return body
    if isinstance(data, dict) and data.pop("suspect", None):
        return json.dumps(data, ensure_ascii=False).encode()
    return body


def is_of(body: bytes, reference: str) -> bool:
    """Whether an object names a reference as its own; False for an illegible object."""
    try:
        return bool(json.loads(body)["reference"] == reference)
    except (ValueError, KeyError, TypeError):
        return False


def is_suspect(body: bytes) -> bool:
    """Whether an entry is marked as a robot's; False for an illegible entry."""
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
    """Whether a submission says the same as the submission whose fingerprint was kept.

    Args:
        kept: a fingerprint from the journal, made by any version.
        submission: a valid submission with its defaults filled in.
    """
    if kept.startswith("2:"):
        return kept == fingerprint(submission)
    return kept == _hash(_FIRST_DEFAULTS | _without_defaults(submission))


# Version 1 hashed a submission together with the defaults of its time.
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
    """The answers that intake assumes where a question is not answered."""
    parts = load("submission")["properties"]
    given = {name: part["default"] for name, part in parts.items() if "default" in part}
    return given | {"target": {"unknown": True}}


def _hash(value: Mapping[str, Any]) -> str:
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True)
class Tombstone:
    """Says that a request's row is written. It answers those who send the same key again."""

    reference: str
    fingerprint: str
    filed_at: datetime

    def to_json(self) -> bytes:
        """The object's content."""
        return write_object(
            1,
            reference=self.reference,
            fingerprint=self.fingerprint,
            filed_at=stamp(self.filed_at),
        )


@dataclass(frozen=True)
class Kept:
    """What an entry and a tombstone both say about the first request with a key."""

    reference: str
    fingerprint: str

    @classmethod
    def from_json(cls, body: bytes) -> "Kept":
        """Read an entry or a tombstone.

        Raises:
            ValueError, KeyError, TypeError: it is neither.
        """
        data = json.loads(body)
        return cls(data["reference"], data["fingerprint"])


@dataclass(frozen=True)
class AsideNote:
    """Why an entry is set aside; `suspect` is as in the entry."""

    reference: str
    at: datetime
    reason: str
    suspect: str = ""

    def to_json(self) -> bytes:
        """The object's content."""
        marks = {"suspect": self.suspect} if self.suspect else {}
        return write_object(
            1, reference=self.reference, at=stamp(self.at), reason=self.reason, **marks
        )

    @classmethod
    def from_json(cls, body: bytes) -> "AsideNote":
        """Read a note back.

        Raises:
            ValueError, KeyError, TypeError, AttributeError: it is none.
        """
        data = read_object(body, 1)
        return cls(
            str(data.get("reference", "")),
            read_moment(data["at"]),
            str(data.get("reason", "")),
            str(data.get("suspect") or ""),
        )


def write_object(version: int, **parts: Any) -> bytes:  # noqa: ANN401  (JSON values)
    """An object's content, with the version of its kind."""
    return json.dumps({"version": version} | parts, ensure_ascii=False).encode()


def read_object(body: bytes, newest: int) -> Json:
    """What an object holds.

    Raises:
        ValueError: see `check_version`; or it is not JSON.
    """
    data: Json = json.loads(body)
    check_version(data, newest)
    return data


def check_version(data: Json, newest: int) -> None:
    """Refuse data that is no object, and data that a later version wrote.

    Of an object of a later version only a part would be understood.

    Raises:
        ValueError: the data is one of these.
    """
    if not isinstance(data, dict):
        raise ValueError("no object")  # noqa: TRY004  (what is read is wrong, not the call)
    if not 1 <= data.get("version", 1) <= newest:
        raise ValueError("of another version")


def stamp(moment: datetime) -> str:
    """A moment as objects write it, to the second."""
    return moment.isoformat(timespec="seconds")


def read_moment(text: str) -> datetime:
    """A moment as objects write it.

    Raises:
        ValueError, TypeError: it is none, or it has no zone and could not be compared.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment


def check_texts(*values: object) -> None:
    """Check that parts of an object are texts.

    Raises:
        TypeError: one of them is none.
    """
    if not all(isinstance(value, str) for value in values):
        raise TypeError("no text")
