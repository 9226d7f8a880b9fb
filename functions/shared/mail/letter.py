"""Mails as people see them: HTML, made from a template in MJML, and plain text. Pure."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any

import jinja2
import mjml

from functions.shared.french import unbroken
from sheets_schema.place import PLACE

_UNREADABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Mail:
    """What a person receives."""

    subject: str
    html: str
    text: str


def render(package: str, name: str, subject: str, values: Mapping[str, Any]) -> Mail:
    """Make a mail from the templates `<name>.mjml` and `<name>.txt` of a package."""
    templates = _templates(package)
    markup = templates.get_template(f"{name}.mjml").render(values)
    text = templates.get_template(f"{name}.txt").render(values)
    return Mail(readable(subject), mjml.mjml2html(readable(markup)), readable(text).strip() + "\n")


def message(mail: Mail, sender: str, to: str, name: str, now: datetime) -> EmailMessage:
    """The mail as a message to one person; the same `name` gives the same Message-ID."""
    made = EmailMessage()
    made["From"] = sender
    made["To"] = to
    made["Subject"] = mail.subject
    made["Date"] = format_datetime(now)
    made["Message-ID"] = f"<{name}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(mail.text)
    made.add_alternative(mail.html, subtype="html")
    return made


def some(number: int, noun: str) -> str:
    """« 1 demande », « 2 demandes »."""
    return f"{number} {noun}{'s' if number > 1 else ''}"


def readable(text: str) -> str:
    """`text` without the characters that mails, or XML such as MJML, cannot hold."""
    return _UNREADABLE.sub("\N{REPLACEMENT CHARACTER}", text)


@functools.cache
def _templates(package: str) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [jinja2.PackageLoader(package), jinja2.PackageLoader("functions.shared.mail")]
        ),
        autoescape=jinja2.select_autoescape(("mjml",)),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["unbroken"] = unbroken
    environment.globals |= {"some": some, "place": PLACE}
    return environment
