"""Weeks in which referents hand over, refuse, leave and forget: what is owed to each request.

What happened is noted from outside, cell by cell. The digest's own functions say what it lists.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from importlib import import_module
from random import Random
from unittest.mock import patch

import pytest

from functions.digest.cases import read_cases
from functions.digest.history import read_histories
from functions.digest.report import TAKE_UP, Tables, report
from functions.digest.weeks import week_of
from functions.shared.journal.formats import Move
from functions.shared.working_days import working_days_between
from sheets_schema.columns import PARIS
from sheets_schema.territory import Target, territories
from tests.functions.route.arrivals import arrive
from tests.functions.route.books import ANA, BOB, CORALIE, address, set_cell
from tests.functions.route.office import CONTACT, DORA, ORDER, PROGRESS, Office

PEOPLE = (ANA, BOB, DORA)
CLOSED, TAKEN_UP = "Clos sans suite", "Prise en charge"
SWEEPS = 3  # a day: a decision takes two, and one more if people sort at that instant


@dataclass
class Fate:
    """What people did with one request, as they see it.

    `given` is the day on which somebody other than before began to follow it, as long as she has
    not taken it up. `ordered` names those under whom « À réorienter » was set, or whom the operator
    ordered to be relieved, since somebody else began to follow it. `stale` says that
    « À réorienter » stood in its row from the beginning, so nobody knows for whom it was meant.
    `known` is who followed it when the system last wrote something into its row.
    """

    follower: str
    given: date | None = None
    ordered: set[str] = field(default_factory=set)
    stale: bool = False
    known: str = ""


class Weeks:
    """An office, day after day; `random` draws what people do."""

    def __init__(self, random):
        self.random, self.office, self.number = random, Office(), 0
        self.drain = self.office.new_drain()  # it need not read again what nobody has changed
        self.fates, self.mailed, self.away = {}, set(), {}
        self.taken_up = Counter()  # how often people took a request up
        self.checked = 0

    @property
    def today(self):
        return self.office.clock().astimezone(PARIS).date()

    @property
    def rows(self):
        rows = self.office.sheet.rows("requests")
        return {row["reference"]: row for row in rows if row.get("reference")}

    def set(self, reference, **cells):
        references = [row.get("reference") for row in self.office.sheet.rows("requests")]
        for column, text in cells.items():
            at = references.index(reference) + 1
            set_cell(self.office.sheet, "requests", at, column, text)

    # People

    def arrive(self):
        self.number += 1
        arrive(self.office.journal, self.number, at=self.office.clock())

    def type(self):
        """A row typed by hand, or brought from elsewhere: « À réorienter » stands in it already."""
        self.number += 1
        self.office.sheet.grids["requests"].append([])
        cells = {
            "last_name": f"Tapée {self.number}",
            "email": f"tapee{self.number}@example.org",
            "project": "Trouver un emploi",
            "target": "Figeac",
            "referent": self.random.choice(PEOPLE),
            "status": ORDER,
        }
        for column, text in cells.items():
            set_cell(self.office.sheet, "requests", -1, column, text)

    def hand_over(self, reference, fate):
        name = self.random.choice([*PEOPLE, *PEOPLE, CORALIE, "Personne"])
        if name != fate.follower:
            self.set(reference, referent=name)
            self.pick(fate, name)
            if name == fate.known and self.rows[reference].get("status") == ORDER:
                fate.ordered = {name}  # nobody can see that somebody else had it meanwhile

    def pick(self, fate, name):
        fate.follower, fate.given, fate.ordered, fate.stale = name, self.today, set(), False

    def refuse(self, reference, fate):
        if not fate.stale:
            self.set(reference, status=ORDER)
            fate.ordered.add(fate.follower)

    def refuse_and_hand_over(self, reference, fate):
        self.refuse(reference, fate)
        self.hand_over(reference, fate)

    def clear(self, reference, fate):
        self.set(reference, referent="")
        fate.follower = ""

    def is_told(self, reference, fate):
        """Whether Organisme has followed, so that whoever follows the request knows of it."""
        return self.rows[reference].get("organisation", "") == fate.follower[:3]

    def take_up(self, reference, fate):
        if fate.ordered or not self.is_told(reference, fate):
            return
        if fate.given:
            self.taken_up[reference] += 1
        if not fate.stale and self.random.random() < 1 / 2:
            status = self.rows[reference].get("status")
            self.set(reference, status=CONTACT if status == PROGRESS else PROGRESS)
        else:
            day = self.today.toordinal() - 693594  # as the sheet counts days
            self.set(reference, last_contact_on=float(day))
        fate.given = None

    def close(self, reference, _fate):
        self.set(reference, status=CLOSED)
        del self.fates[reference]

    def relieve(self, reference, fate):
        if fate.follower in PEOPLE:
            receiver = self.random.choice(["", *PEOPLE])
            move = Move(fate.follower, receiver if receiver != fate.follower else "")
            key = f"moves/{reference}"
            self.office.journal.delete(key)
            self.office.journal.create(key, move.to_json())
            fate.ordered.add(fate.follower)

    def leave_or_return(self):
        at = self.random.randrange(len(PEOPLE))
        back = self.away.pop(PEOPLE[at], None)
        if not back:
            self.away[PEOPLE[at]] = self.today
        set_cell(self.office.sheet, "referents", at + 1, "active", "Oui" if back else "Non")

    def sort(self):
        rows = self.office.sheet.grids["requests"]
        rows[1:] = self.random.sample(rows[1:], len(rows) - 1)

    # Days

    ACTIONS = (
        *("hand_over", "hand_over", "refuse", "refuse", "refuse_and_hand_over"),
        *("clear", "take_up", "take_up", "close", "relieve"),
    )

    def live(self, weeks):
        for _ in range(weeks):
            for _ in range(7):
                self.day()
            self.sweeps()  # nobody disturbs them, so nothing is left to be carried out
            self.check()

    def day(self):
        self.office.clock.advance(days=1)
        if self.random.random() < 1 / 3 and len(self.fates) < 8:
            self.arrive() if self.random.random() < 9 / 10 else self.type()
        if self.random.random() < 1 / 20:
            self.leave_or_return()
        for reference, fate in list(self.fates.items()):
            if self.random.random() < 1 / 10:
                getattr(self, self.random.choice(self.ACTIONS))(reference, fate)
        self.sweeps(disturbed=True)

    def sweeps(self, *, disturbed=False):
        before = self.rows
        for _ in range(SWEEPS):
            if disturbed and self.random.random() < 1 / 5:
                self.office.before_the_commit(self.sort)
            self.office.clock.advance(minutes=5)
            self.drain(sweep=True)
            now = self.rows
            self.compare(before, now)
            before = now

    def compare(self, before, now):
        """What a sweep did to whom, and whether it was allowed to."""
        for reference, row in now.items():
            follower = row.get("referent", "")
            if reference not in before:
                stale = row.get("status") == ORDER
                self.fates[reference] = Fate(follower, stale=stale, known=follower)
            elif (was := before[reference].get("referent", "")) != follower:
                fate = self.fates[reference]
                assert was in ("", *fate.ordered), f"{was} lost {reference} without an order"
                self.pick(fate, follower)
            if reference in self.fates and row != before.get(reference):
                self.fates[reference].known = follower
        for message in self.office.post.sent:
            text = message.get_body(("plain",)).get_content()
            text = re.sub(r"Relance de \S+", "", text)  # another request of the same person
            kind = "reminder" if "Rappel" in message["Subject"] else "given"
            for reference, fate in self.fates.items():
                if reference in text:
                    self.mailed.add((kind, message["To"], reference))
                    assert kind != "reminder" or fate.given, f"reminded of {reference}, taken up"
        self.office.post.sent.clear()

    def check(self):
        """What is owed at the end of a week, when no decision is still to be carried out."""
        noted = {line["place"] for line in self.office.sheet.rows("to_check")}
        overdue = self.overdue()
        for reference, fate in self.fates.items():
            row = self.rows[reference]
            assert row.get("referent") or reference in noted, f"nobody follows {reference}"
            if row.get("status") == ORDER:
                assert fate.ordered or fate.stale, f"an order of the past stands in {reference}"
                assert reference in noted, f"an order in {reference}, and nobody knows"
                continue  # it waits for a person's decision
            if not fate.given or fate.follower not in (*PEOPLE, CORALIE):
                continue
            to = address(fate.follower)
            assert ("given", to, reference) in self.mailed, f"{to} was not told of {reference}"
            # A decision that met a sort at each sweep of its day is carried out a day later.
            days = working_days_between(fate.given, self.today)
            assert days <= TAKE_UP or reference in overdue, f"{reference} waits for {days} days"
            if days > 6 and not fate.ordered and self.away.get(fate.follower) is None:
                assert ("reminder", to, reference) in self.mailed, f"{to} was not reminded"
            self.checked += 1
        for reference in overdue:
            assert self.fates[reference].given, f"{reference} is taken up, and listed"
        history = self.office.sheet.rows("tracking")
        taken = Counter(line["reference"] for line in history if line["event"] == TAKEN_UP)
        for reference in self.fates:
            assert taken[reference] == self.taken_up[reference], f"{reference} was taken up"

    def overdue(self):
        """The references that Monday's digest would list as not taken up."""
        reading = self.office.sheet.read({"requests": "all", "tracking": "all", "system": "all"})
        tracking, requests = (
            (reading.tabs[key], reading.positions(key)) for key in ("tracking", "requests")
        )
        cases = read_cases(*requests, read_histories(*tracking), territories())
        made = report(week_of(self.today), self.today, Tables(cases), Target(), territories())
        return {
            line.reference
            for part in made.decisions
            if part.key == "hand_overs"
            for line in part.lines
        }


def live(seeds, weeks):
    checked = 0
    for seed in seeds:
        lives = Weeks(Random(seed))
        try:
            lives.live(weeks)
        except AssertionError as error:
            error.add_note(f"in the world of seed {seed}, on {lives.today}")
            raise
        checked += lives.checked
    return checked


def test_nothing_falls_between_two_chairs():
    """Each of the weeks has 24 sweeps. `make chaos` lives 10,000 of them."""
    assert live(range(1), weeks=7) > 10


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("part", range(10))
def test_nothing_falls_between_two_chairs_in_a_thousand_weeks(part):
    assert live(range(50 * part, 50 * part + 50), weeks=20) > 2_500


def counting_standing_orders(find_turns: Callable) -> Callable:
    def turns(before, now, *more):
        known = {
            name: replace(state, status=CONTACT) if state.status == ORDER else state
            for name, state in before.items()
        }
        return find_turns(known, now, *more)

    return turns


def leaving_the_order(hand_over: Callable) -> Callable:
    def without_status(*given):
        made = hand_over(*given)
        changes = {key: made.edit.changes[key] for key in made.edit.changes if key != "status"}
        return replace(made, edit=replace(made.edit, changes=changes))

    return without_status


def saying_no(_: Callable) -> Callable:
    return lambda *_given: False


def mailing_nobody(_: Callable) -> Callable:
    return lambda *_given: []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("where", "mistake"),
    [
        ("functions.route.decide.sight.find_turns", counting_standing_orders),
        ("functions.route.decide.handover._hand_over", leaving_the_order),
        ("functions.route.decide.history._is_taken_up", saying_no),
        ("functions.route.decide.kinds.is_due", saying_no),
        ("functions.route.decide.handover.handed_over", mailing_nobody),
    ],
)
def test_a_mistake_is_noticed_within_weeks(where, mistake):
    module, _, name = where.rpartition(".")
    wrong = mistake(getattr(import_module(module), name))
    with patch(where, wrong), pytest.raises(AssertionError):
        live(range(10), weeks=10)
