"""How many mails leave, whatever arrives."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from functions.shared.errors import MailError, MailUnsureError
from functions.shared.journal.formats import WaitingMail
from functions.shared.journal.store import open_journal
from functions.shared.mail.outbox import Outbox
from functions.shared.mail.pace import GAP, KEPT, Pace, count_today, forget
from infra.local.samples import DATA
from sheets_schema.columns import PARIS
from tests.functions.shared.mail.test_refusals import LINE
from tests.support import Clock, Postman

ANA, BOB = "ana@example.org", "bob@example.org"


class Office:
    """A journal, and as many instances as a test asks for; each sweep is another instance's."""

    def __init__(self, most_a_day: int = 300) -> None:
        self.journal, self.postman, self.clock = open_journal("memory:///"), Postman(), Clock()
        self.most_a_day, self._number = most_a_day, 0

    def put(self, *addresses: str, kind: str = "assigned") -> None:
        for address in addresses:
            self._number += 1
            mail = WaitingMail(kind, address, {"requests": [LINE]})
            self.journal.create(f"outbox/{self._number:09}-t-0", mail.to_json())

    def sweep(self):
        outbox = Outbox(
            self.journal,
            self.postman,
            "a@example.org",
            "https://example.org",
            self.clock,
            self.most_a_day,
        )
        return outbox.send(
            self.clock() + timedelta(minutes=1),
            lambda to: to,
            sweep=True,
            find_applicant=lambda reference: f"{reference.casefold()}@example.org",
        )

    def pass_by(self, time: timedelta) -> None:
        self.clock.advance(seconds=time.total_seconds())


def test_whatever_arrives_a_person_gets_one_mail_every_few_minutes_with_all_that_waited():
    office, sent_at = Office(), []
    for _ in range(90):  # half an hour with a request every 20 seconds, each with a sweep
        office.put(ANA)
        before = len(office.postman.sent)
        office.sweep()
        if len(office.postman.sent) > before:
            sent_at.append(office.clock())
        office.pass_by(timedelta(seconds=20))
    assert 8 <= len(sent_at) <= 10
    assert all(second - first >= GAP for first, second in pairwise(sent_at))
    office.pass_by(2 * GAP)
    office.sweep()
    assert office.journal.keys("outbox/") == []
    said = [int(message["Subject"].split()[4]) for message in office.postman.sent]
    assert sum(said) == 90


def test_one_person_who_waits_holds_up_nobody():
    office = Office()
    office.put(ANA)
    office.sweep()
    office.put(ANA, BOB)
    office.sweep()
    assert office.postman.addressees == [ANA, BOB]


def test_of_two_instances_that_see_the_same_mails_one_sends():
    office, other = Office(), Office()
    other.journal, other.clock = office.journal, office.clock

    def meanwhile(message):
        office.postman.sent.append(message)
        other.sweep()

    office.put(ANA)
    office.postman.send = meanwhile
    office.sweep()
    assert office.postman.addressees == [ANA]
    assert other.postman.sent == []


@pytest.mark.parametrize(
    ("failure", "tries_again"), [(MailError("?"), True), (MailUnsureError("?"), False)]
)
def test_only_a_mail_that_may_have_left_counts(failure, tries_again):
    office = Office()
    office.postman.failures = [failure]
    office.put(ANA)
    office.sweep()
    office.put(ANA)
    office.sweep()
    assert office.postman.addressees == [ANA] * tries_again


def test_when_a_day_s_mails_have_left_a_line_says_so_and_the_rest_leaves_the_next_day():
    office = Office(most_a_day=3)
    assert office.clock().astimezone(PARIS).hour < 22
    people = [f"p{number}@example.org" for number in range(5)]
    office.put(*people)
    (concern,) = office.sweep()
    assert concern.place == "Courriels"
    assert concern.subject.startswith("3 courriels sont partis le ")
    assert len(office.postman.sent) == 3
    office.pass_by(timedelta(hours=1))
    assert office.sweep() == [concern]
    midnight = (office.clock().astimezone(PARIS) + timedelta(days=1)).replace(
        hour=0, minute=1, second=0
    )
    office.clock.now = midnight
    assert office.sweep() == []
    assert sorted(office.postman.addressees) == people


def test_mails_to_applicants_have_a_ceiling_of_their_own():
    office = Office(most_a_day=1)
    for number in range(2):
        mail = WaitingMail("page", f"LOT-{number}", DATA["page"], "fr")
        office.journal.create(f"outbox/{number}-t-0.LOT-{number}", mail.to_json())
    office.put(ANA)
    (concern,) = office.sweep()
    assert " à des personnes qui ont écrit " in concern.subject
    assert office.postman.addressees == [ANA, "lot-0@example.org"]


def test_what_counts_no_more_is_forgotten():
    office = Office()
    office.put(ANA)
    office.sweep()
    forget(office.journal, office.clock() + KEPT - GAP)
    assert len(office.journal.keys("mailed/")) == 1
    forget(office.journal, office.clock() + KEPT + GAP)
    assert office.journal.keys("mailed/") == []


def test_what_the_journal_remembers_names_nobody():
    office = Office()
    office.put(ANA)
    office.sweep()
    (key,) = office.journal.keys("mailed/")
    slot, _, whose = key.removeprefix("mailed/").partition("-")
    assert datetime.strptime(f"{slot}+0000", "%Y%m%dT%H%M%S%z") <= office.clock()
    assert "ana" not in whose
    assert office.journal.read(key) == b"{}"


def test_alarms_leave_when_a_flood_of_requests_has_used_up_the_day():
    office = Office(most_a_day=1)
    office.put(ANA, BOB)
    key = "outbox/stopped-1"
    since = {"since": office.clock().isoformat(), "what": "Demandes est introuvable.", "waiting": 2}
    mail = WaitingMail("stopped", "Zoé", since, address="zoe@example.org")
    office.journal.create(key, mail.to_json())
    (concern,) = office.sweep()
    assert "plafond" in concern.subject
    assert office.postman.addressees == [ANA, "zoe@example.org"]


def test_mails_of_today_are_counted_in_paris():
    journal = open_journal("memory:///")
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    yesterday = datetime(2026, 11, 22, 22, 56, 20, tzinfo=UTC)
    for at in (yesterday, yesterday + timedelta(minutes=4), now):
        Pace(journal, lambda at=at: at, 300).claim("assigned", "ana@example.org")

    assert count_today(journal, now) == 2
