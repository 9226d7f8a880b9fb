"""A drain that stands still for half an hour says so once, and once more when it goes on."""

import json

import pytest

from functions.shared.errors import JournalError, MailError, WorkbookError, WorkbookUnsureError
from functions.shared.journal.store import open_journal
from functions.shared.mail.outbox import Outbox
from tests.functions.route.arrivals import arrive
from tests.functions.route.books import ANA, CORALIE, address, book, set_cell
from tests.functions.route.test_round import new_drain
from tests.support import Crash, Mortal, Postman

OPERATOR = "exploitation@example.org"
STOPPED = "Oh my Lot ! Le système n'écrit plus dans le classeur"
RESUMED = "Oh my Lot ! Le système écrit de nouveau dans le classeur"
EVERYBODY = {OPERATOR, address(CORALIE)}


class Down:
    """A workbook that does not answer."""

    id = "memory"

    def __getattr__(self, name):
        def refuse(*_):
            raise WorkbookUnsureError("Google Sheets est en panne (503).")

        return refuse


@pytest.fixture
def sheet():
    return book()


@pytest.fixture
def postman():
    return Postman()


@pytest.fixture
def run(journal, sheet, clock, postman):
    """One call of a new process, a sweep unless told otherwise; whether it went through."""

    def call(workbook=sheet, minutes=5, *, sweep=True, journal=journal, mailer=postman):
        clock.advance(minutes=minutes)
        sender = "Oh my Lot ! <accueil@example.org>"
        outbox = Outbox(journal, mailer, sender, "https://example.org", clock)
        drain = new_drain(journal, workbook, clock, outbox=outbox, operator=OPERATOR)
        try:
            drain(sweep=sweep)
        except (WorkbookError, JournalError):
            return False
        return True

    return call


def lines(capsys, message):
    said = map(json.loads, capsys.readouterr().out.splitlines())
    return [line for line in said if line["message"] == message]


def test_what_waits_is_said_by_each_sweep_above_all_when_nothing_can_be_written(
    journal, run, capsys
):
    arrive(journal)
    assert not run(Down())
    [line] = lines(capsys, "waiting")
    assert line["pending"] == 1
    run(sweep=False)
    assert not lines(capsys, "waiting")
    run()
    assert [line["pending"] for line in lines(capsys, "waiting")] == [0]


def renamed(sheet, to="État"):
    header = sheet.grids["requests"][0]
    header[header.index("Statut")] = to


def mended(sheet):
    header = sheet.grids["requests"][0]
    header[header.index("État")] = "Statut"


def sent(postman):
    return [(mail["Subject"], mail["To"]) for mail in postman.sent]


def to_everybody(subject):
    return {(subject, who) for who in EVERYBODY}


def test_everybody_is_told_once_and_once_more_when_it_goes_on(run, journal, sheet, postman):
    renamed(sheet)
    arrive(journal)
    arrive(journal, 2)
    for _ in range(6):
        assert not run()
    assert sent(postman) == []  # 25 minutes
    assert not run()
    assert set(sent(postman)) == to_everybody(STOPPED)
    text = postman.sent[0].get_body(["plain"]).get_content()
    assert "Depuis le 23 novembre à 10 h 05" in text
    assert "colonne introuvable : « Statut »" in text
    assert "2 demandes attendent." in text
    for _ in range(20):
        assert not run()
    assert len(postman.sent) == 2
    mended(sheet)
    assert run()
    last = postman.sent[2:]
    assert {(mail["Subject"], mail["To"]) for mail in last} == {
        *to_everybody(RESUMED),
        ("Oh my Lot ! 2 demandes pour vous", address(ANA)),
    }
    text = next(mail for mail in last if mail["Subject"] == RESUMED).get_body(["plain"])
    assert "du 23 novembre à 10 h 05\nau 23 novembre à 12 h 20" in text.get_content()
    assert journal.keys("standstill/") == []
    assert run()
    assert len(postman.sent) == 5


def test_a_shorter_standstill_is_not_worth_a_mail_and_the_next_counts_anew(run, sheet, postman):
    for _ in range(2):
        renamed(sheet)
        for _ in range(6):
            assert not run()
        mended(sheet)
        assert run()
    assert postman.sent == []


def test_if_google_is_down_the_operator_is_told(run, postman):
    for _ in range(8):
        assert not run(Down())
    assert sent(postman) == [(STOPPED, OPERATOR)]
    assert "en panne (503)" in postman.sent[0].get_body(["plain"]).get_content()
    assert run()
    assert sent(postman)[1:] == [(RESUMED, OPERATOR)]


def test_a_pause_that_cannot_be_read_is_a_standstill_and_one_that_is_wanted_is_none(
    run, sheet, postman
):
    set_cell(sheet, "coordination", 1, "pause", "Oui")
    for _ in range(10):
        assert run()
    assert postman.sent == []
    set_cell(sheet, "coordination", 1, "pause", "fini le 3/12")
    for _ in range(10):
        assert not run()
    assert set(sent(postman)) == to_everybody(STOPPED)


def test_a_pause_does_not_end_a_standstill(run, sheet, postman):
    renamed(sheet)
    for _ in range(8):
        run()
    set_cell(sheet, "coordination", 1, "pause", "Oui")
    assert run()
    assert len(postman.sent) == 2
    set_cell(sheet, "coordination", 1, "pause", None)
    mended(sheet)
    assert run()
    assert set(sent(postman)[2:]) == to_everybody(RESUMED)


def test_an_unexpected_error_is_a_standstill_too_and_its_text_is_not_told(
    run, sheet, postman, monkeypatch
):
    def broken(*_):
        raise KeyError("Ana Martin")

    with monkeypatch.context() as faulty:
        faulty.setattr(sheet, "read_rows", broken)
        faulty.setattr("functions.route.round.gather", broken)
        for _ in range(8):
            with pytest.raises(KeyError):
                run()
    assert set(sent(postman)) == to_everybody(STOPPED)
    text = postman.sent[0].get_body(["plain"]).get_content()
    assert "(KeyError)" in text
    assert "Martin" not in text


def test_a_call_that_only_brings_requests_tells_as_well(run, journal, sheet, postman):
    renamed(sheet)
    arrive(journal)
    assert not run(sweep=False)
    assert not run(sweep=False, minutes=31)
    assert set(sent(postman)) == to_everybody(STOPPED)


def test_without_anybody_to_tell_it_is_told_as_soon_as_there_is_somebody(
    journal, sheet, clock, postman
):
    people = sheet.grids.pop("coordination")
    outbox = Outbox(journal, postman, "accueil@example.org", "https://example.org", clock)
    for _ in range(8):
        clock.advance(minutes=5)
        with pytest.raises(WorkbookError):
            new_drain(journal, sheet, clock, outbox=outbox)(sweep=True)
    assert postman.sent == []
    sheet.grids["coordination"] = people
    renamed(sheet)
    clock.advance(minutes=5)
    with pytest.raises(WorkbookError):
        new_drain(journal, sheet, clock, outbox=outbox)(sweep=True)
    assert postman.addressees == [address(CORALIE)]


def test_a_mail_server_that_is_down_meanwhile_delays_the_mails(run, sheet, postman):
    renamed(sheet)
    for _ in range(6):
        run()
    postman.failures = [MailError("plus tard")]
    assert not run()
    assert postman.sent == []
    assert not run()
    assert set(sent(postman)) == to_everybody(STOPPED)


def test_a_journal_that_does_not_answer_does_not_hide_the_error(run, sheet, capsys):
    class Deaf:
        def __init__(self):
            self.journal = open_journal("memory:///")

        def __getattr__(self, name):
            return getattr(self.journal, name)

        def create(self, key, body):
            if key.startswith("standstill/"):
                raise JournalError("Le journal ne répond pas.")
            return self.journal.create(key, body)

    renamed(sheet)
    assert not run(journal=Deaf())
    assert "Le journal ne répond pas." in capsys.readouterr().out


def dies(run, sheet, journal, mails, effect, *, after):
    """Run a process that ends before or after one of its effects; whether it came that far."""
    life = [effect]
    try:
        run(sheet, journal=Mortal(journal, life, after=after), mailer=Mortal(mails, life))
    except Crash:
        return True
    return False


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_process_that_dies_anywhere_forgets_nothing_and_repeats_one_mail_at_most(after, run):
    for effect in range(1, 30):
        journal, sheet, mails = open_journal("memory:///"), book(), Postman()
        renamed(sheet)
        for _ in range(6):
            run(sheet, journal=journal, mailer=mails)
        died = dies(run, sheet, journal, mails, effect, after=after)
        run(sheet, journal=journal, mailer=mails)
        mended(sheet)
        run(sheet, journal=journal, mailer=mails)
        run(sheet, journal=journal, mailer=mails)
        for subject in (STOPPED, RESUMED):
            recipients = [mail["To"] for mail in mails.sent if mail["Subject"] == subject]
            assert set(recipients) == EVERYBODY
            assert len(recipients) <= len(EVERYBODY) + died
        assert journal.keys("standstill/") == journal.keys("outbox/") == []
        if not died:
            break
    assert effect == 10  # 2 mails waiting, the mark, for each mail: noted, sent, deleted


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_nor_does_one_that_dies_when_it_goes_on(after, run):
    for effect in range(1, 30):
        journal, sheet, mails = open_journal("memory:///"), book(), Postman()
        renamed(sheet)
        for _ in range(7):
            run(sheet, journal=journal, mailer=mails)
        mended(sheet)
        died = dies(run, sheet, journal, mails, effect, after=after)
        for _ in range(2):
            run(sheet, journal=journal, mailer=mails)
        recipients = [mail["To"] for mail in mails.sent if mail["Subject"] == RESUMED]
        assert set(recipients) == EVERYBODY
        assert len(recipients) <= len(EVERYBODY) + died
        assert journal.keys("standstill/") == journal.keys("outbox/") == []
        if not died:
            break
    assert effect > 8
