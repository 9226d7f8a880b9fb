"""The form's script and style, put together from their sources. Pure.

There is no build step. The source files are joined one after the other, without comments and
indentation, and without the lines that import what then stands above. One script is written into
the hosted page. The other is loaded by the pages of other sites.
"""

import functools
import json
import re
from importlib.resources import files

from werkzeug.http import generate_etag, quote_etag

from functions.shared.web import Fixed
from sheets_schema.place import PLACE

# In this order each file stands below the files that it needs.
_COMMON = (
    *("views", "sentences", "elements", "buttons", "communes", "answers", "calls", "focus"),
    *("proof", "recall", "sending", "keeping", "deciding", "panel", "stage", "delivery", "links"),
    "form",
)
# The parts that a browser does not need. A comment that begins with // has a line of its own, or
# follows what begins or ends a statement. No other text in our sources may look like a comment.
_COMMENT = re.compile(r"/\*(?s:.*?)\*/ ?|(?:^ *|(?<=[;,{}]) +)//.*", re.MULTILINE)
_MODULE = re.compile(r"^import .*\n|^export (?=\w)", re.MULTILINE)
_INDENTATION = re.compile(r"^\s+", re.MULTILINE)
_NEEDLESS_BREAK = re.compile(r"(?<=[\[{(,;>+=])\n|\n(?=[\]}):?.&|])")


@functools.cache
def page_script() -> str:
    """The module that improves the hosted page."""
    return _script(*_COMMON, "page")


@functools.cache
def embed_script(style: str) -> Fixed:
    """The module that puts the form into any page, with the form's style."""
    script = _script(*_COMMON, "embed")
    return Fixed(script.replace('"$STYLE"', json.dumps(style, ensure_ascii=False), 1))


@functools.cache
def script_style() -> str:
    """The style of the elements that the script adds."""
    return _source("form.css")


def bare(text: str) -> str:
    """A script or a style without its comments, indentation and most of its line breaks."""
    return _NEEDLESS_BREAK.sub("", _INDENTATION.sub("", _COMMENT.sub("", text)))


@functools.lru_cache(maxsize=16)
def etag(text: str) -> str:
    """An ETag that differs between versions of a text, and is the same if it is compressed."""
    return quote_etag(generate_etag(text.encode()), weak=True)


def _script(*names: str) -> str:
    text = "".join(bare(_MODULE.sub("", _source(f"{name}.js"))) for name in names)
    return text.replace("$SLUG", PLACE.slug).replace("$PROGRAMME", PLACE.programme)


def _source(name: str) -> str:
    return files("functions.intake").joinpath("assets", name).read_text("utf-8")
