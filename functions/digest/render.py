"""A report as a mail: subject, HTML and plain text. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from functions.digest.report import Line, Report
from functions.shared.concerns import Concern
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


@dataclass(frozen=True)
class State:
    """What a digest says of the system.

    `faults` are what is wrong in the sheet. If they keep the system from writing, `waiting` is how
    many requests wait for their rows; otherwise it is None. `aside` is how many requests are set
    aside in the whole département, because À vérifier names only a few of them. `access` is what
    there is to say of who can open the workbook, once a month.
    """

    faults: tuple[Concern, ...] = ()
    waiting: int | None = None
    aside: int = 0
    access: tuple[str, ...] = ()


_ALL_WELL = State()


def render(
    report: Report, name: str, links: Links, state: State = _ALL_WELL, *, preview: bool = False
) -> Mail:
    """The digest of one coordinator, called `name`; a preview says so in its subject."""
    monday, sunday = report.week.monday, report.week.sunday
    # « du 1er au 7 juin », « du 28 septembre au 4 octobre »
    start = day(monday).split()[0] if monday.month == sunday.month else day(monday)
    waiting = sum(map(len, (report.without_referent, report.uncontacted, report.not_taken_up)))
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
        "aside": _said_aside(state.aside) if state.aside else "",
        "access": state.access,
        "faults": _faults(state),
        "heading": _heading(state.waiting),
        "unread": _UNREAD.get(report.unread, ""),
        "counted": "requests" not in report.unread,
        "several": sum(number for _, number in report.by_territory) != report.arrived,
        "moving": not links.lasting and bool(waiting),
    }
    said = [f"{some(report.arrived, 'demande')}, {waiting} en attente"] if values["counted"] else []
    said += ["rien ne s'écrit dans le classeur"] if state.waiting is not None else []
    subject = (
        f"{'Aperçu – ' if preview else ''}{PLACE.programme} Semaine du {start} "
        f"au {day(sunday)} : {' ; '.join(said)}"
    )
    return letter.render("functions.digest", "digest", subject, values)


def _faults(state: State) -> list[Concern]:
    """What is wrong, with what to do; the same advice is given once only, at its last fault."""
    actions = [fault.action for fault in state.faults]
    return [
        replace(fault, action="" if fault.action in actions[number + 1 :] else fault.action)
        for number, fault in enumerate(dict.fromkeys(state.faults))
    ]


def _heading(waiting: int | None) -> str:
    if waiting is None:
        return "À corriger dans le classeur"
    if not waiting:
        return "Rien ne s'écrit dans le classeur : les nouvelles demandes attendent"
    waits = "demande attend" if waiting == 1 else "demandes attendent"
    return f"Rien ne s'écrit dans le classeur : {waiting} {waits}"


_UNREAD = {
    frozenset({"requests"}): "Ce courriel ne peut donc rien dire des demandes.",
    frozenset({"to_check"}): "Ce courriel ne peut donc rien dire de l'onglet À vérifier.",
    frozenset({"requests", "to_check"}): (
        "Ce courriel ne peut donc rien dire des demandes, ni de l'onglet À vérifier."
    ),
}
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
    """The lists of the tabs that could be read.

    Those of requests to take up and of cells to correct are there if they have any lines.
    """
    lists = []
    if "requests" not in report.unread:
        lists += [
            _List(
                "Sans référent",
                "Choisissez un référent dans la colonne Référent.",
                report.without_referent,
                links.request,
            ),
            _List(
                "En attente d'un premier contact depuis plus de 7 jours",
                "Demandez à ces référents ou référentes d'appeler, ou de changer le Statut.",
                report.uncontacted,
                links.request,
            ),
        ]
    if report.not_taken_up:
        lists.append(
            _List(
                "Transmises il y a plus de 10 jours ouvrés, et toujours à reprendre",
                "Appelez ces personnes, ou choisissez quelqu'un d'autre dans Référent.",
                report.not_taken_up,
                links.request,
            )
        )
    if report.to_correct:
        lists.append(
            _List(
                "Cellules à corriger",
                "Le système ne les comprend pas, et ces demandes manquent peut-être ci-dessus.",
                report.to_correct,
                links.request,
            )
        )
    if "to_check" not in report.unread:
        lists.append(
            _List(
                "À vérifier",
                "Mettez Fait à Oui quand c'est réglé.",
                report.to_check,
                links.to_check,
            )
        )
    return lists
