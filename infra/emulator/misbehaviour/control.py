"""`/_emulator`: sets how the emulator behaves, shows what it counted, and lets people edit.

Calls of these pages are not counted, and never meet a fault.
"""

from typing import Any

from flask import Blueprint, Response, request

from infra.emulator.errors import InvalidArgumentError
from infra.emulator.grid import Json
from infra.emulator.misbehaviour import settings
from infra.emulator.misbehaviour.conduct import Misbehaviour
from infra.emulator.people.edit import Record


def create_control(misbehaviour: Misbehaviour) -> Blueprint:
    """Return the pages that direct a gate; the README describes them."""
    control = Blueprint("control", __name__, url_prefix="/_emulator")
    people, stats = misbehaviour.people, misbehaviour.stats

    @control.get("/faults")
    def show_settings() -> Json:
        return settings.document(misbehaviour)

    @control.put("/faults")
    def change_settings() -> Json:
        settings.apply(_body(), misbehaviour)
        return settings.document(misbehaviour)

    @control.get("/stats")
    def show_stats() -> Json:
        return stats.document()

    @control.delete("/stats")
    def reset_stats() -> Response:
        stats.reset()
        return Response(status=204)

    @control.get("/people")
    def show_records() -> list[Record]:
        return list(people.records)

    @control.post("/people")
    def edit() -> Record:
        asked = settings.edit(_body())
        if asked != {"action": "any"}:
            return people.do(**asked)
        if (record := people.act()) is None:
            raise InvalidArgumentError("People can do nothing here.")
        return record

    return control


def _body() -> Any:  # noqa: ANN401 - any JSON value
    body = request.get_json(force=True, silent=True)
    if body is None:
        raise InvalidArgumentError("A JSON body is required.")
    return body
