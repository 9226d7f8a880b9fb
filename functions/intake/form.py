"""The form and its confirmation page: HTML made from the submission's schema. Pure.

The words, choices and limits of every question come from the schema; this module says which
question stands where, the templates how one looks. No script, so that it works everywhere.
"""

import base64
import functools
import hashlib
from collections.abc import Mapping, Sequence

import jinja2

from functions.intake.answers import KEY_FIELD, Answers
from functions.intake.messages import SCHEMA, FieldError
from functions.shared.french import unbroken
from sheets_schema.territory import ANYWHERE, UNKNOWN, territories

SECTIONS = (
    ("Vous", ("first_name", "last_name", "email", "phone", "best_time_to_call")),
    ("Votre projet", ("projects", "horizon", "needs")),
    ("Votre installation", ("target", "origin", "household")),
    ("Pour finir", ("message", "newsletter", "ambassador_contact")),
)
HIDDEN = ("source",)
TARGET_CHOICES = (
    ("epcis", "Autour d'une ou de plusieurs villes"),
    ("communes", "Dans une commune que je connais"),
    ("anywhere", ANYWHERE),
    ("unknown", UNKNOWN),
)
# Where an error's link leads when its field is not one element of the page.
_ANCHORS = {"": "formulaire", "target": "target.epcis"}


def render_form(
    *,
    key: str,
    privacy_contact: str,
    answers: Answers | None = None,
    errors: Sequence[FieldError] = (),
) -> str:
    """The form page.

    Args:
        key: the idempotency key this page will send.
        privacy_contact: the address that the privacy notice names.
        answers: what was typed before, shown again.
        errors: listed first, with links, and again beside each field; one for "" is a notice.
    """
    answers = answers or {}
    errors = sorted(errors, key=_place)
    hidden = [(KEY_FIELD, key)] + [(name, answers[name][0]) for name in HIDDEN if name in answers]
    official = territories()
    return (
        _templates()
        .get_template("form.html")
        .render(
            schema=SCHEMA,
            sections=SECTIONS,
            hidden=hidden,
            answers=answers,
            errors=errors,
            messages={error.field: error.message for error in errors},
            anchors={error.field: _ANCHORS.get(error.field, error.field) for error in errors},
            target_choices=TARGET_CHOICES,
            epcis=[epci for epci in official.epcis.values() if epci.seated],
            communes=[commune.name for commune in official.communes.values()],
            privacy_contact=privacy_contact,
        )
    )


def render_confirmation(reference: str) -> str:
    """The page that tells an applicant the reference of the request just recorded."""
    return _templates().get_template("confirmation.html").render(reference=reference)


def security_headers() -> Mapping[str, str]:
    """Headers of both pages: nothing from elsewhere, nothing kept, nothing told to others."""
    policy = f"default-src 'none'; style-src '{_style_hash()}'; form-action 'self'; base-uri 'none'"
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def _place(error: FieldError) -> int:
    """Where an error's question stands on the page."""
    names = ["", *(name for _, section in SECTIONS for name in section)]
    top = error.field.partition(".")[0]
    return names.index(top) if top in names else 0


@functools.cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("functions.intake"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["unbroken"] = unbroken
    environment.globals["style"] = environment.get_template("style.css").render()
    return environment


def _style_hash() -> str:
    digest = hashlib.sha256(str(_templates().globals["style"]).encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
