"""The three cloud functions: intake, route and digest. `python main.py` serves one of them.

functions-framework can call each with Flask's request. `serve` answers without that framework and
without Flask, which lengthen every call and every start.

Only this file knows WSGI and functions-framework. It reads the settings, wires the adapters and
translates between HTTP and plain data. The modules of a function are imported for that function
alone. So a broken digest cannot stop intake, and intake starts without gspread or boto3. They are
imported when the function is loaded, before the first call, so that a wrong setting stops the
start.
"""

import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from http.client import responses
from pathlib import Path
from typing import TYPE_CHECKING

from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Request, Response

from functions.shared import settings, stopping
from functions.shared.errors import AccueilError, SettingError
from functions.shared.gzipped import gzipped
from functions.shared.log import log
from functions.shared.server import Server
from functions.shared.web import SAFE, Answer, Call, problem

if TYPE_CHECKING:
    import flask
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Handler = Callable[[Call], Answer]

# Whatever arrives, read only a little more than the longest body that a function accepts.
_READ_LIMIT = 64 * 1024 + 1
_SHORT = 2_000  # characters; it is not worth while to compress a body that is no longer
_UNEXPECTED = "Une erreur imprévue s'est produite. Rien n'a été perdu ; réessayez."
_BARE = ("CONTENT_TYPE", "CONTENT_LENGTH")  # headers whose names WSGI gives as they are
_handlers: dict[str, Handler] = {}


def intake(request: "flask.Request") -> Response:
    """Takes arrival requests: the form on GET, JSON or the form on POST."""
    return _framed("intake", request)


def route(request: "flask.Request") -> Response:
    """Drains the journal into the shared sheet; the body does not matter."""
    return _framed("route", request)


def digest(request: "flask.Request") -> Response:
    """Mails the week's digest on POST."""
    return _framed("digest", request)


def _wire_intake() -> Handler:
    from functions.intake.handler import Intake
    from functions.shared.journal.store import open_journal

    chosen = settings.load(os.environ, settings.IntakeSettings)
    return Intake(open_journal(chosen.journal), chosen)


def _wire_route() -> Handler:
    from functions.route.drain import Drain
    from functions.route.handler import Route
    from functions.route.housekeeping import Housekeeping
    from functions.shared.journal.store import open_journal
    from functions.shared.mail.mailer import open_mailer
    from functions.shared.mail.outbox import Outbox
    from functions.shared.mail.refused import Returns
    from functions.shared.sheets.google import open_workbook

    chosen = settings.load(os.environ, settings.RouteSettings)
    journal = open_journal(chosen.journal)
    mailer = open_mailer(chosen.mail)
    outbox = Outbox(
        journal,
        mailer,
        chosen.sender,
        chosen.sheet_url,
        most_a_day=chosen.mails_a_day,
        intake_url=chosen.intake_url,
    )
    workbook = open_workbook(chosen.spreadsheet, chosen.sheets_api)
    housekeeping = Housekeeping(journal, chosen.keep)
    returns = Returns(mailer, outbox.refused, chosen.keep)
    drain = Drain(
        journal,
        workbook,
        outbox,
        housekeeping,
        returns,
        operator=chosen.operator,
        mail_kinds=chosen.mail_kinds,
    )
    return Route(drain)


def _wire_digest() -> Handler:
    from functions.digest.wiring import open_digest

    return open_digest(os.environ)


_WIRING: dict[str, Callable[[], Handler]] = {
    "intake": _wire_intake,
    "route": _wire_route,
    "digest": _wire_digest,
}


def _handler(name: str) -> Handler:
    if name not in _handlers:
        _handlers[name] = _WIRING[name]()
    return _handlers[name]


def _end() -> None:
    """Let the functions write what the log still has to say."""
    for handler in _handlers.values():
        if hasattr(handler, "end"):
            handler.end()


def _framed(name: str, request: "flask.Request") -> Response:
    """The answer to a call that functions-framework takes."""
    return Response.from_app(
        partial(_serve, name), request.environ | {"wsgi.input": request.stream}
    )


def _serve(
    name: str, environ: "WSGIEnvironment", start_response: "StartResponse"
) -> Sequence[bytes]:
    """Answer a call as WSGI has it (PEP 3333)."""
    call = Call(
        method=environ["REQUEST_METHOD"],
        headers=_headers(environ),
        query=Request(environ).args if environ.get("QUERY_STRING") else {},
        body=environ["wsgi.input"].read(_READ_LIMIT),
        path=environ["PATH_INFO"].encode("latin-1").decode(errors="replace"),
        peer=environ.get("REMOTE_ADDR", ""),
    )
    answer = _answer(name, call)
    headers = SAFE | dict(answer.headers)
    body = None
    if len(answer.body) > _SHORT:
        # Pages and scripts become a quarter as long; the platform does not do it.
        headers["Vary"] = ", ".join(filter(None, [headers.get("Vary"), "Accept-Encoding"]))
        if parse_accept_header(call.headers.get("accept-encoding"))["gzip"]:
            headers["Content-Encoding"] = "gzip"
            body = gzipped(answer.body)
    if body is None:
        body = answer.body.encode()
    if body:
        headers |= {"Content-Type": answer.content_type, "Content-Length": str(len(body))}
    start_response(f"{answer.status} {responses[answer.status]}", [*headers.items()])
    return [body] if body and call.method != "HEAD" else []


def _headers(environ: "WSGIEnvironment") -> dict[str, str]:
    """The headers of a call, by their names in lower case."""
    return {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_") or name in _BARE
    }


def _answer(name: str, call: Call) -> Answer:
    try:
        return _handler(name)(call)
    except AccueilError as error:
        # The caller may call again: nothing was lost, and nothing was promised.
        log("ERROR", str(error), function=name, error=type(error).__name__)
        return _problem(503, error, name, call)
    except Exception as error:  # noqa: BLE001  (the last line of defence: it answers and logs)
        # The text of the error may hold what somebody typed, so only its place is logged.
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(where.filename).name}:{where.lineno}"
        log("ERROR", "unexpected error", function=name, error=type(error).__name__, place=place)
        return _problem(500, _UNEXPECTED, name, call)


def _problem(status: int, sentence: str | AccueilError, name: str, call: Call) -> Answer:
    if name == "intake":
        from functions.intake.handler import Intake

        handler = _handlers.get(name)
        if isinstance(handler, Intake):
            return handler.problem(call, status, sentence)
    return problem(status, str(sentence))


def serve() -> None:
    """Serve the function that FUNCTION_TARGET names, at PORT, until SIGTERM or Ctrl-C.

    functions-framework would start a server that one slow caller for each thread brings to a stop.
    FUNCTION_SOURCE names another file, whose function that framework loads; benchmarks and tests
    have some.
    """
    source = os.environ.get("FUNCTION_SOURCE", __file__)
    port = os.environ.get("PORT", "8080")
    try:
        app = application() if source == __file__ else _framework(source)
        server = Server(app, "0.0.0.0", int(port))  # noqa: S104  (a container's own address)
    except AccueilError as error:
        sys.exit(str(error))
    except (OSError, ValueError, OverflowError):
        sys.exit(f"PORT={port} : indiquez un port libre, de 1 à 65535.")

    def end(*_: object) -> None:
        stopping.stop()
        server.stop()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    stopping.end_in_time()
    # What is loaded stays. To look through it for garbage would halt every call for a while.
    gc.collect()
    gc.freeze()
    server.serve()
    _end()


def application() -> "WSGIApplication":
    """The function that FUNCTION_TARGET names, as a server calls it.

    Raises:
        SettingError: it names none, or a setting of the function is missing or malformed.
    """
    name = os.environ.get("FUNCTION_TARGET", "")
    if name not in _WIRING:
        raise SettingError(f"FUNCTION_TARGET : indiquez {', '.join(_WIRING)}.")
    _handler(name)
    return partial(_serve, name)


def _framework(source: str) -> "WSGIApplication":
    import functions_framework

    app: WSGIApplication = functions_framework.create_app(source=source)  # type: ignore[no-untyped-call]
    return app


# functions-framework loads this file within an application that bears the name of the function.
_flask = sys.modules.get("flask")
if _flask and _flask.has_app_context() and _flask.current_app.name in _WIRING:
    _handler(_flask.current_app.name)

if __name__ == "__main__":
    serve()
