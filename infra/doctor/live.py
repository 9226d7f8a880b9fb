"""The checks of what Google's API does: each point of docs/live-checklist.md a program can check.

They use the encoder and the adapter of the functions where those are what is counted on.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from functions.shared.errors import WorkbookError, WorkbookRefusedError
from functions.shared.sheets.encode import encode, encode_replacements, insert_rows
from functions.shared.sheets.fence import system_text
from functions.shared.sheets.google import COMMIT_FIELDS
from functions.shared.sheets.port import Change, Replacement, RowEdit, copies, token
from infra.doctor.checks import Check, Seen, SkippedError, fault, ok, warning
from infra.doctor.scratch import ROWS, Scratch, trimmed
from infra.workbook import apply, planned
from sheets_schema.columns import Cell, as_text
from sheets_schema.layout import LOCALE, TIME_ZONE
from sheets_schema.tab import column_letter, tab
from sheets_schema.views import (
    OWN_FIELDS,
    TO_CONTACT,
    View,
    filter_views,
    view_requests,
    wanted_views,
)
from sheets_schema.wire import Json, a1, cell_value, grid

_ENCODE = "functions/shared/sheets/encode.py"
_ADAPTER = "functions/shared/sheets/google.py"
_FENCE = "functions/shared/sheets/fence.py"
_EDITS = "functions/route/commit/row_edits.py"
_VIEWS = "sheets_schema/views.py"
_PLAN = "sheets_schema/plan.py"
_ROUTE = ("route",)
_BOTH = ("route", "digest")
LAG = 60.0  # seconds for which Drive's version is waited for
_NO_FORMAT = {"type": "DATE_TIME", "pattern": "dd/mm/yyyy hh:mm"}
# What `row_edits.is_plain` takes for text, although it looks a little like something else.
_ALMOST_DATES = ("Ana Mars", "Mai Delmas", "Lot 46 / 3", "Vrai nom", "e-mail le 3/4")
_NEW: dict[str, Cell] = {"reference": "LOT-NEUF", "last_name": "Ajoutée"}


# The fence.


def _id_twice(scratch: Scratch) -> Seen:
    scratch.lay_out([])
    seen = scratch.seen()
    scratch.write(*encode(scratch.commit(scratch.fence(1), seen)))
    try:
        scratch.write(*encode(scratch.commit(scratch.fence(1, "b"), seen)))
    except WorkbookRefusedError:
        return ok("Un second lot du même numéro est refusé (400).")
    return fault("Un second lot du même numéro est accepté.")


def _id_chosen(scratch: Scratch) -> Seen:
    fence = scratch.fence(2)
    scratch.write(*encode(scratch.commit(fence, scratch.seen())))
    answer = scratch.calling(lambda: scratch.workbook.get([], "namedRanges(namedRangeId,name)"))
    ids = {item["name"]: item["namedRangeId"] for item in answer.get("namedRanges", [])}
    if ids.get(fence.range_name) == fence.range_id:
        return ok("L'identifiant choisi est gardé.")
    return fault("L'identifiant choisi n'est pas celui que Google garde.")


def _whole(scratch: Scratch) -> Seen:
    seen = scratch.lay_out([])
    fence = scratch.fence(3)
    commit = replace(scratch.commit(fence, seen), rows={"requests": [_NEW]})
    bad = {"deleteNamedRange": {"namedRangeId": f"nowhere{scratch.run}"}}
    try:
        scratch.write(*encode(commit), bad)
    except WorkbookRefusedError:
        pass
    else:
        return fault("Un lot dont une requête est impossible est accepté.")
    answer = scratch.calling(lambda: scratch.workbook.get([], "namedRanges.name"))
    names = [item["name"] for item in answer.get("namedRanges", [])]
    if fence.range_name in names or len(scratch.cells("requests")) > 1:
        return fault("D'un lot refusé, une partie est restée.")
    return ok("D'un lot refusé, rien n'est resté.")


# Rows that are added.


def _looks(scratch: Scratch) -> Seen:
    """In the middle of the grid, and at its very end."""
    positions = scratch.seen().positions("requests")
    dressed = {
        "received_at": {"userEnteredFormat": {"numberFormat": _NO_FORMAT}},
        "status": {"dataValidation": _dropdown()},
        "partners": {"dataValidation": {"condition": {"type": "BOOLEAN"}}},
    }
    places = {**positions, "partners": len(scratch.header) - 1}
    for row_count in (ROWS, 3):
        rows = [scratch.row(reference=f"LOT-{n}", last_name="Durand") for n in (1, 2)]
        seen = scratch.lay_out(
            rows,
            *(_dress(scratch, places[key], cell, 1, row_count) for key, cell in dressed.items()),
            row_count=row_count,
        )
        scratch.write(*insert_rows("requests", [_NEW], seen))
        block = scratch.shown("requests")["data"][0]["rowData"]
        above, added = (_dressed(block[row]["values"], places) for row in (2, 3))
        _undress(scratch, places)
        if above != added:
            where = "au milieu" if row_count == ROWS else "à la fin de la grille"
            return fault(
                f"Une ligne ajoutée {where} n'a pas format, liste et case à cocher de celle du "
                "dessus."
            )
    return ok("Formats, listes et cases à cocher viennent de la ligne du dessus.")


def _dropdown() -> Json:
    values = [{"userEnteredValue": title} for title in tab("requests")["status"].type.choices]
    return {
        "condition": {"type": "ONE_OF_LIST", "values": values},
        "strict": True,
        "showCustomUi": True,
    }


def _dress(scratch: Scratch, column: int, cell: Json, top: int, bottom: int) -> Json:
    fields = "dataValidation" if "dataValidation" in cell else "userEnteredFormat.numberFormat"
    return {
        "repeatCell": {
            "range": {
                "sheetId": scratch.ids["requests"],
                "startRowIndex": top,
                "endRowIndex": bottom,
                "startColumnIndex": column,
                "endColumnIndex": column + 1,
            },
            "cell": cell,
            "fields": fields,
        }
    }


def _undress(scratch: Scratch, places: dict[str, int]) -> None:
    span = {"sheetId": scratch.ids["requests"], "startRowIndex": 1}
    columns = [places[key] for key in ("received_at", "status", "partners")]
    scratch.write(
        *(
            {
                "repeatCell": {
                    "range": span | {"startColumnIndex": at, "endColumnIndex": at + 1},
                    "cell": {},
                    "fields": "dataValidation,userEnteredFormat",
                }
            }
            for at in columns
        )
    )


def _dressed(cells: Sequence[Json], places: dict[str, int]) -> list[object]:
    def of(key: str, *path: str) -> object:
        value: object = cells[places[key]] if places[key] < len(cells) else {}
        for name in path:
            value = value.get(name, {}) if isinstance(value, dict) else {}
        return value

    return [
        of("received_at", "userEnteredFormat", "numberFormat", "type"),
        of("status", "dataValidation", "condition", "type"),
        of("partners", "dataValidation", "condition", "type"),
    ]


def _place(scratch: Scratch) -> Seen:
    """Below rows there are a note and a partner's column, and a filter and a view are on."""
    rows = [
        scratch.row(reference="LOT-1", last_name="Durand", partners="oui"),
        scratch.row(reference="LOT-2", last_name="Martin"),
        scratch.row(partners="oui"),
        scratch.row(notes="à part"),
        scratch.row(partners="fin"),
    ]
    sheet = scratch.ids["requests"]
    view = {"title": f"{scratch.run} place", "range": {"sheetId": sheet}}
    seen = scratch.lay_out(
        rows,
        {"setBasicFilter": {"filter": {"range": {"sheetId": sheet}}}},
        {"addFilterView": {"filter": view}},
    )
    try:
        scratch.write(*insert_rows("requests", [_NEW], seen))
        after = scratch.cells("requests")
    finally:
        scratch.write({"clearBasicFilter": {"sheetId": sheet}})
    wanted = trimmed([scratch.header, *rows[:2], scratch.row(**_NEW), *rows[2:]])
    if after == wanted:
        return ok("La ligne vient sous la dernière demande, et ce qui est dessous descend entier.")
    return fault("Une insertion a changé ou perdu ce qui était dessous, ou s'est faite ailleurs.")


def _strict(scratch: Scratch) -> Seen:
    at = scratch.seen().positions("requests")["status"]
    label = as_text(next(iter(tab("requests")["status"].type.choices)))
    dressing = _dress(scratch, at, {"dataValidation": _dropdown()}, 1, ROWS)
    seen = scratch.lay_out([], dressing)
    bare = {"repeatCell": {**dressing["repeatCell"], "cell": {}}}
    try:
        scratch.write(*insert_rows("requests", [{**_NEW, "status": label}], seen), dressing)
        scratch.write(*_typed(scratch, 1, at, label))
        written = scratch.cells("requests")[1][at]
    except WorkbookRefusedError:
        return fault("Une valeur de la liste est refusée à l'API.")
    finally:
        scratch.write(bare)
    if written != label:
        return fault("Une valeur de la liste n'est pas écrite telle quelle.")
    return ok("Une valeur de la liste s'écrit par l'API.")


def _typed(scratch: Scratch, row: int, column: int, text: str) -> list[Json]:
    start = {"sheetId": scratch.ids["requests"], "rowIndex": row, "columnIndex": column}
    rows = [{"values": [{"userEnteredValue": {"stringValue": text}}]}]
    return [{"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue"}}]


# Rows that are edited.


def _answer(scratch: Scratch) -> Seen:
    fence = scratch.fence(4)
    answer = scratch.calling(
        lambda: scratch.workbook.batch_update(
            encode(scratch.commit(fence, scratch.seen())),
            response_ranges=[a1(scratch.title("system"))],
            fields=COMMIT_FIELDS,
        )
    )
    rows = grid(answer["updatedSpreadsheet"]["sheets"][0])
    cell = as_text(rows[1][0]) if len(rows) > 1 and rows[1] else ""
    if cell == system_text(fence, scratch.workbook.id):
        return ok("La réponse montre l'onglet Système tel que le lot l'a laissé.")
    return fault("La réponse ne montre pas l'onglet Système tel que le lot l'a laissé.")


def _edits(scratch: Scratch, number: int, *columns: str) -> tuple[list[RowEdit], str]:
    """Edits of the first row, or of both, and the key of their batch."""
    changes = {column: Change("", "Ana Roux") for column in columns}
    edits = [RowEdit(f"LOT-{row}", row, "", changes) for row in (1, 2)]
    return edits, scratch.fence(number).key


def _rows_to_edit(scratch: Scratch) -> list[list[Cell]]:
    return [scratch.row(reference=f"LOT-{row}", last_name="Durand", notes="note") for row in (1, 2)]


def _copies(scratch: Scratch) -> Seen:
    seen = scratch.lay_out(_rows_to_edit(scratch))
    edits, key = _edits(scratch, 5, "referent")
    scratch.write(*encode(replace(scratch.commit(scratch.fence(5), seen), edits=edits)))
    _, copied = copies(scratch.cells("system"))
    at = seen.positions("requests")["referent"]
    before = [as_text(row[at]) if at < len(row) else "" for row in copied]
    now = scratch.cells("requests")[1:]
    marks = [token(key, edit, "referent") for edit in edits]
    if len(copied) != len(edits) or any(before):
        return fault("La copie n'est pas la ligne telle qu'elle était avant l'écriture.")
    if [as_text(row[at]) for row in now] != marks:
        return fault("Les cellules ne portent pas leur jeton.")
    return ok("Une ligne est copiée telle qu'elle est, puis ses cellules sont écrites.")


def _resize(scratch: Scratch) -> Seen:
    seen = scratch.lay_out(_rows_to_edit(scratch))
    edits, _ = _edits(scratch, 6, "referent")
    scratch.write(*encode(replace(scratch.commit(scratch.fence(6), seen), edits=edits)))
    scratch.write(*encode(scratch.commit(scratch.fence(7), seen)))
    header, copied = copies(scratch.cells("system"))
    if header or copied:
        return fault("Les copies d'un lot sont encore là après le lot suivant.")
    return ok("L'onglet masqué raccourcit puis grandit, et les anciennes copies sont parties.")


def _replaced(scratch: Scratch, replacement: str, **cells: str) -> list[Cell]:
    """A row after a token in it was replaced; {} in a cell stands for the token."""
    mark = f"Attribution en cours {scratch.run}"
    laid = {key: text.replace("{}", mark) for key, text in cells.items()}
    seen = scratch.lay_out([scratch.row(reference="LOT-1", **laid)])
    scratch.write(*encode_replacements(seen, [Replacement(mark, replacement)]))
    row = scratch.cells("requests")[1]
    positions = seen.positions("requests")
    return [row[positions[key]] if positions[key] < len(row) else None for key in cells]


def _find_whole(scratch: Scratch) -> Seen:
    whole, part = _replaced(scratch, "Ana Roux", referent="{}", notes="voir {}")
    if "Attribution" in as_text(whole):
        return fault("Le jeton n'est pas remplacé.")
    if "Ana" in as_text(part):
        return fault("Une cellule qui contient le jeton parmi d'autres mots est changée aussi.")
    return ok("Seule une cellule qui est tout entière le jeton est remplacée.")


def _find_empty(scratch: Scratch) -> Seen:
    (cell,) = _replaced(scratch, "", referent="{}")
    if cell in (None, ""):
        return ok("Un remplacement vide vide la cellule.")
    return fault("Un remplacement vide ne vide pas la cellule.")


def _find_text(scratch: Scratch) -> Seen:
    columns = ("referent", "organisation", "notes", "message", "other_referents")[
        : len(_ALMOST_DATES)
    ]
    marks = {column: f"Attribution en cours {scratch.run} {column}" for column in columns}
    seen = scratch.lay_out([scratch.row(reference="LOT-1", **marks)])
    texts = dict(zip(columns, _ALMOST_DATES, strict=True))
    scratch.write(
        *encode_replacements(
            seen, [Replacement(marks[column], text) for column, text in texts.items()]
        )
    )
    row, positions = scratch.cells("requests")[1], seen.positions("requests")
    parsed = [
        text
        for column, text in texts.items()
        if positions[column] >= len(row) or row[positions[column]] != text
    ]
    if parsed:
        return fault(f"Ces textes ne restent pas du texte : {', '.join(parsed)}.")
    return ok("Les textes que le système remplace restent du texte.")


# Reading.


def _missing(scratch: Scratch) -> Seen:
    scratch.lay_out([])
    letter = column_letter(len(scratch.header))
    asked = [a1(scratch.title("requests"), f"{letter}:{letter}")]
    try:
        scratch.calling(lambda: scratch.workbook.values(asked, "COLUMNS"))
    except WorkbookRefusedError:
        return ok("Lire une colonne que la grille n'a plus est refusé (400).")
    return fault("Lire une colonne que la grille n'a plus n'est pas refusé.")


def _forms(scratch: Scratch) -> Seen:
    laid: dict[str, Cell] = {
        "last_name": "0612",
        "received_at": 46349.5,
        "children": 2,
        "newsletter": "Oui",
    }
    positions = scratch.seen().positions("requests")
    at = positions["received_at"]
    date = _dress(scratch, at, {"userEnteredFormat": {"numberFormat": _NO_FORMAT}}, 1, ROWS)
    scratch.lay_out([scratch.row(**laid)], date)
    asked = [a1(scratch.title("requests"), "2:2")]
    (block,) = scratch.calling(lambda: scratch.workbook.values(asked, "ROWS"))
    row = block[0] if block else []
    read = {key: row[positions[key]] if positions[key] < len(row) else None for key in laid}
    bare = {"repeatCell": {**date["repeatCell"], "cell": {}}}
    scratch.write(bare)
    if read == laid:
        return ok("Une date se lit comme un nombre, un texte tel qu'il est écrit.")
    return fault("Une date, un nombre ou un texte se lit sous une autre forme.")


def _errors(scratch: Scratch) -> Seen:
    formulas = ("=1/0", "=NA()", "=INCONNUE()")
    start = {"sheetId": scratch.ids["requests"], "rowIndex": 1, "columnIndex": 0}
    cells = [{"userEnteredValue": {"formulaValue": formula}} for formula in formulas]
    scratch.lay_out([])
    scratch.write(
        {
            "updateCells": {
                "start": start,
                "rows": [{"values": cells}],
                "fields": "userEnteredValue",
            }
        }
    )
    asked = [a1(scratch.title("requests"), "2:2")]
    (block,) = scratch.calling(lambda: scratch.workbook.values(asked, "ROWS"))
    values = block[0] if block else []
    shown = scratch.shown("requests")["data"][0]["rowData"][1]["values"][: len(formulas)]
    scratch.lay_out([])
    as_shown = [cell.get("formattedValue") for cell in shown]
    as_read = [cell_value(cell) for cell in shown]
    if values != as_read:
        return fault("Une erreur de formule se lit autrement par les deux lectures.")
    if values != as_shown:
        return warning("Une erreur de formule se lit pareil partout, et se voit autrement.")
    return ok(f"Une erreur se lit comme elle se voit : {', '.join(map(str, as_shown))}.")


def _capitals(scratch: Scratch) -> Seen:
    title = scratch.title("requests")
    try:
        answer = scratch.calling(
            lambda: scratch.workbook.get([a1(title.upper(), "1:1")], "sheets.properties.title")
        )
    except WorkbookRefusedError:
        return fault("Un onglet ne se trouve pas si les majuscules de son nom diffèrent.")
    if answer["sheets"][0]["properties"]["title"] != title:
        return fault("Le titre d'un onglet n'est pas rendu comme il est écrit.")
    return ok("Un onglet se trouve quelles que soient les majuscules de son nom.")


def _version(scratch: Scratch) -> str:
    """The file's version.

    Raises:
        WorkbookError: this identity may not read it.
    """
    where = f"/{scratch.workbook.id}"
    answer = scratch.calling(lambda: scratch.workbook.drive("get", where, fields="version"))
    return str(answer.get("version", ""))


def _drive(scratch: Scratch) -> Seen:
    try:
        _version(scratch)
    except WorkbookError:
        return warning("Drive ne dit pas la version du fichier à cette identité.")
    return ok("Drive dit la version du fichier.")


def _lag(scratch: Scratch) -> Seen:
    try:
        before = _version(scratch)
    except WorkbookError as error:
        raise SkippedError(
            "Drive ne dit pas la version du fichier, voir « drive-access »."
        ) from error
    scratch.lay_out([scratch.row(notes=scratch.run)])
    begun = scratch.clock()
    while (waited := (scratch.clock() - begun).total_seconds()) < LAG:
        if _version(scratch) != before:
            return ok(f"La version a changé {waited:.0f} s après une écriture.")
        scratch.sleep(2)
    return fault(f"La version n'a pas changé {LAG:.0f} s après une écriture.")


# Filter views.


def _present(scratch: Scratch) -> tuple[list[Json], tuple[int, int]]:
    fields = "sheets(properties(sheetId,gridProperties),filterViews)"
    answer = scratch.calling(lambda: scratch.workbook.get([], fields))
    for sheet in answer["sheets"]:
        if sheet["properties"]["sheetId"] == scratch.ids["requests"]:
            size = sheet["properties"]["gridProperties"]
            views: list[Json] = sheet.get("filterViews", [])
            return views, (size["rowCount"], size["columnCount"])
    raise SkippedError("L'onglet d'essai a disparu.")


def _views(scratch: Scratch, prefix: str, *titles: str) -> list[Json]:
    """Our views, or some of them, for the scratch tab; titles of a run of their own."""
    positions = scratch.seen().positions("requests")
    to_check = {column.key: at for at, column in enumerate(tab("to_check").columns)}
    people = [f"Personne {number}" for number in range(10)]
    wanted = [
        View(f"{scratch.run} {prefix} {view.title}", view.criteria)
        for view in wanted_views(positions, to_check, people)
        if not titles or view.title in titles
    ]
    return filter_views(wanted, scratch.ids["requests"], positions)


def _make_views(scratch: Scratch, wanted: Sequence[Json]) -> tuple[list[Json], tuple[int, int]]:
    """Make views as a sweep does, and read them back."""
    scratch.write(*view_requests([], wanted, (ROWS, len(scratch.header))))
    titles = {view["title"] for view in wanted}
    present, size = _present(scratch)
    return [view for view in present if view.get("title") in titles], size


def _view_id(scratch: Scratch) -> Seen:
    wanted = _views(scratch, "id", TO_CONTACT)
    (made,), _ = _make_views(scratch, wanted)
    if made["filterViewId"] == wanted[0]["filterViewId"]:
        return ok("L'identifiant choisi pour une vue est gardé.")
    return fault("L'identifiant choisi pour une vue n'est pas gardé.")


def _view_same(scratch: Scratch) -> Seen:
    wanted = _views(scratch, "toutes")
    present, size = _make_views(scratch, wanted)
    if len(present) != len(wanted):
        return fault(f"{len(present)} vues sont là, sur {len(wanted)}.")
    different = view_requests(present, wanted, size)
    if different:
        return fault(f"Relues, {len(different)} vues sur {len(wanted)} ne sont plus les mêmes.")
    return ok(f"{len(wanted)} vues, relues, sont les mêmes.")


def _view_open(scratch: Scratch) -> Seen:
    wanted = _views(scratch, "ouverte", TO_CONTACT)
    _make_views(scratch, wanted)
    more = {"sheetId": scratch.ids["requests"], "dimension": "ROWS", "length": 5}
    scratch.write({"appendDimension": more})
    present, size = _present(scratch)
    if view_requests(
        [view for view in present if view["title"] == wanted[0]["title"]], wanted, size
    ):
        return fault("Une vue ne couvre pas les lignes venues après elle.")
    return ok("Une vue couvre les lignes venues après elle.")


def _view_order(scratch: Scratch) -> Seen:
    (view,) = _views(scratch, "ordre", TO_CONTACT)
    order = [{"dimensionIndex": 1, "sortOrder": "DESCENDING"}]
    (made,), _ = _make_views(scratch, [view | {"sortSpecs": order}])
    update = view | {"filterViewId": made["filterViewId"]}
    scratch.write({"updateFilterView": {"filter": update, "fields": OWN_FIELDS}})
    present, _ = _present(scratch)
    kept = next(item for item in present if item["filterViewId"] == made["filterViewId"])
    if made.get("sortSpecs") and kept.get("sortSpecs") == made["sortSpecs"]:
        return ok("Une vue mise à jour garde l'ordre que les gens lui ont donné.")
    return fault("Une vue mise à jour perd l'ordre que les gens lui ont donné.")


# Other people.


def _as_second(scratch: Scratch, *requests: Json) -> bool:
    """Whether another account may do something."""
    second = scratch.second
    if second is None:
        raise SkippedError(
            "Aucun second compte n'est donné : --second CLÉ.json, d'un compte qui peut modifier."
        )
    try:
        scratch.calling(lambda: second.batch_update(requests))
    except WorkbookError:
        return False
    return True


def _protection(
    scratch: Scratch, *, columns: tuple[int, int], rows: tuple[int, int], **more: object
) -> Json:
    span = {
        "sheetId": scratch.ids["requests"],
        "startRowIndex": rows[0],
        "endRowIndex": rows[1],
        "startColumnIndex": columns[0],
        "endColumnIndex": columns[1],
    }
    return {"addProtectedRange": {"protectedRange": {"range": span, **more}}}


def _unprotect(scratch: Scratch) -> None:
    fields = "sheets(properties.sheetId,protectedRanges.protectedRangeId)"
    answer = scratch.calling(lambda: scratch.workbook.get([], fields))
    gone = [
        {"deleteProtectedRange": {"protectedRangeId": item["protectedRangeId"]}}
        for sheet in answer["sheets"]
        if sheet["properties"]["sheetId"] == scratch.ids["requests"]
        for item in sheet.get("protectedRanges", [])
    ]
    if gone:
        scratch.write(*gone)


def _protected(
    look: Callable[[Scratch], Seen], *protections: tuple[tuple[int, int], tuple[int, int], bool]
) -> Callable[[Scratch], Seen]:
    """A check in a tab with protections: columns, rows, and whether they only warn."""

    def check(scratch: Scratch) -> Seen:
        rows = [scratch.row(reference=f"LOT-{n}", last_name=f"Nom {n}") for n in (1, 2, 3)]
        scratch.lay_out(rows)
        _as_second_is_there(scratch)
        scratch.write(
            *(
                _protection(scratch, columns=columns, rows=of, warningOnly=warns)
                for columns, of, warns in protections
            ),
        )
        try:
            return look(scratch)
        finally:
            _unprotect(scratch)

    return check


def _as_second_is_there(scratch: Scratch) -> None:
    if not _as_second(scratch, *_typed(scratch, 4, 0, "second")):
        raise SkippedError("Le second compte ne peut pas modifier ce classeur : partagez-le.")


def _hard(scratch: Scratch) -> Seen:
    if _as_second(scratch, *_typed(scratch, 0, 0, "Autre titre")):
        return fault("Un autre compte peut écrire dans une cellule protégée.")
    scratch.write(*_typed(scratch, 0, 0, as_text(scratch.header[0])))
    return ok("Un autre compte ne peut pas écrire dans une cellule protégée.")


def _warns(scratch: Scratch) -> Seen:
    sheet = scratch.ids["requests"]
    span = {"sheetId": sheet, "startRowIndex": 1, "endRowIndex": 4}
    order = [{"dimensionIndex": 0, "sortOrder": "DESCENDING"}]
    gone = {"sheetId": sheet, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    if not _as_second(scratch, {"sortRange": {"range": span, "sortSpecs": order}}):
        return fault("Une protection qui avertit empêche un autre compte de trier.")
    if not _as_second(scratch, {"deleteDimension": {"range": gone}}):
        return fault("Une protection qui avertit empêche un autre compte de supprimer une ligne.")
    return ok("Un autre compte trie et supprime des lignes où une protection avertit.")


def _columns(scratch: Scratch) -> Seen:
    where = {
        "sheetId": scratch.ids["requests"],
        "dimension": "COLUMNS",
        "startIndex": 1,
        "endIndex": 2,
    }
    if not _as_second(scratch, {"insertDimension": {"range": where, "inheritFromBefore": True}}):
        return fault(
            "Un autre compte ne peut pas insérer une colonne entre deux en-têtes protégés."
        )
    if not _as_second(scratch, *_typed(scratch, 0, 1, "Sa colonne")):
        return fault("Un autre compte ne peut pas nommer la colonne qu'il a insérée.")
    return ok("Un autre compte insère une colonne entre deux en-têtes protégés, et la nomme.")


# The workbook as a whole.


def _second_apply(scratch: Scratch) -> Seen:
    try:
        made = scratch.calling(
            lambda: scratch.workbook.drive(
                "post",
                "",
                {
                    "name": scratch.title("classeur"),
                    "mimeType": "application/vnd.google-apps.spreadsheet",
                },
                fields="id",
            )
        )
    except WorkbookError as error:
        raise SkippedError(
            "Cette identité ne peut pas créer de classeur d'essai (un compte de service n'en a pas "
            "le droit) : « accueil sheet apply » deux fois sur un classeur vide le montre."
        ) from error
    scratch.made.append(made["id"])
    workbook = scratch.workbook.beside(made["id"])
    scratch.calling(lambda: apply(workbook))
    again = scratch.calling(lambda: planned(workbook))
    if again:
        return fault(f"Une seconde fois, {len(again)} changements : {again[0].sentence}.")
    properties = scratch.calling(workbook.metadata)["properties"]
    if (properties.get("locale"), properties.get("timeZone")) != (LOCALE, TIME_ZONE):
        return fault("La langue ou le fuseau du classeur d'essai n'est pas celui qui est demandé.")
    return ok("« accueil sheet apply », une seconde fois, ne change rien.")


def _quota(scratch: Scratch) -> Seen:
    if not scratch.waits:
        raise SkippedError("Google n'a pas demandé de patienter : rien à en apprendre cette fois.")
    said = sorted({"sans durée" if wait is None else f"{wait:g} s" for wait in scratch.waits})
    return ok(f"Google a demandé {len(scratch.waits)} fois de patienter : {', '.join(said)}.")


_TWICE = "Une demande pourrait être écrite deux fois, ou se perdre."
_EDITED = "Une ligne saisie à la main pourrait être abîmée."
LIVE: tuple[Check[Scratch], ...] = (
    Check(
        "fence-id-twice",
        "Une plage nommée dont l'identifiant existe est refusée.",
        _TWICE,
        _FENCE,
        _id_twice,
        _ROUTE,
    ),
    Check(
        "fence-id-chosen",
        "L'identifiant d'une plage nommée se choisit.",
        _TWICE,
        _FENCE,
        _id_chosen,
        _ROUTE,
    ),
    Check(
        "batch-whole",
        "Une requête impossible laisse tout comme avant.",
        _TWICE,
        _ENCODE,
        _whole,
        _ROUTE,
    ),
    Check(
        "rows-look",
        "Une ligne ajoutée a les formats, listes et cases de celle du dessus.",
        "Les nouvelles lignes n'ont pas leurs listes de choix.",
        _ENCODE,
        _looks,
        _ROUTE,
    ),
    Check(
        "rows-place",
        "Une ligne s'ajoute sous la dernière demande, sans rien changer dessous.",
        "Ce qu'une personne a écrit plus bas pourrait être perdu.",
        _ENCODE,
        _place,
        _ROUTE,
    ),
    Check(
        "dropdown-strict",
        "Une liste stricte laisse l'API écrire ses valeurs.",
        "Les nouvelles lignes sont refusées.",
        _ENCODE,
        _strict,
        _ROUTE,
    ),
    Check(
        "answer-cells",
        "La réponse d'un lot montre l'onglet Système.",
        "Des colonnes qui bougent ne seraient pas remarquées.",
        _ADAPTER,
        _answer,
        _ROUTE,
    ),
    Check(
        "copy-then-write",
        "Dans un lot, la copie se fait avant l'écriture qui la suit.",
        _EDITED,
        _EDITS,
        _copies,
        _ROUTE,
    ),
    Check(
        "hidden-resize",
        "Un onglet masqué raccourcit puis grandit dans un même lot.",
        _EDITED,
        _EDITS,
        _resize,
        _ROUTE,
    ),
    Check(
        "find-whole",
        "findReplace ne remplace que des cellules entières.",
        "Ce qu'une personne a écrit pourrait être changé.",
        _EDITS,
        _find_whole,
        _ROUTE,
    ),
    Check(
        "find-empty",
        "findReplace par rien vide la cellule.",
        "Un jeton reste dans une cellule.",
        _EDITS,
        _find_empty,
        _ROUTE,
    ),
    Check(
        "find-text",
        "findReplace laisse du texte être du texte.",
        "Un nom pourrait devenir une date.",
        _EDITS,
        _find_text,
        _ROUTE,
    ),
    Check(
        "column-missing",
        "Lire une colonne qui n'existe plus est refusé.",
        "Des cellules d'une autre colonne passeraient pour les nôtres.",
        _ADAPTER,
        _missing,
        _BOTH,
    ),
    Check(
        "values-forms",
        "Les dates se lisent comme des nombres, les textes tels quels.",
        "Des dates ne se comprennent pas.",
        _ADAPTER,
        _forms,
        _BOTH,
    ),
    Check(
        "values-errors",
        "Une erreur de formule se lit comme elle se voit.",
        "Une ligne avec une erreur ne serait jamais complétée.",
        "sheets_schema/wire.py",
        _errors,
        _ROUTE,
    ),
    Check(
        "titles-capitals",
        "Un onglet se trouve quelles que soient ses majuscules.",
        "Un onglet renommé ainsi arrête tout.",
        _ADAPTER,
        _capitals,
        _BOTH,
    ),
    Check(
        "drive-access",
        "Drive dit à cette identité la version du fichier.",
        "Chaque passage lit le classeur : rien n'est perdu, plus d'appels sont faits.",
        _ADAPTER,
        _drive,
        _ROUTE,
    ),
    Check(
        "drive-version",
        "La version du fichier change peu après une écriture.",
        "Un passage pourrait ne pas voir une ligne saisie avant une heure.",
        "functions/route/sweep.py",
        _lag,
        _ROUTE,
        patience=LAG + 60,
    ),
    Check(
        "view-id",
        "L'identifiant d'une vue filtrée se choisit.",
        "Les liens des courriels n'ouvrent pas leur vue.",
        _VIEWS,
        _view_id,
        _ROUTE,
    ),
    Check(
        "view-same",
        "Des vues relues sont celles qui ont été écrites.",
        "Chaque passage les réécrit.",
        _VIEWS,
        _view_same,
        _ROUTE,
    ),
    Check(
        "view-open",
        "Une vue sans fin couvre les lignes qui viennent ensuite.",
        "De nouvelles demandes ne se voient pas dans une vue.",
        _VIEWS,
        _view_open,
        _ROUTE,
    ),
    Check(
        "view-order",
        "Une vue mise à jour garde l'ordre de tri des gens.",
        "Une vue que quelqu'un a triée ne l'est plus.",
        _VIEWS,
        _view_order,
        _ROUTE,
    ),
    Check(
        "protection-hard",
        "Une cellule protégée n'est modifiée que par le système.",
        "Un en-tête pourrait être changé par mégarde.",
        _PLAN,
        _protected(_hard, ((0, 1), (0, 1), False)),
        _ROUTE,
    ),
    Check(
        "protection-warns",
        "Une protection qui avertit laisse trier et supprimer.",
        "Les partenaires ne peuvent plus trier ni supprimer.",
        _PLAN,
        _protected(_warns, ((0, 1), (1, ROWS), True)),
        _ROUTE,
    ),
    Check(
        "protection-columns",
        "Entre deux en-têtes protégés, un partenaire insère une colonne et la nomme.",
        "Les partenaires ne peuvent pas ajouter de colonne.",
        _PLAN,
        _protected(_columns, ((0, 1), (0, 1), False), ((1, 2), (0, 1), False)),
        _ROUTE,
    ),
    Check(
        "apply-twice",
        "« accueil sheet apply », une seconde fois, ne change rien.",
        "Chaque « apply » réécrit des réglages, et efface peut-être ceux des gens.",
        _PLAN,
        _second_apply,
        _ROUTE,
        needs=("dropdown-strict", "view-id", "view-same", "protection-warns"),
        patience=180.0,
    ),
    Check(
        "quota",
        "La demande de patienter (429) est comprise.",
        "Des appels seraient faits trop tôt.",
        "functions/route/commit/writer.py",
        _quota,
        _ROUTE,
    ),
)
