import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.emulator import masks
from infra.emulator.errors import InvalidArgumentError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", {"a": {}}),
        ("a.b,c", {"a": {"b": {}}, "c": {}}),
        ("a.b,c(d,e.f)", {"a": {"b": {}}, "c": {"d": {}, "e": {"f": {}}}}),
        ("sheets/data/rowData/values/note", masks.parse("sheets.data.rowData.values.note")),
        ("row_data.user_entered_value", {"rowData": {"userEnteredValue": {}}}),
        ("row_data(user_entered_value)", {"rowData": {"userEnteredValue": {}}}),
        ("*", {}),
        ("a,*", {}),
        ("a.*,b(*)", {"a": {}, "b": {}}),
        ("a.b,a.c", {"a": {"b": {}, "c": {}}}),
        ("a.b,a", {"a": {}}),
        (" a , b ( c ) ", {"a": {}, "b": {"c": {}}}),
    ],
)
def test_masks_are_read(text, expected):
    assert masks.parse(text) == expected


@pytest.mark.parametrize(
    "text", ["", ",", "a,", "a.", "a(b", "a)b", "a(b))", "a b", "*.a", "a..b", "é!"]
)
def test_malformed_masks_are_refused(text):
    with pytest.raises(InvalidArgumentError, match="Invalid field mask"):
        masks.parse(text)


def test_below_tells_what_is_asked_for():
    mask = masks.parse("a(b,c.d)")
    assert masks.below(mask, "a") == {"b": {}, "c": {"d": {}}}
    assert masks.below(mask, "a", "b", "anything") == {}
    assert masks.below(mask, "a", "z") is None
    assert masks.below({}, "a") == {}


def test_select_looks_through_lists():
    value = {"a": [{"b": 1, "c": 2}, {"c": 3}], "d": 4}
    assert masks.select(masks.parse("a.b"), value) == {"a": [{"b": 1}, {}]}


def test_merge_takes_what_is_named_and_clears_what_is_missing():
    old = {"a": {"b": 1, "c": 2}, "d": 3, "e": 4}
    new = {"a": {"b": 9, "c": 8}, "d": 0}
    assert masks.merge(masks.parse("a.b,d,e"), old, new) == {"a": {"b": 9, "c": 2}, "d": 0}
    assert masks.merge({}, old, new) == new
    assert masks.merge(masks.parse("a.b,a.c"), old, {}) == {"d": 3, "e": 4}
    assert old["a"] == {"b": 1, "c": 2}


names = st.sampled_from("abc")
leaves = st.integers(0, 3) | st.lists(st.integers(0, 3), max_size=2)
objects = st.dictionaries(
    names, leaves | st.dictionaries(names, leaves, min_size=1, max_size=3), max_size=3
)
trees = st.dictionaries(
    names, st.dictionaries(names, st.just({}), max_size=3), min_size=1, max_size=3
)


def _write(mask):
    return ",".join(name + (f"({_write(inner)})" if inner else "") for name, inner in mask.items())


@given(trees)
def test_masks_round_trip(mask):
    assert masks.parse(_write(mask)) == mask


@given(trees, objects)
def test_selecting_twice_is_selecting_once(mask, value):
    once = masks.select(mask, value)
    assert masks.select(mask, once) == once
    assert masks.select({}, value) == value


def _without_empty(value):
    if isinstance(value, dict):
        kept = {name: _without_empty(item) for name, item in value.items()}
        return {name: item for name, item in kept.items() if item != {}}
    return value


@given(trees, objects, objects)
def test_an_update_changes_what_the_mask_names_and_nothing_else(mask, old, new):
    mask = {  # only objects have fields of their own
        name: inner
        for name, inner in mask.items()
        if not inner or all(isinstance(side.get(name, {}), dict) for side in (old, new))
    }
    if not mask:
        return
    merged = masks.merge(mask, old, new)
    assert _without_empty(masks.select(mask, merged)) == _without_empty(masks.select(mask, new))
    for name in old:
        if name not in mask:
            assert merged[name] == old[name]
        elif mask[name]:
            rest = {k: v for k, v in old[name].items() if k not in mask[name]}
            assert rest.items() <= merged.get(name, {}).items()
