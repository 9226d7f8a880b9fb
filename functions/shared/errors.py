"""The project's errors and what each means to a caller; see also `sheets_schema.errors`."""

from collections.abc import Collection

from sheets_schema.errors import AccueilError, CellError, HeaderError

__all__ = [
    "AccueilError",
    "CellError",
    "HeaderError",
    "JournalError",
    "MailBusyError",
    "MailError",
    "MailRefusedError",
    "MailUnsureError",
    "MissingTabsError",
    "SettingError",
    "WorkbookBusyError",
    "WorkbookError",
    "WorkbookRefusedError",
    "WorkbookTooBigError",
    "WorkbookUnsureError",
]


class SettingError(AccueilError):
    """An environment variable is missing or malformed; the sentence says what to set."""


class JournalError(AccueilError):
    """The journal did not answer, or answered wrongly. Nothing was promised to anybody."""


class MailError(AccueilError):
    """A mail was certainly not sent, and at present no other mail would be sent either."""


class MailBusyError(MailError):
    """A mail was certainly not sent, because mails come too fast. It may be sent in a moment."""


class MailRefusedError(AccueilError):
    """A mail was certainly not sent, because the address of its recipient is refused for good."""


class MailUnsureError(AccueilError):
    """A mail may have been sent. Whoever tries again may send it twice."""


class WorkbookError(AccueilError):
    """The spreadsheet cannot be used as it is; the sentence says what to put right."""


class MissingTabsError(WorkbookError):
    """The spreadsheet lacks some tabs, whose keys are `keys`.

    `what` is wrong, and `remedy` says what to do about it.
    """

    def __init__(self, what: str, remedy: str = "", keys: Collection[str] = ()) -> None:
        super().__init__(f"{what} {remedy}".strip())
        self.what, self.remedy, self.keys = what, remedy, tuple(keys)


class WorkbookRefusedError(WorkbookError):
    """Google refused the call as wrong (400). Nothing of it was applied."""


class WorkbookTooBigError(WorkbookError):
    """What was to be read is longer than we read at once. It was not read to its end."""


class WorkbookBusyError(WorkbookError):
    """Google certainly did not apply the call (429, or no connection). It may be made again.

    `retry_after` is how many seconds Google asks us to wait, or None if Google does not say.
    """

    def __init__(self, sentence: str = "", retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class WorkbookUnsureError(WorkbookError):
    """Google gave no answer, or a 5xx. The call may have been applied, or may be applied later."""
