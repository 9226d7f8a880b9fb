"""Every example of docs/website.md works as it stands, once its two addresses are others."""

import json
import re
from itertools import pairwise
from urllib.parse import parse_qsl

import pytest
import requests
import yaml

from functions.intake.limits import RATES
from infra.local.access import LOCAL_KEY
from infra.site.check import check
from sheets_schema.schema import load, vocabulary
from sheets_schema.territory import territories
from tests.website import DOC, FORM, ORIGIN, example_with, examples, policies

SAMPLES = {
    "first_name": "Ana",
    "last_name": "N'Diaye",
    "email": "ana@example.org",
    "phone": "06 12 34 56 78",
    "project": "health",
    "occupation": "infirmière à l'hôpital",
    "message": "Bonjour,\nà bientôt",
    "needs": ["housing", "childcare"],
    "horizon": "later",
}


def send(form, **body):
    return requests.post(form.url, headers={"X-API-Key": LOCAL_KEY}, timeout=30, **body)


def recorded(tmp_path):
    """What intake has made durable."""
    (entry,) = (tmp_path / "journal" / "pending").iterdir()
    return json.loads(entry.read_text())["submission"]


def php_pairs(value, name=""):
    """A structure as PHP's http_build_query writes it, which Drupal's client and WordPress use."""
    items = enumerate(value) if isinstance(value, list) else value.items()
    for key, inner in items:
        path = f"{name}[{key}]" if name else str(key)
        if isinstance(inner, list | dict):
            yield from php_pairs(inner, path)
        else:
            yield path, inner


def test_there_are_examples_of_each_kind():
    assert len(examples("html")) >= 6
    assert (len(examples("css")), len(examples("js"))) == (2, 1)
    assert len(examples("json")) == len(examples("yaml")) == 2
    assert len(examples("x-www-form-urlencoded")) == 1


@pytest.mark.parametrize("html", [example for example in examples("html") if FORM in example])
def test_the_site_check_finds_nothing_wrong_with_an_example(html, partner, form):
    if "embed.js" in html and "data-oh-my-lot" not in html:  # for a page that has an iframe
        html += example_with("html", "<iframe")

    findings = list(check(partner.show(html.replace(FORM, form.url)), local=True))

    assert {finding.kind for finding in findings} == {"right"}


@pytest.mark.parametrize("html", [example for example in examples("html") if FORM in example])
def test_what_an_example_fills_in_exists(html):
    query = dict(parse_qsl(html.partition("?")[2].partition('"')[0].replace("&amp;", "&")))
    known = [*territories().communes, *vocabulary("project")]

    assert not query or re.fullmatch(
        load("submission")["properties"]["source"]["pattern"], query["source"]
    )
    codes = [code for name in ("projects", "target") for code in query.get(name, "").split(",")]
    assert [code for code in codes if code and code not in known] == []


@pytest.mark.parametrize("body", examples("json"))
def test_a_json_example_sent_twice_is_one_request(body, form):
    first, again = (send(form, json=json.loads(body)) for _ in range(2))

    assert (first.status_code, again.status_code) == (202, 202), first.text
    assert first.json() == again.json()


def test_the_form_example_says_what_the_json_example_says(form, tmp_path):
    (body,) = examples("x-www-form-urlencoded")
    pairs = parse_qsl(body.replace("\n", ""))

    answer = send(form, data=pairs)

    assert answer.status_code == 202
    said = json.loads(example_with("json", '"needs"'))
    del said["idempotency_key"]
    made = recorded(tmp_path)
    assert {name: made[name] for name in said} == said


@pytest.mark.parametrize("kind", ["json", "form_params"])
def test_drupal_s_remote_post(kind, form, tmp_path):
    values = SAMPLES | {"phone": ""}
    custom = yaml.safe_load(example_with("yaml", "idempotency_key"))
    headers = yaml.safe_load(example_with("yaml", "headers"))["headers"]

    def token(match):
        name, *rest = match[1].split(":")
        return values[rest[0]] if name == "values" else "7f1c3a52-4c0e-4e5e-9f0b-1f6f0a7c2b11"

    filled = json.loads(
        re.sub(r"\[webform_submission:([^]]+)\]", token, json.dumps(custom, ensure_ascii=False))
    )
    elements = {
        name: value for name, value in values.items() if name not in ("project", "occupation")
    }
    data = filled | elements
    assert headers.keys() == {"X-API-Key"}

    body = {"json": data} if kind == "json" else {"data": list(php_pairs(data))}
    first, again = send(form, **body), send(form, **body)

    assert (first.status_code, again.status_code) == (202, 202), first.text
    made = recorded(tmp_path)  # one entry, of two posts
    assert made["projects"] == [{"type": "health", "occupation": "infirmière à l'hôpital"}]
    assert made["needs"] == ["housing", "childcare"]
    assert "phone" not in made


@pytest.mark.parametrize("column", [1, 2])
def test_wordpress_s_webhooks(column, form, tmp_path):
    rows = [re.findall(r"`([^`]+)`", line) for line in DOC.splitlines() if line.startswith("| `")]
    mapping = {row[0]: row[column] for row in rows if len(row) == 3 and row[0] != "target"}
    assert len(mapping) == 9
    numbers = ["first_name", "last_name", "email", "phone", "project", "occupation", "message"]

    def tag(match):
        number = re.search(r"\d+", match[0])
        return SAMPLES[numbers[int(number[0]) - 1]] if number else "42"

    pairs = [(key, re.sub(r"\{[^}]+\}", tag, value)) for key, value in mapping.items()]
    answer = send(form, data=pairs)

    assert answer.status_code == 202
    made = recorded(tmp_path)
    assert made["projects"] == [{"type": "health", "occupation": "infirmière à l'hôpital"}]
    assert (made["phone"], made["message"]) == ("+33612345678", "Bonjour,\nà bientôt")


def test_the_policies_it_names_are_enough(partner, form):
    own = form.url.removesuffix("/intake")
    framed, placed = example_with("html", "<iframe"), example_with("html", "<p data-oh")
    alone = next(example for example in examples("html") if example.startswith("<script"))
    htmls = {
        "iframe": framed,
        "iframe, and the script for its height": framed + alone,
        "script": placed,
    }
    rules = policies()
    assert rules.keys() == htmls.keys()

    for way, html in htmls.items():
        policy = f"default-src 'self'; {rules[way]}".replace(ORIGIN, own)
        url = partner.show(html.replace(FORM, form.url), Content_Security_Policy=policy)
        assert {finding.kind for finding in check(url, local=True)} == {"right"}


def test_no_example_has_css_or_a_script_inside_the_page():
    inline = re.compile(r"\sstyle=|<style|<script(?![^>]*\ssrc=)|\son\w+=")

    assert [html for html in examples("html") if inline.search(html)] == []


@pytest.mark.parametrize(
    ("who", "kind"),
    [
        ("a network address", "network"),
        ("a network address, with its proof of work", "proved"),
        ("a network address, without JavaScript", "no_script"),
        ("all network addresses together, without JavaScript", "no_script_at_all"),
        ("an API key", "key"),
    ],
)
def test_its_limits_are_those_there_are(who, kind):
    rate = RATES[kind]
    site = "–" if kind in ("no_script_at_all", "key") else f"{rate.of_site.at_once}"

    assert f"\n| {who} | {rate.at_once} | {round(rate.a_minute, 2)} | {site} |\n" in DOC


def test_its_tables_have_no_row_too_few():
    lines = DOC.splitlines()
    widths = [
        (above.count("|"), below.count("|"))
        for above, below in pairwise(lines)
        if above.startswith("|") and below.startswith("|")
    ]
    assert widths
    assert all(above == below for above, below in widths)
