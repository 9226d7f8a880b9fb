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
from functions.shared.journal.formats import ILLEGIBLE, Entry, Kept, fingerprint, says_the_same
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
    ) -> str:
        """Make a submission durable and return its reference.

        A key seen before gives the reference it got then, also when its request is settled. A new
        request takes three round trips to the journal, one after the other: the proof is used up
        and a reference drawn; the entry is created; what an earlier request left is looked for.

        Args:
            submission: a valid one.
            key: its idempotency key.
            marks: what the entry says beside it: `doubt`, `suspect` (docs/protocol.md).
            proof: the proof of work to use up.
            lang: the language in which the applicant is written to.

        Raises:
            ProofError: the proof was used up for another key; nothing is recorded.
            KeyReusedError: the key was used for another submission.
            JournalError: it may be recorded or not; nothing is promised.
        """
        name = _name(key)
        entry = Entry(
            self._draw(proof, name),
            self.clock(),
            fingerprint(submission),
            submission,
            lang,
            **(marks or {}),
        )
        created = self.journal.create(f"pending/{name}", entry.to_json())
        earlier = self._earlier(name, created=created)
        if earlier is None and not created:
            raise JournalError("Une entrée du journal a disparu.")
        reference = entry.reference if earlier is None else _same(earlier, submission)
        log("INFO", "accepted", reference=reference, replayed=earlier is not None)
        return reference

    def known(self, submission: Submission, key: str) -> str | None:
        """The reference that a key got before; None where it got none.

        Raises:
            KeyReusedError: it got one for another submission.
            JournalError: the journal does not answer.
        """
        earlier = self._earlier(_name(key), created=False)
        return None if earlier is None else _same(earlier, submission)

    def _draw(self, proof: Proof | None, name: str) -> str:
        """A reference that nobody has, once the proof is used up."""

        def drawn() -> str:
            return reference.draw_free(self.journal, self.draw)

        if proof is None:
            return drawn()
        spent, free = self.journal.both(lambda: self._spend(proof, name), drawn)
        if not spent:
            raise ProofError
        return free

    def _spend(self, proof: Proof, name: str) -> bool:
        """Use up a proof for an entry; False where it was used for another one."""
        hashed = hashlib.sha256(proof.name.encode()).hexdigest()[:32]
        marker = f"spent/{int(proof.expires_at.timestamp())}-{hashed}"
        owner = name.encode()
        return self.journal.create(marker, owner) or self.journal.read(marker) == owner

    def _earlier(self, name: str, *, created: bool) -> Kept | None:
        """The request that came first under a name, wherever it is by now; None for none.

        Whatever is pending is looked at first, then what an entry leaves that is no longer
        pending: an entry that is settled or set aside meanwhile is seen in one of the two. What is
        left counts before what is pending, which may be a repetition that nobody was told of.

        Args:
            name: that of the entries.
            created: what is pending was created just now. An earlier request was settled or set
                aside before, or the creation had failed.
        """
        pending = None if created else self.journal.read(f"pending/{name}")
        filed, aside = self.journal.both(
            lambda: self.journal.read(f"filed/{name}"),
            lambda: self.journal.read(f"quarantine/{name}"),
        )
        if created and aside:
            # The operator releases the entry that is set aside: this one would be in its way.
            self.journal.delete(f"pending/{name}")
        body = filed or aside or pending
        return _read(name, body) if body else None


def _name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _read(name: str, body: bytes) -> Kept:
    """Reference and fingerprint of an entry, or of what is left of it.

    Raises:
        JournalError: they cannot be read.
    """
    try:
        return Kept.from_json(body)
    except ILLEGIBLE as error:
        log("ERROR", "unreadable entry", entry=name)
        raise JournalError("Une entrée du journal est illisible.") from error


def _same(earlier: Kept, submission: Submission) -> str:
    """The reference of an earlier request, which says the same as a submission.

    Raises:
        KeyReusedError: it says something else.
    """
    if not says_the_same(earlier.fingerprint, submission):
        raise KeyReusedError(earlier.reference)
    return earlier.reference
