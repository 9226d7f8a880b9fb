"""Makes a submission durable, once for each idempotency key."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.intake.refusals import KeyReusedError
from functions.intake.robots import Proof
from functions.intake.submission import Submission, fingerprint
from functions.shared import reference
from functions.shared.errors import JournalError
from functions.shared.journal.store import Journal
from functions.shared.log import log


@dataclass(frozen=True)
class Acceptance:
    """Writes the journal; `draw` gives a random number below 2**reference.RANDOM_BITS."""

    journal: Journal
    clock: Callable[[], datetime]
    draw: Callable[[], int]

    def accept(self, submission: Submission, key: str, marks: Mapping[str, str]) -> str:
        """Make a submission durable and return its reference.

        A key seen before gives the reference it got then, also when its request is settled. The
        tombstone is looked for *after* the creation: a creation that succeeds beside an earlier
        request of the same key can only come after that request was settled, so its tombstone is
        there to be seen.

        Args:
            submission: a valid one.
            key: its idempotency key.
            marks: what the entry says beside it: `doubt`, `suspect` (docs/protocol.md).

        Raises:
            KeyReusedError: the key was used for another submission.
            JournalError: it may be recorded or not; nothing is promised.
        """
        name = _name(key)
        entry: dict[str, Any] = {
            "version": 1,
            "reference": reference.draw_free(self.journal, self.draw),
            "received_at": self.clock().isoformat(timespec="seconds"),
            "fingerprint": fingerprint(submission),
            "submission": submission,
            **marks,
        }
        body = json.dumps(entry, ensure_ascii=False).encode()
        created = self.journal.create(f"pending/{name}", body)
        earlier = self._settled(name)
        if earlier is None and not created:
            # Settled between the two calls if it is no longer pending.
            earlier = self.journal.read(f"pending/{name}") or self._settled(name)
            if earlier is None:
                raise JournalError("Une entrée du journal a disparu.")
        elif earlier and created and self.journal.read(f"quarantine/{name}"):
            # It waits for the operator already; what is released is that one.
            self.journal.delete(f"pending/{name}")
        kept = entry if earlier is None else _kept(name, earlier)
        _check_same(kept, entry["fingerprint"])
        log("INFO", "accepted", reference=kept["reference"], replayed=kept is not entry)
        return str(kept["reference"])

    def known(self, submission: Submission, key: str) -> str | None:
        """The reference that a key got before; None where it got none.

        Raises:
            KeyReusedError: it got one for another submission.
            JournalError: the journal does not answer.
        """
        name = _name(key)
        earlier = self.journal.read(f"pending/{name}") or self._settled(name)
        if earlier is None:
            return None
        kept = _kept(name, earlier)
        _check_same(kept, fingerprint(submission))
        return str(kept["reference"])

    def spend(self, proof: Proof, key: str) -> bool:
        """Use up a proof for a key; False where it was used for another one.

        Raises:
            JournalError: the journal does not answer.
        """
        name = hashlib.sha256(proof.name.encode()).hexdigest()[:32]
        marker = f"spent/{int(proof.expires_at.timestamp())}-{name}"
        owner = _name(key).encode()
        return self.journal.create(marker, owner) or self.journal.read(marker) == owner

    def _settled(self, name: str) -> bytes | None:
        """What is left of an entry that is no longer pending."""
        return self.journal.read(f"filed/{name}") or self.journal.read(f"quarantine/{name}")


def _name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _kept(name: str, body: bytes) -> dict[str, str]:
    """Reference and fingerprint of the request that came first with a key.

    Raises:
        JournalError: they cannot be read.
    """
    try:
        kept = json.loads(body)
        return {part: kept[part] for part in ("reference", "fingerprint")}
    except (ValueError, KeyError, TypeError) as error:
        log("ERROR", "unreadable entry", entry=name)
        raise JournalError("Une entrée du journal est illisible.") from error


def _check_same(kept: Mapping[str, Any], mine: str) -> None:
    if kept["fingerprint"] != mine:
        raise KeyReusedError(str(kept["reference"]))
