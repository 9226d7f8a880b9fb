"""Proposes what the columns of a table become, by their headers and by their contents. Pure.

Nothing is invented: what is not understood is left alone, and so is what is about somebody else.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from infra.lists.contents import Profile, profile
from infra.lists.headers import ALONE, SELF, Header, understand
from infra.lists.people import without_title
from infra.lists.sheets import Sheet, as_text
from infra.lists.tables import Column, Records, Table, find_records, find_table
from infra.lists.words import (
    OUR_HEADERS,
    Tokens,
    others,
    self_words,
    synonyms,
    targets,
    tokens,
    word_set,
)
from sheets_schema.schema import vocabulary
from sheets_schema.text import normalise

Confidence = Literal["sure", "ask", "alone"]
# « Commandé le »; neither « Née le » nor « Prévu le »
_DONE_ON = re.compile(
    r"(?<!\bn)(?<!pr[eé]v)(?<!obten)(?<!voul)(?<!souhait)(?<!envisag)"
    r"(?:é|u|it|is)(?:\(?e\)?)?s? le$",
    re.IGNORECASE,
)
_MOST = 0.5  # of the cells of a column: what it mostly is
_NEARLY_ALL = 0.7
_SOME = 0.3
_IDENTITY = ("last_name", "first_name", "phone", "second_phone", "email", "second_email")
_PHONES = {"mobile": 0, "phone": 1, "second_phone": 2, "landline": 3}  # whom to dial first
_EMAILS = {"email": 0, "second_email": 1}
_DATES = ("received_at", "last_contact_on", "remind_on", "settled_on", "date", "contact_date")
_SPLIT: Mapping[str, tuple[str, ...]] = {
    "full_name": ("last_name", "first_name"),
    "postcode_city": ("origin_postcode", "origin_city"),
    "coordinates": ("phone", "email"),
    "follow_up": ("notes",),
}
_WHOSE = {
    "payer": "de qui paie",
    "household": "d'une autre personne du foyer",
    "professional": "d'une personne qui accompagne",
    "organisation": "d'un organisme",
}


@dataclass(frozen=True)
class Choice:
    """What a column becomes: keys of targets, none for a column that is left alone.

    `why` says in French what the confidence rests on.
    """

    column: Column
    targets: tuple[str, ...]
    confidence: Confidence
    why: str


@dataclass(frozen=True)
class Proposal:
    """What a sheet's table becomes.

    `constants` are values for all rows, by target, which the name of the sheet says. `payer` are
    the columns with the names of who paid, whose address then may be another person's.
    """

    table: Table
    records: Records
    choices: tuple[Choice, ...]
    constants: Mapping[str, str]
    payer: tuple[int, ...] = ()

    @property
    def sheet(self) -> Sheet:
        """The sheet of the table."""
        return self.table.sheet

    @property
    def header_row(self) -> int | None:
        """The last row of the header; None without one."""
        return self.table.header[-1] if self.table.header else None


def propose(sheets: Sequence[Sheet], referents: Iterable[str] = ()) -> tuple[Proposal, ...]:
    """A proposal for each sheet in which people stand; a sheet without people has none.

    Args:
        sheets: the sheets of a file.
        referents: the names in Référents, if they are known: a column of them is recognised.
    """
    known = tuple(frozenset(normalise(name).split()) for name in referents)
    proposals = [proposal for sheet in sheets if (proposal := propose_sheet(sheet, known))]
    shapes = [shape(proposal.table) for proposal in proposals]
    return tuple(
        replace(proposal, constants=_of_name(proposal)) if shapes.count(own) > 1 else proposal
        for proposal, own in zip(proposals, shapes, strict=True)
    )


def shape(table: Table) -> tuple[str, ...]:
    """The headers of a table as a key: files of the same origin have the same, in any order."""
    keys = (column.key for column in table.columns)
    return tuple(sorted(key for key in keys if key and key not in OUR_HEADERS))


def propose_sheet(sheet: Sheet, referents: Sequence[Tokens] = ()) -> Proposal | None:
    """A proposal for a sheet; None if no people stand in it. `referents` are words of names."""
    table = find_table(sheet)
    if table is None:
        return None
    choosing = _Choosing(table, referents)
    choices = choosing.choices()
    if not _is_about_people(choices):
        return None
    records = records_of(table, choices)
    return Proposal(table, records, choices, {}, choosing.payer) if records.rows else None


def records_of(table: Table, choices: Iterable[Choice]) -> Records:
    """Which rows of a table are people's, if its columns become this."""
    chosen = {choice.column.index: set(choice.targets) for choice in choices if choice.targets}
    identity = [column for column, keys in chosen.items() if keys & set(_IDENTITY)]
    return find_records(table, identity, chosen)


def _is_about_people(choices: Iterable[Choice]) -> bool:
    """Whether names and something to reach the people, or first names, stand in a table."""
    chosen = {key for choice in choices for key in choice.targets}
    if "first_name" in chosen:
        return True
    if "last_name" in chosen:
        return bool(chosen & {"phone", "email"})
    return "email" in chosen and "organisation" not in chosen  # else a list of organisations


def _of_name(proposal: Proposal) -> dict[str, str]:
    """A status that the name of the sheet says; sheets of the same shape stand for statuses."""
    name = normalise(proposal.sheet.name or "")
    titles = {normalise(title): key for key, title in vocabulary("status").items()}
    status = (titles | dict(synonyms("statuses"))).get(name)
    return {"status": vocabulary("status")[status]} if status else {}


@dataclass(frozen=True)
class _Reading:
    """A column, what its header says, what its cells are, and what both mean together."""

    column: Column
    header: Header
    cells: Profile
    meaning: str | None
    confidence: Confidence
    why: str


class _Choosing:
    """Chooses the targets of a table's columns, which depend on each other."""

    def __init__(self, table: Table, referents: Sequence[Tokens]) -> None:
        self._table, self._referents = table, referents
        self._readings = [self._read(column) for column in table.columns]
        self.payer: tuple[int, ...] = ()

    def _read(self, column: Column) -> _Reading:
        cells = profile(self._table.cells(column.index))
        header = understand(column.path)
        meaning, confidence, why = _meaning(header, cells, has_header=bool(self._table.header))
        return _Reading(column, header, cells, meaning, confidence, why)

    def choices(self) -> tuple[Choice, ...]:
        """What each column becomes, in the order of the table."""
        self._take_payers()
        self._take_others()
        self._take_unnamed()
        self._take_referents()
        self._take_person()
        self._take_children()
        self._settle_names()
        self._settle_places()
        self._settle_dates()
        chosen: dict[int, Choice] = {}
        self._rank(chosen, _PHONES, ("phone", "second_phone"))
        self._rank(chosen, _EMAILS, ("email", "second_email"))
        taken = {key for choice in chosen.values() for key in choice.targets}
        # Of two columns for one target, one that is filled comes first, and one whose header
        # says so in full.
        for reading in sorted(self._readings, key=_rank):
            if reading.column.index not in chosen:
                choice = self._choice(reading, taken)
                chosen[reading.column.index] = choice
                taken |= set(choice.targets)
        return tuple(chosen[index] for index in sorted(chosen))

    def _choice(self, reading: _Reading, taken: set[str]) -> Choice:
        column, meaning = reading.column, reading.meaning or ""
        keys = _SPLIT.get(meaning, (meaning,) if meaning in targets() else ())
        if not keys:
            return Choice(column, (), "alone", reading.why)
        free = tuple(key for key in keys if key == "notes" or key not in taken)
        if free != keys:
            title = targets()[next(key for key in keys if key not in free)].title
            return Choice(column, (), "alone", f"une autre colonne devient déjà « {title} »")
        hidden = column.index in self._table.sheet.hidden_columns
        if hidden:
            return Choice(column, keys, "ask", "colonne masquée")
        return Choice(column, keys, reading.confidence, reading.why)

    def _rank(
        self, chosen: dict[int, Choice], ranks: Mapping[str, int], keys: Sequence[str]
    ) -> None:
        """Give the first and the second column of a kind its target; others are left alone."""
        ours = [reading for reading in self._readings if reading.meaning in ranks]
        ours.sort(key=lambda reading: (ranks[reading.meaning or ""], *_rank(reading)))
        for place, reading in enumerate(ours):
            # A header that is only nearly understood is that of the first, or somebody else's.
            first = reading.meaning in (keys[0], "mobile")
            doubtful = place > 0 and first and not reading.header.exact
            if place >= len(keys) or doubtful:
                why = f"une autre colonne devient déjà « {targets()[keys[0]].title} »"
                chosen[reading.column.index] = Choice(reading.column, (), "alone", why)
            else:
                hidden = reading.column.index in self._table.sheet.hidden_columns
                confidence: Confidence = "ask" if hidden else reading.confidence
                chosen[reading.column.index] = Choice(
                    reading.column, (keys[place],), confidence, reading.why
                )

    def _become(self, reading: _Reading, meaning: str | None, why: str) -> None:
        at = self._readings.index(reading)
        confidence: Confidence = "ask" if meaning else "alone"
        self._readings[at] = replace(reading, meaning=meaning, confidence=confidence, why=why)

    def _having(self, *meanings: str) -> list[_Reading]:
        return [reading for reading in self._readings if reading.meaning in meanings]

    def _take_payers(self) -> None:
        """Take what is known of who paid, where nothing is known of the person.

        Ticket offices ask only the payer for an address. A list of payers alone is one of people.
        """
        payers = [r for r in self._readings if r.header.owner == "payer" and r.header.meaning]
        names = {"last_name", "first_name", "full_name"}
        own_names = self._having(*names)
        for meanings in (names, {"email"}, {"phone", "mobile"}):
            if self._having(*meanings):
                continue
            for reading in payers:
                if reading.header.meaning in meanings:
                    self._become(reading, reading.header.meaning, "de qui a payé, faute d'autre")
        if own_names:
            self.payer = tuple(r.column.index for r in payers if r.header.meaning in names)

    def _take_others(self) -> None:
        """Take somebody else of whom a name is known for the person, if no person's name is.

        « Agent recruté », « Conjointe », « Tél conjointe » is a list of partners. « Nom
        repreneur », « Tél » is one of people who take over: either way there is one to be reached.
        """
        reached = bool(self._having(*_PHONES, *_EMAILS, "contact", "coordinates"))
        if self._having(*_NAMES):
            return
        people: dict[frozenset[str], list[_Reading]] = {}
        for reading in self._readings:
            if reading.header.owner in ("household", "professional"):
                said = {w for w in tokens(reading.column.title) if w in others() or w.isdecimal()}
                if said & word_set("young"):
                    continue
                people.setdefault(frozenset(said), []).append(reading)
        for own in people.values():
            meant = [
                (reading, "full_name" if _is_unsaid_name(reading) else reading.header.meaning)
                for reading in own
            ]
            meanings = {meaning for _, meaning in meant}
            reachable = bool(meanings & {*_PHONES, *_EMAILS})
            if meanings & set(_NAMES) and reachable != reached:
                for reading, meaning in meant:
                    self._become(reading, meaning, "d'une autre personne, faute de celle-ci")
                return

    def _take_unnamed(self) -> None:
        """Recognise by its contents a column whose header says nothing."""
        unnamed = [
            reading
            for reading in self._readings
            if reading.header == Header(None) or not tokens(reading.column.title)
        ]
        for reading in unnamed:
            cells = reading.cells
            if cells.emails >= _NEARLY_ALL and not self._having(*_EMAILS):
                self._become(reading, "email", "des adresses de courriel")
            elif cells.phones >= _NEARLY_ALL and not self._having(*_PHONES):
                self._become(reading, "phone", "des numéros de téléphone")
            elif self._holds_contacts(cells) and not self._having(*_PHONES, *_EMAILS):
                self._become(reading, "coordinates", "des téléphones et des courriels")
            elif self._is_person(reading):
                self._become(reading, "full_name", "des noms et prénoms")
            else:
                self._take_by_words(reading)
        if not self._table.header:
            self._take_without_header()

    def _take_by_words(self, reading: _Reading) -> None:
        """Recognise by its contents a column of towns, of trades or of statuses."""
        cells = reading.cells
        elsewhere = cells.towns >= _NEARLY_ALL and cells.places < _MOST
        for holds, meaning, others_for_it, why in (
            (elsewhere, "origin_city", ("place", "postcode_city"), "des villes"),
            (cells.trades >= _NEARLY_ALL, "occupation", (), "des métiers"),
            (cells.statuses >= _NEARLY_ALL, "status", (), "des statuts"),
            (
                bool(_DONE_ON.search(reading.column.title)) and cells.dates >= _NEARLY_ALL,
                "date",
                ("received_at",),
                "des dates",
            ),
        ):
            if holds and not self._having(meaning, *others_for_it):
                self._become(reading, meaning, why)
                return

    def _holds_contacts(self, cells: Profile) -> bool:
        """Whether phone numbers and addresses stand in a column, of one kind or the other."""
        return min(cells.emails, cells.phones) > 0 and cells.emails + cells.phones >= _NEARLY_ALL

    def _is_person(self, reading: _Reading) -> bool:
        """Whether a column that says who the record is about, « Salarié recruté », holds names."""
        says = set(tokens(reading.column.title)) & self_words()
        return bool(says) and reading.cells.full_names >= _MOST and not self._having(*_NAMES)

    def _take_referents(self) -> None:
        """Take a column in which mostly people of Référents stand, if its header says nothing."""
        for reading in self._readings:
            unsaid = reading.meaning is None and reading.header.meaning in (None, ALONE)
            if not unsaid or not reading.cells.names or self._having("referent"):
                continue
            texts = [as_text(cell) for cell in self._table.cells(reading.column.index)]
            said = [
                words for text in texts if (words := set(normalise(without_title(text)).split()))
            ]
            of_ours = sum(any(words <= name for name in self._referents) for words in said)
            if said and of_ours >= _MOST * len(said):
                self._become(reading, "referent", "des noms de l'onglet Référents")

    def _take_person(self) -> None:
        """Take the first column of different people for the person, where none is said to be.

        « Agent » and « Exploitante » may be the person, or who looks after them.
        """
        # Nobody's name stands in each row: « Contact » may be whom people call.
        names = self._having(*_NAMES)
        repeated = [r for r in names if r.cells.count > 1 and r.cells.distinct <= _MOST]
        if names != repeated or not self._having(*_PHONES, *_EMAILS, "coordinates"):
            return
        for reading in self._readings:
            unsaid = reading.meaning == "referent" or reading.header == Header(None)
            unsaid = unsaid or reading.header == Header(None, "professional")
            cells = reading.cells
            if unsaid and cells.full_names >= _MOST and cells.distinct > _NEARLY_ALL:
                self._become(reading, "full_name", "des noms et prénoms, tous différents")
                for other in repeated:
                    self._become(other, "referent", "des noms qui reviennent")
                return

    def _take_children(self) -> None:
        """Take the number of children, however it is asked: « Tu as des enfants ? Combien ? »."""
        for reading in self._readings:
            about = set(tokens(reading.column.title)) & word_set("young")
            asked = about and reading.header == Header(None, "household")
            if asked and reading.cells.counts >= _NEARLY_ALL and not self._having("children"):
                self._become(reading, "children", "des nombres d'enfants")

    def _take_without_header(self) -> None:
        for reading in [r for r in self._readings if r.meaning is None]:
            cells = reading.cells
            if cells.postcodes >= _NEARLY_ALL and not self._having("origin_postcode"):
                self._become(reading, "origin_postcode", "des codes postaux")
            elif cells.towns_with_postcode >= _NEARLY_ALL:
                self._become(reading, "postcode_city", "des codes postaux et des villes")
            elif cells.full_names >= _MOST and not self._having("full_name"):
                self._become(reading, "full_name", "des noms et prénoms")
            elif cells.first_names >= _MOST and not self._having("first_name", "full_name"):
                self._become(reading, "first_name", "des prénoms")
        self._take_neighbours()

    def _take_neighbours(self) -> None:
        """Without a header, names stand beside first names, and a town beside its postal code."""
        for anchor, meaning, why in (
            ("first_name", "last_name", "à côté des prénoms"),
            ("origin_postcode", "origin_city", "à côté des codes postaux"),
        ):
            for anchored in self._having(anchor):
                beside = [
                    r
                    for r in self._readings
                    if r.meaning is None
                    and abs(r.column.index - anchored.column.index) == 1
                    and r.cells.names >= _NEARLY_ALL
                ]
                # Names differ from row to row; of two candidates the first is meant in France.
                if beside and not self._having(meaning):
                    towns = meaning == "origin_city"
                    best = beside[-1] if towns else max(beside, key=lambda r: r.cells.distinct)
                    self._become(best, meaning, why)

    def _settle_names(self) -> None:
        """Tell names from full names, and a name that stands there twice from the person's own."""
        first_names = self._having("first_name")
        for reading in self._having("full_name"):
            if first_names:
                says_name = {"nom", "name"} & set(normalise(reading.column.title).split())
                last = says_name and not self._having("last_name")
                self._become(reading, "last_name" if last else None, "à côté des prénoms")
            elif self._having("last_name") and reading.cells.full_names < _MOST:
                self._become(reading, None, "une autre colonne est celle des noms")
        named = [r for r in self._having("full_name") if r.cells.full_names >= _MOST]
        for reading in self._having("full_name"):
            if named and reading.cells.count and not reading.cells.full_names:
                self._become(reading, None, "une autre colonne est celle des noms")
        names = self._having("last_name")
        for reading in names:
            born = {"naissance", "fille"} & set(normalise(reading.column.title).split())
            if born and len(names) > 1:
                self._become(reading, None, "une autre colonne dit le nom d'usage")
        for reading in self._having("last_name"):
            alone = not self._having("first_name", "full_name")
            if alone and reading.cells.full_names >= _MOST:
                self._become(reading, "full_name", "des noms et prénoms dans une même cellule")

    def _settle_places(self) -> None:
        for reading in self._having("address"):
            known = self._having("origin_city", "origin_postcode", "postcode_city")
            ends = reading.cells.addresses >= _MOST and not known
            why = "des adresses, avec code postal et ville" if ends else "une adresse"
            self._become(reading, "postcode_city" if ends else None, why)
        for reading in self._having("area"):
            if reading.cells.places >= _SOME:
                taken = self._having("target")
                self._become(reading, None if taken else "target", "des communes du département")
            else:
                self._become(reading, None, "ne nomme pas de communes du département")
        for reading in self._having("place"):
            if not self._having("origin_city", "postcode_city"):
                self._become(reading, "origin_city", "une commune, sans dire laquelle")
            elif not self._having("target") and reading.cells.places >= _MOST:
                self._become(reading, "target", "des communes du département")
            else:
                self._become(reading, None, "une autre colonne est celle des communes")

    def _settle_dates(self) -> None:
        for reading in self._having("when"):
            meaning = "date" if reading.cells.dates >= _SOME else "horizon"
            free = meaning == "date" or not self._having("horizon")
            self._become(reading, meaning if free else None, "dit quand")
        for reading in self._having("contact_date"):
            meaning = "last_contact_on" if self._having("received_at") else "received_at"
            free = not self._having(meaning)
            self._become(reading, meaning if free else None, "une date de contact")
        for reading in self._having("date"):
            free = not self._having("received_at") and reading.cells.days >= _MOST
            self._become(reading, "received_at" if free else None, "une date, sans dire laquelle")


def _rank(reading: _Reading) -> tuple[bool, bool]:
    """What comes first of two columns for the same: a filled one, an exact header."""
    return not reading.cells.count, not reading.header.exact


def _is_unsaid_name(reading: _Reading) -> bool:
    """Whether a header says whose a column is and no more, « Conjointe », over names."""
    return reading.header.meaning is None and reading.cells.full_names >= _MOST


def _meaning(
    header: Header, cells: Profile, *, has_header: bool
) -> tuple[str | None, Confidence, str]:
    """What a column means by its header, if its cells do not speak against it."""
    if header.owner != SELF:
        return None, "alone", f"colonne {_WHOSE[header.owner]}"
    if header.meaning in (None, ALONE):
        if not (header.meaning or cells.count):
            return None, "alone", "colonne vide"
        why = "rien à en prendre" if header.meaning else "en-tête inconnu"
        return None, "alone", why if has_header else "sans en-tête"
    meaning = header.meaning
    if meaning == "needs" and not header.exact and cells.count and not cells.needs:
        return "notes", "ask", "ne nomme pas de besoins"  # « Souhait » over « ferme »
    if not cells.count:
        return meaning, "sure" if header.exact else "ask", "colonne vide"
    for rules in (_INSTEAD, _AGAINST):
        for meanings, holds, instead, why in rules:
            if meaning in meanings and holds(cells):
                return instead, "ask" if instead else "alone", why
    if meaning == "contact":
        return None, "alone", "ni noms, ni téléphones, ni courriels"
    fits = header.exact and _fits(meaning, cells)
    return meaning, "sure" if fits else "ask", "en-tête et contenu" if fits else "d'après l'en-tête"


_NAMES = ("last_name", "first_name", "full_name")
_YES_NO = ("newsletter", "consent", "ambassador_contact")
_TEXTS = ("occupation", "referent", "source", "organisation", "project", "horizon", "status")
# What the cells of a column say against its header, in this order: for which meanings, what holds
# of the cells, what the column means then, why.
_Rule = tuple[tuple[str, ...], Callable[[Profile], bool], str | None, str]
_INSTEAD: tuple[_Rule, ...] = (
    (
        ("contact",),
        lambda c: c.both >= _SOME or (c.emails > 0 and c.phones > 0),
        "coordinates",
        "des téléphones et des courriels",
    ),
    (
        ("contact", "full_name", "address", *_PHONES),
        lambda c: c.emails >= _MOST,
        "email",
        "des adresses de courriel",
    ),
    (
        ("contact", "full_name", *_EMAILS),
        lambda c: c.phones >= _MOST,
        "phone",
        "des numéros de téléphone",
    ),
    (("contact",), lambda c: c.full_names >= _MOST, "full_name", "des noms et prénoms"),
    (("contact",), lambda c: c.days >= _MOST, "contact_date", "des dates"),
    (
        ("origin_city", "place", "origin_postcode"),
        lambda c: c.towns_with_postcode >= _MOST,
        "postcode_city",
        "des codes postaux et des villes",
    ),
    (
        ("origin_city", "place"),
        lambda c: c.postcodes >= _MOST,
        "origin_postcode",
        "des codes postaux",
    ),
    (("follow_up",), lambda c: c.statuses >= _MOST, "status", "des statuts"),
    # « N° à rappeler », « Candidate rencontrée »
    (_DATES, lambda c: c.phones >= _MOST, "phone", "des numéros de téléphone"),
    (_DATES, lambda c: c.full_names >= _MOST, "full_name", "des noms et prénoms"),
    (
        ("full_name",),
        lambda c: (
            c.names >= _MOST
            and c.full_names < _SOME
            and c.several_names < _MOST
            and c.distinct > _SOME
            and c.first_names < _SOME
        ),
        "last_name",
        "des noms seuls",
    ),
    (("area",), lambda c: c.sectors >= _MOST, "sector", "des secteurs d'activité"),
)
_AGAINST: tuple[_Rule, ...] = (
    (
        _NAMES,
        lambda c: c.emails >= _MOST or c.numbers >= _MOST or c.yes_no >= _MOST or c.dates >= _MOST,
        None,
        "ne contient pas de noms",
    ),
    (("full_name",), lambda c: c.names < _SOME, None, "ne contient pas de noms"),
    (
        tuple(_PHONES),
        lambda c: (
            c.phones < _SOME and (c.yes_no >= _MOST or c.dates >= _MOST or c.names >= _NEARLY_ALL)
        ),
        None,
        "ne contient pas de téléphones",
    ),
    (
        tuple(_EMAILS),
        lambda c: c.emails == 0 and c.count > 1,
        None,
        "ne contient pas de courriels",
    ),
    (_DATES, lambda c: c.days == 0, None, "ne contient pas de dates"),
    (
        ("adults", "children", "settled_people"),
        lambda c: c.counts < _MOST,
        None,
        "ne contient pas de nombres",
    ),
    (("profile",), lambda c: c.profiles < _SOME, None, "d'autres profils que les nôtres"),
    (_YES_NO, lambda c: c.yes_no < _SOME, None, "ne contient ni oui ni non"),
    (
        ("status",),
        lambda c: (
            c.other_statuses >= _MOST
            or c.dates >= _MOST
            or (c.yes_no >= _NEARLY_ALL and c.statuses == 0)
        ),
        None,
        "d'autres statuts que ceux du suivi",
    ),
    (
        ("notes", "follow_up", "message"),
        lambda c: c.numbers >= _NEARLY_ALL or c.dates >= _NEARLY_ALL,
        None,
        "ne contient pas de remarques",
    ),
    (
        _TEXTS,
        lambda c: c.emails >= _MOST or c.phones >= _MOST or c.yes_no >= _NEARLY_ALL,
        None,
        "contient autre chose",
    ),
    (
        tuple(meaning for meaning in _TEXTS if meaning != "horizon"),
        lambda c: c.dates >= _NEARLY_ALL,
        None,
        "contient des dates",
    ),
    (
        ("origin_city", "place", "target", "area", "origin_country"),
        lambda c: c.numbers >= _MOST or c.emails >= _MOST or c.yes_no >= _MOST,
        None,
        "ne contient pas de lieux",
    ),
)


def _fits(meaning: str, cells: Profile) -> bool:
    """Whether the cells confirm what the header says."""
    if meaning in _PHONES:
        return cells.phones >= _MOST
    if meaning in _EMAILS:
        return cells.emails >= _MOST
    if meaning in _DATES:
        return cells.days >= _MOST
    if meaning == "status":
        return cells.statuses >= _MOST
    if meaning == "origin_postcode":
        return cells.postcodes >= _MOST
    return meaning not in ("project", "horizon", "consent", "needs", "full_name", "target")
