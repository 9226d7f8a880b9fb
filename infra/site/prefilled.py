"""Reports answers that a page fills in and that the form leaves out silently. Pure."""

from collections.abc import Iterator, Mapping

from functions.intake.prefill import sort_out
from infra.site.addresses import query
from infra.site.embeds import ATTRIBUTE, Embeds
from infra.site.findings import Finding, remark, wrong
from sheets_schema.place import PLACE
from sheets_schema.schema import load, vocabulary
from sheets_schema.territory import territories
from sheets_schema.text import quoted, split_list


def prefilled(embeds: Embeds, page: str) -> list[Finding]:
    """The values in a page's elements, iframes and links that the form does not take, each once.

    Args:
        embeds: all parts of the page that are ours.
        page: the address of the page, whose query the script hands on to the form.
    """
    return list(dict.fromkeys(_all(embeds, page)))


def _all(embeds: Embeds, page: str) -> Iterator[Finding]:
    for given in embeds.places:
        yield from _left_out(f"l'élément {ATTRIBUTE}", "data-", given)
    if embeds.places and embeds.scripts:
        yield from _left_out("l'adresse de la page", "", query(page))
    for frame in embeds.frames:
        yield from _left_out("l'iframe", "", query(frame.url))
    for link in embeds.links:
        yield from _left_out("un lien vers le formulaire", "", query(link))


def _left_out(where: str, prefix: str, given: Mapping[str, str]) -> Iterator[Finding]:
    answers, left_out = sort_out(given)
    for name, values in left_out.items():
        yield wrong(
            f"Dans {where}, le formulaire laisse de côté {prefix}{name} "
            f"{', '.join(map(quoted, values))} : {_possible(name)}"
        )
    for item in split_list(given.get("target", "")):
        meant = territories().find(item) if territories().with_postcode(item) else None
        if meant and meant.name in answers.get("target.communes", []):
            yield remark(
                f"Dans {where}, {prefix}target {quoted(item)} remplit {meant.name}, dont c'est le "
                "code INSEE : si vous pensiez au code postal, écrivez le nom de la commune."
            )


def _possible(name: str) -> str:
    submission = load("submission")["properties"]
    match name:
        case "source":
            most = submission["source"]["maxLength"]
            return (
                "mettez un autre nom que test, de lettres minuscules sans accent, de chiffres et "
                f"de traits d'union, {most} caractères au plus, par exemple aire-a20."
            )
        case "projects":
            most = submission["projects"]["maxItems"]
            return f"{most} projets au plus, parmi {', '.join(vocabulary('project'))}."
    most = submission["target"]["properties"]["communes"]["maxItems"]
    return (
        f"il prend {most} communes {PLACE.of_place} au plus (nom ou code INSEE, pas le code "
        "postal), ou des intercommunalités qui y ont leur siège (nom ou code SIREN), sans mélanger "
        "les deux, ou bien anywhere, ou unknown."
    )
