"""What form-to-sheet tools do: a row appended for each request. The harness has to see it fail."""

from collections import Counter
from collections.abc import Iterator
from random import Random

import gspread
import requests
from google.auth.credentials import AnonymousCredentials

from infra.local.sheets.misbehaviour.rules import Rule
from tests.chaos.draws import FAULTS
from tests.chaos.site import Site
from tests.chaos.world import World


class _Client(gspread.HTTPClient):
    api = ""

    def request(self, method: str, endpoint: str, *args, **kwargs) -> requests.Response:
        there = endpoint.replace("https://sheets.googleapis.com", self.api, 1)
        return super().request(method, there, *args, **kwargs)


def _requests(count: int) -> Iterator[str]:
    return (f"p{number}@example.org" for number in range(1, count + 1))


def losses(site: Site, seed: int, *, tries: int, count: int = 100) -> Counter:
    """Append a row for each of so many requests while Sheets misbehaves; what came of them."""
    world, random = World(site, seed), Random(seed)
    client = gspread.Client(AnonymousCredentials(), http_client=_Client)
    client.http_client.api = site.url
    sheet = client.open_by_key(world.id).worksheet("Demandes")
    width = len(sheet.row_values(1))
    for email in _requests(count):
        if random.random() < 0.2:
            fault = random.choice([one for one in FAULTS if one.get("seconds", 0) < 100])
            world.conduct.faults = [Rule(**fault, on="write", count=1)]
        for _ in range(tries):
            try:
                sheet.append_row([email] * width)
            except (gspread.exceptions.APIError, requests.RequestException, ValueError):
                world.wait(2)
            else:
                break
        world.wait(2)
    world.conduct.faults = []
    world.wait(1_200)
    rows = Counter(line["Courriel"] for line in world.lines() if "Courriel" in line)
    client.http_client.session.close()
    world.close()
    return Counter(
        requests=count,
        lost=sum(rows[email] == 0 for email in _requests(count)),
        doubled=sum(max(0, rows[email] - 1) for email in _requests(count)),
    )
