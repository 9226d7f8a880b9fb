"""Requests that go from one referent to the next: whatever comes in between, once and rightly.

docs/protocol.md lists the cases under "Hand-over".
"""

from collections import Counter
from itertools import count

import pytest

from functions.shared.journal.formats import Move
from functions.shared.reference import make
from tests.functions.route.arrivals import arrive
from tests.functions.route.books import ANA, BOB, CORALIE, address, rule, set_cell
from tests.functions.route.office import CONTACT, DORA, ORDER, PROGRESS, Office
from tests.support import Crash, Mortal


@pytest.fixture
def office():
    made = Office()
    made.reference = arrive(made.journal)
    made.sweep(2)
    assert made.stands == (CONTACT, ANA)
    made.post.sent.clear()
    return made


def mail_to(kind, name):
    return kind, address(name)


def test_a_request_handed_over_is_to_be_taken_up(office):
    office.set(referent=BOB, transfer_reason="parle occitan")
    office.sweep(4)
    row = office.row
    assert (row["referent"], row["organisation"]) == (BOB, "Bob")
    assert row["other_referents"] == ANA
    assert row["assignment_reason"] == f"Transmis par {ANA} : parle occitan"
    assert office.mails == [mail_to("handed_over", BOB)]
    (message,) = office.post.sent
    assert "Transmis par Ana Roux : parle occitan" in message.get_body(("plain",)).get_content()
    office.set(status=PROGRESS)
    office.sweep(3)
    assert [event for event, _ in office.events] == [
        "Attribuée",
        "Transmise",
        "Prise en charge",
        "Statut changé",
    ]


def test_who_has_not_taken_it_up_is_reminded_once(office):
    office.set(referent=BOB)
    office.sweep(2)
    office.post.sent.clear()
    office.clock.advance(days=6)  # Sunday
    office.sweep(2)
    assert office.mails == []
    office.clock.advance(days=1)
    office.sweep(2)
    assert office.mails == [mail_to("reminder", BOB)]
    office.clock.advance(days=30)
    office.sweep(2)
    assert len(office.mails) == 1


def test_whoever_took_it_up_is_not_reminded(office):
    office.set(referent=BOB)
    office.sweep(2)
    office.set(last_contact_on=46349.0)
    office.sweep()
    office.post.sent.clear()
    office.clock.advance(days=30)
    office.sweep(2)
    assert office.mails == []


def test_a_request_handed_back_goes_by_the_rules_without_whoever_refused(office):
    office.set(status=ORDER)
    office.sweep(4)
    assert office.stands == (CONTACT, BOB)
    assert office.row["organisation"] == "Bob"
    assert f"refusée par {ANA}" in office.row["assignment_reason"]
    assert office.mails == [mail_to("assigned", BOB)]
    assert office.events[1:] == [("Rendue", ANA), ("Attribuée", BOB)]
    office.post.sent.clear()
    office.set(status=ORDER)
    office.sweep(4)
    assert office.stands == (CONTACT, CORALIE)
    assert office.mails == [mail_to("assigned", CORALIE)]
    assert office.noted == [f"Cette demande a été rendue deux fois, par {ANA}, puis par {BOB}."]
    office.set(status=ORDER)  # nobody is left: the order stands for people to see
    office.sweep(4)
    assert office.stands == (ORDER, CORALIE)
    assert "ne trouve personne" in office.noted[1]
    assert len(office.noted) == 2
    office.set(referent=DORA)
    office.sweep(3)
    assert office.stands == (CONTACT, DORA)


@pytest.mark.parametrize("known", [True, False], ids=["later", "before the next sweep"])
def test_a_row_typed_by_hand_is_handed_over_like_any_other(known):
    typed = {"last_name": "Petit", "email": "p@example.org"}
    office = Office([typed | {"project": "Trouver un emploi", "target": "Figeac"}])
    office.sweep(2)
    assert office.stands == (CONTACT, ANA)
    if known:
        office.sweep()
    office.set(referent=BOB)
    office.sweep(3)
    assert office.row["assignment_reason"] == f"Transmis par {ANA}"
    assert office.mails == [mail_to("assigned", ANA), mail_to("handed_over", BOB)]
    assert [event for event, _ in office.events] == ["Complétée", "Transmise"]


def test_requests_handed_back_in_one_sweep_are_shared():
    rules = [rule(1, f"{BOB}, {DORA}"), rule(2, ANA) | {"order": 5.0}]
    office = Office(rules=rules)
    for number in range(4):
        arrive(office.journal, number)
    office.sweep(2)
    for row in range(1, 5):
        set_cell(office.sheet, "requests", row, "status", ORDER)
    office.sweep(2)
    followers = Counter(row["referent"] for row in office.sheet.rows("requests"))
    assert followers == {BOB: 2, DORA: 2}


def test_who_refused_it_does_not_get_it_when_its_referent_is_cleared(office):
    office.set(status=ORDER)
    office.sweep(2)
    office.set(referent="")
    office.sweep(3)
    assert office.stands == (CONTACT, BOB)


class TestOrdersThatDied:
    """An order is meant for whoever followed the request when it was given."""

    def test_a_name_was_picked_before_any_sweep(self, office):
        office.set(status=ORDER)
        office.set(referent=BOB)
        office.sweep(4)
        assert office.stands == (CONTACT, BOB)
        assert office.mails == [mail_to("handed_over", BOB)]

    def test_a_name_was_picked_between_the_sweep_that_saw_it_and_the_next(self, office):
        office.set(status=ORDER)
        office.sweep()
        office.set(referent=BOB)
        office.sweep(4)
        assert office.stands == (CONTACT, BOB)
        assert office.mails == [mail_to("handed_over", BOB)]

    def test_a_name_was_picked_at_the_instant_of_the_write(self, office):
        office.set(status=ORDER)
        office.sweep()
        office.before_the_commit(lambda: office.set(referent=DORA))
        office.sweep()
        assert office.stands == (ORDER, DORA)
        office.sweep(4)
        assert office.stands == (CONTACT, DORA)
        assert office.mails == [mail_to("handed_over", DORA)]
        assert ("Correction", DORA) in office.events

    def test_it_was_taken_back_before_it_was_carried_out(self, office):
        office.set(status=ORDER)
        office.sweep()
        office.set(status=CONTACT)
        office.sweep(4)
        assert office.stands == (CONTACT, ANA)
        assert (office.mails, len(office.events)) == ([], 1)

    def test_it_stood_in_a_row_that_somebody_typed(self):
        typed = {"last_name": "Petit", "status": ORDER, "referent": BOB}
        office = Office([typed])
        office.sweep(4)
        assert office.stands == (ORDER, BOB)
        (subject,) = office.noted
        assert "avant que le système ne lise cette ligne" in subject
        office.set(status=CONTACT)
        office.sweep()
        office.set(status=ORDER)
        office.sweep(3)
        assert office.stands == (CONTACT, ANA)

    def test_it_stood_in_a_row_whose_referent_was_cleared(self, office):
        office.set(referent="")
        office.sweep()
        office.set(status=ORDER)
        office.sweep(4)
        assert office.stands == (CONTACT, ANA)
        office.sweep(4)
        assert office.stands == (CONTACT, ANA)


class TestEditsThatAreNotConfirmed:
    """The row moved between read and write: nothing was written, so the decision is taken anew."""

    @pytest.mark.parametrize(
        ("change", "stands", "mail"),
        [
            ({"referent": BOB}, (CONTACT, BOB), "handed_over"),
            ({"status": ORDER}, (CONTACT, BOB), "assigned"),
        ],
    )
    def test_it_is_made_by_the_next_sweep(self, change, stands, mail, office):
        arrive(office.journal, 2)
        office.sweep()
        office.post.sent.clear()
        office.set(**change)
        office.sweep()
        rows = office.sheet.grids["requests"]
        office.before_the_commit(lambda: rows.insert(1, rows.pop(2)))
        office.sweep()
        rows.insert(1, rows.pop(2))
        assert office.mails == []
        office.sweep(3)
        assert office.stands == stands
        assert office.mails == [mail_to(mail, BOB)]
        (second,) = office.sheet.rows("requests")[1:]
        assert (second["status"], second["referent"]) == (CONTACT, ANA)


class TestMoves:
    """The operator's orders, which `accueil referent leave` leaves in the journal.

    The rule names Ana only, so without her the default referent gets her requests.
    """

    @pytest.fixture
    def ordered(self, office):
        office.sweep(2)  # the sheet is as it was: sweeps need not read it
        key = f"moves/{office.reference}"
        office.journal.create(key, Move(ANA).to_json())
        return office

    def test_an_order_is_carried_out_although_nobody_changed_the_sheet(self, ordered):
        drain = ordered.new_drain()
        for _ in range(2):
            drain(sweep=True)
            ordered.clock.advance(minutes=5)
        drain(sweep=True)
        assert ordered.stands == (CONTACT, CORALIE)
        assert ordered.mails == [mail_to("handed_over", CORALIE)]
        drain(sweep=True)
        assert ordered.journal.keys("moves/") == []

    def test_a_request_that_people_give_back_is_not_moved_again(self, ordered):
        ordered.sweep(2)
        assert ordered.stands == (CONTACT, CORALIE)
        ordered.set(referent=ANA)  # before the next sweep knows that the order is over
        ordered.sweep(4)
        assert ordered.stands == (CONTACT, ANA)

    def test_what_people_decide_first_stands(self, ordered):
        ordered.sweep()
        ordered.set(referent=DORA)
        ordered.sweep(4)
        assert ordered.stands == (CONTACT, DORA)
        assert ordered.journal.keys("moves/") == []

    def test_an_order_about_a_row_that_is_gone_or_over_is_forgotten(self, ordered):
        ordered.set(status="Installé")
        ordered.journal.create("moves/LOT-0000-0012", Move(ANA).to_json())
        ordered.sweep(3)
        assert ordered.stands == ("Installé", ANA)
        assert ordered.journal.keys("moves/") == []

    def test_an_illegible_order_stops_nothing(self, ordered, capsys):
        ordered.journal.create("moves/LOT-0000-0012", b"{not json")
        ordered.sweep(3)
        assert ordered.stands == (CONTACT, CORALIE)
        assert "moves/LOT-0000-0012" in capsys.readouterr().out


@pytest.mark.parametrize("change", [{"referent": BOB}, {"status": ORDER}], ids=["over", "back"])
def test_a_race_of_two_sweeps_is_won_by_one(change, office):
    office.set(**change)
    office.sweep()
    office.before_the_commit(lambda: office.new_drain()(sweep=True))
    office.sweep(3)
    assert office.stands == (CONTACT, BOB)
    assert len(office.mails) == 1
    counts = Counter(event for event, _ in office.events[1:])
    assert set(counts.values()) == {1}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("change", [{"referent": BOB}, {"status": ORDER}], ids=["over", "back"])
def test_a_process_killed_around_any_effect_tells_and_mails_once(change, after, monkeypatch):
    """A mail may leave twice only if the process dies between sending and noting that it left."""
    monkeypatch.setattr("functions.route.commit.settle.PARALLEL", 1)
    for effect in count(1):
        office = Office()
        arrive(office.journal)
        office.sweep(2)
        office.post.sent.clear()
        office.set(**change)
        office.sweep()
        life = [effect]
        journal, sheet, mailer = (
            Mortal(part, life, after=after) for part in (office.journal, office.sheet, office.post)
        )
        died = False
        try:
            office.sweep(journal=journal, sheet=sheet, mailer=mailer)
        except Crash:
            died = True
        office.sweep(4)
        assert office.stands == (CONTACT, BOB)
        assert set(Counter(event for event, _ in office.events).values()) <= {1, 2}
        assert Counter(event for event, _ in office.events[1:]).most_common(1)[0][1] == 1
        assert 1 <= len(office.mails) <= 1 + died
        assert not any("Attribution en cours" in str(cell) for cell in office.row.values())
        if not died:
            break
    assert effect > 8


def test_two_hundred_hand_overs_among_ten_thousand_rows_take_two_reads_and_one_write(monkeypatch):
    """Longer than a second: ten thousand rows are read by three sweeps."""
    row = {"last_name": "Petit", "status": CONTACT, "referent": ANA}
    references = [make(number) for number in range(10_000)]
    office = Office([row | {"reference": reference} for reference in references])
    office.sweep()
    for number in range(1, 10_001, 50):
        set_cell(office.sheet, "requests", number, "referent", BOB)
    office.sweep()
    calls = Counter()
    for name in ("read", "read_rows", "commit", "replace"):
        method = getattr(office.sheet, name)

        def counted(*given, name=name, method=method):
            calls[name] += 1
            return method(*given)

        monkeypatch.setattr(office.sheet, name, counted)
    office.sweep()
    assert calls == {"read": 1, "read_rows": 1, "commit": 1, "replace": 1}
    rows = office.sheet.rows("requests")
    assert sum(row.get("organisation") == "Bob" for row in rows) == 200
    assert office.mails == [mail_to("handed_over", BOB)]
