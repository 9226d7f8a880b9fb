"""A page that is drawn once, with slots for what differs from call to call. Pure.

To draw the form takes a millisecond, and anybody may ask for it with any answers in it. So its
template is rendered once, and a slot stands wherever the page depends on a call. After that a call
costs what is drawn into its own slots.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Generic, TypeVar

from markupsafe import Markup

from functions.shared.web import Fixed, Pieces

State = TypeVar("State")
Draw = Callable[[State], str]

_LONG = 1_000  # characters of a text that is worth compressing apart
_MARK = re.compile("\0([0-9]+)\0")


@dataclass(frozen=True)
class Skeleton(Generic[State]):
    """Static texts and slots in turn; `parts` holds the slots as they are on a blank page.

    `slots` says by name which parts are drawn how. `blocks` are ranges of parts: a page is cut into
    pieces between them. `blanks` are the pieces met so far in which no slot was drawn.
    """

    parts: Sequence[str]
    slots: dict[str, list[tuple[int, Draw[State]]]]
    blocks: Sequence[range]
    blanks: dict[range, Fixed] = field(default_factory=dict)

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
        return cls(parts, slots, list(_blocks(parts)))

    def filled(self, state: State, names: Iterable[str]) -> Pieces:
        """The page of a state, which differs from a blank one in the parts of these names."""
        parts, drawn = [*self.parts], set()
        for name in names:
            for at, draw in self.slots.get(name, ()):
                text = draw(state)
                if text != parts[at]:
                    parts[at] = text
                    drawn.add(at)

        def kind(block: range) -> tuple[bool, int]:
            alone = len(block) == 1  # it is long, and would be compressed anew beside others
            return drawn.isdisjoint(block), block.start if alone else 0

        return Pieces(
            [
                self._blank(blocks) if is_blank else _text(parts, _together(blocks))
                for (is_blank, _), blocks in groupby(self.blocks, kind)
            ]
        )

    def _blank(self, blocks: Iterable[range]) -> Fixed:
        whole = _together(blocks)
        if whole not in self.blanks:
            self.blanks[whole] = Fixed(_text(self.parts, whole))
        return self.blanks[whole]


def _together(blocks: Iterable[range]) -> range:
    first, *others = blocks
    return range(first.start, others[-1].stop if others else first.stop)


def _text(parts: Sequence[str], block: range) -> str:
    return "".join(parts[block.start : block.stop])


def _blocks(parts: Sequence[str]) -> Iterable[range]:
    """Ranges of parts that are long texts together; a part that is long by itself is one."""
    start, length = 0, 0
    for at, part in enumerate(parts):
        if length and length + len(part) > _LONG:
            yield range(start, at)
            start, length = at, 0
        length += len(part)
    yield range(start, len(parts))
