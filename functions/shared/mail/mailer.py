"""Sends mails: through SMTP, through Amazon SES, or into a folder of this machine."""

import math
import re
import smtplib
import ssl
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from functions.shared.errors import (
    MailBusyError,
    MailError,
    MailRefusedError,
    MailUnsureError,
    SettingError,
)
from functions.shared.mail.rate import Rate
from functions.shared.settings import is_near

TIMEOUT = 20  # seconds
MOST_A_SECOND = 14.0  # mails: what Amazon SES allows a new account, and few relays allow less


class Mailer(Protocol):
    """Sends messages, each to the one address of its To header."""

    @property
    def per_second(self) -> float:
        """How many messages the account may send in a second."""
        return math.inf

    def send(self, message: EmailMessage) -> None:
        """Send one.

        Raises:
            MailBusyError: the message was certainly not sent; it may be sent in a few seconds.
            MailError: the message was certainly not sent, and at present no other would be.
            MailRefusedError: the message was certainly not sent; its recipient is refused for good.
            MailUnsureError: the message may have been sent.
        """

    def session(self) -> AbstractContextManager["Mailer"]:
        """A mailer for several messages one after the other, which need one connection only."""
        return nullcontext(self)

    def refused_since(self, since: datetime) -> Iterable[str]:  # noqa: ARG002
        """The addresses of which the provider has learned since then that no mail arrives there.

        Raises:
            MailError: the provider does not say.
        """
        return ()


class CheckableMailer(Mailer, Protocol):
    """A mailer that can be checked without a mail."""

    def check(self, domain: str) -> str:
        """Do all that comes before a mail, and say in French what was seen.

        Args:
            domain: the sender's.

        Raises:
            MailError: no mail would be sent at present; the sentence says why.
        """


class MailFolder(CheckableMailer):
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

    def check(self, domain: str) -> str:  # noqa: ARG002  (every sender is the same to it)
        """See CheckableMailer."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=self._folder):
                return "Les courriels sont gardés dans un dossier : aucun ne part."
        except OSError as error:
            kind = type(error).__name__
            raise MailError(f"Le dossier des courriels n'est pas accessible ({kind}).") from error


class Smtp(CheckableMailer):
    """Sends through an SMTP server, each message through a connection of its own, or in a session.

    smtps:// encrypts from the first byte, smtp:// by STARTTLS. Mails name applicants, so nothing is
    sent to a server that does not encrypt. With `?tls=optional` a relay on this machine or in a
    private network may do without; the account's password is not even sent to that one.
    """

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)

    @property
    def per_second(self) -> float:
        """See Mailer."""
        return MOST_A_SECOND

    def send(self, message: EmailMessage) -> None:
        """See Mailer."""
        with self.session() as session:
            session.send(message)

    @contextmanager
    def session(self) -> Iterator[Mailer]:
        """See Mailer."""
        session = _SmtpSession(self)
        try:
            yield session
        finally:
            session.close()

    def check(self, domain: str) -> str:  # noqa: ARG002  (every sender is the same to it)
        """See CheckableMailer."""
        server = self.connect()
        try:
            encrypted = isinstance(server.sock, ssl.SSLSocket)
            return (
                f"Le serveur répond, {'chiffre' if encrypted else 'ne chiffre pas (relais proche)'}"
                f"{' et accepte le compte' if self._parts.username else ''}."
            )
        finally:
            server.close()

    def connect(self) -> "_Connection":
        """Open a connection, through which messages may be sent.

        Raises:
            MailError: there is none, or none that may be used.
        """
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


class _SmtpSession(Mailer):
    """Sends messages through one connection, which is opened for the first of them.

    A server may end a connection between two messages. The next message then gets a new one.
    """

    def __init__(self, smtp: Smtp) -> None:
        self._smtp = smtp
        self._server: _Connection | None = None

    @property
    def per_second(self) -> float:
        """See Mailer."""
        return self._smtp.per_second

    def send(self, message: EmailMessage) -> None:
        """See Mailer."""
        used = self._server is not None
        try:
            self._send(message)
        except _HungUpError:
            if not used:
                raise
            self._send(message)

    def _send(self, message: EmailMessage) -> None:
        server = self._server = self._server or self._smtp.connect()
        server.handed_over = False
        try:
            server.send_message(message)
        except (OSError, UnicodeError) as error:  # smtplib's own errors are OSErrors as well
            if not isinstance(error, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused):
                self.close()
            raise _failure(error, handed_over=server.handed_over) from error

    def close(self) -> None:
        """End the connection. The server takes that for an end as good as any."""
        if self._server is not None:
            self._server.close()
            self._server = None


class _HungUpError(MailError):
    """The server ended the connection before it had the message."""


def _failure(
    error: Exception, *, handed_over: bool
) -> MailError | MailRefusedError | MailUnsureError:
    if not handed_over and _is_the_recipients(error):
        return MailRefusedError("Le serveur de courriel refuse cette adresse.")
    lost = isinstance(error, smtplib.SMTPServerDisconnected)
    if isinstance(error, smtplib.SMTPException) and not lost:
        said = "Le serveur de courriel a refusé le message."
        return (MailBusyError if _is_busy(error) else MailError)(said)
    if handed_over:
        return MailUnsureError("Le serveur de courriel n'a pas confirmé l'envoi.")
    return _HungUpError("Le serveur de courriel a raccroché avant l'envoi.")


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


def _is_busy(error: smtplib.SMTPException) -> bool:
    """Whether the server asks for patience: too many messages, or too fast (RFC 5321, 4.2.1)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code in _BUSY for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code in _BUSY


_BUSY = (421, 450, 451, 452)
_FOR_GOOD = 500  # SMTP codes from 500: the same command will not succeed later


class _Connection(smtplib.SMTP):
    """Remembers whether it began to hand over a message, which may have been sent from then on."""

    handed_over = False

    def data(self, msg: Any) -> tuple[int, bytes]:  # noqa: ANN401  (bytes, whatever their type)
        self.handed_over = True
        return super().data(msg)


class _EncryptedConnection(_Connection, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


PATIENCE = (1.0, 2.0, 4.0)  # seconds to wait when a provider asks for it, in one session


@dataclass(frozen=True)
class Paced(CheckableMailer):
    """Sends through another mailer, no faster than its account may, and waits if it must.

    Only what was put off because mails come too fast is tried again, a few times in a session.
    """

    mailer: CheckableMailer
    rate: Rate = field(default_factory=Rate)

    @property
    def per_second(self) -> float:
        """See Mailer."""
        return self.mailer.per_second

    def send(self, message: EmailMessage) -> None:
        """See Mailer."""
        with self.session() as session:
            session.send(message)

    def check(self, domain: str) -> str:
        """See CheckableMailer."""
        return self.mailer.check(domain)

    def refused_since(self, since: datetime) -> Iterable[str]:
        """See Mailer."""
        return self.mailer.refused_since(since)

    @contextmanager
    def session(self) -> Iterator[Mailer]:
        """See Mailer."""
        with self.mailer.session() as session:
            yield _PacedSession(session, self.rate)


class _PacedSession(Mailer):
    def __init__(self, mailer: Mailer, rate: Rate) -> None:
        self._mailer, self._rate = mailer, rate
        self._patience = list(PATIENCE)
        self._is_first = True

    def send(self, message: EmailMessage) -> None:
        """See Mailer."""
        while True:
            # What the account may do can be a call of its own, which a lone message does not need.
            self._rate.wait(MOST_A_SECOND if self._is_first else self._mailer.per_second)
            self._is_first = False
            try:
                return self._mailer.send(message)
            except MailBusyError:
                if not self._patience:
                    raise
                self._rate.pause(self._patience.pop(0))


def open_mailer(url: str) -> CheckableMailer:
    """The mailer at `url`: outbox:///folder, smtp://…, smtps://… or ses://region[?role=…].

    Raises:
        SettingError: ses:// without the package that it needs.
    """
    parts = urlsplit(url)
    if parts.scheme == "outbox":
        return MailFolder(Path(unquote(parts.path)))
    return Paced(_open_ses(parts) if parts.scheme == "ses" else Smtp(url))


def _open_ses(parts: SplitResult) -> CheckableMailer:
    # boto3 takes longer to load than all the rest, so it is loaded for ses:// only.
    try:
        from functions.shared.mail.ses import Ses  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise SettingError(
            f"ACCUEIL_MAIL demande Amazon SES, et le module {error.name} n'est pas installé : "
            "installez accueil[ses] (uv sync --extra ses), ou indiquez smtps://."
        ) from error
    chosen = dict(pair.split("=", 1) for pair in parts.query.split("&") if pair)
    return Ses(parts.netloc, chosen.get("role", ""), configuration=chosen.get("configuration", ""))
