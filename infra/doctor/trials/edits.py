"""Rows that are edited: copies, tokens, replacements."""

from dataclasses import replace

from functions.shared.sheets.encode import encode, encode_replacements
from functions.shared.sheets.fence import system_text
from functions.shared.sheets.google import COMMIT_FIELDS
from functions.shared.sheets.port import Change, Replacement, RowEdit, copies, token
from infra.doctor.checks import Check, Seen, fault, ok
from infra.doctor.scratch import Scratch
from sheets_schema.columns import Cell, as_text
from sheets_schema.wire import a1, grid

_ROUTE = ("route",)
_ADAPTER = "functions/shared/sheets/google.py"
_EDITS = "functions/route/commit/row_edits.py"
_EDITED = "Une ligne saisie à la main pourrait être abîmée."
# What `row_edits.is_plain` takes for text, although it looks a little like something else.
_ALMOST_DATES = ("Ana Mars", "Mai Delmas", "Parcelle 46 / 3", "Vrai nom", "e-mail le 3/4")


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
    edits = [RowEdit(f"REF-{row}", row, "", changes) for row in (1, 2)]
    return edits, scratch.fence(number).key


def _rows_to_edit(scratch: Scratch) -> list[list[Cell]]:
    return [scratch.row(reference=f"REF-{row}", last_name="Durand", notes="note") for row in (1, 2)]


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
    seen = scratch.lay_out([scratch.row(reference="REF-1", **laid)])
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
    seen = scratch.lay_out([scratch.row(reference="REF-1", **marks)])
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


CHECKS: tuple[Check[Scratch], ...] = (
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
)
