"""The form as people meet it: with a keyboard, a screen reader, a phone, large text, no script."""

import gzip
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from functions.intake import limits
from functions.intake.answers import read_form
from functions.intake.form import Form, Frame, render_confirmation, render_form
from functions.intake.messages import FieldError
from functions.intake.submission import InvalidError, validate
from functions.intake.words import Language
from tests.e2e.accessibility import faults
from tests.e2e.steps import PATIENCE
from tests.functions.intake.test_own_page import Applicant
from tests.functions.intake.test_replying import LOT, Reader

SEND = {"fr": "Envoyer ma demande", "en": "Send my request"}
RECORDED = {"fr": "Votre demande est enregistrée", "en": "Your request is recorded"}
FAULTY = b"first_name=Ana&email=ana@&phone=12&target=communes&target.communes=Figeak&needs=x"
FAULTY += (
    b"&target.communes=46000&projects.1.sector=crafts&household.adults=x&nowhere=1&origin.city=%07"
)


def address(site: str, lang: str, frame: str) -> str:
    return f"{site}/intake?lang={lang}" + ("" if frame == "page" else f"&frame={frame}")


def fill(page: Page) -> None:
    page.locator("#first_name").fill("Ana")
    page.locator("#last_name").fill("Martin")
    page.locator("#email").fill("ana.martin@example.org")
    page.locator("[id='projects.0.type']").select_option("farming")


def faulty(page: Page, lang: str) -> None:
    """Send a form with something wrong in every kind of field."""
    page.locator("#phone").fill("12")
    page.locator(".more summary").first.click()
    page.locator("[id='projects.1.sector']").select_option("crafts")
    page.locator("[id='target.communes']").check()
    page.locator("[id='target.communes.0']").fill("Figeak")
    page.locator("[id='household.adults']").fill("x")
    page.get_by_role("button", name=SEND[lang]).click()
    expect(page.locator(".summary")).to_be_focused(timeout=PATIENCE)


def sent(page: Page, lang: str) -> None:
    fill(page)
    page.get_by_role("button", name=SEND[lang]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(RECORDED[lang], timeout=PATIENCE)


def kept(page: Page, lang: str) -> None:
    """Send without a network."""
    page.route("**/challenge", lambda route: route.abort())
    fill(page)
    page.get_by_role("button", name=SEND[lang]).click()
    expect(page.locator(".kept section")).to_be_visible()


def blank(page: Page, lang: str) -> None:
    expect(page.get_by_role("button", name=SEND[lang])).to_be_visible()


STATES = {"blank": blank, "faulty": faulty, "sent": sent, "kept": kept}


# Accessibility.


@pytest.mark.parametrize("frame", ["page", "embed"])
@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_axe_finds_nothing(
    state: Callable[[Page, str], None], lang: str, frame: str, quick: Page, site: str, web: Path
):
    quick.goto(address(site, lang, frame))
    state(quick, lang)
    quick.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    assert faults(quick, web, resultTypes=["violations", "incomplete"]) == []


def test_axe_finds_nothing_in_the_open_list_of_communes(page: Page, site: str, web: Path):
    page.goto(f"{site}/intake")
    page.locator("[id='target.communes']").check()
    page.locator("[id='target.communes.0']").fill("saint")
    page.keyboard.press("ArrowDown")
    # What the list covers it cannot judge.
    assert faults(page, web, "'.proposals:not([hidden]), [aria-expanded=true]'") == []
    # Where the reader chooses all colours, a line shows which one is active.
    page.emulate_media(forced_colors="active")
    active = page.locator(".proposals [aria-selected=true]")
    expect(active).to_have_css("outline-style", "solid")


def pages() -> Iterator[tuple[str, str]]:
    """Every page, by a name."""
    posted = read_form(FAULTY)
    with pytest.raises(InvalidError) as caught:
        validate(posted.raw)
    errors = [*posted.errors, *caught.value.errors]
    shown: tuple[tuple[Language, Frame], ...] = (
        ("fr", "page"), ("fr", "fragment"), ("en", "page"), ("en", "embed"),
    )  # fmt: skip
    for lang, frame in shown:
        form = partial(Form, "k", lang, frame)
        show = partial(render_form, privacy_contact="donnees@example.org")
        query = {"source": "aire-a20", "projects": "farming,health", "target": "Figeac"}
        yield (
            f"{lang}-{frame}-blank",
            show(form(query=query), form_page="https://example.org/a?b&c"),
        )
        yield f"{lang}-{frame}-faulty", show(form(answers=posted.answers, errors=errors))
        yield f"{lang}-{frame}-refused", show(form(errors=[FieldError("", "Non.")]))
        yield f"{lang}-{frame}-sent", render_confirmation("LOT-65AC-WHNK", frame, lang)
    reader, applicant = Reader(), Applicant()
    yield "answer", reader.call("GET", reader.links.answer(LOT, "not_mine")).body
    yield "own-page", applicant.call("GET", applicant.page).body
    yield "own-page-faulty", applicant.say("changed").body
    yield "own-page-said", applicant.say("erase").body
    yield "own-page-question", applicant.call("GET", applicant.well).body


def test_every_page_is_valid_html(web: Path, tmp_path: Path):
    """Apart from style: ids with dots are valid, and several boxes or communes have one name."""
    for name, text in pages():
        (tmp_path / f"{name}.html").write_text(str(text), "utf-8")
    command = ["node", web / "html-validate/bin/html-validate.mjs", "--formatter", "json"]
    command += ["--config", web.parent / "htmlvalidate.json", tmp_path]
    # Into a file: it ends before a pipe has taken everything.
    with (tmp_path / "found.json").open("w") as output:
        done = subprocess.run(command, stdout=output, timeout=60, check=False)
    faults = [
        (Path(file["filePath"]).name, message["line"], message["ruleId"], message["message"])
        for file in json.loads((tmp_path / "found.json").read_text("utf-8"))
        for message in file["messages"]
    ]
    assert faults == []
    assert done.returncode == 0


# Without a script, a mouse, or much room.


def tab_to(page: Page, place: str) -> None:
    """Press Tab until the focus is there; it never comes back to where it was."""
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        focus = page.locator(":focus")
        if focus.count():
            seen.append(focus.get_attribute("id") or focus.evaluate("one => one.outerHTML"))
            assert seen[-1] not in seen[:-1]
            if page.locator(f"{place}:focus").count():
                return
    raise AssertionError(seen)


def test_the_whole_form_by_keyboard_alone_and_without_a_script(plain: Page, site: str):
    plain.goto(f"{site}/intake")
    keyboard = plain.keyboard
    for name, text in (
        ("first_name", "Ana"),
        ("last_name", "Martin"),
        ("email", "ana.martin@example.org"),
        ("phone", "06 12 34 56 78"),
        ("best_time_to_call", "le soir"),
    ):
        tab_to(plain, f"#{name}")
        keyboard.type(text)
    tab_to(plain, "[id='projects.0.type']")
    keyboard.type("Créer")
    tab_to(plain, "[id='projects.0.occupation']")
    keyboard.type("noix")
    tab_to(plain, "summary")
    keyboard.press("Enter")
    tab_to(plain, "[id='projects.1.type']")
    keyboard.type("Suivre mon")
    tab_to(plain, "#horizon")
    keyboard.press("ArrowDown")
    tab_to(plain, "[name=needs][value=visit]")
    keyboard.press("Space")
    tab_to(plain, "[name=target]")
    keyboard.press("Space")
    keyboard.press("ArrowDown")
    expect(plain.locator("[id='target.communes']")).to_be_checked()
    tab_to(plain, "[id='target.communes.0']")
    keyboard.type("saint cere")
    tab_to(plain, "[id='household.adults']")
    keyboard.type("2")
    tab_to(plain, "#message")
    keyboard.type("Bonjour.\nMerci.")
    tab_to(plain, "#ambassador_contact")
    keyboard.press("Space")
    # Nobody comes across the bait on the way to the button.
    assert not plain.locator("#homepage:focus").count()
    tab_to(plain, "button")
    keyboard.press("Enter")
    expect(plain.get_by_role("heading", level=1)).to_have_text(RECORDED["fr"])
    assert re.fullmatch(
        "LOT-[0-9A-Z]{4}-[0-9A-Z]{4}", plain.locator(".reference strong").inner_text()
    )


def test_mistakes_are_mended_by_keyboard_alone_and_without_a_script(plain: Page, site: str):
    plain.goto(f"{site}/intake?lang=en")
    tab_to(plain, "#first_name")
    plain.keyboard.press("Enter")
    expect(plain).to_have_title(re.compile("^Error: "))
    summary = plain.locator(".summary")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("link")).to_have_count(3)
    tab_to(plain, ".summary a")
    plain.keyboard.press("Enter")
    wrong = plain.locator("#last_name")
    expect(wrong).to_be_focused()
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(wrong).to_have_accessible_description("Last name: please fill this in.")
    plain.keyboard.type("Martin")
    tab_to(plain, "#email")
    expect(plain.locator("#email")).to_have_accessible_description(
        re.compile("Give an email or a phone number.*Email or phone: give at least one")
    )
    plain.keyboard.type("ana.martin@example.org")
    tab_to(plain, "[id='projects.0.type']")
    plain.keyboard.type("Find")
    plain.keyboard.press("Enter")
    tab_to(plain, "button")
    plain.keyboard.press("Enter")
    expect(plain.get_by_role("heading", level=1)).to_have_text(RECORDED["en"])


CUT = """() => [...document.querySelectorAll('main *')].filter(one => {
    const box = one.getBoundingClientRect();
    if (!box.width || one.closest('.bait')) return false;
    // A typed text may be longer than its field, an inline element has no width of its own.
    const may = ['INPUT', 'SELECT', 'OPTION', 'TEXTAREA'].includes(one.tagName)
        || getComputedStyle(one).display === 'inline';
    const longer = one.scrollWidth > one.clientWidth + 1;
    return box.left < 0 || box.right > innerWidth || (longer && !may);
}).map(one => one.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("frame", ["page", "embed"])
@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("state", [blank, faulty], ids=["blank", "faulty"])
def test_nothing_is_cut_on_a_small_screen_or_with_large_text(
    state: Callable[[Page, str], None], lang: str, frame: str, page: Page, site: str
):
    page.goto(address(site, lang, frame))
    state(page, lang)
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    # 1280 px at 200 % are 640 px; 400 % are 320 px.
    for width in (320, 640, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(CUT) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # Text twice as large, and spaced as WCAG 1.4.12 has it.
    page.evaluate("""() => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(
            '.accueil { font-size: 200%; letter-spacing: .12em; word-spacing: .16em }');
        document.adoptedStyleSheets = [sheet];
    }""")
    for width in (640, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(CUT) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_one_clicks_is_large_enough(page: Page, site: str):
    """44 px on a phone, 24 px at least (WCAG 2.5.5, 2.5.8).

    A choice is clicked on its label. Links in a text are exempt.
    """
    page.goto(f"{site}/intake")
    page.locator("[id='target.epcis']").check()
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    targets = "label.choice, input:not([type=hidden], .choice input, .bait input), select, textarea"
    targets += ", summary, button, .language a"
    for width, least in ((1280, 24), (390, 44)):
        page.set_viewport_size({"width": width, "height": 844})
        small = page.locator(targets).evaluate_all(
            "(all, least) => all"
            ".map(one => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])"
            ".filter(([_, box]) => box.width && (box.height < least || box.width < least))",
            least,
        )
        assert small == []


def test_a_sub_question_shows_once_its_answer_is_chosen(plain: Page, site: str):
    plain.goto(f"{site}/intake")
    around = plain.get_by_label("Autour de Figeac (Grand-Figeac)")
    commune = plain.get_by_label("Commune", exact=True)
    expect(around).not_to_be_visible()
    expect(commune).not_to_be_visible()
    plain.get_by_label("Autour d'une ou de plusieurs villes").check()
    expect(around).to_be_visible()
    plain.get_by_label("Dans une commune que je connais").check()
    expect(commune).to_be_visible()
    expect(around).not_to_be_visible()
    # What has an answer is sent, too, and so it stays to be seen.
    commune.fill("Gourdon")
    plain.get_by_label("Autour d'une ou de plusieurs villes").check()
    around.check()
    plain.get_by_label("Partout").check()
    expect(commune).to_be_visible()
    expect(around).to_be_visible()


def test_one_more_project_is_offered_at_a_time(plain: Page, site: str):
    plain.goto(f"{site}/intake")
    more = plain.locator(".more > summary")
    expect(more.nth(1)).not_to_be_visible()
    more.first.click()
    expect(more.nth(1)).to_be_visible()


def test_the_bait_is_seen_by_nobody(page: Page, site: str):
    page.goto(f"{site}/intake")
    box = page.locator("#homepage").locator("..").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (1, 1)
    assert "homepage" not in page.locator("main").aria_snapshot()
    assert "Laissez ce champ vide" not in page.locator("main").aria_snapshot()


def test_the_other_language_keeps_what_the_link_filled_in(page: Page, site: str):
    page.goto(f"{site}/intake?source=aire-a20&projects=farming&target=anywhere")
    page.get_by_role("link", name="This form in English").click()
    expect(page).to_have_title(re.compile("^Your plan to move"))
    expect(page.locator("[name=source]")).to_have_value("aire-a20")
    expect(page.locator("[id='projects.0.type']")).to_have_value("farming")
    expect(page.get_by_label("Anywhere in the Lot")).to_be_checked()
    page.get_by_role("button", name=SEND["en"]).click()
    summary = page.locator(".summary h2")
    expect(summary).to_have_text("2 answers need correcting", timeout=PATIENCE)
    expect(page.locator("[name=source]")).to_have_value("aire-a20")


def test_a_site_chooses_colours_and_font(page: Page, site: str):
    page.goto(f"{site}/intake?frame=embed")
    page.evaluate("""() => {
        const style = document.documentElement.style;
        style.setProperty('--accueil-brand', 'rgb(80, 0, 80)');
        style.setProperty('--accueil-font', 'Georgia');
    }""")
    button = page.get_by_role("button")
    expect(button).to_have_css("background-color", "rgb(80, 0, 80)")
    expect(button).to_have_css("font-family", "Georgia")


# Light.


def test_the_page_is_light_asks_nobody_else_and_does_not_move(page: Page, site: str):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    answer = page.goto(f"{site}/intake")
    assert answer is not None
    assert len(gzip.compress(answer.body())) <= 25_000
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if not url.startswith(site)]
    shift = """() => new Promise(done => {
        let sum = 0;
        new PerformanceObserver(list => list.getEntries().forEach(one => sum += one.value))
            .observe({type: 'layout-shift', buffered: true});
        requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
    })"""
    assert page.evaluate(shift) == 0


@pytest.mark.parametrize("way", ["back", "reload"])
def test_without_a_script_nothing_is_lost_by_who_is_one_too_many(
    plain: Page, site: str, monkeypatch: pytest.MonkeyPatch, way: str
):
    plain.goto(f"{site}/intake")
    fill(plain)
    with monkeypatch.context() as patch:
        patch.setattr(limits, "RATES", limits.RATES | {"network": limits.Rate(0, 1)})
        plain.get_by_role("button", name=SEND["fr"]).click()
        expect(plain.get_by_role("heading")).to_have_text("Votre demande n'est pas enregistrée")
    if way == "reload":
        plain.reload()
    else:
        plain.go_back()
        expect(plain.locator("#email")).to_have_value("ana.martin@example.org")
        expect(plain.locator("[id='projects.0.type']")).to_have_value("farming")
        plain.get_by_role("button", name=SEND["fr"]).click()
    expect(plain.get_by_role("heading", name=RECORDED["fr"])).to_be_visible()
