"""Sends mails: through SMTP, through Amazon SES, or into a folder of this machine."""

import re
import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from functions.shared.errors import (
    MailError,
    MailRefusedError,
    MailUnsureError,
    SettingError,
)
from functions.shared.settings import is_near

TIMEOUT = 20  # seconds


class Mailer(Protocol):
    """Sends one message to the one address of its To header."""

    def send(self, message: EmailMessage) -> None:
        """Send it.

        Raises:
            MailError: the message was certainly not sent, and at present no other would be.
            MailRefusedError: the message was certainly not sent; its recipient is refused for good.
            MailUnsureError: the message may have been sent.
        """


class CheckableMailer(Mailer, Protocol):
    """A mailer that can be checked without a mail."""

    def check(self) -> str:
        """Do all that comes before a mail, and say in French what was seen.

        Raises:
            MailError: no mail would be sent at present; the sentence says why.
        """


class MailFolder:
    """Writes each mail as an .eml file into a folder of this machine.

    The file is named after the Message-ID, so the same mail sent twice makes one file.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: EmailMessage) -> None:
        """See Mailer."""
        name = "".join(c if c.isalnum() or c in ".-" else "_" for c in message["Message-ID"])
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / f"{name.strip('_')}.eml").write_bytes(message.as_bytes())
        except OSError as error:
            kind = type(error).__name__
            raise MailError(f"Le dossier des courriels n'est pas accessible ({kind}).") from error

    def check(self) -> str:
        """See CheckableMailer."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=self._folder):
                return "Les courriels sont gardés dans un dossier : aucun ne part."
        except OSError as error:
            kind = type(error).__name__
            raise MailError(f"Le dossier des courriels n'est pas accessible ({kind}).") from error


class Smtp:
    """Sends through an SMTP server.

    smtps:// encrypts from the first byte, smtp:// by STARTTLS. Mails name applicants, so nothing is
    sent to a server that does not encrypt. With `?tls=optional` a relay on this machine or in a
    private network may do without; the account's password is not even sent to that one.
    """

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)

    def send(self, message: EmailMessage) -> None:
        """See Mailer."""
        server = self._connect()
        try:
            server.send_message(message)
        except (OSError, UnicodeError) as error:  # smtplib's own errors are OSErrors as well
            raise _failure(error, handed_over=server.handed_over) from error
        finally:
            server.close()

    def check(self) -> str:
        """See CheckableMailer."""
        server = self._connect()
        try:
            encrypted = isinstance(server.sock, ssl.SSLSocket)
            return (
                f"Le serveur répond, {'chiffre' if encrypted else 'ne chiffre pas (relais proche)'}"
                f"{' et accepte le compte' if self._parts.username else ''}."
            )
        finally:
            server.close()

    def _connect(self) -> "_Connection":
        try:
            server = self._dial()
            try:
                self._introduce(server)
            except Exception:
                server.close()
                raise
        except (OSError, UnicodeError) as error:
            kind = type(error).__name__
            raise MailError(
                f"Le serveur de courriel n'accepte pas la connexion ({kind})."
            ) from error
        return server

    def _dial(self) -> "_Connection":
        host, port = self._parts.hostname or "", self._parts.port or 0
        if self._parts.scheme == "smtps":
            context = ssl.create_default_context()
            return _EncryptedConnection(host, port, timeout=TIMEOUT, context=context)
        return _Connection(host, port, timeout=TIMEOUT)

    def _introduce(self, server: smtplib.SMTP) -> None:
        encrypted = self._parts.scheme == "smtps"
        if not encrypted:
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
                encrypted = True
            elif not self._may_be_clear(server):
                raise MailError(
                    "Le serveur de courriel ne chiffre pas (STARTTLS) : rien n'est envoyé."
                )
        if self._parts.username:
            if not encrypted:
                raise MailError("Le serveur de courriel ne chiffre pas : le compte est tu.")
            server.login(unquote(self._parts.username), unquote(self._parts.password or ""))

    def _may_be_clear(self, server: smtplib.SMTP) -> bool:
        """Whether the server may do without encryption: what its name led to is not far away."""
        assert server.sock is not None
        return self._parts.query == "tls=optional" and is_near(server.sock.getpeername()[0])


def _failure(
    error: Exception, *, handed_over: bool
) -> MailError | MailRefusedError | MailUnsureError:
    if not handed_over and _is_the_recipients(error):
        return MailRefusedError("Le serveur de courriel refuse cette adresse.")
    lost = isinstance(error, smtplib.SMTPServerDisconnected)
    if isinstance(error, smtplib.SMTPException) and not lost:
        return MailError("Le serveur de courriel a refusé le message.")
    if handed_over:
        return MailUnsureError("Le serveur de courriel n'a pas confirmé l'envoi.")
    return MailError("Le serveur de courriel a raccroché avant l'envoi.")


# A permanent refusal of the recipient. Enhanced codes that name a fault of the sender, such as a
# relay that is not allowed, do not count (RFC 3463, X.7.X: security or policy).
_PERMANENT = re.compile(rb"(?!5\.7\.)")


def _is_the_recipients(error: Exception) -> bool:
    """Whether an error refuses the address of the recipient for good.

    An address with characters beyond ASCII counts as refused, since most servers cannot carry it.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(
            code >= _FOR_GOOD and _PERMANENT.match(words)
            for code, words in error.recipients.values()
        )
    return isinstance(error, smtplib.SMTPNotSupportedError | UnicodeError)


_FOR_GOOD = 500  # SMTP codes from 500: the same command will not succeed later


class _Connection(smtplib.SMTP):
    """Remembers whether it began to hand over a message, which may have been sent from then on."""

    handed_over = False

    def data(self, msg: Any) -> tuple[int, bytes]:  # noqa: ANN401  (bytes, whatever their type)
        self.handed_over = True
        return super().data(msg)


class _EncryptedConnection(_Connection, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


def open_mailer(url: str) -> CheckableMailer:
    """The mailer at `url`: outbox:///folder, smtp://…, smtps://… or ses://region[?role=…].

    Raises:
        SettingError: ses:// without the package that it needs.
    """
    parts = urlsplit(url)
    if parts.scheme == "outbox":
        return MailFolder(Path(unquote(parts.path)))
    if parts.scheme == "ses":
        # boto3 takes longer to load than all the rest, so it is loaded for ses:// only.
        try:
            from functions.shared.mail.ses import Ses  # noqa: PLC0415
        except ModuleNotFoundError as error:
            raise SettingError(
                f"ACCUEIL_MAIL demande Amazon SES, et le module {error.name} n'est pas installé : "
                "installez accueil[ses] (uv sync --extra ses), ou indiquez smtps://."
            ) from error
        return Ses(parts.netloc, parts.query.removeprefix("role="))
    return Smtp(url)
