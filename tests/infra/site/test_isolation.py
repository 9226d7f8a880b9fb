"""What shuts the form out of a page; tests/e2e/test_site_check.py asks Chromium the same."""

import pytest

from infra.site.embeds import read_page
from infra.site.isolation import isolation

FORM = "https://accueil.example.net/intake"
SCRIPT = f'<script type="module" src="{FORM}/embed.js"></script>'
PLACE = f'<p data-oh-my-lot><a href="{FORM}">Ouvrir</a></p>{SCRIPT}'
IFRAME = f'<iframe src="{FORM}?frame=embed"></iframe>'
LINK = f'<a href="{FORM}">Ouvrir</a>'
TRUSTED = "require-trusted-types-for 'script'"
FULL = "sandbox allow-forms Allow-Scripts allow-same-origin allow-popups"


def said(html, *policies, embedder=""):
    found = read_page(html, "https://www.example.org/venir")
    return [one.sentence for one in isolation(found, policies, embedder) if one.kind == "wrong"]


@pytest.mark.parametrize("html", [PLACE, IFRAME])
def test_a_sandbox_names_what_it_lacks(html):
    (sentence,) = said(html, "default-src *; sandbox allow-scripts allow-popups")

    assert "(sandbox) : ajoutez-y allow-forms allow-same-origin, ou retirez" in sentence
    assert said(html, FULL) == []
    assert len(said(html, FULL, "sandbox")) == 1


def test_a_script_that_may_write_no_html():
    (sentence,) = said(PLACE, TRUSTED)

    assert "require-trusted-types-for" in sentence
    assert "Prenez l'iframe" in sentence
    assert said(IFRAME + SCRIPT, TRUSTED) == []
    assert said(PLACE, "trusted-types default; require-trusted-types-for") == []


@pytest.mark.parametrize(
    ("embedder", "sentences"),
    [
        ("require-corp", 1),
        ('credentialless; report-to="x"', 1),
        ("unsafe-none", 0),
        ("require-corp, require-corp", 0),  # not one value: browsers leave it out
        ("", 0),
    ],
)
def test_a_page_that_asks_its_frames_for_what_ours_do_not_say(embedder, sentences):
    assert len(said(IFRAME, embedder=embedder)) == sentences
    assert said(PLACE, embedder=embedder) == []


def test_a_link_leads_out_of_all_of_it():
    assert said(LINK, "sandbox", TRUSTED, embedder="require-corp") == []


def test_a_sandbox_in_the_page_itself_is_none():
    meta = '<meta http-equiv="content-security-policy" content="sandbox">'

    assert said(meta + PLACE) == []
