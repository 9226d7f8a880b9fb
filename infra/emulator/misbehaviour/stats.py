"""What was called, what was refused, and what was committed."""

from collections import Counter, deque
from collections.abc import Callable
from threading import Lock
from typing import Final

from infra.emulator.grid import Json
from infra.emulator.methods import Call
from infra.emulator.misbehaviour.quota import Window

_KEPT: Final = 1_000  # committed writes that the history keeps


class Stats:
    """Counts; may be used by any number of threads.

    Args:
        clock: Seconds that never go back. Times count from the moment when the counting began.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = Lock()
        self.reset()

    def reset(self) -> None:
        """Begin anew."""
        with self._lock:
            self._start = self._clock()
            self._minute = Window()
            self.calls: Counter[str] = Counter()
            self.reads = self.writes = self.writes_peak = self.bytes_read = 0
            self.refused: Counter[str] = Counter()
            self.faults: Counter[str] = Counter()
            self.history: deque[Json] = deque(maxlen=_KEPT)

    def called(self, call: Call) -> None:
        """Count a call; those of Drive are neither reads nor writes of Sheets."""
        with self._lock:
            self.calls[call.method] += 1
            if not of_sheets(call):
                return
            self.reads += not call.write
            self.writes += call.write
            if call.write:
                now = self._clock()
                self._minute.add(now)
                self.writes_peak = max(self.writes_peak, self._minute.count(now))

    def refuse(self, by: str) -> None:
        """Count a 429: by the quota, or by a fault."""
        with self._lock:
            self.refused[by] += 1

    def met(self, fault: str) -> None:
        """Count a call that met a fault."""
        with self._lock:
            self.faults[fault] += 1

    def answered(self, call: Call, size: int) -> None:
        """Count the bytes of the answer to a call, if it is a read."""
        with self._lock:
            self.bytes_read += 0 if call.write else size

    def committed(self, call: Call) -> None:
        """Note a write that was carried out."""
        entry = {"time": round(self._clock() - self._start, 3), **_written(call)}
        with self._lock:
            self.history.append(entry)

    def document(self) -> Json:
        """Return all of it as JSON; times are in seconds, bytes are those of bodies."""
        with self._lock:
            return {
                "calls": dict(self.calls),
                "reads": self.reads,
                "writes": self.writes,
                "writes_per_minute_peak": self.writes_peak,
                "refused_429": {by: self.refused[by] for by in ("quota", "injected")},
                "faults": dict(self.faults),
                "bytes_read": self.bytes_read,
                "history": list(self.history),
            }


def of_sheets(call: Call) -> bool:
    """Tell whether the quotas of the Sheets API are about a call."""
    return call.method.startswith("sheets.")


def _rows_added(kind: str, asked: Json) -> int:
    span = asked.get("range", {})
    if kind == "insertDimension" and span.get("dimension") == "ROWS":
        return int(span.get("endIndex", 0)) - int(span.get("startIndex", 0))
    return len(asked.get("rows", [])) if kind == "appendCells" else 0


def _written(call: Call) -> Json:
    requests = [item for request in call.body.get("requests", []) for item in request.items()]
    rows = sum(_rows_added(kind, asked) for kind, asked in requests)
    if call.method.endswith("values.append"):
        rows = len(call.body.get("values", []))
    return {
        "method": call.method,
        "spreadsheet": call.path.get("spreadsheetId"),
        "requests": dict(Counter(kind for kind, _ in requests)),
        "rows_added": rows,
        "named_ranges_added": [
            asked["namedRange"]["name"] for kind, asked in requests if kind == "addNamedRange"
        ],
    }
