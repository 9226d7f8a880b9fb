"""Addresses to which mails do not arrive. Nothing is sent there until somebody corrects them.

The journal says so by `refused/<day>-<hash>`, an object without content. A corrected address has
another hash. So nothing has to be taken back when somebody corrects a cell.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from functions.shared import reference
from functions.shared.concerns import Concern
from functions.shared.errors import MailError
from functions.shared.journal.store import Journal
from functions.shared.log import log
from functions.shared.mail.mailer import Mailer

FOLDER = "refused/"
WAIT = timedelta(days=7)  # for how long a mail waits until its address is corrected
ASKED_EVERY = timedelta(hours=1)  # a provider tells of a mail that came back within minutes
OVERLAP = timedelta(days=1)  # a provider's list may lag behind


@dataclass(frozen=True)
class RefusedAddresses:
    """The addresses that are refused, as the journal remembers them.

    Raises, in each method:
        JournalError: the journal does not answer.
    """

    journal: Journal
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def look(self) -> "Refused":
        """Those of now."""
        return Refused(frozenset(key.rpartition("-")[2] for key in self.journal.keys(FOLDER)))

    def add(self, address: str) -> None:
        """Remember that an address is refused."""
        if address not in self.look():
            self.journal.create(f"{FOLDER}{self.clock():%Y%m%d}-{_hash(address)}", b"{}")

    def forget(self, address: str) -> bool:
        """Let mails leave for an address again; whether it was refused."""
        keys = [key for key in self.journal.keys(FOLDER) if key.endswith(f"-{_hash(address)}")]
        for key in keys:
            self.journal.delete(key)
        return bool(keys)

    def purge(self, before: date) -> None:
        """Forget what was refused before a day. The next mail tries such an address again."""
        for key in self.journal.keys(FOLDER):
            if key < f"{FOLDER}{before:%Y%m%d}":
                self.journal.delete(key)


@dataclass(frozen=True)
class Refused:
    """Addresses that are refused, by their hashes; capitals do not count."""

    hashes: frozenset[str] = frozenset()

    def __contains__(self, address: str) -> bool:
        return _hash(address) in self.hashes


def _hash(address: str) -> str:
    return hashlib.sha256(address.casefold().encode()).hexdigest()[:32]


@dataclass
class Returns:
    """Learns of mails that the provider took and that came back.

    Amazon SES keeps a list of their addresses. Other providers keep none, and send such mails back
    to the sender's mailbox, which nobody reads here.
    """

    mailer: Mailer
    addresses: RefusedAddresses
    keep: timedelta
    _asked: datetime | None = field(default=None, init=False)

    def learn(self) -> None:
        """Ask the provider, at most every ASKED_EVERY. If it does not say, the next sweep asks.

        Raises:
            JournalError: the journal does not answer.
        """
        now = self.addresses.clock()
        if self._asked and now - self._asked < ASKED_EVERY:
            return
        since = self._asked - OVERLAP if self._asked else now - self.keep
        try:
            for address in self.mailer.refused_since(since):
                self.addresses.add(address)
        except MailError as error:
            log("WARNING", str(error))
            return
        self._asked = now


def refusal(name: str, address: str, place: str) -> Concern:
    """What À vérifier says of an address that is refused.

    Args:
        name: whose it is: a person's of the tables, or the reference of an applicant's request.
        address: the address; "" if none is known.
        place: the tab where it stands.
    """
    if reference.read(name) == name:
        said = f"L'adresse {address} est refusée." if address else "La ligne n'a pas d'adresse."
        return Concern(
            name,
            f"Téléphonez : le courriel ne passe pas. {said}",
            "Appelez cette personne, puis corrigez la colonne Courriel de sa ligne : ses courriels "
            "repartiront.",
        )
    if not address:
        return Concern(
            place,
            f"Aucune adresse pour {name} : ses courriels attendent.",
            f"Écrivez son adresse dans l'onglet {place}, sous ce nom, dans les {WAIT.days} jours.",
        )
    return Concern(
        place,
        f"L'adresse enregistrée pour {name} est refusée : {address}.",
        f"Corrigez-la : d'ici là, rien n'y part. Les courriels des {WAIT.days} derniers jours "
        "partiront ensuite ; les demandes sont dans le classeur.",
    )
