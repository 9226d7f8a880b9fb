"""Who may call, how often, and what a caller without an API key has to show. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from functions.intake.callers import Caller, identify
from functions.intake.envelope import Envelope
from functions.intake.headers import check_origin
from functions.intake.limits import Address, Limits, caller_address, networks
from functions.intake.messages import field_error
from functions.intake.refusals import RefusedError
from functions.intake.robots import Challenges, Proof, suspicion
from functions.intake.submission import InvalidError, Submission
from functions.intake.words import Phrase
from functions.shared.settings import IntakeSettings
from functions.shared.web import FORM_TYPE, Call
from sheets_schema.schema import TEST_SOURCE


@dataclass(frozen=True)
class Admission:
    """Counts calls, and refuses those that are not allowed."""

    settings: IntakeSettings
    challenges: Challenges
    limits: Limits
    clock: Callable[[], datetime]

    def reader(self, call: Call) -> None:
        """Admit a call that only reads.

        Raises:
            RefusedError: the caller has called too often.
        """
        self._count("page", call)

    def solver(self, call: Call) -> None:
        """Admit a call for a challenge.

        Raises:
            RefusedError: the caller has called too often.
        """
        self._count("challenge", call)

    def sender(self, call: Call) -> Caller | None:
        """Admit a call that sends something; return the holder of its API key, None without a key.

        Raises:
            RefusedError: the API key is unknown, the page is another site's, or the caller has
                called too often.
        """
        try:
            caller = identify(call.headers.get("x-api-key"), self.settings.callers)
        except RefusedError:
            self._count("network", call)
            raise
        if caller is None:
            check_origin(call, self.settings.origins)
            self._count("network", call)
        elif not caller.unlimited:
            self.limits.admit("key", self.clock().timestamp(), caller.name)
        return caller

    def screen(
        self, call: Call, submission: Submission, envelope: Envelope
    ) -> tuple[Proof | None, dict[str, str]]:
        """Check what a caller without an API key shows: its proof of work, and marks of doubt.

        Raises:
            InvalidError: the request calls itself a test.
            RefusedError: a program sends no proof of work, or forms without a proof come too often.
            ProofError: the proof of work is not valid.
        """
        if submission["source"] == TEST_SOURCE:
            raise InvalidError([field_error(("source",), Phrase("« test » demande une clé d'API"))])
        now = self.clock()
        proof, marks = None, {}
        if envelope.proof:
            proof = self.challenges.check(envelope.proof, now)
            if self._is_one_of_many(call):
                marks["doubt"] = "many"
        elif call.content_type == FORM_TYPE:
            if not self._is_at_a_fair(call):
                self._count("no_script", call)
            self.limits.admit("no_script_at_all", now.timestamp(), "")
            marks["doubt"] = "no_script"
        else:
            raise RefusedError(403, _PROOF_NEEDED)
        if reason := suspicion(envelope.bait, proof, now):
            marks["suspect"] = reason
        return proof, marks

    def _is_one_of_many(self, call: Call) -> bool:
        """Whether more proved requests come from the caller's network than from a household."""
        if self._is_at_a_fair(call):
            return False
        try:
            self._count("proved", call)
        except RefusedError:
            return True
        return False

    def _is_at_a_fair(self, call: Call) -> bool:
        address = self._address(call)
        return address is not None and any(address in fair for fair in self.settings.fairs)

    def network(self, call: Call) -> str:
        """The network that a call comes from, as large as one subscriber's may be."""
        return networks(self._address(call))[-1]

    def _count(self, kind: str, call: Call) -> None:
        self.limits.admit(kind, self.clock().timestamp(), *networks(self._address(call)))

    def _address(self, call: Call) -> Address | None:
        forwarded = call.headers.get("x-forwarded-for", "")
        return caller_address(call.peer, forwarded, self.settings.proxies)


_PROOF_NEEDED = (
    "Une preuve de travail est nécessaire (champ altcha), ou une clé d'API (en-tête X-API-Key)."
)
