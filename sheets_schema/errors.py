"""The base of the project's errors. Each carries the French sentence that a person reads."""

from typing import Literal


class AccueilError(Exception):
    """An error that a person has to know of. `str(error)` says what happened, and what to do."""


class CellError(AccueilError):
    """A cell holds something that its column cannot read; the sentence says what was expected."""


ContactFault = Literal["address", "accent", "number", "several", "country"]


class ContactError(CellError):
    """No address, or no phone number; `reason` says why, for those who may not repeat the text."""

    def __init__(self, sentence: str, reason: ContactFault) -> None:
        super().__init__(sentence)
        self.reason = reason


class HeaderError(AccueilError):
    """The header row of a tab lacks a column that the system needs, or has a column twice.

    `what` is wrong, and `remedy` says what to do about it.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(f"{what} {remedy}".strip())
        self.what, self.remedy = what, remedy
