"""A report as a mail: subject, HTML and plain text. Pure."""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass

import jinja2
import mjml

from functions.digest.report import Line, Report
from functions.shared.french import day, unbroken

SHOWN = 15  # lines of one list: a mail that shows everything is not read
_UNREADABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Mail:
    """What a person receives."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True)
class Links:
    """Where the mail's links lead: a row of Demandes, of À vérifier, the workbook."""

    request: Callable[[int], str]
    to_check: Callable[[int], str]
    workbook: str


def render(report: Report, name: str, links: Links) -> Mail:
    """The digest of one coordinator, called `name`."""
    monday, sunday = report.week.monday, report.week.sunday
    # « du 1er au 7 juin », « du 28 septembre au 4 octobre »
    start = day(monday).split()[0] if monday.month == sunday.month else day(monday)
    waiting = len(report.without_referent) + len(report.uncontacted)
    values = {
        "report": report,
        "name": name,
        "links": links,
        "period": f"du {start} au {day(sunday)} {sunday.year}",
        "lists": _lists(report, links),
        "waiting": waiting,
        "shown": SHOWN,
    }
    subject = (
        f"Oh my Lot ! Semaine du {start} au {day(sunday)} : "
        f"{_some(report.arrived, 'demande')}, {waiting} en attente"
    )
    markup = _templates().get_template("digest.mjml").render(values)
    text = _templates().get_template("digest.txt").render(values)
    return Mail(subject, mjml.mjml2html(_readable(markup)), _readable(text).strip() + "\n")


@dataclass(frozen=True)
class _List:
    title: str
    advice: str
    lines: tuple[Line, ...]
    link: Callable[[int], str]


def _lists(report: Report, links: Links) -> list[_List]:
    return [
        _List(
            "Sans référent",
            "Choisissez un référent dans la colonne Référent.",
            report.without_referent,
            links.request,
        ),
        _List(
            "En attente d'un premier contact depuis plus de 7 jours",
            "Le référent appelle, ou change le Statut.",
            report.uncontacted,
            links.request,
        ),
        _List(
            "À vérifier",
            "Mettez Fait à Oui quand c'est réglé.",
            report.to_check,
            links.to_check,
        ),
    ]


def _readable(text: str) -> str:
    """`text` without the characters that XML, which MJML is, and mails cannot hold."""
    return _UNREADABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _some(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number > 1 else ''}"


@functools.cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("functions.digest"),
        autoescape=jinja2.select_autoescape(("mjml",)),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["unbroken"] = unbroken
    environment.globals["some"] = _some
    return environment
