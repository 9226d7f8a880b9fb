import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import pytest
from jinja2 import nodes
from werkzeug.http import parse_accept_header

import functions.intake
import main
import sheets_schema
from functions.intake import form
from functions.intake.words import Phrase, either, english, language, names_in, say
from functions.shared.errors import AccueilError
from functions.shared.web import Call
from sheets_schema.place import localise
from sheets_schema.schema import choices, load, places

FOLDER = Path(functions.intake.__file__).parent
MODULES = [*sorted(FOLDER.glob("*.py")), Path(main.__file__)]
# Documents for programmers, and what referents and coordinators read: in French only.
FRENCH_ONLY = {
    *("openapi.py", "manual.py", "api.html"),
    *("replying.py", "reply_pages.py", "reply.html"),
}
SCHEMAS = Path(sheets_schema.__file__).parent
TEMPLATES = [
    file for file in sorted(FOLDER.glob("templates/*.html")) if file.name not in FRENCH_ONLY
]
# What has words and is not said to callers: headers, regular expressions, names, wrong settings,
# markup.
NOT_SAID = re.compile(
    r"default-src|'none'|'self'|utf-8|Content-Type, |\[|\(\?|max-age|^altcha key$|^ \?$|^PORT=|^<p "
)
WORDS = re.compile(r"[A-Za-zÀ-ÿœ]['’ ]?[ ']\{?[A-Za-zÀ-ÿœ«]|[À-ÿœ]")


# Every sentence has its English.


def strings(tree: ast.AST) -> Iterator[str]:
    """The texts of a module that are neither documentation nor logged; an f-string's as one."""
    inside = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            inside.add(node.value)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "log":
            inside |= {*node.args}
        if isinstance(node, ast.JoinedStr):
            inside |= {*node.values}
            yield "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in inside:
            yield node.value


def arguments(tree: ast.AST) -> Iterator[str]:
    """The texts that are made a phrase, or said, on the spot."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Phrase", "say"):
            for inner in ast.walk(node.args[0]):
                if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                    yield inner.value


def said_in_code() -> set[str]:
    texts = set()
    for file in MODULES:
        if file.name not in FRENCH_ONLY:
            tree = ast.parse(file.read_text("utf-8"))
            texts |= {text for text in strings(tree) if WORDS.search(text)} | {*arguments(tree)}
    texts |= {title for title, _ in form.SECTIONS} | {title for _, title in form.TARGET_CHOICES}
    return {text for text in texts if has_words(text) and not NOT_SAID.search(text)}


def has_words(text: str) -> bool:
    """Whether there is something to translate beside the values: words, or French spacing."""
    return bool(re.search(r"[^\W\d_]|«| [:;?!]", re.sub(r"\{\w+\}", "", text)))


def parsed(file: Path) -> nodes.Template:
    return jinja2.Environment(trim_blocks=True).parse(file.read_text("utf-8"))


def said_in_templates() -> set[str]:
    texts = set()
    for file in TEMPLATES:
        for node in parsed(file).find_all(nodes.Call):
            if isinstance(node.node, nodes.Name) and node.node.name == "say":
                texts |= {*constants(node.args[0])}
    return texts


def constants(node: nodes.Node) -> Iterator[str]:
    """The texts that an expression may be."""
    match node:
        case nodes.Const(value=str(text)):
            yield text
        case nodes.CondExpr(expr1=first, expr2=second):
            yield from constants(first)
            if second:
                yield from constants(second)


SAID = sorted(map(localise, said_in_code() | said_in_templates()))


@pytest.mark.parametrize("sentence", SAID)
def test_every_sentence_has_its_english(sentence: str):
    words = english()[sentence]
    assert sorted(named(words)) == sorted(named(sentence)) or "{of}" in sentence
    assert ends(words) == ends(sentence)
    assert " :" not in words
    assert "«" not in words


def ends(text: str) -> str:
    return text[-1] if text[-1] in ".?!:" else ""


def named(text: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", text)


def test_no_english_is_left_of_a_sentence_that_is_gone():
    kept = json.loads(localise((FOLDER / "english.json").read_text("utf-8")))
    assert {*kept} <= {*SAID}


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_a_template_says_nothing_by_itself(file: Path):
    """Its own text is HTML; words come through `say`, which knows the language."""
    tokens = jinja2.Environment().lex(file.read_text("utf-8"))
    text = "".join(token if kind == "data" else "" for _, kind, token in tokens)
    shown = re.sub(r'<[^>]*>|[a-z-]+="[^"]*"', " ", text)
    assert re.findall(r"[^\W\d_]+", shown) == []
    assert not re.findall(r' (?:aria-label|title|alt|placeholder)="[^" ]', text)
    others = {"This form in English", "Ce formulaire en français", "Projet principal"}
    others |= {"Autre projet"}  # said as a question's caption
    unsaid = {
        localise(constant.value)
        for constant in parsed(file).find_all(nodes.Const)
        if isinstance(constant.value, str) and WORDS.search(constant.value)
    }
    assert unsaid <= {*SAID} | others


# Every label has its English.


def test_every_label_has_its_english_and_no_other_has():
    kept = json.loads(localise((SCHEMAS / "english.json").read_text("utf-8")))
    labels_by_place: dict[str, Any] = {}
    for place, schema in places(load("submission")):
        labels = {kind: True for kind in ("title", "description") if kind in schema}
        if "oneOf" in schema:
            labels["choices"] = list(choices(schema))
        if labels:
            labels_by_place[place] = labels
    assert labels_by_place == {
        place: {
            kind: list(words) if kind == "choices" else bool(words)
            for kind, words in labels.items()
        }
        for place, labels in kept.items()
    }


def test_a_label_has_one_english():
    seen: dict[str, str] = {}
    kept = json.loads(localise((SCHEMAS / "english.json").read_text("utf-8")))
    for place, schema in places(load("submission")):
        pairs = [
            (schema.get(kind), kept.get(place, {}).get(kind)) for kind in ("title", "description")
        ]
        pairs += [
            (title, kept[place]["choices"][code])
            for code, title in (choices(schema) if "oneOf" in schema else {}).items()
        ]
        for french, words in pairs:
            if french:
                assert seen.setdefault(french, words) == words
    assert english().items() >= seen.items()


# Saying.


def test_a_sentence_is_said_in_french_as_it_stands():
    assert say("Vos données", "fr") == "Vos données"
    assert say("Vos données", "en") == "Your data"


def test_values_stand_in_their_places():
    sentence = "{most} réponses au plus"
    assert say(sentence, "fr", most=3) == "3 réponses au plus"
    assert say(sentence, "en", most=3) == "3 answers at most"


def test_a_phrase_reads_as_french_and_can_be_said_in_english():
    inner = Phrase("{most} réponses au plus", most=3)
    phrase = Phrase("{label} : {sentence}.", label=Phrase("Nom"), sentence=inner)
    assert phrase == "Nom : 3 réponses au plus."
    assert say(phrase, "fr") == "Nom : 3 réponses au plus."
    assert say(phrase, "en") == "Last name: 3 answers at most."


def test_what_somebody_typed_is_no_sentence():
    phrase = Phrase("« {name} »", name="Nom {x}")
    assert say(phrase, "en") == "“Nom {x}”"
    assert say("{x", "en") == "{x"


def test_an_error_is_said_by_its_sentence():
    assert say(AccueilError("Vos données"), "en") == "Your data"
    words = say(AccueilError(Phrase("{most} réponses au plus", most=3)), "en")
    assert words == "3 answers at most"


@pytest.mark.parametrize(
    ("names", "french", "words"),
    [
        (["Cahors"], "Cahors", "Cahors"),
        (["Cahors", "Figeac"], "Cahors ou Figeac", "Cahors or Figeac"),
        (["a", "b", "c", "d"], "a, b, c ou d", "a, b, c or d"),
    ],
)
def test_alternatives_read_as_a_sentence_does(names: list[str], french: str, words: str):
    assert (say(either(names), "fr"), say(either(names), "en")) == (french, words)


def test_the_names_that_a_sentence_proposes_are_known():
    quoted = [Phrase("« {name} »", name=name) for name in ("Cahors", "Figeac", "Martel")]
    for names in (quoted[:1], quoted):
        advice = Phrase("{which} : {names} ?", which=Phrase("Commune"), names=either(names))
        assert names_in(advice) == ["Cahors", "Figeac", "Martel"][: len(names)]
    assert names_in(Phrase("{names}", names=either(["Cahors", "Figeac"]))) == ["Cahors", "Figeac"]
    assert names_in(Phrase("{most} réponses au plus", most=3)) == []
    assert names_in("Commune : à renseigner.") == []


# Whose language.


@pytest.mark.parametrize(
    ("query", "headers", "expected"),
    [
        ({}, {}, "fr"),
        ({"lang": "en"}, {}, "en"),
        ({"lang": "fr"}, {"accept-language": "en"}, "fr"),
        ({"lang": "de"}, {}, "fr"),
        ({}, {"accept-language": "en"}, "en"),
        ({}, {"accept-language": "en-GB,en;q=0.9,fr;q=0.8"}, "en"),
        ({}, {"accept-language": "fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5"}, "fr"),
        ({}, {"accept-language": "fr;q=0.2, EN;q=0.7"}, "en"),
        ({}, {"accept-language": "de, nl;q=0.8"}, "fr"),
        ({}, {"accept-language": "de, en;q=0.5"}, "en"),
        ({}, {"accept-language": "en;q=0"}, "fr"),
        ({}, {"accept-language": "en;q=9, ;;, x"}, "fr"),
        ({}, {"accept-language": "english"}, "fr"),
        ({}, {"accept-language": "de, nl;q=0.9, en;q=0.8, *;q=0.1"}, "en"),
        # A page is French unless its address says otherwise.
        ({}, {"accept-language": "en", "accept": "text/html,*/*;q=0.8"}, "fr"),
        ({"frame": "fragment"}, {"accept-language": "en"}, "fr"),
        ({}, {"accept-language": "en", "content-type": "application/x-www-form-urlencoded"}, "fr"),
    ],
)
def test_the_address_says_the_language_or_else_for_programs_a_header(
    query: dict[str, str], headers: dict[str, str], expected: str
):
    assert language(Call("POST", headers, query, b"")) == expected


@pytest.mark.parametrize("filler", ["x,", "fr;q=", " ", ";", "fr" + " " * 8_000 + "!,", '"'])
def test_of_a_hostile_header_only_the_beginning_is_read(
    monkeypatch: pytest.MonkeyPatch, filler: str
):
    """However long the header is: a parser once took seconds for 64 KB."""
    lengths = []
    parse = parse_accept_header

    def measured(value: str, kind: type) -> object:
        lengths.append(len(value))
        return parse(value, kind)

    monkeypatch.setattr("functions.intake.words.parse_accept_header", measured)
    header = (filler * 65_536)[:65_000] + ",en"
    assert language(Call("GET", {"accept-language": header}, {}, b"")) == "fr"
    assert lengths == [200]
