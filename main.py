"""The three cloud functions: intake, route and digest. `python main.py` serves one of them.

Only this file knows functions-framework and Flask. It reads the settings, wires the adapters and
translates between HTTP and plain data. The modules of a function are imported for that function
alone. So a broken digest cannot stop intake, and intake starts without gspread or boto3. They are
imported when the framework loads the function, before the first call, so that a wrong setting
stops the start.
"""

import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import functions_framework
from flask import Request, Response, current_app, has_app_context

from functions.shared import settings, stopping
from functions.shared.errors import AccueilError, SettingError
from functions.shared.gzipped import gzipped
from functions.shared.log import log
from functions.shared.server import Server
from functions.shared.web import SAFE, Answer, Call, problem

Handler = Callable[[Call], Answer]

# Whatever arrives, read only a little more than the longest body that a function accepts.
_READ_LIMIT = 32 * 1024 + 1
_SHORT = 2_000  # characters; it is not worth while to compress a body that is no longer
_UNEXPECTED = "Une erreur imprévue s'est produite. Rien n'a été perdu ; réessayez."
_END = "accueil.end"  # where the application keeps what is to be called at the end
_handlers: dict[str, Handler] = {}


@functions_framework.http
def intake(request: Request) -> Response:
    """Takes arrival requests: the form on GET, JSON or the form on POST."""
    return _serve("intake", request)


@functions_framework.http
def route(request: Request) -> Response:
    """Drains the journal into the shared sheet; the body does not matter."""
    return _serve("route", request)


@functions_framework.http
def digest(request: Request) -> Response:
    """Mails the week's digest on POST."""
    return _serve("digest", request)


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


def _serve(name: str, request: Request) -> Response:
    call = Call(
        method=request.method,
        headers={header.lower(): value for header, value in request.headers.items()},
        query=request.args,
        body=request.stream.read(_READ_LIMIT),
        path=request.path,
        peer=request.remote_addr or "",
    )
    answer = _answer(name, call)
    headers = SAFE | dict(answer.headers) | {"Content-Type": answer.content_type}
    if len(answer.text) > _SHORT:
        # Pages and scripts become a quarter as long; the platform does not do it.
        headers["Vary"] = ", ".join(filter(None, [headers.get("Vary"), "Accept-Encoding"]))
        if request.accept_encodings["gzip"]:
            headers["Content-Encoding"] = "gzip"
            return Response(gzipped(answer.text), answer.status, headers)
    return Response(answer.body, answer.status, headers)


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
    """
    source = os.environ.get("FUNCTION_SOURCE", __file__)
    port = os.environ.get("PORT", "8080")
    try:
        if source == __file__ and os.environ.get("FUNCTION_TARGET") not in _WIRING:
            raise SettingError(f"FUNCTION_TARGET : indiquez {', '.join(_WIRING)}.")
        app = functions_framework.create_app(source=source)  # type: ignore[no-untyped-call]
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
    app.extensions.get(_END, lambda: None)()


# The framework loads this file within an application that bears the name of the function to run.
if has_app_context() and current_app.name in _WIRING:
    _handler(current_app.name)
    current_app.extensions[_END] = _end

if __name__ == "__main__":
    serve()
