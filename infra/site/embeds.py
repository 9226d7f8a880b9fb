"""Finds out how a page of the site shows the form. Pure."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from infra.site.addresses import bare, origin
from sheets_schema.place import PLACE

SCRIPT = "/embed.js"
ATTRIBUTE = f"data-{PLACE.slug}"


@dataclass(frozen=True)
class Element:
    """A <script> or an <iframe> of ours: its address, and the attributes that matter.

    `sandbox` is None if there is no such attribute.
    """

    url: str
    type: str = ""
    nonce: str = ""
    title: str = ""
    sandbox: str | None = None

    @property
    def form(self) -> str:
        """The address of the form that it shows."""
        return bare(self.url).removesuffix(SCRIPT)


@dataclass
class Embeds:
    """All parts of a page that are ours, and the policies in its <meta> elements.

    `places` holds, for each element that the script fills, its data attributes by name.
    """

    scripts: list[Element] = field(default_factory=list)
    frames: list[Element] = field(default_factory=list)
    places: list[dict[str, str]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    policies: list[str] = field(default_factory=list)

    @property
    def pages(self) -> list[str]:
        """The forms that the page shows as whole pages, in a frame or behind a link."""
        return [*(frame.form for frame in self.frames), *map(bare, self.links)]

    @property
    def forms(self) -> list[str]:
        """The addresses of the forms that the page shows or links to, each once."""
        return list(dict.fromkeys([*(script.form for script in self.scripts), *self.pages]))


def read_page(text: str, url: str, form: str = "") -> Embeds:
    """Find the parts of a page that are ours.

    An address is a form's if it is `form`, or, without `form`, if its path ends with /intake, as it
    does unless the operator chose otherwise. If a page has an element for the form, every embed.js
    in it counts as ours.
    """
    reader = _Reader(url)
    reader.feed(text)
    page = reader.page

    def is_form(at: str) -> bool:
        return at == bare(form) if form else urlsplit(at).path.endswith("/intake")

    scripts = [script for script in page.scripts if urlsplit(script.url).path.endswith(SCRIPT)]
    page.scripts = [script for script in scripts if page.places or is_form(script.form)]
    shown = {script.form for script in page.scripts}
    page.frames = [frame for frame in page.frames if frame.form in shown or is_form(frame.form)]
    page.links = [link for link in page.links if bare(link) in shown or is_form(bare(link))]
    return page


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.page = Embeds()
        self._base = url

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if ATTRIBUTE in given:
            names = ("source", "projects", "target")
            self.page.places.append({name: given.get(f"data-{name}", "") for name in names})
        match tag:
            case "base" if "href" in given:
                self._base = urljoin(self._base, given["href"])
            case "meta" if given.get("http-equiv", "").lower() == "content-security-policy":
                self.page.policies.append(given.get("content", ""))
            case "script" if "src" in given:
                kind, nonce = given.get("type", "").lower(), given.get("nonce", "")
                self.page.scripts.append(Element(self._at(given["src"]), kind, nonce))
            case "iframe" if "src" in given:
                title, sandbox = given.get("title", "").strip(), given.get("sandbox")
                frame = Element(self._at(given["src"]), title=title, sandbox=sandbox)
                self.page.frames.append(frame)
            case "a" if "href" in given:
                self.page.links.append(self._at(given["href"]))

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        try:
            return super().parse_marked_section(i, report)
        except AssertionError:  # <![<a>] is no markup; browsers treat it as a comment
            return self.parse_bogus_comment(i, report)

    def _at(self, address: str) -> str:
        try:
            url = urljoin(self._base, address.strip())
            origin(url)
        except ValueError:  # its host or port is not valid, so the address leads nowhere
            return ""
        return url
