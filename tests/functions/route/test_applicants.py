"""Applicants hear from us: through the journal and the sheet, once each, and nobody else does."""

import json
from itertools import count

import pytest

from functions.route.decide.applicants import KINDS
from functions.route.drain import Drain
from functions.shared.errors import MailError
from functions.shared.journal.entries import Entry, Imported
from functions.shared.journal.store import open_journal
from functions.shared.mail.outbox import QUIET, Outbox
from functions.shared.mail.pace import MOST_OUTSIDE
from sheets_schema.tab import tab
from tests.functions.route.arrivals import arrive, name_of
from tests.functions.route.books import ANA, BOB, address, book, person, set_cell
from tests.support import Clock, Postman, counter, killed_anywhere

ZOE = "zoe@example.org"
PAGE = "https://example.org/intake"


class Office:
    """A workbook that Ana and Bob share; `drain` takes what is pending, `sweep` looks as well."""

    def __init__(self, journal=None):
        people = [person(name, phone="0536490001") for name in (ANA, BOB)]
        self.sheet, self.journal = book(people=people), journal or open_journal("memory:///")
        self.clock, self.post, self.tokens, self.draws = Clock(), Postman(), counter("t"), count(1)
        self.kinds, self.most_a_day = KINDS, 300

    def new_drain(self, journal=None):
        journal = journal or self.journal
        outbox = Outbox(
            journal,
            self.post,
            "accueil@example.org",
            "https://example.org",
            self.clock,
            self.most_a_day,
            PAGE,
        )
        return Drain(
            journal,
            self.sheet,
            outbox,
            clock=self.clock,
            sleep=lambda seconds: self.clock.advance(seconds=seconds),
            jitter=lambda: 0.5,
            new_token=lambda: next(self.tokens),
            draw=lambda: next(self.draws),
            mail_kinds=self.kinds,
        )

    def drain(self, journal=None):
        self.new_drain(journal)()

    def sweep(self, times=1, journal=None, **wait):
        for _ in range(times):
            self.clock.advance(**(wait or {"minutes": 5}))
            self.new_drain(journal)(sweep=True)

    def arrive(self, number=1, **fields):
        return arrive(self.journal, number, email=ZOE, first_name="Zoé", at=self.clock(), **fields)

    def set(self, row=1, **cells):
        for column, text in cells.items():
            set_cell(self.sheet, "requests", row, column, text)

    def to(self, recipient=ZOE):
        return [message for message in self.post.sent if message["To"] == recipient]

    @property
    def events(self):
        """What Suivi says of mails to applicants."""
        written = tab("tracking")["event"].type.format("written")
        return [row["after"] for row in self.sheet.rows("tracking") if row["event"] == written]

    @property
    def subjects(self):
        return [message["Subject"].removeprefix("Oh my Lot ! ") for message in self.to()]


@pytest.fixture
def office():
    return Office()


RECEIPT, CALLER = "Nous avons bien reçu votre demande", f"{ANA} va vous appeler"


def text(message):
    return message.get_body(("plain",)).get_content()


def test_a_receipt_leaves_at_once_and_says_who_calls_half_an_hour_later(office):
    reference = office.arrive()
    office.drain()
    assert office.subjects == [RECEIPT]
    (receipt,) = office.to()
    assert reference in text(receipt)
    assert "/ma-demande?lien=" in text(receipt)
    assert receipt["Reply-To"] == "coralie.vidal@example.org"
    office.sweep(5)
    assert office.subjects == [RECEIPT]
    office.sweep(3)
    assert office.subjects == [RECEIPT, CALLER]
    caller = office.to()[1]
    assert caller["Reply-To"] == address(ANA)
    assert "05 36 49 00 01" in text(caller)
    office.sweep(3, hours=2)
    assert len(office.to()) == 2
    assert office.events == [f"Qui va l'appeler : {ANA}"]


def test_who_wrote_in_english_is_answered_in_english(office):
    office.arrive()
    key = f"pending/{name_of(1)}"
    entry = json.loads(office.journal.read(key)) | {"lang": "en", "version": 2}
    office.journal.delete(key)
    office.journal.create(key, json.dumps(entry).encode())
    office.drain()
    assert office.subjects == ["We have received your request"]


def test_a_mail_goes_to_the_address_that_the_row_has_by_then(office):
    office.arrive()
    office.drain()
    office.sweep()
    office.set(email="zoe.nouveau@example.org")
    office.sweep(8)
    assert [message["Subject"] for message in office.to("zoe.nouveau@example.org")] == [
        f"Oh my Lot ! {CALLER}"
    ]
    assert office.subjects == [RECEIPT]


def test_after_the_row_is_deleted_no_mail_leaves_not_even_one_that_waited(office):
    office.post.failures = [None, MailError("non"), MailError("non")]
    office.arrive()
    office.drain()
    assert any("." in key for key in office.journal.keys("outbox/"))
    del office.sheet.grids["requests"][1]
    office.sweep(20)
    assert office.to() == []
    assert office.journal.keys("outbox/") == []


@pytest.mark.parametrize("source", ["import", "typed", "test", "suspect", "no address"])
def test_nobody_hears_from_us_who_did_not_write_by_the_form(office, source):
    if source == "typed":
        cells = {"last_name": "Petit", "email": ZOE, "project": "Autre", "target": "Figeac"}
        office.sheet.grids["requests"].append([None] * len(tab("requests").columns))
        office.set(**cells)
    elif source == "import":
        entry = office.arrive()
        read = Entry.from_json(office.journal.read(f"pending/{name_of(1)}"))
        office.journal.delete(f"pending/{name_of(1)}")
        imported = Entry(
            entry, read.received_at, "f" * 64, read.submission, imported=Imported(mails=True)
        )
        office.journal.create(f"pending/{name_of(1)}", imported.to_json())
    elif source == "test":
        office.arrive(source="test")
    elif source == "suspect":
        office.arrive(suspect="honeypot")
    else:
        arrive(office.journal, email=None, phone="+33612345678")
    office.sweep(12)
    office.sweep(12, days=1)
    subjects = [subject for subject in office.subjects if "ESSAI" not in subject]
    assert subjects == []


def test_who_gave_no_proof_gets_a_receipt_without_their_words_and_no_name_of_a_referent(office):
    office.arrive(doubt="no_script")
    office.sweep(10)
    assert office.subjects == [RECEIPT]
    assert "Zoé" not in text(office.to()[0])
    office.set(status="À contacter")
    office.sweep(8)
    assert office.subjects == [RECEIPT, CALLER]


def test_a_kind_that_is_switched_off_is_not_sent(office):
    office.kinds = ("caller",)
    office.arrive()
    office.sweep(10)
    assert office.subjects == [CALLER]


def test_an_address_that_somebody_floods_gets_few_mails_with_all_references(office):
    for number in range(1, 31):
        office.arrive(number)
        office.sweep()
    receipts = [message for message in office.to() if RECEIPT in message["Subject"]]
    assert len(receipts) == MOST_OUTSIDE
    office.sweep(hours=25)
    assert office.subjects.count(RECEIPT) == MOST_OUTSIDE + 1


def test_a_flood_of_receipts_holds_up_no_mail_to_staff(office):
    office.most_a_day = 4
    office.kinds = ("receipt",)
    for number in range(1, QUIET + 4):
        arrive(office.journal, number, email=f"p{number}@example.org", at=office.clock())
    office.sweep()
    assert len(office.post.sent) == 4 + 1
    assert office.post.sent[0]["To"] == address(ANA)
    office.clock.advance(minutes=5)
    arrive(office.journal, 50, email=ZOE, at=office.clock())
    office.drain()
    assert [message["To"] for message in office.post.sent[5:]] == [address(ANA)]


def test_an_address_that_is_refused_is_told_to_staff_and_corrected_in_the_row(office):
    office.post.refused = {ZOE}
    reference = office.arrive()
    office.sweep(2)
    (line,) = [row for row in office.sheet.rows("to_check") if row["place"] == reference]
    assert "Téléphonez" in line["subject"]
    office.set(email="zoe.juste@example.org")
    office.sweep()
    assert len(office.to("zoe.juste@example.org")) == 1


def test_killed_anywhere_each_mail_is_decided_once():
    offices = []

    def prepare(journal):
        offices.append(Office(journal))
        offices[-1].arrive()

    def act(journal):
        offices[-1].drain(journal)
        offices[-1].sweep(journal=journal)
        offices[-1].sweep(journal=journal, minutes=31)

    for _ in killed_anywhere(prepare, act):
        office = offices[-1]
        office.sweep(3, minutes=31)
        # A mail that left just before the process died may leave again; nothing else does.
        assert sorted(set(office.subjects)) == sorted([CALLER, RECEIPT])
        assert len(office.subjects) <= 3
        assert office.events == [f"Qui va l'appeler : {ANA}"]


def test_an_apology_and_a_closing_word_follow_what_people_leave_in_the_sheet(office):
    office.arrive()
    office.sweep(10)
    office.sweep(11, days=1)
    assert office.subjects == [RECEIPT, CALLER, "Toutes nos excuses pour l'attente"]
    assert office.to()[2]["Reply-To"] == "coralie.vidal@example.org"
    office.set(status="Installé", settled_on=46_357.0)  # the first of December
    office.sweep()
    office.sweep(days=1, minutes=10)
    assert office.subjects[3:] == ["Bienvenue dans le Lot !"]
    office.sweep(31, days=6)
    assert office.subjects[4:] == ["Six mois déjà : comment allez-vous ?"]
