"""The three cloud functions: intake, route and digest.

Only this file knows functions-framework and Flask. It reads the settings, wires the adapters and
translates between HTTP and plain data. The modules of a function are imported for that function
alone. So a broken digest cannot stop intake, and intake starts without gspread or boto3. They are
imported when the framework loads the function, before the first call, so that a wrong setting
stops the start.
"""

import atexit
import functools
import gzip
import os
import signal
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import functions_framework
from flask import Request, Response, current_app, has_app_context

from functions.shared import settings, stopping
from functions.shared.errors import AccueilError
from functions.shared.log import log
from functions.shared.web import SAFE, Answer, Call, problem

Handler = Callable[[Call], Answer]

# Whatever arrives, read only a little more than the longest body that a function accepts.
_READ_LIMIT = 64 * 1024 + 1
_SHORT = 2_000  # characters; it is not worth while to compress a body that is no longer
_CUT = "La requête est arrivée incomplète : renvoyez-la."
_ENCODED = "Envoyez la demande sans compression (en-tête Transfer-Encoding)."
_UNEXPECTED = "Une erreur imprévue s'est produite. Rien n'a été perdu ; réessayez."
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
    from functions.shared.sheets.google import open_workbook

    chosen = settings.load(os.environ, settings.RouteSettings)
    journal = open_journal(chosen.journal)
    outbox = Outbox(
        journal,
        open_mailer(chosen.mail),
        chosen.sender,
        chosen.sheet_url,
        most_a_day=chosen.mails_a_day,
    )
    workbook = open_workbook(chosen.spreadsheet, chosen.sheets_api)
    housekeeping = Housekeeping(journal, chosen.keep)
    return Route(Drain(journal, workbook, outbox, housekeeping, operator=chosen.operator))


def _wire_digest() -> Handler:
    from functions.digest.handler import Digest
    from functions.shared.journal.store import open_journal
    from functions.shared.mail.mailer import open_mailer
    from functions.shared.sheets.google import open_workbook

    chosen = settings.load(os.environ, settings.DigestSettings)
    return Digest(
        open_journal(chosen.journal),
        open_workbook(chosen.spreadsheet, chosen.sheets_api),
        open_mailer(chosen.mail),
        chosen.sender,
        chosen.sheet_url,
        operator=chosen.operator,
    )


_WIRING: dict[str, Callable[[], Handler]] = {
    "intake": _wire_intake,
    "route": _wire_route,
    "digest": _wire_digest,
}


def _handler(name: str) -> Handler:
    if name not in _handlers:
        _handlers[name] = _WIRING[name]()
    return _handlers[name]


@functools.cache
def _prepare_end() -> None:
    """In a worker of gunicorn, see that SIGTERM ends it, and that its log is whole.

    The first call in the worker is the place: this file is loaded in its parent.
    """
    if hasattr(signal.getsignal(signal.SIGTERM), "__self__"):
        stopping.end_in_time()
        atexit.register(_end)


def _end() -> None:
    for handler in _handlers.values():
        if hasattr(handler, "end"):
            handler.end()


def _serve(name: str, request: Request) -> Response:
    _prepare_end()
    call = Call(
        method=request.method,
        headers={header.lower(): value for header, value in request.headers.items()},
        query=request.args,
        body=b"",
        path=request.path,
        peer=request.remote_addr or "",
    )
    if call.headers.get("transfer-encoding", "chunked").strip().lower() != "chunked":
        # The server takes such a body as it is, without decoding it (RFC 9112, 6.1).
        answer = _problem(501, _ENCODED, name, call)
    elif (body := _body(request)) is None:
        answer = _cut(name, call)
    else:
        answer = _answer(name, replace(call, body=body))
    response = Response(answer.body, answer.status, content_type=answer.content_type)
    response.headers.extend(SAFE | dict(answer.headers))
    if len(answer.body) > _SHORT:
        _compress(response, request, answer)
    return response


def _body(request: Request) -> bytes | None:
    """The body, or None if it was cut short on its way.

    The first half of a form is a valid form, too, and must not be taken for a whole one.
    """
    try:
        body = request.stream.read(_READ_LIMIT)
    except Exception:  # noqa: BLE001  (each server has errors of its own for a chunk that is cut)
        return None
    return body if len(body) >= min(request.content_length or 0, _READ_LIMIT) else None


def _cut(name: str, call: Call) -> Answer:
    # A 400 would say that the request itself is wrong, and nobody would send it again.
    answer = _problem(503, _CUT, name, call)
    return replace(answer, headers={**answer.headers, "Retry-After": "1"})


def _compress(response: Response, request: Request, answer: Answer) -> None:
    """Compress pages and scripts to about a quarter of their size; the platform does not do it."""
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"]:
        public = answer.headers.get("Cache-Control", "").startswith("public")
        response.set_data((_compressed_once if public else _compressed)(answer.body))
        response.headers["Content-Encoding"] = "gzip"


def _compressed(text: str) -> bytes:
    return gzip.compress(text.encode(), 4, mtime=0)  # half the time of 6, and 2 % longer


# For what is the same for everybody.
_compressed_once = functools.lru_cache(maxsize=16)(_compressed)


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


# The framework loads this file within an application that bears the name of the function to run.
if has_app_context() and current_app.name in _WIRING:
    _handler(current_app.name)
