"""Keeps other sites, open in a browser of this machine, away from the local system."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_READING = ("GET", "HEAD", "OPTIONS")
_FORM = "/intake"


def guarded(app: "WSGIApplication") -> "WSGIApplication":
    """`app`, which answers only calls by this machine's own name, and is changed by its pages only.

    A foreign Host means that the name of another site was made to lead here (DNS rebinding). A
    foreign Origin, or a Sec-Fetch-Site that names another site, means that a page of another site
    posts to us. Programs send neither header. Intake itself decides which sites may show the form,
    as it does where it is deployed.
    """

    def guard(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        answer: Any = app
        hosts = {f"{name}:{environ['SERVER_PORT']}" for name in ("127.0.0.1", "localhost")}
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
    if origin == "null":  # a page that gives no referrer, such as the form, sends this
        return site == "same-origin"
    near = origin is None or origin.removeprefix("http://") in hosts
    return near and site in (None, "same-origin", "none")
