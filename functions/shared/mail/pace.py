"""How often mails may leave, counted in the journal: it holds for all instances together."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from functions.shared.journal.store import Journal
from sheets_schema.columns import PARIS

GAP = timedelta(minutes=3)  # between two mails of one kind to one person; sweeps come less often
MOST_OUTSIDE = 3  # mails of a kind to one address of an applicant within a day
_OUTSIDE = "-outside"
_SLOT = timedelta(seconds=30)
KEPT = timedelta(days=2)  # for how long the journal remembers that a mail left
_FORMAT = "%Y%m%dT%H%M%S"


@dataclass
class Pace:
    """What one call of the outbox knows of the mails that left lately.

    Each mail leaves an object `mailed/<slot>-<whose>` without content, created before the mail is
    sent; a slot is half a minute. The journal creates an object only once, so of two instances
    one sends. The name of a note about a mail to whoever wrote by the form ends with _OUTSIDE: such
    mails are counted apart, so that no flood of them holds up mails to staff.

    `most_a_day` is how many mails of each of the two sorts may leave on a day in Paris.
    """

    journal: Journal
    clock: Callable[[], datetime]
    most_a_day: int

    def __post_init__(self) -> None:
        yesterday = self.clock() - timedelta(days=1)
        self._known = set(self.journal.keys("mailed/", after=f"mailed/{_slot(yesterday)}"))

    def is_spent(self, *, outside: bool) -> bool:
        """Whether as many mails left today as may leave on one day, to staff or to others."""
        since = _today(self.clock())
        sent = (key for key in self._known if key.endswith(_OUTSIDE) == outside)
        return sum(key >= since for key in sent) >= self.most_a_day

    def claim(self, kind: str, address: str, *, outside: bool = False) -> str | None:
        """Note that a mail is about to leave.

        Args:
            kind: the kind of mail.
            address: where it goes.
            outside: whether it goes to whoever wrote by the form. Anybody can send the form with
                anybody's address: such an address gets MOST_OUTSIDE mails of a kind within a day.

        Returns:
            The key of the note, which is to be deleted if the mail certainly did not leave. None if
            it is too early for another mail of this kind to this address.

        Raises:
            JournalError: the journal does not answer.
        """
        now = self.clock()
        whose = hashlib.sha256(f"{kind}\0{address.casefold()}".encode()).hexdigest()[:32]
        whose += _OUTSIDE if outside else ""
        key, *before = (
            f"mailed/{_slot(now - number * _SLOT)}-{whose}" for number in range(GAP // _SLOT + 1)
        )
        since = f"mailed/{_slot(now - timedelta(days=1))}"
        lately = sum(key.endswith(whose) and key > since for key in self._known)
        if outside and lately >= MOST_OUTSIDE:
            return None
        if not self._known.isdisjoint(before) or not self.journal.create(key, b"{}"):
            return None
        self._known.add(key)
        return key

    def release(self, key: str) -> None:
        """Forget a claim: its mail did not leave."""
        self.journal.delete(key)
        self._known.discard(key)


def count_today(journal: Journal, now: datetime) -> int:
    """How many mails left on this day in Paris, or were about to: to staff or to others.

    The larger number counts, since either has the limit of a day for itself.
    """
    keys = journal.keys("mailed/", after=_today(now))
    outside = sum(key.endswith(_OUTSIDE) for key in keys)
    return max(outside, len(keys) - outside)


def _today(now: datetime) -> str:
    """The keys of today's mails come after this."""
    midnight = now.astimezone(PARIS).replace(hour=0, minute=0, second=0)
    return f"mailed/{_slot(midnight)}"


def forget(journal: Journal, now: datetime) -> None:
    """Delete what counts no more."""
    before = f"mailed/{_slot(now - KEPT)}"
    for key in journal.keys("mailed/"):
        if key < before:
            journal.delete(key)


def _slot(at: datetime) -> str:
    """The beginning of the slot that a time falls into; texts sort as times do."""
    length = _SLOT.total_seconds()
    return datetime.fromtimestamp(at.timestamp() // length * length, UTC).strftime(_FORMAT)
