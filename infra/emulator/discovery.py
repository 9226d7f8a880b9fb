"""Google's discovery documents as routes and strict validators.

The documents are kept under `documents/`, trimmed; the README says where they come from. Their
schemas become JSON Schema with unknown fields forbidden, for requests and answers alike.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema_rs

from infra.emulator.errors import InvalidArgumentError
from infra.emulator.masks import Mask

DOCUMENTS = Path(__file__).parent / "documents"
_INTEGERS = {"int32": (-(2**31), 2**31 - 1), "uint32": (0, 2**32 - 1)}
_BOOLEANS = {"true": True, "false": False}
# Recorded: gspread sends this parameter and Drive accepts it, though the document does not declare
# it for this method.
_UNDECLARED = {
    "drive.files.get": {"includeItemsFromAllDrives": {"type": "boolean", "location": "query"}}
}


class Method(NamedTuple):
    """One method of the API, as the discovery document declares it.

    `upload` tells whether a call's body is a file instead of JSON.
    """

    id: str
    verb: str
    path: re.Pattern[str]
    parameters: Mapping[str, Mapping[str, Any]]
    request: str | None
    response: str | None
    upload: bool = False

    @property
    def write(self) -> bool:
        """Tell a write from a read, as the quotas do."""
        return self.verb != "GET"


# The one method of Drive v2 that gspread calls, to import a CSV file (its `import_csv`).
_UPLOAD = Method(
    id="drive.v2.files.update",
    verb="PUT",
    path=re.compile(r"upload/drive/v2/files/(?P<fileId>[^/:]+)"),
    parameters={
        "convert": {"type": "boolean", "location": "query"},
        "supportsAllDrives": {"type": "boolean", "location": "query"},
        "uploadType": {"type": "string", "enum": ["media"], "location": "query"},
    },
    request=None,
    response=None,
    upload=True,
)


class Api:
    """One of Google's APIs: its methods, and what their requests and answers may hold.

    Args:
        name: The document's name, such as `sheets.v4`.
    """

    def __init__(self, name: str) -> None:
        document = _document(name)
        self.prefix: str = document["servicePath"]
        self._schemas: dict[str, Any] = document["schemas"]
        self._global: dict[str, Any] = document["parameters"]
        self.methods = sorted(
            [
                *(self._method(declared) for declared in _methods(document)),
                *([_UPLOAD] if name == "drive.v3" else []),
            ],
            key=lambda method: -len(method.path.pattern),  # `values:batchGet` before `{id}`
        )

    def match(self, verb: str, path: str) -> tuple[Method, dict[str, str]] | None:
        """Return the method that a path (without leading slash) calls, and its path parameters."""
        for method in self.methods:
            if method.verb == verb and (match := method.path.fullmatch(path)):
                return method, match.groupdict()
        return None

    def query(self, method: Method, arguments: Iterable[tuple[str, str]]) -> dict[str, Any]:
        """Return the query parameters, typed as declared; a repeated one is a list.

        Raises:
            InvalidArgumentError: For a parameter that the method does not have, or a wrong value.
        """
        values: dict[str, Any] = {}
        for name, text in arguments:
            declared = method.parameters.get(name) or self._global.get(name)
            if declared is None or declared["location"] != "query":
                raise InvalidArgumentError(
                    f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query '
                    f"parameter. Field '{name}' could not be found in request message."
                )
            value = _typed(name, text, declared)
            if declared.get("repeated"):
                values.setdefault(name, []).append(value)
            else:
                values[name] = value
        return values

    def check_request(self, method: Method, body: Mapping[str, Any]) -> None:
        """Refuse a body that is not of the method's request type.

        Raises:
            InvalidArgumentError: With one line for each fault, as Google writes them.
        """
        if not method.request:
            if body:
                raise InvalidArgumentError("Invalid JSON payload received. The body must be empty.")
            return
        faults = [
            describe(error)
            for error in self._validators[f"#/$defs/{method.request}"].iter_errors(body)
        ]
        if faults:
            raise InvalidArgumentError("\n".join(faults))

    def check_answer(self, method: Method, answer: object) -> None:
        """Refuse an answer of our own that Google could not have sent.

        Raises:
            ValueError: If it is not of the method's response type: a bug in the local API.
        """
        if method.response:
            self._validators[f"#/$defs/{method.response}"].validate(answer)

    def check_mask(self, schema: str, mask: Mask, path: str = "") -> None:
        """Refuse a mask that names a field the schema does not have.

        Raises:
            InvalidArgumentError: With the path of the first such field.
        """
        properties = self._schemas[schema].get("properties", {})
        for name, inner in mask.items():
            here = f"{path}.{name}" if path else name
            declared = properties.get(name)
            if declared is None:
                raise InvalidArgumentError(
                    f"Error expanding 'fields' parameter. Cannot find matching fields for path "
                    f"'{here}'."
                )
            target = declared.get("items", declared).get("$ref")
            if target:
                self.check_mask(target, inner, here)
            elif inner and "additionalProperties" not in declared:
                raise InvalidArgumentError(f"Invalid field: {here} has no fields of its own.")

    def _method(self, declared: Mapping[str, Any]) -> Method:
        path = re.escape(declared["path"]).replace(r"\{", "{").replace(r"\}", "}")
        # Only a range may hold slashes and colons; it ends the path or comes before `:append`.
        path = path.replace("{range}", "(?P<range>.+)")
        path = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/:]+)", path)
        return Method(
            id=declared["id"],
            verb=declared["httpMethod"],
            path=re.compile(re.escape(self.prefix) + path, re.DOTALL),
            parameters=declared.get("parameters", {}) | _UNDECLARED.get(declared["id"], {}),
            request=declared.get("request", {}).get("$ref"),
            response=declared.get("response", {}).get("$ref"),
        )

    @cached_property
    def _validators(self) -> "_Validators":
        return _Validators({name: _json_schema(node) for name, node in self._schemas.items()})


class _Validators(dict[str, jsonschema_rs.Validator]):
    """Validators by reference, compiled when they are first needed."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        super().__init__()
        self._definitions = definitions

    def __missing__(self, reference: str) -> jsonschema_rs.Validator:
        schema = {"$ref": reference, "$defs": self._definitions}
        self[reference] = jsonschema_rs.Draft202012Validator(schema)
        return self[reference]


@cache
def load(name: str) -> Api:
    """Return the API of that name, read once."""
    return Api(name)


def without_nulls(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Drop members that are null: in JSON for protocol buffers they mean "not set".

    Nulls in arrays stay: in a row of values they mean "leave this cell alone".
    """
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


def describe(error: jsonschema_rs.ValidationError) -> str:
    """Return what is wrong with a document, in one line for each fault, as Google writes them."""
    path = "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path
    ).lstrip(".")
    where = f" at '{path}'" if path else ""
    if error.kind.name == "additionalProperties":
        names = error.kind.as_dict()["unexpected"]
        return "\n".join(
            f'Invalid JSON payload received. Unknown name "{name}"{where}: Cannot find field.'
            for name in names
        )
    return f"Invalid value{where}: {error.message}"


def _document(name: str) -> dict[str, Any]:
    path = DOCUMENTS / f"{name}.json"
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def _methods(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from node.get("methods", {}).values()
    for resource in node.get("resources", {}).values():
        yield from _methods(resource)


def _json_schema(node: Mapping[str, Any]) -> dict[str, Any]:
    """Turn a schema of the discovery document into JSON Schema."""
    if "$ref" in node:
        return {"$ref": f"#/$defs/{node['$ref']}"}
    match node["type"]:
        case "object" if "additionalProperties" in node:
            values = _json_schema(node["additionalProperties"])
            return {"type": "object", "additionalProperties": values}
        case "object":
            fields = {name: _json_schema(field) for name, field in node["properties"].items()}
            return {"type": "object", "properties": fields, "additionalProperties": False}
        case "array":
            return {"type": "array", "items": _json_schema(node["items"])}
        case "integer":
            low, high = _INTEGERS[node["format"]]
            return {"type": "integer", "minimum": low, "maximum": high}
        case "string" if "enum" in node:
            return {"enum": node["enum"]}
        case "string" if node.get("format") in {"int64", "uint64"}:
            return {"type": "string", "pattern": "^-?[0-9]+$"}
        case "any":
            return {}
        case plain:
            return {"type": plain}


def _typed(name: str, text: str, declared: Mapping[str, Any]) -> object:
    value: object = text
    match declared["type"]:
        case "boolean":
            value = _BOOLEANS.get(text.lower())
        case "integer":
            value = int(text) if re.fullmatch(r"-?[0-9]{1,10}", text) else None
    if value is None or text not in declared.get("enum", [text]):
        raise InvalidArgumentError(f"Invalid value at '{name}' ({declared['type']}), \"{text}\"")
    return value
