"""Headers of answers: who may read them, what a page may load, how long caches keep it. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from werkzeug.http import parse_etags

from functions.intake.refusals import RefusedError
from functions.shared.web import SAFE, Answer, Call

_PREFLIGHT_KEPT = 7200  # seconds; Chromium keeps a preflight no longer
_MAX_HEADER = 200  # characters of If-None-Match that are parsed; ours is much shorter


def page_policy(styles: Sequence[str], scripts: Sequence[str], origins: Sequence[str]) -> str:
    """The Content-Security-Policy of a page, which allows only the page's own inline parts.

    Args:
        styles: hashes of its inline styles.
        scripts: hashes of its inline scripts.
        origins: the sites that may show it in a frame.
    """
    return "; ".join(
        f"{directive} {' '.join(sources)}"
        for directive, sources in {
            "default-src": ["'none'"],
            "style-src": [f"'{digest}'" for digest in styles],
            "script-src": [f"'{digest}'" for digest in scripts],
            "connect-src": ["'self'"],
            "img-src": ["data:"],  # the blank icon: without it a browser asks for /favicon.ico
            "form-action": ["'self'"],
            "base-uri": ["'none'"],
            "frame-ancestors": ["'self'", *origins],
        }.items()
        if sources
    )


def check_origin(call: Call, origins: Collection[str]) -> None:
    """Refuse a request that another site's page makes (OWASP ASVS 3.5.2).

    Raises:
        RefusedError: 403, the page's origin is neither ours nor allowed.
    """
    origin = call.headers.get("origin")
    if origin in origins:
        return
    # What the browser says of who asks; « none » is a person. Old browsers say nothing.
    site = call.headers.get("sec-fetch-site", "")
    if origin is None or origin == "null":
        # « null » hides an origin: a frame in a sandbox, a file, a site that sends no referrer.
        own = site in ("same-origin", "none") or (origin is None and not site)
    else:
        own = origin.partition("://")[2] == call.headers.get("host")
    if not own:
        raise RefusedError(403, "Ce site n'est pas autorisé à envoyer des demandes.")


def preflight(call: Call, allowed: Sequence[str], origins: Collection[str]) -> Answer:
    """The answer to OPTIONS: the allowed methods, and whether the calling site may use them."""
    headers = {"Allow": ", ".join(allowed)}
    if call.headers.get("origin") in origins:
        headers |= {
            "Access-Control-Allow-Methods": ", ".join(allowed),
            "Access-Control-Allow-Headers": "Content-Type, Idempotency-Key",
            "Access-Control-Max-Age": str(_PREFLIGHT_KEPT),
        }
    return Answer(204, headers=headers)


def has_version(call: Call, etag: str) -> bool:
    """Whether the caller already has this version of the resource."""
    known = call.headers.get("if-none-match", "")[:_MAX_HEADER]
    return parse_etags(known).contains_raw(etag)


def with_common_headers(answer: Answer, call: Call, origins: Collection[str]) -> Answer:
    """An answer with the headers that all answers have; the answer's own headers win."""
    common = SAFE | {"Vary": "Origin"} | _shared(call, origins)
    return replace(answer, headers=common | dict(answer.headers))


def _shared(call: Call, origins: Collection[str]) -> dict[str, str]:
    """The headers that let a page of an allowed site read an answer."""
    origin = call.headers.get("origin")
    if origin not in origins:
        return {}
    return {
        "Access-Control-Allow-Origin": str(origin),
        "Access-Control-Expose-Headers": "Retry-After",
    }
