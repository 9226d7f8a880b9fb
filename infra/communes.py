"""Fetches the official data package and rebuilds a département's data file."""

import json
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sheets_schema import official
from sheets_schema.errors import AccueilError

DATA = Path(official.__file__).parent / "data"


def rebuild(
    department: str, package: Path | None, history: Path | None, date: str, *, out: Path = DATA
) -> Path:
    """Write `communes-<department>.json` into `out` and return its path.

    Args:
        department: the code of the département.
        package: the npm package as a folder or a .tgz file; None fetches it with `npm pack`.
        history: its version `official.HISTORY_VERSION`, likewise.
        date: the ISO date of this build, which the file notes.
        out: the folder to write into.

    Raises:
        AccueilError: the package cannot be fetched or read, or does not know the département.
    """
    newest, former = official.PACKAGE, f"{official.PACKAGE}@{official.HISTORY_VERSION}"
    with _opened(package, newest) as folder, _opened(history, former) as past:
        try:
            about = _json(folder / "package.json")
            data = official.build(
                department,
                _json(folder / "data" / "communes.json"),
                _json(folder / "data" / "epci.json"),
                _json(past / "data" / "historique-communes.json"),
                version=about["version"],
                licence=about["license"],
                date=date,
            )
        except (OSError, KeyError, json.JSONDecodeError) as error:
            raise AccueilError(
                f"Le paquet {official.PACKAGE} n'est pas lisible dans {folder} "
                f"ou {past} : {error!r}."
            ) from error
        except ValueError as error:
            raise AccueilError(str(error)) from error
    path = out / f"communes-{department}.json"
    path.write_text(_one_line_an_entry(data), "utf-8")
    return path


@contextmanager
def _opened(package: Path | None, name: str) -> Iterator[Path]:
    if package and package.is_dir():
        yield package
        return
    with tempfile.TemporaryDirectory() as work:
        archive = package or _npm_pack(Path(work), name)
        try:
            with tarfile.open(archive) as tar:
                tar.extractall(work, filter="data")
        except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
            raise AccueilError(f"« {archive} » n'est pas un paquet npm lisible.") from error
        yield Path(work) / "package"


def _npm_pack(folder: Path, name: str) -> Path:
    npm = shutil.which("npm")
    if not npm:
        raise AccueilError(
            "npm est introuvable : installez Node.js, ou indiquez le paquet avec --package."
        )
    command = [npm, "pack", "--silent", name]
    done = subprocess.run(  # noqa: S603  (a fixed command)
        command, cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise AccueilError(f"« npm {' '.join(command[1:])} » a échoué : {done.stderr.strip()}")
    return next(folder.glob("*.tgz"))


def _json(path: Path) -> Any:  # noqa: ANN401  (a JSON value)
    return json.loads(path.read_text("utf-8"))


def _one_line_an_entry(data: dict[str, Any]) -> str:
    """JSON with one line for each entry of a list, so that a diff shows which commune changed."""
    parts = []
    for key, value in data.items():
        if isinstance(value, list):
            lines = ",\n".join(f"    {json.dumps(item, ensure_ascii=False)}" for item in value)
            parts.append(f'  "{key}": [\n{lines}\n  ]')
        else:
            parts.append(f'  "{key}": {json.dumps(value, ensure_ascii=False)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"
