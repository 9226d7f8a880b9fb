"""Arrival requests of fictional people, whole and at random."""

import unicodedata
from typing import Any

from hypothesis import strategies as st

from sheets_schema.schema import vocabulary
from sheets_schema.territory import territories
from sheets_schema.text import has_letter

ANA = {
    "first_name": "Ana",
    "last_name": "Martin",
    "email": "ana.martin@example.org",
    "projects": [{"type": "employment"}],
}

# Everything a form can send.
FULL = {
    "first_name": "Zoé",
    "last_name": "N'Diaye-Lefèvre",
    "email": "zoe@example.org",
    "phone": "+33612345678",
    "best_time_to_call": "en semaine après 18 h",
    "projects": [
        {"type": "business_takeover", "occupation": "boulangère", "sector": "crafts"},
        {"type": "following_partner"},
        {"type": "health", "occupation": "infirmier", "sector": "liberal"},
    ],
    "horizon": "within_6_months",
    "needs": ["housing", "childcare"],
    "target": {"communes": ["46102", "46042"]},
    "origin": {"postcode": "1050", "city": "Ixelles", "country": "Belgique"},
    "household": {"adults": 2, "children": 3},
    "message": "Nous cherchons une boulangerie.\n\nAvec un logement.",
    "source": "salon-taf-2026",
    "newsletter": True,
    "ambassador_contact": True,
}


def without(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


def words(most: int, *, lines: bool = False) -> st.SearchStrategy[str]:
    """Text that a field takes, also once normalised."""
    shown = st.characters(exclude_categories=("Cc", "Cs"))
    return st.text(shown | st.just("\n") if lines else shown, max_size=most * 2).filter(
        lambda text: (
            any(unicodedata.category(char)[0] not in "ZC" for char in text)
            and len(unicodedata.normalize("NFC", text)) <= most
        )
    )


def choice(kind: str) -> st.SearchStrategy[str]:
    return st.sampled_from(list(vocabulary(kind)))


def listed(codes: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(codes), min_size=1, max_size=10, unique=True)


targets = st.one_of(
    st.fixed_dictionaries({"communes": listed(list(territories().communes))}),
    st.fixed_dictionaries({"epcis": listed(list(territories().epcis))}),
    st.sampled_from([{"anywhere": True}, {"unknown": True}]),
)
emails = st.sampled_from(
    ["ana@example.org", "  Ana.Martin@EXAMPLE.org", "zoe@example.org", "a+b@exämple.org", "A@B.FR"]
)
# Each says its country, so that it does not matter where the person lives.
phones = st.sampled_from(
    [
        "+33 6 12 34 56 78",
        "+33612345678",
        "+32 470 12 34 56",
        "0033 6 12 34 56 78",
        "+33.6.12.34.56.78",
    ]
)


names_of_people = words(80).filter(has_letter)


@st.composite
def submissions(draw: st.DrawFn) -> dict[str, Any]:
    """Any valid arrival request, as a person may send it."""
    means = draw(
        st.fixed_dictionaries({"email": emails}, optional={"phone": phones})
        | st.fixed_dictionaries({"phone": phones}, optional={"email": emails})
    )
    project = st.fixed_dictionaries(
        {"type": choice("project")},
        optional={"occupation": words(120), "sector": choice("sector")},
    )
    return means | draw(
        st.fixed_dictionaries(
            {
                "first_name": names_of_people,
                "last_name": names_of_people,
                "projects": st.lists(project, min_size=1, max_size=3),
            },
            optional={
                "best_time_to_call": words(120),
                "horizon": choice("horizon"),
                "needs": st.lists(choice("need"), unique=True),
                "target": targets,
                "origin": st.fixed_dictionaries(
                    {}, optional={"postcode": words(12), "city": words(80), "country": words(60)}
                ),
                "household": st.fixed_dictionaries(
                    {}, optional={"adults": st.integers(1, 20), "children": st.integers(0, 20)}
                ),
                "message": words(300, lines=True),
                "source": st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,3}", fullmatch=True),
                "newsletter": st.booleans(),
                "ambassador_contact": st.booleans(),
            },
        )
    )


names = [*FULL, "communes", "epcis", "anywhere", "unknown", "type", "sector", "city", "adults"]
# JSON that resembles a request as little or as much as chance has it.
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(names),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(names) | st.text(), inner, max_size=5)
    ),
    max_leaves=12,
)
requests = st.dictionaries(st.sampled_from(list(FULL)), anything, max_size=6).map(
    lambda changes: ANA | changes
)
