"""Signed links of mails, by which people answer without opening the sheet.

A link is `<letter>.<reference>.<choice>.<signature>`: which mail, which request, which answer. The
mail itself is an object of the journal, so the link holds nothing about anybody. Each mail has a
key of its own, drawn when it is made and kept in that object: functions share no secret, there is
none to renew, and whoever deletes the object takes its links back.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, cast

from functions.shared.journal.replies import (
    CHOICES,
    SUBSCRIPTIONS,
    WISHES,
    Answer,
    Asked,
    Choice,
    Letter,
    Subscription,
    Wish,
    expires_on,
)
from functions.shared.journal.store import Journal
from sheets_schema.columns import PARIS
from sheets_schema.place import PLACE

GOOD_FOR = timedelta(days=14)
ANSWER_PAGE, MONDAY_PAGE, OWN_PAGE = "/reponse", "/courriel-du-lundi", "/ma-demande"  # of intake
PARAMETER = "lien"
# What each answer is called: on its button in a mail and on the page, and in Suivi.
LABELS: Mapping[Choice, str] = {
    "taken_up": "Je la prends",
    "called": "J'ai appelé",
    "no_answer": "Sans réponse",
    "not_mine": "Pas pour moi",
    "close": "Clore la demande",
    "renew": "Nouveau courriel",
}
# What an applicant may answer to the question how they are, in the languages of the form.
NEWS: Mapping[Wish, Mapping[str, str]] = {
    "well": {"fr": "Tout va bien", "en": "All is well"},
    "call_me": {"fr": "J'aimerais un appel", "en": "I would like a call"},
}
# What a link is for: an answer, or the page on which an applicant gives several.
Purpose = Answer | Literal["own_page"]
OWN = ("own_page", *WISHES)
_SIGNATURE = 16  # bytes; half of what SHA-256 gives keeps links short and cannot be guessed
_PREFIXES = "|".join(map(re.escape, PLACE.prefixes))
_NAME = re.compile(
    r"(?P<letter>\d{8}-[0-9a-f]{24})\."
    rf"(?P<reference>(?:(?:{_PREFIXES})-[0-9A-Z]{{4}}-[0-9A-Z]{{4}})?)\."
    rf"(?:(?P<choice>{'|'.join((*CHOICES, *SUBSCRIPTIONS, 'own_page'))})"
    rf"|(?P<wish>{'|'.join(WISHES)})(?:-(?P<number>[2-9]))?)",
    re.ASCII,
)
_SIGNED = re.compile(r"[\w-]{22}", re.ASCII)


class LinkError(ValueError):
    """A link is no link of ours: malformed, forged, or of a mail that it does not belong to."""


@dataclass(frozen=True)
class Link:
    """What a link says. `reference` is "" for a link about Monday's mail.

    An applicant may correct a phone number several times from the same mail: `number` counts them.
    """

    letter: str
    reference: str
    choice: Purpose
    number: int = 1

    @property
    def name(self) -> str:
        """The name of its answer in the journal."""
        again = f"-{self.number}" if self.number > 1 else ""
        return f"{self.letter}.{self.reference}.{self.choice}{again}"

    @property
    def page(self) -> str:
        """The page of intake that it opens."""
        if self.choice in SUBSCRIPTIONS:
            return MONDAY_PAGE
        return OWN_PAGE if self.choice in OWN else ANSWER_PAGE

    @property
    def opposite(self) -> "Link":
        """The link that takes an answer about Monday's mail back."""
        return replace(self, choice="opt_in" if self.choice == "opt_out" else "opt_out")

    def signed(self, key: str) -> str:
        """The link as it stands in an address."""
        return f"{self.name}.{_sign(self.name, key)}"

    def is_expired(self, now: datetime) -> bool:
        """Whether the last day on which it is good has passed, in Paris."""
        return now.astimezone(PARIS).date() > expires_on(self.letter)


def read_link(text: str) -> tuple[Link, str]:
    """A link and its signature, which is not checked yet.

    Raises:
        LinkError: the text is no link.
    """
    name, _, signature = text.rpartition(".")
    if not _SIGNED.fullmatch(signature):
        raise LinkError
    return read_name(name), signature


def read_name(name: str) -> Link:
    """A link by its name, which is also that of its answer in the journal.

    Raises:
        LinkError: it is no name of a link.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise LinkError
    try:
        expires_on(match["letter"])
    except ValueError as error:
        raise LinkError from error
    choice = cast("Purpose", match["choice"] or match["wish"])
    if (choice in SUBSCRIPTIONS) == bool(match["reference"]):
        raise LinkError
    return Link(match["letter"], match["reference"], choice, int(match["number"] or 1))


def check_link(link: Link, signature: str, letter: Letter) -> None:
    """Check that a link was made for a letter.

    Raises:
        LinkError: it was not, or the letter does not ask about its request.
    """
    if not hmac.compare_digest(_sign(link.name, letter.key), signature):
        raise LinkError
    if link.reference and link.reference not in letter.requests:
        raise LinkError


def _sign(name: str, key: str) -> str:
    digest = hmac.new(key.encode(), name.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:_SIGNATURE]).decode().rstrip("=")


@dataclass(frozen=True)
class LetterLinks:
    """The addresses that one mail links to."""

    page: str
    letter: str
    key: str

    @property
    def key_in_journal(self) -> str:
        """The object without which these links lead nowhere."""
        return f"links/{self.letter}"

    def buttons(self, reference: str, choices: Iterable[Choice]) -> list[tuple[str, str]]:
        """The buttons of a request: what each is called, and where it leads."""
        return [(LABELS[choice], self.answer(reference, choice)) for choice in choices]

    def answer(self, reference: str, choice: Choice) -> str:
        """Where an answer about a request is given."""
        return self._address(Link(self.letter, reference, choice))

    def monday(self, choice: Subscription) -> str:
        """Where Monday's mail is cancelled, or ordered again."""
        return self._address(Link(self.letter, "", choice))

    def own_page(self, reference: str) -> str:
        """Where an applicant sees how their request stands, and says what has changed."""
        return self._address(Link(self.letter, reference, "own_page"))

    def news(self, reference: str, lang: str) -> list[tuple[str, str]]:
        """The buttons by which an applicant says how they are, in a language of the form."""
        return [
            (names[lang], self._address(Link(self.letter, reference, wish)))
            for wish, names in NEWS.items()
        ]

    def _address(self, link: Link) -> str:
        return f"{self.page}{link.page}?{PARAMETER}={link.signed(self.key)}"


@dataclass(frozen=True)
class LinkMaker:
    """Makes the links of mails.

    `page` is the public address of intake; "" makes no links. `draw` gives a number of random
    bytes in hexadecimal digits.
    """

    journal: Journal
    page: str
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    draw: Callable[[int], str] = secrets.token_hex

    def links(self, reader: str, address: str, requests: Mapping[str, Asked]) -> LetterLinks | None:
        """Keep a mail in the journal, and make its links; None if mails have no links.

        Raises:
            JournalError: the journal does not answer.
        """
        if not self.page:
            return None
        last = (self.clock() + GOOD_FOR).astimezone(PARIS).date()
        letter, key = f"{last:%Y%m%d}-{self.draw(12)}", self.draw(32)
        links = LetterLinks(self.page, letter, key)
        kept = Letter(key, reader, address, requests)
        self.journal.create(links.key_in_journal, kept.to_json())
        return links
