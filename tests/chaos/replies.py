"""Answers from mails: what people were offered, what they pressed, and whether it came to its end.

What a mail showed is taken from the object that its links stand for. What became of an answer is
taken from the sheet: a line of Suivi, or a mail that says why nothing changed.

An applicant, or a person in the sheet, corrects an address to another one that ends in it. So the
account goes on knowing a row by the address with which its request came.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from functions.shared.journal.replies import Letter, Wish
from functions.shared.journal.store import Journal
from functions.shared.links import NEWS, Link, read_link
from sheets_schema.schema import CLOSED_STATUSES, vocabulary

ORDER, ANSWERED = "À réorienter", "À contacter"  # by which people hand a request back, and after it
CALLED, TRIED = vocabulary("status")["in_progress"], vocabulary("status")["no_answer"]
UNTRIED = {vocabulary("status")[key] for key in ("to_qualify", "to_contact")}
STATUSES = (CALLED, TRIED, vocabulary("status")["waiting"], *sorted(UNTRIED))  # what people choose
CLOSED = vocabulary("status")["closed"]
EXACTLY = "Courriel, tel qu'il est écrit"  # stands beside the address by which a row is known
_CORRECTED = re.compile(r"[a-z]+\d+\.([a-z]+\d+@example\.org)")
_LINK = re.compile(r"/reponse\?lien=(\S+)")
_PAGE = re.compile(r"/ma-demande\?lien=(\S+)")
_REFUSED = re.compile(r"(LOT-\S+).*\n.*Vous avez répondu « (.+?) »")


@dataclass
class Offer:
    """A button of a mail; `status` and `referent` are what the mail showed.

    `kept` says that intake promised to deal with the answer; `pressed` that it may be there.
    """

    link: str
    name: str
    letter: str
    reference: str
    choice: str
    status: str
    referent: str
    pressed: bool = False
    kept: bool = False


@dataclass
class Wished:
    """Something that an applicant said from a page to which their mail links.

    `address` is where that mail went, and `text` what they wrote. `kept` and `pressed` are as
    above.
    """

    link: Link
    signed: str
    address: str
    text: str
    pressed: bool = False
    kept: bool = False


def known_address(address: str) -> str:
    """The address with which a request came, by one that it was corrected to."""
    corrected = _CORRECTED.fullmatch(address)
    return corrected[1] if corrected else address


@dataclass
class Replies:
    """The account of what people were offered and pressed."""

    offers: list[Offer] = field(default_factory=list)
    # Mails that link to an applicant's page: their names, and by which address the row is known.
    pages: list[tuple[str, str]] = field(default_factory=list)
    wished: dict[str, Wished] = field(default_factory=dict)  # by the name of the answer
    refused: Counter = field(default_factory=Counter)  # by reference and label: said in a mail

    def posted(self, text: str, journal: Journal) -> None:
        """Note what a mail that leaves now offers, and what it says of earlier answers."""
        self.refused.update(_REFUSED.findall(text))
        for signed in _PAGE.findall(text):
            link, _ = read_link(signed)
            letter = Letter.from_json(journal.read(f"links/{link.letter}"))
            self.pages.append((link.letter, known_address(letter.address)))
        # Two messages about a request in one mail show the same buttons.
        known = {offer.link for offer in self.offers}
        for signed in dict.fromkeys(_LINK.findall(text)):
            if signed in known:
                continue
            link, _ = read_link(signed)
            asked = Letter.from_json(journal.read(f"links/{link.letter}")).requests[link.reference]
            shown = vocabulary("status")[asked.status]
            self.offers.append(
                Offer(
                    signed,
                    link.name,
                    link.letter,
                    link.reference,
                    link.choice,
                    shown,
                    asked.referent,
                )
            )

    def wish(self, which: int, wish: Wish, journal: Journal) -> Wished | None:
        """What an applicant says from a mail; what they write depends on that alone."""
        place = which % len(self.pages)
        letter, known = self.pages[place]
        body = journal.read(f"links/{letter}")
        if body is None:  # forgotten
            return None
        kept = Letter.from_json(body)
        (reference,) = kept.requests
        number = which % 3 + 1 if wish == "email" else 1
        link = Link(letter, reference, wish, number)
        page = link if wish in NEWS else Link(letter, reference, "own_page")
        turn = 10 * place + number
        texts = {
            "email": f"nouveau{turn}.{known}",
            "phone": "06 12 34 56 78",
            "changed": f"Plutôt {turn}",
        }
        said = Wished(link, page.signed(kept.key), kept.address, texts.get(wish, ""))
        return self.wished.setdefault(link.name, said)

    def addresses(self, reference: str, before: str) -> set[str]:
        """What an address may have become by its applicant, if nobody typed another one."""
        reached, more = set[str](), {before}
        while more > reached:
            reached = set(more)
            for said in self.wished.values():
                about = said.link.reference == reference and said.link.choice == "email"
                if said.pressed and about and said.address in reached:
                    more.add(said.text)
        return reached

    def about(self, reference: str) -> list[Offer]:
        """What people pressed about a request."""
        return [offer for offer in self.offers if offer.pressed and offer.reference == reference]

    def may_be(self, reference: str, before: str) -> set[str]:
        """What a status may have become by answers and orders, if nobody typed another one."""
        pressed, reached = self.about(reference), {before}
        while True:
            more = {after for offer in pressed for after in self._after(offer, reached)}
            more |= {ANSWERED} if ORDER in reached else set()
            if more <= reached:
                return reached
            reached |= more

    def _after(self, offer: Offer, reached: Collection[str]) -> Iterator[str]:
        """What an answer makes of the statuses for which it counts."""
        same = [other for other in self.about(offer.reference) if other.letter == offer.letter]
        left = {after for other in same for after in _AFTER.get(other.choice, {}).values()}
        for status in {offer.status, *left} & set(reached):
            if offer.choice == "not_mine":
                yield ANSWERED
            elif after := _AFTER.get(offer.choice, {}).get(status):
                yield after


_AFTER = {
    "close": {
        title: CLOSED for key, title in vocabulary("status").items() if key not in CLOSED_STATUSES
    },
    "called": dict.fromkeys([*UNTRIED, TRIED], CALLED),
    "no_answer": dict.fromkeys(UNTRIED, TRIED),
}
