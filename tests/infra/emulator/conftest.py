from collections.abc import Iterator

import gspread
import pytest
from flask.testing import FlaskClient
from google.auth.credentials import AnonymousCredentials

from infra.emulator.app import create_app
from infra.emulator.server import serving
from infra.emulator.store import Store
from tests.infra.emulator.helpers import Clock


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store(clock=Clock())
    yield store
    store.close()


@pytest.fixture
def client(store: Store) -> FlaskClient:
    return create_app(store).test_client()


class Api:
    """The API as a caller sees it, without a socket; `demo` is a small French spreadsheet."""

    url = "/v4/spreadsheets/demo"

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def call(self, verb: str, path: str = "", body: object = None, code: int = 200, **query):
        answer = self.client.open(self.url + path, method=verb, json=body, query_string=query)
        assert answer.status_code == code, answer.text
        return answer.json

    def get(self, **query):
        return self.call("GET", **query)

    def batch(self, *requests: dict, code: int = 200, **body):
        query = {"fields": body.pop("fields")} if "fields" in body else {}
        body = {"requests": list(requests), **body}
        return self.call("POST", ":batchUpdate", body, code=code, **query)

    def refused(self, *requests: dict, code: int = 400) -> str:
        return self.batch(*requests, code=code)["error"]["message"]

    def write(self, text: str, *rows: list, option: str = "USER_ENTERED") -> dict:
        return self.call("PUT", f"/values/{text}", {"values": list(rows)}, valueInputOption=option)

    def read(self, text: str, **query) -> list:
        return self.call("GET", f"/values/{text}", **query).get("values", [])

    def cell(self, text: str, fields: str = "*") -> dict:
        """Return the CellData of one cell."""
        mask = f"sheets.data.rowData.values({fields})"
        data = self.get(ranges=text, fields=mask)["sheets"][0]["data"][0]
        return data.get("rowData", [{}])[0].get("values", [{}])[0]


@pytest.fixture
def api(store: Store, client: FlaskClient) -> Api:
    properties = {"title": "Essai", "locale": "fr_FR", "timeZone": "Europe/Paris"}
    grid = {"gridProperties": {"rowCount": 20, "columnCount": 8}}
    sheets = [{"title": "Demandes", **grid}, {"title": "Règles d'or", "sheetId": 7, **grid}]
    store.create(properties, "demo", sheets)
    return Api(client)


def local_gspread(url: str) -> gspread.Client:
    """Return the real gspread client, pointed at a local server."""

    class LocalHTTPClient(gspread.HTTPClient):
        def request(self, method, endpoint, *args, **kwargs):
            for google in ("https://sheets.googleapis.com", "https://www.googleapis.com"):
                endpoint = endpoint.replace(google, url)
            return super().request(method, endpoint, *args, **kwargs)

    client = gspread.Client(AnonymousCredentials(), http_client=LocalHTTPClient)
    client.set_timeout((5, 10))
    return client


@pytest.fixture
def gc(store: Store) -> Iterator[gspread.Client]:
    with serving(create_app(store)) as url:
        client = local_gspread(url)
        yield client
        client.http_client.session.close()
