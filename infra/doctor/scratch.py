"""Two hidden tabs in which the live checks try Google's API, made and removed by this program."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from functions.shared.errors import WorkbookBusyError, WorkbookError, WorkbookUnsureError
from functions.shared.sheets.backoff import Backoff
from functions.shared.sheets.fence import Fence
from functions.shared.sheets.google import GoogleWorkbook
from functions.shared.sheets.port import Commit
from infra.doctor.checks import PATIENCE, SkippedError
from infra.patience import patiently
from sheets_schema.columns import Cell
from sheets_schema.tab import column_letter, tab
from sheets_schema.wire import Json, Reading, TabCells, a1, grid, typed_cell

PREFIX = "Accueil doctor"  # of the titles of what is made, then when and a random token
PARTNERS = "Favoris"  # a column as partners add them
ROWS = 12  # of the tab that stands for Demandes
_STALE = timedelta(hours=1)  # after which nobody is at work in such a tab any more
_STAMP = "%Y%m%dT%H%M%SZ"
_FIELDS = (
    "sheets(properties(sheetId,title,gridProperties),merges,"
    "data(startRow,startColumn,rowData.values"
    "(effectiveValue,formattedValue,dataValidation,userEnteredFormat.numberFormat)))"
)
_KEYS = ("requests", "system")
_T = TypeVar("_T")


class TrialFence(Fence):
    """A fence that no drain takes for one of its own."""

    @property
    def range_id(self) -> str:
        """See Fence. The token of the run makes it the run's own; the number is the claim."""
        run = self.token.partition("x")[0]
        return f"doctor{run}{self.number:09d}"

    @property
    def range_name(self) -> str:
        """See Fence."""
        return f"doctor_{self.number}_{self.token}"


@dataclass
class Scratch:
    """Two tabs that stand for Demandes and Système, and the calls that the checks make.

    `second` is the same spreadsheet as another account sees it, None if there is none. `waits` are
    the seconds that Google asked us to wait, None where it did not say. `run` is a random text.
    `made` are spreadsheets that have to be deleted.
    """

    workbook: GoogleWorkbook
    second: GoogleWorkbook | None
    run: str
    stamp: str
    ids: Mapping[str, int]
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    waits: list[float | None] = field(default_factory=list)
    made: list[str] = field(default_factory=list)

    def title(self, key: str) -> str:
        """The title of the tab that stands for one of ours."""
        return f"{PREFIX} {self.stamp} {self.run} {key}"

    @property
    def header(self) -> list[Cell]:
        """The header of the tab that stands for Demandes, with a partner's column at its end."""
        return [*(column.title for column in tab("requests").columns), PARTNERS]

    def row(self, **cells: Cell) -> list[Cell]:
        """The cells of a row by column; `partners` is the partner's column."""
        keys = [*(column.key for column in tab("requests").columns), "partners"]
        return [cells.get(key) for key in keys]

    def seen(self, rows: Sequence[Sequence[Cell]] = ()) -> Reading:
        """A reading of both tabs, as it would be if these rows stood below the header."""
        grids: dict[str, list[list[Cell]]] = {
            "requests": [self.header, *map(list, rows)],
            "system": [[column.title for column in tab("system").columns]],
        }
        return Reading({}, {key: TabCells(self.ids[key], cells) for key, cells in grids.items()})

    def fence(self, number: int, claim: str = "a") -> TrialFence:
        """A claim to a number; two claims of a run differ in `claim`."""
        return TrialFence(number, self.clock(), f"{self.run}x{claim}")

    def commit(self, fence: Fence, seen: Reading) -> Commit:
        """A commit without rows or edits."""
        return Commit(fence, self.workbook.id, seen)

    def lay_out(
        self, rows: Sequence[Sequence[Cell]], *requests: Json, row_count: int = ROWS
    ) -> Reading:
        """Let just these rows stand below the header of Demandes, in a grid of so many rows."""
        sheet = self.ids["requests"]
        width = len(self.header)
        cells = [{"values": [typed_cell(cell) for cell in row]} for row in (self.header, *rows)]
        size = {"rowCount": row_count, "columnCount": width}
        self.write(
            {
                "updateSheetProperties": {
                    "properties": {"sheetId": sheet, "gridProperties": size},
                    "fields": "gridProperties.rowCount,gridProperties.columnCount",
                }
            },
            {
                "updateCells": {
                    "range": {"sheetId": sheet},
                    "rows": cells,
                    "fields": "userEnteredValue",
                }
            },
            *requests,
        )
        return self.seen(rows)

    def write(self, *requests: Json) -> Json:
        """One batch. It is sent again only if Google certainly did not apply it."""
        return self.calling(lambda: self.workbook.batch_update(requests))

    def shown(self, key: str) -> Json:
        """A tab as it stands: its properties and cells."""
        answer = self.calling(lambda: self.workbook.get([a1(self.title(key))], _FIELDS))
        sheet: Json = answer["sheets"][0]
        return sheet

    def cells(self, key: str) -> list[list[Cell]]:
        """The cells of a tab without blank ones at the end of a row, or blank rows at the end."""
        return trimmed(grid(self.shown(key)))

    def letter(self, column: str) -> str:
        """The letter of a column of Demandes by its key."""
        return column_letter(self.seen().positions("requests")[column])

    def calling(self, call: Callable[[], _T]) -> _T:
        """Make a call, and make it again while Google asks us to wait.

        Raises:
            SkippedError: Google does not answer, which says nothing about what was to be checked.
            WorkbookError: see `GoogleWorkbook`.
        """
        jitter = random.Random(self.run).random
        backoff = Backoff(self.clock, self.sleep, jitter, lambda *_: None)
        until = self.clock() + timedelta(seconds=PATIENCE)
        tried = 0
        while True:
            try:
                return call()
            except WorkbookBusyError as error:
                self.waits.append(error.retry_after)
                tried += 1
                try:
                    backoff.wait(tried, error, until)
                except WorkbookBusyError as last:
                    raise SkippedError(f"{last} Recommencez dans quelques minutes.") from error
            except WorkbookUnsureError as error:
                raise SkippedError(f"{error} Recommencez dans quelques minutes.") from error


def trimmed(rows: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    """Rows without what is blank at their end, and at the end of all."""
    lines = [list(row) for row in rows]
    for line in lines:
        while line and line[-1] in (None, ""):
            line.pop()
    while lines and not lines[-1]:
        lines.pop()
    return lines


@contextmanager
def scratch(
    workbook: GoogleWorkbook,
    *,
    run: str,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
    second: GoogleWorkbook | None = None,
) -> Iterator[Scratch]:
    """Make the tabs for the time of a `with` block, and remove them whatever happens in it.

    Tabs that an earlier run left when its machine failed are removed first.

    Args:
        workbook: the spreadsheet.
        run: a random text of small letters and digits, without an x.
        clock: gives the time.
        sleep: waits for some seconds.
        second: the same spreadsheet as another account sees it.

    Raises:
        WorkbookError: the tabs cannot be made; or they cannot be removed, the sentence names them.
    """
    sheets = workbook.metadata()["sheets"]
    taken = {sheet["properties"]["sheetId"] for sheet in sheets}
    left = [
        sheet["properties"]["sheetId"]
        for sheet in sheets
        if _is_stale(sheet["properties"]["title"], clock())
    ]
    draw = random.Random(run)
    free = iter(lambda: draw.randrange(1, 2**31), None)
    ids = {key: next(number for number in free if number not in taken) for key in _KEYS}
    made = Scratch(workbook, second, run, f"{clock():{_STAMP}}", ids, clock, sleep)
    try:
        try:
            made.write(*map(_removal, left), *_creation(made))
        except SkippedError as reason:
            raise WorkbookError(str(reason)) from reason
        yield made
    finally:
        _remove(made)


def _is_stale(title: str, now: datetime) -> bool:
    words = title.removeprefix(f"{PREFIX} ").split(" ")
    if not title.startswith(f"{PREFIX} ") or not words:
        return False
    with suppress(ValueError):
        begun = datetime.strptime(words[0], _STAMP).replace(tzinfo=now.tzinfo)
        return now - begun > _STALE
    return False


def _creation(made: Scratch) -> Iterator[Json]:
    sizes = {
        "requests": {"rowCount": ROWS, "columnCount": len(made.header)},
        "system": {"rowCount": 2, "columnCount": 2},
    }
    for key, size in sizes.items():
        properties = {
            "sheetId": made.ids[key],
            "title": made.title(key),
            "hidden": True,
            "gridProperties": size,
        }
        yield {"addSheet": {"properties": properties}}


def _removal(sheet_id: int) -> Json:
    return {"deleteSheet": {"sheetId": sheet_id}}


def _remove(made: Scratch) -> None:
    """Remove all that was made; each thing is tried whatever became of the others."""
    left = []
    for spreadsheet in made.made:
        try:
            patiently(lambda: made.workbook.drive("delete", f"/{spreadsheet}"))  # noqa: B023
        except WorkbookError:
            left.append(f"le classeur « {made.title('classeur')} » du Drive de cette identité")
    try:
        titles = {
            sheet["properties"]["title"]: sheet["properties"]["sheetId"]
            for sheet in patiently(made.workbook.metadata)["sheets"]
        }
        there = [titles[title] for key in made.ids if (title := made.title(key)) in titles]
        if there:
            patiently(lambda: made.workbook.batch_update([*map(_removal, there)]))
    except WorkbookError:
        left += [f"l'onglet masqué « {made.title(key)} »" for key in made.ids]
    if left:
        raise WorkbookError(f"Tout n'a pas pu être retiré, supprimez : {', '.join(left)}.")
