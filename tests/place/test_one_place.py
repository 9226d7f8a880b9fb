"""What is the Lot's stands in place.json and communes-46.json, and nowhere else in what is shipped.

A text that names it elsewhere would be wrong in every other département.
"""

import json
import re
from dataclasses import asdict
from pathlib import Path

import pytest

from sheets_schema.place import PLACE
from sheets_schema.territory import territories

ROOT = Path(__file__).parents[2]
SUFFIXES = {".py", ".json", ".html", ".css", ".js", ".mjml", ".txt"}
ITS_OWN = {
    "sheets_schema/data/place.json",
    f"sheets_schema/data/communes-{PLACE.department}.json",
    # The demonstration: fictional people of the Lot, and what they write and look at.
    "infra/local/demo.py",
    "infra/local/people.py",
    "infra/local/samples.py",
    "infra/local/seed.py",
    "infra/screenshots.py",
    # All of France.
    "sheets_schema/data/departments.json",
}
SHIPPED = [
    str(file.relative_to(ROOT))
    for file in [
        ROOT / "main.py",
        *(f for name in ("functions", "infra", "sheets_schema") for f in (ROOT / name).rglob("*")),
    ]
    if file.suffix in SUFFIXES and str(file.relative_to(ROOT)) not in ITS_OWN
]


def entries() -> set[str]:
    """All words, codes and colours of the place's file, and its intercommunalités' names."""
    flat = json.loads(json.dumps(asdict(PLACE)))
    words = {*flat.pop("colours").values(), *flat.pop("prefixes")}
    words |= {alias for names in flat.pop("aliases").values() for alias in names}
    code = flat.pop("department")
    words |= {f'"{code}"', f"'{code}'", *flat.values()}
    epcis = territories().epcis.values()
    words |= {name for epci in epcis for name in (epci.code, epci.name, epci.town)}
    # The territory's bare name, as « ceux du Lot » or "Lot people" would have it.
    return words | {PLACE.english_place.split()[-1]}


NAMED = re.compile(
    rf"\b{PLACE.department}[0-9]{{3}}\b|"
    + "|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in sorted(entries()))
)


def test_the_search_knows_what_it_looks_for():
    for text in (
        "Oh my Lot !",
        "dans le Lot",
        "LOT-…",
        "LOT-65AC",
        "46000",
        'data-oh-my-lot="',
        '"46"',
        "#1f5f5b",
    ):
        assert NAMED.search(text), text
    assert "Figeac" in entries()
    assert not NAMED.search("le lot n° 46")
    assert "sheets_schema/schemas/submission.json" in SHIPPED
    assert "functions/intake/assets/embed.js" in SHIPPED
    assert "functions/shared/mail/templates/letter.mjml" in SHIPPED
    assert all((ROOT / name).exists() for name in ITS_OWN)


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_shipped_does_not_name_the_place(name: str):
    lines = (ROOT / name).read_text("utf-8").splitlines()
    places = [f"{name}:{n} {m[0]}" for n, line in enumerate(lines, 1) if (m := NAMED.search(line))]
    assert places == []
