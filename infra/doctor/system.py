"""The system that is looked at: its settings, and what they lead to, opened when it is needed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from functools import cached_property
from secrets import token_hex
from typing import Any, Protocol

from functions.shared.errors import SettingError
from functions.shared.journal.store import Journal, open_journal
from functions.shared.mail.mailer import CheckableMailer, open_mailer
from functions.shared.settings import GOOGLE_SHEETS_API, SETTINGS
from functions.shared.sheets.google import GoogleWorkbook, open_workbook
from infra.doctor.checks import FUNCTIONS, SkippedError
from sheets_schema.wire import Json


class Resolve(Protocol):
    """Asks the DNS for the TXT records of a name.

    Raises:
        SkippedError: the DNS does not answer; that says nothing about the name.
    """

    def __call__(self, name: str) -> list[str]:
        """The records; none if there are none."""


@dataclass
class System:
    """A system as its environment describes it.

    `functions` are those to look at. `read_date` gives the time of day that a server answers with.
    `mail_to` is who gets a mail on trial, "" for nobody. `selectors` are DKIM selectors.
    """

    environ: Mapping[str, str]
    resolve: Resolve
    read_date: Callable[[str], datetime]
    functions: Sequence[str] = FUNCTIONS
    mail_to: str = ""
    selectors: Sequence[str] = ()
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    token: Callable[[], str] = lambda: token_hex(6)

    def setting(self, name: str) -> Any:  # noqa: ANN401  (each setting has its type)
        """The value of a setting, by the name of its field.

        Raises:
            SkippedError: it is missing or malformed.
        """
        try:
            return SETTINGS[name].read(self.environ)
        except SettingError as error:
            raise SkippedError(
                f"{SETTINGS[name].variable} manque ou est mal formée : voir la ligne « settings »."
            ) from error

    @property
    def is_google(self) -> bool:
        """Whether the spreadsheet is in Google Sheets, and not in the local API."""
        return bool(self.setting("sheets_api") == GOOGLE_SHEETS_API)

    @property
    def sender_domain(self) -> str:
        """The domain of whoever sends the mails."""
        header: Any = policy.default.header_factory("From", self.setting("sender"))
        return str(header.addresses[0].domain).lower()

    @cached_property
    def journal(self) -> Journal:
        """The journal."""
        return open_journal(self.setting("journal"))

    @cached_property
    def workbook(self) -> GoogleWorkbook:
        """The spreadsheet."""
        return open_workbook(self.setting("spreadsheet"), self.setting("sheets_api"))

    @cached_property
    def mailer(self) -> CheckableMailer:
        """By which way mails leave."""
        return open_mailer(self.setting("mail"))

    @cached_property
    def metadata(self) -> Json:
        """The spreadsheet's properties and its tabs'."""
        return self.workbook.metadata()
