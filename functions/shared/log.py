"""Structured logs: one JSON object a line, with the field names Cloud Logging understands.

A log line names references, counts and cells, never a person.
"""

import json
import sys
from typing import Literal

Severity = Literal["INFO", "WARNING", "ERROR"]


def log(severity: Severity, message: str, **fields: str | float | bool | list[str]) -> None:
    """Write one line to standard output."""
    line = {"severity": severity, "message": message} | fields
    print(json.dumps(line, ensure_ascii=False), file=sys.stdout, flush=True)  # noqa: T201
