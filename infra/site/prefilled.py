"""Says what a page fills in beforehand that the form leaves out without a word. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from functions.intake.prefill import LeftOut, sort_out
from functions.intake.words import LANGUAGES
from infra.site.addresses import query
from infra.site.embeds import PLACE, Embeds
from infra.site.findings import Finding, remark, wrong
from sheets_schema.schema import load, vocabulary
from sheets_schema.territory import territories
from sheets_schema.text import quoted, split_list

MOST = 20  # findings: a page is mended, and looked at again
_NAMED = 5  # values, in one sentence
_IN_FRENCH = {"fr": "français", "en": "anglais"}


def prefilled(found: Embeds, page: str) -> Sequence[Finding]:
    """What of a page's elements, iframes and links the form does not take: each once, up to 20.

    Args:
        found: all there is of ours in the page.
        page: its address, whose query the script hands on to the form.
    """
    said: dict[Finding, None] = {}
    for one in _all(found, page):
        said[one] = None
        if len(said) == MOST:
            break
    return list(said)


def _all(found: Embeds, page: str) -> Iterator[Finding]:
    api = f"{found.forms[0]}/api" if found.forms else "/intake/api"
    element = f"l'élément {PLACE}"
    for place in found.places:
        yield from _left_out(element, "data-", place.given, api)
        lang = place.given.get("lang", "fr")
        yield from _language(element, "data-lang", lang, "en" if lang.startswith("en") else "fr")
    if found.places and found.scripts:
        yield from _left_out("l'adresse de la page", "", query(page), api)
    links = [*found.links, *(place.link for place in found.places if place.link)]
    addresses = [("l'iframe", frame.url) for frame in found.frames]
    addresses += [("un lien vers le formulaire", link) for link in links]
    for where, address in addresses:
        given = query(address)
        yield from _left_out(where, "", given, api)
        yield from _language(where, "lang", given.get("lang") or "fr", "fr")


def _left_out(where: str, prefix: str, given: Mapping[str, str], api: str) -> Iterator[Finding]:
    answers, left_out = sort_out(given)
    for (name, why), group in groupby(sorted(left_out, key=_kind), _kind):
        values = list(dict.fromkeys(one.value for one in group))
        more = ["…"] if len(values) > _NAMED else []
        named = ", ".join([*map(quoted, values[:_NAMED]), *more])
        yield wrong(
            f"Dans {where}, le formulaire laisse de côté {prefix}{name} {named} : "
            f"{_possible(name, why, api)}"
        )
    for item in split_list(given.get("target", "")):
        meant = territories().find(item) if territories().with_postcode(item) else None
        if meant and meant.name in answers.get("target.communes", []):
            yield remark(
                f"Dans {where}, {prefix}target {quoted(item)} remplit {meant.name}, dont c'est le "
                "code INSEE : si vous pensiez au code postal, écrivez le nom de la commune."
            )


def _kind(one: LeftOut) -> tuple[str, str]:
    return one.name, one.why


def _possible(name: str, why: str, api: str) -> str:
    submission = load("submission")["properties"]
    match name, why:
        case "source", "reserved":
            return "« test » est réservé aux essais ; choisissez un autre nom."
        case "source", _:
            most = submission["source"]["maxLength"]
            return (
                "mettez des lettres minuscules sans accent, des chiffres et des traits d'union, "
                f"{most} caractères au plus, par exemple aire-a20."
            )
        case "projects", "too_many":
            return f"{submission['projects']['maxItems']} projets au plus, le principal d'abord."
        case "projects", _:
            return f"choisissez parmi {', '.join(vocabulary('project'))}."
        case _, "too_many":
            return f"{submission['target']['properties']['communes']['maxItems']} au plus."
        case _, "second_way":
            return (
                "il prend des communes, ou des intercommunalités, ou anywhere, ou unknown ; ce qui "
                "est nommé en premier compte."
            )
        case _, "elsewhere":
            return (
                "la ville principale de cette intercommunalité est dans un autre département ; "
                "nommez des communes."
            )
    return (
        "nommez une commune ou une intercommunalité du Lot, ou mettez son code INSEE ou SIREN "
        f"(pas le code postal), ou anywhere, ou unknown ; les codes SIREN sont sur {api}."
    )


def _language(where: str, name: str, given: str, shown: str) -> Iterator[Finding]:
    if given not in LANGUAGES:
        yield remark(
            f"Dans {where}, {name} {quoted(given)} n'est ni fr ni en : le formulaire s'y montre en "
            f"{_IN_FRENCH[shown]}. Mettez l'un des deux."
        )
