"""`accueil site check` and a real browser say the same of a page."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from infra.site.check import check
from tests.e2e.served import Partner, Served
from tests.e2e.steps import fill_in, reference_shown
from tests.website import FORM, ORIGIN, example_with, examples, policies

SANDBOX = "sandbox allow-scripts allow-same-origin allow-forms allow-popups"
TRUSTED = "require-trusted-types-for 'script'"
SENT = """form => {
    let sent = false;
    form.noValidate = true;
    form.addEventListener("submit", (event) => {
        sent = true;
        event.preventDefault();
        event.stopImmediatePropagation();
    });
    form.requestSubmit();
    return sent;
}"""


def script(form: str, nonce: str = "") -> str:
    return (
        f'<p data-oh-my-lot><a href="{form}">Ouvrir le formulaire</a></p>'
        f'<script type="module" nonce="{nonce}" src="{form}/embed.js"></script>'
    )


def known(form: str) -> str:
    return script(form, nonce="abc")


def iframe(form: str) -> str:
    return f'<iframe src="{form}/?frame=embed" title="Formulaire" height="900"></iframe>'


def both(form: str) -> str:
    return f'{iframe(form)}<script type="module" src="{form}/embed.js"></script>'


def works(page: Page, url: str, *, expected: bool) -> bool:
    """Whether the form is there, and leaves when it is sent; one that is expected is waited for."""
    page.goto(url)
    if not expected:
        page.wait_for_load_state("networkidle")
    framed = page.locator("iframe").count() > 0
    where = page.frame_locator("iframe") if framed else page
    if expected:
        where.get_by_label("Prénom").wait_for()
    elif not where.get_by_label("Prénom").count():
        return False
    return bool(where.locator("form").evaluate(SENT))


@pytest.mark.parametrize(
    ("html", "policy", "embedder", "right", "worst"),
    [
        (script, "script-src 'nonce-abc' 'strict-dynamic' {form}", "", False, "wrong"),
        (known, "script-src 'nonce-abc' 'strict-dynamic'", "", True, "right"),
        (script, "script-src {form}; script-src-elem 'self'", "", False, "wrong"),
        (both, "default-src 'self'; script-src {form}; frame-src {form}", "", True, "right"),
        (script, "default-src 'self'; script-src {form}", "", False, "wrong"),
        # What docs/website.md says of rules that are seldom found; the check says to try.
        (script, TRUSTED, "", False, "remark"),
        (both, TRUSTED, "", True, "remark"),
        (script, SANDBOX, "", True, "remark"),
        (script, SANDBOX.replace("allow-same-origin", ""), "", False, "remark"),
        (iframe, SANDBOX, "", True, "remark"),
        (iframe, SANDBOX.replace("allow-forms", ""), "", False, "remark"),
        (iframe, "", "require-corp", False, "remark"),
        (iframe, "", "credentialless", False, "remark"),
        (script, "", "require-corp", True, "remark"),
    ],
)
def test_the_check_and_the_browser_agree(
    html, policy, embedder, right, worst, chromium: Browser, intake: Served, partner: Partner
):
    partner.policy = policy.format(form=intake.url)
    partner.headers = {"Cross-Origin-Embedder-Policy": embedder} if embedder else {}
    url = partner.write("/venir", "", html(intake.url))
    with chromium.new_context(locale="fr-FR") as context:
        shown = works(context.new_page(), url, expected=right)

    kinds = {finding.kind for finding in check(url, intake.url, local=True)}

    assert (shown, max(kinds, key=["right", "remark", "wrong"].index)) == (right, worst)


def test_the_examples_work_under_the_policies_that_the_doc_names(
    quick: Page, intake: Served, partner: Partner
):
    css, js = "".join(examples("css")), "".join(examples("js"))
    partner.sheets["/site.css"] = css.replace(ORIGIN, intake.url)
    partner.scripts["/site.js"] = js.replace("console.log", "window.told = [].concat")
    head = "<link rel='stylesheet' href='/site.css'><script src='/site.js'></script>"
    framed, placed = example_with("html", "<iframe"), example_with("html", "<p data-oh")
    alone = next(example for example in examples("html") if example.startswith("<script"))

    def open_page(way: str, html: str) -> None:
        rule = policies()[way].replace(ORIGIN, intake.url)
        partner.policy = f"default-src 'self'; {rule}".replace("script-src", "script-src 'self'")
        html = html.replace(f"{FORM}?", f"{intake.url}/?").replace(FORM, intake.url)
        quick.goto(partner.write("/venir", head, html))

    open_page("iframe, and the script for its height", framed + alone)
    frame = quick.locator("iframe")
    expect(frame).to_have_attribute("style", re.compile("height"))
    assert frame.evaluate("one => getComputedStyle(one).borderTopWidth") == "0px"
    assert frame.bounding_box()["width"] == quick.evaluate("document.body.clientWidth")

    open_page("script", placed)
    paint = "one => getComputedStyle(one).backgroundColor"
    button = quick.get_by_role("button", name="Envoyer ma demande")
    expect(button).to_be_visible()
    assert button.evaluate(paint) == "rgb(0, 83, 138)"  # #00538a
    fill_in(quick, "Ana")
    button.click()
    reference_shown(quick)
    assert quick.evaluate("[...window.told]") == ["site", "fr"]
