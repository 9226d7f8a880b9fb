"""What a sweep decides all in all: the order of its decisions, their bounds, what is remembered."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.route.decide import swept as module
from functions.route.decide.completion import CompletionContext
from functions.route.decide.decision import Decision
from functions.route.decide.handover import REMINDED_AFTER
from functions.route.decide.history import Event, Remembered
from functions.route.decide.kinds import MAX_REMINDERS, Kind
from functions.route.decide.swept import MAX_COMPLETIONS, MOST_BATCHES, decide
from functions.shared.concerns import Concern
from functions.shared.journal.formats import Course, Dealt, State
from tests.functions.route.decide.sights import (
    ANA,
    ANOTHER,
    BOB,
    FILED,
    LOT,
    NOW,
    THIRD,
    TYPED,
    lookup,
    see,
    seen,
    sight,
)

OTHER = FILED | {"reference": ANOTHER}
UNFOLLOWED = FILED | {"referent": None}
CALLED = {"status": "Accompagnement en cours"}
WEEKS_AGO = (NOW - timedelta(days=2 * REMINDED_AFTER)).date()


def numbers():
    """References, one after another."""
    return (f"LOT-{number}" for number in range(1000))


def swept(look):
    return decide(look, numbers().__next__)


def names(result):
    return [made.edit.reference for made in result.completions]


class TestKinds:
    """A new kind of work asks for rows, and what it decides reaches the batch."""

    def decided(self, monkeypatch, *decisions, rows=(FILED, OTHER)):
        asked = []

        def steps(look):
            asked.extend(row.request.reference for row in look.rows)
            return [lambda _, decision=decision: decision for decision in decisions]

        kind = Kind(lambda _: {LOT}, steps)
        monkeypatch.setattr("functions.route.decide.kinds.KINDS", (kind,))
        monkeypatch.setattr(module, "KINDS", (kind,))
        result = swept(see(*rows))
        return asked, result

    def test_the_rows_that_it_wants_are_read(self, monkeypatch):
        assert self.decided(monkeypatch)[0] == [LOT]

    def test_all_that_it_decides_is_kept(self, monkeypatch):
        event, concern = Event(LOT, "closed"), Concern("Demandes", "a", "b")
        course, dealt = Course(("Zoé",)), Dealt("name")
        decision = Decision(
            events=(event,),
            concerns=(concern,),
            said=(replace(concern, subject="c"),),
            courses={LOT: course},
            dealt=dealt,
        )
        _, result = self.decided(monkeypatch, decision)
        assert result.events == [event]
        assert result.concerns == [concern]
        assert result.said == [replace(concern, subject="c")]
        assert result.courses == {LOT: course}
        assert result.answers == [dealt]
        assert not result.more
        assert self.decided(monkeypatch, Decision(more=True))[1].more


class TestBounds:
    @pytest.mark.parametrize(("rows", "more"), [(2, False), (3, True)])
    def test_a_batch_takes_so_many_rows_and_the_rest_waits(self, rows, more, monkeypatch):
        monkeypatch.setattr(module, "MAX_COMPLETIONS", 2)
        result = swept(see(*[TYPED] * rows))
        assert (names(result), result.more) == (["LOT-0", "LOT-1"], more)

    def test_a_row_that_waits_for_the_next_batch_adds_nobody_to_the_load(self, monkeypatch):
        monkeypatch.setattr(module, "MAX_COMPLETIONS", 1)
        load = swept(see(TYPED, TYPED, table=lookup(people=[ANA]))).load
        assert load.open(ANA) == 1

    @pytest.mark.parametrize(("limit", "taken"), [(1, 1), (119, 1), (120, 2), (180, 3)])
    def test_a_batch_takes_so_much_text_and_one_row_in_any_case(self, limit, taken, monkeypatch):
        row = {"last_name": "P", "phone": "06 12 34 56 78", "project": "Trouver un emploi"}
        row |= {"target": "Figeac", "message": ""}
        row["message"] = "x" * (60 - sum(map(len, row.values())))
        monkeypatch.setattr(module, "MAX_TEXT", limit)
        result = swept(see(row, row, row))
        assert (len(result.completions), result.more) == (taken, taken < 3)

    def test_what_a_sweep_may_decide(self):
        assert (MAX_COMPLETIONS, MAX_REMINDERS) == (500, 500)


class TestOrder:
    def test_what_people_decided_comes_before_rows_to_complete(self):
        rows = [TYPED, FILED | {"referent": BOB}]
        assert names(swept(see(*rows, before=[{}, FILED]))) == [LOT, "LOT-0"]

    def test_whoever_gets_a_request_has_more_to_do_for_the_next(self):
        result = swept(see(*[TYPED] * 4))
        given = [made.edit.changes["referent"].after for made in result.completions]
        assert given == [ANA, BOB, ANA, BOB]

    def test_a_reference_that_stands_in_the_sheet_or_was_given_is_drawn_again(self):
        drawn = iter([LOT, "LOT-1", "LOT-1", "LOT-2"])
        assert names(decide(see(TYPED, FILED, TYPED), drawn.__next__)) == ["LOT-1", "LOT-2"]

    def test_decisions_in_turn_know_those_before(self):
        contexts = []

        def step(context):
            contexts.append(context)
            return Decision()

        context = CompletionContext(lookup(), NOW, str)
        decided = list(module.decide_in_turn([step, step], context))
        assert [decision for decision, _ in decided] == [Decision()] * 2
        assert contexts == [context, context]


class TestRemembered:
    def test_a_request_stays_as_it_was_until_its_row_is_changed(self):
        before = State("À contacter", ANA)
        result = swept(see(FILED | {"referent": BOB}, before=[FILED]))
        assert result.states == {LOT: before}
        assert result.edited[LOT].state == State("À contacter", BOB)

    def test_a_request_that_stands_twice_stays_as_it_was(self):
        copied = FILED | CALLED
        result = swept(see(copied, copied, before=[FILED]))
        assert result.states == {LOT: State("À contacter", ANA)}
        assert result.events == []

    def test_a_request_whose_row_is_gone_is_forgotten(self):
        courses = {LOT: Course(("Zoé",))}
        result = swept(see(OTHER, before=[FILED, OTHER], courses=courses))
        assert result.states.keys() == {ANOTHER}
        assert result.courses == {}

    def test_whoever_takes_a_request_up_is_not_reminded_any_more(self):
        courses = {LOT: Course(handed_on=WEEKS_AGO)}
        result = swept(see(FILED | CALLED, before=[FILED], courses=courses))
        assert result.courses == {LOT: Course()}
        assert result.notices == []

    def test_a_reminder_is_sent_once(self):
        courses = {LOT: Course(handed_on=WEEKS_AGO)}
        result = swept(see(FILED, courses=courses))
        assert [notice.kind for notice in result.notices] == ["reminder"]
        assert result.courses == {LOT: Course(handed_on=WEEKS_AGO, reminded=True)}
        assert swept(see(FILED, courses=result.courses)).notices == []

    def test_a_reminder_whose_row_moved_follows_with_the_next_batch(self):
        courses = {LOT: Course(handed_on=WEEKS_AGO)}
        result = swept(seen(sight(FILED, OTHER, courses=courses), OTHER, FILED))
        assert (result.notices, result.courses, result.more) == ([], courses, True)

    def test_a_row_that_gets_its_reference_is_known_from_now_on(self):
        result = swept(see(TYPED))
        assert result.edited["LOT-0"].state == State("À contacter", ANA)

    @pytest.mark.parametrize(
        ("last", "renewed"),
        [
            (Remembered({LOT: State("À contacter", ANA)}, MOST_BATCHES), False),
            (Remembered({LOT: State("À contacter", ANA)}, MOST_BATCHES + 1), True),
            (Remembered({LOT: State("À contacter", ANA)}, 0, unmade=frozenset([LOT])), True),
            (Remembered({}, 0), True),
            (None, True),
        ],
    )
    def test_a_snapshot_is_renewed_once_it_does_not_know_the_sheet_any_more(self, last, renewed):
        assert swept(see(FILED, last=last)).renew == renewed


class TestWaiting:
    def test_a_sweep_that_saw_nothing_to_do_waits_for_nothing(self):
        result = swept(see(FILED))
        assert not result.waiting
        assert not result.more

    @pytest.mark.parametrize("rows", [[TYPED | {"phone": None}], [UNFOLLOWED]])
    def test_a_row_that_lacks_something_is_waited_for(self, rows):
        assert swept(see(*rows)).waiting

    def test_so_is_a_row_that_is_misplaced(self):
        assert swept(see(FILED, alignments={THIRD: None})).waiting
