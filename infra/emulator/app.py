"""The local Sheets API as a WSGI application: routes, checks, answers and errors."""

import json
import math
from typing import Final, NoReturn

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from infra.emulator import discovery, drive, masks, methods
from infra.emulator.discovery import Api, Method
from infra.emulator.errors import (
    ApiError,
    InvalidArgumentError,
    NotFoundError,
    UnimplementedError,
)
from infra.emulator.grid import Json
from infra.emulator.masks import EVERYTHING
from infra.emulator.methods import Call, Gate
from infra.emulator.misbehaviour.conduct import Misbehaviour
from infra.emulator.misbehaviour.control import create_control
from infra.emulator.store import Store

_METHODS: Final = {**methods.METHODS, **drive.METHODS}
# Parameters of every method that change nothing here: who calls, and how the answer looks.
_ANYWAY = frozenset(
    {"fields", "alt", "prettyPrint", "key", "access_token", "oauth_token", "quotaUser"}
)
_DRIVE_REASONS = {400: "invalid", 404: "notFound", 501: "notImplemented"}


def create_app(store: Store, *, gate: Gate | None = None) -> Flask:
    """Return the application that serves `/v4/spreadsheets`, `/drive/v3/files` and uploads.

    Args:
        store: Where the spreadsheets are kept.
        gate: Surrounds each valid call, for quotas and faults. It gets the call (which knows its
            method and whether it writes) and a function that carries it out. It returns the answer,
            or raises an ApiError before or after the call is carried out. If it is a Misbehaviour,
            `/_emulator` directs it.
    """
    app = Flask(__name__, static_folder=None)
    if isinstance(gate, Misbehaviour):
        app.register_blueprint(create_control(gate))
    apis = [discovery.load("sheets.v4"), discovery.load("drive.v3")]

    @app.route("/", defaults={"path": ""}, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    @app.route("/<path:path>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def serve(path: str) -> Response:
        for api in apis:
            if match := api.match(request.method, path):
                return _serve(store, gate, api, *match)
        raise NotFoundError("The requested URL was not found on this server.")

    @app.errorhandler(ApiError)
    def refuse(error: ApiError) -> Response:
        body = error.body()
        if request.path.startswith(("/drive/", "/upload/drive/")):
            reason = _DRIVE_REASONS.get(error.code, "backendError")
            item = {"message": error.message, "domain": "global", "reason": reason}
            body["error"] = {"code": error.code, "message": error.message, "errors": [item]}
        answer = _answer(body, error.code)
        answer.headers.update(error.headers)
        return answer

    @app.errorhandler(HTTPException)
    def refuse_http(error: HTTPException) -> Response:
        return refuse(ApiError(error.description or "", code=error.code, status="UNKNOWN"))

    @app.errorhandler(Exception)
    def fail(error: Exception) -> Response:
        app.logger.error("The local Sheets API has a bug", exc_info=error)
        return refuse(ApiError(f"Internal error encountered. {type(error).__name__}: {error}"))

    return app


def _serve(
    store: Store, gate: Gate | None, api: Api, method: Method, path: dict[str, str]
) -> Response:
    """Check a call, carry it out within the gate, and check the answer."""
    call = _read_call(api, method, path)
    _, handler = _METHODS[method.id]

    def carry_out(settled: Call | None = None) -> Response:
        answer = handler(store, settled or call)
        if answer is None:
            return Response(status=204)
        if isinstance(answer, Response):
            return answer
        if method.response != "Spreadsheet":  # a Spreadsheet is rendered with the mask already
            answer = masks.select(call.mask, answer)
        api.check_answer(method, answer)
        return _answer(answer, 200)

    return gate(call, carry_out) if gate else carry_out()


def _read_call(api: Api, method: Method, path: dict[str, str]) -> Call:
    if method.id not in _METHODS:
        raise UnimplementedError(f"the method {method.id}")
    query = api.query(method, request.args.items(multi=True))
    implemented, _ = _METHODS[method.id]
    for name in query.keys() - set(implemented.split()) - _ANYWAY:
        raise UnimplementedError(f"the parameter {name} of {method.id}")
    if query.get("alt", "json") != "json":
        raise UnimplementedError(f"the parameter alt={query['alt']}")
    body = {} if method.upload else _read_body(request.get_data())
    api.check_request(method, body)
    user = query.get("quotaUser") or request.headers.get("Authorization", "")
    call = Call(method.id, method.write, path, query, body, EVERYTHING, user)
    if method.upload:
        return call._replace(file=(request.mimetype, request.get_data()))
    if not call.masked or not method.response:
        return call
    mask = masks.parse(query["fields"])
    api.check_mask(method.response, mask)
    return call._replace(mask=mask)


def _read_body(data: bytes) -> Json:
    try:
        body = _DECODER.decode(data.decode()) if data else {}
        if b"\\u" in data:
            json.dumps(body, ensure_ascii=False).encode()  # raises for a lone surrogate
    except (ValueError, RecursionError) as error:
        raise InvalidArgumentError(f"Invalid JSON payload received. {error}") from error
    if not isinstance(body, dict):
        raise InvalidArgumentError("Invalid JSON payload received. The body must be an object.")
    cleaned: Json = discovery.without_nulls(body) if b"null" in data else body
    return cleaned


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _number(text: str) -> float:
    """A finite number; 1.0 counts as 1, as in the JSON mapping of Protocol Buffers."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("A number is too large.")
    if text.lstrip("-").isdecimal():
        return int(text)
    return int(number) if number.is_integer() else number


_DECODER: Final = json.JSONDecoder(
    parse_constant=_no_constant, parse_float=_number, parse_int=_number
)


def _answer(body: Json, code: int) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Response(text, status=code, content_type="application/json; charset=UTF-8")
