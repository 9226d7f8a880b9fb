"""What intake's pages share: their templates, and the hashes of their inline parts."""

import base64
import functools
import hashlib

import jinja2

from functions.shared.french import unbroken
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
    environment.filters["unbroken"] = unbroken
    environment.globals["place"] = PLACE
    return environment


def policy_hash(text: str) -> str:
    """The hash by which a Content-Security-Policy allows an inline style or script."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
