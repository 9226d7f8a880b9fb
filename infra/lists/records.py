"""Reads the records of a list by a mapping: a value is kept or refused, never changed silently.

What cannot be read, and what no column of Demandes is for, goes into Notes as text. Pure.
"""

import functools
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from infra.lists.contents import LONGEST, says_nothing
from infra.lists.days import FRENCH, Order, order_of, read_moment, says_more
from infra.lists.headers import understand
from infra.lists.people import (
    NameOrder,
    is_couple,
    name_order,
    read_emails,
    read_phones,
    read_postcode,
    read_town,
    split_name,
    two_people,
    without_aside,
    without_title,
)
from infra.lists.proposing import Choice, Proposal
from infra.lists.sheets import Cell, as_text
from infra.lists.words import synonyms, targets, word_set
from sheets_schema.columns import NO, YES
from sheets_schema.contact import phone_region
from sheets_schema.errors import CellError
from sheets_schema.schema import vocabulary
from sheets_schema.tab import column_letter, tab
from sheets_schema.territory import territories
from sheets_schema.text import normalise, on_one_line, quoted

_SYNONYMS = {"status": "statuses", "horizon": "horizons", "project": "projects"}
_LIST = {"status": "status", "horizon": "horizon", "project": "project"}
_BEFORE_OTHERS = ("origin_country", "origin_postcode", "origin_city", "last_name", "first_name")
_SOURCE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# « 2 enfants », « 2 (5 et 8 ans) »
_COUNTS = {
    key: re.compile(rf"(\d{{1,2}})\s*(?:{unit})?\.?\s*(\([^()]*\))?", re.IGNORECASE)
    for key, unit in {
        "children": "enf(?:ants?)?",
        "adults": "ad(?:ultes?)?",
        "settled_people": "personnes?|pers",
    }.items()
}
_SPAN = re.compile(r"(?:dans|d ici|sous|environ|in)? ?(\d{1,2}|une?) (mois|ans?|annee|months?)")
_COMMENT = re.compile(r"\s*[(:,;–/]|\s-\s|\s(?=depuis\b|(?:le|au)\s\d)")  # « En cours (RDV le 12) »


@dataclass(frozen=True)
class Remark:
    """Something about a row: the cell (« C5 »; "" for the whole row) and a French sentence."""

    cell: str
    sentence: str


@dataclass(frozen=True)
class Sample:
    """A cell before, and what it becomes."""

    before: str
    after: str


@dataclass
class Record:
    """A row of a list as a request.

    `values` holds texts by target: days as 2026-12-31, moments as 2026-12-31T14:30, phone numbers
    as partners dial them, choices by their titles. `notes` are the lines of Notes. `remarks` say
    what could not be read, or is to be asked.
    """

    row: int
    values: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    samples: dict[int, Sample] = field(default_factory=dict)

    def cells(self) -> dict[str, str]:
        """Cells by column of Demandes, for `Request.from_cells`; what has no column is in Notes."""
        columns = tab("requests")
        cells: dict[str, str] = {}
        for key, text in self.values.items():
            column = targets()[key].column
            if column is None or key == "notes":
                continue
            kind = columns[column].type.name
            if kind in ("date", "date-time"):
                day = datetime.fromisoformat(text).strftime("%d/%m/%Y %H:%M")
                cells[column] = day if kind == "date-time" else day[:10]
            else:
                cells[column] = text
        if self.notes:
            cells["notes"] = "\n".join(self.notes)
        return cells


def read_records(proposal: Proposal, rules: "Rules | None" = None) -> Iterator[Record]:
    """Read each record of a proposal's table, in the order of the sheet.

    Args:
        proposal: the table, its records, and what its columns become.
        rules: what people decided about values; see `Rules`.
    """
    reader = _Reader(proposal, rules or Rules())
    for row in proposal.records.rows:
        yield reader.record(row)


@dataclass(frozen=True)
class Rules:
    """What people decided about the values of a table.

    `orders` says by a column's title which of day and month comes first. `choices` holds the title
    of our choice by target and by normalised text of a cell. `referents` are the names in
    Référents; None if they are not known, so that no name is refused.
    """

    orders: Mapping[str, Order] = field(default_factory=dict)
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    referents: Collection[str] | None = None


class _Reader:
    def __init__(self, proposal: Proposal, rules: Rules) -> None:
        self._proposal, self._rules = proposal, rules
        self._sheet = proposal.sheet
        self._chosen = sorted(
            (choice for choice in proposal.choices if choice.targets),
            key=lambda choice: (choice.targets[0] not in _BEFORE_OTHERS, choice.column.index),
        )
        self._several_notes = sum("notes" in choice.targets for choice in self._chosen) > 1
        self._orders = {c.column.index: self._order(c) for c in self._chosen}
        self._name_orders: dict[int, NameOrder | None] = {
            choice.column.index: name_order(self._cells(choice), choice.column.title)
            for choice in self._chosen
            if choice.targets == ("last_name", "first_name")
        }

    def _cells(self, choice: Choice) -> list[Cell]:
        cells = (self._sheet.cell(row, choice.column.index) for row in self._proposal.records.rows)
        return [cell for cell in cells if not isinstance(cell, str) or len(cell) <= LONGEST]

    def _order(self, choice: Choice) -> Order | None:
        if decided := self._rules.orders.get(normalise(choice.column.title)):
            return decided
        if not any(_type_of(key) in ("date", "date-time") for key in choice.targets):
            return None
        english = set(normalise(choice.column.title).split()) & word_set("english")
        return order_of(self._cells(choice), None if english else FRENCH)

    def record(self, row: int) -> Record:
        """Read a row, and the rows below that go on with it."""
        record = Record(row)
        for choice in self._chosen:
            column = choice.column.index
            cell = self._proposal.table.shown(row, column)
            if as_text(cell):
                self._read(record, choice, cell)
        for below in self._proposal.records.continued.get(row, ()):
            self._continue(record, below)
        for key, text in self._proposal.constants.items():
            record.values.setdefault(key, text)
        self._finish(record)
        self._ask_about_cancelled(record)
        return record

    def _ask_about_cancelled(self, record: Record) -> None:
        """Ask about a row that another column of the list calls cancelled."""
        for choice in self._proposal.choices:
            text = "" if choice.targets else self._sheet.text(record.row, choice.column.index)
            if normalise(text) in word_set("cancelled"):
                place = f"{column_letter(choice.column.index)}{record.row + 1}"
                sentence = f"{choice.column.title} : {quoted(text)}. À reprendre quand même ?"
                record.remarks.append(Remark(place, sentence))

    def _read(self, record: Record, choice: Choice, cell: Cell) -> None:
        before = dict(record.values), len(record.notes)
        column = choice.column
        if says_nothing(cell) and choice.targets[0] not in ("consent", "newsletter"):
            record.samples[column.index] = Sample(as_text(cell), "")
            return
        reading = _Cell(
            record,
            column.title or f"Colonne {column_letter(column.index)}",
            f"{column_letter(column.index)}{record.row + 1}",
            cell,
        )
        if len(as_text(cell)) > LONGEST and not {"notes", "message"} & set(choice.targets):
            reading.refuse("ce texte est trop long pour cette colonne")
        elif self._is_another_payers(record, choice):
            reading.note("de qui a payé, une autre personne")
        elif choice.targets == ("last_name", "first_name"):
            _read_full_name(reading, self._name_orders[column.index])
        elif choice.targets == ("origin_postcode", "origin_city"):
            _read_town(reading)
        elif set(choice.targets) == {"phone", "email"}:
            _read_coordinates(reading)
        else:
            for key in choice.targets:
                self._read_value(reading, key, self._orders[column.index])
        new = [
            shown_as(key, text) for key, text in record.values.items() if before[0].get(key) != text
        ]
        record.samples[column.index] = Sample(
            as_text(cell), " · ".join(new + [f"Notes : {t}" for t in record.notes[before[1] :]])
        )

    def _read_value(self, reading: "_Cell", key: str, order: Order | None) -> None:
        if key in ("phone", "second_phone"):
            _read_phones(reading, key)
        elif key in ("email", "second_email"):
            _read_emails(reading, key)
        elif _type_of(key) in ("date", "date-time"):
            _read_day(reading, key, order, since_1904=self._sheet.since_1904)
        elif key == "notes":
            text = as_text(reading.cell)
            reading.add_note(f"{reading.title} : {text}" if self._several_notes else text)
        elif key == "referent" and self._rules.referents is not None:
            names = {normalise(name): name for name in self._rules.referents}
            reading.keep_or_note(
                key,
                names.get(normalise(as_text(reading.cell))),
                "n'est pas dans l'onglet Référents",
            )
        elif key in _READERS:
            _READERS[key](reading, key)
        else:
            self._read_choice_or_text(reading, key)

    def _read_choice_or_text(self, reading: "_Cell", key: str) -> None:
        text = as_text(reading.cell)
        decided = self._rules.choices.get(key, {}).get(normalise(text))
        if decided is not None:
            reading.keep_or_note(key, decided or None, "gardé en note, comme décidé")
            return
        column = tab("requests")[targets()[key].column or "notes"]
        if key in _LIST and (meant := _choice_meant(key, text)):
            reading.keep(key, vocabulary(_LIST[key])[meant])
            if meant != _choice_of(key, text):
                reading.add_note(f"{reading.title} : {text}")
            return
        if key in _COUNTS and (count := _COUNTS[key].fullmatch(text)):
            if count[2]:
                reading.add_note(f"{reading.title} : {text}")
            text = count[1]
        try:
            value = column.type.format(column.type.parse(text))
        except CellError as error:
            choices = vocabulary(key).values() if key in _LIST else column.type.choices
            said = f"{quoted(text)} n'est pas un choix de « {column.title} »" if choices else error
            reading.refuse(str(said))
            return
        shown = as_text(value)
        least, most = column.bounds
        if isinstance(value, float) and not least <= value <= most:
            reading.refuse(f"{quoted(shown)} est hors limites")
        elif column.max_length and len(shown) > column.max_length:
            reading.refuse(f"ce texte a plus de {column.max_length} caractères")
        else:
            reading.keep(key, shown)

    def _is_another_payers(self, record: Record, choice: Choice) -> bool:
        """Whether a contact is that of who paid, and the record's person is somebody else."""
        if understand(choice.column.path).owner != "payer" or not self._proposal.payer:
            return False
        payer = {
            word
            for column in self._proposal.payer
            for word in normalise(self._sheet.text(record.row, column)).split()
        }
        own = normalise(
            f"{record.values.get('last_name', '')} {record.values.get('first_name', '')}"
        )
        return bool(payer) and payer != set(own.split())

    def _continue(self, record: Record, row: int) -> None:
        """Add what a row below says: it has no name of its own, so it is about the same person."""
        texts = [
            f"{choice.column.title} : {text}"
            for choice in sorted(self._chosen, key=lambda choice: choice.column.index)
            if (text := self._sheet.text(row, choice.column.index))
        ]
        record.notes.append(f"Ligne {row + 1} : {' ; '.join(texts)}")

    def _finish(self, record: Record) -> None:
        for first, second in (("phone", "second_phone"), ("email", "second_email")):
            if second in record.values and first not in record.values:
                record.values[first] = record.values.pop(second)
            if record.values.get(first) == record.values.get(second):
                record.values.pop(second, None)
        for key in (key for key in record.values if targets()[key].column is None):
            record.notes.append(f"{targets()[key].name} : {record.values[key]}")
        _tell_two_people(record)
        most = tab("requests")["notes"].max_length or 0
        if len("\n".join(record.notes)) > most:
            record.remarks.append(
                Remark("", f"Les notes dépassent {most} caractères : raccourcissez-les.")
            )


class _Cell:
    """A cell that is being read into a record."""

    def __init__(self, record: Record, title: str, place: str, cell: Cell) -> None:
        self.record, self.title, self.place, self.cell = record, title, place, cell

    def keep(self, key: str, text: str) -> None:
        """Keep a value; a second value for the same target goes into Notes."""
        if self.record.values.setdefault(key, text) != text:
            self.add_note(f"{self.title} : {text}")

    def keep_or_note(self, key: str, text: str | None, why: str) -> None:
        """Keep a value, or the cell's text in Notes if there is none."""
        if text:
            self.keep(key, text)
        else:
            self.refuse(f"{quoted(as_text(self.cell))} {why}")

    def refuse(self, sentence: str) -> None:
        """Keep the cell's text in Notes, and say why it is not where it should be."""
        self.add_note(f"{self.title} : {as_text(self.cell)}")
        self.record.remarks.append(Remark(self.place, f"{self.title} : {sentence}. Gardé en note."))

    def note(self, about: str) -> None:
        """Keep the cell's text in Notes, and say there what it is."""
        self.add_note(f"{self.title} ({about}) : {as_text(self.cell)}")
        self.record.remarks.append(Remark(self.place, f"{self.title} : {about}. Gardé en note."))

    def add_note(self, text: str) -> None:
        """Add a line to Notes."""
        self.record.notes.append(text)


def shown_as(key: str, text: str) -> str:
    """A value of a record as people read it: a day as 31/12/2026."""
    if _type_of(key) not in ("date", "date-time"):
        return text
    return as_text(datetime.fromisoformat(text))


def _type_of(key: str) -> str:
    column = targets()[key].column
    return tab("requests")[column].type.name if column else "text"


def _choice_of(key: str, text: str) -> str | None:
    """Our choice that a text says, by its title or by another word; None if it says none."""
    said = normalise(text)
    return _words_of_choices(key).get(said) or (_horizon(said) if key == "horizon" else None)


def _horizon(said: str) -> str | None:
    """The horizon that a span from now says, « dans 6 mois »; None if it is none."""
    match = _SPAN.fullmatch(said)
    if not match:
        return None
    months = (1 if match[1].isalpha() else int(match[1])) * (12 if match[2].startswith("an") else 1)
    limits = {3: "within_3_months", 6: "within_6_months", 12: "within_12_months"}
    return next((key for most, key in limits.items() if months <= most), "later")


@functools.cache
def _words_of_choices(key: str) -> Mapping[str, str]:
    titles = {normalise(title): value for value, title in vocabulary(_LIST[key]).items()}
    return titles | dict(synonyms(_SYNONYMS[key]))


def _choice_meant(key: str, text: str) -> str | None:
    """Our choice that a text says, a remark behind it or not; None if it says two."""
    first, *rest = _COMMENT.split(text, maxsplit=1)
    two = rest and _choice_of(key, rest[0].rstrip(")"))
    return _choice_of(key, text) or (None if two else _choice_of(key, first))


def _region(record: Record) -> str | None:
    values = record.values
    return phone_region(values.get("origin_country", ""), values.get("origin_postcode", ""))


def _read_phones(reading: _Cell, key: str) -> None:
    numbers, left = read_phones(reading.cell, _region(reading.record))
    for place, number in zip((key, "second_phone"), numbers, strict=False):
        reading.keep(place, number)
    for number in numbers[2:]:
        reading.add_note(f"{reading.title} : {number}")
    if left:
        why = "n'est pas lisible en entier" if numbers else "n'est pas un numéro de téléphone"
        reading.refuse(f"{quoted(left)} {why}")


def _read_emails(reading: _Cell, key: str) -> None:
    addresses, left = read_emails(reading.cell)
    for place, address in zip((key, "second_email"), addresses, strict=False):
        reading.keep(place, address)
    for address in addresses[2:]:
        reading.add_note(f"{reading.title} : {address}")
    if left:
        reading.refuse(f"{quoted(left)} n'est pas une adresse de courriel")


def _read_coordinates(reading: _Cell) -> None:
    """Read phone numbers and addresses that stand in one cell."""
    text = as_text(reading.cell)
    words = re.split(r"[\s;,|<>()]+|(?<=\D)/|/(?=\D)", text)
    addresses = [word for word in words if "@" in word]
    rest = text
    for address in addresses:
        rest = rest.replace(address, " ")
    emails, wrong = read_emails(" ; ".join(addresses))
    numbers, left = read_phones(rest.strip(" ;,/|-–\n") or None, _region(reading.record))
    for place, value in (
        *zip(("email", "second_email"), emails, strict=False),
        *zip(("phone", "second_phone"), numbers, strict=False),
    ):
        reading.keep(place, value)
    if wrong or left or len(emails) > 2 or len(numbers) > 2:  # noqa: PLR2004
        reading.refuse(f"{quoted(text)} n'est pas lisible en entier")


def _read_day(reading: _Cell, key: str, order: Order | None, *, since_1904: bool) -> None:
    moment = read_moment(reading.cell, order, since_1904=since_1904)
    if moment is None or not 2000 <= moment.year < 2100:  # noqa: PLR2004
        reading.refuse(f"{quoted(as_text(reading.cell))} n'est pas un jour certain")
        return
    has_time = _type_of(key) == "date-time" and (moment.hour or moment.minute)
    shown = moment.isoformat(timespec="minutes")
    reading.keep(key, shown if has_time else shown[:10])
    if says_more(reading.cell):
        reading.add_note(f"{reading.title} : {as_text(reading.cell)}")


def _read_name(reading: _Cell, key: str) -> None:
    text = on_one_line(as_text(reading.cell))
    shown = without_title(text) if key == "last_name" else text
    if key == "last_name" and is_couple(text):
        _tell_of_two(reading.record, text)
    limit = tab("requests")[key].max_length or len(shown)
    reading.keep_or_note(key, shown if len(shown) <= limit else None, "est trop long pour un nom")


def _read_full_name(reading: _Cell, order: NameOrder | None) -> None:
    text = on_one_line(as_text(reading.cell))
    name = split_name(text, order)
    people = [split_name(part, order) for part in two_people(without_aside(text))]
    if name is None and len(people) > 1 and people[0] and people[1]:
        name = people[0]
        _tell_of_two(reading.record, text)
    elif is_couple(text):
        if name:
            _tell_of_two(reading.record, text)
    elif without_aside(text) != text.rstrip(" *•"):
        reading.add_note(f"{reading.title} : {text}")
    if name is None:
        _read_name(reading, "last_name")
        reading.record.remarks.append(
            Remark(reading.place, f"{quoted(text)} : où est le nom, où est le prénom ?")
        )
        return
    reading.keep("last_name", name[0])
    reading.keep("first_name", name[1])


def _read_town(reading: _Cell) -> None:
    town, postcode, lost = read_town(as_text(reading.cell))
    if postcode:
        reading.keep("origin_postcode", postcode)
    if town:
        reading.keep("origin_city", town)
    if lost:
        reading.add_note(f"{reading.title} : {lost}")


def _read_city(reading: _Cell, key: str) -> None:
    del key
    _read_town(reading)


def _read_postcode(reading: _Cell, key: str) -> None:
    country = reading.record.values.get("origin_country", "")
    code = read_postcode(reading.cell, country)
    if code is None and not country and re.match(r"\d", as_text(reading.cell)):
        town, postcode, lost = read_town(as_text(reading.cell))
        if postcode and not lost:
            reading.keep(key, postcode)
            reading.keep("origin_city", town)
            return
    reading.keep_or_note(key, code, "n'est pas un code postal certain")


def _read_target(reading: _Cell, key: str) -> None:
    text = on_one_line(as_text(reading.cell).replace("\n", ", "))
    official = territories()
    try:
        target = official.parse(text)
    except CellError as error:
        reading.refuse(str(error))
        return
    reading.keep(key, official.format(target))


def _read_yes_no(reading: _Cell, key: str) -> None:
    said = normalise(as_text(reading.cell))
    answer = YES if said in word_set("yes") else NO if said in word_set("no") else None
    reading.keep_or_note(key, answer, "n'est ni Oui ni Non")


def _read_source(reading: _Cell, key: str) -> None:
    """A source is written without spaces and accents, as in the settings of the form."""
    slug = "-".join(normalise(as_text(reading.cell)).split())
    reading.keep_or_note(key, slug if is_source(slug) else None, "ne peut pas être une source")


def is_source(text: str) -> bool:
    """Whether a text can stand in the column Source."""
    limit = tab("requests")["source"].max_length or len(text)
    return bool(_SOURCE.fullmatch(text)) and len(text) <= limit


def _read_plain(reading: _Cell, key: str) -> None:
    reading.keep(key, on_one_line(as_text(reading.cell)))


_READERS: Mapping[str, Callable[[_Cell, str], None]] = {
    **dict.fromkeys(("last_name", "first_name"), _read_name),
    **dict.fromkeys(("newsletter", "consent", "ambassador_contact"), _read_yes_no),
    "origin_city": _read_city,
    "origin_postcode": _read_postcode,
    "target": _read_target,
    "source": _read_source,
    "organisation": _read_plain,
}


def _tell_two_people(record: Record) -> None:
    """Keep the second of two people in Notes: a row is one person's."""
    names = {key: two_people(record.values.get(key, "")) for key in ("last_name", "first_name")}
    if max(map(len, names.values())) < 2:  # noqa: PLR2004
        return
    both = " ".join(record.values.get(key, "") for key in ("first_name", "last_name")).strip()
    for key, parts in names.items():
        if parts:
            record.values[key] = parts[0]
    _tell_of_two(record, both)


def _tell_of_two(record: Record, both: str) -> None:
    record.notes.append(f"Deux personnes dans la liste : {both}")
    record.remarks.append(
        Remark(
            "",
            f"Deux personnes sur la même ligne ({quoted(both)}) : la première est reprise, "
            "les deux noms sont en note.",
        )
    )
