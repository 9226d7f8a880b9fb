"""The pages on which people answer from their mails, in French. Pure."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from functions.intake import assets
from functions.intake.form import render_short
from functions.intake.pages import policy_hash, templates
from functions.intake.replying import Opened
from functions.intake.submission import UNPRINTABLE
from functions.shared.french import unbroken
from functions.shared.journal.replies import status_after
from sheets_schema.columns import as_text
from sheets_schema.tab import tab
from sheets_schema.text import bare

REASONS: Mapping[str, str] = {
    "elsewhere": "Hors de mon territoire",
    "other_field": "Pas mon domaine",
    "no_time": "Je n'ai pas le temps en ce moment",
    "other": "Autre raison",
}
LONGEST_REASON = 200  # characters


@dataclass(frozen=True)
class _Words:
    """A page: its heading, what its button does, the button, what is said once it is pressed."""

    title: str
    explanation: str
    button: str
    done: str


WORDS: Mapping[str, _Words] = {  # by choice
    "called": _Words(
        "Vous avez appelé ?",
        "Votre appel sera noté dans le suivi. Vous pourrez préciser la date dans Dernier contact "
        "le.",
        "J'ai appelé",
        "C'est noté : vous avez appelé.",
    ),
    "no_answer": _Words(
        "Personne n'a répondu ?",
        "Votre essai sera noté dans le suivi.",
        "Sans réponse",
        "C'est noté : pas de réponse pour l'instant.",
    ),
    "not_mine": _Words(
        "Cette demande n'est pas pour vous ?",
        "Les règles la confieront à quelqu'un d'autre, sans vous. Dites pourquoi : la personne "
        "suivante le lira.",
        "Pas pour moi",
        "C'est noté : la demande sera confiée à quelqu'un d'autre.",
    ),
    "taken_up": _Words(
        "Vous prenez cette demande ?",
        "La prise en charge sera notée dans le suivi. Rien ne change pour la personne tant que "
        "vous ne l'avez pas appelée.",
        "Je la prends",
        "C'est noté : vous prenez cette demande.",
    ),
    "close": _Words(
        "Clore cette demande ?",
        "La personne a écrit qu'elle n'a plus besoin d'aide : le motif sera « Arrêt demandé », si "
        "personne n'en a noté d'autre.",
        "Clore la demande",
        "C'est noté : la demande sera close.",
    ),
    "renew": _Words(
        "Ce lien a plus de quatorze jours",
        "Il ne peut plus servir à répondre. Demandez-en de nouveaux : un courriel partira à "
        "l'adresse enregistrée dans le classeur pour la personne nommée ci-dessus.",
        "M'envoyer un nouveau courriel",
        "Un nouveau courriel part dans quelques minutes, si la demande est toujours suivie par la "
        "même personne.",
    ),
    "opt_out": _Words(
        "Ne plus recevoir le courriel du lundi ?",
        "Les autres courriels continueront : une nouvelle demande vous sera toujours annoncée. La "
        "coordination verra votre choix dans l'onglet À vérifier.",
        "Ne plus le recevoir",
        "C'est fait : vous ne recevrez plus le courriel du lundi.",
    ),
    "opt_in": _Words(
        "Recevoir de nouveau le courriel du lundi ?",
        "Il repartira lundi prochain. Si la coordination a mis « Courriel du lundi » à Non dans le "
        "classeur, elle devra le remettre à Oui : l'onglet À vérifier le lui dira.",
        "Le recevoir de nouveau",
        "C'est fait : vous recevrez de nouveau le courriel du lundi.",
    ),
}
_CHANGES = "Le statut passera à « {} »."
_TWICE = "Cette réponse était déjà enregistrée : rien de plus n'a changé."
_LATER = (
    "Le classeur sera à jour dans quelques instants. Si quelqu'un y a noté autre chose "
    "entre-temps, rien n'y change et un courriel vous le dit."
)
_NOT_CONFIRMED = (
    "L'enregistrement de votre réponse n'est pas confirmé. Rechargez cette page dans quelques "
    "instants : la même réponse ne compte qu'une fois."
)
_NOT_SHOWN = (
    "Le système ne répond pas en ce moment, et rien n'a changé. Rechargez cette page dans quelques "
    "instants."
)
_FOOTER = (
    "Ce lien a été envoyé à {}. Si ce n'est pas vous, fermez cette page : le courriel vous a été "
    "transféré, et la réponse serait notée à son nom."
)
_CHOOSE = "Choisissez une raison, pour la personne suivante."
_WRITE = f"Écrivez la raison, en {LONGEST_REASON} caractères au plus."


def render_question(opened: Opened, *, reason: str = "", more: str = "", error: str = "") -> str:
    """The page that a link opens; it does nothing until its button is pressed.

    Args:
        opened: the link.
        reason: the key of the reason that is chosen already.
        more: what was written beside it.
        error: what is wrong with them.
    """
    words = WORDS[opened.link.choice]
    after = status_after(opened.link.choice, opened.asked.status)
    changes = _CHANGES.format(_title(after)) if after else ""
    reasons = REASONS if opened.link.choice == "not_mine" else {}
    return _page(
        opened,
        words.title,
        [f"{words.explanation} {changes}".strip()],
        button=words.button,
        reasons=reasons,
        reason=reason,
        more=more,
        error=error,
    )


def render_done(opened: Opened, *, kept: bool, undo: str = "") -> str:
    """The page that says that an answer is kept, or was before.

    Args:
        opened: the link.
        kept: whether the answer is new.
        undo: the address that takes it back, "" for none.
    """
    words = WORDS[opened.link.choice]
    said = [words.done] if kept or not opened.link.reference else [_TWICE]
    if kept and opened.link.reference and opened.link.choice != "renew":
        said.append(_LATER)
    return _page(opened, "Merci", said, undo=undo)


def render_unanswered(sentence: str, *, unsure: bool) -> str:
    """The page that says why an answer is not kept, or that nobody knows whether it is."""
    said = _NOT_CONFIRMED if unsure else sentence
    return render_short("Votre réponse n'est pas enregistrée", [said], "fr")


def render_unshown() -> str:
    """The page that says that a link cannot be opened now."""
    return render_short("Cette page ne s'affiche pas", [_NOT_SHOWN], "fr")


def read_reason(body: bytes) -> tuple[str, str, str, str]:
    """What a posted form says of why a request is not for somebody.

    Returns:
        The reason in words, its key, what was written beside it, and what is wrong; "" for nothing.
    """
    try:
        fields = parse_qs(body.decode(), max_num_fields=8)
    except ValueError:
        return "", "", "", _CHOOSE
    key = fields.get("reason", [""])[-1]
    more = " ".join(bare(UNPRINTABLE.sub(" ", fields.get("more", [""])[-1])).split())
    if key not in REASONS:
        return "", "", more[:LONGEST_REASON], _CHOOSE
    if len(more) > LONGEST_REASON or (key == "other" and not more):
        return "", key, more[:LONGEST_REASON], _WRITE
    if key == "other":
        return more, key, more, ""
    return f"{REASONS[key]} : {more}" if more else REASONS[key], key, more, ""


@functools.cache
def reply_style() -> str:
    """The style of these pages."""
    return assets.bare(templates().get_template("reply.css").render())


def reply_hashes() -> list[str]:
    """What a Content-Security-Policy has to allow."""
    return [policy_hash(reply_style())]


def _title(status: str) -> str:
    return as_text(tab("requests")["status"].type.format(status))


def _page(
    opened: Opened,
    title: str,
    sentences: Sequence[str],
    **values: Any,  # noqa: ANN401  (what the template shows)
) -> str:
    footer = _FOOTER.format(opened.asked.reader)
    shown = {
        "button": "",
        "reasons": {},
        "reason": "",
        "more": "",
        "error": "",
        "undo": "",
        "longest": LONGEST_REASON,
    } | values
    return (
        templates()
        .get_template("reply.html")
        .render(
            lang="fr",
            style=reply_style(),
            title=unbroken(title),
            sentences=list(map(unbroken, sentences)),
            footer=unbroken(footer),
            reference=opened.link.reference,
            first_name=opened.asked.first_name,
            **shown,
        )
    )
