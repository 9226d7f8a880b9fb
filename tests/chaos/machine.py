"""All that may happen to a world, in any order: a state machine for Hypothesis."""

import sys
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from functions.route.drain import Drain
from infra.local.sheets.misbehaviour.rules import Rule
from sheets_schema.schema import vocabulary
from tests.chaos.points import Interruption
from tests.chaos.site import Site
from tests.chaos.world import World

ROW_EDITS = (
    "write_note",
    "sort",
    "choose_referent",
    "clear_referent",
    "fill_in",
    "insert_rows",
    "delete_rows",
    "delete_request",
    "copy_row",
)
MEANWHILE = ("crash", "crash", "journal", "rival", "rival", "submission", "time", *ROW_EDITS)
FAULTS = (
    {"fault": "429"},
    {"fault": "429", "retry_after": 7},
    {"fault": "500"},
    {"fault": "500", "committed": True},
    {"fault": "503", "html": True},
    {"fault": "503", "committed": True},
    {"fault": "403"},
    {"fault": "reset_before"},
    {"fault": "reset_after"},
    {"fault": "no_answer", "seconds": 1},
    {"fault": "no_answer", "seconds": 30},
    {"fault": "late_commit", "seconds": 2},
    {"fault": "late_commit", "seconds": 40, "reset": True},
    {"fault": "late_commit", "seconds": 300},
    {"fault": "late_commit", "seconds": 1_100},
    {"fault": "slow_body", "seconds": 20},
    {"fault": "truncated_body"},
)
FREE_TEXT = ("Notes", "Prochaine action", "Ville actuelle")
PROJECT = vocabulary("project")["farming"]

interruptions = st.lists(
    st.builds(
        Interruption,
        st.integers(1, 24),
        st.booleans(),
        st.sampled_from(MEANWHILE),
        st.integers(0, 12),
    ),
    max_size=3,
)
writers = st.integers(0, 1)


class Chaos(RuleBasedStateMachine):
    """`site` is where worlds are opened; `steps` counts what was done in all of them."""

    site: ClassVar[Site]
    make_drain: ClassVar = Drain
    steps: ClassVar[int] = 0
    totals: ClassVar[dict[str, int]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.world: World | None = None

    @initialize(seed=st.integers(0, 2**16))
    def begin(self, seed: int) -> None:
        self.world = World(self.site, seed, type(self).make_drain)

    # Applicants

    @rule(wish=st.integers(0, 2), interruptions=interruptions)
    def submit(self, wish: int, interruptions: list[Interruption]) -> None:
        self.world.submit(wish, interruptions)

    @rule(count=st.integers(2, 5))
    def submit_some(self, count: int) -> None:
        for wish in range(count):
            self.world.submit(wish)

    @precondition(lambda self: self.world and self.world.ledger.sent)
    @rule(which=st.integers(0, 99), interruptions=interruptions)
    def submit_again(self, which: int, interruptions: list[Interruption]) -> None:
        everything = list(self.world.ledger.sent.values())
        self.world.resend(everything[which % len(everything)], interruptions)

    @precondition(lambda self: self.world and self._accepted())
    @rule(which=st.integers(0, 99))
    def reuse_key(self, which: int) -> None:
        self.world.resend_changed(self._accepted()[which % len(self._accepted())])

    def _accepted(self) -> list:
        return [sent for sent in self.world.ledger.sent.values() if sent.reference]

    # Writers

    @rule(writer=writers, interruptions=interruptions)
    def event(self, writer: int, interruptions: list[Interruption]) -> None:
        self.world.drain(writer, sweep=False, interruptions=interruptions)

    @rule(writer=writers, interruptions=interruptions)
    def sweep(self, writer: int, interruptions: list[Interruption]) -> None:
        self.world.drain(writer, sweep=True, interruptions=interruptions)

    @rule(writer=writers)
    def sweep_twice(self, writer: int) -> None:
        self.world.drain(writer, sweep=True)
        self.world.wait(25)
        self.world.drain(writer, sweep=True)

    @rule(writer=writers)
    def kill(self, writer: int) -> None:
        self.world.writers[writer] = self.world.new_writer()

    # Faults

    @rule(
        fault=st.sampled_from(FAULTS),
        on=st.sampled_from(["write", "write", "read", "any"]),
        count=st.integers(1, 6),
    )
    def misbehave(self, fault: dict, on: str, count: int) -> None:
        self.world.conduct.faults.append(Rule(**fault, on=on, count=count))

    @rule(faults=st.lists(st.sampled_from(["", "refused", "unsure"]), max_size=4))
    def disturb_mail(self, faults: list[str]) -> None:
        self.world.mailer.faults = faults

    @rule(seconds=st.sampled_from([1, 25, 60, 600, 7_200]))
    def wait(self, seconds: int) -> None:
        self.world.wait(seconds)

    # People

    @rule(action=st.sampled_from(ROW_EDITS))
    def edit(self, action: str) -> None:
        self.world.edit(action)

    @rule(header=st.sampled_from(FREE_TEXT), rows=st.integers(1, 3))
    def paste(self, header: str, rows: int) -> None:
        number = self.world.number()
        lines = [[f"collé {number}.{row}"] for row in range(rows)]
        self.world.edit("paste", header=header, lines=lines)

    @rule(writer=writers)
    def type_slowly(self, writer: int) -> None:
        """A row typed by hand that a sweep sees half."""
        world, number = self.world, self.world.number()
        first = {"Nom": f"Moitié {number}", "Courriel": f"moitie{number}@example.org"}
        world.edit("fill_in", values=first | {"Territoire visé": "Figeac"})
        world.drain(writer, sweep=True)
        if row := world.row_of(first["Courriel"]):
            world.edit("fill_in", row=row, values={"Projet principal": PROJECT})

    @precondition(lambda self: self.world and self.world.is_still())
    @rule(action=st.sampled_from(["move_column", "add_column", "add_tab"]))
    def rearrange(self, action: str) -> None:
        self.world.edit(action)

    @rule(header=st.sampled_from(["Notes", "Référent", "Référence", "Courriel"]))
    def rename(self, header: str) -> None:
        self.world.edit("rename_column", header=header)

    @rule()
    def put_right(self) -> None:
        self.world.people.put_right()
        self.world.pause("")

    @rule()
    def pause(self) -> None:
        self.world.pause("Oui")

    # The end

    @rule()
    def rest(self) -> None:
        self.world.rest()

    @invariant()
    def promises_are_in_the_journal(self) -> None:
        type(self).steps += 1
        if self.world:
            self.world.check_journal()

    def teardown(self) -> None:
        if self.world is None:
            return
        try:
            if sys.exc_info()[0] is None:
                self.world.rest()
        finally:
            for name, number in self.world.ledger.counts.items():
                self.totals[name] = self.totals.get(name, 0) + number
            self.world.close()
