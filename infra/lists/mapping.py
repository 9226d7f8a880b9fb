"""The mapping file: what people decided about the columns of their lists, to be read and edited.

It remembers a table by the shape of its headers, so that the next file of the same origin needs no
question. It holds headers and words of choices, and nobody's data.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from infra.lists.days import AMERICAN, FRENCH, Order
from infra.lists.proposing import Choice, Proposal, records_of, shape
from infra.lists.records import Rules
from infra.lists.sheets import ListError, as_text
from infra.lists.tables import Table
from infra.lists.words import Target, synonyms, target_called, targets
from sheets_schema.schema import vocabulary
from sheets_schema.tab import column_letter
from sheets_schema.text import normalise, quoted

VERSION = 1
_CHOICES = {"status": "statuses", "horizon": "horizons", "project": "projects"}
_ORDERS: Mapping[str, Order] = {"jour/mois": FRENCH, "mois/jour": AMERICAN}
_MOST_WORDS, _LONGEST_WORD = 20, 40  # of a column of choices; what is longer is free text

Entry = dict[str, Any]


def read_mapping(path: Path) -> list[Entry]:
    """The tables that a mapping file knows; none if there is no file.

    Raises:
        ListError: the file is not JSON, or not of this version; the sentence says where.
    """
    if not path.is_file():
        return []
    try:
        content = json.loads(path.read_text("utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ListError(f"{path.name} n'est pas du JSON lisible : {error}.") from error
    if not isinstance(content, dict) or content.get("version") != VERSION:
        raise ListError(
            f"{path.name} n'est pas un fichier de correspondances de la version {VERSION} "
            f'(« "version": {VERSION} » en tête).'
        )
    tables = content.get("tableaux")
    if not isinstance(tables, list) or not all(isinstance(entry, dict) for entry in tables):
        raise ListError(f"{path.name} : « tableaux » doit être une liste de tableaux.")
    return tables


def written(tables: Sequence[Entry]) -> str:
    """The text of a mapping file."""
    content = {"version": VERSION, "tableaux": list(tables)}
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def remember(tables: Sequence[Entry], name: str, proposals: Iterable[Proposal]) -> list[Entry]:
    """The tables of a mapping file, and those of a file that it does not know yet."""
    known = [entry.get("en-têtes") for entry in tables]
    by_shape: dict[tuple[str, ...], list[Proposal]] = {}
    for proposal in proposals:
        by_shape.setdefault(shape(proposal.table), []).append(proposal)
    new = [_entry(name, same) for own, same in by_shape.items() if list(own) not in known]
    return [*tables, *new]


def _entry(name: str, same: Sequence[Proposal]) -> Entry:
    """What a mapping file says of the tables of a file that have the same headers."""
    proposal = same[0]
    keys = column_names(proposal.table)
    words: dict[str, dict[str, str | None]] = {}
    for sheet in same:
        for choice in sheet.choices:
            if len(choice.targets) == 1 and choice.targets[0] in _CHOICES:
                title = targets()[choice.targets[0]].title
                words.setdefault(title, {}).update(_words(sheet, choice))
    return {
        "vu dans": name,
        "en-têtes": list(shape(proposal.table)),
        "colonnes": {
            keys[choice.column.index]: _titles(choice.targets) for choice in proposal.choices
        },
        "dates": {},
        "valeurs": {title: meant for title, meant in words.items() if meant},
        "toutes les lignes": {},
    }


def _titles(keys: Sequence[str]) -> str | list[str] | None:
    titles = [targets()[key].title for key in keys]
    return titles[0] if len(titles) == 1 else titles or None


def _words(proposal: Proposal, choice: Choice) -> dict[str, str | None]:
    """Each word of a column of choices with our choice; None if it is not known."""
    key, column = choice.targets[0], choice.column.index
    texts = dict.fromkeys(
        text for row in proposal.records.rows if (text := proposal.sheet.text(row, column))
    )
    if len(texts) > _MOST_WORDS or any(len(text) > _LONGEST_WORD for text in texts):
        return {}
    titles = vocabulary(key)
    ours = {normalise(title): title for title in titles.values()}
    ours |= {word: titles[value] for word, value in synonyms(_CHOICES[key]).items()}
    return {text: ours.get(normalise(text)) for text in texts}


def column_names(table: Table) -> dict[int, str]:
    """How a mapping file calls each column: by its headers, or by its letter if it has none."""
    names: dict[int, str] = {}
    for column in table.columns:
        name = column.title or f"Colonne {column_letter(column.index)}"
        count = sum(other == name or other.startswith(f"{name} (n° ") for other in names.values())
        names[column.index] = f"{name} (n° {count + 1})" if count else name
    return names


def decided(
    tables: Sequence[Entry], proposal: Proposal, source: str
) -> tuple[Proposal, Rules | None]:
    """A proposal as the mapping file wants it, and the rules for its values; None without entry.

    Args:
        tables: the tables that the file knows.
        proposal: what the program proposes.
        source: the name of the mapping file, for sentences.

    Raises:
        ListError: the file names a target that there is not.
    """
    own = list(shape(proposal.table))
    entry = next((entry for entry in tables if entry.get("en-têtes") == own), None)
    if entry is None:
        return proposal, None
    names = column_names(proposal.table)
    columns = _section(entry, "colonnes", source)
    choices = tuple(
        _decided(choice, columns[names[choice.column.index]], source)
        if names[choice.column.index] in columns
        else choice
        for choice in proposal.choices
    )
    constants = dict(proposal.constants) | {
        _target(title, source).key: as_text(text)
        for title, text in _section(entry, "toutes les lignes", source).items()
    }
    constants = {key: text for key, text in constants.items() if text}
    records = records_of(proposal.table, choices)
    return replace(proposal, choices=choices, constants=constants, records=records), Rules(
        orders={
            normalise(title): _order(said, source)
            for title, said in _section(entry, "dates", source).items()
        },
        choices={
            _target(title, source).key: {
                normalise(str(word)): as_text(meant) for word, meant in words.items()
            }
            for title, words in _section(entry, "valeurs", source).items()
            if isinstance(words, dict)
        },
    )


def _section(entry: Entry, name: str, source: str) -> dict[str, Any]:
    section = entry.get(name) or {}
    if not isinstance(section, dict):
        raise ListError(f"{source} : « {name} » doit être une liste de « en-tête »: « cible ».")
    return section


def _decided(choice: Choice, said: object, source: str) -> Choice:
    titles = said if isinstance(said, list) else [said] if said else []
    keys = tuple(_target(title, source).key for title in titles)
    why = f"décidé dans {source}"
    return replace(choice, targets=keys, confidence="sure" if keys else "alone", why=why)


def _target(title: object, source: str) -> Target:
    target = target_called(str(title))
    if target:
        return target
    names = [target.title for target in targets().values()]
    close = get_close_matches(str(title), names, n=1, cutoff=0.5)
    hint = f" Vouliez-vous dire « {close[0]} » ?" if close else ""
    raise ListError(
        f"{source} : {quoted(str(title))} n'est pas une colonne de Demandes.{hint} "
        "Pour laisser une colonne de côté, écrivez null."
    )


def _order(said: object, source: str) -> Order:
    order = _ORDERS.get(str(said))
    if order is None:
        raise ListError(f"{source} : {quoted(str(said))} ; écrivez « jour/mois » ou « mois/jour ».")
    return order
