from collections.abc import Callable, Iterator

import pytest

from functions.route.drain import Drain
from functions.shared.journal import ObjectJournal
from functions.shared.workbook import Workbook, open_workbook
from tests.support import Classeur, Clock, counter


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens() -> Iterator[str]:
    return counter("t")


@pytest.fixture
def new_drain(
    journal: ObjectJournal, classeur: Classeur, clock: Clock, tokens: Iterator[str]
) -> Callable[..., Drain]:
    """Another instance of the function, as a new process or a second one would have."""

    def make(**parts: object) -> Drain:
        given: dict = {
            "journal": journal,
            "workbook": open_workbook("demo", classeur.url),
            "clock": clock,
            "sleep": lambda seconds: clock.advance(seconds=seconds),
            "jitter": lambda: 0.5,
            "new_token": lambda: next(tokens),
        }
        return Drain(**given | parts)

    return make


@pytest.fixture
def drain(new_drain: Callable[..., Drain], workbook: Workbook) -> Drain:
    return new_drain(workbook=workbook)
