"""The filter views of Demandes that the system keeps: which there are, and what each one shows.

Pure. A filter view is a named filter that each person switches on for themselves, and that a link
can name. People's own views are never touched. A view is ours if its id is the one that its title
gives, see `view_id`; so a view of ours that somebody renames is theirs from then on.
"""

import functools
import json
import unicodedata
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sheets_schema.columns import YES, Cell, as_text
from sheets_schema.errors import CellError
from sheets_schema.schema import CLOSED_STATUSES, UNCONTACTED, vocabulary
from sheets_schema.tab import Grid, Positions, cell_at, column_letter, find_columns, tab
from sheets_schema.territory import Epci, territories
from sheets_schema.text import normalise
from sheets_schema.wire import Json, a1

TO_CONTACT, WITHOUT_REFERENT, TO_REMIND, TO_CORRECT = (
    "À contacter",
    "Sans référent",
    "À relancer",
    "À corriger",
)
OWN_FIELDS = "range,filterSpecs"  # of a view; its order and its look are people's
MOST_REFERENTS = 100  # who get a view; a list of more is of no use to anybody
_FIRST_ID, _IDS = 1_000_000_000, 1_000_000_000  # ids are positive and have 31 bits


@dataclass(frozen=True)
class View:
    """One filter view: its title, and the FilterCriteria of each column that it filters by."""

    title: str
    criteria: Mapping[str, Json]


def view_id(title: str) -> int:
    """The id of our view with that title, so that a link needs no look into the workbook."""
    return _FIRST_ID + zlib.crc32(title.encode()) % _IDS


def view_link(sheet_id: int, title: str) -> str:
    """The fragment of an address that opens Demandes, whose sheetId is given, in one of our views.

    If the view does not exist (yet), the link opens the tab.
    """
    return f"#gid={sheet_id}&fvid={view_id(title)}"


def referent_title(name: str) -> str:
    """The title of the view of a referent's requests."""
    return f"Suivi par {name}"


def active_referents(referents: Grid) -> list[str]:
    """The names of the people in Référents who get requests, in the order of their rows.

    A row counts whatever else is wrong in it, unless its name is too long for one. If the tab
    lacks the column of names, nobody counts.
    """
    positions, _, _ = find_columns(tab("referents"), referents[0] if referents else [])
    if "name" not in positions:
        return []
    names: dict[str, str] = {}
    for row in referents[1:]:
        name = as_text(cell_at(row, positions["name"]))
        # A name that begins with = would become a formula in the view.
        if not name or name.startswith("=") or name != tab("referents")["name"].fitting(name):
            continue
        if not _says_no(cell_at(row, positions.get("active"))):
            names.setdefault(normalise(name), name)
    return list(names.values())


def _says_no(cell: Cell) -> bool:
    try:
        return bool(as_text(cell)) and not tab("referents")["active"].type.parse(cell)
    except CellError:
        return False


def wanted_views(
    requests: Positions, to_check: Positions, referents: Sequence[str], first: int = 1
) -> list[View]:
    """All our views: of what waits, then by intercommunalité, then by referent.

    A view that filters by a column that is not there is left out.

    Args:
        requests: where the columns of Demandes stand, 0-based; formulas name them by letter.
        to_check: where the columns of À vérifier stand.
        referents: the names of the people who get requests.
        first: the 0-based row below the header of Demandes.
    """
    views = [
        View(
            TO_CONTACT,
            {"status": _hidden_statuses(shown=UNCONTACTED), "last_name": _condition("NOT_BLANK")},
        ),
        View(
            WITHOUT_REFERENT,
            {
                "referent": _condition("BLANK"),
                "status": _OPEN,
                "last_name": _condition("NOT_BLANK"),
            },
        ),
        View(
            TO_REMIND,
            {
                "remind_on": {
                    "condition": {"type": "DATE_BEFORE", "values": [{"relativeDate": "TOMORROW"}]}
                },
                "status": _OPEN,
            },
        ),
        *_to_correct(requests, to_check, first),
        *_by_epci(requests, first),
        *(
            View(referent_title(name), {"referent": _condition("TEXT_EQ", name)})
            for name in referents[:MOST_REFERENTS]
        ),
    ]
    return [view for view in views if view.criteria.keys() <= requests.keys()]


def filter_views(
    views: Sequence[View], sheet_id: int, positions: Positions, top: int = 0
) -> list[Json]:
    """Views as FilterView resources: each filters the whole tab, whatever grows in it.

    `top` is the 0-based row of the header; rows above it are always shown.
    """
    return [
        {
            "filterViewId": view_id(view.title),
            "title": view.title,
            "range": {"sheetId": sheet_id, "startRowIndex": top, "startColumnIndex": 0},
            "filterSpecs": sorted(
                (
                    {"columnIndex": positions[key], "filterCriteria": criteria}
                    for key, criteria in view.criteria.items()
                ),
                key=lambda spec: spec["columnIndex"],
            ),
        }
        for view in views
    ]


def view_requests(
    present: Sequence[Json], wanted: Sequence[Json], size: tuple[int, int]
) -> list[Json]:
    """The batchUpdate requests that make our views what they should be; none if they are.

    Views whose order or look somebody changed keep it. Where a person has a view of the same title,
    or gave another title to one of ours, we make none.

    Args:
        present: the FilterView resources of Demandes.
        wanted: what `filter_views` makes.
        size: how many rows and columns the grid has; the API may name the end of an open range.
    """
    by_id = {view["filterViewId"]: view for view in present}
    titles = {view.get("title", "") for view in present if not _is_ours(view)}
    kept = {view["filterViewId"] for view in wanted}
    requests: list[Json] = [
        {"deleteFilterView": {"filterId": number}}
        for number, view in by_id.items()
        if _is_ours(view) and number not in kept
    ]
    for view in wanted:
        there = by_id.get(view["filterViewId"])
        if there is None:
            if view["title"] not in titles:
                requests.append({"addFilterView": {"filter": view}})
        elif _is_ours(there) and not _same(there, view, size):
            update = {"filter": view, "fields": OWN_FIELDS}
            requests.append({"updateFilterView": update})
    return requests


def _is_ours(view: Json) -> bool:
    return bool(view["filterViewId"] == view_id(view.get("title", "")))


def _same(present: Json, wanted: Json, size: tuple[int, int]) -> bool:
    top = wanted["range"]["startRowIndex"]
    return _covers_all(present.get("range", {}), top, size) and _essence(present) == _essence(
        wanted
    )


def _covers_all(cells: Json, top: int, size: tuple[int, int]) -> bool:
    starts = cells.get("startRowIndex", 0), cells.get("startColumnIndex", 0)
    ends = cells.get("endRowIndex", size[0]), cells.get("endColumnIndex", size[1])
    return starts == (top, 0) and ends >= size and ends[1] >= size[1]


def _essence(view: Json) -> dict[int, str]:
    """What a view filters by, by column, in a form that can be compared.

    The order of hidden values does not count. Neither do blanks in a formula, nor its separators,
    which the API may return in the spelling of the spreadsheet's language.
    """
    return {
        spec.get("columnIndex", 0): _comparable(spec.get("filterCriteria", {}))
        for spec in view.get("filterSpecs", [])
    }


def _comparable(criteria: Json) -> str:
    condition = criteria.get("condition", {})
    values = [json.dumps(value, sort_keys=True) for value in condition.get("values", [])]
    if condition.get("type") == "CUSTOM_FORMULA":
        values = ["".join(value.split()).replace(";", ",") for value in values]
    return json.dumps([sorted(criteria.get("hiddenValues", [])), condition.get("type"), values])


def _condition(kind: str, *values: str) -> Json:
    condition: Json = {"type": kind}
    if values:
        condition["values"] = [{"userEnteredValue": value} for value in values]
    return {"condition": condition}


def _hidden_statuses(*, shown: Sequence[str]) -> Json:
    """Hide rows by their status; people can change that in a list of all statuses."""
    return {
        "hiddenValues": [title for key, title in vocabulary("status").items() if key not in shown]
    }


_OPEN = _hidden_statuses(shown=[key for key in vocabulary("status") if key not in CLOSED_STATUSES])
_CHECKED = ("status", "project")  # choices, and dates, that a person may have written anew
_DATED = ("received_at", "assigned_at", "remind_on", "last_contact_on")


def _to_correct(requests: Positions, to_check: Positions, first: int) -> Iterator[View]:
    """The requests that an open line of À vérifier names, and those with a cell nobody can read.

    A row that has a name and no reference yet lacks something, or was typed a minute ago.
    """
    if not {"reference", *_CHECKED, *_DATED} <= requests.keys():
        return
    if not {"place", "done"} <= to_check.keys():
        return

    def lines(key: str) -> str:
        letter = column_letter(to_check[key])
        return f"INDIRECT({_text(a1(tab('to_check').title, f'{letter}2:{letter}'))})"

    reference, place = _cell(requests, "reference", first), lines("place")
    faults = [
        f'{reference}=""',
        f"COUNTIFS({place};{reference})>COUNTIFS({place};{reference};{lines('done')};{_text(YES)})",
    ]
    for key in _CHECKED:
        choices = "|".join(map(_escaped, tab("requests")[key].type.choices))
        cell = _cell(requests, key, first)
        known = f"REGEXMATCH(TO_TEXT({cell});{_text(f'(?i)^({choices})$')})"
        faults.append(f'AND({cell}<>"";NOT({known}))')
    faults += [f"ISTEXT({_cell(requests, key, first)})" for key in _DATED]
    formula = f"=OR({';'.join(faults)})"
    yield View(
        TO_CORRECT,
        {"reference": _condition("CUSTOM_FORMULA", formula), "last_name": _condition("NOT_BLANK")},
    )


def _by_epci(requests: Positions, first: int) -> Iterator[View]:
    """The requests that name an intercommunalité or one of its communes, whatever the spelling."""
    if "target" not in requests:
        return
    cell = _cell(requests, "target", first)
    for epci in territories().epcis.values():
        formula = f"=REGEXMATCH(TO_TEXT({cell});{_text(_names(epci))})"
        yield View(epci.name, {"target": _condition("CUSTOM_FORMULA", formula)})


@functools.cache
def _names(epci: Epci) -> str:
    """A regular expression for a list that names an intercommunalité or one of its communes.

    A name is an item of the list, perhaps with a postal code. As a part of a longer text it might
    be a word: a former commune is called Vers.
    """
    communes = [item for item in territories().communes.values() if item.epci == epci.code]
    names = [epci.name, epci.label, *epci.aliases]
    names += [name for item in communes for name in (item.name, *item.former_names)]
    any_spelling = "|".join(dict.fromkeys(map(_any_spelling, names)))
    title = r"((cc|communauté de communes|ca|communauté d'agglomération)\s+(de la |de |du |des )?)?"
    start, end = (
        rf"(^|[,;/\n]|\bet\b)\s*(\d{{5}}\s+)?{title}",
        r"(\s*[(]\d{5}[)])?\s*($|[,;/\n]|\bet\b)",
    )
    return f"(?i){start}({any_spelling}){end}"


def _any_spelling(name: str) -> str:
    """A regular expression for a name, with or without its accents, hyphens and apostrophes."""
    parts = []
    for letter in name:
        plain = unicodedata.normalize("NFD", letter)[0]
        if not letter.isalnum():
            parts.append("[-'’ ]" if letter in "-'’ " else f"[{letter}]")
        else:
            parts.append(letter if letter == plain else f"[{letter}{plain}]")
    return "".join(parts)


def _escaped(text: str) -> str:
    """A text as a regular expression that matches just it."""
    return "".join(
        letter if letter.isalnum() or letter in " ,'" else f"[{letter}]" for letter in text
    )


def _text(text: str) -> str:
    """A text as a formula writes it."""
    return '"' + text.replace('"', '""') + '"'


def _cell(positions: Positions, key: str, first: int) -> str:
    """A column's cell in the row that a formula is about, by the first row below the header."""
    return f"${column_letter(positions[key])}{first + 1}"
