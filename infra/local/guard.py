"""Keeps other sites, open in a browser of this machine, away from the local system."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_READING = ("GET", "HEAD", "OPTIONS")
_FORM = "/intake"


def guarded(app: "WSGIApplication", port: int) -> "WSGIApplication":
    """`app`, for whoever calls this machine by its own name, and changed by its own pages only.

    A foreign Host is a site whose name was made to lead here (DNS rebinding); a foreign Origin, or
    a Sec-Fetch-Site that tells another one, is another site's page posting to us. Programs send
    neither. Which sites may show the form is for intake to decide, as where it is deployed.
    """
    hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}

    def guard(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        answer: Any = app
        if environ.get("HTTP_HOST") not in hosts or not _ours(environ, hosts):
            answer = Response("Refusé : cet appel vient d'un autre site.", 403)
        chunks: Iterable[bytes] = answer(environ, start)
        return chunks

    return guard


def _ours(environ: "WSGIEnvironment", hosts: set[str]) -> bool:
    path = environ.get("PATH_INFO", "")
    if environ["REQUEST_METHOD"] in _READING or path == _FORM or path.startswith(f"{_FORM}/"):
        return True
    origin, site = environ.get("HTTP_ORIGIN"), environ.get("HTTP_SEC_FETCH_SITE")
    if origin == "null":  # what a page that tells no referrer sends, the form for one
        return site == "same-origin"
    near = origin is None or origin.removeprefix("http://") in hosts
    return near and site in (None, "same-origin", "none")
