import base64
import hashlib
import json
import re
import shlex
from itertools import pairwise
from urllib.parse import urlencode

import pytest

from functions.intake.handler import FORM_TYPE, Intake
from functions.intake.manual import manual_styles, render_manual
from functions.intake.openapi import CONTROLS, document, form_schema
from functions.shared.journal.store import open_journal
from functions.shared.web import Call
from infra.local.access import LOCAL_INTAKE, LOCAL_KEY
from sheets_schema.schema import vocabulary
from tests.functions.pages import Element, Page


@pytest.fixture
def intake() -> Intake:
    return Intake(open_journal("memory:///"), LOCAL_INTAKE)


@pytest.fixture
def page() -> Element:
    return Page(render_manual()).root


def command(page: Element, number: int) -> list[str]:
    """An example of the page as a shell reads it."""
    shown = [*page.all("pre")][number].own_text
    return shlex.split(shown.replace("\\\n", " ").replace("$CLE", LOCAL_KEY))


def given(words: list[str], option: str) -> list[str]:
    return [value for flag, value in pairwise(words) if flag == option]


def headers(words: list[str]) -> dict[str, str]:
    pairs = [text.split(": ") for text in given(words, "-H")]
    return {name.lower(): value for name, value in pairs}


def test_the_page_is_there(intake: Intake):
    answer = intake(Call("GET", {}, {}, b"", "/api"))
    assert (answer.status, answer.body) == (200, render_manual())
    assert answer.content_type == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"


def test_its_examples_work_as_they_stand(intake: Intake, page: Element):
    as_json, as_form = command(page, 0), command(page, 1)
    [body] = given(as_json, "-d")
    sent = intake(Call("POST", headers(as_json), {}, body.encode()))
    assert sent.status == 202, sent.body
    pairs = [tuple(text.split("=", 1)) for text in given(as_form, "--data-urlencode")]
    form = headers(as_form) | {"content-type": FORM_TYPE}
    confirmed = intake(Call("POST", form, {}, urlencode(pairs).encode()))
    assert confirmed.status == 202
    assert json.loads(sent.body)["reference"] in confirmed.body
    assert as_json[:2] == as_form[:2] == ["curl", "https://…/intake"]


def test_every_field_and_code_is_listed(page: Element):
    named = {element.text for element in page.all("code")}
    for name in form_schema()["properties"]:
        assert name in named or name == "target" or re.match(r"projects\.[12]\.", name)
    for kind in ("project", "sector", "horizon", "need"):
        assert {*vocabulary(kind)} <= named
        assert all(title in page for title in vocabulary(kind).values())
    assert {*CONTROLS} <= named


def test_limits_and_what_is_needed_are_told(page: Element):
    rows = {row.only("th").text: row for row in page.all("tr") if len([*row.all("td")]) == 2}
    assert "Nom (obligatoire)" in rows["last_name"]
    assert "obligatoire" not in rows["first_name"]
    assert "texte de 80 caractères au plus" in rows["first_name"]
    assert "nombre entier de 1 à 20" in rows["household.adults"]
    assert "texte de 2 000 caractères au plus" in rows["message"]
    assert "obligatoire" not in rows["message"]
    assert "Projet principal (obligatoire)" in rows["projects.0.type"]


def test_every_answer_is_told(page: Element):
    statuses = {cell.text for cell in page.all("th", scope="row")}
    assert {*document()["paths"]["/"]["post"]["responses"]} <= statuses


def test_the_page_loads_nothing_but_its_own_style(page: Element, intake: Intake):
    shown = render_manual()
    [style] = re.findall("<style>(.*?)</style>", shown, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert manual_styles() == [f"sha256-{digest}"]
    policy = intake(Call("GET", {}, {}, b"", "/api")).headers["Content-Security-Policy"]
    assert f"'sha256-{digest}'" in policy
    assert not [*page.all("script")]
    assert [element["href"] for element in page.all("a")] == ["openapi.json"]
    assert not re.search(r"url\(|@import| src=| style=", shown)


def test_french_lines_do_not_break_before_their_signs():
    text = "".join(Page(render_manual()).root.only("main").own_text)
    outside = re.sub(r"curl.*?'\n?\n", "", text, flags=re.DOTALL)
    assert not re.search(r"(?<=[\w»)]) [?!;»]", outside)


def test_it_says_that_communes_are_codes_for_programs_and_names_in_forms(page: Element):
    shown = page.text

    assert "liste de 10 codes INSEE au plus ; des noms dans un formulaire" in shown
    assert "liste de 10 codes au plus" in shown
