"""Every setting of the functions: environment variables, read and checked once, at start.

A setting is one field below: its name, its type, its variable, how its text is understood and the
sentence that says what to set. A new one also gets a row in docs/settings.md.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from email import policy
from email.errors import MessageError
from email.headerregistry import Group
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Generic, TypeVar, cast
from urllib.parse import SplitResult, urlsplit

from functions.shared.errors import SettingError
from sheets_schema.place import PLACE

GOOGLE_SHEETS_API = "https://sheets.googleapis.com"
_LONGEST_KEPT = 365  # days
_HIGHEST_PORT = 65535
# Of infra.local.access: its secret, which anybody can read there.
_PUBLIC_SECRET = "this-machine-only-and-no-secret-at-all"  # noqa: S105
# The hash of infra.local.access.LOCAL_KEY, which opens the local intake without a limit.
_PUBLIC_KEY = "dba73d3fcb67907054ce8317378a14b30da1b86b75803e9ba66f18efd9bef09e"

Value = TypeVar("Value")
Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Caller:
    """The holder of an API key: a name, the SHA-256 of the key, and whether no rate limit holds."""

    name: str
    key_hash: str
    unlimited: bool = False


@dataclass(frozen=True)
class Setting(Generic[Value]):
    """An environment variable.

    `parse` gives the value that a text stands for, or raises ValueError. `expected` says in French
    what to set. `default` is the text that stands for a missing variable; None if it is required.
    """

    variable: str
    parse: Callable[[str], Value]
    expected: str
    default: str | None = None

    def read(self, environ: Mapping[str, str]) -> Value:
        """The value that the environment gives. A blank variable counts as missing.

        Raises:
            SettingError: the variable is missing or malformed; the sentence says what to set.
        """
        text = environ.get(self.variable, "").strip() or self.default
        if text is None:
            raise self._fault("manque")
        try:
            return self.parse(text)
        except ValueError as error:
            # The malformed text may hold a secret: the sentence does not repeat it.
            raise self._fault("est mal formée") from error

    def _fault(self, what: str) -> SettingError:
        return SettingError(f"{self.variable} {what} : indiquez {self.expected}.")


def _setting(
    variable: str, parse: Callable[[str], Value], expected: str, default: str | None = None
) -> Value:
    """A field of a settings class; its type is the type of what `parse` gives."""
    setting = Setting(variable, parse, expected, default)
    # Some values are secrets, and what is printed may end up in a log.
    return cast("Value", field(metadata={"setting": setting}, repr=False))


def _switch(name: str, what: str) -> bool:
    """A field that says whether whoever wrote by the form gets one kind of mail."""
    return _setting(
        f"ACCUEIL_MAIL_{name}",
        _yes,
        f"oui ou non : si la personne qui a écrit par le formulaire reçoit {what}",
        default="oui",
    )


def _yes(text: str) -> bool:
    return _matching("oui|non", text.casefold())[0] == "oui"


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        parts = urlsplit(text)  # raises ValueError for brackets that enclose no IPv6 address
        if parts.scheme not in schemes or not _names_something(parts):
            raise ValueError
        return text.rstrip("/")

    return parse


def _names_something(parts: SplitResult) -> bool:
    if parts.scheme in ("file", "outbox"):
        # After two slashes, the first folder would count as the name of a machine.
        return not parts.netloc and bool(parts.path.strip("/"))
    return bool(parts.hostname) and (parts.port is None or parts.port > 0)


# Networks of a machine itself and of a house: RFC 1122, 1918, 4193, 4291.
_NEAR = tuple(
    map(
        ip_network,
        ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1", "fc00::/7"),
    )
)


def is_near(address: str) -> bool:
    """Whether an IP address is of this machine or of a private network; False for other texts."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return any((mapped or ip) in network for network in _NEAR)


def _mail(text: str) -> str:
    """By which way mails leave.

    `?tls=optional` is for a relay in the same house only; of Amazon SES, `?role=` names the role
    that a function on Google Cloud takes on AWS, and `configuration=` a configuration set.
    """
    way = _url("smtp", "smtps", "ses", "outbox")(text)
    parts = urlsplit(way)
    if parts.scheme in ("smtp", "smtps"):
        if parts.path.strip("/") or parts.fragment:
            raise ValueError
        if parts.query and (parts.scheme, parts.query) != ("smtp", "tls=optional"):
            raise ValueError
        if parts.query and _is_address(parts.hostname or "") and not is_near(parts.hostname or ""):
            raise ValueError
    if parts.scheme == "ses" and (parts.query or parts.path or parts.fragment):
        role = r"role=arn:aws:iam::[0-9]{12}:role/[\w+=,.@/-]+"
        configuration = r"configuration=[A-Za-z0-9_-]{1,64}"
        _matching(
            rf"\?({role}|{configuration}|{role}&{configuration})",
            way.partition(parts.netloc)[2],
        )
    return way


def _is_address(text: str) -> bool:
    try:
        ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True


def _page(text: str) -> str:
    """The address of a page; "" for none."""
    return _url("http", "https")(text) if text else ""


def _matching(pattern: str, text: str) -> re.Match[str]:
    match = re.fullmatch(pattern, text)
    if match is None:
        raise ValueError
    return match


def _spreadsheet_id(text: str) -> str:
    in_address = re.search(r"/spreadsheets/(?:u/\d+/)?d/(?!e/)([\w-]+)", text)
    return in_address[1] if in_address else _matching(r"[\w-]+", text)[0]


def _sender(text: str) -> str:
    """One mailbox, with or without a name; an address in ASCII is one that any server can carry."""
    if "\n" in text or "\r" in text:
        raise ValueError
    try:
        header = policy.default.header_factory("From", text)
    except (IndexError, MessageError) as error:  # the parser fails on « a@ »
        raise ValueError from error
    match header.groups:
        case [Group(display_name=None, addresses=[mailbox])] if not header.defects:
            _address(mailbox.addr_spec)
            return text
    raise ValueError


def _address(text: str) -> str:
    """A bare address, which can stand in a mailto: link."""
    name = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
    return _matching(rf"[A-Za-z0-9.+_'-]+@{name}(?:\.{name})*", text)[0]


def _optional_address(text: str) -> str:
    """A bare address; "" for none."""
    return _address(text) if text else ""


def _days(text: str) -> timedelta:
    days = int(_matching("[1-9][0-9]{0,2}", text)[0])
    if days > _LONGEST_KEPT:
        raise ValueError
    return timedelta(days=days)


def _mails(text: str) -> int:
    return int(_matching("[1-9][0-9]{0,3}", text)[0])


def _secrets(text: str) -> tuple[str, ...]:
    """Secrets that nobody can guess, the newest first, separated by commas."""
    return tuple(_matching("[!-~]{32,}", item.strip())[0] for item in text.split(","))


def _listed(parse: Callable[[str], Value]) -> Callable[[str], tuple[Value, ...]]:
    """A list separated by commas; blank entries are left out."""
    return lambda text: tuple(parse(item.strip()) for item in text.split(",") if item.strip())


def _caller(text: str) -> Caller:
    name, key_hash, unlimited = _matching(
        r"([a-z0-9-]{1,40}):([0-9a-f]{64})(:unlimited)?", text
    ).groups()
    return Caller(name, key_hash, bool(unlimited))


def _origin(text: str) -> str:
    """An origin as browsers send it: scheme, host, and the port if it is not the scheme's own."""
    label = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
    match = _matching(
        rf"(https?)://{label}(?:\.{label})*(?::([1-9][0-9]{{0,4}}))?", text.rstrip("/").lower()
    )
    scheme, port = match.groups()
    own = "443" if scheme == "https" else "80"
    if port is not None and (port == own or int(port) > _HIGHEST_PORT):
        raise ValueError
    return match[0]


def _network(text: str) -> Network:
    """A network, 203.0.113.0/24, or a single address."""
    network = ip_network(text)
    if isinstance(network, IPv6Network) and network.network_address.ipv4_mapped:
        raise ValueError  # callers with such an address count as IPv4
    return network


def _proxies(text: str) -> int:
    return int(_matching("[0-9]", text)[0])


@dataclass(frozen=True)
class _JournalSettings:
    journal: str = _setting(
        "ACCUEIL_JOURNAL",
        _url("file", "gs", "s3"),
        "l'adresse du journal : gs://seau, s3://seau ou file:///dossier",
    )


@dataclass(frozen=True)
class IntakeSettings(_JournalSettings):
    """The settings of intake. The first of the secrets signs; signatures of all are accepted.

    Raises:
        SettingError: the demonstration's key or secret would give access to a journal that is no
            folder.
    """

    privacy_contact: str = _setting(
        "ACCUEIL_PRIVACY_CONTACT",
        _address,
        "l'adresse, seule et sans nom, à laquelle un demandeur exerce ses droits, affichée sous le "
        "formulaire",
    )
    secrets: tuple[str, ...] = _setting(
        "ACCUEIL_SECRET",
        _secrets,
        "un secret d'au moins 32 caractères, pris au hasard, qui signe les vérifications "
        "anti-robot ; pour en changer, le nouveau puis l'ancien, séparés par une virgule",
    )
    callers: tuple[Caller, ...] = _setting(
        "ACCUEIL_API_KEYS",
        _listed(_caller),
        "les clés d'API, nom:empreinte séparées par des virgules (« accueil key » en crée une)",
        default="",
    )
    origins: tuple[str, ...] = _setting(
        "ACCUEIL_ORIGINS",
        _listed(_origin),
        "les sites qui peuvent montrer le formulaire, https://www.example.org séparés par des "
        "virgules",
        default="",
    )
    form_page: str = _setting(
        "ACCUEIL_FORM_PAGE",
        _page,
        "l'adresse de la page du site qui montre le formulaire, pour les moteurs de recherche et "
        "les codes QR",
        default="",
    )
    proxies: int = _setting(
        "ACCUEIL_PROXIES",
        _proxies,
        "combien de relais de confiance se trouvent devant la fonction, de 0 à 9",
        default="0",
    )
    fairs: tuple[Network, ...] = _setting(
        "ACCUEIL_FAIRS",
        _listed(_network),
        "les adresses ou réseaux de salons, d'où beaucoup de demandes sont attendues, "
        "203.0.113.7 ou 2001:db8:12::/48 séparés par des virgules",
        default="",
    )

    def __post_init__(self) -> None:
        if self.journal.startswith("file:"):
            return
        if _PUBLIC_SECRET in self.secrets:
            raise SettingError(
                "ACCUEIL_SECRET contient le secret de démonstration, que tout le monde connaît : "
                "indiquez 32 caractères pris au hasard."
            )
        if any(caller.key_hash == _PUBLIC_KEY for caller in self.callers):
            raise SettingError(
                "ACCUEIL_API_KEYS contient la clé de démonstration, que tout le monde connaît : "
                "créez-en une autre avec « accueil key »."
            )


@dataclass(frozen=True)
class DigestSettings(_JournalSettings):
    """The settings of digest."""

    spreadsheet: str = _setting(
        "ACCUEIL_SPREADSHEET",
        _spreadsheet_id,
        "l'identifiant ou l'adresse du classeur Google Sheets",
    )
    sheets_api: str = _setting(
        "ACCUEIL_SHEETS_API",
        _url("http", "https"),
        "l'adresse de l'API Google Sheets, http(s)://…",
        default=GOOGLE_SHEETS_API,
    )
    sheet_pattern: str = _setting(
        "ACCUEIL_SHEET_URL",
        _url("http", "https"),
        "l'adresse à laquelle une personne ouvre le classeur, {id} tenant lieu d'identifiant",
        default="https://docs.google.com/spreadsheets/d/{id}/edit",
    )
    mail: str = _setting(
        "ACCUEIL_MAIL",
        _mail,
        "par où partent les courriels : smtps://compte:secret@hôte:port, smtp://hôte:port (avec "
        "STARTTLS ; ?tls=optional pour un relais local ou privé), ses://région ou "
        "outbox:///dossier",
    )
    sender: str = _setting(
        "ACCUEIL_MAIL_FROM",
        _sender,
        "l'expéditeur des courriels, une seule adresse sans accent, par exemple "
        f"{PLACE.programme} <accueil@example.org>",
    )

    intake_url: str = _setting(
        "ACCUEIL_INTAKE_URL",
        _page,
        "l'adresse publique d'intake, où mènent les boutons des courriels",
        default="",
    )
    operator: str = _setting(
        "ACCUEIL_OPERATOR",
        _optional_address,
        "l'adresse, seule et sans nom, de la personne qui administre le système : elle est "
        "prévenue si plus rien ne s'écrit",
        default="",
    )

    @property
    def sheet_url(self) -> str:
        """Where people open the spreadsheet."""
        return self.sheet_pattern.replace("{id}", self.spreadsheet)


@dataclass(frozen=True)
class RouteSettings(DigestSettings):
    """The settings of route: those of digest, and for how long the journal keeps what is filed."""

    keep: timedelta = _setting(  # noqa: RUF009  (a field, as the others are)
        "ACCUEIL_KEEP_DAYS",
        _days,
        "combien de jours le journal garde ce qu'un demandeur a écrit une fois sa ligne écrite, "
        "de 1 à 365",
        default="30",
    )
    mails_a_day: int = _setting(
        "ACCUEIL_MAILS_A_DAY",
        _mails,
        "combien de courriels sur de nouvelles demandes partent par jour au plus, de 1 à 9999",
        default="300",
    )
    receipt: bool = _switch("RECEIPT", "l'accusé de réception")
    caller: bool = _switch("CALLER", "le nom et le numéro de la personne qui va l'appeler")
    apology: bool = _switch("APOLOGY", "des excuses si personne ne l'a appelée en dix jours")
    closing: bool = _switch("CLOSING", "un mot quand sa demande est close")
    news: bool = _switch("NEWS", "une question six et douze mois après son installation")

    @property
    def mail_kinds(self) -> frozenset[str]:
        """The kinds of mail that applicants get."""
        kinds = ("receipt", "caller", "apology", "closing", "news")
        return frozenset(kind for kind in kinds if getattr(self, kind))


AnySettings = TypeVar("AnySettings", bound=_JournalSettings)
FUNCTIONS = {"intake": IntakeSettings, "route": RouteSettings, "digest": DigestSettings}


def of(settings: type) -> dict[str, Setting[Any]]:
    """The settings of one of the classes above, by the names of its fields."""
    return {setting.name: setting.metadata["setting"] for setting in fields(settings)}


# All settings, by the names of their fields.
SETTINGS = {
    name: setting for settings in FUNCTIONS.values() for name, setting in of(settings).items()
}


def load(environ: Mapping[str, str], settings: type[AnySettings]) -> AnySettings:
    """Read the settings of one function.

    Raises:
        SettingError: a variable is missing or malformed; the sentence names every such variable
            and says what to set.
    """
    values, faults = {}, []
    for name, setting in of(settings).items():
        try:
            values[name] = setting.read(environ)
        except SettingError as error:
            faults.append(str(error))
    if faults:
        raise SettingError("\n".join(faults))
    return settings(**values)
