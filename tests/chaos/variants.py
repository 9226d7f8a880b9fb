"""Ways to get the write protocol wrong: the proof must find each of them out."""

from collections.abc import Container, Iterator
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from functions.route.decide.sight import Answers
from functions.route.read.pending import Pending, Taken
from functions.route.read.replies import Replies
from functions.route.read.sheet import Gathered
from functions.route.round import Round
from functions.shared.sheets import encode
from sheets_schema.tab import match_header, tab


@contextmanager
def without_fence() -> Iterator[None]:
    """No named range: only the system cell says what was written last."""
    original = encode._claim

    def requests(*given: object) -> list:
        return [request for request in original(*given) if "addNamedRange" not in request]

    with patch.object(encode, "_claim", requests):
        yield


@contextmanager
def deciding_by_the_reference_column() -> Iterator[None]:
    """A batch counts as written if its references stand in Demandes."""
    original = Round._recover

    def recover(self: Round, gathered: Gathered, *given: object, **named: object) -> bool:
        last = gathered.state
        claimed = self._settler.claimed(last.key)
        if claimed and claimed.filed and not self._settler.is_settled(last.key):
            grid = self.writer.workbook.read({"requests": "all"}).tabs["requests"].grid
            column = match_header(tab("requests"), grid[0])["reference"]
            there = {line[column] for line in grid[1:] if len(line) > column}
            if not any(filed.reference in there for filed in claimed.filed):
                return False
        return original(self, gathered, *given, **named)

    with patch.object(Round, "_recover", recover):
        yield


@contextmanager
def deleting_young_fences() -> Iterator[None]:
    """Only the last fence is kept."""
    with patch("functions.shared.sheets.fence.YOUNG", timedelta(0)):
        yield


@contextmanager
def setting_aside_at_once() -> Iterator[None]:
    """Suspects are set aside as soon as they are found, before À vérifier names them."""
    original = Pending.take

    def take(self: Pending, limit: int, without: Container[str]) -> Taken:
        taken = original(self, limit, without)
        self.suspect(taken.suspects)
        return taken

    with patch.object(Pending, "take", take):
        yield


@contextmanager
def answering_whatever_people_decided() -> Iterator[None]:
    """An answer counts, even if the status is not the one that its mail showed."""
    with patch("functions.route.decide.answering._hindrance", lambda *_: ""):
        yield


@contextmanager
def forgetting_answers() -> Iterator[None]:
    """An answer is deleted once it is read, before a batch with it is written."""
    original = Replies.look

    def look(self: Replies) -> Answers:
        answers = original(self)
        for name in answers.replies:
            self.journal.delete(f"answers/{name}")
        return answers

    with patch.object(Replies, "look", look):
        yield


@contextmanager
def correcting_whatever_people_wrote() -> Iterator[None]:
    """An applicant's new address is written, even if the cell has changed since their mail."""
    with patch("functions.route.decide.wishes._is_still", lambda *_: True):
        yield


WISH_VARIANTS = (correcting_whatever_people_wrote,)
ANSWER_VARIANTS = (answering_whatever_people_decided, forgetting_answers)
VARIANTS = (
    without_fence,
    deciding_by_the_reference_column,
    deleting_young_fences,
    setting_aside_at_once,
)
