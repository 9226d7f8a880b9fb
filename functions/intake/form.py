"""The form and its confirmation page: HTML made from the submission's schema. Pure.

The words, choices and limits of every question come from the schema. This module says where each
question stands, and the templates say how a question looks. The form works without a script.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
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
from functions.intake.skeleton import Skeleton
from functions.intake.words import LANGUAGES, Language, Phrase, names_in, say, typeset
from functions.shared.web import Pieces
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


def render_form(form: Form, privacy_contact: str, form_page: str = "") -> Pieces:
    """The page of the form.

    Args:
        form: the state of the form.
        privacy_contact: the address that the privacy notice names.
        form_page: the site's own page with the form, which search engines should show instead.
    """
    given = prefill(form.query) if form.answers is None else form.answers
    errors = sorted(form.errors, key=_place)
    messages = {error.field: _typeset(error.message, form.lang) for error in errors}
    state = _State(form, given, errors, messages)
    page = _skeleton(form.frame, form.lang, privacy_contact, form_page)
    return page.filled(state, {"", *given, *map(_slots_of, state.messages)})


_COMMUNES = "target.communes"


@dataclass(frozen=True)
class _State:
    """What a page of the form is drawn from; `messages` says by field what is wrong, as HTML."""

    form: Form
    answers: Answers = field(default_factory=dict)
    errors: Sequence[FieldError] = ()
    messages: Mapping[str, Markup] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """The first answer to a question; "" for none."""
        return self.answers.get(name, [""])[0]

    @property
    def communes(self) -> list[str]:
        """What stands in the fields for communes."""
        typed = [text for text in self.answers.get(_COMMUNES, []) if text.strip()]
        return typed + [""] * (_COMMUNES_SHOWN - len(typed))

    @property
    def filled_in(self) -> dict[str, str]:
        """What the addresses on the page go on filling in."""
        query = self.form.query
        asked = {name: query[name] for name in _FILLED_IN if name in query}
        return asked | {name: self.value(name) for name in HIDDEN if name in self.answers}


def _slots_of(field: str) -> str:
    """The name of the slots that an error about a field concerns."""
    return _COMMUNES if field.startswith(f"{_COMMUNES}.") else field


@functools.lru_cache(maxsize=16)
def _skeleton(
    frame: Frame, lang: Language, privacy_contact: str, form_page: str
) -> Skeleton[_State]:
    epcis = territories().epcis.values()

    def template(slot: Callable[..., Markup]) -> str:
        return _render(
            "form.html",
            frame,
            lang,
            slot=slot,
            form_page=form_page,
            reused=slot("reused"),
            schema=SCHEMA,
            sections=SECTIONS,
            bait=BAIT,
            target_choices=TARGET_CHOICES,
            epcis=[(epci.code, _around(epci, lang)) for epci in epcis if epci.seated],
            communes=_commune_options(),
            privacy_contact=privacy_contact,
        )

    return Skeleton.of(template, _DRAWS, _State(Form("", lang, frame)))


def _word(word: str, holds: Callable[..., bool]) -> Callable[..., str]:
    """Draws a word among the attributes of an element if something holds."""
    return lambda state, *named: f" {word}" if holds(state, *named) else ""


def _draw_message(state: _State, name: str, proposed: Sequence[str] = ()) -> Markup:
    """What is wrong with a field, and the names among which the script lets one choose."""
    if name not in state.messages:
        return Markup()
    names = f' data-proposed="{escape("|".join(proposed))}"' if proposed else ""
    text = state.messages[name]
    return Markup(f'<p class="error" id="{escape(name)}-erreur"{names}>{text}</p>')  # noqa: S704


def _draw_described(state: _State, name: str, ids: Sequence[str]) -> str:
    wrong = [f"{name}-erreur"] if name in state.messages else []
    described = f' aria-describedby="{" ".join([*ids, *wrong])}"' if ids or wrong else ""
    return described + (' aria-invalid="true"' if wrong else "")


def _draw_explained(state: _State, name: str) -> str:
    return f' aria-describedby="{name}-erreur"' if name in state.messages else ""


def _draw_communes(state: _State, _: str) -> str:
    proposed = {error.field: names_in(error.message) for error in state.errors}
    fields = []
    for number, typed in enumerate(state.communes):
        name = f"{_COMMUNES}.{number}"
        described = Markup(_draw_described(state, name, []))  # noqa: S704  (made of names)
        message = _draw_message(state, name, proposed.get(name, ()))
        fields.append((name, _commune_label(number, state.form.lang), typed, described, message))
    return _drawn("communes", state, fields)


@functools.lru_cache(maxsize=512)
def _commune_label(number: int, lang: Language) -> Markup:
    return _typeset(label(("target", "communes", number)), lang)


def _draw_title(state: _State, _: str) -> str:
    lang, heading = state.form.lang, SCHEMA["title"]
    title = say(heading, lang)
    return _typeset(Phrase("Erreur : {title}", title=title) if state.errors else title, lang)


def _draw_elsewhere(state: _State, _: str) -> str:
    """The link to the other language.

    Without a script, a person who follows this link loses what they typed.
    """
    form = state.form
    if state.errors and form.frame != "fragment":
        return ""
    return _drawn("elsewhere", state, *_elsewhere(state.filled_in, form.frame, form.lang))


def _draw_summary(state: _State, _: str) -> str:
    if not state.errors:
        return ""
    fields, form = list(state.messages), state.form
    if not any(fields):
        heading = "Votre demande est à renvoyer"
    elif form.asked and fields == ["email"]:
        heading = "Une réponse est à vérifier"
    elif len(state.errors) == 1:
        heading = "Une réponse est à corriger"
    else:
        heading = Phrase("{count} réponses sont à corriger", count=len(state.errors))
    shown = len(state.communes)
    linked = [(_anchor(name, shown), message) for name, message in state.messages.items()]
    kept, focused = bool(form.answers), form.frame != "fragment"
    title = _typeset(heading, form.lang)
    return _drawn("summary", state, linked, title, kept, focused)


def _draw_hidden(state: _State, _: str) -> str:
    fields = [(KEY, state.form.key)]
    fields += [(name, state.value(name)) for name in HIDDEN if name in state.answers]
    fields += [(ASKED, "yes")] if state.form.asked else []
    return _drawn("hidden", state, fields)


def _draw_action(state: _State, _: str) -> str:
    # Post to another address than the blank page's. A post makes the browser drop its copy of the
    # page at the same address (RFC 9111, 4.4), and the back button would then load a page with
    # another key.
    return escape(_address(state.filled_in, state.form.frame, state.form.lang, step="send"))


_DRAWS: Mapping[str, Callable[..., str]] = {
    "value": lambda state, name: escape(state.value(name)),
    "ticked": _word("checked", lambda state, name: bool(state.value(name))),
    "checked": _word("checked", lambda state, name, it: it in state.answers.get(name, ())),
    "chosen": _word("checked", lambda state, name, it: state.value(name) == it),
    "selected": _word("selected", lambda state, name, it: state.value(name) == it),
    "open": _word("open", lambda state, name: bool(state.value(name)) or name in state.messages),
    "reused": _word("data-reused", lambda state, _: state.form.reused),
    "message": _draw_message,
    "described": _draw_described,
    "explained": _draw_explained,
    "communes": _draw_communes,
    "title": _draw_title,
    "elsewhere": _draw_elsewhere,
    "summary": _draw_summary,
    "hidden": _draw_hidden,
    "action": _draw_action,
}


def _drawn(macro: str, state: _State, *values: Any) -> str:  # noqa: ANN401  (what it shows)
    drawn: str = getattr(_states(state.form.lang), macro)(*values)
    return drawn


@functools.cache
def _states(lang: Language) -> jinja2.environment.TemplateModule:
    shared = {"say": _say, "lang": lang}
    return templates().get_template("states.html").make_module(shared)


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
        reused="",
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
    return _PLACES.get(error.field.partition(".")[0], 0)


_PLACES = {
    name: 1 + at for at, name in enumerate(chain.from_iterable(names for _, names in SECTIONS))
}


@functools.lru_cache(maxsize=512)
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
        path = path[:-1]
    return field_name(path) or "formulaire"


@jinja2.pass_context
def _say(context: jinja2.runtime.Context, sentence: str, **values: object) -> Markup:
    """A sentence in the page's language; `values` may be HTML of the template's own."""
    lang: Language = context["lang"]
    # A page says its own sentences again and again. A phrase may hold what somebody typed.
    text = _said(sentence, lang) if type(sentence) is str else _typeset(sentence, lang)
    return text.format(**values) if values else text


def _typeset(sentence: str, lang: Language) -> Markup:
    return escape(typeset(say(sentence, lang), lang))


_said = functools.lru_cache(maxsize=1024)(_typeset)
