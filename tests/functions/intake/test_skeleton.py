from functions.intake.skeleton import Skeleton
from functions.shared.web import Fixed

LONG = "o" * 3_000


def drawn(names: list[str], **state: str) -> list[str]:
    page = Skeleton.of(
        lambda slot: f"<{slot('value', 'a')}{LONG}{slot('pair', 'b', '!')}, {slot('value', 'a')}>",
        {
            "value": lambda state, name: state.get(name, "?"),
            "pair": lambda state, name, more: state.get(name, "-") + more,
        },
        {},
    )
    return [*page.filled(state, names).pieces]


def test_the_slots_of_a_name_are_drawn_wherever_they_stand():
    assert "".join(drawn(["a", "c"], a="A", b="B")) == f"<A{LONG}-!, A>"


def test_a_blank_page_has_its_slots_too():
    assert "".join(drawn([])) == f"<?{LONG}-!, ?>"


def test_what_is_as_on_a_blank_page_recurs():
    pieces = drawn(["b"], b="B")
    assert pieces == ["<?", LONG, "B!, ?>"]
    assert [isinstance(piece, Fixed) for piece in pieces] == [True, True, False]


def test_pieces_in_which_something_is_drawn_are_one_and_so_are_the_others():
    half = LONG[:700]
    page = Skeleton.of(
        lambda slot: half.join(slot("value", name) for name in "abcdef"),
        {"value": lambda state, name: name.upper() if state else name},
        blank=False,
    )
    pieces = page.filled(True, ["b"]).pieces
    assert "".join(pieces) == half.join("aBcdef")
    assert [isinstance(piece, Fixed) for piece in pieces] == [False, True]
    assert page.filled(True, ["b"]).pieces[1] is pieces[1]
