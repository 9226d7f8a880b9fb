"""Holds back robots without a third party or a cookie: a proof of work, a bait, a minimum time.

The proof of work is ALTCHA's, version 2 (PBKDF2). A browser needs a moment for it, and a robot
needs that moment for each request. Requests that look like a robot's are set aside, never thrown
away.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

VALID_FOR = timedelta(minutes=10)
# The time from the challenge, which a page asks for when a person begins to write, to the request.
QUICKEST = timedelta(seconds=3)
ALGORITHM = "PBKDF2/SHA-256"
# Rounds of PBKDF2 in a trial. To make a challenge takes us one trial, so trials are short and many.
COST = 800
TRIALS = (125, 750)  # the solution is found after at least and at most so many trials


class ProofError(Exception):
    """A proof is not valid: it is malformed, for somebody else's challenge, too old, or used up."""


@dataclass(frozen=True)
class Proof:
    """A challenge of ours that was solved; each challenge has its own `name`."""

    name: str
    issued_at: datetime

    @property
    def expires_at(self) -> datetime:
        """The moment from which the challenge is too old."""
        return self.issued_at + VALID_FOR


@dataclass(frozen=True)
class Challenges:
    """Makes challenges and checks solutions. The first secret signs; all secrets are accepted."""

    secrets: Sequence[str]

    def new(self, now: datetime) -> dict[str, Any]:
        """A challenge in ALTCHA's format, as the form's script reads it."""
        import altcha  # noqa: PLC0415  (a tenth of a second, which the first page does not need)

        secret = self.secrets[0]
        first, last = TRIALS
        challenge = altcha.create_challenge(
            ALGORITHM,
            COST,
            counter=first + secrets.randbelow(last - first),
            data={"issued": int(now.timestamp())},
            hmac_secret=secret,
            hmac_key_secret=_key_secret(secret),
        )
        made: dict[str, Any] = challenge.to_dict()
        return made

    def check(self, payload: str, now: datetime) -> Proof:
        """Read the proof in a payload.

        Raises:
            ProofError: the payload is no proof, or the proof is too old.
        """
        import altcha  # noqa: PLC0415

        try:
            read = altcha.Payload.from_base64(payload)
            valid = any(
                altcha.verify_solution(read, secret, hmac_key_secret=_key_secret(secret)).verified
                for secret in self.secrets
            )
            data = read.challenge.parameters.data or {}
            issued_at = datetime.fromtimestamp(int(data["issued"]), now.tzinfo)
        except (
            ArithmeticError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            RecursionError,
            OSError,
        ) as error:
            raise ProofError from error
        if not valid or not issued_at <= now < issued_at + VALID_FOR:
            raise ProofError
        return Proof(str(read.challenge.signature), issued_at)


def suspicion(bait: str, proof: Proof | None, now: datetime) -> str | None:
    """Why a submission looks like a robot's; None if it does not.

    Args:
        bait: the content of the field that people cannot see.
        proof: the proof of work, if there is one.
        now: when the submission came.
    """
    if bait.strip():
        return "honeypot"
    if proof and now - proof.issued_at < QUICKEST:
        return "too_fast"
    return None


def _key_secret(secret: str) -> str:
    return hmac.new(secret.encode(), b"altcha key", hashlib.sha256).hexdigest()
