"""Tries whether what people send reaches a form, with a request that it has to refuse."""

import re
from collections.abc import Iterator

from functions.shared.web import PROBLEM
from infra.site.addresses import origin
from infra.site.findings import Finding, remark, right, wrong
from infra.site.web import Fetched, Web, WebError

# An object without answers: nothing is recorded of what is not valid.
_EMPTY = "{}"
_REFUSED = PROBLEM.partition(";")[0]


def sending(web: Web, url: str, sender: str) -> Iterator[Finding]:
    """Send what is not valid to a form, and tell its own refusal from anybody else's.

    Args:
        web: sends.
        url: the form's address.
        sender: the origin of the page that people write in: of the site, or of the form itself.
    """
    try:
        answer = web.fetch(url, "POST", _EMPTY, Origin=sender, Content_Type="application/json")
    except WebError as error:
        yield wrong(f"Ce qui est envoyé au formulaire {url} se perd. {error}")
        return
    elsewhere = sender != origin(url)
    match answer.status, answer.media_type == _REFUSED:
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
        case 403, True:
            yield wrong(
                f"Le formulaire {url} refuse ce qui est envoyé depuis sa propre page : un relais "
                "qui se trouve devant change l'en-tête Host. Qu'il le laisse tel quel, ou ajoutez "
                f"{sender} à ACCUEIL_ORIGINS, puis redéployez la fonction intake."
            )
        case 429, own:
            yield remark(f"{_later(url, answer)} {_WHOSE_LIMIT[own]}")
        case status, _ if status in _REDIRECTS:
            yield wrong(
                f"{url} redirige ce qui lui est envoyé ({status}) vers "
                f"{answer.headers.get('location', 'une autre adresse')} : le contenu peut s'y "
                "perdre. Retirez la redirection, ou mettez dans la page l'adresse où elle mène."
            )
        case status, _:
            yield wrong(
                f"{url} répond {status} ({answer.media_type or 'type inconnu'}) à un envoi, et pas "
                f"comme le formulaire : {_meaning(status)}. Qu'il laisse passer POST vers cette "
                "adresse, tel quel."
            )


def readable(answer: Fetched, site: str) -> bool:
    """Whether browsers let a page of a site read an answer."""
    return answer.headers.get("access-control-allow-origin") in (site, "*")


def not_listed(url: str, site: str, said: str) -> str:
    """What is to be done about a site that is not allowed; `said` is what the form does to it."""
    return (
        f"Le formulaire {url} {said} {site} : ajoutez {site} à ACCUEIL_ORIGINS "
        "(séparé du reste par une virgule), puis redéployez la fonction intake."
    )


_REDIRECTS = (301, 302, 303, 307, 308)
_WHOSE_LIMIT = {
    True: "Si personne d'autre n'essaie, un relais se trouve devant sans qu'ACCUEIL_PROXIES le "
    "dise : tous les visiteurs partagent alors une seule limite.",
    False: "C'est un relais devant le formulaire qui compte : sa limite doit laisser passer un "
    "salon, où beaucoup de monde écrit derrière une seule adresse.",
}


def _later(url: str, answer: Fetched) -> str:
    wait = re.fullmatch("[0-9]{1,5}", answer.headers.get("retry-after", ""))
    when = f"dans {wait[0]} s" if wait else "plus tard"
    return f"{url} répond 429, trop d'appels : l'envoi n'a pas pu être essayé. Recommencez {when}."


def _meaning(status: int) -> str:
    match status:
        case 401 | 403 | 406:
            return "un pare-feu applicatif (WAF) ou un contrôle d'accès, devant lui, s'y oppose"
        case 404 | 405 | 501:
            return "un relais, devant lui, ne laisse passer que la lecture (GET)"
        case 200 | 202 | 204:
            return "un relais (page d'attente, contrôle anti-robot, cache) répond à sa place"
    return "un relais, devant lui, arrête ou change ce qui est envoyé"
