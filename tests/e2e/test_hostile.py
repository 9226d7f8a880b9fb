"""Hostile input through the whole system: nothing is executed, lost, garbled or told to a log."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect
from playwright.sync_api import Page as Shown
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from functions.digest.render import SHOWN
from functions.digest.weeks import week_of
from functions.shared.mail.letter import readable
from infra.emulator.app import create_app as create_sheets
from infra.emulator.server import serving
from infra.local.mailbox import Mail, mails
from infra.local.pages.app import create_app as create_pages
from sheets_schema.columns import PARIS
from sheets_schema.territory import territories
from tests.functions.pages import Page
from tests.hostile import BODIES, REFUSED, TEXTS, TIDIED, Body
from tests.support import ANA, API_KEY, Classeur

PLANTED = "Zorglub4242"  # in every request, and in no log


# What is refused.


def sentence(answer) -> str:
    """What a refusal says, as a problem or on a page."""
    if answer.content_type.startswith("application/problem+json"):
        problem = answer.json
        return " ".join(
            [problem["title"], *(error["message"] for error in problem.get("errors", []))]
        )
    assert answer.content_type == "text/html; charset=utf-8"
    root = Page(answer.text).root
    # The list of mistakes above the form, or else a short page.
    for summary in root.all("section", **{"class": "summary"}):
        return summary.text
    return next(root.all("p")).text


def written(tmp_path: Path) -> list[str]:
    """What is in the journal."""
    return [file.name for file in tmp_path.glob("journal/**/*") if file.is_file()]


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_hostile_call_is_refused_in_a_sentence_and_leaves_nothing(
    body: Body, load, tmp_path, capsys
):
    answer = load("intake").post(
        "/", data=body.body, content_type=body.content_type, headers=API_KEY | body.headers
    )
    assert answer.status_code == body.status
    assert body.says in sentence(answer)
    assert sentence(answer).rstrip(" ?").endswith((".", "»"))
    assert written(tmp_path) == []
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_text_that_no_field_takes_is_refused_and_leaves_nothing(text, load, tmp_path, capsys):
    intake = load("intake")
    # A blank name would be no name, and whoever has one name only may have it in either place.
    one_name = {name: value for name, value in ANA.items() if name != "first_name"}
    answers = [intake.post("/", json=one_name | {"last_name": text}, headers=API_KEY)]
    if not re.search("[\ud800-\udfff]", text):  # no form can hold those
        fields = {"last_name": text, "email": "ana@example.org"}
        fields |= {"projects.0.type": "other"}
        answers.append(intake.post("/", data=fields, headers=API_KEY))
    for answer in answers:
        assert answer.status_code == 422
        assert "Nom : " in sentence(answer)
    assert written(tmp_path) == []
    assert capsys.readouterr().out == ""


# What comes back to whoever sent it.

# What a page must not get from what somebody typed.
ALIEN = "script:not([src]), img, iframe, svg, object, embed, [onerror], [onload], [onfocus]"
TYPED_INTO = (
    "first_name",
    "last_name",
    "best_time_to_call",
    "projects.0.occupation",
    "projects.1.occupation",
    "projects.2.occupation",
    "origin.postcode",
    "origin.city",
    "origin.country",
    "message",
)


@pytest.fixture
def browser_page(chromium: Browser) -> Iterator[Shown]:
    """A page on which nothing may be executed but its own scripts."""
    context = chromium.new_context()
    page = context.new_page()
    executed: list[str] = []
    page.on("dialog", lambda dialog: (executed.append(dialog.message), dialog.dismiss()))
    yield page
    context.close()
    assert executed == []


def test_hostile_text_comes_back_in_the_form_as_it_was_typed(load, browser_page):
    intake = load("intake")
    texts = list(TEXTS.values())
    browser_page.set_content(intake.get("/").text)
    own = browser_page.locator(ALIEN).count()
    for start in range(0, len(texts), len(TYPED_INTO)):
        fields = dict(zip(TYPED_INTO, texts[start:], strict=False))
        answer = intake.post("/?step=send", data=fields | {"email": "@"}, headers=API_KEY)
        assert answer.status_code == 422
        browser_page.set_content(answer.text)
        expect(browser_page.locator(ALIEN)).to_have_count(own)
        for name, text in fields.items():
            expect(browser_page.locator(f'[name="{name}"]')).to_have_value(text)


def test_a_hostile_address_is_not_repeated(load, capsys):
    intake = load("intake")
    for name, text in TEXTS.items():
        query = dict.fromkeys(("lang", "frame", "source", "projects", "target", text), text)
        answer = intake.get("/", query_string=query)
        assert answer.status_code == 200, name
        lost = intake.get("/" + quote(f"x {text}", safe=""))
        assert lost.status_code == 404, name
        assert sentence(lost).startswith("Il n'y a rien à cette adresse : ")
        assert "alert(1)" not in answer.text + lost.text, name
    [line] = map(json.loads, capsys.readouterr().out.splitlines())  # that there were many
    assert (line["message"], line["status"]) == ("refused", 404)
    assert all(re.fullmatch(r"[0-9a-f]{16}: [0-9]+", network) for network in line["most"])


# What is taken.


@dataclass(frozen=True)
class Sent:
    """A text that was sent as a name and in other answers, and how it is kept."""

    name: str
    kept: str
    reference: str
    epci: str
    by_form: bool


def submissions() -> Iterator[tuple[str, str, str, str, bool]]:
    """Name, text, how it is kept, where to, and whether by the form.

    No referent and no digest gets more than it shows.
    """
    known = [(name, text, text) for name, text in TEXTS.items()]
    known += [(name, text, kept) for name, (text, kept) in TIDIED.items()]
    where = iter([code for code, epci in territories().epcis.items() if epci.seated])
    for by_form in (False, True):
        for start in range(0, len(known), SHOWN):
            epci = next(where)
            for name, text, kept in known[start : start + SHOWN]:
                yield name, text, kept, epci, by_form


def send(intake: FlaskClient, text: str, epci: str, *, by_form: bool) -> str:
    """Send a request with a text wherever there may be one; gives the reference."""
    if not by_form:
        body = ANA | {
            "first_name": PLANTED,
            "last_name": text,
            "message": text,
            "projects": [{"type": "other", "occupation": text}],
            "origin": {"city": text},
            "target": {"epcis": [epci]},
            "idempotency_key": f"json {text}",
        }
        answer = intake.post("/", json=body, headers=API_KEY)
        assert answer.status_code == 202, answer.text
        return str(answer.json["reference"])
    fields = {
        "first_name": PLANTED,
        "last_name": text,
        "email": "ana.martin@example.org",
        "message": text,
        "projects.0.type": "other",
        "projects.0.occupation": text,
        "origin.city": text,
        "target.epcis": epci,
        "idempotency_key": f"form {text}",
    }
    answer = intake.post("/?step=send", data=fields, headers=API_KEY)
    assert answer.status_code == 202, answer.text
    return Page(answer.text).root.only("strong").text


@pytest.fixture
def workbook_page(classeur: Classeur, tmp_path: Path) -> Iterator[str]:
    """The address of the page that shows the spreadsheet."""
    pages = create_pages(tmp_path, "demo", lambda _: "")
    app = DispatcherMiddleware(pages, {"/google": create_sheets(classeur.store)})
    with serving(app) as url:
        yield f"{url}/classeur"


# Long: every hostile text goes through intake, sheet, page and mails.
def test_hostile_text_reaches_sheet_page_and_mails_as_it_was_typed(
    load, classeur, workbook_page, browser_page, tmp_path, capsys
):
    intake, route, digest = load("intake"), load("route"), load("digest")
    sent = [
        Sent(name, kept, send(intake, text, epci, by_form=by_form), epci, by_form)
        for name, text, kept, epci, by_form in submissions()
    ]
    assert route.post("/").json == {"written": len(sent)}
    route.post("/?sweep=true")  # when many wait, it sends the mails
    check_cells(sent, classeur)
    check_page(sent, workbook_page, browser_page)
    received = mails(tmp_path / "mail")
    check_mails(sent, received, browser_page)
    # What came by the form is in the sheet as what came as JSON: half is enough.
    for number, epci in enumerate(
        {request.epci: None for request in sent if not request.by_form}, start=1
    ):
        waiting = [request for request in sent if request.epci == epci]
        leave_without_referent(waiting, classeur)
        (tmp_path / "mail").rename(tmp_path / f"read-{number}")
        week = week_of(datetime.now(PARIS).date() - timedelta(weeks=number)).name
        assert digest.post("/", json={"week": week}).json["sent"] >= 3
        check_mails(waiting, mails(tmp_path / "mail"), browser_page)
    printed = capsys.readouterr()
    assert printed.out.count('"accepted"') == len(sent)
    logged = printed.out + printed.err
    assert PLANTED not in logged
    assert not [
        request.name for request in sent if len(request.kept) > 5 and request.kept in logged
    ]


def check_cells(sent: list[Sent], classeur: Classeur) -> None:
    """Every cell holds the text as a text, which no spreadsheet takes for a formula."""
    params = {
        "ranges": "Demandes",
        "fields": "sheets.data.rowData.values.userEnteredValue",
    }
    answer = requests.get(classeur.api, params=params, timeout=20).json()
    header, *lines = (
        [cell.get("userEnteredValue", {}).get("stringValue") for cell in line.get("values", [])]
        for line in answer["sheets"][0]["data"][0]["rowData"]
    )
    typed = {
        row["Référence"]: row for line in lines if (row := dict(zip(header, line, strict=False)))
    }
    shown = {row["Référence"]: row for row in classeur.rows()}
    for request in sent:
        check_row(request, typed[request.reference])
        check_row(request, shown[request.reference])


def check_row(request: Sent, row: Mapping[str, str]) -> None:
    for column in ("Nom", "Métier ou activité", "Ville actuelle", "Message"):
        assert row[column] == request.kept, request.name
    assert row["Prénom"] == PLANTED


ROWS = """() => [...document.querySelectorAll("table tr")].map(
  (row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent))"""


def check_page(sent: list[Sent], address: str, page: Shown) -> None:
    """The workbook's page shows the texts in cells, and nothing else of them."""
    page.goto(address)
    expect(page.get_by_text(sent[-1].reference, exact=True)).to_be_attached(timeout=10_000)
    header, *lines = [line for line in page.evaluate(ROWS) if line]
    rows = {
        row["Référence"]: row for line in lines if (row := dict(zip(header, line, strict=False)))
    }
    for request in sent:
        check_row(request, rows[request.reference])
    expect(page.locator(ALIEN)).to_have_count(0)


def leave_without_referent(waiting: list[Sent], classeur: Classeur) -> None:
    """Clear the referents of some rows, and name one in all others."""
    rows = classeur.rows()
    names = {request.reference for request in waiting}
    cells = [["" if row["Référence"] in names else "Sophie Lacombe"] for row in rows]
    first, last = (classeur.at("Référent", row) for row in (2, len(rows) + 1))
    answer = requests.put(
        f"{classeur.api}/values/{first}:{last.partition('!')[2]}",
        params={"valueInputOption": "USER_ENTERED"},
        json={"values": cells},
        timeout=20,
    )
    assert answer.ok, answer.text


UNSEEN = "\N{ZERO WIDTH NON-JOINER}"  # keeps mail programs from making links


def check_mails(sent: list[Sent], received: Sequence[Mail], page: Shown) -> None:
    """Each text stands in mails, plain and HTML, after its reference and on its own line."""
    assert received
    shown = []
    for mail in received:
        page.set_content(mail.html)
        expect(page.locator(ALIEN)).to_have_count(0)
        shown.append(page.locator("body").inner_text().replace(UNSEEN, ""))
    plain = "\n".join(mail.text.replace(UNSEEN, "") for mail in received)
    for request in sent:
        # A mail cannot hold U+FFFF.
        person = readable(f"{PLANTED} {request.kept}").replace(UNSEEN, "")
        assert f"{request.reference} – {person}\n" in plain, request.name
        assert " ".join(person.split()) in " ".join("\n".join(shown).split()), request.name
    heads = "".join(f"{mail.subject} {mail.sender} {mail.to}" for mail in received)
    assert PLANTED not in heads
