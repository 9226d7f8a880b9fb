"""Every setting of the functions: environment variables, read and checked once, at start."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.headerregistry import Group
from typing import Literal, get_args
from urllib.parse import SplitResult, urlsplit

from functions.shared.errors import SettingError

Function = Literal["intake", "route", "digest"]
# The name of a caller, the SHA-256 of its key, and whether its rate has no limit.
API_KEY = re.compile(r"([a-z0-9-]{1,40}):([0-9a-f]{64})(:unlimited)?")
GOOGLE_SHEETS_API = "https://sheets.googleapis.com"


@dataclass(frozen=True)
class Settings:
    """The settings of one function; those it does not use are empty."""

    journal: str
    spreadsheet: str
    sheets_api: str
    sheet_url: str
    mail: str
    mail_from: str
    privacy_contact: str
    keep_days: str
    secret: str
    api_keys: str
    origins: str
    form_page: str
    proxies: str


@dataclass(frozen=True)
class _Setting:
    variable: str
    used_by: tuple[Function, ...]
    check: Callable[[str], str | None]  # the cleaned value, or None where it is malformed
    expected: str
    default: str | None = None
    optional: bool = False


def _url(*schemes: str) -> Callable[[str], str | None]:
    def check(text: str) -> str | None:
        try:
            parts = urlsplit(text)
            named = _names_something(parts)
        except ValueError:  # a bracket or a port that cannot be
            return None
        return text.rstrip("/") if parts.scheme in schemes and named else None

    return check


def _names_something(parts: SplitResult) -> bool:
    if parts.scheme in ("file", "outbox"):
        # With two slashes only, the first folder would be taken for a machine.
        return not parts.netloc and bool(parts.path.strip("/"))
    return bool(parts.hostname) and (parts.port is None or parts.port > 0)


def _spreadsheet_id(text: str) -> str | None:
    found = re.search(r"/spreadsheets/(?:u/\d+/)?d/(?!e/)([\w-]+)", text)
    found = found or re.fullmatch(r"([\w-]+)", text)
    return found[1] if found else None


def _sender(text: str) -> str | None:
    """One mailbox, with or without a name, that any server can carry: its address is ASCII."""
    if "\n" in text or "\r" in text:
        return None
    try:
        header = policy.default.header_factory("From", text)
    except (IndexError, ValueError, MessageError):  # the parser trips over « a@ »
        return None
    match header.groups:
        case [Group(display_name=None, addresses=[mailbox])] if not header.defects:
            return text if _address(mailbox.addr_spec) else None
    return None


def _address(text: str) -> str | None:
    """A bare address, such as a mailto: link takes as it is."""
    name = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
    return text if re.fullmatch(rf"[A-Za-z0-9.+_'-]+@{name}(?:\.{name})*", text) else None


def _days(text: str) -> str | None:
    return text if re.fullmatch("[1-9][0-9]{0,2}", text) and int(text) <= 365 else None  # noqa: PLR2004


def _secrets(text: str) -> str | None:
    """Secrets nobody can guess, the newest first, separated by commas."""
    found = [one.strip() for one in text.split(",")]
    return ",".join(found) if all(re.fullmatch(r"[!-~]{32,}", one) for one in found) else None


def _api_keys(text: str) -> str | None:
    entries = [one.strip() for one in text.split(",") if one.strip()]
    return ",".join(entries) if all(map(API_KEY.fullmatch, entries)) else None


def _origins(text: str) -> str | None:
    """Origins as browsers send them: scheme, host, and a port other than the scheme's own."""
    found = [one.strip().rstrip("/").lower() for one in text.split(",") if one.strip()]
    return ",".join(found) if all(map(_is_origin, found)) else None


def _is_origin(text: str) -> bool:
    label = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
    found = re.fullmatch(rf"(https?)://{label}(?:\.{label})*(?::([1-9][0-9]{{0,4}}))?", text)
    if not found:
        return False
    scheme, port = found.groups()
    own = "443" if scheme == "https" else "80"
    return port is None or (port != own and int(port) <= 65535)  # noqa: PLR2004


def _proxies(text: str) -> str | None:
    return text if re.fullmatch("[0-9]", text) else None


# The hash of infra.local.access.LOCAL_KEY, which opens the local intake without a limit.
_PUBLIC_KEY = "dba73d3fcb67907054ce8317378a14b30da1b86b75803e9ba66f18efd9bef09e"
_SHEET_USERS: tuple[Function, ...] = ("route", "digest")

SETTINGS: dict[str, _Setting] = {
    "journal": _Setting(
        "ACCUEIL_JOURNAL",
        get_args(Function),
        _url("file", "gs", "s3"),
        "l'adresse du journal : gs://seau, s3://seau ou file:///dossier",
    ),
    "spreadsheet": _Setting(
        "ACCUEIL_SPREADSHEET",
        _SHEET_USERS,
        _spreadsheet_id,
        "l'identifiant ou l'adresse du classeur Google Sheets",
    ),
    "sheets_api": _Setting(
        "ACCUEIL_SHEETS_API",
        _SHEET_USERS,
        _url("http", "https"),
        "l'adresse de l'API Google Sheets, http(s)://…",
        GOOGLE_SHEETS_API,
    ),
    "sheet_url": _Setting(
        "ACCUEIL_SHEET_URL",
        _SHEET_USERS,
        _url("http", "https"),
        "l'adresse à laquelle une personne ouvre le classeur, {id} tenant lieu d'identifiant",
        "https://docs.google.com/spreadsheets/d/{id}/edit",
    ),
    "mail": _Setting(
        "ACCUEIL_MAIL",
        _SHEET_USERS,
        _url("smtp", "smtps", "ses", "outbox"),
        "par où partent les courriels : smtp://hôte:port, smtps://compte:secret@hôte:port, "
        "ses://région ou outbox:///dossier",
    ),
    "mail_from": _Setting(
        "ACCUEIL_MAIL_FROM",
        _SHEET_USERS,
        _sender,
        "l'expéditeur des courriels, une seule adresse sans accent, par exemple "
        "Oh my Lot ! <accueil@example.org>",
    ),
    "privacy_contact": _Setting(
        "ACCUEIL_PRIVACY_CONTACT",
        ("intake",),
        _address,
        "l'adresse, seule et sans nom, à laquelle un demandeur exerce ses droits, affichée sous le "
        "formulaire",
    ),
    "keep_days": _Setting(
        "ACCUEIL_KEEP_DAYS",
        ("route",),
        _days,
        "combien de jours le journal garde ce qu'un demandeur a écrit une fois sa ligne écrite, "
        "de 1 à 365",
        "30",
    ),
    "secret": _Setting(
        "ACCUEIL_SECRET",
        ("intake",),
        _secrets,
        "un secret d'au moins 32 caractères, pris au hasard, qui signe les vérifications "
        "anti-robot ; pour en changer, le nouveau puis l'ancien, séparés par une virgule",
    ),
    "api_keys": _Setting(
        "ACCUEIL_API_KEYS",
        ("intake",),
        _api_keys,
        "les clés d'API, nom:empreinte séparées par des virgules (« accueil key » en crée une)",
        optional=True,
    ),
    "origins": _Setting(
        "ACCUEIL_ORIGINS",
        ("intake",),
        _origins,
        "les sites qui peuvent montrer le formulaire, https://www.example.org séparés par des "
        "virgules",
        optional=True,
    ),
    "form_page": _Setting(
        "ACCUEIL_FORM_PAGE",
        ("intake",),
        _url("http", "https"),
        "l'adresse de la page du site qui montre le formulaire, pour les moteurs de recherche et "
        "les codes QR",
        optional=True,
    ),
    "proxies": _Setting(
        "ACCUEIL_PROXIES",
        ("intake",),
        _proxies,
        "combien de relais de confiance se trouvent devant la fonction, de 0 à 9",
        "0",
    ),
}


def load(environ: Mapping[str, str], function: Function) -> Settings:
    """The settings that `function` uses.

    Raises:
        SettingError: names every variable that is missing or malformed, and what to set.
    """
    values, faults = {}, []
    for field, setting in SETTINGS.items():
        values[field] = ""
        if function not in setting.used_by:
            continue
        text = environ.get(setting.variable, "").strip() or setting.default or ""
        if not text and setting.optional:
            continue
        cleaned = setting.check(text) if text else None
        if cleaned is None:
            # The malformed value itself may hold a secret: it is not repeated.
            fault = "est mal formée" if text else "manque"
            faults.append(f"{setting.variable} {fault} : indiquez {setting.expected}.")
        else:
            values[field] = cleaned
    if _PUBLIC_KEY in values["api_keys"] and not values["journal"].startswith("file:"):
        faults.append(
            "ACCUEIL_API_KEYS contient la clé de démonstration, que tout le monde connaît : "
            "créez-en une autre avec « accueil key »."
        )
    if faults:
        raise SettingError("\n".join(faults))
    return Settings(**values)
