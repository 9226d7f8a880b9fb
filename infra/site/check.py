"""Says whether a page of the site shows the form as it should, and what to do where not."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlsplit

from functions.shared.errors import AccueilError
from functions.shared.version import VERSION
from infra.site.addresses import bare, is_local, origin
from infra.site.embeds import PLACE, SCRIPT, Embeds, Frame, Place, Script, read_page
from infra.site.policy import Use, refusing
from infra.site.web import Fetched, Web, WebError, plain

_OK = 200
MOST = 5  # forms, scripts, iframes and places are looked at: each costs somebody's server calls
_NEEDED_IN_SANDBOX = ("allow-forms", "allow-scripts", "allow-same-origin", "allow-popups")


@dataclass(frozen=True)
class Finding:
    """Something found, as a French sentence. What is `wrong` keeps the form from working."""

    kind: Literal["right", "remark", "wrong"]
    sentence: str


@dataclass(frozen=True)
class _Site:
    """The page that was fetched, and all the policies it stands under."""

    url: str
    origin: str
    policies: Sequence[str]


def check(address: str, form: str = "", web: Web | None = None) -> Iterator[Finding]:
    """Look at a page of the site, and at each form that it shows or links to.

    Args:
        address: the page.
        form: the form's address, where it does not end with /intake.
        web: fetches.

    Raises:
        AccueilError: the page cannot be looked at.
    """
    web = web or Web()
    page = _page(web, address)
    found = read_page(page.body, page.url, form)
    headers = [page.headers[name] for name in page.headers if _is_policy(name)]
    cut, forms = _first(found), found.forms[:MOST]
    site = _Site(page.url, origin(page.url), [*headers, *found.policies])
    if page.url != address:
        yield _remark(f"{address} mène à {page.url} : c'est cette page qui est examinée.")
    if _is_bare(page.url):
        yield _wrong(
            f"{page.url} n'est pas en https : ce que les gens écrivent se lirait en route. "
            "Faites passer le site en https."
        )
    if not found.forms and not found.places:
        yield _wrong(
            f"{page.url} ne contient ni le script, ni l'iframe, ni un lien vers le formulaire. "
            "Collez l'un des exemples de docs/website.md ; si c'est fait, l'éditeur du site l'a "
            "retiré, ou l'adresse ne finit pas par /intake : indiquez-la avec --form."
        )
    if cut != found or forms != found.forms:
        yield _remark(
            f"La page montre le formulaire, ou y mène, plus de {MOST} fois : seules les {MOST} "
            "premières sont examinées."
        )
    yield from _put_together(cut)
    for one in forms:
        yield from _form(web, one, site)
    for form_url in dict.fromkeys(script.form for script in cut.scripts):
        yield from _shared(web, form_url, site)
    for script in cut.scripts:
        yield from _script(web, script, site)
    for frame in cut.frames:
        yield from _frame(web, frame, site, resized=bool(found.scripts))


def _first(found: Embeds) -> Embeds:
    return replace(
        found,
        scripts=found.scripts[:MOST],
        frames=found.frames[:MOST],
        places=found.places[:MOST],
    )


def _page(web: Web, address: str) -> Fetched:
    if urlsplit(address).scheme not in ("http", "https"):
        raise AccueilError(f"{address} : indiquez l'adresse d'une page, https://www.example.org/…")
    page = web.fetch(address)
    if page.status != _OK:
        raise AccueilError(
            f"{page.url} répond {page.status} : indiquez une page publiée, qui s'ouvre sans compte."
        )
    if page.media_type not in ("text/html", "application/xhtml+xml"):
        raise AccueilError(f"{page.url} n'est pas une page HTML ({page.media_type or 'inconnu'}).")
    return page


def _put_together(found: Embeds) -> Iterator[Finding]:
    """What can be said without asking anybody."""
    if found.places and not found.scripts:
        yield _wrong(
            f"La page a un élément {PLACE}, mais pas le script {SCRIPT} : seul son lien se voit. "
            "Ajoutez <script type=module>, ou demandez à l'éditeur du site de ne pas le retirer."
        )
    if found.scripts and not found.places and not found.frames:
        yield _wrong(
            f"La page a le script, mais aucun élément {PLACE} : le formulaire n'a pas de place. "
            f"Ajoutez <p {PLACE}> là où il doit se montrer."
        )
    for place in found.places:
        yield from _place(place, found)
    if found.links and not found.places and not found.frames:
        yield _right("La page mène au formulaire par un lien.")


def _place(place: Place, found: Embeds) -> Iterator[Finding]:
    if place.link is None:
        yield _wrong(
            f"L'élément {PLACE} ne contient pas de lien : avec un navigateur ancien ou sans "
            "JavaScript, il n'y a rien. Mettez-y un lien vers le formulaire."
        )
    elif found.scripts and bare(place.link) not in [one.form for one in found.scripts]:
        yield _wrong(
            f"Le lien de l'élément {PLACE} mène à {place.link}, et le script vient de "
            f"{found.scripts[0].form} : mettez la même adresse."
        )


def _form(web: Web, url: str, site: _Site) -> Iterator[Finding]:
    """Whether a form is there, safe to write into, and of which version."""
    if _is_bare(url):
        yield _wrong(f"{url} n'est pas en https : mettez https:// dans la page.")
    try:
        answer = web.fetch(f"{url}/health")
        said = json.loads(answer.body) if answer.status == _OK else {}
        version = str(said["version"])
    except WebError as error:
        yield _wrong(f"Le formulaire {url} ne répond pas. {error}")
        return
    except (ValueError, KeyError, TypeError):
        yield _wrong(
            f"{url}/health répond {answer.status}, et pas comme le formulaire : vérifiez "
            f"l'adresse qui est dans {site.url}, puis que la fonction intake tourne."
        )
        return
    yield _right(f"Le formulaire {url} répond (version {version}).")
    if version != VERSION:
        yield _remark(
            f"Cet outil est en version {VERSION}, le formulaire en version {version} : "
            "mettez à jour le plus ancien."
        )


def _shared(web: Web, url: str, site: _Site) -> Iterator[Finding]:
    """Whether a page of the site may talk to a form."""
    if origin(url) == site.origin:
        return
    asked = {"Origin": site.origin, "Access-Control-Request-Method": "POST"}
    try:
        answer = web.fetch(url, "OPTIONS", **asked)
    except WebError:
        return  # said already, of its health
    if answer.headers.get("access-control-allow-origin") == site.origin:
        yield _right(f"Le formulaire accepte le site {site.origin}.")
    else:
        yield _wrong(_not_listed(url, site, "n'accepte pas"))


def _script(web: Web, script: Script, site: _Site) -> Iterator[Finding]:
    if not script.module:
        yield _wrong(
            f'Le script {script.url} est chargé sans type="module" : ajoutez-le, sans quoi les '
            "navigateurs anciens s'arrêtent dessus au lieu de montrer le lien."
        )
    yield from _allowed(site, "script", script.url, script.nonce)
    yield from _allowed(site, "connect", script.form)
    try:
        answer = web.fetch(script.url, Origin=site.origin)
    except WebError as error:
        yield _wrong(f"Le script {script.url} ne répond pas. {error}")
        return
    if answer.status != _OK or "javascript" not in answer.media_type:
        yield _wrong(
            f"{script.url} répond {answer.status} ({answer.media_type or 'type inconnu'}), et non "
            f"du JavaScript : vérifiez l'adresse qui est dans {site.url}."
        )
    elif origin(script.url) != site.origin and not _readable(answer, site):
        yield _wrong(
            f"{script.url} ne peut pas être lu par {site.origin} (Access-Control-Allow-Origin) : "
            "vérifiez ACCUEIL_ORIGINS, et le cache qui se trouve peut-être devant la fonction."
        )
    else:
        yield _right(f"Le script {script.url} répond.")


def _frame(web: Web, frame: Frame, site: _Site, *, resized: bool) -> Iterator[Finding]:
    if not frame.title:
        yield _wrong(
            "L'iframe n'a pas d'attribut title : qui se fait lire la page ne sait pas ce que "
            "c'est. Ajoutez title=\"Formulaire d'arrivée dans le Lot\"."
        )
    if not frame.sized and not resized:
        yield _remark(
            "L'iframe n'a pas de hauteur : sans elle, elle en a 150 pixels. Ajoutez "
            'height="2800", ou le script qui la règle (docs/website.md).'
        )
    if frame.sandbox is not None:
        missing = [one for one in _NEEDED_IN_SANDBOX if one not in frame.sandbox.lower().split()]
        if missing:
            yield _wrong(f"L'iframe a un attribut sandbox : ajoutez-y {' '.join(missing)}.")
    yield from _allowed(site, "frame", frame.url)
    try:
        answer = web.fetch(frame.url)
    except WebError:
        return  # said already, of the form's health
    refused = answer.headers.get("x-frame-options")
    policies = [answer.headers[name] for name in answer.headers if _is_policy(name)]
    if answer.status != _OK or answer.media_type != "text/html":
        yield _wrong(
            f"{frame.url} répond {answer.status} ({answer.media_type or 'type inconnu'}), et non "
            f"le formulaire : vérifiez l'adresse de l'iframe dans {site.url}."
        )
    elif refused:
        yield _wrong(
            f"Un relais devant le formulaire ajoute X-Frame-Options: {refused}, ce qui empêche de "
            "le montrer dans un autre site : retirez cet en-tête de sa configuration."
        )
    elif refusing(policies, "ancestor", site.url, answer.url):
        yield _wrong(_not_listed(frame.form, site, "ne se laisse pas montrer par"))
    else:
        yield _right(f"L'iframe {frame.url} peut se montrer dans {site.origin}.")


def _allowed(site: _Site, use: Use, url: str, nonce: str = "") -> Iterator[Finding]:
    """Whether the site's own policy lets its page use an address."""
    directive = refusing(site.policies, use, url, site.url, nonce)
    if directive:
        yield _wrong(
            f"La Content-Security-Policy du site ({directive}) interdit {url} : ajoutez "
            f"{origin(url)} à {_NAMES[use]}, dans la configuration du site."
        )


_NAMES = {"script": "script-src", "connect": "connect-src", "frame": "frame-src"}


def _not_listed(url: str, site: _Site, said: str) -> str:
    return (
        f"Le formulaire {url} {said} {site.origin} : ajoutez {site.origin} à ACCUEIL_ORIGINS "
        "(séparé du reste par une virgule), puis redéployez la fonction intake."
    )


def _readable(answer: Fetched, site: _Site) -> bool:
    return answer.headers.get("access-control-allow-origin") in (site.origin, "*")


def _is_policy(header: str) -> bool:
    return header.lower() == "content-security-policy"


def _is_bare(url: str) -> bool:
    return urlsplit(url).scheme == "http" and not is_local(url)


def _right(sentence: str) -> Finding:
    return Finding("right", plain(sentence))


def _remark(sentence: str) -> Finding:
    return Finding("remark", plain(sentence))


def _wrong(sentence: str) -> Finding:
    return Finding("wrong", plain(sentence))
