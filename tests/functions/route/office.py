"""An office whose people hand requests over, for tests of what sweeps make of it."""

from itertools import count

from functions.route.drain import Drain
from functions.shared.journal.store import open_journal
from functions.shared.mail.outbox import Outbox
from sheets_schema.tab import tab
from tests.functions.route.books import ANA, BOB, book, person, rule, set_cell
from tests.support import Clock, Postman, counter

DORA = "Dora Petit"
CONTACT, PROGRESS, ORDER = "À contacter", "Accompagnement en cours", "À réorienter"


class Office:
    """A workbook that Ana, Bob and Dora share, with one request of Ana's, and its sweeps.

    Unless other rules are given, they name Ana first, then Bob, then the default referent.
    """

    def __init__(self, rows=(), rules=()):
        people = [person(name, organisation=name[:3]) for name in (ANA, BOB, DORA)]
        rules = rules or [rule(1, ANA), rule(2, BOB) | {"order": 20.0}]
        self.sheet = book(rules=rules, people=people, requests=rows)
        self.journal = open_journal("memory:///")
        self.clock, self.post, self.tokens = Clock(), Postman(), counter("t")
        self.draws = count(1)

    def new_drain(self, journal=None, sheet=None, mailer=None):
        journal = journal or self.journal
        sender, link = "accueil@example.org", "https://example.org"
        return Drain(
            journal,
            sheet or self.sheet,
            Outbox(journal, mailer or self.post, sender, link, self.clock),
            clock=self.clock,
            sleep=lambda seconds: self.clock.advance(seconds=seconds),
            jitter=lambda: 0.5,
            new_token=lambda: next(self.tokens),
            draw=lambda: next(self.draws),
        )

    def sweep(self, times=1, **parts):
        for _ in range(times):
            self.clock.advance(minutes=5)
            self.new_drain(**parts)(sweep=True)

    def set(self, **cells):
        for column, text in cells.items():
            set_cell(self.sheet, "requests", 1, column, text)

    @property
    def row(self):
        return self.sheet.rows("requests")[0]

    @property
    def stands(self):
        return self.row.get("status"), self.row.get("referent")

    @property
    def events(self):
        return [(row["event"], row.get("referent", "")) for row in self.sheet.rows("tracking")]

    @property
    def mails(self):
        """Who was told what, by the kind's word in the subject."""
        words = {"pour vous": "assigned", "Rappel": "reminder", "transmise": "handed_over"}
        kinds = [
            next(kind for word, kind in words.items() if word in message["Subject"])
            for message in self.post.sent
        ]
        return list(zip(kinds, self.post.addressees, strict=True))

    @property
    def noted(self):
        rules = tab("rules").title  # of which the office has some that say the same
        lines = self.sheet.rows("to_check")
        return [line["subject"] for line in lines if line["place"] != rules]

    def before_the_commit(self, act):
        """Let people do something once, at the instant of the next write."""
        commit, left = self.sheet.commit, [act]

        def acted(batch):
            if left:
                left.pop()()
            return commit(batch)

        self.sheet.commit = acted
