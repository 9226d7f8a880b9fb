"""The form on another site's pages: by a script, and in a frame."""

import re

import pytest
import requests
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.served import Partner, Served
from tests.e2e.steps import AGAIN, PATIENCE, SEND, fill_in, key_field, key_of, reference_shown, send

LINK = "Ouvrir le formulaire"
HEIGHT = "document.querySelector('#form').getBoundingClientRect().height"
HOSTILE = """
* { display: none !important; color: rgb(255, 0, 0) !important; font-size: 3px !important;
    text-transform: uppercase; letter-spacing: 2em; visibility: hidden; direction: rtl; }
html, body, head ~ body { display: block !important; }
html { font-size: 62.5%; }
input, label, button, form, div { display: none !important; position: absolute; left: -999px; }
"""


def embedded(intake: Served, attributes: str = "") -> str:
    return (
        f'<p id="form" data-oh-my-lot {attributes}><a href="{intake.url}">{LINK}</a></p>'
        f'<script type="module" src="{intake.url}/embed.js"></script>'
    )


@pytest.fixture(autouse=True)
def _strict(intake: Served, partner: Partner) -> None:
    """The site allows our address, and nothing inline but what the test's own pages need."""
    partner.policy = (
        f"default-src 'none'; script-src {intake.url}; connect-src {intake.url}; "
        f"style-src 'self'; frame-src {intake.url}"
    )


def test_a_hostile_page_shows_the_form_and_sends_it(quick: Page, intake: Served, partner: Partner):
    partner.sheets["/site.css"] = HOSTILE
    head = "<link rel='stylesheet' href='/site.css'>"
    quick.goto(partner.write("/venir", head, embedded(intake)))
    name = quick.get_by_label("Prénom")
    expect(name).to_be_visible()
    names = "['fontSize', 'letterSpacing', 'direction']"
    look = f"one => {names}.map((name) => getComputedStyle(one)[name])"
    assert name.evaluate(look) == ["16px", "normal", "ltr"]
    # The main heading is the site's.
    expect(quick.get_by_role("heading", level=1)).to_have_count(0)
    expect(quick.get_by_role("heading", name="Votre projet d'installation")).to_be_visible()
    expect(quick.get_by_text(LINK)).to_be_hidden()
    quick.evaluate("""
        window.told = [];
        document.addEventListener('oh-my-lot:sent', (event) => {
            told.push([event.target.id, event.detail]);
        });
    """)
    fill_in(quick, "Ana")
    quick.get_by_role("combobox", name="Commune", exact=True).fill("figea")
    quick.get_by_role("listbox", name="Communes").get_by_role("option", name="Figeac").click()
    send(quick)
    reference = reference_shown(quick)
    [entry] = intake.entries()
    assert entry["reference"] == reference
    assert entry["submission"]["target"] == {"communes": ["46102"]}
    assert not {"doubt", "suspect"} & set(entry)
    # For the site's audience measurement, and nothing about the person.
    assert quick.evaluate("told") == [["form", {"source": "", "lang": "fr"}]]
    # The site's own title and history are its own.
    expect(quick).to_have_title("Le site")
    assert quick.evaluate("history.length") == 2
    heading = quick.get_by_role("heading", name="Votre demande est enregistrée")
    expect(heading).to_be_focused()


def test_errors_lead_to_their_fields_inside_the_shadow_root(
    page: Page, intake: Served, partner: Partner
):
    url = partner.write("/venir", "", embedded(intake))
    page.goto(url)
    page.get_by_label("Courriel").fill("ana@")
    send(page)
    summary = page.locator(".summary")
    expect(summary).to_be_focused(timeout=PATIENCE)
    summary.get_by_role("link", name=re.compile("^Courriel")).click()
    expect(page.get_by_label("Courriel")).to_be_focused()
    expect(page).to_have_url(url)
    assert intake.entries() == []


def test_the_form_is_filled_in_from_the_element_and_the_page_s_address(
    page: Page, intake: Served, partner: Partner
):
    attributes = 'data-source="site" data-projects="farming" data-target="anywhere" data-lang="en"'
    url = partner.write("/venir", "", embedded(intake, attributes))
    page.goto(f"{url}?source=aire-a20&utm=1")
    form = page.locator("form")
    expect(form.get_by_role("radio", name="Anywhere in the Lot")).to_be_checked()
    expect(form.locator("[name='projects.0.type']")).to_have_value("farming")
    expect(form.locator("[name=source]")).to_have_value("aire-a20")
    expect(page.get_by_role("button", name="Send my request")).to_be_visible()


def test_the_site_s_colours_and_font_come_in_by_name(page: Page, intake: Served, partner: Partner):
    partner.sheets["/site.css"] = "#form { --accueil-brand: rgb(1, 2, 3); --accueil-font: serif; }"
    head = "<link rel='stylesheet' href='/site.css'>"
    page.goto(partner.write("/venir", head, embedded(intake)))
    button = page.get_by_role("button", name=SEND)
    look = "one => [getComputedStyle(one).backgroundColor, getComputedStyle(one).fontFamily]"
    assert button.evaluate(look) == ["rgb(1, 2, 3)", "serif"]


@pytest.mark.parametrize("failing", ["**/embed.js", "**/?frame=fragment*"])
def test_the_link_stays_where_something_fails(
    page: Page, intake: Served, partner: Partner, failing: str
):
    page.route(failing, lambda route: route.fulfill(status=503, body="<p>"))
    with page.expect_response(failing):
        page.goto(partner.write("/venir", "", embedded(intake)))
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("link", name=LINK)).to_be_visible()
    page.get_by_role("link", name=LINK).click()
    expect(page.get_by_label("Prénom")).to_be_visible()


def test_a_site_that_is_not_allowed_keeps_its_link(page: Page, intake: Served, partner: Partner):
    url = partner.write("/venir", "", embedded(intake)).replace("localhost", "127.0.0.1")
    with page.expect_request("**/embed.js"):
        page.goto(url)
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("link", name=LINK)).to_be_visible()
    expect(page.get_by_label("Prénom")).to_have_count(0)


def test_what_cannot_be_sent_from_a_site_is_kept_there(
    quick: Page, intake: Served, partner: Partner
):
    quick.goto(partner.write("/venir", "", embedded(intake)))
    fill_in(quick, "Ana")
    quick.context.set_offline(True)
    send(quick)
    panel = quick.locator(".kept")
    expect(panel).to_contain_text("gardée dans ce navigateur", timeout=PATIENCE)
    expect(panel).to_be_focused()
    quick.context.set_offline(False)
    assert reference_shown(quick) == intake.entries()[0]["reference"]


def test_another_request_starts_blank_in_the_same_place(
    quick: Page, intake: Served, partner: Partner
):
    url = partner.write("/venir", "", embedded(intake, 'data-source="site" data-lang="en"'))
    quick.goto(url)
    quick.get_by_label("First name").fill("Ana")
    quick.locator("#last_name").fill("Delprat")
    quick.locator("#email").fill("essai@example.org")
    quick.locator("[id='projects.0.type']").select_option("farming")
    key = key_of(quick)
    quick.get_by_role("button", name="Send my request").click()
    link = quick.get_by_role("link", name="Make another request")
    expect(link).to_be_visible(timeout=PATIENCE)
    quick.context.set_offline(True)
    link.click()
    expect(quick.get_by_role("heading", name="Your plan to move")).to_be_focused()
    expect(quick.get_by_label("First name")).to_have_value("")
    expect(quick.locator("[id='projects.0.type']")).to_have_value("")
    expect(quick.locator(".kept")).to_be_empty()
    expect(quick.locator("[name=source]")).to_have_value("site")
    expect(key_field(quick)).not_to_have_value(key)
    expect(quick).to_have_url(url)


def test_the_other_language_keeps_what_was_written(page: Page, intake: Served, partner: Partner):
    url = partner.write("/venir", "", embedded(intake, 'data-source="site"'))
    page.goto(url)
    page.get_by_label("Prénom").fill("Ana")
    page.get_by_role("link", name="This form in English").click()
    expect(page.get_by_label("First name")).to_have_value("Ana")
    expect(page.locator("[name=source]")).to_have_value("site")
    # The page around it stays what it is.
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page).to_have_title("Le site")
    expect(page).to_have_url(url)


def expect_told_again(page: Page, panel: Locator, reference: str, partner: Partner) -> None:
    """After a reload, and after a look at another page of the site."""
    page.reload()
    expect(panel).to_contain_text(f"Votre référence\u00a0: {reference}")
    page.goto(partner.write("/autre", "", "Une autre page"))
    page.go_back()
    expect(panel).to_contain_text(f"Votre référence\u00a0: {reference}")


def test_a_reload_shows_the_reference_again(quick: Page, intake: Served, partner: Partner):
    url = partner.write("/venir", "", embedded(intake))
    quick.goto(url)
    fill_in(quick, "Ana")
    send(quick)
    reference = reference_shown(quick)
    panel = quick.locator(".kept")
    expect_told_again(quick, panel, reference, partner)
    assert [entry["reference"] for entry in intake.entries()] == [reference]
    # Who comes anew gets a form, and has it still after a reload of their own.
    quick.goto(url)
    expect(quick.get_by_label("Prénom")).to_have_value("")
    expect(panel).to_be_empty()
    quick.reload()
    expect(quick.get_by_label("Prénom")).to_have_value("")
    expect(panel).to_be_empty()


def test_after_another_request_was_begun_a_reload_shows_its_form(
    quick: Page, intake: Served, partner: Partner
):
    quick.goto(partner.write("/venir", "", embedded(intake)))
    fill_in(quick, "Ana")
    send(quick)
    reference_shown(quick)
    quick.get_by_role("link", name=AGAIN).click()
    expect(quick.get_by_label("Prénom")).to_have_value("")
    quick.reload()
    expect(quick.get_by_label("Prénom")).to_have_value("")
    expect(quick.locator(".kept")).to_be_empty()


def test_without_webcrypto_the_form_leads_to_the_hosted_page(
    page: Page, intake: Served, partner: Partner
):
    page.add_init_script("Object.defineProperty(crypto, 'subtle', {value: undefined})")
    page.goto(partner.write("/venir", "", embedded(intake)))
    fill_in(page, "Ana")
    send(page)
    reference_shown(page)
    expect(page).to_have_url(re.compile(f"^{re.escape(intake.url)}"))
    expect(page.locator("header")).to_have_text("Oh my Lot !")
    assert intake.entries()[0]["doubt"] == "no_script"


def framed(intake: Served) -> str:
    return (
        f'<iframe id="form" src="{intake.url}/?frame=embed" title="Formulaire"></iframe>'
        f'<script type="module" src="{intake.url}/embed.js"></script>'
    )


def test_a_frame_is_as_high_as_its_form(quick: Page, intake: Served, partner: Partner):
    quick.goto(partner.write("/cadre", "", framed(intake)))
    form = quick.frame_locator("#form")
    quick.wait_for_function(f"{HEIGHT} > 1000")
    inside = quick.frame(url=re.compile("frame=embed"))
    assert inside
    root = "document.documentElement"
    inside.wait_for_function(f"{root}.scrollHeight <= {root}.clientHeight")
    quick.evaluate("addEventListener('oh-my-lot:sent', (event) => { window.told = event.detail })")
    fill_in(form, "Ana")
    send(form)
    reference = reference_shown(form)
    quick.wait_for_function(f"{HEIGHT} < 1000")
    quick.wait_for_function("window.told")
    assert quick.evaluate("told") == {"source": "", "lang": "fr"}
    assert [entry["reference"] for entry in intake.entries()] == [reference]


def test_a_frame_is_as_high_as_its_form_if_the_script_comes_late(
    page: Page, intake: Served, partner: Partner
):
    late: list[Route] = []
    page.route("**/embed.js", lambda route: late.append(route))  # noqa: PLW0108  (needs a name)
    page.add_init_script("addEventListener('message', () => { window.heard = true })")
    partner.policy = ""
    page.goto(partner.write("/cadre", "", framed(intake)), wait_until="commit")
    page.wait_for_function("window.heard")
    late.pop().continue_()
    page.wait_for_function(f"{HEIGHT} > 1000")


def test_a_reload_around_a_frame_shows_the_reference_again(
    quick: Page, intake: Served, partner: Partner
):
    # An address of the site's own domain: elsewhere browsers may let a frame keep nothing.
    partner.policy = partner.policy.replace("127.0.0.1", "localhost")
    url = partner.write("/cadre", "", framed(intake).replace("127.0.0.1", "localhost"))
    quick.goto(url)
    form = quick.frame_locator("#form")
    fill_in(form, "Ana")
    send(form)
    reference = reference_shown(form)
    panel = form.locator(".kept")
    expect_told_again(quick, panel, reference, partner)
    assert [entry["reference"] for entry in intake.entries()] == [reference]
    # Who comes anew gets a form, and so does who asks for one.
    quick.goto(url)
    expect(form.get_by_label("Prénom")).to_have_value("")
    expect(panel).to_be_empty()
    fill_in(form, "Bruno")
    send(form)
    reference_shown(form)
    form.get_by_role("link", name=AGAIN).click()
    expect(form.get_by_label("Prénom")).to_have_value("")
    quick.reload()
    expect(form.get_by_label("Prénom")).to_have_value("")
    expect(panel).to_be_empty()


def test_another_request_in_a_frame_moves_nothing_around_it(
    quick: Page, intake: Served, partner: Partner
):
    url = partner.write("/cadre", "", framed(intake) + '<a href="#bas">Bas</a><p id="bas">Bas</p>')
    quick.goto(url)
    form = quick.frame_locator("#form")
    fill_in(form, "Ana")
    key = key_of(form)
    send(form)
    reference_shown(form)
    quick.get_by_role("link", name="Bas").click()
    form.get_by_role("link", name=AGAIN).click()
    expect(form.get_by_label("Prénom")).to_have_value("")
    expect(key_field(form)).not_to_have_value(key)
    expect(quick).to_have_url(f"{url}#bas")
    # No step back shows the next person what this one wrote.
    form.locator("body").evaluate("""() => new Promise((done) => {
        addEventListener('popstate', done, {once: true});
        history.go(-2);
    })""")
    expect(quick).to_have_url(url)
    expect(form.get_by_label("Prénom")).to_have_value("")


def test_others_messages_move_nothing(page: Page, intake: Served, partner: Partner):
    partner.policy = ""
    page.goto(partner.write("/cadre", "", framed(intake) + '<iframe id="other"></iframe>'))
    expect(page.frame_locator("#form").get_by_label("Prénom")).to_be_visible()
    page.wait_for_function("document.querySelector('#form').style.height !== ''")
    height = page.locator("#form").evaluate("one => one.style.height")
    page.evaluate("""() => {
        postMessage({accueil: {height: 7}}, '*');
        const other = document.querySelector('#other').contentWindow;
        other.eval("parent.postMessage({accueil: {height: 7}}, '*')");
        return new Promise((done) => {
            addEventListener('message', ({data}) => data === 'last' && done());
            postMessage('last', '*');
        });
    }""")
    assert page.locator("#form").evaluate("one => one.style.height") == height
    assert page.locator("#other").evaluate("one => one.style.height") == ""


def test_the_script_is_cached_and_readable_by_the_site(intake: Served, partner: Partner):
    url = f"{intake.url}/embed.js"
    answer = requests.get(url, headers={"Origin": partner.url}, timeout=10)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Access-Control-Allow-Origin"] == partner.url
    assert "Origin" in answer.headers["Vary"]
    again = requests.get(url, headers={"If-None-Match": answer.headers["ETag"]}, timeout=10)
    assert (again.status_code, again.content) == (304, b"")
    assert requests.get(url, headers={"If-None-Match": '"other"'}, timeout=10).status_code == 200
