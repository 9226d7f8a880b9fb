"""The page that an applicant's mails link to: how far the request has come, and what to say. Pure.

It is in the language of the form. A mail may be forwarded, so the page shows the first name and how
to reach the referent, and of the applicant's address no more than how it begins and ends.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from urllib.parse import parse_qs

from functions.intake.form import render_short
from functions.intake.messages import contact_fault
from functions.intake.pages import templates
from functions.intake.refusals import Refusal
from functions.intake.reply_pages import reply_style
from functions.intake.replying import Opened
from functions.intake.submission import UNPRINTABLE
from functions.intake.words import Language, Phrase, say, typeset
from functions.shared.french import day
from functions.shared.journal.replies import Stage, Step, Wish
from functions.shared.links import NEWS, PARAMETER
from sheets_schema.columns import PARIS
from sheets_schema.contact import format_phone, parse_email, parse_phone
from sheets_schema.errors import ContactError
from sheets_schema.text import bare

LONGEST_TEXT = 450  # characters; a cell of Suivi holds 500
MOST_TIMES = 9  # as often somebody can correct the same from one mail


@dataclass(frozen=True)
class Said:
    """What an applicant wrote: which wish, how many of that kind came before, and the text.

    `error` is what is wrong with the text, "" for nothing.
    """

    wish: Wish
    number: int = 1
    text: str = ""
    error: str = ""


@dataclass(frozen=True)
class _Words:
    """What one wish is called, what follows from it, its button, and what is said afterwards.

    `label` and `kind` are those of its field, "" for a wish without one.
    """

    summary: str
    explanation: str
    button: str
    done: str
    label: str = ""
    kind: str = ""


# What the page offers, in this order.
_WISHES: Mapping[Wish, _Words] = {
    "phone": _Words(
        "Mon téléphone a changé",
        "",
        "Envoyer ce numéro",
        "Votre nouveau numéro est transmis à la personne qui vous suit.",
        "Nouveau numéro de téléphone",
        "tel",
    ),
    "email": _Words(
        "Mon courriel a changé",
        "Jusqu'ici, nous écrivons à {address}.",
        "Envoyer cette adresse",
        "Votre nouvelle adresse est transmise. La personne qui vous suit en est avertie.",
        "Nouvelle adresse de courriel",
        "email",
    ),
    "changed": _Words(
        "Mon projet a changé",
        "La personne qui vous suit le lira. N'indiquez pas d'information sur votre santé.",
        "Envoyer ce texte",
        "C'est transmis : la personne qui vous suit le lira.",
        "Ce qui a changé, en quelques phrases",
        "area",
    ),
    "no_need": _Words(
        "Je n'ai plus besoin d'aide",
        "La personne qui vous suit le saura et pourra clore votre demande.",
        "Je n'ai plus besoin d'aide",
        "C'est transmis. Si vous changez d'avis, appelez la personne qui vous suit, ou envoyez une "
        "nouvelle demande.",
    ),
    "erase": _Words(
        "Effacer mes données",
        "La coordination recevra votre demande d'effacement et y répondra dans le mois. Une fois "
        "vos données effacées, plus personne ne pourra suivre votre projet.",
        "Demander l'effacement de mes données",
        "Votre demande d'effacement est enregistrée : la coordination y répondra dans le mois.",
    ),
}
# What the links of a mail ask, some time after somebody has settled.
_NEWS: Mapping[Wish, _Words] = {
    "well": _Words(
        "Tout va bien ?",
        "Votre réponse sera transmise à la personne qui suivait votre demande.",
        "",
        "Merci de nous l'avoir dit, et bonne continuation.",
    ),
    "call_me": _Words(
        "Vous aimeriez un appel ?",
        "Nous demanderons à la personne qui suit votre demande de vous appeler.",
        "",
        "C'est transmis : on vous appellera dans les prochains jours.",
    ),
}
WORDS: Mapping[Wish, _Words] = {**_WISHES, **_NEWS}
_RENEWAL = _Words(
    "Ce lien a plus de quatorze jours",
    "Par prudence, il ne montre plus rien. Un nouveau lien partira à votre adresse, telle que nous "
    "la connaissons aujourd'hui.",
    "M'envoyer un nouveau lien",
    "Un nouveau lien part dans quelques minutes, si votre demande est toujours suivie.",
)
_STEPS: Sequence[tuple[Step, str]] = (
    ("received", "Reçue"),
    ("assigned", "Confiée"),
    ("contacted", "Premier échange"),
)
_LAST_STEP: Mapping[Step, str] = {"settled": "Installation faite", "closed": Phrase("Close")}
_SENTENCES: Mapping[Step, str] = {
    "received": "Nous cherchons la personne qui pourra le mieux vous aider.",
    "assigned": "{referent} vous contactera. Vous pouvez aussi l'appeler :",
    "tried": "{referent} a essayé de vous joindre, sans réponse. Vous pouvez l'appeler ; si votre "
    "numéro a changé, dites-le ci-dessous.",
    "contacted": "{referent} suit votre demande. Vous pouvez l'appeler :",
    "settled": "Votre installation est faite : bienvenue {in_place} !",
    "closed": "Votre demande est close. Pour la reprendre, écrivez-le ci-dessous.",
}
_WITHOUT_PHONE: Mapping[Step, str] = {
    "assigned": "{referent} vous contactera.",
    "tried": "{referent} a essayé de vous joindre, sans réponse. Si votre numéro a changé, "
    "dites-le ci-dessous.",
    "contacted": "{referent} suit votre demande.",
}
_TITLE = "Votre demande"
_HEADING = "Quelque chose a changé ?"
_THANKS = Phrase("Merci")
_BACK = "Voir où en est ma demande"
_SINCE = "depuis le {day}"
_FOOTER = (
    "Ce lien est personnel. Si ce courriel ne vous était pas destiné, fermez cette page : ce que "
    "vous y écririez compterait comme venant de {first_name}."
)
_FOOTER_UNNAMED = (
    "Ce lien est personnel. Si ce courriel ne vous était pas destiné, fermez cette page."
)
_TWICE = "C'était déjà enregistré : rien de plus n'a changé."
_ONCE_MORE = (
    "Vous avez déjà envoyé une correction de ce genre depuis ce courriel. Si celle-ci est une "
    "autre, envoyez-la aussi."
)
_BLANK = "à renseigner"
_TOO_LONG = "{most} caractères au plus ({count} reçus)"
_UNKNOWN_LINK = (
    "Ce lien n'est pas, ou n'est plus, valable. Vérifiez que l'adresse est entière, ou ouvrez "
    "votre dernier courriel."
)
_NOT_RECORDED = "Votre réponse n'est pas enregistrée"
_NOT_CONFIRMED = (
    "L'enregistrement de votre réponse n'est pas confirmé. Rechargez cette page dans quelques "
    "instants : la même réponse ne compte qu'une fois."
)

_NOT_SHOWN_TITLE = "Cette page ne s'affiche pas"
_NOT_SHOWN = (
    "Le système ne répond pas en ce moment, et rien n'a changé. Rechargez cette page dans quelques "
    "instants."
)
NOT_FOUND, UNAVAILABLE = 404, 503


def render_own(opened: Opened, stage: Stage, said: Said | None = None) -> str:
    """The page with what somebody can say; it does nothing until one of its buttons is pressed.

    Args:
        opened: the link.
        stage: how far the request has come.
        said: what was written and has to be put right, or is to be sent once more.
    """
    lang = language_of(opened)
    phone = stage.phone if stage.referent and stage.step in _WITHOUT_PHONE else ""
    sentences = _SENTENCES if phone else {**_SENTENCES, **_WITHOUT_PHONE}
    sentence = Phrase(sentences[stage.step], referent=stage.referent)
    return _page(
        opened,
        _TITLE,
        sentence,
        steps=_steps(stage, lang),
        phone=phone.replace(" ", "\N{NO-BREAK SPACE}"),
        dialled=re.sub(r"[^\d+]", "", phone),
        heading=typeset(say(_HEADING, lang), lang),
        forms=[_form(opened, wish, words, said) for wish, words in _WISHES.items()],
    )


def render_question(opened: Opened) -> str:
    """The page of a link that asks one thing: how somebody is, or whether to send a new link."""
    lang = language_of(opened)
    choice = opened.link.choice
    if choice == "renew":
        words, button = _RENEWAL, say(_RENEWAL.button, lang)
    else:
        words, button = _NEWS[cast("Wish", choice)], NEWS[cast("Wish", choice)][lang]
    bare = dict.fromkeys(("summary", "wish", "explanation", "error", "label"), "")
    return _page(opened, words.summary, words.explanation, forms=[bare | {"button": button}])


def render_heard(opened: Opened, *, kept: bool) -> str:
    """The page that says that an answer is kept, or was before."""
    choice = cast("Wish", opened.link.choice)
    words = _RENEWAL if opened.link.choice == "renew" else WORDS[choice]
    back = "" if opened.link.choice == "renew" else _own_address(opened)
    return _page(opened, _THANKS, words.done if kept else _TWICE, back=back)


def render_unanswered(refusal: Refusal, lang: Language, *, posted: bool) -> str:
    """The page that says why a link is not opened, or whether what was said is kept."""
    title, sentence = _NOT_RECORDED if posted else _NOT_SHOWN_TITLE, refusal.sentence
    if refusal.status == UNAVAILABLE:
        sentence = _NOT_CONFIRMED if posted else _NOT_SHOWN
    elif refusal.status == NOT_FOUND:
        sentence = _UNKNOWN_LINK
    return render_short(say(title, lang), [say(sentence, lang)], lang)


def read_said(opened: Opened, body: bytes) -> Said | None:
    """What a posted form of this page says; None if it is no form of this page."""
    lang = language_of(opened)
    try:
        fields = parse_qs(body.decode(), max_num_fields=8)
    except ValueError:
        return None
    wish = cast("Wish", fields.get("wish", [""])[-1])
    number = fields.get("number", ["1"])[-1]
    if wish not in _WISHES or not re.fullmatch(r"[1-9]", number, re.ASCII):
        return None
    words = _WISHES[wish]
    if not words.label:
        return Said(wish)
    text = " ".join(bare(UNPRINTABLE.sub(" ", fields.get("text", [""])[-1])).split())
    try:
        return Said(wish, int(number), _read(wish, text))
    except ContactError as error:
        fault: str = contact_fault(error)
    except ValueError:
        fault = Phrase(_TOO_LONG, most=LONGEST_TEXT, count=len(text)) if text else Phrase(_BLANK)
    sentence = say(Phrase("{label} : {sentence}.", label=Phrase(words.label), sentence=fault), lang)
    return Said(wish, int(number), text[:LONGEST_TEXT], sentence)


def once_more(opened: Opened, text: str) -> Said:
    """The same text, to be sent again although one of its kind was sent before."""
    link, said = opened.link, say(_ONCE_MORE, language_of(opened))
    return Said(cast("Wish", link.choice), link.number + 1, text, said)


def language_of(opened: Opened) -> Language:
    """The language of the page."""
    return "en" if opened.asked.lang == "en" else "fr"


def _read(wish: Wish, text: str) -> str:
    """A text as the referent reads it.

    Raises:
        ContactError: it is no phone number, or no address.
        ValueError: it is blank, or too long.
    """
    if not 0 < len(text) <= LONGEST_TEXT:
        raise ValueError
    if wish == "phone":
        return format_phone(parse_phone(text))
    return parse_email(text) if wish == "email" else text


def _form(opened: Opened, wish: Wish, words: _Words, said: Said | None) -> dict[str, Any]:
    lang = language_of(opened)
    mine = said if said and said.wish == wish else Said(wish)
    explanation = say(words.explanation, lang) if words.explanation else ""
    if wish == "email":
        explanation = say(words.explanation, lang, address=masked(opened.letter.address))
    return {
        "wish": wish,
        "number": mine.number,
        "text": mine.text,
        "error": typeset(mine.error, lang),
        "open": mine is said,
        "summary": typeset(say(words.summary, lang), lang),
        "explanation": typeset(explanation, lang),
        "label": typeset(say(words.label, lang), lang) if words.label else "",
        "kind": words.kind,
        "button": typeset(say(words.button, lang), lang),
    }


def _steps(stage: Stage, lang: Language) -> list[dict[str, str]]:
    """The way of a request: what is done, where it is now, and what comes."""
    listed = [*_STEPS]
    now: Step = "assigned" if stage.step == "tried" else stage.step
    if now in _LAST_STEP:
        listed = [_STEPS[0], (now, _LAST_STEP[now])]
    place = [step for step, _ in listed].index(now)
    steps = []
    for number, (step, name) in enumerate(listed):
        details = []
        if step == "assigned" and number <= place and stage.referent:
            details.append(", ".join(filter(None, (stage.referent, stage.organisation))))
        if number == place and stage.since:
            details.append(say(_SINCE, lang, day=_day(stage.since.astimezone(PARIS).date(), lang)))
        state = "done" if number < place else "now" if number == place else "next"
        steps.append({"name": say(name, lang), "detail": " – ".join(details), "state": state})
    return steps


def _day(when: date, lang: Language) -> str:
    return day(when) if lang == "fr" else f"{when.day} {when:%B}"


def masked(address: str) -> str:
    """How an address begins and ends, enough for its owner to know it."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}"


def _own_address(opened: Opened) -> str:
    """The page itself, from the answer to one of its forms."""
    return f"?{PARAMETER}={opened.saying('own_page').link.signed(opened.letter.key)}"


def _page(
    opened: Opened,
    title: str,
    sentence: str,
    **values: Any,  # noqa: ANN401  (what the template shows)
) -> str:
    lang, first_name = language_of(opened), opened.asked.first_name
    footer = say(_FOOTER, lang, first_name=first_name) if first_name else say(_FOOTER_UNNAMED, lang)
    shown = {
        "steps": [],
        "phone": "",
        "dialled": "",
        "heading": "",
        "forms": [],
        "back": "",
        "back_name": say(_BACK, lang),
        "longest": LONGEST_TEXT,
    } | values
    return (
        templates()
        .get_template("own.html")
        .render(
            lang=lang,
            style=reply_style(),
            title=typeset(say(title, lang), lang),
            sentences=[typeset(say(sentence, lang), lang)],
            footer=typeset(footer, lang),
            reference=opened.link.reference,
            first_name=first_name,
            **shown,
        )
    )
