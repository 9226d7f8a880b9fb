"""What protections let other people do, as a second account sees it."""

from collections.abc import Callable

from functions.shared.errors import WorkbookError
from functions.shared.sheets.google import GoogleWorkbook
from infra.doctor.checks import Check, Seen, SkippedError, fault, ok
from infra.doctor.scratch import ROWS, Scratch
from infra.doctor.trials.cells import typed
from sheets_schema.columns import as_text
from sheets_schema.wire import Json

_ROUTE = ("route",)
_PLAN = "sheets_schema/plan.py"


def _second(scratch: Scratch) -> GoogleWorkbook:
    if scratch.second is None:
        raise SkippedError(
            "Aucun second compte n'est donné : --second CLÉ.json, d'un compte qui peut modifier."
        )
    return scratch.second


def _as_second(scratch: Scratch, *requests: Json) -> bool:
    """Whether another account may do something."""
    second = _second(scratch)
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
        _second(scratch)  # before anything is laid out in vain
        rows = [scratch.row(reference=f"REF-{n}", last_name=f"Nom {n}") for n in (1, 2, 3)]
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
    if not _as_second(scratch, *typed(scratch, 4, 0, "second")):
        raise SkippedError("Le second compte ne peut pas modifier ce classeur : partagez-le.")


def _hard(scratch: Scratch) -> Seen:
    if _as_second(scratch, *typed(scratch, 0, 0, "Autre titre")):
        return fault("Un autre compte peut écrire dans une cellule protégée.")
    scratch.write(*typed(scratch, 0, 0, as_text(scratch.header[0])))
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
    if not _as_second(scratch, *typed(scratch, 0, 1, "Sa colonne")):
        return fault("Un autre compte ne peut pas nommer la colonne qu'il a insérée.")
    return ok("Un autre compte insère une colonne entre deux en-têtes protégés, et la nomme.")


CHECKS: tuple[Check[Scratch], ...] = (
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
)
