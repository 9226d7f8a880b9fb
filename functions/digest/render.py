"""A report as a mail: subject, HTML and plain text. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from functions.digest.report import Line, Report
from functions.shared.french import day
from functions.shared.mail import letter
from functions.shared.mail.letter import Mail, some
from sheets_schema.place import PLACE
from sheets_schema.views import TO_CONTACT, TO_CORRECT, WITHOUT_REFERENT

SHOWN = 15  # lines of one list: a mail that shows everything is not read


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


def render(
    report: Report, name: str, links: Links, aside: int = 0, *, preview: bool = False
) -> Mail:
    """The digest of one coordinator, called `name`; a preview says so in its subject.

    `aside` is how many requests are set aside in the whole département. The mail says it because
    À vérifier names only a few of them.
    """
    monday, sunday = report.week.monday, report.week.sunday
    # « du 1er au 7 juin », « du 28 septembre au 4 octobre »
    start = day(monday).split()[0] if monday.month == sunday.month else day(monday)
    waiting = len(report.without_referent) + len(report.uncontacted)
    values = {
        "report": report,
        "name": name,
        "workbook": links.workbook,
        "period": f"du {start} au {day(sunday)} {sunday.year}",
        "lists": _lists(report, links),
        "views": {title: (view, links.view(view)) for title, view in _VIEWS.items()},
        "waiting": waiting,
        "shown": SHOWN,
        "counted_in_each": _COUNTED_IN_EACH,
        "moved": _MOVED,
        "aside": _said_aside(aside) if aside else "",
        "several": sum(number for _, number in report.by_territory) != report.arrived,
        "moving": not links.lasting and bool(report.without_referent or report.uncontacted),
    }
    subject = (
        f"{'Aperçu – ' if preview else ''}{PLACE.programme} Semaine du {start} "
        f"au {day(sunday)} : "
        f"{some(report.arrived, 'demande')}, {waiting} en attente"
    )
    return letter.render("functions.digest", "digest", subject, values)


_COUNTED_IN_EACH = "Une demande pour plusieurs territoires compte dans chacun."


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
    "depuis, cherchez-y la référence."
)


@dataclass(frozen=True)
class _List:
    title: str
    advice: str
    lines: tuple[Line, ...]
    link: Callable[[Line], str]


# The filter view that shows all that a list names, by the list's title.
_VIEWS = {
    "Sans référent": WITHOUT_REFERENT,
    "En attente d'un premier contact depuis plus de 7 jours": TO_CONTACT,
    "Cellules à corriger": TO_CORRECT,
}


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
