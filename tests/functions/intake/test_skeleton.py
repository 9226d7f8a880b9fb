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


def test_long_static_texts_are_pieces_of_their_own():
    pieces = drawn(["b"], b="B")
    assert pieces == ["<?", LONG, "B!, ?>"]
    assert [isinstance(piece, Fixed) for piece in pieces] == [False, True, False]
