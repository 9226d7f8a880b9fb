"""Content-Security-Policy: what a page may load. Pure.

See W3C, Content Security Policy Level 3: directives (6), matching of sources (6.7.2). If a source
names a path, only its host is compared.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal
from urllib.parse import urlsplit

from infra.site.addresses import origin

Use = Literal["script", "connect", "frame"]

# The directives for each use. The first of them that a policy has counts.
_DIRECTIVES: Mapping[Use, tuple[str, ...]] = {
    "script": ("script-src-elem", "script-src", "default-src"),
    "connect": ("connect-src", "default-src"),
    "frame": ("frame-src", "child-src", "default-src"),
}


def refusing(policies: Iterable[str], use: Use, url: str, page: str, nonce: str = "") -> str | None:
    """The directive that keeps a page from using an address; None if all policies allow it.

    Args:
        policies: the policies, as headers and <meta> elements hold them; all have to allow it.
        use: what the address is used for.
        url: the address.
        page: the address of the page whose policies these are.
        nonce: the nonce attribute of a script.
    """
    for rules in read(policies):
        name = next((directive for directive in _DIRECTIVES[use] if directive in rules), None)
        if name is None or (nonce and f"'nonce-{nonce}'" in rules[name]):
            continue
        sources = [source.lower() for source in rules[name]]
        # With 'strict-dynamic', no script is allowed by its address.
        nonces_only = use == "script" and "'strict-dynamic'" in sources
        if nonces_only or not any(_matches(source, url, page) for source in sources):
            return name
    return None


def read(policies: Iterable[str]) -> Iterator[dict[str, list[str]]]:
    """Each policy, as the values of its directives by name."""
    for policy in (policy for text in policies for policy in text.split(",")):
        rules: dict[str, list[str]] = {}
        for text in policy.split(";"):
            name, *values = text.split() or [""]
            rules.setdefault(name.lower(), values)
        yield rules


def _matches(source: str, url: str, page: str) -> bool:
    if source == "'self'":
        return origin(url) == origin(page)
    to = urlsplit(origin(url))
    schemes = (to.scheme, "http")  # a source with http allows https as well
    if source == "*" or source.endswith(":"):
        return source == "*" or source[:-1] in schemes
    scheme, _, rest = source.rpartition("://")
    host, _, port = rest.partition("/")[0].partition(":")
    own = "443" if to.scheme == "https" else "80"
    at = to.hostname or ""
    return (
        (scheme or urlsplit(page).scheme) in schemes
        and (host in ("*", at) or (host.startswith("*.") and at.endswith(host[1:])))
        and (port or own) in ("*", str(to.port or own))
    )
