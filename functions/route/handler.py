"""route over HTTP: it drains the journal, whoever calls and whatever the body says."""

from dataclasses import dataclass

from functions.route.drain import Drain
from functions.shared.web import Answer, Call, json_answer, only_post


@dataclass(frozen=True)
class Route:
    """The function: a notification's push, the scheduler (`?sweep=true`) and a person call it."""

    drain: Drain

    def __call__(self, call: Call) -> Answer:
        """POST drains. 200 says how many rows were written, 204 that another call is draining.

        Raises:
            AccueilError: see Drain; requests that are pending stay pending.
        """
        if refusal := only_post(call):
            return refusal
        written = self.drain(sweep=call.query.get("sweep") == "true")
        return Answer(204) if written is None else json_answer(200, {"written": written})
