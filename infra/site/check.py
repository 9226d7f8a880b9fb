"""Says whether a page of the site shows the form as it should, and what to do if not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from requests import Response

from functions.shared.errors import AccueilError
from infra.site.addresses import is_local, origin
from infra.site.embeds import ATTRIBUTE, SCRIPT, Element, Embeds, read_page
from infra.site.findings import Finding, remark, right, wrong
from infra.site.policy import Use, read, refusing
from infra.site.prefilled import prefilled
from infra.site.sending import not_listed, readable, sending
from infra.site.web import WebError, answered, fetch, media_type
from sheets_schema.place import PLACE

TITLE = f"Formulaire : votre projet d'installation {PLACE.in_place}"  # as in docs/website.md
_OK = 200
_HTML = ("text/html", "application/xhtml+xml")
_NEEDED_IN_SANDBOX = ("allow-forms", "allow-scripts", "allow-same-origin", "allow-popups")
# Attributes that are rare, and that may keep the form from working; docs/website.md says when.
_SELDOM = ("sandbox", "require-trusted-types-for")
_EMBEDDER = "Cross-Origin-Embedder-Policy"
_DIRECTIVE = {"script": "script-src", "connect": "connect-src", "frame": "frame-src"}


@dataclass(frozen=True)
class _Site:
    """The page that was fetched, and all policies that apply to it."""

    url: str
    origin: str
    policies: Sequence[str]
    local: bool


def check(address: str, form: str = "", *, local: bool = False) -> Iterator[Finding]:
    """Look at a page of the site, and at each form that it shows or links to.

    Args:
        address: the address of the page.
        form: the address of the form, if it does not end with /intake.
        local: whether addresses of this machine and of private networks are looked at, too.

    Raises:
        AccueilError: the page cannot be fetched.
    """
    page = _page(address, local=local)
    embeds = read_page(page.content.decode(errors="replace"), page.url, form)
    header = page.headers.get("content-security-policy", "")
    site = _Site(page.url, origin(page.url), [header, *embeds.policies], local)
    for url in (page.url, *embeds.forms):
        if urlsplit(url).scheme == "http" and not is_local(url):
            yield wrong(f"{url} n'est pas en https : ce que les gens écrivent se lirait en route.")
    yield from _put_together(embeds, page.url)
    yield from _seldom(site, page)
    yield from prefilled(embeds, page.url)
    for url in embeds.forms:
        yield from _form(url, embeds, site)
    for script in dict.fromkeys(embeds.scripts):
        yield from _script(script, site, draws=bool(embeds.places))
    for frame in dict.fromkeys(embeds.frames):
        yield from _frame(frame, site)


def _page(address: str, *, local: bool) -> Response:
    page = fetch(address, local=local)
    if page.status_code != _OK or media_type(page) not in _HTML:
        raise AccueilError(
            f"{answered(page)} : indiquez une page HTML publiée, qui s'ouvre sans compte."
        )
    return page


def _put_together(embeds: Embeds, page: str) -> Iterator[Finding]:
    """Whether the page has all of script, elements and iframes that it needs, with attributes."""
    if not embeds.forms and not embeds.places:
        yield wrong(
            f"{page} ne contient ni le script, ni l'iframe, ni un lien vers le formulaire. "
            "Collez l'un des exemples de docs/website.md ; si c'est fait, l'éditeur du site l'a "
            "retiré, ou l'adresse ne finit pas par /intake : indiquez-la avec --form."
        )
    if embeds.places and not embeds.scripts:
        yield wrong(
            f"La page a un élément {ATTRIBUTE}, mais pas le script {SCRIPT} : seul son lien se "
            "voit. Ajoutez <script type=module>, ou demandez à l'éditeur du site de ne pas le "
            "retirer."
        )
    if embeds.scripts and not embeds.places and not embeds.frames:
        yield wrong(
            f"La page a le script, mais aucun élément {ATTRIBUTE} : le formulaire n'a pas de "
            f"place. Ajoutez <p {ATTRIBUTE}> là où il doit se montrer."
        )
    for script in embeds.scripts:
        if script.type != "module":
            yield wrong(
                f'Le script {script.url} est chargé sans type="module" : il ne marche pas ; '
                "ajoutez-le."
            )
    for frame in embeds.frames:
        if not frame.title:
            yield remark(
                "L'iframe n'a pas d'attribut title : qui se fait lire la page ne sait pas ce que "
                f'c\'est, et le RGAA (critère 2.1) le demande. Ajoutez title="{TITLE}".'
            )
        if missing := _sandbox_lacks(frame):
            yield wrong(f"L'iframe a un attribut sandbox : ajoutez-y {' '.join(missing)}.")
    if embeds.links and not embeds.places and not embeds.frames:
        yield right("La page mène au formulaire par un lien.")


def _sandbox_lacks(frame: Element) -> list[str]:
    if frame.sandbox is None:
        return []
    return [flag for flag in _NEEDED_IN_SANDBOX if flag not in frame.sandbox.lower().split()]


def _seldom(site: _Site, page: Response) -> Iterator[Finding]:
    stated = [name for rules in read(site.policies) for name in _SELDOM if name in rules]
    if page.headers.get(_EMBEDDER):
        stated.append(_EMBEDDER)
    for name in dict.fromkeys(stated):
        yield remark(
            f"La page a une règle {name}, qui peut empêcher le formulaire de marcher : essayez-le "
            "dans un navigateur ; docs/website.md (Content-Security-Policy) dit ce qu'il lui faut."
        )


def _form(url: str, embeds: Embeds, site: _Site) -> Iterator[Finding]:
    """Whether a form answers, and whether it accepts requests from the site."""
    try:
        answer = fetch(f"{url}/health", local=site.local)
        said = answer.json() if answer.status_code == _OK else {}
        version = str(said["version"])
    except WebError as error:
        yield wrong(f"Le formulaire {url} ne répond pas. {error}")
        return
    except (ValueError, KeyError, TypeError):
        yield wrong(
            f"{url}/health répond {answer.status_code}, et pas comme le formulaire : vérifiez "
            f"l'adresse qui est dans {site.url}, puis que la fonction intake tourne."
        )
        return
    yield right(f"Le formulaire {url} répond (version {version}).")
    # Send something only now, since the server has proved to be a form. A page may name any server.
    if embeds.places and url in [script.form for script in embeds.scripts]:
        yield from sending(url, site.origin, local=site.local)
    if url in embeds.pages and (origin(url) != site.origin or not embeds.places):
        yield from sending(url, origin(url), local=site.local)


def _script(script: Element, site: _Site, *, draws: bool) -> Iterator[Finding]:
    """Whether a script can be loaded. A script that draws no form needs no further check."""
    yield from _allowed(site, "script", script.url, script.nonce)
    if draws:
        yield from _allowed(site, "connect", script.form)
    try:
        answer = fetch(script.url, Origin=site.origin, local=site.local)
    except WebError as error:
        yield wrong(f"Le script {script.url} ne répond pas. {error}")
        return
    if answer.status_code != _OK or "javascript" not in media_type(answer):
        yield wrong(
            f"{answered(answer)}, et non du JavaScript : vérifiez l'adresse qui est dans la page."
        )
    elif origin(script.url) != site.origin and not readable(answer, site.origin):
        yield wrong(
            f"{script.url} ne peut pas être lu par {site.origin} (Access-Control-Allow-Origin) : "
            "vérifiez ACCUEIL_ORIGINS, et le cache qui se trouve peut-être devant la fonction."
        )
    else:
        yield right(f"Le script {script.url} répond.")


def _frame(frame: Element, site: _Site) -> Iterator[Finding]:
    yield from _allowed(site, "frame", frame.url)
    try:
        answer = fetch(frame.url, local=site.local)
    except WebError:
        return  # the check of the form has said it already
    refused = answer.headers.get("x-frame-options")
    rules = read([answer.headers.get("content-security-policy", "")])
    listed = all(
        site.origin in directives.get("frame-ancestors", [site.origin]) for directives in rules
    )
    if answer.status_code != _OK or media_type(answer) not in _HTML:
        yield wrong(f"{answered(answer)}, et non le formulaire : vérifiez l'adresse de l'iframe.")
    elif refused:
        yield wrong(
            f"Un relais devant le formulaire ajoute X-Frame-Options: {refused}, ce qui empêche de "
            "le montrer dans un autre site : retirez cet en-tête de sa configuration."
        )
    elif origin(frame.url) != site.origin and not listed:
        yield wrong(not_listed(frame.form, site.origin, "ne se laisse pas montrer par"))
    else:
        yield right(f"L'iframe {frame.url} peut se montrer dans {site.origin}.")


def _allowed(site: _Site, use: Use, url: str, nonce: str = "") -> Iterator[Finding]:
    """Whether the policy of the site allows its page to use an address."""
    directive = refusing(site.policies, use, url, site.url, nonce)
    if directive is None:
        return
    mended = directive
    if directive == "default-src":  # a new directive replaces it, and has to repeat its sources
        mended = f"{_DIRECTIVE[use]}, avec ce que default-src permet déjà"
    known = ", ou donnez à la balise <script> le nonce du site" if use == "script" else ""
    yield wrong(
        f"La Content-Security-Policy du site ({directive}) interdit {url} : ajoutez {origin(url)} "
        f"à {mended}, dans la configuration du site{known}."
    )
