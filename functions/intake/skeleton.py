"""A page that is drawn once, with slots for what differs from call to call. Pure.

To draw the form takes a millisecond, and anybody may ask for it with any answers in it. So its
template is rendered once, and a slot stands wherever the page depends on a call. After that a call
costs what is drawn into its own slots.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from markupsafe import Markup

from functions.shared.web import Fixed, Pieces

State = TypeVar("State")
Draw = Callable[[State], str]

_LONG = 2_000  # characters of a text that is worth compressing apart
_MARK = re.compile("\0([0-9]+)\0")


@dataclass(frozen=True)
class Skeleton(Generic[State]):
    """Static texts and slots in turn; `parts` holds the slots as they are on a blank page.

    `slots` says by name which parts are drawn how. `runs` are the ranges of parts between which the
    page is cut into pieces; a range of one long static text is a piece that recurs.
    """

    parts: Sequence[str]
    slots: dict[str, list[tuple[int, Draw[State]]]]
    runs: Sequence[tuple[int, int]]

    @classmethod
    def of(
        cls,
        template: Callable[[Callable[..., Markup]], str],
        draws: Mapping[str, Callable[..., str]],
        blank: State,
    ) -> "Skeleton[State]":
        """Render a template and keep its slots.

        Args:
            template: renders the template; it gets `slot(kind, name, …)`, which marks a slot. What
                is drawn there depends on the part of the state that has the name.
            draws: for each kind the function that draws it; its arguments are the state, and those
                of `slot` without the kind.
            blank: the state of a blank page.
        """
        marked: list[tuple[str, Draw[State]]] = []

        def slot(kind: str, name: str = "", *more: Any) -> Markup:  # noqa: ANN401
            marked.append((name, lambda state: draws[kind](state, name, *more)))
            return Markup(f"\0{len(marked) - 1}\0")  # noqa: S704  (a mark)

        parts = _MARK.split(template(slot))
        slots: dict[str, list[tuple[int, Draw[State]]]] = {}
        for at in range(1, len(parts), 2):
            name, draw = marked[int(parts[at])]
            slots.setdefault(name, []).append((at, draw))
            parts[at] = draw(blank)
        parts = [Fixed(part) if len(part) > _LONG else part for part in parts]
        return cls(parts, slots, list(_runs(parts)))

    def filled(self, state: State, names: Iterable[str]) -> Pieces:
        """The page of a state, which differs from a blank one in the parts of these names."""
        parts = list(self.parts)
        for name in names:
            for at, draw in self.slots.get(name, ()):
                parts[at] = draw(state)
        return Pieces(
            parts[start] if end - start == 1 else "".join(parts[start:end])
            for start, end in self.runs
        )


def _runs(parts: Sequence[str]) -> Iterable[tuple[int, int]]:
    start = 0
    for at, part in enumerate(parts):
        if isinstance(part, Fixed):
            yield from [(start, at), (at, at + 1)]
            start = at + 1
    yield start, len(parts)
