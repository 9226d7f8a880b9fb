"""QR codes that open the site's page with the form, and tell it where they hang."""

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import requests
import segno

from functions.shared.errors import AccueilError
from functions.shared.settings import SETTINGS
from infra.site.addresses import is_local
from sheets_schema.place import PLACE
from sheets_schema.schema import TEST_SOURCE, load, vocabulary
from sheets_schema.territory import Epci, territories

# A code can be read even if a quarter of it is dirty, torn or in the glare, as happens outdoors.
_LEVEL = "q"
_PIXELS = 20  # of the PNG for each module; the image is about 10 cm wide at 300 dots an inch
_MOST_TARGETS = 10  # submission.json


def address(page: str, source: str, projects: Sequence[str], targets: Sequence[str]) -> str:
    """The address of the site's page, with the answers that are known beforehand.

    Args:
        page: the site's page with the form; its address has https, or is on this machine.
        source: where the code hangs.
        projects: codes of projects, the main one first.
        targets: communes and intercommunalités by name or code, or one of `anywhere`, `unknown`.

    Raises:
        AccueilError: a value is not possible; the sentence says which values are.
    """
    setting = SETTINGS["form_page"]
    if not page:
        raise AccueilError(
            "Indiquez l'adresse de la page du site qui montre le formulaire, avec --url ou dans "
            f"{setting.variable}."
        )
    try:
        setting.parse(page)
    except ValueError as error:
        raise AccueilError(
            f"{page} : indiquez l'adresse d'une page, https://www.example.org/…, avec --url ou "
            f"dans {setting.variable}."
        ) from error
    if urlsplit(page).scheme != "https" and not is_local(page):
        raise AccueilError(f"{page} n'est pas en https : un code imprimé doit mener en lieu sûr.")
    query = {
        "source": _source(source),
        "projects": _projects(projects),
        "target": _target(targets),
    }
    made = requests.models.PreparedRequest()
    # Do not escape commas: with more characters the code is finer, and harder to read.
    made.prepare_url(page, "&".join(f"{name}={value}" for name, value in query.items() if value))
    return str(made.url)


def files(name: str, folder: Path) -> tuple[Path, Path]:
    """The paths of the two images of a code: SVG for the printer, PNG for everything else."""
    return folder / f"{name}.svg", folder / f"{name}.png"


def write(content: str, svg: Path, png: Path) -> None:
    """Draw a code into both files.

    Raises:
        AccueilError: the content is too long, or the folder cannot be written to.
    """
    try:
        code = segno.make(content, error=_LEVEL, micro=False)
        svg.parent.mkdir(parents=True, exist_ok=True)
        code.save(str(svg), scale=10, title=content)
        code.save(str(png), scale=_PIXELS)
    except segno.DataOverflowError as error:
        raise AccueilError("L'adresse est trop longue pour un code QR.") from error
    except OSError as error:
        raise AccueilError(f"Impossible d'écrire dans {svg.parent} : {error.strerror}.") from error


def _source(name: str) -> str:
    rule = load("submission")["properties"]["source"]
    if not re.fullmatch(rule["pattern"].strip("^$"), name) or len(name) > rule["maxLength"]:
        raise AccueilError(
            f"« {name} » : un nom fait de lettres sans accent, de chiffres et de traits d'union, "
            f"{rule['maxLength']} caractères au plus, par exemple aire-a20."
        )
    if name == TEST_SOURCE:
        raise AccueilError("« test » est réservé aux essais : choisissez un autre nom.")
    return name


def _projects(codes: Sequence[str]) -> str:
    known = vocabulary("project")
    most = load("submission")["properties"]["projects"]["maxItems"]
    for code in codes:
        if code not in known:
            raise AccueilError(f"--project {code} : choisissez parmi {', '.join(known)}.")
    if len(set(codes)) > most:
        raise AccueilError(f"--project : {most} projets au plus.")
    return ",".join(dict.fromkeys(codes))


def _target(texts: Sequence[str]) -> str:
    if len(texts) == 1 and texts[0] in ("anywhere", "unknown"):
        return texts[0]
    official = territories()
    chosen = []
    for text in texts:
        territory = None if official.with_postcode(text) else official.find(text)
        # The form offers intercommunalités by their town, and leaves out those whose town is in
        # another département.
        if territory is None or (isinstance(territory, Epci) and not territory.seated):
            raise AccueilError(
                f"--target {text} : le nom d'une commune ou d'une intercommunalité "
                f"{PLACE.of_place}, son code INSEE ou SIREN ; ou bien anywhere, ou unknown, seul."
            )
        chosen.append(territory)
    if len({type(territory) for territory in chosen}) > 1:
        raise AccueilError("--target : des communes ou des intercommunalités, pas les deux.")
    if len(chosen) > _MOST_TARGETS:
        raise AccueilError(f"--target : {_MOST_TARGETS} territoires au plus.")
    return ",".join(dict.fromkeys(territory.code for territory in chosen))
