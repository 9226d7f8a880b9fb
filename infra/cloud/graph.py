"""What a stack is made of, as plain data."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Resource:
    """A resource as it is asked for; `kind` is Pulumi's, `inputs` are its arguments."""

    kind: str
    name: str
    inputs: Mapping[str, Any]

    def get(self, *path: str | int) -> Any:  # noqa: ANN401  (whatever a resource takes)
        """The argument at a path; None where there is none."""
        value: Any = self.inputs
        for step in path:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return value


Graph = Sequence[Resource]


def graphs(*files: Path) -> list[Graph]:
    """The graphs of some stacks' files.

    Another process builds them, because Pulumi leaves its threads and loops behind.
    """
    recorder = [sys.executable, "-m", "infra.cloud.recording", *map(str, files)]
    # What goes wrong is shown as it comes.
    recorded = subprocess.run(recorder, check=True, stdout=subprocess.PIPE)  # noqa: S603  (ours)
    return [[Resource(**resource) for resource in graph] for graph in json.loads(recorded.stdout)]
