"""The lookup tables that partners edit, as plain data, and what is wrong in them. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import cached_property

from functions.route.decide.rules import CONDITIONS, Rule, RuleIndex
from functions.shared.absence import ends_too_early, is_absent, last_day
from functions.shared.concerns import Concern
from functions.shared.mail.refused import Refused, refusal
from sheets_schema.contact import format_phone
from sheets_schema.errors import CellError
from sheets_schema.schema import VERSION
from sheets_schema.tab import Grid, Row, Table, read_table, tab
from sheets_schema.territory import Territories, territories
from sheets_schema.text import normalise, quoted, split_known
from sheets_schema.wire import Reading

TABLES = ("referents", "rules", "coordination")  # the tabs that hold the lookup tables


@dataclass(frozen=True)
class Referent:
    """Somebody who follows requests; without an address that can be read, `email` is "".

    `max_open` is how many open requests they want at most; None where they did not say. `phone` is
    the number that applicants are told, as people write it; "" for none.
    """

    name: str
    email: str
    organisation: str = ""
    active: bool = True
    absent_from: date | None = None
    absent_until: date | None = None
    substitute: str | None = None
    max_open: int | None = None
    phone: str = ""

    def absent(self, today: date) -> bool:
        """See `absence.is_absent`."""
        return is_absent(self.absent_from, self.absent_until, today)


@dataclass(frozen=True)
class Lookup:
    """The lookup tables as assignment uses them. `people` holds referents by normalised name.

    `coordinators` holds the addresses of the people in Coordination, by normalised name.
    `last_number` is the highest number of a rule, be it active or not.
    """

    rules: tuple[Rule, ...] = ()
    people: Mapping[str, Referent] = field(default_factory=dict)
    default: Referent | None = None
    official: Territories = field(default_factory=territories)
    coordinators: Mapping[str, str] = field(default_factory=dict)
    last_number: int = 0

    @cached_property
    def index(self) -> RuleIndex:
        """Finds the rules that match a request."""
        return RuleIndex(self.rules, self.official)

    @cached_property
    def weighs_load(self) -> bool:
        """Whether it matters to assignment how busy the referents are."""
        shared = any(len(rule.referents) > 1 for rule in self.rules)
        return shared or any(person.max_open is not None for person in self.people.values())

    def referent(self, name: str) -> Referent | None:
        """The referent with that name, in any spelling; None where nobody has it."""
        return self._spelled.get(name) or self.people.get(normalise(name))

    def names(self, text: str) -> list[str]:
        """The names that a cell lists, whatever stands between them: « Ana et Bob »."""
        return split_known(text, self._is_known)

    def _is_known(self, name: str) -> bool:
        key = normalise(name)
        default = self.default and normalise(self.default.name)
        return key in self.people or key in self.coordinators or key == default

    def address(self, name: str) -> str | None:
        """The address of a referent, or else of a coordinator; None where there is none."""
        person = self.referent(name)
        return (person and person.email) or self.coordinators.get(normalise(name))

    def nearest(self, name: str) -> list[str]:
        """Up to three referents whose name resembles a name that nobody has, the nearest first."""
        wanted = normalise(name)
        parts = [part for part in self.people if set(wanted.split()) & set(part.split())]
        like = get_close_matches(wanted, [*parts, *self.people], n=3, cutoff=0.75)
        return [self.people[key].name for key in dict.fromkeys([*like, *parts])][:3]

    @cached_property
    def _spelled(self) -> Mapping[str, Referent]:
        """Referents by name as their own row spells it. Rules mostly repeat that spelling."""
        return {person.name: person for person in self.people.values()}


def read_lookup(reading: Reading, official: Territories) -> tuple[Lookup, list[Concern]]:
    """Read the three tabs, and what is wrong in them.

    A cell that cannot be read is ignored, and its row is used all the same. Only a rule is left
    out as a whole, because it would apply to more without its cell.

    Raises:
        HeaderError: a tab lacks a column, or has one twice.
    """
    referents, coordination = (
        read_table(tab(key), reading.tabs[key].grid, reading.version)
        for key in ("referents", "coordination")
    )
    concerns = [
        Concern(
            problem.place,
            problem.sentence,
            _ACTIONS.get((table.tab.key, problem.column), _CELL),
        )
        for table in (referents, coordination)
        for problem in table.problems
        if problem.column != "pause"  # it stops the drain, see `faults.read_pause`
    ]
    people = _people(referents, concerns)
    concerns += _contradictions(referents, official)
    concerns += _unknown_substitutes(referents, people)
    rules = read_rules("rules", reading.tabs["rules"].grid, people, official, reading.version)
    concerns += rules.concerns
    concerns += _scopes(coordination, official)
    lookup = Lookup(
        rules.rules,
        people,
        _default(coordination, people, concerns),
        official,
        _coordinators(coordination, concerns),
        max(rules.places, default=0),
    )
    return lookup, concerns


def unreachable(reading: Reading, refused: Refused) -> list[Concern]:
    """What À vérifier says of the people of the tables whose addresses are refused."""
    return [
        refusal(row.values["name"] or email, email, table.tab.title)
        for key in ("referents", "coordination")
        for table in [read_table(tab(key), reading.tabs[key].grid, reading.version)]
        for row in table.rows
        if (email := row.values["email"]) and email in refused and row.values.get("active", True)
    ]


@dataclass(frozen=True)
class RuleTable:
    """A table of assignment rules, and what is wrong in it.

    `places` holds the number of the row of each rule that is read, by the rule's number. `inactive`
    holds the rows whose rule is switched off. `left_out` says that the table has a rule that cannot
    be read, so that the rules are not what somebody wanted.
    """

    rules: tuple[Rule, ...]
    concerns: tuple[Concern, ...]
    places: Mapping[int, int]
    inactive: frozenset[int]
    left_out: bool


# What a rule consists of. The other columns say what it does, and what to do with its table.
RULE_COLUMNS = tuple(
    column.key
    for column in tab("rules").columns
    if column.key not in ("effect", "publish", "cancel")
)


def read_rules(
    key: str,
    grid: Grid,
    people: Mapping[str, Referent],
    official: Territories,
    version: int = VERSION,
) -> RuleTable:
    """Read a table of assignment rules.

    Args:
        key: its tab, the table in force or a draft.
        grid: its cells, header first.
        people: referents by normalised name.
        official: communes and intercommunalités.
        version: the version of the workbook.

    Raises:
        HeaderError: the tab lacks a column, or has one twice.
    """
    table = read_table(tab(key), grid, version, RULE_COLUMNS)
    concerns = [
        Concern(problem.place, problem.sentence, _ACTIONS.get((key, problem.column), _RULE))
        for problem in table.problems
    ]
    concerns += _unknown_referents(table, people)
    known = len(concerns)
    read = list(_rules(table, people, official, concerns))
    return RuleTable(
        tuple(rule for _, rule, is_active in read if is_active),
        tuple(concerns),
        {rule.number: row for row, rule, _ in read},
        frozenset(row for row, _, is_active in read if not is_active),
        left_out=bool(table.problems) or len(concerns) > known,
    )


_CELL = "Corrigez cette cellule : en attendant, le système n'en tient pas compte."
_RULE = "Corrigez cette cellule : en attendant, cette règle ne s'applique pas."
_NOBODY = "Complétez cette cellule : en attendant, cette ligne ne désigne personne."
_NO_MAIL = "Corrigez cette cellule : en attendant, cette personne ne reçoit aucun courriel."
_FIRST_ONLY = "Corrigez ou supprimez cette ligne : en attendant, le système n'en tient pas compte."
_NO_END = "Corrigez cette cellule : en attendant, l'absence compte dès son début, et sans fin."
_NO_STAND_IN = "Choisissez quelqu'un d'autre : en attendant, cette suppléance ne sert à rien."
_EVERYWHERE = "Corrigez cette cellule : en attendant, le courriel du lundi parle de tout."
_NOBODY_KNOWN = "Corrigez cette cellule : en attendant, la coordination reçoit ces demandes."
# What is ignored if a cell cannot be read, by tab and column, where it is not the usual.
_ACTIONS = {
    ("referents", "name"): _NOBODY,
    ("referents", "email"): _NO_MAIL,
    ("coordination", "name"): _NOBODY,
    ("coordination", "email"): _NO_MAIL,
}


def _concern(table: Table, row: Row, key: str, sentence: str, action: str = _CELL) -> Concern:
    problem = table.problem(row, key, sentence)
    return Concern(problem.place, problem.sentence, action)


def _people(table: Table, concerns: list[Concern]) -> dict[str, Referent]:
    people: dict[str, Referent] = {}
    for row in table.rows:
        if "name" in row.faulty:
            continue
        person = _referent(row)
        if people.setdefault(normalise(person.name), person) != person:
            sentence = "deux personnes portent ce nom ; seule la première ligne compte."
            concerns.append(_concern(table, row, "name", sentence, _FIRST_ONLY))
    return people


def _referent(row: Row) -> Referent:
    values = {key: row.values[key] for key in Referent.__dataclass_fields__}
    texts = {key: values[key] or "" for key in ("email", "organisation")}
    ended = {"absent_until": last_day(values), "phone": _phone(row)}
    alone = {"substitute": None} if _replaces_oneself(row) else {}
    return Referent(**values | texts | ended | alone)


def _phone(row: Row) -> str:
    number = row.values["phone"]
    return format_phone(number) if number else ""


def _replaces_oneself(row: Row) -> bool:
    substitute = normalise(row.values["substitute"] or "")
    return bool(substitute) and substitute == normalise(row.values["name"] or "")


def _contradictions(table: Table, official: Territories) -> Iterator[Concern]:
    """What is wrong in cells that can be read."""
    for row in table.rows:
        if ends_too_early(row.values):
            first = row.values["absent_from"]
            sentence = f"l'absence finit avant d'avoir commencé ({first:%d/%m/%Y})."
            yield _concern(table, row, "absent_until", sentence, _NO_END)
        if _replaces_oneself(row):
            yield _concern(table, row, "substitute", "c'est la même personne.")
        try:
            official.parse_area(row.values["epci"] or "")
        except CellError as error:
            yield _concern(table, row, "epci", f"{error}.")


def _unknown_substitutes(table: Table, people: Mapping[str, Referent]) -> Iterator[Concern]:
    for row in table.rows:
        name = row.values["substitute"]
        if not name:
            continue
        substitute = people.get(normalise(name))
        if not substitute:
            yield _concern(table, row, "substitute", _UNKNOWN.format(quoted(name)))
        elif not substitute.active and not substitute.substitute:
            sentence = (
                f"{quoted(name)} n'est plus en activité, et personne ne remplace cette personne."
            )
            yield _concern(table, row, "substitute", sentence, _NO_STAND_IN)


def _unknown_referents(table: Table, people: Mapping[str, Referent]) -> Iterator[Concern]:
    for row in table.rows:
        names = _names(row, people)
        unknown = [name for name in names if normalise(name) not in people]
        applies = row.values["active"] and not row.faulty
        action = _NOBODY_KNOWN if applies and len(unknown) == len(names) else _CELL
        for name in unknown:
            yield _concern(table, row, "referents", _UNKNOWN.format(quoted(name)), action)


_UNKNOWN = "{} n'est pas dans l'onglet Référents."


def _names(row: Row, people: Mapping[str, Referent]) -> list[str]:
    return split_known(row.values["referents"] or "", lambda name: normalise(name) in people)


def _rules(
    table: Table,
    people: Mapping[str, Referent],
    official: Territories,
    concerns: list[Concern],
) -> Iterator[tuple[int, Rule, bool]]:
    """The rules of a table, each with the number of its row, and whether it is active."""
    seen: set[int] = set()
    for row in table.rows:
        if row.faulty:
            continue
        number = row.values["number"]
        if number in seen:
            sentence = f"la règle {number} figure deux fois ; seule la première ligne compte."
            concerns.append(_concern(table, row, "number", sentence, _FIRST_ONLY))
            continue
        seen.add(number)
        try:
            target = official.parse_area(row.values["territory"] or "")
        except CellError as error:
            concerns.append(_concern(table, row, "territory", f"{error}.", _RULE))
            continue
        rule = Rule(
            number,
            row.values["order"],
            {
                condition.column: value
                for condition in CONDITIONS
                if (value := row.values[condition.column])
            },
            target,
            tuple(_names(row, people)),
        )
        yield row.number, rule, row.values["active"]


def _scopes(table: Table, official: Territories) -> Iterator[Concern]:
    for row in table.rows:
        try:
            official.parse_area(row.values["scope"] or "")
        except CellError as error:
            yield _concern(table, row, "scope", f"{error}.", _EVERYWHERE)


def _coordinators(table: Table, concerns: list[Concern]) -> dict[str, str]:
    """Addresses by normalised name; the first row of a name counts."""
    addresses: dict[str, str] = {}
    scopes: dict[str, str | None] = {}
    for row in table.rows:
        name, email, scope = (row.values[key] for key in ("name", "email", "scope"))
        if not email:
            continue
        if name and addresses.setdefault(normalise(name), email) != email:
            sentence = "deux personnes portent ce nom ; seule la première adresse compte."
            concerns.append(_concern(table, row, "name", sentence, _FIRST_ONLY))
        if row.values["weekly_mail"] and scopes.setdefault(email.casefold(), scope) != scope:
            sentence = "cette adresse figure deux fois ; seul le premier Périmètre compte."
            concerns.append(_concern(table, row, "email", sentence, _FIRST_ONLY))
    return addresses


def _default(
    table: Table, people: Mapping[str, Referent], concerns: list[Concern]
) -> Referent | None:
    chosen = [row for row in table.rows if row.values["default_referent"] and row.values["name"]]
    if not chosen:
        sentence = "Référent par défaut : mettez Oui sur la ligne d'une personne."
        concerns.append(Concern(table.tab.title, sentence, _NO_DEFAULT))
        return None
    for row in chosen[1:]:
        sentence = "une seule ligne peut porter Oui ; la première compte."
        concerns.append(_concern(table, row, "default_referent", sentence))
    values = chosen[0].values
    person = people.get(normalise(values["name"]))
    if person and not person.active:
        sentence = f"{quoted(person.name)} n'est plus en activité, d'après l'onglet Référents."
        concerns.append(_concern(table, chosen[0], "default_referent", sentence, _NO_DEFAULT))
        return None
    phone = _phone(chosen[0])
    return Referent(values["name"], values["email"] or "", table.tab.title, phone=phone)


_NO_DEFAULT = "En attendant, une demande qu'aucune règle n'attribue reste sans référent."
