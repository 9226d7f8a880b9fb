"""What each fault does to a call that meets it."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final, NamedTuple, TypeAlias

from flask import Response

from infra.emulator.errors import ApiError
from infra.emulator.methods import Call
from infra.emulator.misbehaviour import quota, wire
from infra.emulator.misbehaviour.agenda import Agenda
from infra.emulator.misbehaviour.rules import Fault, Rule

SECONDS: Final = 10.0  # where a rule does not say how many
_PAGE = "<!DOCTYPE html>\n<html lang=en><title>Error {0}</title><p><b>{0}.</b> That’s an error.\n"


class Victim(NamedTuple):
    """A call that meets a fault, and what the fault may use."""

    rule: Rule
    call: Call
    commit: Callable[[], Response]
    agenda: Agenda
    sleep: Callable[[float], object]

    @property
    def seconds(self) -> float:
        """How long the fault lasts."""
        return SECONDS if self.rule.seconds is None else self.rule.seconds

    @property
    def headers(self) -> dict[str, str]:
        """The header Retry-After, if the rule has it."""
        wait = self.rule.retry_after
        return {} if wait is None else {"Retry-After": str(wait)}


Act: TypeAlias = Callable[[Victim], Response]


def befall(victim: Victim) -> Response:
    """Let the fault happen.

    Raises:
        ApiError: If the fault is a refusal, or the call was wrong in the first place.
    """
    return _ACTS[victim.rule.fault](victim)


def _too_many(victim: Victim) -> Response:
    raise quota.exceeded(write=victim.call.write, headers=victim.headers)


def _forbidden(_: Victim) -> Response:
    raise ApiError("The caller does not have permission", code=403, status="PERMISSION_DENIED")


def _broken(victim: Victim) -> Response:
    if victim.rule.committed:
        victim.commit()
    raise ApiError("Internal error encountered.")


def _unavailable(victim: Victim) -> Response:
    if victim.rule.committed:
        victim.commit()
    if victim.rule.html:
        return _page(503, victim.headers)
    raise ApiError(
        "The service is currently unavailable.",
        code=503,
        status="UNAVAILABLE",
        headers=victim.headers,
    )


def _reset_before(_: Victim) -> Response:
    return wire.deliver(wire.nothing(), wire.reset)


def _reset_after(victim: Victim) -> Response:
    return wire.deliver(victim.commit(), wire.reset)


def _no_answer(victim: Victim) -> Response:
    answer = victim.commit()
    victim.sleep(victim.seconds)
    return wire.deliver(answer, wire.hang_up)


def _late_commit(victim: Victim) -> Response:
    def commit() -> None:
        with suppress(ApiError):  # nobody is waiting for this answer any more
            victim.commit()

    victim.agenda.note(victim.seconds, commit)
    return wire.deliver(wire.nothing(), wire.reset) if victim.rule.reset else _page(504, {})


def _slow_body(victim: Victim) -> Response:
    return wire.deliver(victim.commit(), wire.slowly(victim.seconds, victim.sleep))


def _truncated_body(victim: Victim) -> Response:
    return wire.deliver(victim.commit(), wire.truncated)


def _page(code: int, headers: Mapping[str, str]) -> Response:
    """Return the page that Google's front end shows when a service does not answer."""
    page = _PAGE.format(code)
    return Response(page, code, headers, content_type="text/html; charset=UTF-8")


_ACTS: Final[Mapping[Fault, Act]] = {
    "429": _too_many,
    "403": _forbidden,
    "500": _broken,
    "503": _unavailable,
    "reset_before": _reset_before,
    "reset_after": _reset_after,
    "no_answer": _no_answer,
    "late_commit": _late_commit,
    "slow_body": _slow_body,
    "truncated_body": _truncated_body,
}
