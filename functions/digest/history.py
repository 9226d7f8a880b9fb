"""What Suivi tells of each request: the dates and turns that its row does not show. Pure."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from functions.digest.columns import columns_of, days_of, each, values_of
from sheets_schema.columns import as_text
from sheets_schema.text import normalise
from sheets_schema.wire import TabCells

TRACKING_COLUMNS = ("reference", "noted_at", "event", "before", "after", "referent")
# Each of these events gives a request to a referent. A line without an event that can be read does
# so, too: it is older than the events of Suivi.
_GIVEN = ("assigned", "completed", "handed_over")
# Each of these ends the wait for the new referent to take a request up.
_TAKEN = ("taken_up", "handed_back", "first_contact", "settled", "closed")


class HandOver(NamedTuple):
    """A request that another referent got, by a person or by the rules, and has not taken up."""

    on: date
    giver: str
    taker: str


@dataclass(slots=True)
class History:
    """What happened to a request, by the lines of Suivi; None and "" where they do not say.

    `first_on` is the day of its first line, and `given_on` the day on which `given_to` got it.
    `contacted_on` is the day of the first contact, `settled_on` that of the settlement,
    `answered_on` that on which its referent last answered from a mail.
    `refusals` counts how often it was handed back.
    """

    first_on: date | None = None
    given_on: date | None = None
    given_to: str = ""
    hand_over: HandOver | None = None
    refusals: int = 0
    contacted_on: date | None = None
    settled_on: date | None = None
    answered_on: date | None = None


NO_HISTORY = History()


def read_histories(tracking: TabCells, positions: Mapping[str, int]) -> dict[str, History]:
    """The history of each request by its reference.

    There may be several lines for each of a hundred thousand requests, so this looks at each line
    once, and reads only what counts.

    Args:
        tracking: what was read of Suivi, in the order in which it was noted.
        positions: where its columns stand; those that came later may be missing.
    """
    cells = columns_of(tracking, positions, TRACKING_COLUMNS)
    days = days_of("tracking", "noted_at", cells["noted_at"]).values
    events = values_of("tracking", "event", cells["event"]).values
    others = (each(cells[key], as_text) for key in ("before", "after", "referent"))
    histories: dict[str, History] = {}
    lines = zip(cells["reference"], days, events, *others, strict=True)
    for reference, day, event, before, after, referent in lines:
        if type(reference) is str and reference and day:
            history = histories.get(reference)
            if history is None:
                history = histories[reference] = History()
            if event is None or event in _GIVEN:
                # The first line gives it to its first referent, unless it says otherwise.
                if history.first_on or event == "handed_over":
                    history.hand_over = HandOver(day, before, referent)
                history.first_on = history.first_on or day
                history.given_on, history.given_to = day, referent
            if event is not None:
                _note(history, day, event, after)
    return histories


def _note(history: History, day: date, event: str, after: str) -> None:
    if event in _TAKEN:
        history.hand_over = None
    if event == "handed_back":
        history.refusals += 1
    elif event == "first_contact" and history.contacted_on is None:
        history.contacted_on = _said_day(after) or day
    elif event == "answered":
        history.answered_on = day
    elif event == "settled":
        history.settled_on = day


@functools.lru_cache(maxsize=1000)
def _said_day(text: str) -> date | None:
    """The day that a line of a first contact says, if it says one."""
    day: date | None
    (day,) = days_of("requests", "last_contact_on", [text]).values
    return day


def is_same(name: str, other: str) -> bool:
    """Whether two cells name the same person."""
    return name == other or spelled(name) == spelled(other)


spelled = functools.lru_cache(maxsize=1000)(normalise)  # names of people: they are few
