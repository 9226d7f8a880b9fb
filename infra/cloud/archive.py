"""The archive of source that the cloud builds the functions from: what is uploaded is what runs.

It holds the functions, the schemas and a requirements.txt made from uv.lock, and nothing of tests,
docs or this machine. There is no pyproject.toml, because the cloud's build would install what it
names, the packages of this machine included. The Procfile starts our own server. A build that is
given the name of a function starts functions-framework's instead, so none may be given: at run time
FUNCTION_TARGET says which function runs (GoogleCloudPlatform/buildpacks, cmd/config/entrypoint).
"""

import hashlib
import io
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from functions.shared.version import ROOT, sources
from sheets_schema.errors import AccueilError

PYTHON = "3.13"  # what the cloud and the image run
SINGLE = ("LICENSE", "Procfile", "main.py")  # beside the folders
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first time that a zip file can bear
_MODE = 0o100644 << 16  # a file that everybody may read


def files(root: Path = ROOT) -> dict[str, bytes]:
    """The files of the project that are deployed, by their names from the root."""
    return {name: (root / name).read_bytes() for name in SINGLE} | sources(root)


def requirements(extras: Iterable[str] = (), root: Path = ROOT) -> bytes:
    """What uv.lock pins for the functions, with hashes, as pip reads it.

    Args:
        extras: extras of pyproject.toml that the deployment needs: `ses` for mails by ses://.
        root: the folder of pyproject.toml and uv.lock.

    Raises:
        AccueilError: uv is missing, or uv.lock does not fit pyproject.toml.
    """
    command = [_uv(), "export", "--quiet", "--locked", "--no-default-groups", "--no-emit-project"]
    command += ["--no-annotate", "--no-header"]
    for extra in sorted(extras):
        command += ["--extra", extra]
    done = subprocess.run(command, cwd=root, check=False, capture_output=True)  # noqa: S603
    if done.returncode:
        raise AccueilError(
            "uv ne peut pas lire les dépendances : uv.lock ne correspond sans doute plus à "
            f"pyproject.toml (« uv lock »).\n{done.stderr.decode(errors='replace').strip()}"
        )
    return done.stdout


def contents(extras: Iterable[str] = (), root: Path = ROOT) -> dict[str, bytes]:
    """All that the archive holds, by name.

    Raises:
        AccueilError: see `requirements`.
    """
    return files(root) | {
        ".python-version": f"{PYTHON}\n".encode(),
        "requirements.txt": requirements(extras, root),
    }


def pack(contents: Mapping[str, bytes]) -> bytes:
    """A zip file of the given contents: the same bytes for the same contents, on any machine.

    Nothing is compressed, because zlib's output differs from one version to another.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(contents):
            member = zipfile.ZipInfo(name, _EPOCH)
            member.external_attr = _MODE
            member.create_system = 3  # Unix, wherever this runs
            archive.writestr(member, contents[name])
    return packed.getvalue()


def build(path: Path, extras: Iterable[str] = ()) -> str:
    """Write the archive to a file; gives its SHA-256, by which a build can be told from another.

    Raises:
        AccueilError: see `requirements`.
    """
    packed = pack(contents(extras))
    path.write_bytes(packed)
    return hashlib.sha256(packed).hexdigest()


@click.command(help=f"Écrire dans FILE (.zip) ce qui est déployé, pour Python {PYTHON}.")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--ses", is_flag=True, help="Avec ce qu'il faut pour envoyer par ses://.")
def main(file: Path, *, ses: bool) -> None:
    """Build the archive from the command line."""
    try:
        digest = build(file, ["ses"] if ses else [])
    except AccueilError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{file} : {file.stat().st_size / 1e6:.1f} Mo, SHA-256 {digest}")


def _uv() -> str:
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.is_file() else shutil.which("uv")
    if not uv:
        raise AccueilError("uv manque : lancez « make setup ».")
    return uv


if __name__ == "__main__":
    main()
