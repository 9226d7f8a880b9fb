"""Says whether a page of the site shows the form as it should, and what to do where not."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from functions.shared.errors import AccueilError
from functions.shared.version import VERSION
from infra.site.addresses import is_local, origin
from infra.site.embeds import Embeds, Frame, Script, read_page
from infra.site.findings import Finding, remark, right, wrong
from infra.site.isolation import isolation
from infra.site.markup import put_together
from infra.site.policy import Use, refusing
from infra.site.prefilled import prefilled
from infra.site.sending import not_listed, readable, sending
from infra.site.web import Fetched, Web, WebError

_OK = 200
MOST = 5  # forms, scripts, iframes and places are looked at: each costs somebody's server calls


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
        yield remark(f"{address} mène à {page.url} : c'est cette page qui est examinée.")
    if _is_bare(page.url):
        yield wrong(
            f"{page.url} n'est pas en https : ce que les gens écrivent se lirait en route. "
            "Faites passer le site en https."
        )
    if not found.forms and not found.places:
        yield wrong(
            f"{page.url} ne contient ni le script, ni l'iframe, ni un lien vers le formulaire. "
            "Collez l'un des exemples de docs/website.md ; si c'est fait, l'éditeur du site l'a "
            "retiré, ou l'adresse ne finit pas par /intake : indiquez-la avec --form."
        )
    if cut != found or forms != found.forms:
        yield remark(
            f"La page montre le formulaire, ou y mène, plus de {MOST} fois : seules les {MOST} "
            "premières sont examinées."
        )
    yield from put_together(cut)
    embedder = page.headers.get("cross-origin-embedder-policy", "")
    yield from isolation(cut, headers, embedder)
    yield from prefilled(cut, page.url)
    for one in forms:
        yield from _form(web, one, cut, site)
    for script in cut.scripts:
        yield from _script(web, script, site, draws=bool(cut.places))
    for frame in cut.frames:
        yield from _frame(web, frame, site)


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


def _form(web: Web, url: str, found: Embeds, site: _Site) -> Iterator[Finding]:
    """Whether a form is there, safe to write into, of which version, and whom it listens to."""
    if _is_bare(url):
        yield wrong(f"{url} n'est pas en https : mettez https:// dans la page.")
    try:
        answer = web.fetch(f"{url}/health")
        said = json.loads(answer.body) if answer.status == _OK else {}
        version = str(said["version"])
    except WebError as error:
        yield wrong(f"Le formulaire {url} ne répond pas. {error}")
        return
    except (ValueError, KeyError, TypeError):
        yield wrong(
            f"{url}/health répond {answer.status}, et pas comme le formulaire : vérifiez "
            f"l'adresse qui est dans {site.url}, puis que la fonction intake tourne."
        )
        return
    yield right(f"Le formulaire {url} répond (version {version}).")
    if version != VERSION:
        yield remark(
            f"Cet outil est en version {VERSION}, le formulaire en version {version} : "
            "mettez à jour le plus ancien."
        )
    # Only now: nothing is sent to a server that a page merely names.
    for sender in _senders(url, found, site):
        yield from sending(web, url, sender)


def _senders(url: str, found: Embeds, site: _Site) -> Iterable[str]:
    """The origins from which a page's visitors send to a form, each once."""
    senders = []
    if found.places and url in [one.form for one in found.scripts]:
        senders.append(site.origin)
    if url in found.pages:
        senders.append(origin(url))
    return dict.fromkeys(senders)


def _script(web: Web, script: Script, site: _Site, *, draws: bool) -> Iterator[Finding]:
    """Whether a script comes; one that draws no form asks for nothing more."""
    yield from _allowed(site, "script", script.url, script.nonce)
    if draws:
        yield from _allowed(site, "connect", script.form)
    try:
        answer = web.fetch(script.url, Origin=site.origin)
    except WebError as error:
        yield wrong(f"Le script {script.url} ne répond pas. {error}")
        return
    if answer.status != _OK or "javascript" not in answer.media_type:
        yield wrong(
            f"{script.url} répond {answer.status} ({answer.media_type or 'type inconnu'}), et non "
            f"du JavaScript : vérifiez l'adresse qui est dans {site.url}."
        )
    elif origin(script.url) != site.origin and not readable(answer, site.origin):
        yield wrong(
            f"{script.url} ne peut pas être lu par {site.origin} (Access-Control-Allow-Origin) : "
            "vérifiez ACCUEIL_ORIGINS, et le cache qui se trouve peut-être devant la fonction."
        )
    else:
        yield right(f"Le script {script.url} répond.")


def _frame(web: Web, frame: Frame, site: _Site) -> Iterator[Finding]:
    yield from _allowed(site, "frame", frame.url)
    try:
        answer = web.fetch(frame.url)
    except WebError:
        return  # said already, of the form's health
    refused = answer.headers.get("x-frame-options")
    policies = [answer.headers[name] for name in answer.headers if _is_policy(name)]
    if answer.status != _OK or answer.media_type != "text/html":
        yield wrong(
            f"{frame.url} répond {answer.status} ({answer.media_type or 'type inconnu'}), et non "
            f"le formulaire : vérifiez l'adresse de l'iframe dans {site.url}."
        )
    elif refused:
        yield wrong(
            f"Un relais devant le formulaire ajoute X-Frame-Options: {refused}, ce qui empêche de "
            "le montrer dans un autre site : retirez cet en-tête de sa configuration."
        )
    elif refusing(policies, "ancestor", site.url, answer.url):
        yield wrong(not_listed(frame.form, site.origin, "ne se laisse pas montrer par"))
    else:
        yield right(f"L'iframe {frame.url} peut se montrer dans {site.origin}.")


def _allowed(site: _Site, use: Use, url: str, nonce: str = "") -> Iterator[Finding]:
    """Whether the site's own policy lets its page use an address."""
    refusal = refusing(site.policies, use, url, site.url, nonce)
    if refusal is None:
        return
    said = f"La Content-Security-Policy du site ({refusal.directive}) interdit {url} : "
    if refusal.strict:
        yield wrong(
            f"{said}avec 'strict-dynamic', aucune adresse n'y compte. Donnez à sa balise <script> "
            "l'attribut nonce que le site donne aux siennes ; s'il n'en a pas, prenez l'iframe."
        )
        return
    mended = refusal.directive
    if mended == "default-src":  # what stands in a directive of its own no longer follows it
        mended = f"{_NAMES[use]}, avec ce que default-src permet déjà"
    yield wrong(f"{said}ajoutez {origin(url)} à {mended}, dans la configuration du site.")


_NAMES = {"script": "script-src", "connect": "connect-src", "frame": "frame-src"}


def _is_policy(header: str) -> bool:
    return header.lower() == "content-security-policy"


def _is_bare(url: str) -> bool:
    return urlsplit(url).scheme == "http" and not is_local(url)
