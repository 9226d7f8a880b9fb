"""The project's errors, beside those of `sheets_schema.errors`, and what each means to a caller."""

from sheets_schema.errors import AccueilError, CellError, HeaderError

__all__ = [
    "AccueilError",
    "CellError",
    "HeaderError",
    "JournalError",
    "MailError",
    "MailRefusedError",
    "MailUnsureError",
    "SettingError",
    "WorkbookBusyError",
    "WorkbookError",
    "WorkbookRefusedError",
    "WorkbookUnsureError",
]


class SettingError(AccueilError):
    """An environment variable is missing or malformed; the sentence says what to set."""


class JournalError(AccueilError):
    """The journal did not answer, or not as it should; nothing was promised to anybody."""


class MailError(AccueilError):
    """A mail was certainly not sent; another one would not be either, at present."""


class MailRefusedError(AccueilError):
    """A mail was certainly not sent, and will not be: its recipient's address is refused."""


class MailUnsureError(AccueilError):
    """A mail may have been sent: sending it again might send it twice."""


class WorkbookError(AccueilError):
    """The spreadsheet cannot be used as it is; the sentence says what to put right."""


class WorkbookRefusedError(WorkbookError):
    """Google refused the call as wrong (400): nothing of it was applied."""


class WorkbookBusyError(WorkbookError):
    """Google certainly did not apply the call (429, or no connection): it may be made again.

    `retry_after` is how many seconds Google asks to wait, None where it does not say.
    """

    def __init__(self, sentence: str = "", retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class WorkbookUnsureError(WorkbookError):
    """No answer, or a 5xx: the call may have been applied, now or later."""
