"""route over HTTP: it drains the journal, whoever calls.

The body matters only if it is the notification of an answer about a request: then the call is a
sweep, because only a sweep reads rows.
"""

import json
import math
import threading
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from functions.route.drain import Drain
from functions.shared.journal.replies import SUBSCRIPTIONS
from functions.shared.web import Answer, Call, json_answer, only_post, problem

BETWEEN_SWEEPS = timedelta(seconds=20)


@dataclass(frozen=True)
class Route:
    """The function: a notification's push, the scheduler (`?sweep=true`) and a person call it."""

    drain: Drain
    _swept: list[datetime] = field(default_factory=list)  # when the last sweep began
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, call: Call) -> Answer:
        """POST drains. 200 says how many rows were written, 204 that another call is draining.

        A sweep reads the sheet, and Google allows few reads a minute. So 429 answers a sweep that
        comes too soon after the last one of this instance.

        Raises:
            AccueilError: see Drain; requests that are pending stay pending.
        """
        if refusal := only_post(call):
            return refusal
        sweep = call.query.get("sweep") == "true"
        if sweep and (refusal := self._too_soon()):
            return refusal
        written = self.drain(sweep=sweep or _is_about_an_answer(call.body))
        return Answer(204) if written is None else json_answer(200, {"written": written})

    def _too_soon(self) -> Answer | None:
        """The refusal of a sweep, or None, and then it counts as begun."""
        now = self.drain.clock()
        with self._lock:
            wait = max((at + BETWEEN_SWEEPS - now for at in self._swept), default=timedelta())
            if wait <= timedelta():
                self._swept[:] = [now]
                return None
        seconds = math.ceil(wait.total_seconds())
        refusal = problem(429, _TOO_SOON.format(seconds))
        return replace(refusal, headers={"Retry-After": str(seconds)})


def _is_about_an_answer(body: bytes) -> bool:
    """Whether a body is the notification that an answer about a request is in the journal.

    An answer about Monday's mail holds already, and can be given again at any time. It waits for
    the next sweep of the schedule, so that nobody can use up the quota of reads with one link.
    """
    try:
        name = json.loads(body)["message"]["attributes"]["objectId"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
    is_answer = isinstance(name, str) and name.startswith("answers/")
    return is_answer and not name.endswith(SUBSCRIPTIONS)


_TOO_SOON = (
    "Le classeur vient d'être relu : il ne l'est que toutes les 20 secondes. "
    "Rappelez dans {} s ; les demandes en attente ne dépendent pas de cet appel."
)
