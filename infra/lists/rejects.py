"""Rows of a list that were not imported, as a file to correct and to import again. Pure."""

import csv
import io
import re
from collections.abc import Sequence

from infra.lists.fates import Line
from infra.lists.mapping import column_names
from infra.lists.proposing import Proposal
from infra.lists.sheets import as_text
from infra.lists.words import OUR_HEADERS, ROW_HEADER, WHY_HEADER

_NUMBER = re.compile(r"[+-][\d\s().-]+")  # a spreadsheet program may take it for a number
_RISKY = ("=", "+", "-", "@", "\t")  # a spreadsheet program takes it for a formula


def as_csv(sheets: Sequence[tuple[Proposal, Sequence[Line]]]) -> str:
    """The rows as they stand in the list, each with its place there and what is to be corrected.

    The file has the headers of the list, so what was decided about its columns holds for it too.

    Args:
        sheets: proposals, each with the rows to write.
    """
    headers: dict[str, None] = {}
    rows: list[dict[str, str]] = []
    for proposal, lines in sheets:
        names = _headers(proposal)
        if lines:
            headers.update(dict.fromkeys(names.values()))
        for line in lines:
            first = line.row - 1
            why = " ".join(
                f"{remark.cell} : {remark.sentence}" if remark.cell else remark.sentence
                for remark in line.remarks
            )
            for row in (first, *proposal.records.continued.get(first, ())):
                cells = {
                    name: as_text(proposal.table.shown(row, index)) for index, name in names.items()
                }
                place = ", ".join(filter(None, (proposal.sheet.name, str(row + 1))))
                rows.append({**cells, ROW_HEADER: place, WHY_HEADER: why})
    text = io.StringIO()
    writer = csv.DictWriter(
        text, [*headers, ROW_HEADER, WHY_HEADER], restval="", delimiter=";", lineterminator="\r\n"
    )
    writer.writeheader()
    writer.writerows({key: _harmless(cell) for key, cell in row.items()} for row in rows)
    return text.getvalue()


def _headers(proposal: Proposal) -> dict[int, str]:
    """The headers of a table by column, without those that an earlier such file had."""
    names = column_names(proposal.table)
    return {
        column.index: names[column.index]
        for column in proposal.table.columns
        if column.key not in OUR_HEADERS
    }


def _harmless(text: str) -> str:
    """A cell that no spreadsheet program takes for a formula."""
    return f"'{text}" if text.startswith(_RISKY) and not _NUMBER.fullmatch(text) else text
