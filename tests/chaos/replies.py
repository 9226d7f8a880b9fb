"""Answers from mails: what people were offered, what they pressed, and whether it came to its end.

What a mail showed is taken from the object that its links stand for. What became of an answer is
taken from the sheet: a line of Suivi, or a mail that says why nothing changed.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from functions.shared.journal.replies import Letter
from functions.shared.journal.store import Journal
from functions.shared.links import read_link
from sheets_schema.schema import vocabulary

ORDER, ANSWERED = "À réorienter", "À contacter"  # by which people hand a request back, and after it
CALLED, TRIED = vocabulary("status")["in_progress"], vocabulary("status")["no_answer"]
UNTRIED = {vocabulary("status")[key] for key in ("to_qualify", "to_contact")}
STATUSES = (CALLED, TRIED, vocabulary("status")["waiting"], *sorted(UNTRIED))  # what people choose
_LINK = re.compile(r"/reponse\?lien=(\S+)")
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
class Replies:
    """The account of what people were offered and pressed."""

    offers: list[Offer] = field(default_factory=list)
    refused: Counter = field(default_factory=Counter)  # by reference and label: said in a mail

    def posted(self, text: str, journal: Journal) -> None:
        """Note what a mail that leaves now offers, and what it says of earlier answers."""
        self.refused.update(_REFUSED.findall(text))
        for signed in _LINK.findall(text):
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
    "called": dict.fromkeys([*UNTRIED, TRIED], CALLED),
    "no_answer": dict.fromkeys(UNTRIED, TRIED),
}
