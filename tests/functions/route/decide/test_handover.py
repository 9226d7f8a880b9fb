"""What people decide about who follows a request, and what its row gets then."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from functions.route.commit.row_edits import HASHED
from functions.route.decide.completion import (
    CHOSEN,
    TELLING,
    CompletionContext,
    candidates,
    find_rows,
)
from functions.route.decide.handover import (
    REMINDED_AFTER,
    Turn,
    carry_out,
    find_turns,
    is_alive,
    is_due,
    left_behind,
    reminders,
    stale_orders,
)
from functions.route.decide.lookup import Lookup, Referent
from functions.route.decide.rules import Rule
from functions.shared.concerns import Concern
from functions.shared.journal.formats import NO_COURSE, Course, Move, State
from functions.shared.working_days import working_days_between
from sheets_schema.territory import Target, territories
from sheets_schema.text import normalise

OFFICIAL = territories()
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
MONDAY = NOW.date()
ANA, BOB, ZOE, CORALIE = "Ana Roux", "Bob Cros", "Zoé Petit", "Coralie Vidal"
CONTACT, PROGRESS, ORDER = "À contacter", "Accompagnement en cours", "À réorienter"
LOT = "LOT-0000-0000"
ROW = {
    "reference": LOT,
    "last_name": "Durand",
    "status": CONTACT,
    "referent": ANA,
    "organisation": "Chambre",
    "project": "Trouver un emploi",
    "target": "Figeac",
    "assignment_reason": "Règle 1 : autre",
}
PLACES = {key: at for at, key in enumerate(HASHED)}


def referent(name, **more):
    return Referent(name, f"{name[:3].lower()}@example.org", f"Mairie de {name}", **more)


def lookup(*names, people=(ANA, BOB, ZOE), default=CORALIE, **more):
    """One rule for everything, which names these people."""
    everybody = [referent(name, **more.get(name[:3].lower(), {})) for name in people]
    return Lookup(
        (Rule(1, 10, {}, Target(), tuple(names or (ANA, BOB))),),
        {normalise(person.name): person for person in everybody},
        Referent(default, "coralie@example.org", "Coordination") if default else None,
    )


def candidate(row):
    grid = [list(HASHED), [row.get(key) for key in HASHED]]
    sightings, references = find_rows(grid, PLACES, wanted={row["reference"]})
    assert all(key in HASHED for key in TELLING)
    (only,) = candidates(sightings, references, dict(enumerate(grid)), PLACES, OFFICIAL)
    return only


def turned(before, now, course=NO_COURSE, table=None, **cells):
    """What a row gets whose state was `before` and is `now`: pairs of status and referent."""
    states = State(*before), State(*now)
    (turn,) = find_turns({LOT: states[0]}, {LOT: states[1]}, {LOT: course}).values()
    row = ROW | {"status": now[0], "referent": now[1]} | cells
    context = CompletionContext(table or lookup(), NOW, lambda: "LOT-1")
    return carry_out(turn, candidate(row), context)


def after(completion):
    return {key: change.after for key, change in completion.edit.changes.items()}


def kinds(completion):
    return [event.kind for event in completion.events]


class TestTurns:
    @pytest.mark.parametrize(
        ("before", "now", "refused_by"),
        [
            # A name was picked, in any state, by whomever.
            ((CONTACT, ANA), (CONTACT, BOB), ""),
            ((CONTACT, ANA), (PROGRESS, BOB), ""),
            ((CONTACT, ""), (CONTACT, BOB), ""),
            ((CONTACT, ANA), (CONTACT, "Personne"), ""),
            # An order, and one whose referent was cleared with it.
            ((CONTACT, ANA), (ORDER, ANA), ANA),
            ((CONTACT, ANA), (ORDER, "ana  roux"), ANA),
            ((CONTACT, ANA), (ORDER, ""), ANA),
            # An order that died: somebody picked another name, before or after a sweep saw it.
            ((CONTACT, ANA), (ORDER, BOB), ""),
            ((ORDER, ANA), (ORDER, BOB), ""),
            ((CONTACT, ""), (ORDER, BOB), ""),
        ],
    )
    def test_what_is_one(self, before, now, refused_by):
        states = State(*before), State(*now)
        (turn,) = find_turns({LOT: states[0]}, {LOT: states[1]}, {}).values()
        assert turn == Turn(LOT, *states, Course(), refused_by)

    @pytest.mark.parametrize(
        ("before", "now"),
        [
            ((CONTACT, ANA), (CONTACT, ANA)),
            ((CONTACT, ANA), (PROGRESS, ANA)),
            ((CONTACT, ANA), (CONTACT, "ana roux")),
            ((CONTACT, ANA), (CONTACT, "")),
            ((ORDER, ANA), (ORDER, ANA)),
            ((ORDER, ANA), (ORDER, "")),
            ((CONTACT, ""), (ORDER, "")),
        ],
    )
    def test_what_is_none(self, before, now):
        assert find_turns({LOT: State(*before)}, {LOT: State(*now)}, {}) == {}

    def test_of_a_request_that_no_sweep_has_seen_nobody_knows(self):
        assert find_turns({}, {LOT: State(ORDER, ANA)}, {}) == {}

    @pytest.mark.parametrize(
        ("before", "now", "said"),
        [
            (None, (ORDER, ANA), 1),
            ((ORDER, ANA), (ORDER, ANA), 1),
            ((CONTACT, ANA), (ORDER, ANA), 0),
            (None, (ORDER, ""), 0),
            (None, (CONTACT, ANA), 0),
        ],
    )
    def test_an_order_meant_for_nobody_known_is_said(self, before, now, said):
        known = {LOT: State(*before)} if before else {}
        concerns = list(stale_orders(known, {LOT: State(*now)}))
        assert [concern.place for concern in concerns] == [LOT] * said


class TestHandingOver:
    def test_the_row_follows_the_name_and_the_new_referent_is_told(self):
        completion = turned((CONTACT, ANA), (CONTACT, BOB))
        assert after(completion) == {
            "organisation": f"Mairie de {BOB}",
            "assignment_reason": f"Transmis par {ANA}",
            "other_referents": ANA,
        }
        (event,) = completion.events
        assert (event.kind, event.before, event.after) == ("handed_over", ANA, BOB)
        (notice,) = completion.notices
        assert (notice.kind, notice.to, notice.if_confirmed) == ("handed_over", BOB, LOT)
        assert notice.line.reason == f"Transmis par {ANA}"
        assert completion.concerns == ()
        assert completion.course == Course(handed_on=MONDAY)

    def test_the_motive_is_cited_once(self):
        completion = turned((CONTACT, ANA), (CONTACT, BOB), transfer_reason="parle occitan")
        said = f"Transmis par {ANA} : parle occitan"
        assert after(completion)["assignment_reason"] == said
        assert completion.notices[0].line.reason == completion.events[0].why == said
        again = turned(
            (CONTACT, BOB), (CONTACT, ZOE), completion.course, transfer_reason="parle occitan"
        )
        assert after(again)["assignment_reason"] == f"Transmis par {BOB}"
        other = turned((CONTACT, BOB), (CONTACT, ZOE), completion.course, transfer_reason="congés")
        assert after(other)["assignment_reason"] == f"Transmis par {BOB} : congés"

    def test_notes_are_not_mailed(self):
        assert "notes" not in HASHED

    def test_a_status_that_a_person_chose_stays(self):
        assert "status" not in after(turned((CONTACT, ANA), (PROGRESS, BOB)))

    @pytest.mark.parametrize("before", [CONTACT, ORDER])
    def test_an_order_that_was_not_meant_for_the_new_referent_is_taken_back(self, before):
        completion = turned((before, ANA), (ORDER, BOB))
        assert after(completion)["status"] == CONTACT
        assert "referent" not in after(completion)
        assert kinds(completion) == ["handed_over"]
        assert completion.course == Course(handed_on=MONDAY)

    @pytest.mark.parametrize(
        ("others", "written"),
        [
            (None, ANA),
            (f"{BOB}, {ZOE}", f"{ZOE}, {ANA}"),
            ("ana roux, bob cros", "ana roux"),
            ("ana roux et bob cros", "ana roux"),
            ("Le maire", f"Le maire, {ANA}"),
        ],
    )
    def test_other_referents_name_nobody_twice(self, others, written):
        completion = turned((CONTACT, ANA), (CONTACT, BOB), other_referents=others)
        assert after(completion)["other_referents"] == written

    def test_the_remarks_stay(self):
        reason = "Relance de LOT-9999-9999. Règle 7 : autre"
        completion = turned((CONTACT, ANA), (CONTACT, BOB), assignment_reason=reason)
        said = after(completion)["assignment_reason"]
        assert said == f"Relance de LOT-9999-9999. Transmis par {ANA}"

    def test_a_name_that_nobody_has_stays_and_is_noted_and_nobody_is_told(self):
        completion = turned((CONTACT, ANA), (CONTACT, "Bob"))
        assert after(completion)["organisation"] == ""
        assert "referent" not in after(completion)
        assert completion.notices == ()
        (concern,) = completion.concerns
        assert f"« {BOB} »" in concern.action

    def test_a_name_put_right_was_not_handed_over_by_the_wrong_one(self):
        completion = turned((CONTACT, "Bob"), (CONTACT, BOB))
        assert after(completion)["assignment_reason"] == CHOSEN
        assert "other_referents" not in after(completion)
        assert [notice.to for notice in completion.notices] == [BOB]

    def test_the_default_referent_is_known_although_in_another_tab(self):
        completion = turned((CONTACT, ANA), (CONTACT, CORALIE))
        assert completion.concerns == ()
        assert after(completion)["organisation"] == "Coordination"
        assert [notice.to for notice in completion.notices] == [CORALIE]

    def test_whoever_is_chosen_for_a_request_of_nobody_is_told_too(self):
        completion = turned((CONTACT, ""), (CONTACT, BOB))
        assert after(completion)["assignment_reason"] == CHOSEN
        assert kinds(completion) == ["assigned"]
        assert [notice.to for notice in completion.notices] == [BOB]

    @pytest.mark.parametrize("cells", [{"status": "Clos sans suite"}, {"source": "test"}])
    def test_nobody_is_mailed_about_a_trial_or_what_is_over(self, cells):
        status = cells.get("status", CONTACT)
        completion = turned((status, ANA), (status, BOB), **cells)
        assert after(completion)["organisation"] == f"Mairie de {BOB}"
        assert completion.notices == ()
        assert completion.course == Course()

    def test_who_refused_it_before_is_still_known(self):
        completion = turned((CONTACT, ANA), (CONTACT, BOB), Course((ZOE,), reminded=True))
        assert completion.course == Course((ZOE,), MONDAY)


class TestHandingBack:
    def test_the_rules_give_it_to_somebody_else(self):
        completion = turned((PROGRESS, ANA), (ORDER, ANA), transfer_reason="hors secteur")
        assert after(completion).keys() == {
            "status",
            "referent",
            "organisation",
            "assignment_reason",
        }
        assert (after(completion)["status"], after(completion)["referent"]) == (CONTACT, BOB)
        assert f"refusée par {ANA}" in after(completion)["assignment_reason"]
        back, given = completion.events
        assert (back.kind, back.before, back.after) == ("handed_back", ANA, "")
        assert back.why == "« À réorienter » : hors secteur"
        assert (given.kind, given.before, given.after) == ("assigned", ANA, BOB)
        assert [(notice.kind, notice.to) for notice in completion.notices] == [("assigned", BOB)]
        assert completion.notices[0].if_confirmed == LOT
        assert completion.concerns == ()
        assert (completion.course.refused, completion.course.handed_on) == ((ANA,), MONDAY)

    def test_the_referent_may_have_been_cleared_with_the_order(self):
        completion = turned((CONTACT, ANA), (ORDER, ""))
        assert (after(completion)["status"], after(completion)["referent"]) == (CONTACT, BOB)
        assert completion.course.refused == (ANA,)

    def test_without_any_other_rule_the_default_referent_gets_it(self):
        completion = turned((CONTACT, ANA), (ORDER, ANA), table=lookup(ANA))
        assert after(completion)["referent"] == CORALIE
        (concern,) = completion.concerns
        assert concern.place == LOT

    def test_the_second_time_the_default_referent_gets_it_and_it_is_noted(self):
        table = lookup(ANA, BOB, ZOE)
        completion = turned((CONTACT, BOB), (ORDER, BOB), Course((ANA,)), table)
        assert after(completion)["referent"] == CORALIE
        said = f"Rendue par {ANA}, puis par {BOB} : coordination"
        assert after(completion)["assignment_reason"] == said
        (concern,) = completion.concerns
        assert "rendue deux fois" in concern.subject
        assert [notice.to for notice in completion.notices] == [CORALIE]
        assert completion.course.refused == (ANA, BOB)

    @pytest.mark.parametrize(
        ("course", "by", "default"),
        [
            (Course((ANA,)), BOB, None),
            (Course((ANA, BOB)), CORALIE, CORALIE),
            (Course((CORALIE,)), ANA, CORALIE),
        ],
    )
    def test_where_nobody_is_left_the_row_stays_and_it_is_noted(self, course, by, default):
        concern = turned((CONTACT, by), (ORDER, by), course, lookup(default=default))
        assert isinstance(concern, Concern)
        assert concern.place == LOT
        assert by in concern.subject

    def test_a_trial_goes_the_same_way_and_nobody_is_mailed(self):
        completion = turned((CONTACT, ANA), (ORDER, ANA), source="test", email="essai@example.org")
        assert after(completion)["referent"] == BOB
        assert completion.notices == ()
        assert completion.course.handed_on is None

    def test_who_helped_and_now_leads_is_not_named_twice(self):
        completion = turned((CONTACT, ANA), (ORDER, ANA), other_referents=f"{BOB}, {ZOE}")
        assert after(completion)["other_referents"] == ZOE

    def test_what_else_changed_is_told_too(self):
        turn = Turn(LOT, State(PROGRESS, ANA, ""), State(ORDER, ANA, "46349"), Course(), ANA)
        row = candidate(ROW | {"status": ORDER})
        completion = carry_out(turn, row, CompletionContext(lookup(), NOW, lambda: "LOT-1"))
        assert kinds(completion) == ["first_contact", "handed_back", "assigned"]

    def test_a_name_that_cannot_be_written_changes_nothing(self):
        table = lookup(ANA, "mai 2026", people=(ANA, "mai 2026"))
        assert isinstance(turned((CONTACT, ANA), (ORDER, ANA), table=table), Concern)


class TestMoving:
    """The operator moves requests because their referent leaves."""

    def moved(self, move, course=NO_COURSE, table=None, before=None, status=PROGRESS, **cells):
        now = State(status, ANA)
        known = before or now
        (turn,) = find_turns({LOT: known}, {LOT: now}, {LOT: course}, {LOT: move}).values()
        row = ROW | {"status": status} | cells
        context = CompletionContext(table or lookup(), NOW, lambda: "LOT-1")
        return carry_out(turn, candidate(row), context)

    def test_an_order_that_stood_in_its_row_does_not_follow_it_to_the_next_referent(self):
        assert after(self.moved(Move(ANA), status=ORDER))["status"] == CONTACT
        assert after(self.moved(Move(ANA, ZOE), status=ORDER))["status"] == CONTACT

    def test_the_rules_give_it_to_somebody_else_although_she_is_not_marked_yet(self):
        completion = self.moved(Move(ANA))
        assert after(completion).keys() == {"referent", "organisation", "assignment_reason"}
        assert after(completion)["referent"] == BOB
        assert f"{ANA}, plus en activité" in after(completion)["assignment_reason"]
        (event,) = completion.events
        assert (event.kind, event.before, event.after) == ("handed_over", ANA, BOB)
        assert [(notice.kind, notice.to) for notice in completion.notices] == [("handed_over", BOB)]
        assert completion.course == Course(handed_on=MONDAY)

    def test_whoever_comes_back_stays_among_the_others(self):
        completion = self.moved(Move(ANA, until=date(2027, 1, 3)))
        assert after(completion)["other_referents"] == ANA
        assert "indisponible jusqu'au 3 janvier" in after(completion)["assignment_reason"]

    def test_it_goes_to_the_person_named(self):
        completion = self.moved(Move(ANA, ZOE))
        assert after(completion)["referent"] == ZOE
        assert after(completion)["assignment_reason"] == f"{ANA}, plus en activité → {ZOE}"

    def test_nobody_gets_it_who_refused_it(self):
        completion = self.moved(Move(ANA), Course((BOB,)))
        assert after(completion)["referent"] == CORALIE
        assert completion.course.refused == (BOB,)

    @pytest.mark.parametrize("move", [Move(ANA, "Personne"), Move(ANA)])
    def test_where_nobody_is_left_it_stays_and_is_noted(self, move):
        assert isinstance(self.moved(move, table=lookup(ANA, default=None)), Concern)

    def test_the_default_referent_who_leaves_does_not_get_it_back(self):
        table = lookup(ANA, people=(ANA, BOB), default=ANA)
        assert isinstance(self.moved(Move(ANA), table=table), Concern)

    def test_what_people_decided_meanwhile_comes_first(self):
        states = {LOT: State(CONTACT, ANA)}, {LOT: State(CONTACT, BOB)}
        (turn,) = find_turns(*states, {}, {LOT: Move(ANA)}).values()
        assert turn.move is None

    def test_another_status_is_told_with_it(self):
        completion = self.moved(Move(ANA), before=State(CONTACT, ANA))
        assert kinds(completion) == ["status_changed", "handed_over"]

    def test_nobody_is_mailed_about_a_trial(self):
        assert self.moved(Move(ANA), source="test").notices == ()

    @pytest.mark.parametrize(
        ("state", "alive"),
        [
            (State(CONTACT, "ana roux"), True),
            (State(CONTACT, BOB), False),
            (State(CONTACT, ""), False),
            (State("Installé", ANA), False),
        ],
    )
    def test_an_order_holds_as_long_as_she_follows_the_request(self, state, alive):
        assert is_alive(Move(ANA), state) == alive


class TestReminder:
    course = Course(handed_on=MONDAY)

    @pytest.mark.parametrize(
        ("handed_on", "today", "due"),
        [
            ("2026-11-23", "2026-11-29", False),
            ("2026-11-23", "2026-11-30", True),
            ("2026-12-23", "2026-12-30", False),  # Christmas is a Friday
            ("2026-12-23", "2026-12-31", True),
        ],
    )
    def test_it_comes_after_five_working_days(self, handed_on, today, due):
        course = Course(handed_on=date.fromisoformat(handed_on))
        assert is_due(State(CONTACT, BOB), course, lookup(), date.fromisoformat(today)) == due

    def test_it_comes_once_and_only_for_what_was_handed_over(self):
        late = MONDAY + timedelta(days=60)
        assert working_days_between(MONDAY, late) > REMINDED_AFTER
        assert is_due(State(CONTACT, BOB), self.course, lookup(), late)
        for course in (Course(), replace(self.course, reminded=True)):
            assert not is_due(State(CONTACT, BOB), course, lookup(), late)

    def test_whoever_is_absent_gets_it_when_she_is_back_and_who_has_left_never(self):
        until = {"bob": {"absent_until": date(2026, 12, 11)}}
        assert not is_due(State(CONTACT, BOB), self.course, lookup(**until), date(2026, 12, 11))
        assert is_due(State(CONTACT, BOB), self.course, lookup(**until), date(2026, 12, 12))
        left = {"bob": {"active": False}}
        assert not is_due(State(CONTACT, BOB), self.course, lookup(**left), date(2026, 12, 12))
        assert not is_due(State(CONTACT, "Personne"), self.course, lookup(), date(2026, 12, 12))

    def test_it_says_since_when_and_why(self):
        row = candidate(ROW | {"assignment_reason": f"Transmis par {ANA}"})
        (notice,) = reminders(row, referent(BOB), MONDAY)
        assert (notice.kind, notice.to) == ("reminder", BOB)
        assert notice.line.reason == f"Transmise le 23 novembre. Transmis par {ANA}"


class TestLeftBehind:
    @pytest.mark.parametrize(
        ("state", "noted"),
        [
            (State(PROGRESS, "bob cros"), 1),
            (State("Clos sans suite", BOB), 0),
            (State(PROGRESS, ANA), 0),
        ],
    )
    def test_open_requests_of_who_has_left_are_noted_with_the_command(self, state, noted):
        table = lookup(bob={"active": False})
        concerns = list(left_behind([state, state], table, MONDAY))
        assert len(concerns) == noted
        for concern in concerns:
            assert f'accueil referent leave "{BOB}" --for-good --to RULES' in concern.action

    @pytest.mark.parametrize(
        ("first", "last", "noted"),
        [
            (None, date(2026, 11, 30), 1),
            (None, date(2026, 11, 29), 0),  # back within the week
            (date(2026, 11, 24), date(2026, 12, 31), 0),  # still there
            (date(2026, 11, 23), None, 0),  # nobody knows for how long
        ],
    )
    def test_those_of_who_is_away_for_long_too(self, first, last, noted):
        table = lookup(bob={"absent_from": first, "absent_until": last})
        concerns = list(left_behind([State(PROGRESS, BOB)], table, MONDAY))
        assert len(concerns) == noted
        for concern in concerns:
            assert "est indisponible jusqu'au 30 novembre" in concern.subject
            assert "--until 2026-11-30 --to RULES" in concern.action
