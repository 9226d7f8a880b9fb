"""Makes a département's data file out of the official découpage administratif."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sheets_schema.text import normalise

PACKAGE = "@etalab/decoupage-administratif"
# The last version with historique-communes.json: all changes from 1943 to 2019, from the INSEE's
# history of the official geographic code. Later changes are in the newest version.
HISTORY_VERSION = "0.8.0"
_LEGAL_FORM = re.compile(
    r"^(CC|CA|CU|Métropole|MET\d+)\s+(du |de la |de l['’]|des |de |d['’])?", re.IGNORECASE
)


def build(
    department: str,
    communes: Iterable[Mapping[str, Any]],
    epcis: Iterable[Mapping[str, Any]],
    history: Sequence[Mapping[str, Any]],
    *,
    version: str,
    licence: str,
    date: str,
) -> dict[str, Any]:
    """The content of `data/communes-<department>.json`.

    Args:
        department: the code of the département, for example "19" or "2A".
        communes: the content of communes.json in the package.
        epcis: the content of epci.json in the package. An intercommunalité is kept if one of its
            communes lies in the département, and is called after its most populous commune.
        history: the content of historique-communes.json in HISTORY_VERSION of the package.
        version: the version of the package.
        licence: the licence that the package's metadata names.
        date: the ISO date of this build.

    Raises:
        ValueError: the package knows no commune of that département.
    """
    communes = list(communes)
    here = [item for item in communes if item.get("departement") == department]
    current = {item["code"]: item for item in here if item["type"] == "commune-actuelle"}
    if not current:
        raise ValueError(f"Aucune commune pour le département « {department} ».")
    names: dict[str, dict[str, str]] = {code: {} for code in current}
    codes: dict[str, set[str]] = {code: set() for code in current}
    for code, name, today in _former(communes, history):
        if today in current:
            if normalise(name) != normalise(current[today]["nom"]):
                names[today][normalise(name)] = name
            if code != today:
                codes[today].add(code)
    kept = [epci for epci in epcis if any(m["code"] in current for m in epci["membres"])]
    epci_of = {member["code"]: epci["code"] for epci in kept for member in epci["membres"]}
    return {
        "source": f"{PACKAGE} {version} and {HISTORY_VERSION} (npm), "
        "from the INSEE, the DGCL and La Poste",
        "licence": f"data: Licence Ouverte 2.0 (Etalab); package: {licence}",
        "date": date,
        "department": department,
        "epcis": [_epci(epci, current) for epci in sorted(kept, key=lambda item: item["code"])],
        "communes": [
            {
                "code": code,
                "name": item["nom"],
                "former_names": sorted(names[code].values()),
                "former_codes": sorted(codes[code]),
                "postcodes": sorted(item.get("codesPostaux", [])),
                "epci": epci_of.get(code, ""),  # a few islands belong to no intercommunalité
            }
            for code, item in sorted(current.items())
        ],
    }


def _former(
    communes: Sequence[Mapping[str, Any]], history: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, str, str]]:
    """Every commune that there has been since 1943: code, name, and code of today's commune.

    A code that a commune of today has stays its code, since a merged commune may be one again.
    """
    today = {item["code"] for item in communes if item["type"] == "commune-actuelle"}
    merged = {item["code"]: item["chefLieu"] for item in communes if "chefLieu" in item}
    for item in communes:
        merged |= dict.fromkeys(item.get("anciensCodes", ()), item["code"])
    entries = {entry["id"]: entry for entry in history}

    def successor(entry: Mapping[str, Any]) -> str:
        seen = set()
        while entry["code"] not in today and entry["id"] not in seen:
            seen.add(entry["id"])
            # A commune that was merged has a pole; one that changed has a successor.
            following = entries.get(entry.get("pole", entry.get("successeur", "")))
            if following is None:
                break
            entry = following
        code: str = entry["code"]
        return code if code in today else merged.get(code, "")

    for item in communes:
        if item["code"] in merged:
            yield item["code"], item["nom"], merged[item["code"]]
    for entry in history:
        yield entry["code"], entry["nom"], successor(entry)


def short_name(name: str) -> str:
    """An intercommunalité's name without its legal form: « CA du Haut Pays » → « Haut Pays ».

    >>> short_name("CC des Rives de la Dronne - Amont")
    'Rives de la Dronne-Amont'
    """
    return _LEGAL_FORM.sub("", name).replace(" - ", "-")


def _epci(epci: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    town = max(epci["membres"], key=lambda member: int(member.get("populationTotale", 0)))
    return {
        "code": epci["code"],
        "name": short_name(epci["nom"]),
        "town": town["nom"],
        "seated": town["code"] in current,
    }
