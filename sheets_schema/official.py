"""Makes a département's data file out of the official découpage administratif."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

PACKAGE = "@etalab/decoupage-administratif"
_LEGAL_FORM = re.compile(
    r"^(CC|CA|CU|Métropole|MET\d+)\s+(du |de la |de l['’]|des |de |d['’])?", re.IGNORECASE
)


def build(
    department: str,
    communes: Iterable[Mapping[str, Any]],
    epcis: Iterable[Mapping[str, Any]],
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
        version: the version of the package.
        licence: the licence that the package's metadata names.
        date: the ISO date of this build.

    Raises:
        ValueError: the package knows no commune of that département.
    """
    here = [item for item in communes if item.get("departement") == department]
    current = {item["code"]: item for item in here if item["type"] == "commune-actuelle"}
    if not current:
        raise ValueError(f"Aucune commune pour le département « {department} ».")
    former: dict[str, list[str]] = {code: [] for code in current}
    for item in here:
        merged_into = current.get(item.get("chefLieu", ""))
        if merged_into and item["nom"] != merged_into["nom"]:
            former[merged_into["code"]].append(item["nom"])
    kept = [epci for epci in epcis if any(m["code"] in current for m in epci["membres"])]
    epci_of = {member["code"]: epci["code"] for epci in kept for member in epci["membres"]}
    return {
        "source": f"{PACKAGE} {version} (npm), from the INSEE, the DGCL and La Poste",
        "licence": f"data: Licence Ouverte 2.0 (Etalab); package: {licence}",
        "date": date,
        "department": department,
        "epcis": [_epci(epci, current) for epci in sorted(kept, key=lambda item: item["code"])],
        "communes": [
            {
                "code": code,
                "name": item["nom"],
                "former_names": sorted(former[code]),
                "postcodes": sorted(item.get("codesPostaux", [])),
                "epci": epci_of.get(code, ""),  # a few islands belong to no intercommunalité
            }
            for code, item in sorted(current.items())
        ],
    }


def short_name(name: str) -> str:
    """An intercommunalité's name without its legal form: « CA du Haut Pays » → « Haut Pays ».

    >>> short_name("CC de la Vallée de la Dordogne - Rive droite")
    'Vallée de la Dordogne-Rive droite'
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
