"""Reads a page of the site: how the form is put into it. Pure."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from infra.site.addresses import bare, origin, query

SCRIPT = "/embed.js"
PLACE = "data-oh-my-lot"
_GIVEN = ("source", "projects", "target", "lang")
DEPTH = 500  # of elements in a place, as in browsers: each end looks through all that are open
_VOID = {
    "area",
    "base",
    "br",
    "col",
    "embed",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "source",
    "wbr",
}


@dataclass(frozen=True)
class Script:
    """A <script> of ours: its address, whether it is a module, its nonce."""

    url: str
    module: bool
    nonce: str

    @property
    def form(self) -> str:
        """The address of the form it shows."""
        return bare(self.url).removesuffix(SCRIPT)


@dataclass(frozen=True)
class Frame:
    """An <iframe> of ours: its address, and the attributes that matter."""

    url: str
    title: str
    sized: bool
    sandbox: str | None

    @property
    def form(self) -> str:
        """The address of the form it shows."""
        return bare(self.url)


@dataclass
class Place:
    """An element that the script fills; `link` is what it holds until then.

    `given` is what its data attributes tell the form, by name, where they are not empty.
    """

    link: str | None = None
    given: dict[str, str] = field(default_factory=dict)


@dataclass
class Embeds:
    """All there is of ours in a page, and the policies it states itself."""

    scripts: list[Script] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    policies: list[str] = field(default_factory=list)

    @property
    def forms(self) -> list[str]:
        """The addresses of the forms that the page shows or links to, each once."""
        return list(dict.fromkeys([*(one.form for one in self.scripts), *self.pages]))

    @property
    def pages(self) -> list[str]:
        """Those that it shows as a page of their own, in a frame or behind a link, each once."""
        links = [*self.links, *(place.link for place in self.places if place.link)]
        return list(dict.fromkeys([*(one.form for one in self.frames), *map(bare, links)]))


def read_page(text: str, url: str, form: str = "") -> Embeds:
    """Find what is ours in a page.

    An address is the form's where its path ends with /intake, as it does unless the operator
    decided otherwise, or where it is `form`. In a page with an element for it, every embed.js is
    taken for ours.
    """
    reader = _Reader(url)
    reader.feed(text)  # never closed: what is cut off at the end is nothing, and slow to take apart
    found = Embeds(places=reader.places, policies=reader.policies)
    found.scripts = [
        one
        for one in reader.scripts
        if urlsplit(one.url).path.endswith(SCRIPT) and (reader.places or _is_form(one.form, form))
    ]
    forms = {one.form for one in found.scripts}
    found.frames = [
        one
        for one in reader.frames
        if one.form in forms or _is_form(one.url, form) or _says_frame(one.url)
    ]
    links = dict.fromkeys(reader.links)
    found.links = [one for one in links if bare(one) in forms or _is_form(one, form)]
    return found


def _is_form(url: str, form: str) -> bool:
    at = bare(url)
    return at == bare(form) if form else urlsplit(at).path.endswith("/intake")


def _says_frame(url: str) -> bool:
    return query(url).get("frame") == "embed"


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.scripts: list[Script] = []
        self.frames: list[Frame] = []
        self.places: list[Place] = []
        self.links: list[str] = []
        self.policies: list[str] = []
        self._base = url
        self._inside: list[str] = []  # open elements of the place we are in; none where empty

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self._inside and tag not in _VOID:
            if len(self._inside) < DEPTH:
                self._inside.append(tag)
        elif PLACE in given and tag not in _VOID:
            told = {name: given[f"data-{name}"] for name in _GIVEN if given.get(f"data-{name}")}
            self.places.append(Place(given=told))
            self._inside = [tag]
        self._take(tag, given)

    def _take(self, tag: str, given: dict[str, str]) -> None:
        match tag:
            case "base" if "href" in given:
                self._base = urljoin(self._base, given["href"])
            case "meta" if given.get("http-equiv", "").lower() == "content-security-policy":
                self.policies.append(given.get("content", ""))
            case "script" if "src" in given:
                module = given.get("type", "").lower() == "module"
                self.scripts.append(Script(self._at(given["src"]), module, given.get("nonce", "")))
            case "iframe" if "src" in given:
                sized = "height" in given or "height" in given.get("style", "")
                self.frames.append(
                    Frame(
                        self._at(given["src"]),
                        given.get("title", "").strip(),
                        sized,
                        given.get("sandbox"),
                    )
                )
            case "a" if "href" in given:
                if self._inside:
                    place = self.places[-1]
                    place.link = place.link or self._at(given["href"])
                else:
                    self.links.append(self._at(given["href"]))

    def handle_endtag(self, tag: str) -> None:
        # Up to the element that ends here: what was left open inside ends with it.
        while tag in self._inside and self._inside.pop() != tag:
            pass

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        try:
            return super().parse_marked_section(i, report)
        except AssertionError:  # <![<a>], which is no markup: browsers take it for a comment
            return self.parse_bogus_comment(i, report)

    def _at(self, address: str) -> str:
        try:
            url = urljoin(self._base, address.strip())
            origin(url)
        except ValueError:  # a bracket or a port that cannot be: it leads nowhere
            return ""
        return url
