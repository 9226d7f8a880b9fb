"""A stack: one system on Google Cloud, described by a file in `infra/cloud/stacks/`.

The file holds no secret. Secrets are in Secret Manager from the start, and pass neither through
this file nor through Pulumi's state.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from functions.shared.errors import AccueilError, SettingError
from functions.shared.settings import FUNCTIONS, SETTINGS, Setting, of
from sheets_schema.columns import PARIS

STACKS = Path(__file__).parent / "stacks"
# Regions in the EU with Cloud Run, by Google's page of its locations.
REGIONS = (
    "europe-central2",
    "europe-north1",
    "europe-north2",
    "europe-southwest1",
    "europe-west1",
    "europe-west10",
    "europe-west12",
    "europe-west3",
    "europe-west4",
    "europe-west8",
    "europe-west9",
)
# One proxy stands before a Cloud Run service: Google's own front end.
PROXIES = "1"
REPOSITORY = "accueil"  # of images
# Settings that the stack itself decides on, by their fields.
_DECIDED = ("journal", "proxies", "sheets_api")
_SECRET = ("secrets",)  # always; the way of mails is one, too, if it holds a password


class StackError(AccueilError):
    """A stack's file is missing or wrong; each line of the sentence says what to set."""


class Layer(StrEnum):
    """A part that is made, and removed, by itself; each is a stack of Pulumi's."""

    GROUND = "ground"
    FUNCTIONS = "functions"

    def of(self, stack: str) -> str:
        """The name of this layer of a stack, for Pulumi."""
        return f"{stack}-{self}"


@dataclass(frozen=True)
class Stack:
    """One system on Google Cloud.

    `operator` is the Google account that deploys it, `alerts` the address that alerts are mailed
    to. `settings` holds the functions' settings that the file gives, by variable. `budget` is in
    euros a month; it needs `billing_account`. `fictional` fills the workbook with fictional people.
    """

    name: str
    project: str
    region: str
    operator: str
    alerts: str
    settings: Mapping[str, str]
    billing_account: str = ""
    budget: int = 0
    fictional: bool = False

    def account(self, name: str) -> str:
        """The address of a service account: a function's, or `build`, `push`, `schedule`."""
        return f"accueil-{name}@{self.project}.iam.gserviceaccount.com"

    def bucket(self, name: str) -> str:
        """The name of a bucket; names of buckets are unique in the world, as projects' are."""
        return f"{self.project}-accueil-{name}"

    @property
    def repository(self) -> str:
        """Where the functions' image is kept."""
        return f"{self.region}-docker.pkg.dev/{self.project}/{REPOSITORY}/functions"

    @property
    def ses_region(self) -> str:
        """The region of Amazon SES; "" if mails leave through SMTP."""
        way = urlsplit(self.settings.get(SETTINGS["mail"].variable, ""))
        return way.netloc if way.scheme == "ses" else ""

    @property
    def ses_configuration(self) -> str:
        """The configuration set of Amazon SES; "" for none."""
        query = urlsplit(self.settings.get(SETTINGS["mail"].variable, "")).query
        return query.removeprefix("configuration=")

    @property
    def sender_domain(self) -> str:
        """The domain from which mails are sent."""
        return self.settings[SETTINGS["sender"].variable].rpartition("@")[2].rstrip("> ")

    def with_key(self, name: str, key_hash: str) -> "Stack":
        """The same stack with one more API key: a deployment's own, for its request marked test."""
        variable = SETTINGS["callers"].variable
        keys = [self.settings.get(variable, ""), f"{name}:{key_hash}"]
        settings = {**self.settings, variable: ",".join(filter(None, keys))}
        return replace(self, settings=settings)

    def environment(self, function: str) -> dict[str, str]:
        """The settings of a function that are no secrets, by variable."""
        given = {**self.settings, SETTINGS["journal"].variable: f"gs://{self.bucket('journal')}"}
        given[SETTINGS["proxies"].variable] = PROXIES
        return {
            setting.variable: given[setting.variable]
            for setting in of(FUNCTIONS[function]).values()
            if setting.variable in given
        }

    def secrets(self, function: str) -> dict[str, str]:
        """The settings of a function that are secrets: the id of each secret, by variable.

        Two functions never share a secret, so that each secret has one reader.
        """
        fields = _SECRET if self.ses_region else (*_SECRET, "mail")
        return {
            setting.variable: f"accueil-{function}-{name}"
            for name, setting in of(FUNCTIONS[function]).items()
            if name in fields
        }


@dataclass(frozen=True)
class Image:
    """What runs: an image by its digest, and the base image that Google keeps up to date below."""

    uri: str
    base: str


def stack_path(name: str) -> Path:
    """The file of a stack."""
    return STACKS / f"{name}.toml"


def load(name: str, path: Path | None = None) -> Stack:
    """Read a stack's file.

    Raises:
        StackError: the file is missing or malformed, or a value is missing or wrong; every fault
            is named.
    """
    path = path or stack_path(name)
    if not _NAME.fullmatch(name):
        raise StackError(f"« {name} » n'est pas un nom de pile : {_NAME_EXPECTED}.")
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise StackError(
            f"Il n'y a pas de fichier {path} : copiez stacks/exemple.toml sous ce nom, puis "
            "remplissez-le (docs/deploy.md)."
        ) from error
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise StackError(f"{path} n'est pas lisible : {error}.") from error
    return parse(name, content, path.name)


def refuse_example(stack: Stack) -> None:
    """Look whether the stack's file was filled in: values of the example belong to nobody.

    Raises:
        StackError: one or more are still the example's.
    """
    given, example = _own(stack), _own(load("exemple"))
    left = [key for key in example if given.get(key) == example[key]]
    if left:
        raise StackError(
            f"{stack.name}.toml a encore des valeurs de l'exemple, indiquez les vôtres : "
            f"{', '.join(left)}."
        )


def _own(stack: Stack) -> dict[str, str]:
    """What is everybody's own in a stack's file, by its key there."""
    people = {"project": stack.project, "operator": stack.operator, "alerts": stack.alerts}
    return {**people, **stack.settings}


def parse(name: str, content: Mapping[str, Any], file: str) -> Stack:
    """A stack out of the content of its file.

    Raises:
        StackError: see `load`.
    """
    settings = content.get("settings", {})
    if not isinstance(settings, dict):
        raise StackError(f"{file}, settings : attendu, une table de réglages.")
    faults = [*_field_faults(content), *_setting_faults(settings)]
    if faults:
        raise StackError("\n".join(f"{file}, {fault}" for fault in faults))
    fields = {key: value for key, value in content.items() if key in _FIELDS}
    fields.pop("time_zone")
    return Stack(name, settings=settings, **fields)


@dataclass(frozen=True)
class _Field:
    """A key of the file: whether a value will do, what is expected, whether it may be missing."""

    is_right: Callable[[Any], bool]
    expected: str
    optional: bool = field(default=False, kw_only=True)


def _text(pattern: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


_SES = _text(r"ses://eu-(central|north|south|west)-[1-9](\?configuration=[A-Za-z0-9_-]{1,64})?")
_NAME = re.compile("[a-z][a-z0-9]{0,19}")
_NAME_EXPECTED = "jusqu'à 20 lettres minuscules et chiffres, par exemple lot ou essai"
_ADDRESS = _text(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_FIELDS = {
    "project": _Field(
        _text("[a-z][a-z0-9-]{4,28}[a-z0-9]"),
        "l'identifiant du projet Google Cloud, par exemple accueil-lot (gcloud projects list)",
    ),
    "region": _Field(
        lambda value: value in REGIONS,
        f"une région de l'Union européenne qui a Cloud Run : {', '.join(REGIONS)}",
    ),
    "time_zone": _Field(
        lambda value: value == PARIS.key,
        f"{PARIS.key}, le seul fuseau que le système connaisse (docs/place.md)",
    ),
    "operator": _Field(
        lambda value: _ADDRESS(value) and not value.endswith(".gserviceaccount.com"),
        "le compte Google de la personne qui déploie, une adresse",
    ),
    "alerts": _Field(_ADDRESS, "l'adresse qui reçoit les alertes"),
    "billing_account": _Field(
        _text("([0-9A-F]{6}-){2}[0-9A-F]{6}"),
        "le compte de facturation, 000000-000000-000000 (gcloud billing accounts list)",
        optional=True,
    ),
    "budget": _Field(
        lambda value: type(value) is int and value > 0,
        "le budget d'un mois, un nombre entier d'euros",
        optional=True,
    ),
    "fictional": _Field(
        lambda value: type(value) is bool,
        "true pour remplir le classeur de personnes fictives, sinon false",
        optional=True,
    ),
}


def _field_faults(content: Mapping[str, Any]) -> Iterator[str]:
    for key, field_ in _FIELDS.items():
        if key not in content:
            if not field_.optional:
                yield f"{key} manque : indiquez {field_.expected}."
        elif not field_.is_right(content[key]):
            yield f"{key} : attendu, {field_.expected}."
    for key in content:
        if key not in _FIELDS and key != "settings":
            yield f"{key} : cette clé n'existe pas."
    if ("budget" in content) != ("billing_account" in content):
        yield "budget et billing_account vont ensemble : indiquez les deux, ou aucun."


def _setting_faults(given: Mapping[str, Any]) -> Iterator[str]:
    known = {setting.variable: name for name, setting in SETTINGS.items()}
    for variable, text in given.items():
        name = known.get(variable)
        if name is None:
            yield f"{variable} : ce réglage n'existe pas (docs/settings.md)."
        elif name in _DECIDED:
            yield f"{variable} : la pile le fixe elle-même, retirez-le."
        elif name in _SECRET or (name == "mail" and not str(text).startswith("ses://")):
            yield (
                f"{variable} : c'est un secret, retirez-le d'ici et changez-le s'il a été "
                "partagé ; « accueil cloud secret » le demande et le garde à l'abri."
            )
        elif not isinstance(text, str):
            yield f"{variable} : attendu, un texte entre guillemets."
        elif name == "mail" and not _SES(text):
            yield (
                f"{variable} : attendu, ses:// et une région d'Amazon dans l'Union européenne, par "
                "exemple ses://eu-west-3 ; la pile fait elle-même le rôle."
            )
    for name, setting in SETTINGS.items():
        if name not in (*_DECIDED, *_SECRET) and (name != "mail" or setting.variable in given):
            yield from _setting_fault(setting, given)


def _setting_fault(setting: Setting[Any], given: Mapping[str, Any]) -> Iterator[str]:
    try:
        setting.read({setting.variable: str(given.get(setting.variable, ""))})
    except SettingError as error:
        yield str(error)
