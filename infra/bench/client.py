"""A crowd: clients in a process of their own, each with a connection that is kept open.

`python -m infra.bench.client PORT COUNT CLIENTS SEED` sends so many submissions as fast as
the clients can, and prints what came of it as JSON.
"""

import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from queue import Empty, SimpleQueue
from random import Random

from infra.bench.servers import ROOT
from infra.local.access import LOCAL_KEY
from infra.local.demo import submissions

_HEADERS = {"Content-Type": "application/json", "X-API-Key": LOCAL_KEY}


@dataclass(frozen=True)
class Sent:
    """The answers with a status of 2xx: how many seconds each took, their text, and the end.

    Moments are times of the monotonic clock, which all processes of this machine share.
    """

    began: float
    ended: float
    times: Sequence[float]
    bodies: Sequence[str]
    refused: int

    @property
    def rate(self) -> float:
        """Accepted submissions a second."""
        return len(self.times) / (self.ended - self.began)

    @property
    def references(self) -> list[str]:
        """The references that intake answered."""
        return [json.loads(body)["reference"] for body in self.bodies]


def crowd(port: int, count: int, clients: int = 8, seed: int = 1) -> Sent:
    """Send `count` submissions from another process, and wait for the last answer."""
    arguments = [str(number) for number in (port, count, clients, seed)]
    done = subprocess.run(  # noqa: S603  (a fixed command)
        [sys.executable, "-m", __name__, *arguments],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return Sent(**json.loads(done.stdout))


def send(port: int, bodies: Sequence[bytes], clients: int) -> Sent:
    """Post each body once, over so many connections at a time."""
    waiting: SimpleQueue[bytes] = SimpleQueue()
    for body in bodies:
        waiting.put(body)
    answers: list[tuple[int, float, str]] = []
    threads = [
        threading.Thread(target=_client, args=(port, waiting, answers)) for _ in range(clients)
    ]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ended = time.monotonic()
    good = [answer for answer in answers if answer[0] // 100 == 2]  # noqa: PLR2004  (2xx)
    return Sent(
        began,
        ended,
        [took for _, took, _ in good],
        [body for _, _, body in good],
        len(bodies) - len(good),
    )


def _client(
    port: int, waiting: "SimpleQueue[bytes]", answers: list[tuple[int, float, str]]
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while True:
        try:
            body = waiting.get_nowait()
        except Empty:
            break
        start = time.monotonic()
        try:
            connection.request("POST", "/", body, _HEADERS)
            answer = connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException):
            connection.close()
            continue
        answers.append((answer.status, time.monotonic() - start, text))
    connection.close()


def main() -> None:
    """See above."""
    port, count, clients, seed = map(int, sys.argv[1:])
    bodies = [json.dumps(submission).encode() for submission in submissions(count, Random(seed))]
    print(json.dumps(asdict(send(port, bodies, clients))))


if __name__ == "__main__":
    main()
