"""Sends each digest once, however often the schedule fires and wherever a process dies.

The journal gets create-only marks, each by the name of a mail: its week and a hash of its address.

| object | what it says |
|---|---|
| `mail/<name>.planned` | the mail is to be sent |
| `mail/<name>.claim` | it is being sent, or may have been sent |
| `mail/<name>.sent` | the provider took it |

A claim without `sent` is uncertain: the process died, or the provider did not answer. Such a mail
is not sent again by itself, because two would be worse than none. The next digest names whom it
was for, and whom a mail was planned for that no call sent.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from functions.digest.weeks import Week
from functions.shared.errors import AccueilError, MailError, MailRefusedError, MailUnsureError
from functions.shared.journal.store import PARALLEL, Journal
from functions.shared.log import log
from functions.shared.mail.letter import Mail, message
from functions.shared.mail.mailer import Mailer
from functions.shared.mail.refused import RefusedAddresses

Outcome = Literal["sent", "already_sent", "failed", "unsure"]
Kind = Literal["coordinator", "referent"]
# A mail whose state is `unsure` may have been sent, or another call is just sending it. One that is
# `planned` was certainly not sent.
State = Literal["sent", "unsure", "planned"]
_STATES: tuple[tuple[str, State], ...] = (
    ("sent", "sent"),
    ("claim", "unsure"),
    ("planned", "planned"),
)


@dataclass(frozen=True)
class Recipient:
    """Somebody who gets a mail of a kind.

    `row` is the number of their row in the tab of that kind. It is 0 for the operator.
    """

    kind: Kind
    row: int
    name: str
    email: str

    def mark(self, week: Week, *, preview: bool = False) -> str:
        """The name of a mail in the journal and in its Message-ID; it says nothing personal."""
        who = hashlib.sha256(self.email.casefold().encode()).hexdigest()[:32]
        kind = "" if self.kind == "coordinator" else f"{self.kind}-"
        return f"digest-{week.name}-{'preview-' if preview else ''}{kind}{who}"


@dataclass(frozen=True)
class Letter:
    """A mail to somebody; `make` makes it, and may fail.

    `take_back` undoes what `make` left in the journal. It is called if the mail did not leave.
    """

    recipient: Recipient
    make: Callable[[], Mail]
    take_back: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Sending:
    """Sends the letters of a week; see the module. `is_stopping` says that the process ends."""

    journal: Journal
    mailer: Mailer
    sender: str
    clock: Callable[[], datetime]
    is_stopping: Callable[[], bool]

    def send(
        self, week: Week, letters: Sequence[Letter], *, preview: bool = False, force: bool = False
    ) -> Iterator[tuple[Recipient, Outcome]]:
        """Send each letter, unless it was sent before.

        A fault of one letter costs nobody else theirs.

        Args:
            week: the week that the letters are about.
            letters: the letters.
            preview: whether they are previews, which have marks of their own.
            force: whether to send what was sent already.

        Raises:
            JournalError: marks cannot be written; the mail may have left.
        """
        marks = self._marks(week)
        names = {letter: letter.recipient.mark(week, preview=preview) for letter in letters}
        self._plan([name for name in names.values() if f"mail/{name}.planned" not in marks])
        with self.mailer.session() as mailer:
            for letter, name in names.items():
                outcome: Outcome
                if f"mail/{name}.sent" in marks and not force:
                    outcome = "already_sent"
                elif self.is_stopping():  # another call sends the rest
                    outcome = "failed"
                else:
                    outcome = self._guarded(letter, name, mailer, force=force)
                yield letter.recipient, outcome

    def states(self, week: Week, recipients: Sequence[Recipient]) -> dict[Recipient, State | None]:
        """What the marks say of each recipient's mail of a week; None if there is no mark.

        Raises:
            JournalError: the journal does not answer.
        """
        marks = self._marks(week)

        def state(recipient: Recipient) -> State | None:
            name = f"mail/{recipient.mark(week)}"
            return next((said for end, said in _STATES if f"{name}.{end}" in marks), None)

        return {recipient: state(recipient) for recipient in recipients}

    def _marks(self, week: Week) -> frozenset[str]:
        prefix = f"mail/digest-{week.name}-"
        keys = self.journal.keys("mail/", after=f"mail/digest-{week.name}")
        return frozenset(key for key in keys if key.startswith(prefix))

    def _plan(self, names: Sequence[str]) -> None:
        if names:
            with ThreadPoolExecutor(PARALLEL) as pool:
                list(pool.map(self._create, (f"mail/{name}.planned" for name in names)))

    def _create(self, key: str) -> bool:
        mark = json.dumps({"at": self.clock().isoformat(timespec="seconds")}).encode()
        return self.journal.create(key, mark)

    def _guarded(self, letter: Letter, name: str, mailer: Mailer, *, force: bool) -> Outcome:
        try:
            return self._send_once(letter, name, mailer, force=force)
        except AccueilError:
            raise
        except Exception as error:  # noqa: BLE001  (one mail's fault must not stop the others)
            letter.take_back()
            recipient = letter.recipient
            log(
                "ERROR",
                "unexpected error",
                kind=recipient.kind,
                row=recipient.row,
                error=type(error).__name__,
            )
            return "failed"

    def _send_once(self, letter: Letter, name: str, mailer: Mailer, *, force: bool) -> Outcome:
        """Send a letter. It is made before the claim, which is deleted if it did not leave."""
        claim, sent = f"mail/{name}.claim", f"mail/{name}.sent"
        mail = letter.make()
        now = self.clock()
        again = f"{name}-{now:%Y%m%dT%H%M%S}" if force else name
        made = message(mail, self.sender, letter.recipient.email, again, now)
        claimed = self._create(claim)
        if not claimed and not force:
            letter.take_back()
            return "unsure" if self.journal.read(sent) is None else "already_sent"
        try:
            mailer.send(made)
        except MailUnsureError:
            return "unsure"
        except (MailError, MailRefusedError) as error:
            if isinstance(error, MailRefusedError):
                RefusedAddresses(self.journal, self.clock).add(letter.recipient.email)
            if claimed:
                self.journal.delete(claim)
            letter.take_back()
            return "failed"
        except Exception:
            if claimed:
                self.journal.delete(claim)
            raise
        self._create(sent)
        return "sent"
