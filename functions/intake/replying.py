"""Answers from mails: opens a signed link, and keeps what a person answers in the journal.

To open a link changes nothing, because mail scanners open every link. Only `keep` does.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from functions.intake.refusals import RefusedError
from functions.shared.journal.replies import (
    SUBSCRIPTIONS,
    Answer,
    Asked,
    Letter,
    Reply,
    Stage,
    step_of,
    unsubscribed,
)
from functions.shared.journal.store import Journal, legible
from functions.shared.links import Link, LinkError, Purpose, check_link, read_link


@dataclass(frozen=True)
class Opened:
    """A link that is ours, and the mail in which it stood."""

    link: Link
    letter: Letter

    @property
    def asked(self) -> Asked:
        """What the mail asked; for a link about Monday's mail, only the reader is known."""
        reader = self.letter.reader
        return self.letter.requests.get(self.link.reference, Asked("", reader, "", ""))

    @property
    def renewed(self) -> "Opened":
        """The same, as an order of new links."""
        return self.saying("renew")

    def saying(self, choice: Purpose, number: int = 1) -> "Opened":
        """The same for another purpose of an applicant's page."""
        return replace(self, link=replace(self.link, choice=choice, number=number))


@dataclass(frozen=True)
class Replying:
    """Opens links, and keeps answers; see docs/protocol.md, "Answers from mails"."""

    journal: Journal
    clock: Callable[[], datetime]

    def open(self, text: str) -> Opened:
        """Open a link; nothing changes.

        Raises:
            RefusedError: it is no link of ours, or its mail is forgotten.
            JournalError: the journal does not answer.
        """
        try:
            link, signature = read_link(text)
            letter = self._letter(link)
            check_link(link, signature, letter)
        except LinkError as error:
            raise RefusedError(404, UNKNOWN) from error
        return Opened(link, letter)

    def stage(self, opened: Opened) -> Stage:
        """How far a request has come: as the mail said, or as it changed since.

        Raises:
            JournalError: the journal does not answer.
        """
        asked = opened.asked
        keys = self.journal.keys(f"stages/{opened.link.reference}/")
        body = self.journal.read(keys[-1]) if keys else None
        if body is not None:
            with legible(keys[-1]):
                return Stage.from_json(body)
        step = step_of(asked.status, asked.referent)
        return Stage(step, asked.referent, asked.organisation, asked.phone)

    def _letter(self, link: Link) -> Letter:
        key = f"links/{link.letter}"
        body = self.journal.read(key)
        if body is None:
            raise LinkError
        with legible(key):
            return Letter.from_json(body)

    def is_expired(self, opened: Opened) -> bool:
        """Whether the link is too old to answer by. A mail can be cancelled by an old link, too."""
        return bool(opened.link.reference) and opened.link.is_expired(self.clock())

    def keep(self, opened: Opened, reason: str = "") -> bool:
        """Keep an answer for route; False if the same one was given before.

        Its tombstone is looked for after the answer is created, as for a request. So a link that is
        followed again changes nothing, whatever route does meanwhile.

        Raises:
            JournalError: the journal does not answer; the answer may be kept.
        """
        link = opened.link
        if link.choice in SUBSCRIPTIONS:
            self._subscribe(opened)
        choice, asked = cast("Answer", link.choice), opened.asked
        address = opened.letter.address if asked.lang else ""
        reply = Reply(link.reference, choice, self.clock(), asked, reason, address)
        key = f"answers/{link.name}"
        created = self.journal.create(key, reply.to_json())
        if not created:
            return False
        if self.journal.read(f"answered/{link.name}") is not None:
            self.journal.delete(key)
            return False
        return True

    def _subscribe(self, opened: Opened) -> None:
        """Cancel Monday's mail, or order it again; only the last word of both waits for route."""
        mark = unsubscribed(opened.letter.address)
        if opened.link.choice == "opt_out":
            self.journal.create(mark, b"{}")
        else:
            self.journal.delete(mark)
        self.journal.delete(f"answers/{opened.link.opposite.name}")


UNKNOWN = (
    "Ce lien n'est pas, ou n'est plus, valable. Ouvrez le classeur depuis votre dernier courriel, "
    "ou vérifiez que l'adresse est entière."
)
