"""Reads the mails that the local outbox keeps as .eml files."""

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from sheets_schema.columns import PARIS


@dataclass(frozen=True)
class Mail:
    """A mail as its recipient would see it. `name` is the name of its file, without ending."""

    name: str
    subject: str
    sender: str
    to: str
    sent: str
    html: str
    text: str


def mails(folder: Path) -> list[Mail]:
    """Every mail in the outbox, the latest first."""
    files = sorted(folder.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    return [_read(file) for file in files]


def find(folder: Path, name: str) -> Mail | None:
    """One mail by its name; None where there is none."""
    return next((_read(file) for file in folder.glob("*.eml") if file.stem == name), None)


def _read(file: Path) -> Mail:
    message = message_from_bytes(file.read_bytes(), _class=EmailMessage, policy=policy.default)
    at = parsedate_to_datetime(message["Date"]).astimezone(PARIS)
    return Mail(
        file.stem,
        message["Subject"],
        message["From"],
        message["To"],
        f"{at:%d/%m/%Y à %H:%M}",
        _part(message, "html"),
        _part(message, "plain"),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""
