"""The form and its confirmation page: HTML made from the submission's schema. Pure.

The words, choices and limits of every question come from the schema. This module says where each
question stands, and the templates say how a question looks. The form works without a script.
"""

import functools
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

import jinja2
from markupsafe import Markup, escape

from functions.intake import assets
from functions.intake.answers import Answers, field_path, is_question
from functions.intake.envelope import ASKED, BAIT, KEY
from functions.intake.messages import SCHEMA, FieldError, field_name, label
from functions.intake.pages import policy_hash, templates
from functions.intake.prefill import prefill
from functions.intake.words import LANGUAGES, Language, names_in, say, typeset
from sheets_schema.territory import ANYWHERE, UNKNOWN, Epci, territories

# Where the form is shown: on a page of its own, on a page in the frame of another site, or as a
# fragment that a script puts into a page.
Frame = Literal["page", "embed", "fragment"]

SECTIONS = (
    ("Vous", ("first_name", "last_name", "email", "phone", "best_time_to_call")),
    ("Votre projet", ("projects", "horizon", "needs")),
    ("Votre installation", ("target", "origin", "household")),
    ("Pour finir", ("message", "newsletter", "ambassador_contact")),
)
HIDDEN = ("profile", "source")
TARGET_CHOICES = (
    ("epcis", "Autour d'une ou de plusieurs villes"),
    ("communes", "Dans une commune que je connais"),
    ("anywhere", ANYWHERE),
    ("unknown", UNKNOWN),
)
_COMMUNES_SHOWN = 3
_FILLED_IN = ("source", "projects", "target")  # answers that the query of an address may fill in


@dataclass(frozen=True)
class Form:
    """The state of a form: where and in which language it is shown, what was typed, what is wrong.

    Attributes:
        key: the idempotency key that its page sends.
        lang: the language of the page.
        frame: where the page is shown.
        query: the query of the page's address; it fills in answers that nobody has typed yet.
        answers: the answers that were typed before, to be shown again; None for a blank form.
        errors: are listed first, with links, and shown again beside each field. An error for the
            field "" is a notice about the whole form.
        reused: whether the last try was sent with a key under which another request is recorded.
        asked: whether the person has been asked if the address is right.
    """

    key: str
    lang: Language = "fr"
    frame: Frame = "page"
    query: Mapping[str, str] = field(default_factory=dict)
    answers: Answers | None = None
    errors: Sequence[FieldError] = ()
    reused: bool = False
    asked: bool = False


def render_blank(form: Form, privacy_contact: str, form_page: str = "") -> str:
    """The page of a form in which nothing was typed. It is made once for each way to ask for it."""
    filled_in = tuple((name, form.query[name]) for name in _FILLED_IN if name in form.query)
    page = _blank(form.frame, form.lang, filled_in, privacy_contact, form_page)
    return page.replace(_ANY_KEY, form.key)


_ANY_KEY = secrets.token_hex(16)  # stands for the key of a form in pages that are made once


@functools.lru_cache(maxsize=64)
def _blank(
    frame: Frame, lang: Language, filled_in: tuple[tuple[str, str], ...], *contacts: str
) -> str:
    return render_form(Form(_ANY_KEY, lang, frame, dict(filled_in)), *contacts)


def render_form(form: Form, privacy_contact: str, form_page: str = "") -> str:
    """The page of the form.

    Args:
        form: the state of the form.
        privacy_contact: the address that the privacy notice names.
        form_page: the site's own page with the form, which search engines should show instead.
    """
    query, lang, frame = form.query, form.lang, form.frame
    given = prefill(query) if form.answers is None else form.answers
    errors = sorted(form.errors, key=_place)
    hidden = [(KEY, form.key)] + [(name, given[name][0]) for name in HIDDEN if name in given]
    hidden += [(ASKED, "yes")] if form.asked else []
    communes = [text for text in given.get("target.communes", []) if text.strip()]
    communes += [""] * (_COMMUNES_SHOWN - len(communes))
    filled_in = {name: query[name] for name in _FILLED_IN if name in query}
    filled_in |= {name: given[name][0] for name in HIDDEN if name in given}
    official = territories()
    return _render(
        "form.html",
        frame,
        lang,
        form_page=form_page,
        reused=form.reused,
        asked=form.asked,
        schema=SCHEMA,
        label=label,
        sections=SECTIONS,
        hidden=hidden,
        bait=BAIT,
        answers=given,
        kept=bool(form.answers),
        errors=errors,
        names_in=names_in,
        messages={error.field: error.message for error in errors},
        anchors={error.field: _anchor(error.field, len(communes)) for error in errors},
        target_choices=TARGET_CHOICES,
        communes_typed=communes,
        epcis=[(epci.code, _around(epci, lang)) for epci in official.epcis.values() if epci.seated],
        communes=_commune_options(),
        privacy_contact=privacy_contact,
        # Post to another address than the blank page's. A post makes the browser drop its copy of
        # the page at the same address (RFC 9111, 4.4), and the back button would then load a page
        # with another key.
        action=_address(filled_in, frame, lang, step="send"),
        # Without a script, a person who follows this link loses what they typed.
        elsewhere=_elsewhere(filled_in, frame, lang) if frame == "fragment" or not errors else None,
    )


def render_confirmation(
    reference: str,
    frame: Frame = "page",
    lang: Language = "fr",
    source: str = "",
    phone: str = "",
) -> str:
    """The page that tells an applicant the reference of the request that was just recorded.

    Args:
        reference: the reference.
        frame: where the page is shown.
        lang: the language of the page.
        source: the source of the request. The link to a blank form keeps it.
        phone: the phone number as it was understood, as people dial it; "" if none was given.
    """
    another = _address({"source": source} if source else {}, frame, lang)
    return _render(
        "confirmation.html",
        frame,
        lang,
        form_page="",
        reused=False,
        reference=reference,
        phone=phone,
        another=another,
    )


@functools.cache
def _commune_options() -> Markup:
    """The communes as options of a datalist."""
    communes = territories().communes.values()
    return Markup(templates().get_template("communes.html").render(communes=communes))  # noqa: S704


def render_short(title: str, sentences: Sequence[str], lang: Language) -> str:
    """A page that costs nothing to make, with a heading and paragraphs."""
    page = templates().get_template("short.html")
    shown = [typeset(sentence, lang) for sentence in sentences]
    return page.render(title=typeset(title, lang), sentences=shown, lang=lang, style=short_style())


@functools.cache
def short_style() -> str:
    """The style of short pages."""
    return assets.bare(templates().get_template("short.css").render())


@functools.cache
def inline_hashes() -> tuple[Sequence[str], Sequence[str]]:
    """The Content-Security-Policy hashes of the pages' inline styles and scripts."""
    return [policy_hash(style())], [policy_hash(assets.page_script())]


@functools.cache
def style() -> str:
    """The style of the pages, and of the form on other sites' pages."""
    return assets.bare(assets.script_style() + templates().get_template("style.css").render())


def _render(name: str, frame: Frame, lang: Language, **values: Any) -> str:  # noqa: ANN401
    shared = {
        "say": _say,
        "options": _options,
        "style": style(),
        "script": assets.page_script(),
    }
    return templates().get_template(name).render(shared, frame=frame, lang=lang, **values)


def _around(epci: Epci, lang: Language) -> str:
    # Only French needs the town with its preposition: du Vigan, d'Albi.
    return say("Autour {of} ({name})", lang, of=epci.of_town, town=epci.town, name=epci.name)


def _elsewhere(filled_in: Mapping[str, str], frame: Frame, lang: Language) -> tuple[Language, str]:
    """The other language and the address of the blank form in it."""
    [other] = [language for language in LANGUAGES if language != lang]
    return other, _address(filled_in, frame, other)


def _address(filled_in: Mapping[str, str], frame: Frame, lang: Language, **more: str) -> str:
    """An address of the form.

    The address in a fragment leads to a whole page, in case its script cannot follow it.
    """
    framed = {"frame": "embed"} if frame == "embed" else {}
    return "?" + urlencode({"lang": lang, **framed, **filled_in, **more})


def _place(error: FieldError) -> int:
    """The position on the page of the question that an error is about."""
    names = ["", *(name for _, section in SECTIONS for name in section)]
    top = error.field.partition(".")[0]
    return names.index(top) if top in names else 0


def _anchor(field: str, communes: int) -> str:
    """The id an error's link leads to: of its question, of the group it is part of, of the form.

    `communes` is how many fields for a commune the page has.
    """
    path = field_path(field)
    match path:
        case ["target", "communes", int(index)] if index < communes:
            return field
        case ["target", *_]:
            return "target.epcis"
    while path and (path[0] in HIDDEN or not is_question(path)):
        path.pop()
    return field_name(path) or "formulaire"


@jinja2.pass_context
def _say(context: jinja2.runtime.Context, sentence: str, **values: object) -> Markup:
    """A sentence in the page's language; `values` may be HTML of the template's own."""
    lang: Language = context["lang"]
    # A page says its own sentences again and again. A phrase may hold what somebody typed.
    text = _said(sentence, lang) if type(sentence) is str else _typeset(sentence, lang)
    return text.format(**values) if values else text


@jinja2.pass_context
def _options(
    context: jinja2.runtime.Context, choices: Sequence[Mapping[str, str]], chosen: str
) -> Markup:
    """The choices of a question as options, of which one may be chosen."""
    listed = _listed(
        tuple((choice["const"], choice["title"]) for choice in choices), context["lang"]
    )
    value = Markup('value="{}"').format(chosen)
    selected = str(listed).replace(f"{value}>", f"{value} selected>", 1)
    return Markup(selected) if chosen else listed  # noqa: S704  (only the choice is marked)


@functools.lru_cache(maxsize=64)
def _listed(choices: tuple[tuple[str, str], ...], lang: Language) -> Markup:
    said = [(const, _typeset(title, lang)) for const, title in choices]
    return Markup(templates().get_template("options.html").render(choices=said))  # noqa: S704


def _typeset(sentence: str, lang: Language) -> Markup:
    return escape(typeset(say(sentence, lang), lang))


_said = functools.lru_cache(maxsize=1024)(_typeset)
