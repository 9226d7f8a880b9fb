"""What people changed of the workbook's make-up since the plan made it, in their words. Pure.

A column or a choice that a newer version of the schemas adds is no such change.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sheets_schema.schema import VERSION
from sheets_schema.sheet import Sheet
from sheets_schema.tab import Column, column_letter
from sheets_schema.text import quoted
from sheets_schema.wire import Json

_KINDS = {"TEXT": "texte", "DATE": "date", "DATE_TIME": "date et heure", "NUMBER": "nombre"}
_SHOWN = 5  # names in a sentence; the others are counted


@dataclass(frozen=True)
class Drift:
    """Something that is no longer as the system made it: where, and a French sentence."""

    place: str
    sentence: str


def hidden(sheet: Sheet) -> Drift:
    """Somebody hid a tab."""
    return Drift(sheet.tab.title, "Cet onglet a été masqué.")


def gone(sheet: Sheet) -> Drift:
    """Somebody deleted a tab, or gave it another title."""
    return Drift(sheet.tab.title, "Cet onglet a été supprimé, ou il a changé de nom.")


def renamed(sheet: Sheet, column: Column) -> Drift:
    """Somebody typed over a header."""
    place = f"{sheet.tab.title}!{column_letter(sheet.positions[column.key])}{sheet.first}"
    return Drift(place, f"L'en-tête « {sheet.title(column)} » a été renommé ou effacé.")


def columns_gone(sheet: Sheet, columns: Sequence[Column]) -> Iterator[Drift]:
    """Somebody deleted columns, or renamed them without their protection."""
    for column in columns:
        yield Drift(
            sheet.tab.title,
            f"La colonne « {sheet.title(column)} » a été supprimée, ou elle a changé de nom.",
        )


def other_format(sheet: Sheet, column: Column) -> Iterator[Drift]:
    """Somebody gave the cells of a column another kind of number format."""
    kind = _kind(sheet.edges(column)[0])
    if column in sheet.new or kind == column.type.kind:
        return  # rows without a format at the end of the tab are nobody's decision
    now = f", mais « {_KINDS[kind]} »" if kind in _KINDS else ""
    yield Drift(
        _below(sheet, column),
        f"Le format de « {sheet.title(column)} » n'est plus « {_KINDS[column.type.kind]} »{now}.",
    )


def other_choices(
    sheet: Sheet, column: Column, present: Json | None, wanted: Json, version: int
) -> Iterator[Drift]:
    """Somebody changed the dropdown of a column.

    Args:
        sheet: the tab.
        column: the column.
        present: the rule of the column's first cell, as the API returns it.
        wanted: the rule that it should have.
        version: the version of the schemas that made the workbook.
    """
    if column in sheet.new:
        return
    said = f"La liste de choix de « {sheet.title(column)} »"
    place = _below(sheet, column)
    if not present:
        yield Drift(place, f"{said} a été enlevée.")
        return
    there, ours = _values(present), _values(wanted)
    if present["condition"]["type"] != wanted["condition"]["type"]:
        yield Drift(place, f"{said} a été remplacée par une autre règle.")
        return
    if wanted["condition"]["type"] == "ONE_OF_RANGE":
        if there != ours:
            yield Drift(place, f"{said} ne prend plus les noms de l'onglet « Référents ».")
        return
    added = [value for value in there if value not in ours]
    missing = [value for value in ours if value not in there]
    if missing and not added and version < VERSION:
        return  # a newer version may have more choices
    parts = [
        *([f"{names(added)} en plus"] if added else []),
        *([f"{names(missing)} en moins"] if missing else []),
    ]
    if present.get("strict", False) != wanted["strict"]:
        parts.append(
            "elle n'empêche plus d'écrire autre chose"
            if wanted["strict"]
            else "elle empêche d'écrire autre chose"
        )
    yield Drift(place, f"{said} a changé : {' ; '.join(parts) or 'son ordre, ou son apparence'}.")


def unprotected(sheet: Sheet, what: Sequence[str]) -> Drift:
    """Somebody took protections away, or changed whom they stop."""
    s = "s" if len(what) > 1 else ""
    sentence = f"Protection{s} enlevée{s} ou changée{s} : {names(what, quote=False)}."
    return Drift(sheet.tab.title, sentence)


def uncoloured(sheet: Sheet, column: Column, labels: Sequence[str]) -> Drift:
    """Somebody deleted conditional formats."""
    return Drift(
        _below(sheet, column),
        f"Mise en forme conditionnelle enlevée : la couleur de {names(labels)}.",
    )


def regional(wrong: Iterable[str]) -> Drift:
    """Somebody changed the language or the time zone of the spreadsheet."""
    words = {"locale": "la langue", "timeZone": "le fuseau horaire"}
    what = " et ".join(words[key] for key in wrong)
    return Drift("Fichier, Paramètres", f"On a changé {what} du classeur.")


def names(texts: Sequence[str], *, quote: bool = True) -> str:
    """Some names for a sentence, and how many others there are."""
    shown = ", ".join(quoted(text) if quote else text for text in texts[:_SHOWN])
    others = len(texts) - _SHOWN
    return f"{shown} et {others} autre{'s' if others > 1 else ''}" if others > 0 else shown


def _below(sheet: Sheet, column: Column) -> str:
    letter = column_letter(sheet.positions[column.key])
    return f"{sheet.tab.title}!{letter}:{letter}"


def _kind(cell: Json) -> str:
    kind: str = cell.get("userEnteredFormat", {}).get("numberFormat", {}).get("type", "")
    return kind


def _values(rule: Json) -> list[str]:
    values = rule["condition"].get("values", [])
    return [str(value.get("userEnteredValue", "")) for value in values]
