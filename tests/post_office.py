"""A real SMTP server for tests, which may behave badly."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult


class Server(Controller):
    """An SMTP server on a port of its own, which keeps what it was given."""

    def __init__(self, handler: "Handler", **kwargs: object) -> None:
        super().__init__(handler, hostname="127.0.0.1", port=0, **kwargs)

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Handler:
    """Accepts every mail, or hangs up or falls silent at one step of the conversation."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.accounts: list[tuple[bytes, bytes]] = []
        self.refuse = ""  # what is answered to the recipient or to the mail, for example "550 Non"
        self.refused: set[str] = set()  # the recipients who are answered so; none means all
        self.hang_up_at = self.silent_at = ""
        self.hang_up_after = 0  # mails, 0 for never: then the server ends each connection
        self.greeted = 0  # how many connections there were

    async def _step(self, name: str, server: SMTP) -> None:
        if self.silent_at == name:
            await asyncio.Event().wait()
        if self.hang_up_at == name:
            server.transport.abort()

    async def handle_EHLO(self, _server, session, _envelope, hostname, responses):  # noqa: N802
        if session.host_name is None:
            self.greeted += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, _options):  # noqa: N802
        await self._step("MAIL", server)
        if self.hang_up_after and getattr(session, "taken", 0) >= self.hang_up_after:
            server.transport.abort()
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, _session, envelope, address, _options):  # noqa: N802
        await self._step("RCPT", server)
        if self.refuse and (not self.refused or address in self.refused):
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        self.recipients += envelope.rcpt_tos
        await self._step("DATA", server)
        session.taken = getattr(session, "taken", 0) + 1
        return "250 OK"

    def authenticate(self, _server, _session, _envelope, _mechanism, data) -> AuthResult:
        self.accounts.append((data.login, data.password))
        right = data.password == b"c0mpte@lot"
        return AuthResult(success=right, handled=right)


@contextmanager
def serving(post: Handler, **kwargs: object) -> Iterator[str]:
    """Yields host and port."""
    server = Server(post, **kwargs)
    server.start()
    try:
        yield f"{server.hostname}:{server.port}"
    finally:
        server.stop()
