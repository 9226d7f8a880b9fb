"""Every mail in a browser: readable by everybody, in light and dark, on a phone, without images."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from infra.local.samples import gallery
from tests.e2e.accessibility import faults

MAILS = gallery("https://example.org/")
# Nothing in them that others lack; axe takes its time.
LIKE_OTHERS = {"digest-quiet", "trial", "receipt", "apology", "closing", "page", "caller-again"}
LIKE_OTHERS |= {"closing-closed", *(kind for kind in MAILS if kind.endswith("-en"))} - {"news-en"}


@pytest.mark.parametrize("kind", sorted(MAILS.keys() - LIKE_OTHERS))
def test_axe_finds_nothing_in_a_mail_light_or_dark(kind: str, page: Page, web: Path):
    page.set_viewport_size({"width": 390, "height": 844})
    page.set_content(MAILS[kind].html)
    # A mail has no landmarks, and headings of its own make no difference in mail programs.
    apart = ("region", "page-has-heading-one", "landmark-one-main")
    assert faults(page, web, rules={rule: {"enabled": False} for rule in apart}) == []


@pytest.mark.parametrize("width", [320, 390, 760])
def test_no_mail_scrolls_sideways(width: int, page: Page):
    page.set_viewport_size({"width": width, "height": 844})
    for mail in MAILS.values():
        page.set_content(mail.html)
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0, mail.subject
