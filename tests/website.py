"""docs/website.md, as tests read it."""

import re
from pathlib import Path

DOC = (Path(__file__).parents[1] / "docs" / "website.md").read_text("utf-8")
FORM, SITE = "https://accueil.example.org/intake", "https://www.example.org"
ORIGIN = "https://accueil.example.org"


def examples(language: str) -> list[str]:
    """Its examples in a language, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", DOC, re.MULTILINE | re.DOTALL)


def example_with(language: str, text: str) -> str:
    """The one example with a text in it."""
    (matching,) = [example for example in examples(language) if text in example]
    return matching


def policies() -> dict[str, str]:
    """What a Content-Security-Policy needs, by the way the form is put into the page."""
    return dict(re.findall(r"^\| ([^|]+) \| `([^`]+-src[^`]+)` \|$", DOC, re.MULTILINE))
