"""Decides how a partner's spreadsheet becomes the workbook, and how that is undone. Pure."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from functions.shared.journal.formats import BeforeAdoption
from infra.lists.fates import Line
from infra.lists.preview import ColumnView, SheetView
from infra.lists.proposing import Choice, Proposal
from infra.lists.records import Record, Remark, Sample, shown_as
from infra.lists.sheets import ListError, Sheet
from infra.lists.spreadsheets import CELL_FIELDS
from infra.lists.words import targets
from sheets_schema import layout
from sheets_schema.adoption import ADOPTED, Adoption, Header, free_words
from sheets_schema.columns import Cell, as_text
from sheets_schema.errors import CellError
from sheets_schema.plan import Change, plan
from sheets_schema.sheet import OWNED
from sheets_schema.tab import Column, cell_at, column_letter, find_columns, tab
from sheets_schema.text import normalise, quoted
from sheets_schema.views import view_id
from sheets_schema.wire import Json, cell_value, typed_cell

# What is read of a partner's spreadsheet: for its table, then for the plan.
FIELDS = (
    f"sheets(properties,merges,{CELL_FIELDS},"
    "userEnteredValue,userEnteredFormat,note,dataValidation)),"
    "protectedRanges,conditionalFormats,filterViews)"
)
_OF_A_CELL = ("userEnteredValue", "userEnteredFormat", "note", "dataValidation")
_PLAIN_WIDTH = 100  # pixels of a column that nobody made wider
_RANGE_ID = "accueilentetes"
_MOST_NAMES = 30
_FULL_NAME = ("last_name", "first_name")
REQUESTS = tab(ADOPTED).title


@dataclass(frozen=True)
class Misfit:
    """A cell that its column cannot read; `correction` is what it surely means, None if unsure."""

    row: int
    key: str
    place: str
    sentence: str
    correction: Cell


@dataclass(frozen=True)
class Adopting:
    """How a tab becomes Demandes.

    `head` says where its header stands and what its words mean. `columns` has the place of each of
    our columns that is there, `rows` the 0-based rows that get a reference.
    """

    proposal: Proposal
    resource: Json
    head: Header
    columns: Mapping[str, int]
    rows: Sequence[int]
    misfits: Sequence[Misfit]
    remarks: Sequence[str]


def check_tabs(titles: Sequence[str], chosen: str) -> None:
    """Refuse a spreadsheet that has tabs of our titles already, beside the chosen one.

    Raises:
        ListError: it has; the sentence names them.
    """
    ours = {tab(look.key).title.casefold() for look in layout.TABS}
    taken = [title for title in titles if title.casefold() in ours and title != chosen]
    if taken:
        names = ", ".join(f"« {title} »" for title in taken)
        raise ListError(
            f"Ce classeur a déjà {'un onglet' if len(taken) == 1 else 'des onglets'} {names}, et "
            "le système va en ajouter de ce nom. Donnez-leur un autre nom, puis recommencez : "
            "rien d'autre n'y change."
        )


def choose(proposals: Sequence[Proposal], name: str) -> Proposal:
    """The tab to adopt: the one that is named, or the only one in which people stand.

    Raises:
        ListError: there is no such tab, or there are several, or it has no header.
    """
    there = [proposal for proposal in proposals if not name or proposal.sheet.name == name]
    if not there:
        raise ListError(
            f"Aucune personne dans l'onglet « {name} »."
            if name
            else "Aucun onglet de ce classeur ne ressemble à une liste de personnes : il faut une "
            "colonne de noms et une de contacts, une ligne par personne."
        )
    if len(there) > 1:
        names = ", ".join(f"« {proposal.sheet.name} »" for proposal in there)
        raise ListError(
            f"Plusieurs onglets ressemblent à une liste de personnes : {names}. Dites lequel "
            "devient « Demandes » avec --sheet ; les autres restent tels quels."
        )
    if there[0].sheet.hidden:
        raise ListError(f"L'onglet « {there[0].sheet.name} » est masqué : affichez-le d'abord.")
    if there[0].header_row is None:
        raise ListError(
            f"L'onglet « {there[0].sheet.name} » n'a pas d'en-têtes : écrivez au-dessus de chaque "
            "colonne ce qu'elle contient, puis recommencez."
        )
    return there[0]


def decide(proposal: Proposal, resource: Json, records: Sequence[Record]) -> Adopting:
    """How a tab becomes Demandes.

    Args:
        proposal: what its columns become; it has a header.
        resource: the Sheet resource of the tab, see FIELDS.
        records: its records.
    """
    top = proposal.header_row or 0
    cells = _cells(resource)
    header = [as_text(cell_value(data)) for data in cells.get(top, [])]
    columns: dict[str, int] = {}
    remarks: list[str] = []
    for choice in proposal.choices:
        key = _key(choice)
        if key is None:
            continue
        at = choice.column.index
        why_not = _unfit(key, at, header, proposal, columns, cells)
        if why_not:
            remarks.append(f"Colonne {column_letter(at)} « {choice.column.title} » : {why_not}.")
        else:
            columns[key] = at
    words = {key: header[at] for key, at in columns.items()}
    choices = frozenset(
        key
        for key, at in columns.items()
        if any(
            "dataValidation" in line[at]
            for row, line in cells.items()
            if row > top and at < len(line)
        )
    )
    adoption = Adoption(free_words(tab(ADOPTED), words, header), frozenset(columns), choices)
    misfits = list(_misfits(proposal, columns, cells, records))
    remarks += _in_the_way(proposal, columns)
    remarks += _names(proposal.sheet, columns, proposal.records.rows)
    return Adopting(
        proposal,
        resource,
        Header(top, adoption, _width(resource, header)),
        columns,
        proposal.records.rows,
        misfits,
        remarks,
    )


def _width(resource: Json, header: Sequence[str]) -> int:
    """How many columns are the partner's: up to the last in which anything stands.

    A column without a header is theirs, too, by a value, a look or a width of its own. What the
    last columns of the tab have all alike is the look of the whole tab, and nobody's column.
    """
    blocks = [block.get("columnMetadata", []) for block in resource.get("data", [])]
    count = max(map(len, [*blocks, *_cells(resource).values()]), default=0)
    headed = max((at + 1 for at, word in enumerate(header) if word), default=0)
    there: list[list[Json]] = [[] for _ in range(headed, count)]
    for block in blocks:
        for at, column in enumerate(block[headed:]):
            if column.get("pixelSize", _PLAIN_WIDTH) != _PLAIN_WIDTH:
                there[at].append(column)
    for row, line in _cells(resource).items():
        for at, data in enumerate(line[headed:]):
            own = {name: data[name] for name in _OF_A_CELL if name in data}
            if own:
                there[at].append(own | {"row": row})
    if there and not any("userEnteredValue" in own for own in there[-1]):
        alike = len(list(takewhile(there[-1].__eq__, reversed(there))))
        if alike > 1:
            del there[-alike:]
    while there and not there[-1]:
        there.pop()
    return headed + len(there)


def _key(choice: Choice) -> str | None:
    """The column of Demandes that a column becomes; None if it stays the partner's own."""
    if not choice.targets:
        return None
    if choice.targets != _FULL_NAME and len(choice.targets) > 1:
        return None
    return targets()[choice.targets[0]].column


def _unfit(
    key: str,
    at: int,
    header: Sequence[str],
    proposal: Proposal,
    taken: Mapping[str, int],
    cells: Mapping[int, Sequence[Json]],
) -> str:
    """Why a column cannot be one of ours; "" if it can. It stays the partner's own then."""
    top = proposal.header_row or 0
    word = header[at] if at < len(header) else ""
    stays = "elle reste à vous"
    if key in taken:
        return f"une autre colonne est déjà « {tab(ADOPTED)[key].title} », {stays}"
    for merge in proposal.sheet.merged:
        if merge.top <= top <= merge.bottom and merge.left <= at <= merge.right:
            return f"son en-tête est dans des cellules fusionnées, {stays}"
    if not normalise(word):
        return f"son en-tête n'est pas en ligne {top + 1}, {stays}"
    if Counter(map(normalise, header))[normalise(word)] > 1:
        return f"une autre colonne a le même en-tête en ligne {top + 1}, {stays}"
    if any(
        "formulaValue" in line[at].get("userEnteredValue", {})
        for row, line in cells.items()
        if row > top and at < len(line)
    ):
        return f"elle contient des formules, {stays}"
    return ""


def _misfits(
    proposal: Proposal,
    columns: Mapping[str, int],
    cells: Mapping[int, Sequence[Json]],
    records: Sequence[Record],
) -> Iterator[Misfit]:
    for record in records:
        line = cells.get(record.row, [])
        for key, at in columns.items():
            value = cell_value(line[at]) if at < len(line) else None
            column = tab(ADOPTED)[key]
            if not as_text(value):
                continue
            fault = _fault(column, value) or _lost_zeros(
                column, value, proposal.sheet.text(record.row, at)
            )
            if fault:
                place = f"{column_letter(at)}{record.row + 1}"
                sure = _correction(proposal, record, column, at)
                yield Misfit(record.row, key, place, fault, sure)


def _fault(column: Column, value: Cell) -> str:
    try:
        column.type.parse(value)
    except CellError as error:
        if column.type.name in ("choice", "choices", "yes/no"):
            return f"{quoted(as_text(value))} n'est pas un choix de « {column.title} »"
        return f"{column.title} : {error}"
    return ""


def _lost_zeros(column: Column, value: Cell, shown: str) -> str:
    """What is wrong with a postal code that only its format shows; "" if nothing.

    « 01000 » may be 1000 with a format of five digits, and the functions read 1000.
    """
    if isinstance(value, str) or not shown.startswith("0") or column.type.name != "postcode":
        return ""
    try:
        same = column.type.parse(value) == column.type.parse(shown)
    except CellError:
        return ""
    said = f"la cellule montre {quoted(shown)} et contient {quoted(as_text(value))}"
    return "" if same else f"{column.title} : {said}"


def _correction(proposal: Proposal, record: Record, column: Column, at: int) -> Cell:
    """What a cell surely means; None if it says more, or if that is not sure."""
    choice = next(choice for choice in proposal.choices if choice.column.index == at)
    text = record.values.get(column.key)
    sample = record.samples.get(at)
    if text is None or sample is None or len(choice.targets) > 1:
        return None
    if sample.after != shown_as(column.key, text):
        return None  # a part of the cell would be lost
    try:
        return column.type.format(column.type.parse(record.cells()[column.key]))
    except (CellError, KeyError):
        return None


def _in_the_way(proposal: Proposal, columns: Mapping[str, int]) -> Iterator[str]:
    """The rows that are nobody's, but have a text where names stand: a drain writes below them."""
    at = columns.get("last_name")
    rows = [item.row for item in proposal.records.left_out]
    in_way = [row for row in rows if at is not None and proposal.sheet.text(row, at)]
    if in_way:
        numbers = ", ".join(str(row + 1) for row in in_way[:_MOST_NAMES])
        yield (
            f"Sans personne, mais avec un texte dans la colonne des noms : ligne(s) {numbers}. Le "
            "système écrira en dessous et demandera dans À vérifier de les compléter : déplacez-"
            "les au-dessus des en-têtes, ou dans un autre onglet."
        )


def _names(sheet: Sheet, columns: Mapping[str, int], rows: Sequence[int]) -> Iterator[str]:
    """The names of people who follow requests: they are to be written into Référents."""
    at = columns.get("referent")
    if at is None:
        return
    names = sorted({text for row in rows if (text := sheet.text(row, at))}, key=normalise)
    if names:
        shown = ", ".join(map(quoted, names[:_MOST_NAMES]))
        more = f" et {len(names) - _MOST_NAMES} autres" if len(names) > _MOST_NAMES else ""
        yield f"À écrire ensuite dans l'onglet Référents, avec leur courriel : {shown}{more}."


def what_changes(adopting: Adopting, planned: Sequence[Change]) -> Iterator[str]:
    """What changes in the partner's spreadsheet, in a few sentences for the preview."""
    title = adopting.resource["properties"]["title"]
    adoption = adopting.head.adoption or Adoption({})
    if title != REQUESTS:
        yield f"L'onglet « {title} » prend le titre « {REQUESTS} »."
    theirs = ", ".join(map(column_letter, sorted(adopting.columns.values())))
    yield (
        f"Colonnes reconnues : {theirs}. Elles gardent leur place, leur en-tête, leurs formats et "
        "ce qui y est écrit ; les autres restent à vous."
    )
    added = [word for key, word in adoption.words.items() if key not in adoption.theirs]
    yield f"Colonnes ajoutées à droite : {', '.join(map(quoted, added))}."
    choices = [
        word
        for key, word in adoption.words.items()
        if key in adoption.theirs - adoption.choices and _has_dropdown(tab(ADOPTED)[key])
    ]
    if choices:
        yield f"Listes de choix ajoutées à : {', '.join(map(quoted, choices))}."
    if adoption.choices:
        kept = (adoption.words[key] for key in sorted(adoption.choices))
        yield f"Validations à vous, gardées : {', '.join(map(quoted, kept))}."
    tabs = (tab(look.key).title for look in layout.TABS if look.key != ADOPTED)
    yield f"Onglets ajoutés : {', '.join(map(quoted, tabs))}."
    yield "Les en-têtes des colonnes reconnues et ajoutées sont protégés."
    for change in planned:
        for request in change.requests:
            if "updateSpreadsheetProperties" in request:
                yield f"{change.sentence}."


def as_adopted(adopting: Adopting, shown: SheetView) -> SheetView:
    """A preview in which each column is what it becomes here: its cells stay as they are."""
    keys = {column_letter(at): key for key, at in adopting.columns.items()}

    def kept(column: ColumnView) -> ColumnView:
        before = tuple(Sample(sample.before, "") for sample in column.samples)
        if column.letter not in keys:
            return replace(column, targets=(), confidence="alone", samples=before)
        goal = tab(ADOPTED)[keys[column.letter]].title
        return replace(column, targets=(goal,), samples=before)

    return replace(shown, columns=tuple(map(kept, shown.columns)))


def lines(adopting: Adopting, records: Sequence[Record], *, correct: bool) -> tuple[Line, ...]:
    """What happens to each row, for the preview; `correct` says whether cells are corrected."""
    remarks: dict[int, list[Remark]] = {}
    values = {record.row: record.values for record in records}
    for misfit in adopting.misfits:
        sentence = misfit.sentence
        if misfit.correction is not None:
            key = misfit.key
            shown = shown_as(key, values[misfit.row][key])
            becomes = "devient" if correct else "avec --correct, deviendrait"
            sentence = f"{sentence} ; {becomes} {quoted(shown)}"
        remarks.setdefault(misfit.row, []).append(Remark(misfit.place, f"{sentence}."))
    return tuple(
        Line(
            record.row + 1,
            " ".join(filter(None, (record.values.get(key, "") for key in _FULL_NAME))),
            "kept",
            tuple(remarks.get(record.row, ())),
        )
        for record in records
    )


def changes(
    adopting: Adopting, metadata: Json, references: Sequence[str], *, correct: bool
) -> tuple[list[Change], BeforeAdoption]:
    """All changes in the order of the calls, and what undoes them.

    Args:
        adopting: how the tab becomes Demandes.
        metadata: the answer of spreadsheets.get with METADATA_FIELDS.
        references: one for each of the rows.
        correct: whether to correct cells.
    """
    properties = adopting.resource["properties"]
    title, sheet_id = properties["title"], properties["sheetId"]
    renamed = {"properties": properties | {"title": REQUESTS}}
    sheets = [
        sheet | renamed if sheet["properties"]["sheetId"] == sheet_id else sheet
        for sheet in metadata["sheets"]
    ]
    resource = adopting.resource | renamed
    planned = plan(metadata | {"sheets": sheets}, {"sheets": [resource]}, adopting.head)
    made = {
        sheet["title"]: sheet["sheetId"]
        for change in planned
        for request in change.requests
        if (sheet := request.get("addSheet", {}).get("properties"))
    }
    own = [_own(adopting, sheet_id, made[tab("system").title], references)]
    if title != REQUESTS:
        fields = {"properties": {"sheetId": sheet_id, "title": REQUESTS}, "fields": "title"}
        sentence = f"Donner à l'onglet « {title} » le titre « {REQUESTS} »"
        planned.insert(0, Change(sentence, ({"updateSheetProperties": fields},)))
    corrected = [item for item in adopting.misfits if correct and item.correction is not None]
    if corrected:
        own.append(_corrected(adopting, sheet_id, corrected))
    by_row = dict(zip(adopting.rows, references, strict=True))
    wanted = {"locale": layout.LOCALE, "timeZone": layout.TIME_ZONE}
    before = BeforeAdoption(
        title,
        {name: metadata["properties"][name] for name in wanted if name in metadata["properties"]},
        tuple(made.values()),
        tuple(references),
        tuple(
            (
                by_row[item.row],
                item.key,
                _cells(adopting.resource)[item.row][adopting.columns[item.key]]["userEnteredValue"],
                as_text(item.correction),
            )
            for item in corrected
        ),
    )
    in_one = [change for change in planned if not change.apart]
    return [*in_one, *own, *(change for change in planned if change.apart)], before


def _own(adopting: Adopting, sheet_id: int, system_id: int, references: Sequence[str]) -> Change:
    """The references, the named range over the header, and its words in the system tab."""
    head = adopting.head
    adoption = head.adoption or Adoption({})
    where = {"sheetId": sheet_id, "startRowIndex": head.row, "endRowIndex": head.row + 1}
    named = {"namedRangeId": _RANGE_ID, "name": adoption.range_name, "range": where}
    places = [column.key for column in tab("system").columns]
    kept = _put(system_id, 1, places.index("adopted"), [adoption.to_text()])
    at = _reference_at(adopting)
    requests: list[Json] = [{"addNamedRange": {"namedRange": named}}, kept]
    run: list[Cell] = []
    for place, (row, reference) in enumerate(zip(adopting.rows, references, strict=True)):
        run.append(reference)
        is_last = place + 1 == len(adopting.rows) or adopting.rows[place + 1] != row + 1
        if is_last:
            requests.append(_put(sheet_id, row + 1 - len(run), at, run))
            run = []
    count = len(references)
    return Change(f"« {REQUESTS} » : donner leur référence à {count} lignes", tuple(requests))


def _reference_at(adopting: Adopting) -> int:
    """Where the plan puts the column of references: new columns come after the partner's."""
    new = [column.key for column in tab(ADOPTED).columns if column.key not in adopting.columns]
    return adopting.head.width + new.index("reference")


def _corrected(adopting: Adopting, sheet_id: int, misfits: Sequence[Misfit]) -> Change:
    requests = [
        _put(sheet_id, item.row, adopting.columns[item.key], [item.correction]) for item in misfits
    ]
    return Change(f"« {REQUESTS} » : corriger {len(requests)} cellule(s)", tuple(requests))


def _put(sheet_id: int, row: int, column: int, values: Sequence[Cell]) -> Json:
    """Write values into a column from a row on; nothing but values."""
    start = {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column}
    rows = [{"values": [typed_cell(value)]} for value in values]
    return {"updateCells": {"rows": rows, "fields": "userEnteredValue", "start": start}}


def undoing(
    metadata: Json, resource: Json, head: Header, range_id: str, before: BeforeAdoption
) -> list[Json]:
    """The requests that take an adoption back, wherever rows and columns have moved since.

    What people have typed into the added tabs and columns is deleted with them. A corrected cell
    gets its value back unless somebody has changed it since.

    Args:
        metadata: the answer of spreadsheets.get with METADATA_FIELDS.
        resource: the Sheet resource of Demandes, see FIELDS.
        head: where its header stands, and what its words mean.
        range_id: the id of the named range over it.
        before: how the spreadsheet was.
    """
    sheet_id = resource["properties"]["sheetId"]
    adoption = head.adoption or Adoption({})
    cells = _cells(resource)
    header = head.in_our_words([cell_value(data) for data in cells.get(head.row, [])])
    positions, _, _ = find_columns(tab(ADOPTED), header)
    requests = list(_uncorrected(sheet_id, cells, positions, before))
    for key in adoption.theirs - adoption.choices:
        if key in positions and _has_dropdown(tab(ADOPTED)[key]):
            at = positions[key]
            columns = {"startColumnIndex": at, "endColumnIndex": at + 1}
            where = {"sheetId": sheet_id, "startRowIndex": head.row + 1} | columns
            requests.append({"setDataValidation": {"range": where}})
    requests += [
        {"deleteProtectedRange": {"protectedRangeId": protection["protectedRangeId"]}}
        for protection in resource.get("protectedRanges", [])
        if protection.get("description", "").startswith(OWNED)
    ]
    requests += [
        {"deleteFilterView": {"filterId": view["filterViewId"]}}
        for view in resource.get("filterViews", [])
        if view["filterViewId"] == view_id(view.get("title", ""))
    ]
    requests.append({"deleteNamedRange": {"namedRangeId": range_id}})
    added = sorted(
        (at for key, at in positions.items() if key not in adoption.theirs), reverse=True
    )
    requests += [
        {
            "deleteDimension": {
                "range": {
                    "sheetId": sheet_id,
                    "dimension": "COLUMNS",
                    "startIndex": at,
                    "endIndex": at + 1,
                }
            }
        }
        for at in added
    ]
    # Its title may be that of an added tab.
    there = {sheet["properties"]["sheetId"] for sheet in metadata["sheets"]}
    requests += [{"deleteSheet": {"sheetId": made}} for made in before.made if made in there]
    title = {"properties": {"sheetId": sheet_id, "title": before.title}, "fields": "title"}
    requests.append({"updateSheetProperties": title})
    properties = dict(before.properties)
    if properties:
        update = {"properties": properties, "fields": ",".join(properties)}
        requests.append({"updateSpreadsheetProperties": update})
    return requests


def _uncorrected(
    sheet_id: int,
    cells: Mapping[int, Sequence[Json]],
    positions: Mapping[str, int],
    before: BeforeAdoption,
) -> Iterator[Json]:
    at = positions.get("reference")
    values = {row: [cell_value(data) for data in line] for row, line in cells.items()}
    rows = {as_text(cell_at(line, at)): row for row, line in values.items()}
    for reference, key, old, new in before.corrections:
        row, place = rows.get(reference), positions.get(key)
        if row is None or place is None or as_text(cell_at(values[row], place)) != new:
            continue
        start = {"sheetId": sheet_id, "rowIndex": row, "columnIndex": place}
        written = [{"values": [{"userEnteredValue": old}]}]
        update = {"rows": written, "fields": "userEnteredValue", "start": start}
        yield {"updateCells": update}


def _has_dropdown(column: Column) -> bool:
    return bool(column.type.choices) or column.format in ("referent", "epci")


def moved_rows(adopting: Adopting, now: Collection[Sequence[Cell]], key: str) -> int:
    """How many rows no longer stand where they were read, by their texts in one of our columns.

    Args:
        adopting: how the tab became Demandes.
        now: the cells of that column, from row 1.
        key: the column.
    """
    at, read = adopting.columns[key], _cells(adopting.resource)
    texts = [as_text(line[0]) if line else "" for line in now]
    return sum(
        (texts[row] if row < len(texts) else "") != _text(read.get(row, []), at)
        for row in adopting.rows
    )


def _text(line: Sequence[Json], at: int) -> str:
    return as_text(cell_value(line[at])) if at < len(line) else ""


def _cells(resource: Json) -> dict[int, list[Json]]:
    """The CellData of a tab by 0-based row."""
    return {
        block.get("startRow", 0) + offset: row.get("values", [])
        for block in resource.get("data", [])
        for offset, row in enumerate(block.get("rowData", []))
    }
