"""Realistic and fictional arrival requests, for trying the system and for training."""

from collections.abc import Iterable, Iterator, Mapping
from random import Random
from typing import Any

import requests

from functions.shared.errors import AccueilError
from sheets_schema.schema import vocabulary
from sheets_schema.territory import territories
from sheets_schema.text import normalise

_FIRST_NAMES = (
    "Adèle Alice Amélie Arthur Aurore Baptiste Basile Chloé Clément Damien Denise Élodie Émile "
    "Fanny Florian Gaëlle Gabriel Hélène Idriss Jeanne Joris Judith Kevin Lina Lucas Maëlle "
    "Malik Margaux Mathis Mehdi Nicolas Noémie Océane Quentin Rachid Romane Sarah Simon Tiphaine "
    "Valentin Yasmine Zoé"
).split()
_LAST_NAMES = (
    "Aubert Barbier Benali Besson Blanchard Boyer Brunet Carpentier Chevalier Cordier Da-Silva "
    "Delorme Diallo Dumas Ferrand Fleury Fournier Garnier Germain Giraud Haddad Hubert Jacquet "
    "Joly Lambert Leclerc Lemaire Maillard Marchand Masson Meunier Moulin N'Diaye Nguyen Noël "
    "Olivier Perret Picard Prévost Renaud Rivière Rousseau Sanchez Tessier Vidal"
).split()
_ORIGINS = (
    ("31000", "Toulouse"),
    ("33000", "Bordeaux"),
    ("34000", "Montpellier"),
    ("35000", "Rennes"),
    ("44000", "Nantes"),
    ("59000", "Lille"),
    ("69003", "Lyon"),
    ("75011", "Paris"),
    ("77000", "Melun"),
    ("87000", "Limoges"),
    ("93100", "Montreuil"),
    ("94300", "Vincennes"),
)
_OCCUPATIONS = {
    "employment": ("aide-soignante", "comptable", "chaudronnier", "technicien", "chargée de RH"),
    "business_creation": ("boulangerie", "librairie", "menuiserie", "paysagiste", "graphiste"),
    "business_takeover": ("bar-tabac", "boucherie", "garage", "épicerie", "salon de coiffure"),
    "farming": ("maraîchage", "élevage caprin", "truffes", "safran", "noix", "apiculture"),
    "health": ("infirmier", "médecin généraliste", "sage-femme", "kinésithérapeute", "dentiste"),
    "tourism": ("gîte", "chambres d'hôtes", "camping", "location de canoës"),
    "remote_work": ("développeuse", "traducteur", "chef de projet", "architecte"),
}
_SECTORS = {
    "boulangerie": "crafts",
    "menuiserie": "crafts",
    "paysagiste": "services",
    "librairie": "retail",
    "graphiste": "services",
    "bar-tabac": "hospitality",
    "boucherie": "crafts",
    "garage": "crafts",
    "épicerie": "retail",
    "salon de coiffure": "crafts",
}
_PROJECT_WEIGHTS = {
    "employment": 24,
    "business_creation": 14,
    "business_takeover": 10,
    "farming": 10,
    "health": 8,
    "tourism": 7,
    "remote_work": 9,
    "following_partner": 5,
    "retirement": 5,
    "studies": 2,
    "other": 2,
    "unknown": 4,
}
_SOURCES = {"site": 60, "salon-taf-toulouse": 20, "aire-a20": 8, "fac-medecine": 6, "presse": 6}
_ALONE = (
    "Je cherche une maison avec un jardin.",
    "Je connais le Lot pour y avoir passé mes vacances, et je voudrais m'y installer pour de bon.",
    "Un local avec vitrine serait idéal.",
    "J'ai besoin d'une bonne connexion internet.",
)
_MESSAGES = (
    *_ALONE,
    "Nous cherchons une maison avec un jardin, proche d'une école.",
    "Mon conjoint cherche aussi un emploi. Pouvons-nous venir visiter au printemps ?",
)
_CALL_TIMES = ("le matin", "entre 12 h et 14 h", "en semaine après 18 h", "le samedi")


def submissions(count: int, random: Random) -> Iterator[dict[str, Any]]:
    """`count` different submissions, as the form sends them. The same seed gives the same ones."""
    for number in range(count):
        yield _submission(number, random)


def send(made: Iterable[Mapping[str, Any]], url: str, key: str) -> Iterator[None]:
    """Send submissions to the form at `url`, one at each step, with an API key.

    Raises:
        AccueilError: nothing answers there, or a submission was refused.
    """
    with requests.Session() as session:
        for submission in made:
            try:
                answer = session.post(url, json=submission, headers={"X-API-Key": key}, timeout=30)
            except requests.RequestException as error:
                raise AccueilError(
                    f"{url} ne répond pas : lancez d'abord « make run », ou indiquez avec --url où "
                    "est le formulaire."
                ) from error
            if answer.status_code != requests.codes.accepted:
                raise AccueilError(f"{url} a répondu {answer.status_code}{_said(answer)}")
            yield


def _said(answer: requests.Response) -> str:
    """The sentences of a refusal. A page, which something else may answer, is not shown."""
    try:
        problem = answer.json()
        sentences = [problem["title"], *(error["message"] for error in problem.get("errors", ()))]
    except (ValueError, KeyError, TypeError, AttributeError):
        return " : indiquez avec --url où est le formulaire, par exemple http://…/intake."
    return f" : {' '.join(sentences)}"


def _submission(number: int, random: Random) -> dict[str, Any]:
    first, last = random.choice(_FIRST_NAMES), random.choice(_LAST_NAMES).replace("-", " ")
    postcode, city = random.choice(_ORIGINS)
    adults = random.choice((1, 1, 2, 2, 2))
    needs = [need for need in vocabulary("need") if adults > 1 or need != "partner_job"]
    messages = _MESSAGES if adults > 1 else _ALONE
    made: dict[str, Any] = {
        "first_name": first,
        "last_name": last,
        "projects": _projects(adults, random),
        "target": _target(random),
        "horizon": random.choice(list(vocabulary("horizon"))),
        "origin": {"country": "France", "postcode": postcode, "city": city},
        "household": {"adults": adults, "children": random.choice((0, 0, 1, 2, 3))},
        "source": _weighted(_SOURCES, random),
    }
    local_part = normalise(f"{first} {last}").replace(" ", ".")
    if random.random() < 0.9:
        made["email"] = f"{local_part}.{number + 1}@example.org"
    if random.random() < 0.7 or "email" not in made:
        # Numbers that the regulator keeps for works of fiction (Arcep, plan de numérotation).
        made["phone"] = f"05 36 49 {random.randrange(100):02d} {random.randrange(100):02d}"
        made["best_time_to_call"] = random.choice(_CALL_TIMES)
    if needed := random.sample(needs, random.choice((0, 1, 1, 2, 3))):
        made["needs"] = needed
    if random.random() < 0.5:
        made["message"] = random.choice(messages)
    if random.random() < 0.3:
        made["newsletter"] = True
    return made


def _projects(adults: int, random: Random) -> list[dict[str, str]]:
    weights = dict(_PROJECT_WEIGHTS)
    if adults == 1:
        del weights["following_partner"]
    projects = [_project(_weighted(weights, random), random)]
    if adults > 1 and random.random() < 0.3:
        projects.append(_project(random.choice(("employment", "remote_work", "health")), random))
    return projects


def _project(kind: str, random: Random) -> dict[str, str]:
    project = {"type": kind}
    if kind in _OCCUPATIONS:
        project["occupation"] = random.choice(_OCCUPATIONS[kind])
        if project["occupation"] in _SECTORS:
            project["sector"] = _SECTORS[project["occupation"]]
    return project


def _target(random: Random) -> dict[str, Any]:
    official = territories()
    match random.choices(("communes", "epcis", "anywhere", "unknown"), (45, 25, 18, 12))[0]:
        case "communes":
            towns = [epci.town for epci in official.epcis.values() if epci.seated]
            codes = [c.code for c in official.communes.values() if c.name in towns]
            codes += random.sample(list(official.communes), len(codes))
            return {
                "communes": random.sample(list(dict.fromkeys(codes)), random.choice((1, 1, 1, 2)))
            }
        case "epcis":
            seated = [code for code, epci in official.epcis.items() if epci.seated]
            return {"epcis": random.sample(seated, random.choice((1, 1, 2)))}
        case other:
            return {other: True}


def _weighted(weights: dict[str, int], random: Random) -> str:
    return random.choices(list(weights), list(weights.values()))[0]
