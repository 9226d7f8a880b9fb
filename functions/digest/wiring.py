"""Makes digest of the settings in an environment: for the cloud, this machine and the command."""

from collections.abc import Mapping

from functions.digest.handler import Digest
from functions.shared import settings
from functions.shared.journal.store import open_journal
from functions.shared.mail.mailer import open_mailer
from functions.shared.sheets.google import open_workbook


def open_digest(environ: Mapping[str, str]) -> Digest:
    """The function with the settings of an environment.

    Raises:
        AccueilError: settings are missing or malformed, or there is no identity to go by.
    """
    chosen = settings.load(environ, settings.DigestSettings)
    return Digest(
        open_journal(chosen.journal),
        open_workbook(chosen.spreadsheet, chosen.sheets_api),
        open_mailer(chosen.mail),
        chosen.sender,
        chosen.sheet_url,
        operator=chosen.operator,
        intake_url=chosen.intake_url,
    )
