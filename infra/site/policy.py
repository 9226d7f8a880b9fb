"""Content-Security-Policy: what a page lets itself load, and be shown in. Pure.

W3C, Content Security Policy Level 3: directives (6), matching of sources (6.7.2).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from infra.site.addresses import origin, port

Use = Literal["script", "connect", "frame", "ancestor"]

# The directives that rule a use: the first one that a policy has counts.
_DIRECTIVES: Mapping[Use, tuple[str, ...]] = {
    "script": ("script-src-elem", "script-src", "default-src"),
    "connect": ("connect-src", "default-src"),
    "frame": ("frame-src", "child-src", "default-src"),
    "ancestor": ("frame-ancestors",),
}
_STRICT = "'strict-dynamic'"
_HOST = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>\*|(?:\*\.)?[^:/*]+)"
    r"(?::(?P<port>[0-9]+|\*))?(?P<path>/.*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Refusal:
    """The directive that refuses; `strict` where it lets no script in for its address."""

    directive: str
    strict: bool = False


def refusing(
    policies: Iterable[str], use: Use, url: str, page: str, nonce: str = ""
) -> Refusal | None:
    """What keeps a page from using an address; None where all policies allow it.

    Args:
        policies: as headers and <meta> elements hold them; all of them have to allow it.
        use: what the address is used for.
        url: the address; of a page that shows this one, for "ancestor".
        page: the address of the page whose policies these are.
        nonce: the nonce attribute of a script.
    """
    for rules in read(policies):
        name = next((one for one in _DIRECTIVES[use] if one in rules), None)
        if name is None or (nonce and f"'nonce-{nonce}'" in rules[name]):
            continue
        strict = use == "script" and _STRICT in map(str.lower, rules[name])
        if strict or not any(_matches(source, url, page) for source in rules[name]):
            return Refusal(name, strict)
    return None


def read(policies: Iterable[str]) -> Iterator[dict[str, list[str]]]:
    """Each policy that there is, as the values of its directives by their names."""
    for policy in (one for text in policies for one in text.split(",")):
        rules: dict[str, list[str]] = {}
        for text in policy.split(";"):
            name, *values = text.split() or [""]
            rules.setdefault(name.lower(), values)
        yield rules


def _matches(source: str, url: str, page: str) -> bool:
    to = urlsplit(url)
    if source == "*":
        return to.scheme in ("http", "https")
    if source.lower() == "'self'":
        return origin(url) == origin(page)
    if re.fullmatch(r"[a-z][a-z0-9+.-]*:", source, re.IGNORECASE):
        return _same_scheme(source[:-1], to.scheme)
    found = _HOST.fullmatch(source)
    if not found or source.startswith("'"):
        return False
    return (
        _same_scheme(found["scheme"] or urlsplit(page).scheme, to.scheme)
        and _same_host(found["host"].lower(), to.hostname or "")
        and _same_port(found["port"], url)
        and _same_path(found["path"], to.path)
    )


def _same_scheme(allowed: str, scheme: str) -> bool:
    return allowed.lower() == scheme or (allowed.lower(), scheme) == ("http", "https")


def _same_host(allowed: str, host: str) -> bool:
    return allowed in ("*", host) or (allowed.startswith("*.") and host.endswith(allowed[1:]))


def _same_port(allowed: str | None, url: str) -> bool:
    if allowed is None:
        return port(url) == port(f"{urlsplit(url).scheme}://x")
    return allowed == "*" or int(allowed) == port(url)


def _same_path(allowed: str | None, path: str) -> bool:
    if allowed in (None, "/"):
        return True
    assert allowed is not None
    return path.startswith(allowed) if allowed.endswith("/") else path == allowed
