import gzip
import json
import re
from pathlib import Path

import pytest

from functions.intake import assets
from functions.intake.form import style

SOURCES = sorted((Path(assets.__file__).parent / "assets").glob("*.js"))
SCRIPTS = {"page": assets.page_script, "embed": lambda: assets.embed_script(style())}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_small(name: str):
    # The embedded one carries the form's style.
    script = SCRIPTS[name]().replace(json.dumps(style(), ensure_ascii=False), "")
    assert len(gzip.compress(script.encode())) <= 14_000


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_one_module_without_comments(name: str):
    script = SCRIPTS[name]()
    assert not re.findall(r"^ *(?:import\b(?!\.)|export\b)|/\*|(?<![:\"])//", script, re.MULTILINE)
    assert "</script" not in script
    assert "<!--" not in script


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_name_is_declared_twice_in_a_script(name: str):
    sources = [
        source.read_text("utf-8") for source in SOURCES if source.stem in (*assets._COMMON, name)
    ]
    declared = r"^(?:export )?(?:async )?(?:const|let|function|class) (\{.*\}|\w+)"
    names = [
        each
        for names in re.findall(declared, "\n".join(sources), re.MULTILINE)
        for each in re.findall(r"\w+", names)
    ]
    assert sorted(set(names)) == sorted(names)
    assert {"enhance", "next", "call"} <= set(names)


def test_no_text_is_changed_when_a_script_loses_what_a_browser_does_not_need():
    texts = 'const a = "x // y"; // what it is\n/** @type {b} */\nconst c = (\n  `d /e`\n);\n\n'
    assert assets.bare(texts) == 'const a = "x // y";const c = (`d /e`);'
    for source in SOURCES:
        for line in source.read_text("utf-8").splitlines():
            # A text of several lines would lose its indentation.
            assert line.count("`") % 2 == 0 or line.lstrip().startswith(("*", "//")), line


def test_every_source_is_in_a_script():
    assert {source.stem for source in SOURCES} == {*assets._COMMON, *SCRIPTS}


def test_what_a_source_imports_stands_above_it():
    above: set[str] = set()
    for name in (*assets._COMMON, "page"):
        text = next(source for source in SOURCES if source.stem == name).read_text("utf-8")
        assert set(re.findall(r'^import .* from "\./(\w+)\.js";$', text, re.MULTILINE)) <= above
        above.add(name)


def test_the_style_travels_in_the_embedded_script_alone():
    assert "/*" not in style()
    assert ".accueil {" in SCRIPTS["embed"]()
    assert "$STYLE" not in SCRIPTS["embed"]()
    assert ".accueil {" not in SCRIPTS["page"]()
