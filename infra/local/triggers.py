"""What the cloud does by itself: notifications of new journal entries, and the schedule."""

import base64
import json
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Post = Callable[[str, dict[str, Any]], object]

LOOK = 0.2  # seconds between two looks into FOLDERS
FOLDERS = ("pending", "answers")
SWEEP = 30.0  # seconds between two sweeps


class Triggers:
    """Calls `route` for every new file in FOLDERS, and at regular times.

    Args:
        journal: the journal's folder.
        post: posts a JSON body to a path of the local system, `/route` for example.
        sweep: seconds between two sweeps; 30 unless given.
        notify: whether `route` is called for new files; False loses every notification.
    """

    def __init__(
        self, journal: Path, post: Post, *, sweep: float | None = None, notify: bool = True
    ) -> None:
        self._journal = journal
        self._post = post
        self._sweep = SWEEP if sweep is None else sweep
        self._stop = threading.Event()
        watchers = {"notifications": self._watch} if notify else {}
        self._threads = [
            threading.Thread(target=target, name=name, daemon=True)
            for name, target in {**watchers, "schedule": self._schedule}.items()
        ]

    def start(self) -> None:
        """Begin to watch. Entries that are there already count as new."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop watching and sweeping, and wait until both have stopped."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _watch(self) -> None:
        known: set[str] = set()
        while not self._stop.is_set():
            there = {
                f"{folder}/{file.name}"
                for folder in FOLDERS
                for file in (self._journal / folder).glob("*")
                if "#" not in file.name  # not written to its end
            }
            for name in sorted(there - known):
                self._post("/route", push_body(name))
            known = there
            self._stop.wait(LOOK)

    def _schedule(self) -> None:
        while not self._stop.wait(self._sweep):
            self._post("/route?sweep=true", {})


def push_body(name: str) -> dict[str, Any]:
    """A Pub/Sub push for a new object, with the attributes of a Cloud Storage notification.

    Source: Cloud Storage's documentation of Pub/Sub notifications, payload format JSON_API_V1.
    """
    now = datetime.now(UTC).isoformat()
    resource = {"kind": "storage#object", "name": name, "bucket": "local", "timeCreated": now}
    return {
        "message": {
            "attributes": {
                "eventType": "OBJECT_FINALIZE",
                "bucketId": "local",
                "objectId": name,
                "payloadFormat": "JSON_API_V1",
                "eventTime": now,
            },
            "data": base64.b64encode(json.dumps(resource).encode()).decode(),
            "messageId": str(uuid.uuid4().int)[:16],
            "publishTime": now,
        },
        "subscription": "projects/local/subscriptions/route",
    }
