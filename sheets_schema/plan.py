"""The plan: what a spreadsheet lacks to be our workbook, as Sheets API batchUpdate requests.

Pure. `reads` says what to ask the API for, and `plan` compares the answer with the schemas. A plan
only adds what is missing and mends what the system owns. It never touches rows, columns and tabs of
the partners. If a spreadsheet has everything, its plan is empty.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from sheets_schema import drift, layout
from sheets_schema.adoption import ADOPTED, OURS, Header
from sheets_schema.columns import Cell, as_text
from sheets_schema.drift import Drift
from sheets_schema.layout import Rgb
from sheets_schema.place import localise
from sheets_schema.schema import VERSION
from sheets_schema.sheet import OWNED, Sheet, header_protection
from sheets_schema.tab import Column, column_letter, format_row, tab
from sheets_schema.territory import territories
from sheets_schema.text import normalise
from sheets_schema.views import active_referents, filter_views, view_requests, wanted_views
from sheets_schema.wire import Json, a1, grid, typed_cell

METADATA_FIELDS = "properties(locale,timeZone),namedRanges,sheets.properties"
DRIFT_FIELDS = (
    "sheets(properties,protectedRanges(protectedRangeId,description,range,warningOnly),"
    "conditionalFormats.booleanRule.condition,"
    "data(startRow,rowData.values(effectiveValue,userEnteredFormat.numberFormat,dataValidation)))"
)
STATE_FIELDS = (
    "properties(locale,timeZone),"
    "sheets(properties,protectedRanges,conditionalFormats,filterViews,"
    "data(startRow,rowData.values(effectiveValue,userEnteredFormat.numberFormat,dataValidation)))"
)


@dataclass(frozen=True)
class Change:
    """One step of the plan: the sentence for the operator, and the requests that carry it out.

    A step that is `apart` has a call of its own after all others, which do not depend on it.
    `drifts` says what people did that the step undoes. A step that `adds` overwrites nothing of it.
    """

    sentence: str
    requests: tuple[Json, ...]
    apart: bool = False
    drifts: tuple[Drift, ...] = ()
    adds: bool = False

    @property
    def overrules(self) -> bool:
        """Whether it puts something in the place of what somebody chose."""
        return bool(self.drifts) and not self.adds


def reads(metadata: Json, head: Header = OURS) -> list[str]:
    """The A1 ranges whose content `plan` needs, in those of our tabs that exist.

    Header, first row and last row but one show the format and the dropdown of a column: the last
    row may be bare, see `Sheet.edges`. A tab that the system fills is read as a whole, and so is
    Référents, because each person gets a filter view. `head` says where the header of Demandes
    stands.
    """
    ranges = []
    sheets = _by_title(metadata)
    for look in layout.TABS:
        resource = sheets.get(tab(look.key).title.casefold())
        if not resource:
            continue
        title = resource["properties"]["title"]
        whole = _own_rows(look.key) or look.key == "referents"
        top = head.row if look.key == ADOPTED else 0
        ranges += [a1(title)] if whole else edges(metadata, title, top)
    return ranges


def edges(metadata: Json, title: str, top: int = 0) -> list[str]:
    """The A1 ranges of a tab's header, first row and last row but one; see `reads`.

    `top` is the 0-based row of the header.
    """
    resource = _by_title(metadata)[title.casefold()]
    last = max(resource["properties"]["gridProperties"]["rowCount"] - 1, top + 1)
    return [a1(title, f"{top + 1}:{top + 2}"), a1(title, f"{last}:{last}")]


def dress(metadata: Json, state: Json, title: str, key: str) -> list[Json]:
    """What a tab of another title lacks to be one of ours, as batchUpdate requests.

    Args:
        metadata: the answer of spreadsheets.get with METADATA_FIELDS.
        state: the answer with the tab's `edges` and STATE_FIELDS.
        title: the tab's title.
        key: which of ours it is to be, one without names of referents to choose from.

    Raises:
        HeaderError: the tab has one of our headers twice.
    """
    look = next(look for look in layout.TABS if look.key == key)
    properties = _by_title(metadata)[title.casefold()]["properties"]
    resource = _by_title(state)[title.casefold()] | {"properties": properties}
    sheet = Sheet(look, resource, set())
    return [request for change in _inside(sheet, "", VERSION) for request in change.requests]


def plan(metadata: Json, state: Json, head: Header = OURS) -> list[Change]:
    """All changes to make, in an order that one batchUpdate can apply; empty if all is there.

    Filter views come apart. If Google should refuse one, the workbook is whole without them.

    Args:
        metadata: the answer of spreadsheets.get with METADATA_FIELDS.
        state: the answer of spreadsheets.get with `reads(metadata)` and STATE_FIELDS; `{}` if
            there are no such ranges.
        head: where the header of Demandes stands, and what its words mean.

    Raises:
        HeaderError: a tab has one of our headers twice, so that we cannot know which one is ours.
    """
    sheets = _sheets(metadata, state, head)
    changes = list(_make_up(metadata, sheets))
    changes += _views(sheets["requests"], sheets["to_check"], sheets["referents"])
    return changes


def drift_ranges(metadata: Json, head: Header = OURS) -> list[str]:
    """The A1 ranges whose content `drifts` needs, a few rows of each of our tabs.

    `head` says where the header of Demandes stands.
    """
    sheets = _by_title(metadata)
    ranges = []
    for look in layout.TABS:
        if resource := sheets.get(tab(look.key).title.casefold()):
            top = head.row if look.key == ADOPTED else 0
            ranges += edges(metadata, resource["properties"]["title"], top)
    return ranges


def drifts(metadata: Json, state: Json, head: Header = OURS) -> list[Drift]:
    """What people changed of the workbook's make-up, see `drift`.

    Args:
        metadata: the answer of spreadsheets.get with METADATA_FIELDS.
        state: the answer of spreadsheets.get with `drift_ranges(metadata)` and DRIFT_FIELDS.
        head: where the header of Demandes stands, and what its words mean.

    Raises:
        HeaderError: see `plan`.
    """
    changes = _make_up(metadata, _sheets(metadata, state, head))
    return list(dict.fromkeys(item for change in changes for item in change.drifts))


def _sheets(metadata: Json, state: Json, head: Header) -> dict[str, Sheet]:
    taken = {sheet["properties"]["sheetId"] for sheet in metadata["sheets"]}
    known = _by_title(metadata) | _by_title(state)
    sheets: dict[str, Sheet] = {}
    for look in layout.TABS:
        resource = known.get(tab(look.key).title.casefold())
        own = head if look.key == ADOPTED else OURS
        sheets[look.key] = Sheet(look, resource, taken, len(_own_rows(look.key)) + 1, own)
        taken.add(sheets[look.key].id)
    return sheets


def _make_up(metadata: Json, sheets: Mapping[str, Sheet]) -> Iterator[Change]:
    """All changes but those of filter views, which follow what people write."""
    version = _made_by(sheets["system"])
    yield from _spreadsheet(metadata["properties"], version)
    # Create all tabs first, because a dropdown may refer to a tab that comes later.
    for sheet in sheets.values():
        if not sheet.resource:
            yield _creation(sheet, version)
    people = sheets["referents"].dropdown_range("name")
    for sheet in sheets.values():
        changes = _inside(sheet, people, version)
        if sheet.resource:
            yield from changes
        else:
            sentence = f"« {sheet.tab.title} » : en-têtes, formats, choix, protections, contenu"
            requests = [request for change in changes for request in change.requests]
            yield Change(sentence, tuple(requests))


def _made_by(system: Sheet) -> int:
    """The version of the schemas that made the workbook; 0 if none did."""
    said = system.value(1, system.tab["schema_version"])
    return int(said) if isinstance(said, int | float) else int(bool(system.resource))


def _by_title(answer: Json) -> dict[str, Json]:
    """Sheet resources by title. Two titles of a spreadsheet never differ by capitals alone."""
    sheets = answer.get("sheets", [])
    return {sheet["properties"]["title"].casefold(): sheet for sheet in sheets}


def _spreadsheet(properties: Json, version: int) -> Iterator[Change]:
    wanted = {"locale": layout.LOCALE, "timeZone": layout.TIME_ZONE}
    wrong = {key: value for key, value in wanted.items() if properties.get(key) != value}
    if wrong:
        request = {"updateSpreadsheetProperties": {"properties": wrong, "fields": ",".join(wrong)}}
        yield Change(
            f"Classeur : régler langue et fuseau ({', '.join(wrong.values())})",
            (request,),
            drifts=(drift.regional(wrong),) if version else (),
        )


def _creation(sheet: Sheet, version: int) -> Change:
    properties: Json = {
        "sheetId": sheet.id,
        "title": sheet.tab.title,
        "hidden": sheet.look.hidden,
        "tabColorStyle": _color(sheet.look.color),
        "gridProperties": {
            "rowCount": sheet.row_count,
            "columnCount": sheet.column_count,
            "frozenRowCount": 1,
            "frozenColumnCount": sheet.look.frozen_columns,
        },
    }
    sentence = f"Créer l'onglet « {sheet.tab.title} » ({len(sheet.tab.columns)} colonnes)"
    is_gone = min(column.since for column in sheet.tab.columns) <= version
    return Change(
        sentence,
        ({"addSheet": {"properties": properties}},),
        drifts=(drift.gone(sheet),) if is_gone else (),
        adds=True,
    )


def _inside(sheet: Sheet, people: str, version: int) -> Iterator[Change]:
    """The changes of one tab; `version` is that of the schemas that made the workbook."""
    yield from _grid(sheet)
    yield from _hidden(sheet)
    yield from _renamed(sheet)
    yield from _columns(sheet, version)
    yield from _formats(sheet)
    yield from _dropdowns(sheet, people, version)
    yield from _protections(sheet)
    yield from _colors(sheet)
    yield from _contents(sheet)
    yield from _version(sheet)


def _grid(sheet: Sheet) -> Iterator[Change]:
    if sheet.missing_rows:
        rows = {"sheetId": sheet.id, "dimension": "ROWS", "length": sheet.missing_rows}
        sentence = f"« {sheet.tab.title} » : agrandir la grille"
        yield Change(sentence, ({"appendDimension": rows},))


def _hidden(sheet: Sheet) -> Iterator[Change]:
    """Show a tab in which people work, if somebody hid it."""
    if sheet.resource.get("properties", {}).get("hidden") and not sheet.look.hidden:
        update = {"properties": {"sheetId": sheet.id, "hidden": False}, "fields": "hidden"}
        sentence = f"« {sheet.tab.title} » : afficher l'onglet, masqué"
        yield Change(sentence, ({"updateSheetProperties": update},), drifts=(drift.hidden(sheet),))


def _renamed(sheet: Sheet) -> Iterator[Change]:
    """Give renamed headers their names back; only the text of these cells changes."""
    for key, at in sheet.renamed.items():
        column = sheet.tab[key]
        start = {"sheetId": sheet.id, "rowIndex": sheet.head.row, "columnIndex": at}
        rows = [{"values": [typed_cell(sheet.title(column))]}]
        update = {"rows": rows, "fields": "userEnteredValue", "start": start}
        # What stands there now is not quoted: somebody may have typed personal data over it.
        yield Change(
            f"« {sheet.tab.title} » : remettre l'en-tête « {sheet.title(column)} », renommé ou "
            f"effacé ({column_letter(at)}{sheet.first})",
            ({"updateCells": update},),
            drifts=(drift.renamed(sheet, column),),
        )


def _columns(sheet: Sheet, version: int) -> Iterator[Change]:
    """Add missing columns, with header, note, width and look. Columns that exist keep theirs."""
    requests: list[Json] = []
    if sheet.resource and sheet.new:
        requests.append(_room(sheet))
    for start, run in sheet.runs(sheet.new, lambda _: None):
        requests.append(
            {
                "updateCells": {
                    "rows": [{"values": [_header(column, sheet.title(column)) for column in run]}],
                    "fields": "userEnteredValue,userEnteredFormat,note",
                    "start": {
                        "sheetId": sheet.id,
                        "rowIndex": sheet.head.row,
                        "columnIndex": start,
                    },
                }
            }
        )
    for start, run in sheet.runs(sheet.new, layout.width):
        requests.append(
            {
                "updateDimensionProperties": {
                    "range": {
                        "sheetId": sheet.id,
                        "dimension": "COLUMNS",
                        "startIndex": start,
                        "endIndex": start + len(run),
                    },
                    "properties": {"pixelSize": layout.width(run[0])},
                    "fields": "pixelSize",
                }
            }
        )

    def looks(column: Column) -> tuple[bool, bool]:
        return column.read_only, layout.wraps(sheet.look.key, column.key)

    for start, run in sheet.runs(sheet.new, looks):
        wrap = "WRAP" if looks(run[0])[1] else "CLIP"
        look: Json = {"wrapStrategy": wrap, "verticalAlignment": "TOP"}
        fields = "userEnteredFormat(wrapStrategy,verticalAlignment"
        if run[0].read_only:
            look["backgroundColorStyle"] = _color(layout.SYSTEM_BACKGROUND)
            look["textFormat"] = {"foregroundColorStyle": _color(layout.SYSTEM_TEXT)}
            fields += ",backgroundColorStyle,textFormat.foregroundColorStyle"
        requests.append(_repeat(sheet, start, len(run), look, fields + ")"))
    if requests:
        titles = ", ".join(f"« {sheet.title(column)} »" for column in sheet.new)
        lost = [column for column in sheet.new if sheet.resource and column.since <= version]
        yield Change(
            f"« {sheet.tab.title} » : ajouter {titles}",
            tuple(requests),
            drifts=tuple(drift.columns_gone(sheet, lost)),
            adds=True,
        )


def _room(sheet: Sheet) -> Json:
    """Insert empty columns for the new ones.

    Blank columns that exist are not used: a column of a partner may have cells and no header.
    """
    columns = {"sheetId": sheet.id, "dimension": "COLUMNS"}
    start, count = sheet.new_at, len(sheet.new)
    if start >= sheet.column_count:
        return {"appendDimension": columns | {"length": count}}
    where = columns | {"startIndex": start, "endIndex": start + count}
    return {"insertDimension": {"range": where, "inheritFromBefore": False}}


def _header(column: Column, title: str) -> Json:
    cell: Json = {
        "userEnteredValue": {"stringValue": title},
        "userEnteredFormat": {
            "backgroundColorStyle": _color(layout.HEADER_BACKGROUND),
            "textFormat": {"bold": True, "foregroundColorStyle": _color(layout.HEADER_TEXT)},
            "wrapStrategy": "WRAP",
            "verticalAlignment": "MIDDLE",
        },
    }
    return cell | ({"note": column.description} if column.description else {})


def _formats(sheet: Sheet) -> Iterator[Change]:
    """Set number formats of the right kind. Partners may choose how a date looks."""
    if sheet.look.key == "system":
        return  # each batch replaces the rows of this tab, and nobody reads them
    wrong = []
    for column in sheet.tab.columns:
        if sheet.is_theirs(column):
            continue
        kinds = [
            cell.get("userEnteredFormat", {}).get("numberFormat", {}).get("type")
            for cell in sheet.edges(column)
        ]
        if any(kind != column.type.kind for kind in kinds):
            wrong.append(column)
    # What people chose comes apart from what was never set, because it is asked for.
    chosen = [column for column in wrong if [*drift.other_format(sheet, column)]]
    for columns in ([column for column in wrong if column not in chosen], chosen):
        requests = [
            _repeat(
                sheet,
                start,
                len(run),
                {"numberFormat": run[0].type.number_format},
                "userEnteredFormat.numberFormat",
            )
            for start, run in sheet.runs(columns, lambda column: column.type.pattern)
        ]
        if requests:
            titles = ", ".join(f"« {column.title} »" for column in columns)
            yield Change(
                f"« {sheet.tab.title} » : régler le format de {titles}",
                tuple(requests),
                drifts=tuple(
                    item for column in columns for item in drift.other_format(sheet, column)
                ),
            )


def _dropdowns(sheet: Sheet, people: str, version: int) -> Iterator[Change]:
    for column in sheet.tab.columns:
        rule = _dropdown(column, people)
        if sheet.keeps_choices(column):
            continue
        present = [cell.get("dataValidation") for cell in sheet.edges(column)]
        rules = list(map(_comparable, present))
        if rule and rules != [_comparable(rule)] * len(rules):
            request = {"setDataValidation": {"range": sheet.column(column), "rule": rule}}
            sentence = f"« {sheet.tab.title} » : liste de choix de « {column.title} »"
            # Rows without a rule at the end of the tab are nobody's decision.
            changed = rules[0] != _comparable(rule)
            said = drift.other_choices(sheet, column, present[0], rule, version) if changed else ()
            yield Change(sentence, (request,), drifts=tuple(said))


def _dropdown(column: Column, people: str) -> Json | None:
    # Allow a name that is not in the list: the default referent may be a coordinator only. Allow
    # several choices in a cell.
    strict = bool(column.type.choices) and column.type.name != "choices"
    if column.format == "referent":
        kind, values = "ONE_OF_RANGE", [people]
    elif column.format == "epci":
        kind, values = "ONE_OF_LIST", sorted(e.name for e in territories().epcis.values())
    elif column.type.choices:
        kind, values = "ONE_OF_LIST", list(column.type.choices)
    else:
        return None
    condition = {"type": kind, "values": [{"userEnteredValue": value} for value in values]}
    return {"condition": condition, "strict": strict, "showCustomUi": True}


def _protections(sheet: Sheet) -> Iterator[Change]:
    present = {
        protection.get("description"): protection
        for protection in sheet.resource.get("protectedRanges", [])
    }
    wanted = _protected(sheet)
    stale: list[Json] = [
        {"deleteProtectedRange": {"protectedRangeId": protection["protectedRangeId"]}}
        for description, protection in present.items()
        if description and description.startswith(OWNED) and description not in wanted
    ]
    fresh = {description for column in sheet.new for description in _protections_of(sheet, column)}
    for lost in (False, True):
        requests = [] if lost else stale
        changed = []
        for description, rule in wanted.items():
            protection = present.get(description)
            is_fresh = not sheet.resource or description in fresh
            if is_fresh is lost or (protection and _same_protection(protection, rule)):
                continue
            changed.append(description.removeprefix(OWNED))
            if protection:
                gone = {"protectedRangeId": protection["protectedRangeId"]}
                requests.append({"deleteProtectedRange": gone})
            added = {"description": description} | rule
            requests.append({"addProtectedRange": {"protectedRange": added}})
        if requests:
            what = "remettre les protections" if lost else "protéger ce que tient le système"
            yield Change(
                f"« {sheet.tab.title} » : {what}",
                tuple(requests),
                drifts=(drift.unprotected(sheet, changed),) if lost else (),
            )


def _protected(sheet: Sheet) -> dict[str, Json]:
    """The protected ranges a tab should have, by their description."""
    if sheet.tab.read_only:
        return {f"{OWNED}onglet du système": {"range": {"sheetId": sheet.id}}}
    return {
        description: rule
        for column in sheet.tab.columns
        for description, rule in _protections_of(sheet, column).items()
    }


def _protections_of(sheet: Sheet, column: Column) -> dict[str, Json]:
    """The protected ranges of one column, by their description."""
    # Protect each header by itself. A range of several headers would extend to a column that a
    # partner inserts between them.
    ranges: dict[str, Json] = {header_protection(column): {"range": sheet.header(column)}}
    if column.read_only:
        # Only warn. Locked cells probably prevent other people from sorting and deleting rows.
        ranges[f"{OWNED}colonne du système « {column.title} »"] = {
            "range": sheet.whole_column(column),
            "warningOnly": True,
        }
    return ranges


def _colors(sheet: Sheet) -> Iterator[Change]:
    """The colours that cells of a column get by what they say."""
    have = [
        rule["booleanRule"]["condition"]
        for rule in sheet.resource.get("conditionalFormats", [])
        if "booleanRule" in rule
    ]
    for column in sheet.tab.columns:
        requests: list[Json] = []
        lost = []
        for kind, text, color in _colors_of(sheet.look.key, column):
            condition = {"type": kind, "values": [{"userEnteredValue": text}]}
            if condition not in have and not sheet.is_theirs(column):
                rule = {"condition": condition, "format": {"backgroundColorStyle": _color(color)}}
                colored = {"ranges": [sheet.whole_column(column)], "booleanRule": rule}
                requests.append({"addConditionalFormatRule": {"rule": colored, "index": 0}})
                lost.append(text)
        if requests:
            # What the texts of the system's columns stand out by came later than the columns.
            is_drift = bool(sheet.resource) and column not in sheet.new and not column.read_only
            yield Change(
                f"« {sheet.tab.title} » : couleurs de la colonne « {column.title} »",
                tuple(requests),
                drifts=(drift.uncoloured(sheet, column, lost),) if is_drift else (),
                adds=True,
            )


def _colors_of(key: str, column: Column) -> Iterator[tuple[str, str, layout.Rgb]]:
    """The condition, the text and the colour of each format that a column is to have."""
    if (key, column.key) == ("requests", "status"):
        for status, color in layout.STATUS_COLORS.items():
            yield "TEXT_EQ", as_text(column.type.format(status)), color
    for text in layout.WARNINGS.get((key, column.key), ()):
        yield "TEXT_CONTAINS", text, layout.WARNING_COLOR


def _contents(sheet: Sheet) -> Iterator[Change]:
    """Rewrite the rows of the system's tabs if they differ from what they should be.

    The order of the rows does not matter.
    """
    columns = sheet.tab.columns
    wanted = [_line(sheet, values) for values in _own_rows(sheet.look.key)]
    if not wanted:
        return
    there = [
        line
        for row in range(1, max(sheet.rows, default=0) + 1)
        if any(line := [sheet.value(row, column) for column in columns])
    ]
    if sorted(map(repr, there)) == sorted(map(repr, wanted)):
        return
    last = max(len(wanted), max(sheet.rows, default=0))
    lines = wanted + [[None] * len(columns)] * (last - len(wanted))
    # Write run by run of our columns, so that a column which somebody put between them is kept.
    requests = []
    for start, run in sheet.runs(columns, lambda _: None):
        indexes = [columns.index(column) for column in run]
        rows = [{"values": [typed_cell(line[index]) for index in indexes]} for line in lines]
        where = {"sheetId": sheet.id, "rowIndex": 1, "columnIndex": start}
        update = {"rows": rows, "fields": "userEnteredValue", "start": where}
        requests.append({"updateCells": update})
    yield Change(f"« {sheet.tab.title} » : écrire {len(wanted)} lignes", tuple(requests))


def _version(sheet: Sheet) -> Iterator[Change]:
    """Write the version of the schemas into the system's tab, unless a newer version is there."""
    if sheet.look.key != "system":
        return
    column = sheet.tab["schema_version"]
    there = sheet.value(1, column)
    if isinstance(there, int | float) and there >= VERSION:
        return
    update = {
        "rows": [{"values": [typed_cell(column.type.format(VERSION))]}],
        "fields": "userEnteredValue",
        "start": {
            "sheetId": sheet.id,
            "rowIndex": 1,
            "columnIndex": sheet.positions[column.key],
        },
    }
    yield Change(
        f"« {sheet.tab.title} » : noter la version {VERSION} du classeur",
        ({"updateCells": update},),
    )


def _views(requests: Sheet, to_check: Sheet, referents: Sheet) -> Iterator[Change]:
    """Keep the filter views of Demandes; people's own are not touched."""
    people = active_referents(grid(referents.resource))
    views = wanted_views(requests.positions, to_check.positions, people, requests.first)
    wanted = filter_views(views, requests.id, requests.positions, requests.head.row)
    size = requests.row_count, requests.column_count
    changed = view_requests(requests.resource.get("filterViews", []), wanted, size)
    if changed:
        count = "une vue filtrée" if len(changed) == 1 else f"{len(changed)} vues filtrées"
        yield Change(f"« {requests.tab.title} » : tenir à jour {count}", tuple(changed), apart=True)


def _line(sheet: Sheet, values: Mapping[str, str]) -> list[Cell]:
    cells = format_row(sheet.tab, values)
    return [cells.get(column.key) for column in sheet.tab.columns]


def _own_rows(key: str) -> Sequence[Mapping[str, str]]:
    """The rows of a tab that the system fills."""
    if key == "communes":
        official = territories()
        return [
            {
                "code": commune.code,
                "name": commune.name,
                "postcodes": ", ".join(commune.postcodes),
                "epci": official.epcis[commune.epci].name if commune.epci else "",
            }
            for commune in sorted(official.communes.values(), key=lambda c: normalise(c.name))
        ]
    if key == "guide":
        text = resources.files(__package__).joinpath("data", "guide.json").read_text("utf-8")
        return [{"question": q, "answer": a} for q, a in json.loads(localise(text))]
    return []


def _repeat(sheet: Sheet, start: int, width: int, look: Json, fields: str) -> Json:
    where = sheet.below_header(start, start + width)
    return {"repeatCell": {"range": where, "cell": {"userEnteredFormat": look}, "fields": fields}}


def _comparable(rule: Json | None) -> str:
    """A validation rule in a form that can be compared.

    The API leaves out flags that are false. Quotes and capitals do not count, because the API may
    return a range with another spelling of its tab.
    """
    kept = {key: value for key, value in (rule or {}).items() if value is not False}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True).replace("'", "").casefold()


def _same_protection(present: Json, wanted: Json) -> bool:
    def essence(protection: Json) -> tuple[Json, bool]:
        # The API leaves out indexes of 0 and flags that are false.
        indexes = {key: value for key, value in protection["range"].items() if value}
        return indexes, protection.get("warningOnly", False)

    return essence(present) == essence(wanted)


def _color(rgb: Rgb) -> Json:
    red, green, blue = (round(part / 255, 4) for part in rgb)
    return {"rgbColor": {"red": red, "green": green, "blue": blue}}
