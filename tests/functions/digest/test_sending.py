"""Each mail once: whatever fires, whatever dies, whatever a provider answers."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from email.message import EmailMessage

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from functions.digest.sending import Letter, Recipient, Sending
from functions.digest.weeks import Week
from functions.shared.errors import MailError, MailRefusedError, MailUnsureError
from functions.shared.journal.store import Journal, open_journal
from functions.shared.mail.letter import Mail
from functions.shared.mail.mailer import Mailer, Paced
from functions.shared.mail.rate import Rate
from tests.support import Clock

W48 = Week(date(2026, 11, 23))
SENDER = "Oh my Lot ! <accueil@example.org>"


class Died(BaseException):
    """The process is killed: no code of ours goes on."""


class Provider(Mailer):
    """Takes mails, and does to each of the next ones what it is told.

    `lost` takes a mail and does not answer, `died` takes it and the process is killed.
    """

    def __init__(self) -> None:
        self.fates: list[str] = []
        self.taken: list[str] = []
        self.calls = self.sessions = 0

    def send(self, message: EmailMessage) -> None:
        self.calls += 1
        fate = self.fates.pop(0) if self.fates else "taken"
        if fate == "refused":
            raise MailRefusedError("refusé")
        if fate == "down":
            raise MailError("en panne")
        if fate == "killed":
            raise Died
        self.taken.append(message["To"])
        if fate == "lost":
            raise MailUnsureError("sans réponse")
        if fate == "died":
            raise Died

    @contextmanager
    def session(self) -> Iterator[Mailer]:
        self.sessions += 1
        yield self


class DyingJournal:
    """A journal whose process is killed before or after one of its next effects."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.die_at: tuple[int, str] | None = None

    def _effect(self, when: str) -> None:
        if self.die_at and self.die_at[1] == when:
            left = self.die_at[0]
            self.die_at = (left - 1, when) if left else None
            if not left:
                raise Died

    def create(self, key: str, body: bytes) -> bool:
        self._effect("before")
        created = self.journal.create(key, body)
        self._effect("after")
        return created

    def delete(self, key: str) -> None:
        self._effect("before")
        self.journal.delete(key)
        self._effect("after")

    def read(self, key: str) -> bytes | None:
        return self.journal.read(key)

    def keys(self, prefix: str, after: str = "") -> list[str]:
        return self.journal.keys(prefix, after)


def people(count: int) -> list[Recipient]:
    return [
        Recipient("referent", row, f"Ana {row}", f"ana{row}@example.org")
        for row in range(2, count + 2)
    ]


def letters(recipients: list[Recipient]) -> list[Letter]:
    return [
        Letter(recipient, lambda: Mail("Votre semaine", "<p></p>", "")) for recipient in recipients
    ]


def sending(journal: object, provider: Mailer) -> Sending:
    return Sending(journal, provider, SENDER, Clock("2026-11-30T07:00:00+01:00"), lambda: False)


class OnceOnly(RuleBasedStateMachine):
    """The schedule fires as often as it likes; processes die, providers do what they do."""

    def __init__(self) -> None:
        super().__init__()
        self.provider = Provider()
        self.journal = DyingJournal(open_journal("memory:///"))
        self.people = people(3)

    @rule(
        fates=st.lists(
            st.sampled_from(["taken", "refused", "down", "lost", "died", "killed"]), max_size=4
        ),
        death=st.none() | st.tuples(st.integers(0, 9), st.sampled_from(["before", "after"])),
    )
    def fire(self, fates, death) -> None:
        self.provider.fates, self.journal.die_at = fates, death
        sender = sending(self.journal, self.provider)
        try:
            outcomes = dict(sender.send(W48, letters(self.people)))
        except Died:
            outcomes = {}
        finally:
            self.provider.fates, self.journal.die_at = [], None
        # What a call says of a mail is what the next digest will say of it.
        states = sender.states(W48, self.people)
        known = {"already_sent": "sent", "failed": "planned"}
        for person, outcome in outcomes.items():
            assert states[person] == known.get(outcome, outcome)

    @invariant()
    def nobody_gets_two(self) -> None:
        assert all(count == 1 for count in Counter(self.provider.taken).values())

    @invariant()
    def whoever_got_none_is_known_or_gets_one(self) -> None:
        """Nothing is lost silently: what never left is sent by another call, or named."""
        marks = {*self.journal.keys("mail/")}
        states = sending(self.journal, self.provider).states(W48, self.people)
        for person in self.people:
            name = f"mail/{person.mark(W48)}"
            if person.email not in self.provider.taken:
                assert f"{name}.sent" not in marks
                if f"{name}.planned" in marks:
                    assert states[person] in ("unsure", "planned")

    def teardown(self) -> None:
        """In the end a call without faults leaves nobody out whose mail certainly did not leave."""
        sender = sending(self.journal, self.provider)
        outcomes = {
            person.email: outcome for person, outcome in sender.send(W48, letters(self.people))
        }
        for person in self.people:
            uncertain = outcomes[person.email] == "unsure"
            assert uncertain or person.email in self.provider.taken
        self.nobody_gets_two()


OnceOnly.TestCase.settings = settings(max_examples=40, stateful_step_count=5, deadline=None)
TestOnceOnly = OnceOnly.TestCase


def test_five_firings_make_one_mail_each_and_one_session_with_calls():
    provider, journal = Provider(), open_journal("memory:///")
    for _ in range(5):
        list(sending(journal, provider).send(W48, letters(people(4))))
    assert (provider.calls, len(provider.taken)) == (4, 4)


def test_a_run_that_was_cut_off_goes_on_where_it_stopped():
    provider, journal = Provider(), open_journal("memory:///")
    provider.fates = ["taken", "killed"]
    with pytest.raises(Died):
        list(sending(journal, provider).send(W48, letters(people(4))))
    outcomes = [outcome for _, outcome in sending(journal, provider).send(W48, letters(people(4)))]
    assert outcomes == ["already_sent", "unsure", "sent", "sent"]
    states = sending(journal, provider).states(W48, people(4))
    assert [*states.values()] == ["sent", "unsure", "sent", "sent"]


class Timed(Provider):
    """A provider that takes fourteen mails a second, on a clock that nobody waits for."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0
        self.at: list[float] = []

    @property
    def per_second(self) -> float:
        return 14.0

    def send(self, message: EmailMessage) -> None:
        self.at.append(self.seconds)
        super().send(message)

    def pause(self, seconds: float) -> None:
        self.seconds += seconds


def test_three_hundred_mails_leave_within_the_rate_and_a_second_run_calls_nobody():
    provider, journal = Timed(), open_journal("memory:///")
    paced = Paced(provider, Rate(lambda: provider.seconds, provider.pause))
    for outcome in ("sent", "already_sent"):
        made = sending(journal, paced).send(W48, letters(people(300)))
        assert Counter(outcome for _, outcome in made) == {outcome: 300}
    assert provider.calls == 300
    at = provider.at
    assert max(sum(start <= moment < start + 1 for moment in at) for start in at) <= 14


def test_what_is_forced_is_sent_again_under_another_id_and_counts_as_sent():
    provider, journal = Provider(), open_journal("memory:///")
    ids: list[str] = []
    send = provider.send
    provider.send = lambda message: (ids.append(message["Message-ID"]), send(message))[1]
    provider.fates = ["lost"]
    sender = sending(journal, provider)
    assert [outcome for _, outcome in sender.send(W48, letters(people(1)))] == ["unsure"]
    forced = sender.send(W48, letters(people(1)), force=True)
    assert [outcome for _, outcome in forced] == ["sent"]
    assert len(set(ids)) == 2
    assert [*sender.states(W48, people(1)).values()] == ["sent"]
    assert [outcome for _, outcome in sender.send(W48, letters(people(1)))] == ["already_sent"]


def test_a_forced_mail_that_fails_leaves_the_marks_as_they_were():
    provider, journal = Provider(), open_journal("memory:///")
    provider.fates = ["lost", "down"]
    sender = sending(journal, provider)
    list(sender.send(W48, letters(people(1))))
    before = journal.keys("mail/")
    assert [o for _, o in sender.send(W48, letters(people(1)), force=True)] == ["failed"]
    assert journal.keys("mail/") == before


def test_a_letter_that_cannot_be_made_costs_nobody_else_theirs():
    provider, journal = Provider(), open_journal("memory:///")

    def broken() -> Mail:
        raise KeyError("Martin")

    first, second = letters(people(2))
    made = sending(journal, provider).send(W48, [Letter(first.recipient, broken), second])
    assert [outcome for _, outcome in made] == ["failed", "sent"]
