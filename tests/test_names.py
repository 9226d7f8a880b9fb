"""Names say what a thing is."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = [
    ROOT / "main.py",
    *(
        file
        for folder in ("functions", "infra", "sheets_schema", "tests")
        for file in sorted(ROOT.glob(f"{folder}/**/*.py"))
        if "node_modules" not in file.parts
    ),
]
# Each of them could stand for anything.
EMPTY = {"one", "found", "told"}


def given(source: str) -> list[tuple[int, str]]:
    """Every name that a source gives to something, with its line."""
    names = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                names.append((node.lineno, name))
            case ast.arg(arg=name) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                names.append((node.lineno, name))
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.append((node.lineno, name))
            case ast.ExceptHandler(name=str(name)) | ast.alias(asname=str(name)):
                names.append((node.lineno, name))
    return names


@pytest.mark.parametrize(
    "source",
    [
        "one = 1",
        "for one in things: pass",
        "[one.name for one in things]",
        "print(one := 1)",
        "def find(*, one): pass",
        "def one(): pass",
        "lambda one: 1",
        "self.one = 1",
        "match thing:\n    case Thing(name=one): pass",
        "with thing as one: pass",
        "try:\n    pass\nexcept Error as one:\n    pass",
        "import thing as one",
    ],
)
def test_every_way_to_give_a_name_is_seen(source):
    assert "one" in [name for _, name in given(source)]


def test_no_name_is_empty():
    empty = [
        f"{file.relative_to(ROOT)}:{line}: {name} says nothing about what it stands for"
        for file in FILES
        for line, name in given(file.read_text("utf-8"))
        if name in EMPTY
    ]
    assert not empty, "\n".join(empty)
