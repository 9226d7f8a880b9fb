"""What all of intake's pages share: their templates, and how a browser knows their inline parts."""

import base64
import functools
import hashlib

import jinja2

from functions.shared.french import unbroken
from sheets_schema.place import PLACE


@functools.cache
def templates() -> jinja2.Environment:
    """The templates of functions/intake/templates; a value that is missing is an error."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("functions.intake"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["unbroken"] = unbroken
    environment.globals["place"] = PLACE
    return environment


def policy_hash(text: str) -> str:
    """An inline style's or script's name in a Content-Security-Policy."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
