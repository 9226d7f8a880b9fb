import pytest

from infra.emulator import formats, masks
from infra.emulator.a1 import Box
from infra.emulator.errors import InvalidArgumentError, UnimplementedError

RED, BLUE = {"red": 1}, {"blue": 0.5}
EVERYWHERE = [Box(0, 100, 0, 100)]


def rule(kind: str, *values: str, **format_: object) -> dict:
    condition = {"type": kind, "values": [{"userEnteredValue": value} for value in values]}
    return {"condition": condition, "format": format_}


def test_colours_are_kept_in_one_spelling_and_answered_in_both():
    kept = formats.canonical({"textFormat": {"foregroundColor": {"red": 1, "green": 0}}})
    assert kept == {"textFormat": {"foregroundColorStyle": {"rgbColor": RED}}}
    assert formats.expanded(kept)["textFormat"] == {
        "foregroundColor": RED,
        "foregroundColorStyle": {"rgbColor": RED},
    }


def test_the_newer_spelling_wins():
    both = {"backgroundColor": BLUE, "backgroundColorStyle": {"rgbColor": RED}}
    assert formats.canonical(both) == {"backgroundColorStyle": {"rgbColor": RED}}


def test_a_colour_of_the_theme_is_answered_as_rgb_too():
    answer = formats.expanded({"tabColorStyle": {"themeColor": "BACKGROUND"}})
    assert answer["tabColor"] == {"red": 1, "green": 1, "blue": 1}


def test_masks_follow_the_spelling():
    mask = formats.canonical_mask(masks.parse("a(backgroundColor,bold),b.tabColor.red"))
    assert mask == masks.parse("a(backgroundColorStyle,bold),b.tabColorStyle.rgbColor.red")


def test_a_cell_without_format_has_the_default_one():
    assert formats.effective(None, [], (0, 0), "x") is None


def test_a_cells_format_lies_over_the_default_one():
    shown_format = formats.effective({"textFormat": {"bold": True}}, [], (0, 0), "x")
    assert shown_format["textFormat"] == {**formats.DEFAULT_FORMAT["textFormat"], "bold": True}
    assert shown_format["padding"] == formats.DEFAULT_FORMAT["padding"]
    assert formats.DEFAULT_FORMAT["textFormat"]["bold"] is False


@pytest.mark.parametrize(
    ("kind", "values", "shown", "holds"),
    [
        ("TEXT_EQ", ["Oui"], "oui", True),
        ("TEXT_EQ", ["Oui"], "oui !", False),
        ("TEXT_CONTAINS", ["lot"], "Le Lot", True),
        ("TEXT_CONTAINS", ["lot"], "Cantal", False),
        ("BLANK", [], "", True),
        ("BLANK", [], "x", False),
        ("NOT_BLANK", [], "x", True),
        ("NOT_BLANK", [], "", False),
    ],
)
def test_conditions(kind, values, shown, holds):
    bold = rule(kind, *values, textFormat={"bold": True})
    shown_format = formats.effective(None, [(EVERYWHERE, bold)], (0, 0), shown)
    assert (shown_format is not None) == holds


def test_the_first_rule_wins_and_rules_add_up():
    red = {"backgroundColorStyle": {"rgbColor": RED}}
    blue = {"backgroundColorStyle": {"rgbColor": BLUE}, "textFormat": {"italic": True}}
    rules = [(EVERYWHERE, rule("NOT_BLANK", **red)), (EVERYWHERE, rule("NOT_BLANK", **blue))]
    shown_format = formats.effective({"textFormat": {"bold": True}}, rules, (0, 0), "x")
    assert shown_format["backgroundColorStyle"] == {"rgbColor": RED}
    assert (shown_format["textFormat"]["italic"], shown_format["textFormat"]["bold"]) == (
        True,
        True,
    )


def test_a_rule_holds_in_its_ranges_only():
    boxes = [Box(0, 2, 0, 1), Box(5, 6, 5, 6)]
    rules = [(boxes, rule("NOT_BLANK", textFormat={"bold": True}))]
    inside = [(0, 0), (1, 0), (5, 5)]
    outside = [(2, 0), (0, 1), (5, 4)]
    assert all(formats.effective(None, rules, place, "x") for place in inside)
    assert not any(formats.effective(None, rules, place, "x") for place in outside)


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ({"gradientRule": {}}, UnimplementedError),
        ({"ranges": [{}]}, InvalidArgumentError),
        ({"booleanRule": rule("BLANK")}, InvalidArgumentError),
        ({"ranges": [{}], "booleanRule": rule("CUSTOM_FORMULA", "=A1")}, UnimplementedError),
        ({"ranges": [{}], "booleanRule": rule("TEXT_EQ", "=A1")}, UnimplementedError),
        ({"ranges": [{}], "booleanRule": rule("TEXT_EQ")}, InvalidArgumentError),
        ({"ranges": [{}], "booleanRule": rule("BLANK", "x")}, InvalidArgumentError),
    ],
)
def test_rules_that_could_not_be_applied_are_refused(rule, error):
    with pytest.raises(error):
        formats.check_rule(rule)
