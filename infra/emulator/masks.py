"""Field masks (`sheets(properties.title,data)`): what to answer, and what an update touches.

A mask is a tree of names; an empty tree means everything below. Google's guide: "Use field masks".
"""

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from infra.emulator.errors import InvalidArgumentError

Mask: TypeAlias = Mapping[str, "Mask"]

EVERYTHING: Mask = {}
_TOKEN = re.compile(r"[A-Za-z0-9_]+|[*.,/()]|\S")


def parse(text: str) -> Mask:
    """Read `a.b,c(d,e/f)`, `*` or snake_case names.

    Raises:
        InvalidArgumentError: If it is not a mask.
    """
    tokens = _TOKEN.findall(text)
    mask = _parse_list(tokens, text)
    if tokens:
        raise _malformed(text)
    return mask


def below(mask: Mask, *names: str) -> Mask | None:
    """Return what the mask asks for below a field, or None if it does not ask for it."""
    for name in names:
        if mask and name not in mask:
            return None
        mask = mask.get(name, EVERYTHING)
    return mask


def select(mask: Mask, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return the part of a JSON value that the mask asks for; lists are looked through."""
    if not mask:
        return value
    if isinstance(value, list):
        return [select(mask, item) for item in value]
    if isinstance(value, dict):
        return {name: select(mask[name], value[name]) for name in value if name in mask}
    return value


def merge(mask: Mask, old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return `old` with the fields that the mask names taken from `new`.

    A field that the mask names and `new` leaves out is cleared, as in Google's update requests.
    """
    if not mask:
        return dict(new)
    merged = dict(old)
    for name, inner in mask.items():
        value = new.get(name)
        if inner:
            value = merge(inner, old.get(name) or {}, value or {}) or None
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = value
    return merged


def _parse_list(tokens: list[str], text: str) -> Mask:
    tree: dict[str, Mask] = {}
    everything = False
    while True:
        name, inner = _parse_path(tokens, text)
        everything = everything or name == "*"
        tree[name] = _union(tree[name], inner) if name in tree else inner
        if not tokens or tokens[0] != ",":
            return EVERYTHING if everything else tree
        tokens.pop(0)


def _parse_path(tokens: list[str], text: str) -> tuple[str, Mask]:
    name = tokens.pop(0) if tokens else ""
    if not re.fullmatch(r"\w+|\*", name):
        raise _malformed(text)
    if tokens and tokens[0] in {".", "/"} and name != "*":
        tokens.pop(0)
        inner_name, inner = _parse_path(tokens, text)
        return _camel(name), EVERYTHING if inner_name == "*" else {inner_name: inner}
    if tokens and tokens[0] == "(" and name != "*":
        tokens.pop(0)
        inner = _parse_list(tokens, text)
        if not tokens or tokens.pop(0) != ")":
            raise _malformed(text)
        return _camel(name), inner
    return _camel(name), EVERYTHING


def _union(mask: Mask, other: Mask) -> Mask:
    if not mask or not other:
        return EVERYTHING
    return {
        name: _union(mask[name], other[name]) if name in mask and name in other else inner
        for name, inner in {**mask, **other}.items()
    }


def _camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)


def _malformed(text: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"Invalid field mask: '{text}'")
