"""A sample of every mail that the system sends, about people who do not exist."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from functions.digest.agenda import Agenda
from functions.digest.lines import Line, Section
from functions.digest.render import Links, State, render_agenda, render_report
from functions.digest.report import Report, Speed, Trend
from functions.digest.weeks import Week
from functions.shared.concerns import Concern
from functions.shared.journal.formats import WaitingMail
from functions.shared.journal.replies import Asked, Choice
from functions.shared.links import LetterLinks
from functions.shared.mail.applicants import WORDS
from functions.shared.mail.kinds import KINDS, render
from functions.shared.mail.letter import Mail
from infra.local import mailbox
from sheets_schema.place import PLACE
from sheets_schema.views import view_link

_REFERENT, _COORDINATOR = "Camille Bonnet", "Dominique Vayssié"
_RULE = "Règle 11 : Grand-Figeac → Camille Bonnet"
_REQUEST = {
    "reference": "LOT-65AC-WHNK",
    "person": "Ana Martin",
    "project": "Trouver un emploi",
    "target": "Figeac",
    "lead": _REFERENT,
    "reason": _RULE,
    "first_name": "Ana",
    "status": "to_contact",
}
_CONTACT = {
    "name": _REFERENT,
    "organisation": "Communauté de communes Grand-Figeac",
    "phone": "05 36 49 00 05",
}
_TO_APPLICANT: dict[str, Any] = {
    "requests": [
        {
            "reference": "LOT-65AC-WHNK",
            "first_name": "Ana",
            "status": "to_contact",
            "referent": _REFERENT,
            "organisation": _CONTACT["organisation"],
            "phone": _CONTACT["phone"],
        }
    ],
    "contact": _CONTACT,
    "follows": ["receipt", "caller", "apology", "closing", "news"],
}
_NO_NEED = (
    "Cette personne n'a plus besoin d'aide. La demande peut être close : Statut à « Clos sans "
    "suite », Motif de clôture à « Arrêt demandé »."
)
_SINCE = "2026-11-23T09:05:00+00:00"
# What a waiting mail of each kind says; see functions.shared.mail.kinds.
DATA: Mapping[str, Mapping[str, Any]] = {
    "assigned": {"requests": [_REQUEST]},
    "handed_over": {"requests": [_REQUEST | {"reason": f"Transmis par Thomas Gaillard ({_RULE})"}]},
    "reminder": {"requests": [_REQUEST | {"reason": f"Transmis par Thomas Gaillard ({_RULE})"}]},
    "again": {"requests": [_REQUEST]},
    "heard": {
        "requests": [
            _REQUEST
            | {
                "reason": "Nouveau téléphone : 06 12 34 56 78. Appelez pour le vérifier, puis "
                "écrivez-le dans la colonne Téléphone."
            }
        ]
    },
    "not_noted": {
        "requests": [
            _REQUEST
            | {
                "person": "Ana",
                "reason": "Vous avez répondu « Sans réponse » ; entre-temps, son statut est passé "
                "à « Accompagnement en cours ». Votre réponse n'y a rien changé.",
            }
        ]
    },
    "trial": {"requests": [_REQUEST]},
    "stopped": {
        "since": _SINCE,
        "what": "Onglet « Demandes », colonne introuvable : « Nom ».",
        "waiting": 3,
    },
    "resumed": {"since": _SINCE, "until": "2026-12-01T12:30:00+00:00", "waiting": 1},
    "receipt": _TO_APPLICANT,
    "caller": _TO_APPLICANT,
    "apology": _TO_APPLICANT
    | {"contact": _CONTACT | {"name": _COORDINATOR, "organisation": "Coordination"}},
    "closing": _TO_APPLICANT | {"settled": True},
    "news": _TO_APPLICANT | {"months": 6},
    "page": _TO_APPLICANT,
}
_WEEK = Week(date(2026, 11, 23))


def gallery(site: str) -> dict[str, mailbox.Mail]:
    """A sample of each kind of mail, by the name of the kind.

    Args:
        site: the address of the local system, with a slash at its end.
    """
    return {
        kind: mailbox.Mail(
            f"exemples/{kind}",
            mail.subject,
            f"{PLACE.programme} <accueil@example.org>",
            to,
            "le lundi à 7 h" if kind.startswith("digest") else "dès que c'est nécessaire",
            mail.html,
            mail.text,
        )
        for kind, to, mail in _mails(f"{site}classeur", f"{site}intake")
    }


def _mails(workbook: str, intake: str) -> Iterator[tuple[str, str, Mail]]:
    """The kind of each sample, whom it is for, and the mail. Its buttons lead to no real mail."""
    answers = LetterLinks(intake, f"20261214-{'0' * 24}", "exemple")
    view = view_link(0, "Suivi par Camille Bonnet")
    links = Links(lambda _: workbook, lambda _: workbook, workbook, lambda _: workbook + view, True)
    yield (
        "digest",
        "à la coordination",
        render_report(_REPORT, _COORDINATOR, links, _STATE, answers=answers),
    )
    yield (
        "digest-quiet",
        "à la coordination",
        render_report(Report(_WEEK), _COORDINATOR, links, answers=answers),
    )
    yield (
        "digest-referent",
        "à un référent ou une référente",
        render_agenda(_AGENDA, links, answers=answers),
    )
    for kind in KINDS:
        yield (
            kind,
            _RECIPIENTS.get(kind, "à un référent ou une référente"),
            render([WaitingMail(kind, _REFERENT, DATA[kind])], workbook, answers),
        )
    for kind in WORDS:
        english = WaitingMail(kind, "", DATA[kind], "en")
        yield f"{kind}-en", _RECIPIENTS[kind], render([english], workbook, answers)
    transmitted = WaitingMail("caller", "", {**DATA["caller"], "before": "Thomas Gaillard"})
    yield "caller-again", _RECIPIENTS["caller"], render([transmitted], workbook, answers)
    ended = {**DATA["heard"]["requests"][0], "wish": "no_need", "reason": _NO_NEED}
    heard = WaitingMail("heard", _REFERENT, {"requests": [ended]})
    yield "heard-no-need", "à un référent ou une référente", render([heard], workbook, answers)
    closed = WaitingMail("closing", "", {**DATA["closing"], "settled": False})
    yield "closing-closed", _RECIPIENTS["closing"], render([closed], workbook, answers)


_RECIPIENTS = dict.fromkeys(WORDS, "à qui a écrit par le formulaire") | {
    "trial": "à qui essaie le système",
    "stopped": "à la coordination et à qui administre le système",
    "resumed": "à la coordination et à qui administre le système",
}


def _line(
    row: int,
    who: str,
    details: str,
    group: str = "",
    person: str = "",
    choices: tuple[Choice, ...] = ("called", "no_answer", "not_mine"),
) -> Line:
    reference = f"LOT-000{row}-WHNK"
    asked = Asked(who, _REFERENT, _REFERENT, "to_contact", choices=choices)
    return Line(row, f"{reference} – {who}", details, reference, "A", group, person, asked)


_STATE = State(
    (
        Concern(
            "Coordination!C3",
            "Coordination!C3, Périmètre : « Figac » n'est pas un territoire (Figeac ?).",
            "Corrigez cette cellule : en attendant, ce courriel parle de tout le territoire.",
        ),
    ),
    aside=1,
)
_REPORT = Report(
    _WEEK,
    "",
    Trend(12, 7, 318),
    Trend(9, 8, 276),
    Trend(2, 1, 61),
    Trend(5, 2, 148),
    Speed(2, 67, 89),
    (("Grand-Figeac", 5), ("Grand Cahors", 4), ("Quercy-Bouriane", 2), ("Quercy Blanc", 1)),
    (
        ("Trouver un emploi", 5),
        ("S'installer en agriculture (création, reprise, association)", 4),
        ("Télétravailler depuis le Lot", 3),
    ),
    (
        Section(
            "erasures",
            (
                Line(
                    3,
                    "LOT-0009-WHNK – Iris Exemple",
                    "Répondez-lui avant le 24 décembre (RGPD, article 12). Vérifiez d'abord que la "
                    "demande vient d'elle : un courriel se transfère.",
                ),
            ),
        ),
        Section(
            "without_referent",
            (_line(2, "Lucie Exemple", "Créer une entreprise, Grand Cahors, depuis 4 jours"),),
        ),
        Section(
            "hand_overs",
            (
                _line(
                    3,
                    "Marc Fictif",
                    "pour Thomas Gaillard, transmise par Camille Bonnet, depuis 11 jours ouvrés",
                ),
            ),
        ),
        Section(
            "uncontacted",
            (
                _line(
                    4,
                    "Zoé Modèle",
                    "Suivre des études ou une formation, depuis 15 jours",
                    "Grand-Figeac – Sophie Lacombe",
                ),
                _line(
                    5,
                    "Ali Essai",
                    "Trouver un emploi, depuis 9 jours",
                    "Grand-Figeac – Sophie Lacombe",
                ),
                _line(
                    6,
                    "Jeanne Fiction",
                    "Vivre ma retraite dans le Lot, depuis 8 jours",
                    "Quercy-Bouriane – Claire Vialatte",
                ),
            ),
        ),
        Section(
            "overloaded",
            (
                Line(
                    4,
                    "Sophie Lacombe",
                    "7 demandes sans premier contact, dont 2 depuis plus de 15 jours",
                    person="Sophie Lacombe",
                ),
            ),
        ),
        Section(
            "to_check",
            (
                Line(
                    2,
                    "L'adresse enregistrée pour Hugo Labrousse est refusée.",
                    "Référents – Corrigez-la : les courriels qui attendent partiront ensuite.",
                ),
            ),
        ),
        Section(
            "duplicates",
            (_line(7, "Ana Martin", "même téléphone que LOT-0008-WHNK – Anna Martin"),),
        ),
    ),
    (
        _line(9, "Paul et Inès Exemple", "Gourdon, 3 personnes, avec Claire Vialatte"),
        _line(8, "Noé Modèle", "Cahors, 2 personnes, avec Nadia Rouquette"),
    ),
)
_AGENDA = Agenda(
    Week(date(2026, 11, 30)),
    (_REFERENT,),
    (
        Section(
            "take_up",
            (
                _line(
                    2,
                    "Marc Fictif",
                    "06 12 34 56 78, Créer une entreprise, Grand-Figeac, transmise par Thomas "
                    "Gaillard il y a 3 jours",
                    choices=("taken_up", "called", "no_answer", "not_mine"),
                ),
            ),
        ),
        Section(
            "to_contact",
            (
                _line(3, "Zoé Modèle", "06 23 45 67 89, Trouver un emploi, Figeac, depuis 6 jours"),
                _line(4, "Ali Essai", "07 34 56 78 90, Autre, Grand-Figeac, depuis 5 jours"),
            ),
        ),
        Section(
            "follow_up",
            (
                _line(
                    5,
                    "Lucie Exemple",
                    "06 45 67 89 01, Télétravailler depuis le Lot, Assier, prévu le 2 décembre, "
                    "envoyer la liste des espaces de travail",
                    choices=("called", "no_answer"),
                ),
            ),
        ),
        Section(
            "settled",
            (
                _line(
                    6,
                    "Noé Modèle",
                    "06 56 78 90 12, Autre, Capdenac, installation il y a 6 mois",
                    choices=(),
                ),
            ),
        ),
        Section(
            "stand_in",
            (
                _line(
                    7,
                    "Jeanne Fiction",
                    "06 67 89 01 23, Vivre ma retraite dans le Lot, Gourdon, depuis 4 jours",
                    "Dossiers suivis par Claire Vialatte, indisponible jusqu'au 5 décembre",
                    choices=("called", "no_answer"),
                ),
            ),
        ),
    ),
)
