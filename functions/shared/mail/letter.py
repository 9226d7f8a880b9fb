"""Mails as people see them: HTML, made from a template in MJML, and plain text. Pure."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.charset import Charset
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from typing import Any

import jinja2
import mjml
from markupsafe import Markup

from functions.shared.french import unbroken
from functions.shared.reference import IN_TEXT
from sheets_schema.contact import deliverable
from sheets_schema.place import PLACE

_UNREADABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Mail:
    """What a person receives. `unsubscribe` is where a POST cancels such mails; "" for nowhere."""

    subject: str
    html: str
    text: str
    unsubscribe: str = ""


def render(package: str, name: str, subject: str, values: Mapping[str, Any]) -> Mail:
    """Make a mail from the templates `<name>.mjml` and `<name>.txt` of a package.

    What a template shows is text, and mail programs find no link in it. A template says `| link`
    where it means one.
    """
    templates = _templates(package)
    markup = templates.get_template(f"{name}.mjml").render(values)
    text = templates.get_template(f"{name}.txt").render(values)
    line = _LINE_ENDS.sub(" ", readable(subject)).strip()
    html = _with_whole_references(mjml.mjml2html(readable(markup)))
    return Mail(line, html, readable(text).strip() + "\n")


_MARKUP_OR_REFERENCE = re.compile(
    rf"<(?P<name>title|style)\b.*?</(?P=name)>|<[^>]*>|(?P<reference>{IN_TEXT})", re.DOTALL
)


def _with_whole_references(html: str) -> str:
    """A mail in which no line ends at a hyphen of a reference, wherever one stands in its text."""

    def whole(part: re.Match[str]) -> str:
        reference = part["reference"]
        return f'<span style="white-space:nowrap">{reference}</span>' if reference else part[0]

    return _MARKUP_OR_REFERENCE.sub(whole, html)


def message(
    mail: Mail, sender: str, to: str, name: str, now: datetime, reply_to: str = ""
) -> EmailMessage:
    """The mail as a message to one person; the same `name` gives the same Message-ID.

    `reply_to` is the address of whoever reads an answer, "" for the sender.
    """
    made = EmailMessage(_Policy())
    made["From"] = sender
    made["To"] = deliverable(to)
    if reply_to:
        made["Reply-To"] = deliverable(reply_to)
    made["Subject"] = encoded(mail.subject)
    made["Date"] = format_datetime(now)
    made["Message-ID"] = f"<{name}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    # A mail from a machine gets no answer from one (RFC 3834, 5; Exchange knows the second only).
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"
    if mail.unsubscribe:  # one click in the mail program (RFC 8058)
        made["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(mail.text)
    made.add_alternative(mail.html, subtype="html")
    return made


class _Policy(EmailPolicy):
    """Writes the subject as one line.

    Python would fold a long one inside a word, and begin it with a line that is empty.
    """

    def fold(self, name: str, value: Any) -> str:  # noqa: ANN401  (a header of any kind)
        """See EmailPolicy."""
        if name.lower() != "subject":
            return str(super().fold(name, value))
        return f"{name}: {encoded(str(value))}{self.linesep}"

    def fold_binary(self, name: str, value: Any) -> bytes:  # noqa: ANN401
        """See EmailPolicy."""
        if name.lower() != "subject":
            return bytes(super().fold_binary(name, value))
        return self.fold(name, value).encode("ascii")


_MOST = 75  # characters of an encoded word (RFC 2047, 2)
_UTF_8 = Charset("utf-8")
_LINE_ENDS = re.compile(r"[\r\n\t]+")


def encoded(line: str) -> str:
    """A line as the value of a header: in ASCII, in encoded words if it needs any (RFC 2047).

    Encoded words end where words end. A word is split only if it is too long for one.
    """
    if line.isascii() and "=?" not in line:
        return line
    parts = [""]
    for word in re.findall(r"[^ ]+ *| +", line):
        for piece in [word] if _fits(word) else word:
            if _fits(parts[-1] + piece):
                parts[-1] += piece
            else:
                parts.append(piece)
    return " ".join(_UTF_8.header_encode(part) for part in parts)


def _fits(text: str) -> bool:
    return len(_UTF_8.header_encode(text)) <= _MOST


class _Link(str):
    """An address that a mail program may make a link of."""

    __slots__ = ()


def _shown(value: object) -> object:
    """A value of a template as text in which no mail program finds a link.

    An unseen character stands around what makes one: the dots of www.example.org, the @ of an
    address, the slashes of https://. It has no width, and harms only whoever copies that text.
    """
    if not isinstance(value, str) or isinstance(value, _Link | Markup):
        return value
    value = _NUMBERED.sub(lambda numbers: numbers[0].replace(".", _DOT_APART), value)
    return _LINKING.sub(rf"{_APART}\g<0>{_APART}", value)


_APART = "\N{ZERO WIDTH NON-JOINER}"
_DOT_APART = f"{_APART}.{_APART}"
_NUMBERED = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d)")  # 192.0.2.1, no phone number
_LINKING = re.compile(
    r"(?<=\w)[.․。．｡](?=[^\W\d])|(?<=[^\W\d])[.․。．｡](?=\w)|[@＠]|//+|(?<=[a-zA-Z]):(?=\S)"
)


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
        finalize=_shown,
    )
    environment.filters |= {"unbroken": unbroken, "link": _Link}
    environment.globals |= {"some": some, "place": PLACE}
    return environment
