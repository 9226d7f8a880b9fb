"""What the mails to applicants say, in the languages of the form. Pure.

Of what an applicant wrote, only a first name is repeated, and only if it looks like one: anybody
can send the form with anybody's address, and no mail of ours is to carry their words.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sheets_schema.place import PLACE

Data = Mapping[str, Any]

_NAME = re.compile(r"[^\W\d_]+(?:[ '’-][^\W\d_]+){0,3}")
_LONGEST_NAME = 30  # characters


@dataclass(frozen=True)
class Said:
    """What a mail says; `subject` is its heading, too, and goes without the programme's name."""

    subject: str
    paragraphs: tuple[str, ...]


def values_of(kind: str, lang: str, waiting: Sequence[Data]) -> Data:
    """What the template shows of mails of one kind that wait for one address.

    Args:
        kind: one of the kinds of `WORDS`.
        lang: the language of the form, "fr" or "en".
        waiting: the data of the mails, at least one. `requests` says which requests each is about,
            `contact` who answers, and `follows` which other kinds of mail are sent.
    """
    requests = [request for data in waiting for request in data["requests"]]
    last = waiting[-1]
    said = WORDS[kind][lang](_Facts(requests, last, lang))
    return {
        "lang": lang,
        "subject": said.subject,
        "heading": said.subject,
        "greeting": _greeting(requests, lang),
        "paragraphs": said.paragraphs,
        "card": _card(last["contact"]) if kind in _WITH_CARD else (),
        "footer": _FOOTERS[lang],
        "own_page": _OWN_PAGE[lang],
        "requests": requests,
    }


_WITH_CARD = ("caller", "apology")
_OWN_PAGE = {"fr": "Voir où en est ma demande", "en": "See how my request stands"}
_FOOTERS = {
    "fr": "Vous recevez ce courriel parce que votre adresse figure dans une demande envoyée par le "
    f"formulaire {PLACE.programme} Si elle ne vient pas de vous, dites-le simplement en répondant.",
    "en": "You receive this e-mail because your address is in a request sent through the form of "
    f"{PLACE.programme} If it was not you, please just say so by replying.",
}


def _greeting(requests: Sequence[Data], lang: str) -> str:
    names = {request["first_name"] for request in requests}
    name = names.pop() if len(names) == 1 else ""
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        name = ""
    hello = "Bonjour" if lang == "fr" else "Hello"
    return f"{hello} {name},".replace(" ,", ",")


def _card(contact: Mapping[str, str]) -> tuple[str, ...]:
    """Who answers: name, organisation, and number, as far as they are known."""
    return tuple(filter(None, (contact["name"], contact["organisation"], contact["phone"])))


@dataclass(frozen=True)
class _Facts:
    requests: Sequence[Data]
    data: Data
    lang: str

    @property
    def many(self) -> bool:
        return len(self.requests) > 1

    @property
    def names(self) -> str:
        """The references, as a sentence lists them."""
        *first, last = (request["reference"] for request in self.requests)
        conjunction = {"fr": "et", "en": "and"}[self.lang]
        return f"{', '.join(first)} {conjunction} {last}" if first else str(last)

    @property
    def contact(self) -> str:
        return str(self.data["contact"]["name"])

    @property
    def phone(self) -> str:
        return str(self.data["contact"]["phone"])

    def follows(self, kind: str) -> bool:
        return kind in self.data["follows"]


def _which_fr(facts: _Facts) -> str:
    return f"{'vos demandes' if facts.many else 'votre demande'} {facts.names}"


def _which_en(facts: _Facts) -> str:
    return f"{'your requests' if facts.many else 'request'} {facts.names}"


def _receipt_fr(facts: _Facts) -> Said:
    which = (
        f"Vos demandes portent les références {facts.names}."
        if facts.many
        else f"Votre demande porte la référence {facts.names}. Gardez ce courriel : cette "
        "référence permet à chacun de nos partenaires de la retrouver."
    )
    reads = "Quelqu'un qui connaît bien votre projet ou votre territoire en prend connaissance, "
    reads += "puis vous appelle ou vous écrit, le plus souvent dans la semaine."
    if facts.follows("caller"):
        reads += " Vous recevrez son nom et son numéro dès que nous saurons de qui il s'agit."
    late = "Sans appel au bout de dix jours, vous aurez un mot de notre part."
    return Said(
        "Nous avons bien reçu votre demande",
        (which, reads, *([late] if facts.follows("apology") else [])),
    )


def _receipt_en(facts: _Facts) -> Said:
    which = (
        f"Your requests have the references {facts.names}."
        if facts.many
        else f"Your request has the reference {facts.names}. Please keep this e-mail: any "
        "of our partners can find your request by it."
    )
    reads = "Somebody who knows your kind of project or the area well will read it, then call or "
    reads += "write to you, usually within a week."
    if facts.follows("caller"):
        reads += " You will receive their name and phone number as soon as we know who it is."
    late = "Should nobody have called within ten days, you will hear from us."
    return Said(
        "We have received your request",
        (which, reads, *([late] if facts.follows("apology") else [])),
    )


def _caller_fr(facts: _Facts) -> Said:
    name, before = facts.contact, facts.data.get("before", "")
    which = _which_fr(facts)
    reach = "Vous pouvez aussi appeler, ou répondre à ce courriel : votre réponse lui parviendra."
    if not facts.phone:
        reach = "Vous pouvez aussi répondre à ce courriel : votre réponse lui parviendra."
    if before:
        return Said(
            f"{name} prend le relais",
            (f"{before} suivait {which} jusqu'ici. C'est maintenant :", reach),
        )
    return Said(
        f"{name} va vous appeler",
        (f"Voici qui suit {which}, et va vous appeler dans les prochains jours :", reach),
    )


def _caller_en(facts: _Facts) -> Said:
    name, before = facts.contact, facts.data.get("before", "")
    which = _which_en(facts)
    reach = "You may also call, or reply to this e-mail: your reply will reach them."
    if not facts.phone:
        reach = "You may also reply to this e-mail: your reply will reach them."
    if before:
        return Said(
            f"{name} takes over",
            (f"{before} has been in charge of {which}. From now on it is:", reach),
        )
    return Said(
        f"{name} will call you",
        (f"This is who is in charge of {which}, and will call you in the next days:", reach),
    )


def _apology_fr(facts: _Facts) -> Said:
    which = f"demande{'s' if facts.many else ''} {facts.names}"
    reach = "en répondant à ce courriel"
    reach = f"par téléphone, ou {reach}" if facts.phone else reach
    return Said(
        "Toutes nos excuses pour l'attente",
        (
            (
                f"Vous nous avez écrit il y a dix jours ou plus ({which}) et, sauf erreur, vous "
                "n'avez encore reçu aucun appel. Ce n'est pas l'accueil que nous voulions vous "
                "faire. Vous pouvez joindre la coordination :"
            ),
            f"Un mot suffit, {reach} : votre demande sera reprise aussitôt.",
            "Si vous avez eu un appel entre-temps, ne tenez pas compte de ce message.",
        ),
    )


def _apology_en(facts: _Facts) -> Said:
    which = f"request{'s' if facts.many else ''} {facts.names}"
    reach = "by replying to this e-mail"
    reach = f"by phone, or {reach}" if facts.phone else reach
    return Said(
        "We are sorry to have kept you waiting",
        (
            (
                f"You wrote to us ten days ago or more ({which}) and, as far as we know, nobody "
                "has called you yet. That is not the welcome we wanted to give you. You can reach "
                "our coordination:"
            ),
            f"A word is enough, {reach}: your request will be taken up at once.",
            "If somebody has called you meanwhile, please disregard this message.",
        ),
    )


def _closing_fr(facts: _Facts) -> Said:
    which = _which_fr(facts)
    if facts.data["settled"]:
        later = " Nous prendrons de vos nouvelles dans six mois." if facts.follows("news") else ""
        return Said(
            f"Bienvenue {PLACE.in_place} !",
            (
                (
                    "On nous dit que votre installation est faite, et cela nous réjouit. Nous "
                    f"refermons donc {which}.{later}"
                ),
                "Une question, un besoin ? Répondez à ce courriel : nous restons là.",
            ),
        )
    tried = facts.data.get("why") == "unreachable"
    return Said(
        "Nous refermons votre demande",
        (
            (
                "Nous avons essayé plusieurs fois de vous joindre, sans y parvenir. Nous "
                f"refermons donc {which}."
                if tried
                else f"Nous refermons {which}. Merci d'avoir pensé à venir vivre {PLACE.in_place}, "
                "et bonne continuation."
            ),
            (
                "Votre projet reprend, ou c'est une erreur ? Répondez à ce courriel : nous la "
                "rouvrirons."
            ),
        ),
    )


def _closing_en(facts: _Facts) -> Said:
    which = _which_en(facts)
    place = PLACE.english_place
    if facts.data["settled"]:
        later = " We will ask how you are in six months." if facts.follows("news") else ""
        return Said(
            f"Welcome to {place}!",
            (
                (
                    f"We hear that you have settled in, so this is where {which} ends. We are very "
                    f"happy for you.{later}"
                ),
                "A question, or something you need? Just reply to this e-mail.",
            ),
        )
    tried = facts.data.get("why") == "unreachable"
    return Said(
        "We are closing your request",
        (
            (
                "We have tried to reach you several times without success. So we are closing "
                f"{which}."
                if tried
                else f"We are closing {which}. Thank you for thinking of a life in {place}, and "
                "all the best."
            ),
            (
                "Is your project on again, or is this a mistake? Reply to this e-mail, and we will "
                "take it up again."
            ),
        ),
    )


def _news_fr(facts: _Facts) -> Said:
    age = "six mois" if facts.data["months"] == _HALF_A_YEAR else "un an"
    return Said(
        f"{age.capitalize()} déjà : comment allez-vous ?",
        (
            (
                f"Votre installation {PLACE.in_place} a {age}. Nous n'avons qu'une question : "
                "comment cela se passe-t-il ? Choisissez une réponse, puis confirmez, et c'est "
                "fait :"
            ),
        ),
    )


def _news_en(facts: _Facts) -> Said:
    age = "Six months" if facts.data["months"] == _HALF_A_YEAR else "One year"
    return Said(
        f"{age} already: how are you?",
        (
            (
                f"{age} ago you settled in {PLACE.english_place}. We have just one question: how "
                "is it going? Choose an answer, then confirm it, and you are done:"
            ),
        ),
    )


_HALF_A_YEAR = 6  # months


def _page_fr(facts: _Facts) -> Said:
    which = _which_fr(facts)
    return Said(
        "Un nouveau lien vers votre page",
        (f"Voici le lien demandé, pour {which}. Il sert quatorze jours.",),
    )


def _page_en(facts: _Facts) -> Said:
    which = _which_en(facts)
    return Said(
        "A new link to your page",
        (f"Here is the link you asked for, about {which}. It works for fourteen days.",),
    )


WORDS: Mapping[str, Mapping[str, Callable[[_Facts], Said]]] = {
    "receipt": {"fr": _receipt_fr, "en": _receipt_en},
    "caller": {"fr": _caller_fr, "en": _caller_en},
    "apology": {"fr": _apology_fr, "en": _apology_en},
    "closing": {"fr": _closing_fr, "en": _closing_en},
    "news": {"fr": _news_fr, "en": _news_en},
    "page": {"fr": _page_fr, "en": _page_en},
}
