"""The outbox: mails that wait in the journal until they are sent. Rows first, mails second."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from functions.shared.concerns import Concern
from functions.shared.errors import (
    AccueilError,
    JournalError,
    MailError,
    MailRefusedError,
    MailUnsureError,
)
from functions.shared.journal.formats import WaitingMail
from functions.shared.journal.store import Journal, legible
from functions.shared.log import log
from functions.shared.mail.kinds import KINDS, render, size
from functions.shared.mail.letter import message
from functions.shared.mail.mailer import Mailer
from sheets_schema.tab import tab
from sheets_schema.text import normalise

QUIET = 5  # waiting requests up to which mails leave at once; a crowd's are gathered by the sweeps
TRIES = 7  # after so many refusals a mail is given up
PAUSE = timedelta(days=1)  # between two tries with an address that was refused
_TRY = re.compile(r"(.+?)(?:\+(\d+))?")

FindAddress = Callable[[str], str | None]


@dataclass(frozen=True)
class _Letter:
    """What is sent as one: mails of one kind, by their keys, to one address; "" if unknown."""

    address: str
    mails: dict[str, WaitingMail]


@dataclass(frozen=True)
class Outbox:
    """Sends what waits. `sheet_url` is where people open the spreadsheet."""

    journal: Journal
    mailer: Mailer
    sender: str
    sheet_url: str
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def send(self, until: datetime, find_address: FindAddress, *, sweep: bool) -> list[Concern]:
        """Send each person one mail of each kind that waits for them, as far as time goes.

        A mail is deleted once it is sent, so a crash between the two sends it again rather than
        never. What becomes of one that cannot be sent depends on why:

        - the server does not take mails: all wait for the next sweep;
        - this recipient is refused: the others get theirs; sweeps try this one again once
          the address is corrected, else once a day, and it is given up after TRIES;
        - it may have been sent: it counts as sent, for twice would be worse.

        Args:
            until: when to stop.
            find_address: the address of somebody in the lookup tables, by name.
            sweep: whether a crowd's mails leave too, and those that were refused.

        Returns:
            What there is to note about recipients.

        Raises:
            JournalError: the journal does not answer; a mail that was sent may be sent again.
        """
        keys = self._newest(self.journal.keys("outbox/"))
        if not sweep:
            # Sweeps try again what was refused: however much that is, a new mail leaves at once.
            keys = [key for key in keys if not _parse(key)[1]]
        if len(keys) > QUIET and not sweep:
            return []
        waiting = {key: mail for key in keys if (mail := self._read(key))}
        if sum(map(size, waiting.values())) > QUIET and not sweep:
            return []
        concerns: list[Concern] = []
        for letter in self._letters(waiting, find_address):
            if self.clock() >= until:
                break
            try:
                concerns += self._send(letter)
            except MailError:
                break
            except AccueilError:
                raise
            except Exception as error:  # noqa: BLE001  (one letter must not hold up the others)
                names = list(letter.mails)
                log("ERROR", "unexpected error", notice=names[0], error=type(error).__name__)
        return concerns

    def _newest(self, keys: list[str]) -> list[str]:
        """The last try of each mail; an earlier one is left where a process was killed."""
        newest: dict[str, tuple[int, str]] = {}
        for key in keys:
            name, number = _parse(key)
            before = newest.get(name)
            if before is None or number > before[0]:
                newest[name] = (number, key)
                superseded = before and before[1]
            else:
                superseded = key
            if superseded:
                self.journal.delete(superseded)
        return [key for _, key in newest.values()]

    def _read(self, key: str) -> WaitingMail | None:
        """What an object holds; None where it is gone, or not legible, which is logged."""
        body = self.journal.read(key)
        if body is None:
            return None
        try:
            with legible(key):
                mail = WaitingMail.from_json(body)
                # A KeyError where only a later version knows the kind, or its data is incomplete.
                KINDS[mail.kind].gather([mail.data])
                return mail
        except JournalError as error:
            log("ERROR", str(error))
            return None

    def _letters(
        self, waiting: Mapping[str, WaitingMail], find_address: FindAddress
    ) -> list[_Letter]:
        """What is due, in the order in which it is sent."""
        letters: dict[tuple[bool, str, str], _Letter] = {}
        for key, mail in waiting.items():
            address = mail.address or find_address(mail.to) or ""
            if self._is_due(mail, address):
                whose = address.casefold() or normalise(mail.to)
                order = (KINDS[mail.kind].last, whose, mail.kind)
                letters.setdefault(order, _Letter(address, {})).mails[key] = mail
        return [letters[order] for order in sorted(letters)]

    def _is_due(self, mail: WaitingMail, address: str) -> bool:
        """Whether to try now; a refused address is given a day to be accepted after all."""
        if mail.refused_at is None or address.casefold() != mail.refused.casefold():
            return True
        return self.clock() - mail.refused_at >= PAUSE

    def _send(self, letter: _Letter) -> list[Concern]:
        """Send a letter; returns what there is to note about its recipient.

        Raises:
            MailError: the server does not take mails now.
        """
        first = next(iter(letter.mails))
        name = _parse(first)[0].replace("/", "-")
        outcome = "sent"
        try:
            self._deliver(letter, name)
        except MailRefusedError:
            log("ERROR", "recipient refused", notice=first, outcome="refused")
            return [self._refused(letter)]
        except MailError as error:
            log("ERROR", str(error), notice=first, outcome="failed")
            raise
        except MailUnsureError:
            outcome = "unsure"
        for key in letter.mails:
            self.journal.delete(key)
        log("INFO" if outcome == "sent" else "WARNING", "notice", notice=first, outcome=outcome)
        return []

    def _deliver(self, letter: _Letter, name: str) -> None:
        if not letter.address:
            raise MailRefusedError
        made = render(list(letter.mails.values()), self.sheet_url)
        self.mailer.send(message(made, self.sender, letter.address, name, self.clock()))

    def _refused(self, letter: _Letter) -> Concern:
        """Note the refusal in each mail; one that was refused too often is given up."""
        given_up = False
        for key, mail in letter.mails.items():
            tries = mail.attempts + 1
            given_up |= tries >= TRIES
            if tries < TRIES:
                noted = replace(
                    mail, attempts=tries, refused=letter.address, refused_at=self.clock()
                )
                self.journal.create(f"{_parse(key)[0]}+{tries}", noted.to_json())
            self.journal.delete(key)
        return _concern(next(iter(letter.mails.values())), letter.address, given_up=given_up)


def _parse(key: str) -> tuple[str, int]:
    """A mail's key without its try, and the number of the try."""
    found = _TRY.fullmatch(key)
    assert found is not None
    return found[1], int(found[2] or 0)


def _concern(mail: WaitingMail, address: str, *, given_up: bool) -> Concern:
    place = "Courriels" if mail.address else tab("referents").title
    if not address:
        subject = f"Aucune adresse pour {mail.to} : ses courriels attendent."
        action = f"Écrivez son adresse dans l'onglet {place}, sous ce nom."
    else:
        subject = f"L'adresse de {mail.to} est refusée : {address}."
        action = "Corrigez-la : les courriels qui attendent partiront ensuite."
    if given_up:
        subject += f" Après {TRIES} essais, ses courriels sont abandonnés."
        action = "Prévenez cette personne autrement : ses demandes sont dans le classeur."
    return Concern(place, subject, action)
