"""Monday's mails can be answered and cancelled, by whoever got them."""

import re
from dataclasses import replace
from datetime import date
from email import message_from_bytes, policy

import pytest

from functions.digest.agenda import KEYS, Agenda, find_task
from functions.digest.lines import Line, Section
from functions.digest.render import render_agenda
from functions.digest.weeks import week_of
from functions.shared.journal.replies import CHOICES, Asked, Letter, unsubscribed
from functions.shared.journal.store import open_journal
from functions.shared.links import LetterLinks
from tests.functions.digest.sheets import grid
from tests.functions.digest.test_agenda import TODAY, days_ago, for_whom
from tests.functions.digest.test_handler import CLAIRE, LEA, PAUL, Postman, call, digest, parts
from tests.functions.digest.test_render import LINKS
from tests.functions.digest.test_report import cases_of, noted, request

INTAKE = "https://example.org/i"


@pytest.fixture
def journal():
    return open_journal("memory:///")


def send(journal, people=(CLAIRE,), referents=(PAUL,), intake_url=INTAKE):
    """Send Monday's mails; gives them by recipient."""
    postman = Postman()
    function = digest(people, postman, journal, requests=[request(1)], referents=referents)
    assert call(replace(function, intake_url=intake_url)).status == 200
    return {message["To"]: message for message in postman.sent}


def test_each_request_of_a_referent_has_its_buttons_and_a_coordinator_s_has_none(journal):
    mails = send(journal)
    text, page = parts(mails[PAUL["email"]])
    names = re.findall(r"(\d{8}-\w{24})\.(LOT-\S{9})\.(\w+)\.", text)
    assert len({letter for letter, _, _ in names}) == 1
    assert {choice for _, _, choice in names} >= {"called", "no_answer"}
    assert page.count("/reponse?lien=") == len(names)
    letter = Letter.from_json(journal.read(f"links/{names[0][0]}"))
    (asked,) = letter.requests.values()
    assert (letter.address, asked.reader, asked.referent) == (PAUL["email"], *[PAUL["name"]] * 2)
    assert "/reponse?" not in parts(mails[CLAIRE["email"]])[0]


def test_a_mail_with_as_many_buttons_as_there_can_be_is_shown_whole_by_gmail():
    asked = Asked("Léa", PAUL["name"], PAUL["name"], "to_contact", choices=CHOICES[:4])
    line = Line(2, "x" * 200, "x" * 300, "LOT-65AC-WHNK", asked=asked)
    sections = tuple(Section(key, (line,) * 12) for key in KEYS[:4])
    agenda = Agenda(week_of(TODAY), (PAUL["name"],), sections)
    answers = LetterLinks(f"https://{'x' * 40}.example.org", f"20261214-{'0' * 24}", "key")
    made = render_agenda(agenda, LINKS, answers=answers)
    assert made.html.count("/reponse?lien=") == 4 * 4 * 12
    assert len(made.html.encode()) < 102_000


def test_a_mail_program_can_cancel_each_of_them(journal):
    for message in send(journal).values():
        read = message_from_bytes(message.as_bytes(), policy=policy.default)
        address = str(read["List-Unsubscribe"])
        assert re.fullmatch(rf"<{INTAKE}/courriel-du-lundi\?lien=\S+\.\.opt_out\.\S+>", address)
        assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert all(address.strip("<>") in body.replace("&amp;", "&") for body in parts(message))


def test_whoever_cancelled_it_gets_none(journal):
    journal.create(unsubscribed(PAUL["email"].upper()), b"{}")
    assert [*send(journal)] == [CLAIRE["email"]]
    assert journal.keys("unsubscribed/") != []


def test_once_the_sheet_says_so_itself_the_sheet_decides(journal):
    for person in (PAUL, CLAIRE):
        journal.create(unsubscribed(person["email"]), b"{}")
    quiet = {"weekly_mail": False}
    assert send(journal, [CLAIRE | quiet], [PAUL | quiet]) == {}
    assert journal.keys("unsubscribed/") == []


@pytest.mark.parametrize(
    "cells", [[{"weekly_mail": False}, {}], [{}, {"weekly_mail": False}]], ids=["first", "second"]
)
def test_a_row_at_no_does_not_bring_the_mail_of_another_row_with_that_address_back(journal, cells):
    journal.create(unsubscribed(PAUL["email"]), b"{}")
    coordinator = CLAIRE | {"email": PAUL["email"].upper()} | cells[0]
    for _ in range(2):
        assert send(journal, [coordinator, LEA], [PAUL | cells[1]]).keys() <= {LEA["email"]}
    assert journal.keys("unsubscribed/") != []


def test_a_tab_that_cannot_be_read_brings_no_cancelled_mail_back(journal):
    journal.create(unsubscribed(PAUL["email"]), b"{}")
    quiet = PAUL | {"weekly_mail": False}
    function = digest((CLAIRE,), Postman(), journal, requests=[request(1)], referents=(quiet,))
    read = function.workbook.read

    def without_coordination(parts):
        reading = read(parts)
        tabs = {key: part for key, part in reading.tabs.items() if key != "coordination"}
        return replace(reading, tabs=tabs)

    function.workbook.read = without_coordination
    call(replace(function, operator="operator@example.org"))
    assert journal.keys("unsubscribed/") != []


def test_without_an_address_of_intake_they_are_as_before(journal):
    mails = send(journal, intake_url="")
    assert mails[PAUL["email"]]["List-Unsubscribe"] is None
    assert "lien=" not in mails[PAUL["email"]].as_string()
    assert journal.keys("links/") == []


def test_who_stands_in_can_neither_take_a_request_nor_give_it_back():
    absent = PAUL | {"absent_until": date(2026, 12, 31), "substitute": LEA["name"]}
    (agenda,) = for_whom([absent, LEA], [request(1, referent=PAUL["name"])]).values()
    (section,) = agenda.sections
    (line,) = section.lines
    assert section.key == "stand_in"
    assert line.asked
    assert line.asked.choices == ("called", "no_answer")
    assert (line.asked.reader, line.asked.referent) == (LEA["name"], PAUL["name"])


def test_an_answer_from_a_mail_counts_as_contact():
    row = request(1, received_at=days_ago(60), assigned_at=days_ago(60), status="in_progress")
    [silent] = cases_of(grid("requests", [row]))
    assert find_task(silent, TODAY).key == "stale"
    [answered] = cases_of(grid("requests", [row]), [noted(1, "answered", 3)])
    assert find_task(answered, TODAY) is None
