"""The gate before the local Sheets API that lets it misbehave like the real one."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from threading import Lock
from typing import Final

from flask import Response

from infra.emulator import cellvalues
from infra.emulator.errors import ApiError
from infra.emulator.methods import Call, CarryOut
from infra.emulator.misbehaviour.agenda import Agenda, Later, start_timer
from infra.emulator.misbehaviour.deviations import deviate
from infra.emulator.misbehaviour.faults import Victim, befall
from infra.emulator.misbehaviour.latency import Latency
from infra.emulator.misbehaviour.quota import Quota
from infra.emulator.misbehaviour.rules import Rule, first_met
from infra.emulator.misbehaviour.stats import Stats, of_sheets
from infra.emulator.people.people import People
from infra.emulator.people.titles import Titles
from infra.emulator.store import Store

_APPEND: Final = "sheets.spreadsheets.values.append"


class Misbehaviour:
    """A gate for `create_app`. A new gate lets everything go well, and only counts.

    Its attributes may be set at any time.

    Args:
        store: The spreadsheets behind the gate.
        clock: Seconds that never go back.
        sleep: Lets so many seconds pass.
        later: Calls us back after so many seconds; see `Agenda`.
        seed: The seed of all random draws. The same calls in the same order have the same results.
        titles: What the people who edit by hand look for.

    Attributes:
        quota: How many calls a minute are let through; None for any number.
        latency: How long a call takes, half of it before and half after its commit; None for no
            time.
        faults: The rules, of which the first that applies to a call decides.
        append_race: Whether a `values.append` chooses its place when it arrives, so that calls that
            go on at the same time overwrite each other.
        deviations: In which ways the API differs from what callers count on; see `deviations`.
        people: Who edits the spreadsheets by hand, when told to.
        people_every: After how many seconds people edit again by themselves; see `let_people_edit`.
        stats: What was called and committed.
        agenda: What is still to come: late commits, and edits by people. Clear it before you close
            the store.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        later: Later = start_timer,
        seed: int = 0,
        titles: Titles | None = None,
    ) -> None:
        self.quota: Quota | None = None
        self.latency: Latency | None = None
        self.faults: list[Rule] = []
        self.append_race = False
        self.deviations: frozenset[str] = frozenset()
        self.stats = Stats(clock)
        self.agenda = Agenda(clock, later)
        self.people = People(store, titles=titles)
        self.people_every: float | None = None
        self._store = store
        self._clock = clock
        self._sleep = sleep
        self._lock = Lock()
        self._shift = object()  # people stop when this is another object than when they began
        self.seed = seed

    @property
    def seed(self) -> int:
        """The seed of all random draws; setting it begins them anew."""
        return self._seed

    @seed.setter
    def seed(self, seed: int) -> None:
        self._seed = seed
        # Each part has its own random numbers, so that draws of one do not change another's.
        self._of_latency, self._of_faults, self.people.random = (
            Random(f"{seed} {part}") for part in ("latency", "faults", "people")
        )

    def __call__(self, call: Call, carry_out: CarryOut) -> Response:
        """Let a call happen, or go wrong.

        Raises:
            ApiError: If it is refused.
        """
        self.agenda.run_due()
        self.stats.called(call)
        settled = self._arrive(call)

        def commit() -> Response:
            answer = deviate(self.deviations, self._store, settled, carry_out)
            if call.write:
                self.stats.committed(call)
            return answer

        with self._on_the_way():
            self._admit(call)
            with self._lock:
                rule = first_met(self.faults, call, self._of_faults)
            answer = commit() if rule is None else self._befall(rule, call, commit)
        self.stats.answered(call, len(answer.get_data()))
        return answer

    def let_people_edit(self, every: float | None) -> None:
        """Let people edit by themselves every so many seconds, or no more."""
        self.people_every = every
        shift = self._shift = object()

        def act() -> None:
            if every and self._shift is shift:
                self.people.act()
                self.agenda.note(every, act)

        if every:
            self.agenda.note(every, act)

    def _arrive(self, call: Call) -> Call:
        if not (self.append_race and call.method == _APPEND):
            return call
        book = self._store.file(call.spreadsheet_id).book
        return call._replace(place=cellvalues.place(book, call.path["range"]))

    def _admit(self, call: Call) -> None:
        if self.quota is None or not of_sheets(call):
            return
        try:
            self.quota.admit(call.user, self._clock(), write=call.write)
        except ApiError:
            self.stats.refuse("quota")
            raise

    def _befall(self, rule: Rule, call: Call, commit: Callable[[], Response]) -> Response:
        self.stats.met(rule.fault)
        if rule.fault == "429":
            self.stats.refuse("injected")
        return befall(Victim(rule, call, commit, self.agenda, self._sleep))

    @contextmanager
    def _on_the_way(self) -> Iterator[None]:
        """Let a call's latency pass, half of it before and half after."""
        with self._lock:
            seconds = self.latency.draw(self._of_latency) if self.latency else 0
        if not seconds:
            yield
            return
        self._sleep(seconds / 2)
        try:
            yield
        finally:
            self._sleep(seconds / 2)
