"""The same steps for what form-to-sheet tools do: the harness has to see them fail."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from functions.shared import reference
from infra.bench import naive
from infra.emulator.people.table import Table
from tests.chaos.ledger import Kind, Sent
from tests.chaos.machine import Narrow
from tests.chaos.points import Course, Crash, Interruption
from tests.chaos.verdict import fates
from tests.chaos.world import World

KINDS: Mapping[str, type[naive.Writer]] = {
    "append_row": naive.AppendOnce,
    f"append_row, {naive.TRIES} tries": naive.AppendRetrying,
    "a row a tick": naive.RowATick,
}


@dataclass
class NaiveWorld(World):
    """A world without our functions: requests are acknowledged, then brought by a naive writer.

    A queue outlives the processes, as it does where it is kept in a database.
    """

    kind: type[naive.Writer] = naive.AppendOnce
    queue: deque[naive.Row] = field(default_factory=deque)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.header = Table(self.site.store.file(self.id).book, "Demandes").headers

    @cached_property
    def sheet(self):
        sheet = naive.open_tab(self.id, self.site.url)
        self._sessions.append(sheet.client.session)
        return sheet

    def new_writer(self):
        course, writer = self._new_process()

        def tick(*, sweep: bool) -> None:  # noqa: ARG001  (a sweep is a tick like any other)
            writer.tick()

        return course, tick

    def submit(
        self,
        wish: int = 0,
        kind: Kind = Kind.PLAIN,  # noqa: ARG002  (to them a request is a request)
        interruptions: Iterable[Interruption] = (),
    ) -> None:
        """Send a new request."""
        super().submit(wish, Kind.PLAIN, interruptions)

    def resend(self, sent: Sent, interruptions: Iterable[Interruption] = ()) -> None:
        sent.reference = reference.make(self._draw())
        self.ledger.counts["accepted"] += 1
        course, writer = self._new_process()
        course.expect(interruptions)
        # What tells rows apart is the e-mail.
        row = naive.line(self.header, sent.reference, sent.email)
        try:
            writer.take(row)
        except Crash:
            self.ledger.counts["crashes"] += 1

    def rest(self) -> None:
        """Let everything be written that ever will be; count what became of the requests."""
        self.calm()
        for _ in tuple(self.queue):
            self.drain(0, sweep=True)
        assert not self.queue
        self.ledger.counts.update(fate for fate, _ in fates(self.ledger, self.lines()))

    def check_journal(self) -> None:
        """They have none."""

    def check_aside(self) -> None:
        """They have nowhere to put it."""

    def _new_process(self) -> tuple[Course, naive.Writer]:
        course = Course(self._meanwhile)
        more = {
            naive.AppendRetrying: {"sleep": self.sleep, "jitter": lambda: 0.5},
            naive.RowATick: {"queue": self.queue},
        }
        return course, self.kind(course.watch("sheet", self.sheet), **more.get(self.kind, {}))


def machine(kind: type[naive.Writer]) -> type[Narrow]:
    """The state machine whose worlds have naive writers of a kind."""

    class Naive(Narrow):
        def open_world(self, fate: int) -> World:
            return NaiveWorld(self.site, fate, kind=kind)

    return Naive
