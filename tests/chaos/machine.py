"""All that may happen to a world, in any order: a state machine for Hypothesis."""

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import ClassVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    get_state_machine_test,
    initialize,
    invariant,
    precondition,
    rule,
)

from functions.shared.journal.replies import WISHES, Wish
from infra.emulator.misbehaviour.rules import Rule
from tests.chaos.draws import (
    COLUMN_EDITS,
    FAULTS,
    FREE_TEXT,
    PROJECT,
    ROW_EDITS,
    TABLE_EDITS,
    at_answers,
    at_tables,
    at_wishes,
    brief,
    brief_answers,
    interruptions,
    kinds,
    while_setting_aside,
    wishes,
    writers,
)
from tests.chaos.ledger import Kind
from tests.chaos.points import Interruption
from tests.chaos.site import Site
from tests.chaos.world import World


@dataclass
class Tally:
    """What was asked for in the worlds of a search, in order, and what came of it."""

    steps: list[str] = field(default_factory=list)
    totals: Counter = field(default_factory=Counter)


def step(**strategies: st.SearchStrategy) -> Callable[[Callable], Callable]:
    """A rule that leaves its name, and what it was told, in the tally."""

    def mark(act: Callable) -> Callable:
        @wraps(act)
        def noted(machine: "Chaos", **arguments: object) -> None:
            machine.tally.steps.append(f"{act.__name__} {arguments}")
            act(machine, **arguments)

        return rule(**strategies)(noted)

    return mark


class Chaos(RuleBasedStateMachine):
    """`site` is where worlds are opened; what is done in all of them goes into `tally`."""

    site: ClassVar[Site]
    tally: ClassVar[Tally]

    def __init__(self) -> None:
        super().__init__()
        self.world: World | None = None

    @initialize(fate=st.integers(0, 2**16))
    def begin(self, fate: int) -> None:
        self.world = self.open_world(fate)

    def open_world(self, fate: int) -> World:
        """A world to begin with; chance in it is drawn from `fate`."""
        return World(self.site, fate)

    # Applicants

    @step(wish=wishes, kind=kinds, interruptions=interruptions)
    def submit(self, wish: int, kind: Kind, interruptions: list[Interruption]) -> None:
        self.world.submit(wish, kind, interruptions)

    @precondition(lambda self: self.world and self.world.ledger.sent)
    @step(which=st.integers(0, 99), interruptions=brief)
    def submit_again(self, which: int, interruptions: list[Interruption]) -> None:
        everything = list(self.world.ledger.sent.values())
        sent = everything[which % len(everything)]
        if sent.reference:
            self.world.resend_changed(sent)
        self.world.resend(sent, interruptions)

    # Writers

    @step(
        writer=writers,
        some=st.lists(st.tuples(wishes, kinds), min_size=1, max_size=3),
        interruptions=interruptions,
    )
    def event(
        self, writer: int, some: list[tuple[int, Kind]], interruptions: list[Interruption]
    ) -> None:
        for wish, kind in some:
            self.world.submit(wish, kind)
        self.world.drain(writer, sweep=False, interruptions=interruptions)

    @step(writer=writers, interruptions=interruptions)
    def sweep(self, writer: int, interruptions: list[Interruption]) -> None:
        self.world.drain(writer, sweep=True, interruptions=interruptions)

    @step(
        writer=writers,
        action=st.sampled_from(["fill_in", "clear_referent", "copy_row"]),
        interruptions=interruptions,
    )
    def complete(self, writer: int, action: str, interruptions: list[Interruption]) -> None:
        """A row to complete that a sweep has seen before."""
        self.world.edit(action)
        self.world.drain(writer, sweep=True)
        self.world.wait(25)
        self.world.drain(1 - writer, sweep=True, interruptions=interruptions)

    @step(
        writer=writers,
        kind=kinds,
        at=st.integers(4, 14),
        after=st.booleans(),
        action=st.sampled_from(["delete_request", "delete_rows", *ROW_EDITS]),
    )
    def die(self, writer: int, kind: Kind, at: int, after: bool, action: str) -> None:
        """A writer dies in the middle, and people go on working before the next one comes."""
        self.world.submit(kind=kind)
        crash = Interruption(at, after, "crash")
        self.world.drain(writer, sweep=False, interruptions=[crash])
        self.world.edit(action)
        self.world.drain(1 - writer, sweep=False)

    @step(writer=writers, kind=kinds, at=st.integers(1, 9), after=st.booleans())
    def overlap(self, writer: int, kind: Kind, at: int, after: bool) -> None:
        """One writer waits in the middle while another does all its work."""
        self.world.submit(kind=kind)
        rival = Interruption(at, after, "rival")
        self.world.drain(writer, sweep=False, interruptions=[rival])

    @step(writer=writers)
    def kill(self, writer: int) -> None:
        self.world.writers[writer] = self.world.new_writer()
        self.world.drain(writer, sweep=False)

    # The operator

    @precondition(lambda self: self.world and self.world.suspects())
    @step(which=st.integers(0, 99), interruptions=brief)
    def release(self, which: int, interruptions: list[Interruption]) -> None:
        self.world.release(which, interruptions)

    @step(
        writer=writers,
        interruptions=while_setting_aside,
        then=st.sampled_from(["again", "drain", "release"]),
        meanwhile=brief,
    )
    def set_aside(
        self,
        writer: int,
        interruptions: list[Interruption],
        then: str,
        meanwhile: list[Interruption],
    ) -> None:
        """A suspect comes, is set aside, sent again perhaps, and released."""
        world, before = self.world, len(self.world.suspects())
        world.submit(kind=Kind.SUSPECT)
        world.drain(writer, sweep=False, interruptions=interruptions)
        if then == "again":
            world.resend(world.suspects()[before], meanwhile)
        world.release(before, meanwhile)
        if then == "drain":
            world.drain(1 - writer, sweep=False)
        elif then == "release":
            world.release(before)

    # Answers from mails

    @step(
        writer=writers,
        which=st.integers(0, 99),
        then=st.sampled_from(["", "", "status", "order", "press", "choose_referent", *ROW_EDITS]),
        keeping=brief_answers,
        interruptions=at_answers,
    )
    def answer(
        self,
        writer: int,
        which: int,
        then: str,
        keeping: list[Interruption],
        interruptions: list[Interruption],
    ) -> None:
        """Somebody answers from a mail, people go on working, and a sweep deals with it."""
        world = self.world
        if not world.replies.offers:
            world.submit()
            world.drain(1 - writer, sweep=True)
            world.drain(writer, sweep=True)
        world.press(which, keeping)
        world.meanwhile(then, which)
        world.drain(writer, sweep=True, interruptions=interruptions)

    @precondition(lambda self: self.world and self.world.replies.offers)
    @step(which=st.integers(0, 99))
    def set_status(self, which: int) -> None:
        """Somebody changes the status that a mail showed."""
        self.world.set_status(which)

    @step(
        writer=writers,
        which=st.integers(0, 99),
        wish=st.sampled_from(["email", "email", *WISHES]),
        then=st.sampled_from(["", "", "address", "status", "wish", *ROW_EDITS]),
        keeping=brief_answers,
        interruptions=at_wishes,
    )
    def wish(
        self,
        writer: int,
        which: int,
        wish: Wish,
        then: str,
        keeping: list[Interruption],
        interruptions: list[Interruption],
    ) -> None:
        """An applicant says something from a mail, people go on working, and a sweep hears it."""
        world = self.world
        if not world.replies.pages:
            world.submit()
            world.drain(1 - writer, sweep=True)
        world.wish(which, wish, keeping)
        world.meanwhile(then, which)
        world.drain(writer, sweep=True, interruptions=interruptions)

    @step(which=st.integers(0, 99))
    def correct_address(self, which: int) -> None:
        """Somebody corrects the address to which an applicant's mails go."""
        self.world.correct_address(which)

    # Faults

    @step(
        fault=st.sampled_from(FAULTS),
        on=st.sampled_from(["write", "write", "write", "read", "any"]),
        count=st.integers(1, 6),
    )
    def misbehave(self, fault: dict, on: str, count: int) -> None:
        self.world.conduct.faults.append(Rule(**fault, on=on, count=count))

    @step(
        faults=st.lists(
            st.sampled_from(["", "refused", "unsure", "rejected"]), min_size=1, max_size=4
        )
    )
    def disturb_mail(self, faults: list[str]) -> None:
        self.world.mailer.faults = faults

    @step(seconds=st.sampled_from([1, 25, 60, 600, 7_200]))
    def wait(self, seconds: int) -> None:
        self.world.wait(seconds)

    # People

    @step(action=st.sampled_from(ROW_EDITS))
    def edit(self, action: str) -> None:
        self.world.edit(action)

    @step(
        writer=writers,
        which=st.integers(0, 12),
        then=st.sampled_from(["", "choose_referent", "clear_referent", "order"]),
        interruptions=interruptions,
    )
    def hand_back(
        self, writer: int, which: int, then: str, interruptions: list[Interruption]
    ) -> None:
        """An order that a sweep has seen, and what people decide before it is carried out."""
        self.world.order(which)
        self.world.drain(writer, sweep=True)
        if then == "order":
            self.world.order(which + 1)
        elif then:
            self.world.edit(then)
        self.world.wait(25)
        self.world.drain(1 - writer, sweep=True, interruptions=interruptions)

    @step(writer=writers, interruptions=interruptions)
    def hand_over(self, writer: int, interruptions: list[Interruption]) -> None:
        """Another name that a sweep has seen."""
        self.world.edit("choose_referent")
        self.world.drain(writer, sweep=True)
        self.world.wait(25)
        self.world.drain(1 - writer, sweep=True, interruptions=interruptions)

    @step(header=st.sampled_from(FREE_TEXT), rows=st.integers(1, 3))
    def paste(self, header: str, rows: int) -> None:
        number = self.world.number()
        lines = [[f"collé {number}.{row}"] for row in range(rows)]
        self.world.edit("paste", header=header, lines=lines)

    @step(writer=writers)
    def type_slowly(self, writer: int) -> None:
        """A row typed by hand that a sweep sees half."""
        world, number = self.world, self.world.number()
        first = {"Nom": f"Moitié {number}", "Courriel": f"moitie{number}@example.org"}
        world.edit("fill_in", values=first | {"Territoire visé": "Figeac"})
        world.drain(writer, sweep=True)
        if row := world.row_of(first["Courriel"]):
            world.edit("fill_in", row=row, values={"Projet principal": PROJECT})

    @step(action=st.sampled_from([*COLUMN_EDITS, "add_tab"]))
    def rearrange(self, action: str) -> None:
        self.world.edit(action)

    @step(
        writer=writers,
        kind=kinds,
        at=st.integers(3, 9),
        after=st.booleans(),
        action=st.sampled_from(COLUMN_EDITS),
    )
    def shift(self, writer: int, kind: Kind, at: int, after: bool, action: str) -> None:
        """A column moves about when a batch is written, and people go on working."""
        self.world.submit(kind=kind)
        moves = Interruption(at, after, action)
        self.world.drain(writer, sweep=False, interruptions=[moves])
        self.world.wait(25)
        self.world.drain(1 - writer, sweep=True)

    @step(
        header=st.sampled_from(["Notes", "Référent", "Référence", "Courriel", ""]),
        writer=writers,
        interruptions=interruptions,
    )
    def stop(self, header: str, writer: int, interruptions: list[Interruption]) -> None:
        """A renamed column, or the Pause cell, until people put it right."""
        if header:
            self.world.edit("rename_column", header=header)
        else:
            self.world.pause("Oui")
        self.world.submit()
        self.world.drain(writer, sweep=True, interruptions=interruptions)
        self.world.put_right()

    @step(action=st.sampled_from(TABLE_EDITS), which=st.integers(0, 12))
    def edit_table(self, action: str, which: int) -> None:
        self.world.edit_table(action, which)

    @step(writer=writers, which=st.integers(0, 12), interruptions=at_tables)
    def draft(self, writer: int, which: int, interruptions: list[Interruption]) -> None:
        """A draft of the rules, whose effect a sweep shows."""
        self.world.edit_table("draft", which)
        self.world.drain(writer, sweep=True)
        self.world.edit_table("change_rule", which)
        self.world.drain(1 - writer, sweep=True, interruptions=interruptions)

    @step(
        writer=writers,
        which=st.integers(0, 12),
        then=st.sampled_from(["publish", "cancel", "cancel"]),
        publishing=at_tables,
        cancelling=at_tables,
    )
    def publish(
        self,
        writer: int,
        which: int,
        then: str,
        publishing: list[Interruption],
        cancelling: list[Interruption],
    ) -> None:
        """A draft whose effect is shown is put in force, and taken back perhaps."""
        world = self.world
        for action in ("draft", "change_rule"):
            world.edit_table(action, which)
            world.drain(writer, sweep=True)
        world.edit_table("publish", which)
        world.drain(1 - writer, sweep=True, interruptions=publishing)
        world.edit_table(then, which)
        world.drain(writer, sweep=True, interruptions=cancelling)

    @invariant()
    def promises_are_in_the_journal(self) -> None:
        if self.world:
            self.world.check_journal()

    @invariant()
    def nobody_is_hidden(self) -> None:
        if self.world:
            self.world.check_aside()

    def teardown(self) -> None:
        if self.world is None:
            return
        try:
            if sys.exc_info()[0] is None:
                self.world.rest()
        finally:
            self.tally.totals.update(self.world.ledger.counts)
            self.world.close()


class Narrow(Chaos):
    """Only what the write protocol itself turns on: a broken one is found out sooner.

    What is possible here does not depend on what a writer did before: the same seed brings any
    writer the same steps.
    """

    submit_again = complete = disturb_mail = paste = type_slowly = rearrange = stop = None
    release = set_aside = shift = hand_back = hand_over = edit_table = draft = publish = None
    answer = set_status = wish = correct_address = None


class Answering(Narrow):
    """Only what answers from mails turn on."""

    event = complete = die = overlap = kill = misbehave = None
    answer, set_status = Chaos.answer, Chaos.set_status


class Wishing(Narrow):
    """Only what applicants' answers turn on."""

    event = complete = die = overlap = kill = misbehave = None
    wish, correct_address = Chaos.wish, Chaos.correct_address


def search(
    machine: type[Chaos],
    site: Site,
    *,
    examples: int,
    steps: int,
    chosen: int | None = None,
    tally: Tally | None = None,
) -> None:
    """Run a machine; a seed makes it a bounded search, which does not shrink what it finds.

    Raises:
        AssertionError: a counterexample, with the steps that lead there.
    """
    machine.site, machine.tally = site, tally or Tally()
    phases = [Phase.generate] if chosen is not None else [Phase.generate, Phase.shrink]
    chosen_settings = settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=chosen is None,
        deadline=None,
        database=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
    test = get_state_machine_test(machine, settings=chosen_settings)
    (test if chosen is None else seed(chosen)(test))()
