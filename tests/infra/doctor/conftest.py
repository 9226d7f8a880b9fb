from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from functions.shared.sheets.google import GoogleWorkbook, open_workbook
from infra.doctor.basics import BASICS
from infra.doctor.checks import examine
from infra.doctor.system import System
from infra.emulator.app import create_app
from infra.emulator.misbehaviour.conduct import Misbehaviour
from infra.emulator.server import serving
from infra.emulator.store import Store
from tests.support import Classeur, Clock

TXT = {
    "example.org": ["v=spf1 include:relais.example.org -all", "autre"],
    "_dmarc.example.org": ["v=DMARC1; p=quarantine"],
    "s1._domainkey.example.org": ["v=DKIM1; k=rsa; p=MIIB"],
}


@pytest.fixture
def environ(tmp_path, classeur: Classeur) -> dict[str, str]:
    """The settings of all functions, beside a spreadsheet of the first day."""
    return {
        "ACCUEIL_JOURNAL": (tmp_path / "journal").as_uri(),
        "ACCUEIL_SPREADSHEET": "demo",
        "ACCUEIL_SHEETS_API": classeur.url,
        "ACCUEIL_MAIL": (tmp_path / "mail").as_uri().replace("file:", "outbox:"),
        "ACCUEIL_MAIL_FROM": "Accueil <accueil@example.org>",
        "ACCUEIL_OPERATOR": "exploitation@example.org",
        "ACCUEIL_PRIVACY_CONTACT": "donnees@example.org",
        "ACCUEIL_SECRET": "essai-" * 8,
    }


@pytest.fixture
def new_system(environ: dict[str, str], clock: Clock) -> Callable[..., System]:
    def make(**more: object) -> System:
        records = more.pop("records", TXT)
        given = {
            "environ": environ | more.pop("environ", {}),
            "resolve": lambda name: records.get(name, []),
            "read_date": lambda _: clock(),
            "clock": clock,
            "token": lambda: "abc123",
        }
        return System(**given | more)

    return make


@pytest.fixture
def system(new_system: Callable[..., System]) -> System:
    return new_system()


class Api:
    """A local Sheets API that may deviate, its spreadsheet as two accounts see it, and a clock."""

    def __init__(self, store: Store, gate: Misbehaviour, url: str) -> None:
        self.store, self.gate, self.url = store, gate, url
        self.now = datetime.fromisoformat("2026-11-23T09:00:00+00:00")

    def clock(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def opened(self) -> tuple[GoogleWorkbook, GoogleWorkbook]:
        second = open_workbook("empty", self.url)
        second._http.session.headers["Authorization"] = "second@example.org"
        return open_workbook("empty", self.url), second

    @property
    def left(self) -> list[str]:
        """The titles of all tabs and files that are there."""
        files = self.store.files()
        return [sheet.title for file in files for sheet in file.book.sheets]


@pytest.fixture(scope="module")
def served() -> Iterator[Api]:
    store = Store()
    store.create({"title": "Essai", "locale": "fr_FR"}, "empty")
    gate = Misbehaviour(store)
    with serving(create_app(store, gate=gate)) as url:
        yield Api(store, gate, url)
    store.close()


@pytest.fixture
def api(served: Api) -> Iterator[Api]:
    """It behaves well at first; one server is enough for a file."""
    yield served
    served.gate.deviations, served.gate.faults = frozenset(), []
    assert served.left == ["Sheet1"]


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store()
    yield store
    store.close()


@pytest.fixture
def look(system):
    """What a check sees of the system, or of another one."""
    return lambda key, of=system: (
        next(iter(examine([next(check for check in BASICS if check.key == key)], of))).seen
    )


def share(classeur, *addresses, **more):
    people = [{"type": "user", "role": "writer", "emailAddress": who} for who in addresses]
    owner = {"type": "user", "role": "owner", "emailAddress": "departement@example.org"}
    items = [owner, *people, *([more] if more else [])]
    classeur.store.share("demo", [{"id": str(n), **item} for n, item in enumerate(items)])


def addresses(classeur):
    rows = [*classeur.rows("Référents"), *classeur.rows("Coordination")]
    return {row["Courriel"] for row in rows}
