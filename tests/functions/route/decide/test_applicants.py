"""What applicants hear from us, and when: once each, and nothing that is about to change."""

import itertools
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.route.decide.applicants import (
    KINDS,
    STEADY,
    advance,
    due,
    is_over,
    listen,
    write,
)
from functions.route.decide.history import Remembered
from functions.route.decide.lookup import Lookup, Referent
from functions.route.decide.sight import Answers, Sight
from functions.shared.journal.formats import Applicant, State
from functions.shared.journal.replies import Asked, Reply
from functions.shared.request import Request
from sheets_schema.columns import PARIS, as_text
from sheets_schema.tab import tab
from tests.functions.route.arrivals import MORNING

LOT = "LOT-65AC-WHNK"
ANA, BOB = Referent("Ana Roux", "", phone="05 36 49 00 01"), Referent("Bob Cros", "")
CORALIE = Referent("Coralie Vidal", "", "Coordination")
LOOKUP = Lookup(people={"ana roux": ANA, "bob cros": BOB}, default=CORALIE)
NEW = Applicant("fr", MORNING.date(), MORNING, MORNING.date(), ANA.name)
DAY = timedelta(days=1)
SWEEP = timedelta(minutes=5)


def state(status="to_contact", referent=ANA.name, contacted=""):
    return State(as_text(tab("requests")["status"].type.format(status)), referent, contacted)


class Story:
    """What sweeps send to one applicant while people work on the request."""

    def __init__(self, applicant=NEW, kinds=KINDS, **row):
        self.applicant, self.kinds, self.now, self.sent = applicant, kinds, MORNING, []
        self.row = {"reference": LOT, "first_name": "Zoé", "email": "zoe@example.org"} | row

    def sweep(self, state, wait=SWEEP, **row):
        self.now += wait
        self.row |= row
        self.applicant = advance(self.applicant, state, self.now)
        kind = due(self.applicant, state, self.kinds, self.now)
        if kind:
            request = Request(self.row)
            letter = write(kind, self.applicant, request, LOOKUP, self.kinds, self.now)
            self.applicant = letter.applicant
            if letter.mail:
                self.sent.append((kind, letter.mail.data, self.now))
        return self.kinds_sent

    @property
    def kinds_sent(self):
        return [kind for kind, *_ in self.sent]


def contacts(story):
    return [data["contact"]["name"] for _, data, _ in story.sent]


class TestWhoCalls:
    def test_they_hear_of_a_referent_who_has_stayed_for_half_an_hour_and_only_once(self):
        story = Story(status="to_contact")
        assert story.sweep(state(), STEADY - SWEEP) == []
        assert story.sweep(state()) == ["caller"]
        assert story.sweep(state(), DAY) == ["caller"]
        asked = {"reference": LOT, "first_name": "Zoé", "status": "to_contact"}
        reached = {"organisation": "", "phone": ANA.phone}
        data = story.sent[0][1]
        assert data["requests"] == [asked | reached | {"referent": ANA.name}]
        assert data["contact"] == reached | {"name": ANA.name}

    def test_of_a_referent_who_changes_before_they_never_hear(self):
        story = Story()
        story.sweep(state())
        story.sweep(state(referent=BOB.name))
        assert story.sweep(state(referent=BOB.name), STEADY - SWEEP) == []
        story.sweep(state(referent=BOB.name))
        assert contacts(story) == [BOB.name]
        assert "before" not in story.sent[0][1]

    def test_a_hand_over_that_is_undone_at_once_is_not_told(self):
        story = Story()
        story.sweep(state(), STEADY)
        story.sweep(state(referent=BOB.name))
        story.sweep(state())
        assert story.sweep(state(), DAY) == ["caller"]

    @pytest.mark.parametrize("status", ["to_contact", "in_progress", "long_term"])
    def test_after_a_hand_over_they_hear_who_takes_over_from_whom(self, status):
        story = Story()
        story.sweep(state(), STEADY)
        story.sweep(state(status, BOB.name), DAY)
        story.sweep(state(status, BOB.name), STEADY)
        assert contacts(story) == [ANA.name, BOB.name]
        assert story.sent[1][1]["before"] == ANA.name

    def test_who_has_called_already_needs_no_introduction_but_the_next_one_does(self):
        story = Story()
        story.sweep(state("in_progress"))
        assert story.sweep(state("in_progress"), STEADY) == []
        story.sweep(state("in_progress", BOB.name))
        story.sweep(state("in_progress", BOB.name), STEADY)
        assert contacts(story) == [BOB.name]

    @pytest.mark.parametrize("status", ["to_qualify", "to_reroute"])
    def test_who_gave_no_proof_and_who_is_handed_back_hear_later(self, status):
        story = Story()
        assert story.sweep(state(status), STEADY) == []
        assert story.sweep(state(), SWEEP) == ["caller"]

    def test_a_name_that_nobody_has_is_told_to_nobody(self):
        story = Story(replace(NEW, referent="Personne"))
        assert story.sweep(state(referent="Personne"), STEADY) == []

    def test_old_news_is_not_told_when_the_mail_is_switched_on(self):
        story = Story(kinds=())
        story.sweep(state(), 8 * DAY)
        story.kinds = ("caller",)
        assert story.sweep(state()) == []


class TestApology:
    known = replace(NEW, introduced=ANA.name)

    @pytest.mark.parametrize(("days", "sent"), [(9, []), (10, ["apology"]), (31, [])])
    def test_it_comes_after_ten_days_in_paris_and_not_after_a_month(self, days, sent):
        story = Story(self.known)
        late = MORNING.astimezone(PARIS).replace(hour=23, minute=50)
        assert story.sweep(state(), late - MORNING + days * DAY) == sent

    def test_it_names_the_coordinator_and_comes_once(self):
        story = Story(self.known)
        story.sweep(state(), 10 * DAY)
        story.sweep(state(), 5 * DAY)
        assert contacts(story) == [CORALIE.name]

    @pytest.mark.parametrize(
        "was",
        [state("no_answer"), state("in_progress"), state("waiting"), state(contacted="46350")],
    )
    def test_none_for_whom_somebody_called_even_if_the_request_is_handed_back_since(self, was):
        story = Story(self.known)
        story.sweep(was)
        assert story.sweep(state(), 10 * DAY) == []

    @pytest.mark.parametrize("status", ["long_term", "waiting", "settled", "junk", "to_reroute"])
    def test_none_while_the_request_does_not_wait_for_a_call(self, status):
        assert "apology" not in Story(self.known).sweep(state(status), 10 * DAY)

    def test_none_before_the_day_on_which_the_referent_means_to_call(self):
        story = Story(self.known, remind_on=MORNING.date() + 12 * DAY)
        assert story.sweep(state(), 11 * DAY) == []
        assert story.sweep(state(), DAY) == ["apology"]

    def test_none_a_few_days_after_another_mail(self):
        story = Story()
        story.sweep(state(), 5 * DAY)
        story.sweep(state(referent=BOB.name), 4 * DAY)
        assert story.sweep(state(referent=BOB.name), STEADY) == ["caller", "caller"]
        assert story.sweep(state(referent=BOB.name), DAY) == ["caller", "caller"]
        assert story.sweep(state(referent=BOB.name), 2 * DAY)[2:] == ["apology"]


class TestClosing:
    known = replace(NEW, introduced=ANA.name, contacted=True)

    @pytest.mark.parametrize(("status", "settled"), [("settled", True), ("closed", False)])
    def test_it_comes_once_the_request_has_been_closed_for_a_day(self, status, settled):
        story = Story(self.known)
        story.sweep(state(status), DAY)
        assert story.sweep(state(status), DAY - SWEEP) == []
        assert story.sweep(state(status)) == ["closing"]
        assert story.sent[0][1]["settled"] == settled
        story.sweep(state(), DAY)
        story.sweep(state(status), DAY)
        assert story.sweep(state(status), DAY) == ["closing"]

    def test_none_if_the_request_is_opened_again_before(self):
        story = Story(self.known)
        story.sweep(state("closed"))
        story.sweep(state("in_progress"))
        story.sweep(state("closed"), DAY)
        assert story.sweep(state("closed"), DAY - SWEEP) == []

    def test_none_for_junk_who_is_then_forgotten(self):
        story = Story()
        story.sweep(state("junk"))
        assert story.sweep(state("junk"), 2 * DAY) == []
        story.sweep(state("junk"), 50 * DAY)
        assert not is_over(story.applicant, story.now)
        story.sweep(state("junk"), 9 * DAY)
        assert is_over(story.applicant, story.now)


class TestNews:
    known = replace(NEW, introduced=ANA.name, contacted=True)

    def settle(self, on, kinds=KINDS):
        story = Story(self.known, kinds, settled_on=on)
        story.sweep(state("settled"))
        story.sweep(state("settled"), DAY)
        return story

    def test_they_are_asked_six_and_twelve_months_after_settling(self):
        story = self.settle(date(2026, 11, 1))
        asked = []
        for _ in range(420):
            story.sweep(state("settled"), DAY)
        for kind, data, at in story.sent:
            if kind == "news":
                asked.append((data["months"], at.astimezone(PARIS).date()))
        assert asked == [(6, date(2027, 5, 1)), (12, date(2027, 11, 1))]
        assert is_over(story.applicant, story.now)

    def test_a_day_that_is_filled_in_later_counts(self):
        story = self.settle(None)
        for _ in range(30):
            story.sweep(state("settled"), DAY)
        story.row["settled_on"] = date(2026, 6, 20)
        for _ in range(10):
            story.sweep(state("settled"), DAY)
        assert story.kinds_sent == ["closing", "news"]

    def test_none_long_after_the_day(self):
        story = self.settle(date(2026, 1, 1))
        for _ in range(20):
            story.sweep(state("settled"), DAY)
        assert story.kinds_sent == ["closing"]

    def test_none_if_it_is_switched_off(self):
        story = self.settle(date(2026, 6, 1), ("closing",))
        for _ in range(20):
            story.sweep(state("settled"), DAY)
        assert story.kinds_sent == ["closing"]


class TestListen:
    late = replace(NEW, introduced=ANA.name)

    def hear(self, *replies, applicants=None, references=(LOT,), waiting=()):
        now, seen = MORNING + 11 * DAY, {LOT: state()}
        states = {name: seen[name] for name in references if name in seen}
        grid = [["Référence"], *([name] for name in references)]
        answers = Answers({str(number): reply for number, reply in enumerate(replies)})
        known = Remembered(seen, 0, applicants=applicants or {LOT: self.late})
        sight = Sight(
            now, LOOKUP, grid, {"reference": 0}, states, set(references), known, answers=answers
        )
        return listen(sight, waiting, KINDS)

    def test_the_row_of_a_mail_that_is_due_or_waits_is_read_and_no_other(self):
        other = "LOT-0000-0001"
        assert self.hear(references=(other, LOT)).rows == {2: LOT}
        apologised = replace(self.late, said=("apology",))
        assert self.hear(applicants={LOT: apologised}).rows == {}
        assert self.hear(applicants={LOT: apologised}, waiting={LOT}).rows == {1: LOT}

    def test_a_mail_about_a_row_that_is_gone_goes_with_it(self):
        hearing = self.hear(references=(), waiting={LOT})
        assert (hearing.gone, hearing.applicants, hearing.due) == ({LOT}, {}, {})

    @pytest.mark.parametrize(("choice", "kept"), [("changed", True), ("erase", False)])
    def test_an_answer_that_waits_comes_first_and_whoever_is_to_be_erased_is_forgotten(
        self, choice, kept
    ):
        asked = Asked("Zoé", "Zoé", ANA.name, "to_contact", lang="fr")
        hearing = self.hear(Reply(LOT, choice, MORNING, asked), waiting={LOT})
        assert hearing.due == {}
        assert (LOT in hearing.applicants) == kept == (hearing.gone == set())


STATUSES = st.sampled_from(
    [
        "to_qualify",
        "to_contact",
        "no_answer",
        "in_progress",
        "waiting",
        "long_term",
        "to_reroute",
        "settled",
        "closed",
        "junk",
    ]
)
LOOKS = st.tuples(
    STATUSES,
    st.sampled_from([ANA.name, BOB.name, "", "Personne"]),
    st.sampled_from([SWEEP, STEADY, DAY, 4 * DAY, 45 * DAY]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(LOOKS, max_size=25), st.sampled_from([None, date(2026, 11, 20)]))
def test_whatever_people_do_nobody_hears_the_same_twice_or_what_is_not_so(looks, settled):
    story = Story(settled_on=settled)
    for status, referent, wait in looks:
        before = len(story.sent)
        story.sweep(state(status, referent), wait)
        for kind, data, _ in story.sent[before:]:
            assert status != "junk"
            assert (kind in ("closing", "news")) == (status in ("settled", "closed"))
            if kind == "caller":
                assert data["contact"]["name"] == referent
                assert status not in ("to_qualify", "to_reroute")
    counts = Counter(kind for kind, data, _ in story.sent if kind != "caller")
    assert counts["apology"] <= 1
    assert counts["closing"] <= 1
    months = [data["months"] for kind, data, _ in story.sent if kind == "news"]
    assert len(set(months)) == len(months)
    callers = [data["contact"]["name"] for kind, data, _ in story.sent if kind == "caller"]
    assert all(first != second for first, second in itertools.pairwise(callers))
    assert all(
        second - first >= STEADY
        for (*_, first), (*_, second) in zip(story.sent, story.sent[1:], strict=False)
    )
