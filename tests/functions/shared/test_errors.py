import pytest

from functions.shared import errors
from functions.shared.errors import (
    AccueilError,
    MailError,
    MailUnsureError,
    WorkbookBusyError,
    WorkbookError,
    WorkbookRefusedError,
    WorkbookUnsureError,
)


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_carries_the_sentence_a_person_reads(name):
    error = getattr(errors, name)("Que faire.")

    assert isinstance(error, AccueilError)
    assert str(error) == "Que faire."


def test_whoever_handles_one_certainty_does_not_catch_the_other():
    kinds = [WorkbookRefusedError, WorkbookBusyError, WorkbookUnsureError]

    assert all(issubclass(kind, WorkbookError) for kind in kinds)
    assert not any(issubclass(a, b) for a in kinds for b in kinds if a is not b)
    assert not issubclass(MailUnsureError, MailError)
    assert not issubclass(MailError, MailUnsureError)
