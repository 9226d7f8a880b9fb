"""What people answered from their mails, as it waits in the journal."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date

from functions.route.decide.sight import Answers
from functions.shared.journal.replies import CHOICES, Answered, Reply, expires_on
from functions.shared.journal.store import Journal, read_legible
from functions.shared.links import read_name

FOLDER, DEALT = "answers/", "answered/"


@dataclass(frozen=True)
class Replies:
    """What `answers/` of the journal holds."""

    journal: Journal

    def __bool__(self) -> bool:
        return bool(self.journal.keys(FOLDER))

    def look(self) -> Answers:
        """The answers that wait.

        An answer that has a tombstone was dealt with before, and is forgotten. One that is
        illegible, or not what its name says, is logged and stays.

        Raises:
            JournalError: the journal does not answer.
        """
        keys = self.journal.keys(FOLDER)
        if not keys:
            return Answers()
        # List the tombstones after the answers: an answer that is dealt with in between has one.
        dealt = frozenset(self.journal.keys(DEALT))
        waiting = {}
        for key in keys:
            name = key.removeprefix(FOLDER)
            if f"{DEALT}{name}" in dealt:
                self.journal.delete(key)
            elif reply := self._read(key):
                waiting[name] = reply
        oldest = sorted(waiting.items(), key=lambda item: (item[1].at, item[0]))
        left = {
            name: self._left_by_earlier(name, dealt) for name, reply in oldest if reply.reference
        }
        return Answers(dict(oldest), left)

    def forget_illegible(self, before: date) -> None:
        """Forget the answers that cannot be read and whose links expired before a day.

        They may hold what somebody wrote, and nobody can put them right any more.

        Raises:
            JournalError: the journal does not answer.
        """
        for key in self.journal.keys(FOLDER):
            try:
                is_old = expires_on(key.removeprefix(FOLDER)) < before
            except ValueError:
                is_old = True  # no name that intake gives
            if is_old and self._read(key) is None:
                self.journal.delete(key)

    def _left_by_earlier(self, name: str, dealt: Container[str]) -> frozenset[str]:
        """The statuses, as people read them, that answers from the same mail left in its row."""
        question = name.rpartition(".")[0]
        left = set()
        for choice in CHOICES:
            key = f"{DEALT}{question}.{choice}"
            answered = read_legible(self.journal, key, Answered.from_json) if key in dealt else None
            if answered:
                left.add(answered.status)
        return frozenset(left - {""})

    def _read(self, key: str) -> Reply | None:
        def parse(body: bytes) -> Reply:
            reply = Reply.from_json(body)
            link = read_name(key.removeprefix(FOLDER))
            if (link.reference, link.choice) != (reply.reference, reply.choice):
                raise ValueError(key)
            return reply

        return read_legible(self.journal, key, parse)
