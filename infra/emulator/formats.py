"""Formats of cells: colours in both spellings, the default format, conditional formatting."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from infra.emulator.a1 import Box
from infra.emulator.errors import InvalidArgumentError, UnimplementedError
from infra.emulator.masks import Mask

# Fields that Google keeps in two spellings. We keep the newer one, which wins if both are set.
_STYLES = {
    "backgroundColor": "backgroundColorStyle",
    "foregroundColor": "foregroundColorStyle",
    "tabColor": "tabColorStyle",
    "visibleBackgroundColor": "visibleBackgroundColorStyle",
    "visibleForegroundColor": "visibleForegroundColorStyle",
}

_THEME = {
    "TEXT": "000000",
    "BACKGROUND": "FFFFFF",
    "ACCENT1": "4285F4",
    "ACCENT2": "EA4335",
    "ACCENT3": "FBBC04",
    "ACCENT4": "34A853",
    "ACCENT5": "FF6D01",
    "ACCENT6": "46BDC6",
    "LINK": "1155CC",
}
_CONDITIONS = {"TEXT_EQ": 1, "TEXT_CONTAINS": 1, "BLANK": 0, "NOT_BLANK": 0}


def _color(code: str) -> dict[str, float]:
    parts = zip(("red", "green", "blue"), bytes.fromhex(code), strict=True)
    return {name: round(part / 255, 8) for name, part in parts if part}


THEME: Final = {
    "primaryFontFamily": "Arial",
    "themeColors": [
        {"colorType": kind, "color": {"rgbColor": _color(code)}} for kind, code in _THEME.items()
    ],
}
# Recorded: what a new spreadsheet answers.
DEFAULT_FORMAT: Final = {
    "backgroundColorStyle": {"rgbColor": _color("FFFFFF")},
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {
        "foregroundColorStyle": {"rgbColor": {}},
        "fontFamily": "arial,sans,sans-serif",
        "fontSize": 10,
        "bold": False,
        "italic": False,
        "strikethrough": False,
        "underline": False,
    },
}


def canonical(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value as we keep it: each colour once, in the newer spelling."""
    if isinstance(value, list):
        return [canonical(item) for item in value]
    if not isinstance(value, dict) or not value:
        return value
    kept = {name: canonical(item) for name, item in value.items() if name not in _STYLES}
    for name, style in _STYLES.items():
        if name in value and style not in value:
            kept[style] = {"rgbColor": value[name]}
        if rgb := kept.get(style, {}).get("rgbColor"):
            kept[style] = {"rgbColor": {part: level for part, level in rgb.items() if level}}
    return kept


def canonical_mask(mask: Mask) -> Mask:
    """Return a mask in the spelling of `canonical`."""
    return {
        _STYLES.get(name, name): {"rgbColor": inner}
        if name in _STYLES and inner
        else canonical_mask(inner)
        for name, inner in mask.items()
    }


def expanded(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a kept value as Google answers it: colours in both spellings."""
    if isinstance(value, list):
        return [expanded(item) for item in value]
    if not isinstance(value, dict):
        return value
    answer = {name: expanded(item) for name, item in value.items()}
    for name, style in _STYLES.items():
        if style in value:
            theme = _THEME.get(value[style].get("themeColor", ""))
            answer[name] = _color(theme) if theme else value[style].get("rgbColor", {})
    return answer


def check_rule(rule: Mapping[str, Any]) -> None:
    """Refuse a conditional format rule that the local API could not apply.

    Raises:
        InvalidArgumentError: If it is incomplete.
        UnimplementedError: If its condition is beyond the local API.
    """
    if "gradientRule" in rule:
        raise UnimplementedError("gradientRule in a conditional format")
    condition = rule.get("booleanRule", {}).get("condition", {})
    kind, values = condition.get("type", ""), condition.get("values", [])
    if not rule.get("ranges") or not kind:
        raise InvalidArgumentError("A conditional format rule needs ranges and a condition.")
    if kind not in _CONDITIONS:
        raise UnimplementedError(f"the condition {kind} in a conditional format")
    if len(values) != _CONDITIONS[kind]:
        raise InvalidArgumentError(f"{kind} takes {_CONDITIONS[kind]} value(s).")
    if any(value.get("userEnteredValue", "").startswith(("=", "+")) for value in values):
        raise UnimplementedError("a formula in the condition of a conditional format")


def effective(
    own: Mapping[str, Any] | None,
    rules: Iterable[tuple[Iterable[Box], Mapping[str, Any]]],
    place: tuple[int, int],
    shown: str,
) -> dict[str, Any] | None:
    """Return the format in which a cell appears, or None if it is the default one.

    Args:
        own: The format that was set on the cell.
        rules: The conditional format rules with their bounded ranges, first rule first.
        place: The cell's row and column.
        shown: The cell's text as a person sees it.
    """
    row, column = place
    formats = [] if own is None else [own]
    formats[len(formats) :] = reversed(  # where two rules set the same thing, the first one wins
        [
            rule.get("format", {})
            for boxes, rule in rules
            if any(box.meets(Box(row, row + 1, column, column + 1)) for box in boxes)
            and _holds(rule["condition"], shown)
        ]
    )
    if not formats:
        return None
    result: dict[str, Any] = DEFAULT_FORMAT
    for overlay in formats:
        result = _overlaid(result, overlay)
    return result


def _holds(condition: Mapping[str, Any], shown: str) -> bool:
    """Evaluate a condition; text is compared without regard to case, as the menus of Sheets do."""
    text = shown.casefold()
    wanted = "".join(value.get("userEnteredValue", "") for value in condition.get("values", []))
    match condition["type"]:
        case "TEXT_EQ":
            return text == wanted.casefold()
        case "TEXT_CONTAINS":
            return wanted.casefold() in text
        case "BLANK":
            return not text
        case _:
            return bool(text)


def _overlaid(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **under,
        **{
            name: _overlaid(under[name], value)
            if isinstance(value, dict) and name in under and not name.endswith("Style")
            else value
            for name, value in over.items()
        },
    }
