"""What is asked of the emulator, as one JSON document; the README describes it."""

from typing import Any, Final, get_args

import jsonschema_rs

from infra.emulator import discovery
from infra.emulator.errors import InvalidArgumentError
from infra.emulator.grid import Json
from infra.emulator.misbehaviour.conduct import Misbehaviour
from infra.emulator.misbehaviour.deviations import DEVIATIONS
from infra.emulator.misbehaviour.latency import Latency
from infra.emulator.misbehaviour.quota import Limits, Quota
from infra.emulator.misbehaviour.rules import Fault, Rule
from infra.emulator.people.people import HABITS


def _object(*required: str, **properties: Json) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


_FLAG: Final = {"type": "boolean"}
_TEXT: Final = {"type": "string"}
_COUNT: Final = {"type": "integer", "minimum": 1}
_POSITIVE: Final = {"type": "number", "exclusiveMinimum": 0}
_NOT_NEGATIVE: Final = {"type": "number", "minimum": 0}
_LIMITS: Final = _object(user=_COUNT, project=_COUNT)
_RULE: Final = _object(
    "fault",
    fault={"enum": list(get_args(Fault))},
    on=_TEXT,
    probability={"type": "number", "minimum": 0, "maximum": 1},
    count=_COUNT,
    every=_COUNT,
    at={"type": "array", "items": _COUNT, "minItems": 1},
    seconds=_NOT_NEGATIVE,
    retry_after={"type": "integer", "minimum": 0},
    html=_FLAG,
    committed=_FLAG,
    reset=_FLAG,
)
_PEOPLE: Final = _object(
    "every",
    every=_POSITIVE,
    actions=_object(**dict.fromkeys(HABITS, _NOT_NEGATIVE)),
    spreadsheet=_TEXT,
    tab=_TEXT,
)
_SETTINGS: Final = _object(
    quota=_object(read=_LIMITS, write=_LIMITS)
    | {"type": ["null", "string", "object"], "pattern": "^real$"},
    latency=_object("p50", p50=_POSITIVE, p99=_POSITIVE)
    | {"type": ["null", "number", "object"], "exclusiveMinimum": 0},
    faults={"type": "array", "items": _RULE},
    append_race=_FLAG,
    deviations={"type": "array", "items": {"enum": sorted(DEVIATIONS)}},
    people=_PEOPLE | {"type": ["null", "object"]},
    seed={"type": "integer"},
)
_EDIT: Final = _object(
    "action",
    action={"enum": ["any", *HABITS]},
    row={"type": ["integer", "string"]},
    header=_TEXT,
    value=_TEXT,
    values={"type": "object", "additionalProperties": _TEXT},
    lines={"type": "array", "items": {"type": "array", "items": _TEXT, "minItems": 1}}
    | {"minItems": 1},
    before=_TEXT,
    count=_COUNT,
    descending=_FLAG,
)
_SETTINGS_VALIDATOR: Final = jsonschema_rs.Draft202012Validator(_SETTINGS)
_EDIT_VALIDATOR: Final = jsonschema_rs.Draft202012Validator(_EDIT)


def apply(document: object, to: Misbehaviour) -> None:
    """Let the emulator behave as a document says; what the document does not name goes well.

    Counts and random draws begin anew. Late commits that are still to come will come.

    Raises:
        InvalidArgumentError: If the document is not valid; then nothing changes.
    """
    wire = _checked(document, _SETTINGS_VALIDATOR)
    quota, latency = _quota(wire.get("quota")), _latency(wire.get("latency"))
    rules = [_rule(index, rule) for index, rule in enumerate(wire.get("faults", []))]
    people = wire.get("people") or {}
    to.quota, to.latency, to.faults = quota, latency, rules
    to.append_race = wire.get("append_race", False)
    to.deviations = frozenset(wire.get("deviations", ()))
    to.people.habits = people.get("actions", HABITS)
    to.people.spreadsheet = people.get("spreadsheet")
    to.people.tab = people.get("tab", to.people.titles.tab)
    to.seed = wire.get("seed", 0)
    to.let_people_edit(people.get("every"))


def document(of: Misbehaviour) -> Json:
    """Return how the emulator behaves, in the form that `apply` takes."""
    people = of.people_every and {
        "every": of.people_every,
        "actions": dict(of.people.habits),
        "tab": of.people.tab,
        **({"spreadsheet": of.people.spreadsheet} if of.people.spreadsheet else {}),
    }
    return {
        "quota": of.quota
        and {"read": _given(of.quota.reads._asdict()), "write": _given(of.quota.writes._asdict())},
        "latency": of.latency and _given(vars(of.latency)),
        "faults": [rule.document() for rule in of.faults],
        "append_race": of.append_race,
        "deviations": sorted(of.deviations),
        "people": people,
        "seed": of.seed,
    }


def edit(document: object) -> Json:
    """Return what an edit by people is to be: its action, and that action's arguments.

    Raises:
        InvalidArgumentError: If the document is not valid.
    """
    return _checked(document, _EDIT_VALIDATOR)


def _checked(document: object, validator: jsonschema_rs.Draft202012Validator) -> Json:
    if wrong := [discovery.describe(error) for error in validator.iter_errors(document)]:
        raise InvalidArgumentError("\n".join(wrong))
    assert isinstance(document, dict)
    return document


def _given(values: Json) -> Json:
    return {name: value for name, value in values.items() if value is not None}


def _quota(wire: Any) -> Quota | None:  # noqa: ANN401 - any JSON value
    if wire is None or wire == "real":
        return wire and Quota()
    return Quota(Limits(**wire.get("read", {})), Limits(**wire.get("write", {})))


def _latency(wire: Any) -> Latency | None:  # noqa: ANN401 - any JSON value
    if wire is None:
        return None
    try:
        return Latency(**wire) if isinstance(wire, dict) else Latency(wire)
    except ValueError as error:
        raise InvalidArgumentError(str(error)) from error


def _rule(index: int, wire: Json) -> Rule:
    try:
        return Rule(**wire)
    except ValueError as error:
        raise InvalidArgumentError(f"faults[{index}]: {error}") from error
