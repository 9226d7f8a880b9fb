"""What Google's own Pub/Sub emulator sends to route, and when it sends it again."""

import base64
import json
import shutil
import socket
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import functions_framework
import pytest
import requests
from werkzeug.wrappers import Request

from functions.route import handler
from functions.shared.server import Server
from infra.local.triggers import push_body
from tests.e2e.conftest import MAIN
from tests.support import ANA, API_KEY, Classeur

TOPIC = "projects/accueil-essai/topics/pending"
WELL = {200, 204}


def emulator() -> list[str]:
    """The command that starts the emulator; skips the test where there is none."""
    gcloud = shutil.which("gcloud")
    if not gcloud or not shutil.which("java"):
        pytest.skip("no gcloud or no java here: install google-cloud-cli-pubsub-emulator")
    home = Path(gcloud).resolve().parents[1] / "platform" / "pubsub-emulator"
    jars = sorted(home.glob("lib/*.jar"))
    if not jars:
        pytest.skip("no Pub/Sub emulator here: install google-cloud-cli-pubsub-emulator")
    # A quick start, not quick work.
    return ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", str(jars[-1])]


@pytest.fixture(scope="module")
def pubsub() -> Iterator[str]:
    command = emulator()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with subprocess.Popen(
        [*command, "--host=127.0.0.1", f"--port={port}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        base = f"http://127.0.0.1:{port}/v1"
        try:
            wait_until(lambda: process.poll() is not None or answers(base))
            yield base
        finally:
            process.terminate()


def answers(url: str) -> bool:
    try:
        requests.get(url, timeout=10)
    except requests.ConnectionError:
        return False
    return True


def wait_until(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.02)


def subscribe(pubsub: str, name: str, endpoint: str) -> None:
    answer = requests.put(
        f"{pubsub}/projects/accueil-essai/subscriptions/{name}",
        json={
            "topic": TOPIC,
            "ackDeadlineSeconds": 600,
            "pushConfig": {"pushEndpoint": endpoint},
            "retryPolicy": {"minimumBackoff": "0.1s", "maximumBackoff": "1s"},
        },
        timeout=10,
    )
    assert answer.ok, answer.text


class Seen:
    """route, behind something that notes what it is sent and answers, and acts on an answer."""

    def __init__(self, app, mend: dict[int, Callable[[], None]]) -> None:
        self.app, self.mend = app, mend
        self.bodies: list[dict] = []
        self.statuses: dict[str, list[int]] = defaultdict(list)

    def __call__(self, environ, start):
        request = Request(environ)
        self.bodies.append(json.loads(request.get_data()))

        def started(status, headers, *more):
            code = int(status[:3])
            self.mend.pop(code, lambda: None)()
            self.statuses[request.query_string.decode()].append(code)
            return start(status, headers, *more)

        return self.app(environ, started)


# Some 4 s: a Java machine starts, and Pub/Sub waits for a second before it sends again.
@pytest.mark.usefixtures("settings")
def test_pubsub_sends_again_after_503_and_after_429(load, classeur: Classeur, monkeypatch, pubsub):
    route = functions_framework.create_app("route", MAIN)
    assert route.test_client().post("/?sweep=true").status_code == 200
    assert load("intake").post("/", json=ANA, headers=API_KEY).status_code == 202
    header = classeur.at("Courriel", 1)
    classeur.type(header, "E-mail")
    seen = Seen(
        route,
        {
            503: lambda: classeur.type(header, "Courriel"),
            429: lambda: monkeypatch.setattr(handler, "BETWEEN_SWEEPS", timedelta()),
        },
    )
    server = Server(seen)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        assert requests.put(f"{pubsub}/{TOPIC}", json={}, timeout=10).ok
        subscribe(pubsub, "pending", f"{server.url}/")
        subscribe(pubsub, "sweeps", f"{server.url}/?sweep=true")
        ours = push_body("pending/abc")["message"]
        message = {name: ours[name] for name in ("data", "attributes")}
        answer = requests.post(
            f"{pubsub}/{TOPIC}:publish", json={"messages": [message]}, timeout=10
        )
        assert answer.ok, answer.text
        wait_until(lambda: all(len(seen.statuses[query]) > 1 for query in ("", "sweep=true")))
        wait_until(lambda: len(classeur.rows()) == 1)
    finally:
        server.stop()
        thread.join()

    assert seen.statuses[""][0] == 503
    assert seen.statuses["sweep=true"][0] == 429
    assert all(statuses[1] in WELL for statuses in seen.statuses.values())
    # What `make run` sends is of the same form.
    for body in seen.bodies:
        assert push_body("pending/abc").keys() <= body.keys()
        assert ours.keys() <= body["message"].keys()
        assert body["message"]["attributes"] == ours["attributes"]
        assert json.loads(base64.b64decode(body["message"]["data"]))["name"] == "pending/abc"
