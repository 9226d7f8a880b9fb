"""Makes a submission durable, once for each idempotency key."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from functions.intake.refusals import KeyReusedError
from functions.intake.robots import Proof, ProofError
from functions.intake.submission import Submission
from functions.shared import reference
from functions.shared.errors import JournalError
from functions.shared.journal.entries import (
    ILLEGIBLE,
    Entry,
    Kept,
    fingerprint,
    says_the_same,
)
from functions.shared.journal.store import Journal
from functions.shared.log import log


@dataclass(frozen=True)
class Acceptance:
    """Writes the journal; `draw` gives a random number below 2**reference.RANDOM_BITS."""

    journal: Journal
    clock: Callable[[], datetime]
    draw: Callable[[], int]

    def accept(
        self,
        submission: Submission,
        key: str,
        marks: Mapping[str, str] | None = None,
        proof: Proof | None = None,
        lang: str = "fr",
        *,
        unused: bool = False,
    ) -> str:
        """Make a submission durable and return its reference.

        A key that was sent before gets the same reference again, even after its row is written. A
        new request takes three round trips to the journal, one after the other. The first uses up
        the proof and draws a reference, the second creates the entry, and the third looks for what
        an earlier request with this key has left, unless there cannot be one.

        Args:
            submission: a valid submission.
            key: its idempotency key.
            marks: what the entry says beside the submission: `doubt`, `suspect` (docs/protocol.md).
            proof: the proof of work to use up.
            lang: the language in which to write to the applicant.
            unused: whether the key was drawn for this call, so that no earlier request has it.

        Raises:
            ProofError: the proof was used up for another key; nothing is recorded.
            KeyReusedError: the key was used for another submission.
            JournalError: the submission may be recorded or not; nothing is promised.
        """
        name, marks = _name(key), marks or {}
        entry = Entry(
            self._draw(proof, name),
            self.clock(),
            fingerprint(submission),
            submission,
            lang,
            marks.get("doubt", ""),
            marks.get("suspect", ""),
        )
        created = self.journal.create(f"pending/{name}", entry.to_json())
        earlier = None if created and unused else self._earlier(name, created=created)
        if earlier is None and not created:
            raise JournalError("Une entrée du journal a disparu.")
        reference = entry.reference if earlier is None else _same(earlier, submission)
        log("INFO", "accepted", reference=reference, replayed=earlier is not None)
        return reference

    def known(self, submission: Submission, key: str) -> str | None:
        """The reference that a key got before; None if it got none.

        Raises:
            KeyReusedError: the key got its reference for another submission.
            JournalError: the journal does not answer.
        """
        earlier = self._earlier(_name(key), created=False)
        return None if earlier is None else _same(earlier, submission)

    def _draw(self, proof: Proof | None, name: str) -> str:
        """Use up the proof, and draw a reference that nobody has."""

        def drawn() -> str:
            return reference.draw_free(self.journal, self.draw)

        if proof is None:
            return drawn()
        spent, free = self.journal.both(lambda: self._spend(proof, name), drawn)
        if not spent:
            raise ProofError
        return free

    def _spend(self, proof: Proof, name: str) -> bool:
        """Use up a proof for an entry; False if it was used up for another entry before."""
        hashed = hashlib.sha256(proof.name.encode()).hexdigest()[:32]
        marker = f"spent/{int(proof.expires_at.timestamp())}-{hashed}"
        owner = name.encode()
        return self.journal.create(marker, owner) or self.journal.read(marker) == owner

    def _earlier(self, name: str, *, created: bool) -> Kept | None:
        """The first request under a name, wherever it is by now; None if there is none.

        First read the pending entry, then the tombstone and the entry that is set aside. If the
        entry is filed or set aside between the two reads, one of them still sees it. A tombstone
        or an entry that is set aside counts before a pending entry, because the pending entry may
        be a repetition whose reference nobody was told.

        Args:
            name: the name of the entries.
            created: whether the pending entry was created just now. Then an earlier request can
                only be filed or set aside, since otherwise the creation would have failed.
        """
        pending = None if created else self.journal.read(f"pending/{name}")
        filed, aside = self.journal.both(
            lambda: self.journal.read(f"filed/{name}"),
            lambda: self.journal.read(f"quarantine/{name}"),
        )
        if created and aside:
            # Delete our entry: it would be in the way when the operator releases the entry that is
            # set aside.
            self.journal.delete(f"pending/{name}")
        body = filed or aside or pending
        return _read(name, body) if body else None


def _name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _read(name: str, body: bytes) -> Kept:
    """Reference and fingerprint of an entry, or of its tombstone.

    Raises:
        JournalError: they cannot be read.
    """
    try:
        return Kept.from_json(body)
    except ILLEGIBLE as error:
        log("ERROR", "unreadable entry", entry=name)
        raise JournalError("Une entrée du journal est illisible.") from error


def _same(earlier: Kept, submission: Submission) -> str:
    """The reference of an earlier request, if it says the same as a submission.

    Raises:
        KeyReusedError: the earlier request says something else.
    """
    if not says_the_same(earlier.fingerprint, submission):
        raise KeyReusedError(earlier.reference)
    return earlier.reference
