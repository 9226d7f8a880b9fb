"""Every declaration of every mail works where our mails are read, or may be lost without harm.

What mail programs support is in the data of caniemail.com, from the npm package of that name.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.samples import gallery
from tests.conftest import missing

DATA = Path(__file__).parents[3] / "web/node_modules/caniemail/data/caniemail.json"
CLIENTS = ("outlook", "gmail", "apple-mail", "orange", "sfr", "laposte")
# Properties of which a program's support is unknown or missing, and why that does no harm.
HARMLESS = {
    "-ms-interpolation-mode": "only how old Outlooks scale images, of which there are none",
    "-ms-text-size-adjust": "only whether old Windows phones enlarge text",
    "-webkit-text-size-adjust": "only whether phones enlarge text",
    "border-collapse": "without it cells of tables stand two pixels apart",
    "border-radius": "without it a button has corners",
    "color": "older than the data: every program knows it",
    "cursor": "without it the pointer keeps its shape",
    "font-family": "older than the data: every program knows it, or takes its own font",
    "font-size": "older than the data, where it is partly unknown: every program knows it",
    "max-height": "of the preview, which is hidden by other means, too",
    "mso-line-height-rule": "only Outlook's own",
    "mso-padding-alt": "only Outlook's own",
    "mso-table-lspace": "only Outlook's own",
    "mso-table-rspace": "only Outlook's own",
    "opacity": "of the preview, which is hidden by other means, too",
    "outline": "of images, of which there are none",
    "overflow": "of the preview, which is hidden by other means, too",
    "table-layout": "without it the columns of a table fit their text",
    "text-decoration": "without it links are underlined",
    "white-space": "without it a reference may break at its hyphens",
    "word-break": "without it a long word is wider than a phone",
    "word-spacing": "of the preview, which is hidden by other means, too",
}
# The same of what the style sheet needs: only the dark colours and the width of columns are in it.
SHEET = {
    "at-media": "without it columns stand below each other, and mails keep their light colours",
    "at-media-prefers-color-scheme": "without it mails keep their light colours, or are turned",
    "important": "without it mails keep their light colours",
    "selector-child": "without it mails keep their light colours",
    "selector-class": "without it mails keep their light colours",
    "selector-descendant": "without it mails keep their light colours",
    "selector-grouping": "without it mails keep their light colours",
    "selector-type": "without it links keep the colour that they have inline",
}


@pytest.fixture(scope="module")
def features() -> dict[str, dict]:
    """What mail programs support, by feature of CSS."""
    if not DATA.exists():
        missing("no caniemail here: install Node.js and npm, then make web")
    data = json.loads(DATA.read_text("utf-8"))["data"]
    return {item["slug"][4:]: item["stats"] for item in data if item["category"] == "css"}


def declared() -> dict[str, set[str]]:
    """The properties that our mails declare, each with the mails."""
    mails: dict[str, set[str]] = {}
    for kind, mail in gallery("http://127.0.0.1:8080/").items():
        for name in _properties(mail.html):
            mails.setdefault(name, set()).add(kind)
    return mails


def _properties(html: str) -> Iterator[str]:
    blocks = re.findall(r'style="([^"]*)"', html)
    for sheet in re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL):
        blocks += re.findall(r"\{([^{}]*)\}", sheet)
    for block in blocks:
        for declaration in block.split(";"):
            name, colon, _ = declaration.partition(":")
            if colon:
                yield name.strip()


def is_everywhere(stats: dict[str, dict[str, dict[str, str]]]) -> bool:
    """Whether the newest version of each program supports a feature, at least in part."""
    return all(
        list(versions.values())[-1].startswith(("y", "a"))
        for client in CLIENTS
        for versions in stats.get(client, {"": {"": "u"}}).values()
    )


def feature_of(name: str, features: dict[str, dict]) -> dict | None:
    """The feature that a property belongs to: `padding-top` is told with `padding`."""
    short = re.sub(r"^(border|padding|margin)-.*", r"\1", name)
    return features.get(name) or features.get(short)


def test_every_declaration_works_everywhere_or_does_no_harm_where_it_does_not(features):
    lacking = {
        name
        for name in declared()
        if (stats := feature_of(name, features)) is None or not is_everywhere(stats)
    }
    assert lacking == HARMLESS.keys(), "a reason too few, or one that is needed no more"


def test_what_the_style_sheet_needs_may_be_missing(features):
    assert {name for name in SHEET if is_everywhere(features[name])} == set()
    at_rules = {
        rule
        for mail in gallery("http://127.0.0.1:8080/").values()
        for rule in re.findall(r"@[\w-]+ [^{]*", mail.html)
    }
    assert {rule.strip() for rule in at_rules} == {
        "@media only screen and (min-width:480px)",
        "@media (prefers-color-scheme: dark)",
    }


def test_nothing_is_an_image():
    """Mails are the same with images off: they have none."""
    for mail in gallery("http://127.0.0.1:8080/").values():
        assert not re.search(r"<img|<svg|background-image|background=|url\(", mail.html)
