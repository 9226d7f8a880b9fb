"""Tries whether what people send reaches a form, with a request that it has to refuse."""

from collections.abc import Iterator

from requests import Response

from functions.shared.web import PROBLEM
from infra.site.addresses import origin
from infra.site.findings import Finding, remark, right, wrong
from infra.site.web import WebError, answered, fetch, media_type

# An object without answers. It is not valid, so nothing is recorded.
_EMPTY = "{}"
_REFUSED = PROBLEM.partition(";")[0]


def sending(url: str, sender: str, *, local: bool = False) -> Iterator[Finding]:
    """Send an invalid request to a form, and see whether the form itself refuses it.

    Args:
        url: the address of the form.
        sender: the origin of the page in which people write: the site's, or the form's own.
        local: see `fetch`.
    """
    try:
        answer = fetch(
            url, "POST", _EMPTY, local=local, Origin=sender, Content_Type="application/json"
        )
    except WebError as error:
        yield wrong(f"Ce qui est envoyé au formulaire {url} se perd. {error}")
        return
    elsewhere = sender != origin(url)
    match answer.status_code, media_type(answer) == _REFUSED:
        case 422, True if elsewhere and not readable(answer, sender):
            yield wrong(
                f"La réponse de {url} à un envoi ne peut pas être lue par {sender} "
                "(Access-Control-Allow-Origin) : vérifiez ACCUEIL_ORIGINS, et le relais qui se "
                "trouve peut-être devant la fonction."
            )
        case 422, True:
            yield right(f"Ce qui est envoyé depuis {sender} arrive au formulaire {url}.")
        case 403, True if elsewhere:
            yield wrong(not_listed(url, sender, "n'accepte pas"))
        case 429, _:
            yield remark(
                f"{url} répond 429, trop d'appels : l'envoi n'a pas pu être essayé. Recommencez "
                "plus tard ; si personne d'autre n'essaie, voyez ACCUEIL_PROXIES."
            )
        case _:
            yield wrong(
                f"{answered(answer)} à un envoi, et pas comme le formulaire : un pare-feu (WAF), "
                "une redirection ou un relais, devant lui, l'arrête ou le change. Qu'il laisse "
                "passer POST vers cette adresse, tel quel, en-tête Host compris."
            )


def readable(answer: Response, site: str) -> bool:
    """Whether browsers let a page of a site read an answer."""
    return answer.headers.get("access-control-allow-origin") in (site, "*")


def not_listed(url: str, site: str, said: str) -> str:
    """What to do about a site that is not allowed; `said` is what the form does with it."""
    return (
        f"Le formulaire {url} {said} {site} : ajoutez {site} à ACCUEIL_ORIGINS "
        "(séparé du reste par une virgule), puis redéployez la fonction intake."
    )
