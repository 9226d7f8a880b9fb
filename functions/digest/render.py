"""The digests as mails: subject, HTML and plain text. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from functions.digest.agenda import Agenda
from functions.digest.lines import Line, Section
from functions.digest.report import FIRST_CONTACT, Report, Speed
from functions.digest.weeks import Week
from functions.shared.concerns import Concern
from functions.shared.french import day
from functions.shared.journal.replies import Asked
from functions.shared.links import LetterLinks
from functions.shared.mail import letter
from functions.shared.mail.letter import Mail, some
from sheets_schema.place import PLACE
from sheets_schema.text import shortened
from sheets_schema.views import TO_CONTACT, TO_CORRECT, WITHOUT_REFERENT, referent_title

SHOWN = 15  # lines of one section: a mail that shows everything is not read
_FEW = 4  # lines of one section in a mail that would have more than _MOST lines; Gmail cuts those
_MOST = 50
_TITLE, _DETAILS = 180, 250  # characters
_LONGEST = 8  # bars of one chart


@dataclass(frozen=True)
class Links:
    """Where the mail's links lead: to a row of Demandes, to a row of À vérifier, to the workbook.

    `view` gives the address that opens Demandes in a filter view, by the view's title. Links are
    `lasting` if they find a request even after its row has moved.
    """

    request: Callable[[Line], str]
    to_check: Callable[[Line], str]
    workbook: str
    view: Callable[[str], str]
    lasting: bool = False


@dataclass(frozen=True)
class State:
    """What a digest says of the system.

    `faults` are what is wrong in the sheet. If they keep the system from writing, `stopped` says
    so. `waiting` is how many requests wait for their rows. `aside` is how many requests are set
    aside in the whole département, because À vérifier names only a few of them. `access` is what
    there is to say of who can open the workbook, once a month.
    """

    faults: tuple[Concern, ...] = ()
    stopped: bool = False
    waiting: int = 0
    aside: int = 0
    access: tuple[str, ...] = ()


_ALL_WELL = State()


@dataclass(frozen=True)
class _Heading:
    """How a mail calls a section, what to do about it, and the view that shows all of it."""

    title: str
    advice: str
    view: str = ""


_DECISIONS = {
    "erasures": _Heading(
        "Effacements demandés", "Une fois la réponse envoyée, mettez Fait à Oui dans À vérifier."
    ),
    "without_referent": _Heading(
        "Sans référent",
        "Choisissez une personne dans la colonne Référent.",
        WITHOUT_REFERENT,
    ),
    "handed_back": _Heading(
        "Rendues plusieurs fois", "Décidez qui suit ces demandes, et prévenez la personne."
    ),
    "hand_overs": _Heading(
        "Transmises, et pas encore prises en charge",
        "Demandez à la personne si elle s'en charge, ou choisissez un autre nom.",
    ),
    "uncontacted": _Heading(
        f"En attente d'un premier contact depuis plus de {FIRST_CONTACT} jours",
        "Demandez à ces personnes d'appeler, ou de changer le Statut.",
        TO_CONTACT,
    ),
    "overloaded": _Heading(
        "Trop de demandes pour une personne",
        "Proposez de l'aide, ou confiez quelques demandes à quelqu'un d'autre.",
    ),
    "unattended": _Heading(
        "Dossiers dont personne ne s'occupe",
        "Choisissez un autre nom dans la colonne Référent, ou indiquez une suppléance.",
    ),
    "to_correct": _Heading(
        "Cellules à corriger",
        "Le système ne les comprend pas, et ces demandes manquent peut-être ci-dessus.",
        TO_CORRECT,
    ),
    "to_check": _Heading("À vérifier", "Mettez Fait à Oui quand c'est réglé."),
    "gaps": _Heading("Ce qu'aucune règle ne prévoit", "Complétez l'onglet Règles d'attribution."),
    "duplicates": _Heading(
        "Doublons possibles", "Gardez une ligne, et mettez l'autre à « Doublon ou indésirable »."
    ),
}
_TASKS = {
    "take_up": _Heading(
        "À prendre en charge",
        "On vous les a transmises : appelez, ou rendez-les avec le Statut « À réorienter ».",
    ),
    "new": _Heading(
        "Nouvelles", "Un premier appel dans les trois jours ouvrés fait la différence."
    ),
    "to_contact": _Heading("À contacter", "D'après le classeur, personne ne leur a encore parlé."),
    "follow_up": _Heading("À relancer cette semaine", "Notez ensuite Dernier contact le."),
    "stale": _Heading(
        "Sans contact depuis plus de trois semaines",
        "Appelez, ou écrivez une date dans Relancer le.",
    ),
    "settled": _Heading("Prendre des nouvelles", "Leur installation a six mois ou un an."),
    "to_qualify": _Heading("À qualifier", "Rencontres de salon : un appel dira ce qu'il en est."),
    "stand_in": _Heading("En suppléance", "Vous remplacez ces personnes pendant leur absence."),
}


def render_report(
    report: Report,
    name: str,
    links: Links,
    state: State = _ALL_WELL,
    *,
    preview: bool = False,
    answers: LetterLinks | None = None,
) -> Mail:
    """The digest of one coordinator, called `name`; a preview says so in its subject.

    `answers` is where it is cancelled; None if that is not possible.
    """
    counted = "requests" not in report.unread
    lists = _lists(report.decisions, _DECISIONS, links)
    points = sum(section.count for section in report.decisions)
    values = {
        **_common(report.week, name, links, lists, _MOVED, answers),
        "report": report,
        "headline": _headline(report, points) if counted else "",
        "figures": _figures(report),
        "speed": _speed(report.speed),
        "charts": [
            ("Par territoire", _bars(report.by_territory)),
            ("Par projet", _bars(report.by_project)),
        ]
        if report.arrived.week
        else [],
        "settled": _linked(report.settled[: _shown(report.decisions)], links.request, links),
        "counted_in_each": _COUNTED_IN_EACH,
        "several": sum(number for _, number in report.by_territory) != report.arrived.week,
        "aside": _said_aside(state.aside) if state.aside else "",
        "queued": _said_queued(state.waiting) if state.waiting and not state.stopped else "",
        "access": state.access,
        "faults": _faults(state),
        "heading": _heading(state),
        "unread": _UNREAD.get(report.unread, ""),
        "counted": counted,
    }
    said = (
        [f"{some(report.arrived.week, 'demande')}, {report.waiting} en attente"] if counted else []
    )
    said += ["rien ne s'écrit dans le classeur"] if state.stopped else []
    subject = f"{_start(preview)} Semaine {_period(report.week)} : {' ; '.join(said)}"
    return _mail("digest", subject, values)


def asked_in(agenda: Agenda) -> dict[str, Asked]:
    """What the mail about a referent's week asks about, by reference."""
    shown = _shown(agenda.sections)
    return {
        line.reference: line.asked
        for section in agenda.sections
        for line in section.lines[:shown]
        if line.asked
    }


def render_agenda(
    agenda: Agenda, links: Links, *, preview: bool = False, answers: LetterLinks | None = None
) -> Mail:
    """The mail about one referent's week; `answers` is where she answers, None if she cannot."""
    lists = _lists(agenda.sections, _TASKS, links, answers)
    number = sum(section.count for section in agenda.sections)
    view = links.view(referent_title(agenda.names[0])) if len(agenda.names) == 1 else ""
    values = {
        **_common(agenda.week, " et ".join(agenda.names), links, lists, _IN_VIEW, answers),
        "workbook": view or links.workbook,
        "headline": f"{some(number, 'demande')} pour vous cette semaine.",
        "summary": _summary(agenda),
    }
    subject = (
        f"{_start(preview)} {some(number, 'demande')} pour votre semaine {_period(agenda.week)}"
    )
    return _mail("agenda", subject, values)


def _mail(name: str, subject: str, values: Mapping[str, Any]) -> Mail:
    made = letter.render("functions.digest", name, subject, values)
    return replace(made, unsubscribe=values["opt_out"])


def _common(
    week: Week,
    name: str,
    links: Links,
    lists: Sequence[Mapping[str, Any]],
    moved: str,
    answers: LetterLinks | None,
) -> dict[str, Any]:
    return {
        "opt_out": answers.monday("opt_out") if answers else "",
        "name": name,
        "workbook": links.workbook,
        "period": f"{_period(week)} {week.sunday.year}",
        "lists": lists,
        "moved": moved,
        "moving": not links.lasting and any(shown["lines"] for shown in lists),
    }


def _start(preview: bool) -> str:
    return f"{'Aperçu – ' if preview else ''}{PLACE.programme}"


def _period(week: Week) -> str:
    """« du 1er au 7 juin », « du 28 septembre au 4 octobre »."""
    monday, sunday = week.monday, week.sunday
    start = day(monday).split()[0] if monday.month == sunday.month else day(monday)
    return f"du {start} au {day(sunday)}"


def _lists(
    sections: Sequence[Section],
    headings: Mapping[str, _Heading],
    links: Links,
    answers: LetterLinks | None = None,
) -> list[Mapping[str, Any]]:
    """Sections as the templates show them."""
    shown = _shown(sections)
    return [_list(section, headings[section.key], links, shown, answers) for section in sections]


def _shown(sections: Sequence[Section]) -> int:
    """How many lines of each section a mail shows."""
    total = sum(min(len(section.lines), SHOWN) for section in sections)
    return SHOWN if total <= _MOST else _FEW


def _list(
    section: Section, heading: _Heading, links: Links, shown: int, answers: LetterLinks | None
) -> Mapping[str, Any]:
    link = links.to_check if section.key in ("erasures", "to_check") else links.request
    return {
        "title": heading.title,
        "advice": heading.advice,
        "count": section.count,
        "view": heading.view and (heading.view, links.view(heading.view)),
        "lines": _linked(section.lines[:shown], link, links, answers),
        "rest": section.count - shown,
        "more": (heading.view and links.view(heading.view)) or links.workbook,
    }


def _linked(
    lines: Sequence[Line],
    link: Callable[[Line], str],
    links: Links,
    answers: LetterLinks | None = None,
) -> list[Mapping[str, Any]]:
    """Lines with their addresses, and the title of a group once.

    A line opens a person's view, unless its link can find the request itself.
    """
    group = ""
    shown: list[Mapping[str, Any]] = []
    for item in lines:
        in_view = item.person and not (links.lasting and item.reference)
        shown.append(
            {
                "group": shortened(item.group, _TITLE) if item.group != group else "",
                "title": shortened(item.title, _TITLE),
                "details": shortened(item.details, _DETAILS),
                "link": links.view(referent_title(item.person)) if in_view else link(item),
                "buttons": answers.buttons(item.reference, item.asked.choices)
                if answers and item.asked
                else [],
            }
        )
        group = item.group
    return shown


def _headline(report: Report, points: int) -> str:
    """The first sentence: what came, and what waits for whoever reads it."""
    arrived = report.arrived.week
    if arrived:
        came = f"{some(arrived, 'demande')} {'sont arrivées' if arrived > 1 else 'est arrivée'}"
    else:
        came = "Aucune demande n'est arrivée"
    if not points:
        return f"{came} cette semaine. Rien n'attend de décision : tout est à jour."
    waits = "attendent" if points > 1 else "attend"
    return f"{came} cette semaine ; {some(points, 'point')} {waits} une décision."


def _figures(report: Report) -> list[tuple[str, int, int, int]]:
    rows = (
        ("Demandes arrivées", report.arrived),
        ("Premiers contacts", report.contacted),
        ("Foyers installés", report.households),
        ("Personnes installées", report.settlers),
    )
    return [(label, trend.week, trend.before, trend.year) for label, trend in rows]


def _speed(speed: Speed | None) -> str:
    if speed is None:
        return ""
    if speed.days < 1:
        when = "le jour même"
    else:
        s = "s" if speed.days >= 2 else ""  # noqa: PLR2004  (French: the plural begins at two)
        when = f"en {speed.days:g} jour{s} ouvré{s}".replace(".", ",")
    return (
        f"Premier contact {when} (médiane) : {speed.within_3} % dans les 3 jours ouvrés, "
        f"{speed.within_5} % dans les 5."
    )


def _bars(counts: Sequence[tuple[str, int]]) -> list[tuple[str, int, int]]:
    """The longest bars of a chart: label, number and length in per cent; the others as one."""
    shown, rest = list(counts[:_LONGEST]), sum(number for _, number in counts[_LONGEST:])
    if rest:
        shown.append(("Autres", rest))
    longest = max((number for _, number in shown), default=1)
    return [(label, number, max(3, round(100 * number / longest))) for label, number in shown]


def _summary(agenda: Agenda) -> str:
    """« 2 nouvelles, 1 à contacter », for those who see no more than the first lines of a mail."""
    said = (f"{section.count} {_SHORT[section.key]}" for section in agenda.sections)
    return ", ".join(said)


_SHORT = {
    "take_up": "à prendre en charge",
    "new": "de ces derniers jours",
    "to_contact": "à contacter",
    "follow_up": "à relancer",
    "stale": "sans contact récent",
    "settled": "pour prendre des nouvelles",
    "to_qualify": "à qualifier",
    "stand_in": "en suppléance",
}


def _faults(state: State) -> list[Concern]:
    """What is wrong, with what to do; the same advice is given once only, at its last fault."""
    actions = [fault.action for fault in state.faults]
    return [
        replace(fault, action="" if fault.action in actions[number + 1 :] else fault.action)
        for number, fault in enumerate(dict.fromkeys(state.faults))
    ]


def _heading(state: State) -> str:
    if not state.stopped:
        return "À corriger dans le classeur"
    if not state.waiting:
        return "Rien ne s'écrit dans le classeur : les nouvelles demandes attendent"
    waits = "demande attend" if state.waiting == 1 else "demandes attendent"
    return f"Rien ne s'écrit dans le classeur : {state.waiting} {waits}"


_UNREAD = {
    frozenset({"requests"}): "Ce courriel ne peut donc rien dire des demandes.",
    frozenset({"to_check"}): "Ce courriel ne peut donc rien dire de l'onglet À vérifier.",
    frozenset({"requests", "to_check"}): (
        "Ce courriel ne peut donc rien dire des demandes, ni de l'onglet À vérifier."
    ),
}
_COUNTED_IN_EACH = "Une demande pour plusieurs territoires compte dans chacun."


def _said_queued(count: int) -> str:
    waits = "demande attend" if count == 1 else "demandes attendent"
    return f"{count} {waits} encore d'être écrite{'s' if count > 1 else ''} dans le classeur."


def _said_aside(count: int) -> str:
    if count == 1:
        said = "Une demande est mise à part : elle paraît suspecte, ou Google la refuse."
    else:
        said = f"{count} demandes sont mises à part : suspectes, ou refusées par Google."
    return (
        f"{said} La personne qui administre le système en trouve la liste avec « accueil journal » "
        "et remet en attente ce qu'une personne a écrit ; sans cela, ce qui est suspect s'efface."
    )


_MOVED = (
    "Un lien mène où la ligne se trouvait à l'envoi de ce courriel. Si le classeur a été trié "
    "depuis, cherchez-y la référence (Ctrl + F)."
)
_IN_VIEW = "Un lien ouvre la vue de vos demandes ; cherchez-y la référence (Ctrl + F)."
