"""What intake's pages share: their templates, and the hashes of their inline parts."""

import base64
import functools
import hashlib
import re

import jinja2
from markupsafe import Markup, escape

from functions.shared.french import unbroken
from functions.shared.reference import IN_TEXT
from sheets_schema.place import PLACE


@functools.cache
def templates() -> jinja2.Environment:
    """The templates of functions/intake/templates; a missing value raises an error."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("functions.intake"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"unbroken": unbroken, "whole": _whole}
    environment.globals["place"] = PLACE
    return environment


def _whole(text: str) -> Markup:
    """Text whose references are bold; the style sheet breaks none of them at a hyphen."""
    return Markup(re.sub(IN_TEXT, r"<b>\g<0></b>", str(escape(text))))  # noqa: S704


def policy_hash(text: str) -> str:
    """The hash by which a Content-Security-Policy allows an inline style or script."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
