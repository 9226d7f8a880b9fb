"""A world: a spreadsheet, its journal, writers, applicants and people; time passes when told."""

import hashlib
from collections.abc import Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from io import StringIO
from itertools import count
from unittest.mock import patch

from functions.intake.handler import Intake
from functions.route.decide.applicants import KINDS
from functions.route.drain import Drain
from functions.route.housekeeping import INTERVAL, Housekeeping
from functions.shared.errors import AccueilError, JournalError
from functions.shared.journal import operator
from functions.shared.journal.replies import WISHES, Wish
from functions.shared.journal.store import open_journal
from functions.shared.links import LinkMaker
from functions.shared.mail.outbox import Outbox
from functions.shared.sheets.google import open_workbook
from functions.shared.web import Call
from infra.emulator.misbehaviour.conduct import Misbehaviour
from infra.local.access import LOCAL_INTAKE
from infra.local.people import TITLES
from infra.realign import realign
from tests.chaos.hands import Hands
from tests.chaos.ledger import REFERENCE, Kind, Ledger, Release, Sent, Wrong, WrongError
from tests.chaos.parties import REQUESTS, Mailer, answer_call, call, wish_call
from tests.chaos.points import Course, Crash, Interruption
from tests.chaos.replies import known_address
from tests.chaos.site import Site
from tests.chaos.tables import EDITS, Account, TablesHands
from tests.chaos.verdict import fates, unfinished, unheard, unnamed, wrongs
from tests.support import Clock, counter

LATE = 1_200  # seconds after which nothing comes any more
HOUR = 3_601  # seconds after which the operator may try again, as a refusal says
KEEP = timedelta(days=30)


@dataclass
class World(Hands, TablesHands):
    """See the module; `seed` is of what people choose."""

    site: Site
    seed: int = 0
    clock: Clock = field(default_factory=Clock)
    ledger: Ledger = field(default_factory=Ledger)
    account: Account = field(default_factory=Account)

    def __post_init__(self) -> None:
        self.id = self.site.open()
        self.conduct = self.site.conduct = Misbehaviour(
            self.site.store,
            clock=self.seconds,
            sleep=self.sleep,
            later=lambda _seconds, _action: None,
            seed=self.seed,
            titles=TITLES,
        )
        self.people = self.conduct.people
        self.people.spreadsheet = self.id
        self.journal = open_journal("memory:///")
        self.replies = self.ledger.replies
        self.mailer = Mailer(self._posted)
        self._numbers, self._tokens, self._draws = count(1), counter("t"), count(1)
        letters = count(1)
        self._patches = [
            patch(
                "functions.shared.mail.outbox.LinkMaker",
                partial(LinkMaker, draw=lambda size: f"{next(letters):0{2 * size}x}"),
            ),
            # One after another, so that effects have an order.
            patch("functions.route.commit.settle.PARALLEL", 1),
            patch("functions.route.read.pending.PARALLEL", 1),
            patch("functions.route.housekeeping.PARALLEL", 1),
            patch("functions.shared.mail.kinds.SHOWN", 1_000),
            # However long it is until the first sweep, which comes within minutes elsewhere.
            patch("functions.route.read.snapshots.MOST_BATCHES", 1_000),
            # A flood of suspects, after which one line stands for all, has to be within reach.
            patch("functions.route.decide.suspects.SHOWN", 2),
        ]
        for patching in self._patches:
            patching.start()
        self._sessions: list = []
        self.writers = [self.new_writer(), self.new_writer()]
        self.look_at_tables()  # as they are on the first day
        self.addresses = {
            line["Nom"]: line["Courriel"] for line in self.lines("Référents") if "Nom" in line
        }

    def close(self) -> None:
        """Leave the site as it was."""
        for patching in self._patches:
            patching.stop()
        for session in self._sessions:
            session.close()
        self.site.conduct = None
        self.site.store.delete(self.id)

    def number(self) -> int:
        """A number that nobody had."""
        return next(self._numbers)

    def _posted(self, to: str, text: str) -> None:
        self.ledger.posted(known_address(to), text, self.seconds(), self.lines())
        self.replies.posted(text, self.journal)

    # Time

    def seconds(self) -> float:
        """The time as a number."""
        return self.clock.now.timestamp()

    def sleep(self, seconds: float) -> None:
        """Let time pass for whoever waits."""
        self.clock.advance(seconds=seconds)

    def wait(self, seconds: float) -> None:
        """Let time pass; what was late comes when its time is there."""
        self.sleep(seconds)
        self.conduct.agenda.run_due()

    # Applicants

    def submit(
        self,
        wish: int = 0,
        kind: Kind = Kind.PLAIN,
        interruptions: Iterable[Interruption] = (),
    ) -> None:
        """Send a new request."""
        number = self.number()
        fields, lead, others = REQUESTS[wish % len(REQUESTS)]
        email = f"p{number}@example.org"
        names = {"first_name": "Ana", "last_name": f"Martin {number}", "email": email}
        fields = fields | names | {"message": f"Bonjour,\n=HYPERLINK({number})"}
        sent = Sent(f"cle{number}", email, fields, lead, others, kind)
        self.ledger.sent[email] = sent
        self.resend(sent, interruptions)

    def resend(self, sent: Sent, interruptions: Iterable[Interruption] = ()) -> None:
        """Send a request, again perhaps: the answer is the one of the first time."""
        answer = self._call(sent, sent.fields, interruptions)
        if answer is None or answer.status == 503:
            sent.cut_off = True
            return
        reference = REFERENCE.findall(answer.body)[0] if answer.status == 202 else answer.status
        if sent.reference is None:
            self.ledger.counts["accepted"] += 1
        else:
            self.ledger.counts["replays"] += 1
        if answer.status != 202 or sent.reference not in (None, reference):
            text = f"{sent.email}: {reference} after {sent.reference}"
            raise WrongError(Wrong(4 if sent.reference else 0, text))
        sent.reference = reference

    def resend_changed(self, sent: Sent) -> None:
        """Send another request with the key of an accepted one."""
        answer = self._call(sent, sent.fields | {"message": "autre"}, ())
        self.ledger.counts["replays"] += 1
        if answer.status != 422:
            raise WrongError(Wrong(4, f"{sent.email}: {answer.status} for another body"))

    def _call(self, sent: Sent, fields: dict, interruptions: Iterable[Interruption]):
        return self._intake(call(sent, fields), interruptions)

    def _intake(self, asked: Call, interruptions: Iterable[Interruption]):
        course = Course(self._meanwhile)
        course.expect(interruptions)
        intake = Intake(
            course.watch("journal", self.journal),
            LOCAL_INTAKE,
            clock=self.clock,
            draw=self._draw,
        )
        try:
            return intake(asked)
        except Crash:
            self.ledger.counts["crashes"] += 1
            return None

    def _draw(self) -> int:
        return next(self._draws) * 0x5DEECE66D % 2**35

    # Answers from mails

    def press(self, which: int, interruptions: Iterable[Interruption] = ()) -> None:
        """Let somebody press a button of a mail, if anybody has got one."""
        if not self.replies.offers:
            return
        offer = self.replies.offers[which % len(self.replies.offers)]
        offer.pressed = True
        answer = self._intake(answer_call(offer.link), interruptions)
        offer.kept |= answer is not None and answer.status == HTTPStatus.OK
        self.ledger.counts["answers"] += offer.kept

    def wish(self, which: int, wish: Wish, interruptions: Iterable[Interruption] = ()) -> None:
        """Let an applicant say something from a mail, if anybody has got one."""
        said = self.replies.wish(which, wish, self.journal) if self.replies.pages else None
        if said is None:
            return
        said.pressed = True
        answer = self._intake(wish_call(said), interruptions)
        said.kept |= answer is not None and answer.status == HTTPStatus.OK
        self.ledger.counts["wishes"] += said.kept

    # The operator

    def suspects(self) -> list[Sent]:
        """The requests that intake takes for a robot's."""
        return [sent for sent in self.ledger.sent.values() if sent.kind is Kind.SUSPECT]

    def release(self, which: int, interruptions: Iterable[Interruption] = ()) -> None:
        """Let the operator release a suspect, or learn that it is not set aside."""
        if suspects := self.suspects():
            self._release(suspects[which % len(suspects)], interruptions)

    def _release(self, sent: Sent, interruptions: Iterable[Interruption] = ()) -> None:
        course = Course(self._meanwhile)
        course.expect(interruptions)
        begun = Release.BEGUN if sent.release is Release.NONE else sent.release
        try:
            asked = sent.reference or _name(sent)
            operator.retry(course.watch("journal", self.journal), asked, self.clock)
        except Crash:
            self.ledger.counts["crashes"] += 1
            sent.release = begun
        except JournalError:
            sent.release = begun
        except AccueilError:
            pass  # nothing is changed
        else:
            sent.release = Release.DONE

    def finish_releases(self) -> bool:
        """Let the operator do again what was cut off; whether there was anything."""
        begun = [sent for sent in self.suspects() if sent.release is Release.BEGUN]
        if begun:
            self.wait(HOUR)
        for sent in begun:
            self._release(sent)
            sent.release = Release.DONE  # also where it turns out that nothing was left to do
        return bool(begun)

    def realign(self) -> bool:
        """Let the operator put right what got into the wrong columns; whether there was anything.

        Raises:
            WrongError: it is not put right.
        """
        if not self.journal.keys("misplaced/"):
            return False
        self.pause("Oui")
        workbook = open_workbook(self.id, self.site.url)
        self._sessions.append(workbook._http.session)
        with redirect_stdout(StringIO()):
            realign(self.journal, workbook, dry_run=False)
        self.pause("")
        if left := self.journal.keys("misplaced/"):
            raise WrongError(Wrong(17, f"still in the wrong columns: {left}"))
        self.ledger.counts["shifts"] += 1
        return True

    # Tables of rules

    def edit_table(self, action: str, which: int) -> None:
        """Let people do something to a table of rules, if it can be done.

        Raises:
            WrongError: the system did what nobody asked for until then.
        """
        if wrong := super().edit_table(action, which):
            raise WrongError(*wrong)
        self.ledger.counts["edits"] += 1
        self.ledger.counts["published"] = self.account.published

    # Writers

    def new_writer(self) -> tuple[Course, Drain]:
        """A new process of route."""
        course = Course(self._meanwhile)
        journal = course.watch("journal", self.journal)
        workbook = open_workbook(self.id, self.site.url)
        self._sessions.append(workbook._http.session)
        mailer = course.watch("mailer", self.mailer)
        sender = "Oh my Lot ! <accueil@example.org>"
        drain = Drain(
            journal=journal,
            workbook=course.watch("workbook", workbook),
            outbox=Outbox(
                journal,
                mailer,
                sender,
                "https://example.org/classeur",
                self.clock,
                intake_url="https://example.org",
            ),
            housekeeping=Housekeeping(journal, KEEP, self.clock),
            clock=self.clock,
            sleep=self.sleep,
            jitter=lambda: 0.5,
            new_token=lambda: next(self._tokens),
            draw=self._draw,
            mail_kinds=KINDS,
        )
        return course, drain

    def drain(
        self, writer: int, *, sweep: bool, interruptions: Iterable[Interruption] = ()
    ) -> AccueilError | None:
        """Call a writer; one that dies of it is replaced. Gives the error that it reported."""
        course, drain = self.writers[writer]
        course.expect(interruptions)
        try:
            drain(sweep=sweep)
        except Crash:
            self.ledger.counts["crashes"] += 1
            self.writers[writer] = self.new_writer()
        except AccueilError as error:
            return error
        return None

    def _meanwhile(self, interruption: Interruption) -> None:
        """What others do at a point of a call."""
        self.ledger.counts["interruptions"] += 1
        crash = Interruption(interruption.choice, after=bool(interruption.choice % 2), what="crash")
        if interruption.what == "rival":
            self._rival(interruption.choice % 2 == 0, [crash] if interruption.choice % 3 else [])
        elif interruption.what == "submission":
            self.submit(interruption.choice, [*Kind][interruption.choice % len(Kind)])
        elif interruption.what == "again":
            if suspects := self.suspects():
                self.resend(suspects[interruption.choice % len(suspects)])
        elif interruption.what == "release":
            which = interruption.choice
            if interruption.choice % 2:  # the last one, once another writer has set it aside
                self._rival(False)
                which = -1
            self.release(which, [crash])
        else:
            self.meanwhile(interruption.what, interruption.choice)

    def meanwhile(self, what: str, choice: int) -> None:
        """What people do, or time; "" for nothing."""
        if what == "order":
            self.order(choice)
        elif what == "status":
            self.set_status(choice)
        elif what == "press":
            self.press(choice)
        elif what == "wish":
            self.wish(choice, WISHES[choice % len(WISHES)])
        elif what == "address":
            self.correct_address(choice)
        elif what in EDITS:
            self.edit_table(what, choice)
        elif what == "time":
            self.wait(5 * choice)
        elif what == "sweep":
            self._rival(True)
        elif what:
            self.edit(what)

    def _rival(self, sweep: bool, interruptions: Iterable[Interruption] = ()) -> None:
        """A drain of a third process: the two others may both be in the middle of a call."""
        course, drain = self.new_writer()
        course.expect(interruptions)
        try:
            drain(sweep=sweep)
        except Crash:
            self.ledger.counts["crashes"] += 1
        except AccueilError:
            pass

    # The end

    def calm(self) -> None:
        """Let the faults end, and what is late come; people put the sheet right."""
        self.conduct.faults, self.mailer.faults = [], []
        self.wait(LATE)
        self.put_right()
        self.put_tables_right()
        for key in self.journal.keys("refused/"):
            self.journal.delete(key)  # as the operator does, address by address

    def rest(self) -> None:
        """Let everything come to rest, then check what is owed.

        Raises:
            WrongError: it is not given.
        """
        self.calm()
        self._come_to_rest()
        if self.realign():
            self._come_to_rest()
        self._judge()
        if self.finish_releases():
            self._come_to_rest()
            self._judge()

    def _come_to_rest(self) -> None:
        quiet, version = 0, -1
        for turn in range(30):
            if error := self.drain(turn % 2, sweep=True):
                raise WrongError(Wrong(0, f"still stopped: {error}"))
            self.wait(71)  # three quiet turns are longer than a mail may have to wait for the next
            now = self.site.store.file(self.id).version
            quiet, version = (quiet + 1 if now == version else 0), now
            if quiet == 3:
                break
        else:
            raise WrongError(Wrong(0, "it does not come to rest"))
        if self.suspects():
            # What a release left behind is purged by a sweep some hours later.
            self.wait(INTERVAL.total_seconds())
            self.drain(0, sweep=True)

    def _judge(self) -> None:
        self.check_journal()
        self.check_aside()
        aside = self._aside()
        # Beside what is set aside stays what intake could not take back: nobody was told of it.
        excused = {
            f"pending/{_name(sent)}"
            for sent in self.suspects()
            if sent.cut_off and sent.reference in (None, *aside)
        }
        left = {*self.journal.keys("pending/"), *self.journal.keys("outbox/")} - excused
        if left:
            raise WrongError(Wrong(0, f"left behind: {sorted(left)}"))
        lines = self.lines()
        self.ledger.counts.update(fate for fate, _ in fates(self.ledger, lines))
        noted = self.lines("À vérifier")
        waiting = [key.removeprefix("answers/") for key in self.journal.keys("answers/")]
        places = {line.get("Où", "") for line in noted}
        wrong = [
            *wrongs(self.ledger, lines, self.addresses, aside, noted),
            *unfinished(self.replies, waiting, self.lines("Suivi"), places),
            *unheard(self.replies, waiting, lines, self.lines("Suivi"), places),
            *self.tables_at_rest(),
        ]
        if wrong:
            raise WrongError(*wrong)

    def _aside(self) -> set[str]:
        return {item.reference for item in operator.inventory(self.journal).quarantined}

    def check_aside(self) -> None:
        """What is set aside is not hidden."""
        if wrong := list(unnamed(self._aside(), self.lines("À vérifier"))):
            raise WrongError(*wrong)

    def check_journal(self) -> None:
        """Invariant 1: what was promised is in the journal."""
        there = {
            key.partition("/")[2]
            for prefix in ("pending/", "filed/", "quarantine/")
            for key in self.journal.keys(prefix)
        }
        for sent in self.ledger.sent.values():
            if sent.reference and _name(sent) not in there:
                text = f"{sent.email} {sent.reference} is not in the journal"
                raise WrongError(Wrong(1, text))


def _name(sent: Sent) -> str:
    """Its name in the journal: a site's keys are its own."""
    key = sent.key if sent.kind.posted else f"local\0{sent.key}"
    return hashlib.sha256(key.encode()).hexdigest()
