"""The outbox: notices that wait in the journal until they are sent. Rows first, mails second."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from functions.route.notice import Notice, render
from functions.shared.errors import JournalError, MailError, MailUnsureError
from functions.shared.journal import Journal, legible
from functions.shared.letter import message
from functions.shared.log import log
from functions.shared.mailer import Mailer

QUIET = 5  # waiting requests up to which mails leave at once; a crowd's are gathered by the sweeps


@dataclass(frozen=True)
class Outbox:
    """Sends what waits. `sheet_url` is where people open the spreadsheet."""

    journal: Journal
    mailer: Mailer
    sender: str
    sheet_url: str
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def send(self, until: datetime, *, sweep: bool) -> None:
        """Send one mail to each person for whom something waits, as far as time goes.

        A notice is deleted once it is sent, so a crash between the two sends it again rather
        than never. One that cannot be sent stays, and is tried again by the next sweep.
        """
        keys = self.journal.keys("outbox/")
        if not keys or (len(keys) > QUIET and not sweep):
            return
        waiting: dict[str, list[tuple[str, Notice]]] = {}
        count = 0
        for key in keys:
            if notice := self._notice(key):
                waiting.setdefault(notice.email.casefold(), []).append((key, notice))
                count += len(notice.requests)
        if count > QUIET and not sweep:
            return
        for letters in waiting.values():
            if self.clock() >= until or not self._send(letters):
                return

    def _notice(self, key: str) -> Notice | None:
        """A notice that waits; None where it is gone, or is not legible, which is logged."""
        body = self.journal.read(key)
        try:
            with legible(key):
                return Notice.from_json(body) if body is not None else None
        except JournalError as error:
            log("ERROR", str(error))
            return None

    def _send(self, letters: list[tuple[str, Notice]]) -> bool:
        """Send one person's notices as one mail; False if the server does not take it."""
        (first, notice), *_ = letters
        mail = render([one for _, one in letters], self.sheet_url)
        name = first.replace("/", "-")
        outcome = "sent"
        try:
            self.mailer.send(message(mail, self.sender, notice.email, name, self.clock()))
        except MailError as error:
            log("ERROR", str(error), notice=first, outcome="failed")
            return False
        except MailUnsureError:
            outcome = "unsure"  # it may have left: twice would be worse
        for key, _ in letters:
            self.journal.delete(key)
        log("INFO" if outcome == "sent" else "WARNING", "notice", notice=first, outcome=outcome)
        return True
