"""Reads an HTML page as a tree, so that tests can ask what a person would see in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_NEVER_CLOSED = {"br", "hr", "img", "input", "link", "meta", "source"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    parent: "Element | None" = None
    inside: list["Element | str"] = field(default_factory=list)

    def __getitem__(self, attribute: str) -> str:
        return self.attributes[attribute]

    def get(self, attribute: str) -> str | None:
        return self.attributes.get(attribute)

    @property
    def own_text(self) -> str:
        """All text inside, as it is in the page."""
        return "".join(part if isinstance(part, str) else part.own_text for part in self.inside)

    @property
    def text(self) -> str:
        """All text inside as it is read: runs of white space are one space."""
        return " ".join(self.own_text.split())

    def all(self, tag: str = "", **attributes: str) -> Iterator["Element"]:
        """The elements inside, in page order, with that tag and those attributes."""
        for part in self.inside:
            if isinstance(part, Element):
                if tag in ("", part.tag) and attributes.items() <= part.attributes.items():
                    yield part
                yield from part.all(tag, **attributes)

    def only(self, tag: str = "", **attributes: str) -> "Element":
        """The only such element."""
        elements = list(self.all(tag, **attributes))
        assert len(elements) == 1, f"{len(elements)} × {tag} {attributes}"
        return elements[0]

    def __contains__(self, text: str) -> bool:
        return text in self.text


class Page(HTMLParser):
    """A page; refuses one whose elements are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self._at = Element("", {})
        self.comments: list[str] = []
        self.feed(text)
        self.close()
        assert self._at is self.root, f"<{self._at.tag}> is never closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"<{tag}> has an attribute twice"
        if tag == "option":
            self._end_option(tag="")
        element = Element(tag, {name: value or "" for name, value in attrs}, self._at)
        self._at.inside.append(element)
        if tag not in _NEVER_CLOSED:
            self._at = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _NEVER_CLOSED:
            return
        self._end_option(tag)
        assert tag == self._at.tag, f"</{tag}> closes <{self._at.tag}>"
        assert self._at.parent is not None
        self._at = self._at.parent

    def handle_data(self, data: str) -> None:
        self._at.inside.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def _end_option(self, tag: str) -> None:
        """An option ends where the next one starts, or its list ends."""
        if self._at.tag == "option" != tag:
            assert self._at.parent is not None
            self._at = self._at.parent
