"""Decides what becomes of each record of a list. Pure."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from functions.shared.request import RequestRow
from infra.lists.contacts import Contact, as_contact, entry_name
from infra.lists.proposing import Proposal
from infra.lists.records import Record, Remark
from infra.lists.sheets import ListError
from sheets_schema.columns import NO
from sheets_schema.contact import parse_phone, phone_region
from sheets_schema.errors import ContactError
from sheets_schema.text import normalise

Fate = Literal["new", "again", "there", "ask", "declined", "refused", "kept"]
FATES: Mapping[Fate, str] = {
    "new": "nouvelle",
    "again": "relance",
    "there": "déjà importée",
    "ask": "à confirmer",
    "declined": "sans accord",
    "refused": "refusée",
    "kept": "gardée",
}


@dataclass(frozen=True)
class Line:
    """What becomes of a row of a list; `row` counts from 1, as the spreadsheet shows it.

    `name` is the name of its entry in the journal. `contact` is the request that it makes, None if
    it makes none. `repeats` is the reference of the same person's request in Demandes, "" for none.
    """

    row: int
    person: str
    fate: Fate
    remarks: tuple[Remark, ...]
    name: str = ""
    contact: Contact | None = None
    repeats: str = ""


@dataclass(frozen=True)
class Context:
    """What decides, beside the list itself.

    `source` and `profile` are for rows that do not say any themselves. `entries` are the names of
    the entries that the journal knows. `people` are the rows of Demandes by each mark of their
    person, see `known_people`. `referents` are the names in Référents. `repeat` says whether a
    person who is there gets another request, rather than a question.
    """

    source: str = ""
    profile: str = ""
    entries: Container[str] = frozenset()
    people: Mapping[str, RequestRow] = field(default_factory=dict)
    referents: Sequence[str] = ()
    repeat: bool = True


def fates(
    read: Sequence[tuple[Proposal, Sequence[Record]]], context: Context
) -> list[tuple[Line, ...]]:
    """What becomes of the records of each sheet of a file.

    Args:
        read: proposals, each with its records.
        context: what else decides.
    """
    seen: dict[str, str] = {}
    return [
        tuple(_line(proposal, record, context, seen) for record in records)
        for proposal, records in read
    ]


def known_people(rows: Sequence[RequestRow]) -> Mapping[str, RequestRow]:
    """Rows of Demandes by the marks of their person; of several rows, the lowest one.

    The marks are the address, the number, and the name with the town.
    """
    known: dict[str, RequestRow] = {}
    for row in rows:
        request = row.request
        keys = ("email", "phone", "last_name", "first_name", "origin_city")
        texts = {key: str(request[key] or "") for key in keys}
        known.update((mark, row) for mark in _marks(texts))
    return known


def _line(proposal: Proposal, record: Record, context: Context, seen: dict[str, str]) -> Line:
    values = record.values
    person = " ".join(values[key] for key in ("first_name", "last_name") if key in values)
    name = entry_name(proposal, record, values.get("source", context.source))
    row = record.row + 1
    place = f"la ligne {row}"
    if proposal.sheet.name:
        place += f" de « {proposal.sheet.name} »"

    def line(
        fate: Fate, sentence: str = "", contact: Contact | None = None, repeats: str = ""
    ) -> Line:
        remarks = (*record.remarks, Remark("", sentence)) if sentence else tuple(record.remarks)
        return Line(row, person, fate, remarks, name, contact, repeats)

    marks = _marks(_with_number(values))
    earlier = next((seen[mark] for mark in marks if mark in seen), None)
    for mark in marks:
        seen.setdefault(mark, place)
    if hopeless := _hopeless(values):
        return line(*hopeless)
    try:
        contact = as_contact(record, context.source, context.profile)
    except ListError as error:
        return line("refused", str(error))
    if name in context.entries:
        return line("there", "Cette ligne est déjà importée : elle ne le sera pas de nouveau.")
    known = next((context.people[mark] for mark in marks if mark in context.people), None)
    repeats = known.request.reference if known else ""
    question = _question(proposal, record, earlier)
    if known:
        where = f"ligne {known.number} de Demandes{f', {repeats}' if repeats else ''}"
        if not question and repeats and context.repeat:
            sentence = f"Déjà en {where} : entrera comme « Relance de {repeats} »."
            return line("again", sentence, contact, repeats)
        question = f"{question} Même personne qu'en {where} ?".strip()
    asked = any(not remark.cell or remark.sentence.endswith("?") for remark in record.remarks)
    return line("ask" if question or asked else "new", question, contact, repeats)


def _hopeless(values: Mapping[str, str]) -> tuple[Fate, str] | None:
    """The fate of a record that makes no request as it stands, and why; None if it may make one."""
    if values.get("consent") == NO:
        return "declined", "Cette personne n'a pas donné son accord : rien n'en est repris."
    if not values.keys() & {"phone", "email"}:
        return "refused", "Ni téléphone, ni courriel lisible : écrivez-en un."
    if not values.keys() & {"last_name", "first_name"}:
        return "refused", "Pas de nom : écrivez-le, une demande en a besoin."
    return None


def _question(proposal: Proposal, record: Record, earlier: str | None) -> str:
    """What is to be asked about a record, beside its remarks; "" if there is nothing."""
    questions = []
    if earlier:
        questions.append(f"Même personne que {earlier} ?")
    if "last_name" not in record.values:
        questions.append("Pas de nom, seulement un prénom : l'écrire comme nom ?")
    if "consent" not in record.values and any("consent" in c.targets for c in proposal.choices):
        questions.append("L'accord de cette personne n'est pas noté : la reprendre quand même ?")
    return " ".join(questions)


def _with_number(values: Mapping[str, str]) -> Mapping[str, str]:
    """The values of a record, with the phone number in E.164 if it can be read."""
    try:
        region = phone_region(values.get("origin_country", ""), values.get("origin_postcode", ""))
        return {**values, "phone": parse_phone(values["phone"], region)}
    except (KeyError, ContactError):
        return values


def _marks(values: Mapping[str, str]) -> list[str]:
    """What a person is recognised by: the address, the number, and the name with the town."""
    marks = [values[key].casefold() for key in ("email", "phone") if values.get(key)]
    if values.get("first_name") and values.get("last_name") and values.get("origin_city"):
        keys = ("last_name", "first_name", "origin_city")
        marks.append(" / ".join(normalise(values[key]) for key in keys))
    return marks
