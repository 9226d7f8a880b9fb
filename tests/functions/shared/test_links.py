"""A signed link says what it was made to say, and nothing else passes."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from functions.shared.journal.replies import Asked, Letter
from functions.shared.journal.store import open_journal
from functions.shared.links import Link, LinkError, LinkMaker, check_link, read_link
from tests.support import Clock

PAGE = "https://example.org/intake"
LOT, OTHER = "LOT-65AC-WHNK", "LOT-0000-0000"
ASKED = Asked("Léa", "Ana Roux", "Ana Roux", "to_contact")
ADDRESS = "ana.roux@example.org"


@pytest.fixture
def maker():
    return LinkMaker(open_journal("memory:///"), PAGE, Clock())


def text_of(address):
    return address.partition("?lien=")[2]


def opened(journal, text):
    link, signature = read_link(text)
    letter = Letter.from_json(journal.read(f"links/{link.letter}"))
    check_link(link, signature, letter)
    return link, letter


def test_a_link_says_which_mail_request_and_answer_and_nothing_about_anybody(maker):
    links = maker.links("Ana Roux", ADDRESS, {LOT: ASKED})
    address = links.answer(LOT, "called")
    assert address.startswith(f"{PAGE}/reponse?lien=")
    assert len(text_of(address)) < 90
    assert not any(said in address.casefold() for said in ("ana", "roux", "léa", "example.org."))
    link, letter = opened(maker.journal, text_of(address))
    assert (link.reference, link.choice) == (LOT, "called")
    assert letter.requests == {LOT: ASKED}
    assert letter.address == ADDRESS


def test_no_two_mails_have_the_same_key(maker):
    first, second = (maker.links("Ana Roux", ADDRESS, {LOT: ASKED}) for _ in range(2))
    assert first.key != second.key
    assert first.letter != second.letter


def test_without_an_address_of_intake_mails_have_no_links(maker):
    silent = LinkMaker(maker.journal, "", Clock())
    assert silent.links("Ana Roux", ADDRESS, {LOT: ASKED}) is None
    assert maker.journal.keys("links/") == []


def test_it_is_good_for_fourteen_days_in_paris(maker):
    link, _ = read_link(text_of(maker.links("Ana", ADDRESS, {LOT: ASKED}).answer(LOT, "called")))
    start = Clock().now
    assert not link.is_expired(start + timedelta(days=14))
    last = start.replace(hour=22, minute=59) + timedelta(days=14)
    assert not link.is_expired(last)
    assert link.is_expired(last + timedelta(minutes=1))


def passes(journal, text):
    try:
        link, signature = read_link(text)
        body = journal.read(f"links/{link.letter}")
        if body is None:
            return False
        check_link(link, signature, Letter.from_json(body))
    except LinkError:
        return False
    return True


def forgeries(maker):
    mine = maker.links("Ana Roux", ADDRESS, {LOT: ASKED, OTHER: ASKED})
    theirs = maker.links("Bob Cros", "bob.cros@example.org", {LOT: ASKED})
    good = text_of(mine.answer(LOT, "called"))
    signature = good.rpartition(".")[2]
    name = good.removesuffix(signature)
    yield "another answer", good.replace("called", "not_mine")
    yield "another request", good.replace(LOT, OTHER)
    yield "somebody else's mail", good.replace(mine.letter, theirs.letter)
    yield "another day", good.replace(mine.letter, "2099" + mine.letter[4:])
    yield "no signature", name
    yield "a signature too many", good + "A"
    yield "a request that the mail did not ask about", text_of(theirs.answer(OTHER, "called"))
    yield "signed with nothing", Link(mine.letter, LOT, "called").signed("")
    for place in range(len(signature) - 1):  # the last character has bits that count for nothing
        other = "A" if signature[place] != "A" else "B"
        yield f"character {place}", name + signature[:place] + other + signature[place + 1 :]


def test_nothing_that_was_forged_or_swapped_passes(maker):
    for what, text in forgeries(maker):
        assert not passes(maker.journal, text), what
    good = maker.links("Ana Roux", ADDRESS, {LOT: ASKED}).answer(LOT, "called")
    assert passes(maker.journal, text_of(good))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x" * 5000,
        f"20261214-{'a' * 24}..called.{'A' * 22}",
        f"20261214-{'a' * 24}.{LOT}.opt_out.{'A' * 22}",
        f"20261314-{'a' * 24}.{LOT}.called.{'A' * 22}",
        f"../../pending/x.{LOT}.called.{'A' * 22}",
        f"２０261214-{'a' * 24}.{LOT}.called.{'A' * 22}",
        f"20261214-{'a' * 24}.{LOT}.called.{'A' * 22}\n",
    ],
)
def test_what_is_no_link_is_not_looked_up(text):
    with pytest.raises(LinkError):
        read_link(text)


def test_an_applicant_s_links_lead_to_their_own_page(maker):
    links = maker.links("Léa Martin", "lea@example.org", {LOT: replace(ASKED, lang="en")})
    own, well, call_me = (
        links.own_page(LOT),
        *(address for _, address in links.news(LOT, "en")),
    )
    assert [name for name, _ in links.news(LOT, "en")] == ["All is well", "I would like a call"]
    for address, choice in ((own, "own_page"), (well, "well"), (call_me, "call_me")):
        assert address.startswith(f"{PAGE}/ma-demande?lien=")
        link, letter = opened(maker.journal, text_of(address))
        assert (link.choice, letter.requests[LOT].lang) == (choice, "en")


def test_monday_s_mail_is_cancelled_and_ordered_without_a_request(maker):
    links = maker.links("Ana Roux", ADDRESS, {})
    for choice in ("opt_out", "opt_in"):
        link, _ = opened(maker.journal, text_of(links.monday(choice)))
        assert (link.reference, link.choice) == ("", choice)


def test_each_answer_has_a_link_of_its_own(maker):
    links = maker.links("Ana Roux", ADDRESS, {LOT: ASKED, OTHER: ASKED})
    choices = ("called", "no_answer", "not_mine", "taken_up")
    made = {links.answer(*pair) for pair in product((LOT, OTHER), choices)}
    assert len(made) == 8
    assert {opened(maker.journal, text_of(address))[0].choice for address in made} == {*choices}
