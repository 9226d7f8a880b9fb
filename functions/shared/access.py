"""Who can open the spreadsheet, beside who is in Référents and Coordination. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sheets_schema.tab import read_table, tab
from sheets_schema.wire import Reading

PEOPLE_COLUMNS = {"referents": ("name", "email", "active"), "coordination": ("name", "email")}
_SERVICE = ".gserviceaccount.com"
_WRITING = ("owner", "organizer", "fileOrganizer", "writer")


@dataclass(frozen=True)
class Access:
    """What Drive says, compared with the tabs. All are addresses, but for `public`, in words.

    `strangers` may open the spreadsheet and are in neither tab. `leavers` may, although Référents
    says that they are no longer active. `public` are links and domains that let anybody in.
    `missing` are in a tab and may not open it by their own address; they may through `groups`.
    `readers` are in a tab and may only read it. `owners` and `services` are there for information.
    `count` is how many people have access.
    """

    strangers: tuple[str, ...] = ()
    leavers: tuple[str, ...] = ()
    public: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    count: int = 0

    @property
    def is_as_wanted(self) -> bool:
        """Whether there is nothing to put right."""
        return not (self.strangers or self.leavers or self.public or self.missing or self.readers)

    def sentences(self) -> Iterator[str]:
        """What there is to put right, in French; addresses are named, for coordinators' eyes."""
        for words, who, advice in (
            ("Ouvert à tout le monde ou presque", self.public, "Retirez ce partage."),
            (
                "Ont accès, sans être dans Référents ni Coordination",
                self.strangers,
                "Retirez-leur l'accès, ou ajoutez-les à l'un de ces onglets.",
            ),
            (
                "Ont encore accès, bien que leur ligne de Référents ne soit plus active",
                self.leavers,
                "Retirez-leur l'accès.",
            ),
            (
                "N'ont pas accès par leur adresse"
                + (", sauf par un groupe peut-être" if self.groups else ""),
                self.missing,
                "Partagez le classeur avec ces personnes, en modification.",
            ),
            ("Ne peuvent que lire", self.readers, "Donnez-leur le droit de modifier."),
        ):
            if who:
                yield f"{words} : {', '.join(who)}. {advice}"


def compare(
    permissions: Sequence[Mapping[str, Any]], reading: Reading, known: Collection[str] = ()
) -> Access:
    """Compare Drive's permissions with the people of the two tabs.

    Google accounts count by their address; one person may have several.

    Args:
        permissions: Permission resources of Drive.
        reading: Référents and Coordination, with PEOPLE_COLUMNS at least.
        known: further addresses that may open the spreadsheet, such as the operator's.

    Raises:
        HeaderError: one of the tabs lacks a column.
    """
    active, gone = _people(reading)
    welcome = active | {address.casefold() for address in known}
    roles: dict[str, str] = {}
    public, groups = [], []
    for permission in permissions:
        match permission:
            case {"deleted": True}:
                continue
            case {"type": "user", "emailAddress": str(address), "role": str(role)}:
                roles[address.casefold()] = role
            case {"type": "group", "emailAddress": str(address)}:
                groups.append(address.casefold())
            case {"type": "domain", "domain": str(domain)}:
                public.append(f"tous les comptes de {domain}")
            case {"type": "anyone"}:
                public.append("qui a le lien, sans compte")
            case _:
                public.append("un partage que ce programme ne connaît pas")
    services = {address for address in roles if address.endswith(_SERVICE)}
    people = roles.keys() - services
    owners = {address for address in people if roles[address] == "owner"}

    def ordered(addresses: Collection[str]) -> tuple[str, ...]:
        return tuple(sorted(addresses))

    return Access(
        strangers=ordered(people - owners - welcome - gone),
        leavers=ordered((people & gone) - welcome),
        public=ordered(public),
        missing=ordered(active - people - set(groups)),
        readers=ordered({who for who in people & active if roles[who] not in _WRITING}),
        groups=ordered(groups),
        owners=ordered(owners),
        services=ordered(services),
        count=len(people),
    )


def _people(reading: Reading) -> tuple[set[str], set[str]]:
    """The addresses of those who are to have access, and of those who no longer are."""
    active: set[str] = set()
    gone: set[str] = set()
    for key, columns in PEOPLE_COLUMNS.items():
        grid = reading.tabs[key].grid
        for row in read_table(tab(key), grid, reading.version, columns).rows:
            if address := (row.values["email"] or "").casefold():
                (gone if row.values.get("active") is False else active).add(address)
    return active, gone - active
