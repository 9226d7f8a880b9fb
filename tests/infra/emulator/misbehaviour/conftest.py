from collections.abc import Iterator

import gspread
import pytest
import requests

from infra.emulator.app import create_app
from infra.emulator.misbehaviour.conduct import Misbehaviour
from infra.emulator.people.titles import Titles
from infra.emulator.server import serving
from infra.emulator.store import Store
from tests.infra.emulator.conftest import local_gspread


class Moments:
    """A clock that only sleeping moves; `slept` and `later` have what was asked of it."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []
        self.later: list[tuple[float, object]] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def call_back(self, seconds: float, action: object) -> None:
        self.later.append((seconds, action))


@pytest.fixture
def moments() -> Moments:
    return Moments()


@pytest.fixture
def it(store: Store, moments: Moments) -> Misbehaviour:
    """The gate under test; the store has the spreadsheet `demo`, of one tab."""
    tab = {"title": "Demandes", "gridProperties": {"rowCount": 50, "columnCount": 8}}
    store.create({"title": "Essai", "locale": "fr_FR"}, "demo", [tab])
    return Misbehaviour(
        store,
        clock=moments.clock,
        sleep=moments.sleep,
        later=moments.call_back,
        seed=46,
        titles=Titles(tab="Demandes", name="Nom", reference="Référence", referent="Référent"),
    )


@pytest.fixture
def url(it: Misbehaviour, store: Store) -> Iterator[str]:
    with serving(create_app(store, gate=it)) as url:
        yield url


class Caller:
    """Calls the API over a socket, each time on a new connection."""

    def __init__(self, url: str) -> None:
        self.url = f"{url}/v4/spreadsheets/demo"

    def read(self, **more) -> requests.Response:
        return requests.get(f"{self.url}/values/A1:Z", timeout=10, **more)

    def append(self, *rows: list, **more) -> requests.Response:
        return requests.post(
            f"{self.url}/values/A1:append?valueInputOption=RAW",
            json={"values": list(rows)},
            timeout=10,
            **more,
        )

    def batch(self, *batch: dict, **more) -> requests.Response:
        body = {"requests": list(batch)}
        return requests.post(f"{self.url}:batchUpdate", json=body, timeout=10, **more)

    def values(self) -> list:
        return self.read().json().get("values", [])


@pytest.fixture
def caller(url: str) -> Caller:
    return Caller(url)


@pytest.fixture
def gc(url: str) -> Iterator[gspread.Client]:
    client = local_gspread(url)
    yield client
    client.http_client.session.close()
