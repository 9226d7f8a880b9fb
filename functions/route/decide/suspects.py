"""Suspects: what À vérifier says of requests that look like a robot's. Pure."""

from collections.abc import Sequence
from datetime import date

from functions.route.arrival import Arrival
from functions.shared.concerns import Concern
from functions.shared.french import day
from sheets_schema.tab import Row

# Lines about suspects in À vérifier that nobody has ticked off. Beyond them, one line a day stands
# for all others.
SHOWN = 5

_WORDS = {
    "honeypot": "champ invisible rempli",
    "too_fast": "envoyée plus vite qu'une personne ne peut écrire",
}
_SUBJECT = "Demande mise à part, suspecte : "
_RELEASE = (
    "Si vous pensez qu'une personne l'a écrite, prévenez qui administre le système : « accueil "
    "journal show {0} » la montre, « accueil journal retry {0} » la remet en attente."
)
_OTHERS = "Demandes suspectes, mises à part le {} : il y en a d'autres."
_RELEASE_OTHERS = (
    "Prévenez la personne qui administre le système : « accueil journal » les liste, "
    "« accueil journal retry RÉFÉRENCE » remet en attente celle qu'une personne a écrite."
)


def why(arrival: Arrival) -> str:
    """Why intake suspects a request, in words for the operator."""
    return f"suspecte : {_WORDS.get(arrival.entry.suspect, 'signalée à la réception')}"


def suspicions(
    suspects: Sequence[Arrival], noted: Sequence[Row], today: date, kept_until: date | None
) -> list[Concern]:
    """The lines of À vérifier about suspects. A flood of suspects gets one line a day.

    Args:
        suspects: the requests that will be set aside.
        noted: the lines that are in À vérifier already.
        today: the day, which the line about a flood names.
        kept_until: the day on which the suspects are purged, None where they never are.
    """
    until = f" Sans cela, elle sera effacée le {day(kept_until)}." if kept_until else ""
    shown = {
        line.values["place"]
        for line in noted
        if not line.values["done"] and (line.values["subject"] or "").startswith(_SUBJECT)
    }
    fresh = [suspect for suspect in suspects if suspect.reference not in shown]
    if len(fresh) > max(0, SHOWN - len(shown)):
        return [Concern("Journal", _OTHERS.format(day(today)), _RELEASE_OTHERS)]
    return [
        Concern(
            suspect.reference,
            f"Demande mise à part, {why(suspect)}.",
            _RELEASE.format(suspect.reference) + until,
        )
        for suspect in fresh
    ]
