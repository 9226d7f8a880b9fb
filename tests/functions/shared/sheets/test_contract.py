"""What every workbook does for the functions: Google's, over the local Sheets API, and memory's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from functions.shared.errors import HeaderError, MissingTabsError, WorkbookRefusedError
from functions.shared.sheets.fence import Fence, read_sheet_state
from functions.shared.sheets.memory import KEYS, MemoryWorkbook
from functions.shared.sheets.port import (
    Change,
    Commit,
    Replacement,
    RowEdit,
    TabChange,
    copies,
    token,
)
from sheets_schema.columns import as_text
from sheets_schema.tab import tab
from sheets_schema.views import filter_views, wanted_views

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
ALL = dict.fromkeys(KEYS, "all")


@pytest.fixture(params=["google", "memory"])
def book(request):
    if request.param == "memory":
        return MemoryWorkbook()
    return request.getfixturevalue("workbook")


def fence(number=1, token="a"):
    return Fence(number, AT, token)


def commit(book, claim=None, **parts):
    """A commit that was decided on the workbook as it is."""
    return Commit(claim or fence(), book.id, book.read(ALL), **parts)


def request(number, **cells):
    return {"reference": f"LOT-{number}", "last_name": "Durand", **cells}


def texts(book, key="requests"):
    """The rows of a tab as texts by column."""
    reading = book.read({key: "all", "system": "all"})
    rows = reading.tabs[key].grid[1:]
    places = reading.positions(key)
    return [
        {name: text for name, at in places.items() if at < len(row) and (text := as_text(row[at]))}
        for row in rows
        if any(map(as_text, row))
    ]


def edit(row, changes, reference="LOT-1"):
    return RowEdit(reference, row, "hash", {key: Change("", text) for key, text in changes.items()})


def test_rows_are_added_under_their_columns_as_what_they_are(book):
    row = request(1, children=2.0, message="=1+1", newsletter="Oui", received_at=46349.5)
    book.commit(commit(book, rows={"requests": [row], "to_check": [{"subject": "Ceci"}]}))

    assert texts(book) == [
        {
            "reference": "LOT-1",
            "last_name": "Durand",
            "children": "2",
            "message": "=1+1",
            "newsletter": "Oui",
            "received_at": "46349,5",
        }
    ]
    assert texts(book, "to_check") == [{"subject": "Ceci"}]


def test_later_rows_come_below(book):
    book.commit(commit(book, rows={"requests": [request(1), request(2)]}))
    book.commit(commit(book, fence(2), rows={"requests": [request(3)]}))

    assert [row["reference"] for row in texts(book)] == ["LOT-1", "LOT-2", "LOT-3"]


def test_rows_are_inserted_below_the_last_that_says_something(book):
    """A note apart, or a column of their own that partners fill, is no last row."""
    book.commit(commit(book, rows={"requests": [request(1), {"notes": "à part"}]}))
    reading = book.read({"requests": "end"})
    assert len(reading.tabs["requests"].grid) == 1
    assert reading.end("requests") == 2

    seen = Commit(fence(2), book.id, book.read({"requests": "end", "system": "all"}))
    book.commit(replace(seen, rows={"requests": [request(2), request(3)]}))

    assert [row.get("reference") for row in texts(book)] == ["LOT-1", "LOT-2", "LOT-3", None]
    assert texts(book)[3] == {"notes": "à part"}
    assert book.read({"requests": "end"}).end("requests") == 4


def test_a_number_is_taken_once_and_of_the_second_nothing_is_applied(book):
    book.commit(commit(book, rows={"requests": [request(1)]}))

    with pytest.raises(WorkbookRefusedError):
        book.commit(commit(book, fence(token="b"), rows={"requests": [request(2)]}))

    assert [row["reference"] for row in texts(book)] == ["LOT-1"]
    state = read_sheet_state(book.read(ALL).named_ranges, book.read(ALL).tabs["system"].grid)
    assert (state.number, state.token, state.spreadsheet) == (1, "a", book.id)


def test_expired_fences_go(book):
    old, new = replace(fence(), at=AT - timedelta(hours=2)), fence(2)
    book.commit(commit(book, old))
    book.commit(commit(book, new, expired=[old]))

    assert book.read(ALL).named_ranges == {new.range_name: new.range_id}


def test_an_edited_row_is_copied_as_it_was_and_holds_tokens_until_they_are_replaced(book):
    book.commit(commit(book, rows={"requests": [request(1), request(2)]}))
    made = edit(2, {"referent": "Ana Roux", "organisation": ""}, "LOT-2")
    claim = fence(2)

    header, (copy,) = copies(book.commit(commit(book, claim, edits=[made])))

    places = book.read(ALL).positions("requests")
    titles = {key: as_text(header[place]) for key, place in places.items()}
    assert titles == {column.key: column.title for column in tab("requests").columns}
    assert as_text(copy[places["reference"]]) == "LOT-2"
    marks = {key: token(claim.key, made, key) for key in ("referent", "organisation")}
    assert texts(book)[1] == request(2, **marks)

    seen = book.read(ALL)
    swaps = [Replacement(marks["referent"], "Ana Roux"), Replacement(marks["organisation"], "")]
    book.replace(seen, [*swaps, Replacement("Attribution qui n'est nulle part", "?")])
    book.replace(seen, swaps)

    assert texts(book) == [request(1), request(2, referent="Ana Roux")]


def test_the_copies_of_an_earlier_commit_are_gone(book):
    book.commit(commit(book, rows={"requests": [request(1), request(2)]}))
    book.commit(commit(book, fence(2), edits=[edit(1, {"referent": "A"}), edit(2, {"notes": "B"})]))

    _, rows = copies(book.commit(commit(book, fence(3))))

    assert list(rows) == []


def delete_tab(book, key):
    if isinstance(book, MemoryWorkbook):
        del book.grids[key]
    else:
        sheet = book.read({key: "header"}).tabs[key].sheet_id
        book.batch_update([{"deleteSheet": {"sheetId": sheet}}])


def test_tabs_that_do_not_exist_are_named_by_their_keys(book):
    for key in ("requests", "tracking"):
        delete_tab(book, key)

    with pytest.raises(MissingTabsError) as missing:
        book.read(ALL | {"requests": ("reference",), "tracking": "end"})

    assert set(missing.value.keys) == {"requests", "tracking"}
    assert "« Demandes »" in str(missing.value)
    there = {key: part for key, part in ALL.items() if key not in missing.value.keys}
    assert book.read(there).tabs.keys() == there.keys()


def test_a_commit_that_does_not_touch_demandes_does_not_need_it(book):
    delete_tab(book, "requests")
    seen = book.read({"to_check": "all", "system": "all"})
    claim = fence()

    book.commit(Commit(claim, book.id, seen, {"to_check": [{"subject": "Ceci"}]}))

    assert texts(book, "to_check") == [{"subject": "Ceci"}]
    after = book.read({"system": "all"})
    assert read_sheet_state(after.named_ranges, after.tabs["system"].grid).key == claim.key


def test_some_columns_are_read_with_the_header_and_no_others(book):
    book.commit(commit(book, rows={"requests": [request(1, notes="à rappeler")]}))

    reading = book.read({"requests": ("reference", "notes"), "system": "header"})

    places = reading.positions("requests")
    assert places == book.read(ALL).positions("requests")
    (row,) = [row for row in reading.tabs["requests"].grid[1:] if any(map(as_text, row))]
    shown = {key for key, at in places.items() if at < len(row) and as_text(row[at])}
    assert shown == {"reference", "notes"}


def test_a_column_is_read_whatever_the_capitals_of_its_header(book):
    book.commit(commit(book, rows={"requests": [request(1)]}))
    seen = book.read(ALL)
    at = seen.positions("requests")["last_name"]
    if isinstance(book, MemoryWorkbook):
        book.grids["requests"][0][at] = "NOM"
    else:
        place = {"sheetId": seen.tabs["requests"].sheet_id, "rowIndex": 0, "columnIndex": at}
        rows = [{"values": [{"userEnteredValue": {"stringValue": "NOM"}}]}]
        header = {"rows": rows, "start": place, "fields": "userEnteredValue"}
        book.batch_update([{"updateCells": header}])

    read = book.read({"requests": ("last_name",), "system": "all"})

    assert as_text(read.tabs["requests"].grid[1][at]) == "Durand"


def test_whole_rows_are_read_by_their_place(book):
    book.commit(commit(book, rows={"requests": [request(n, notes=f"n{n}") for n in range(1, 6)]}))
    seen = book.read(ALL)
    notes = seen.positions("requests")["notes"]

    rows = book.read_rows(seen, "requests", [1, 2, 4])

    assert {row: cells[notes] for row, cells in rows.items()} == {1: "n1", 2: "n2", 4: "n4"}
    assert book.read_rows(seen, "requests", [1, 290]).keys() == {1}


def test_of_many_rows_apart_none_is_missing(book):
    book.commit(commit(book, rows={"requests": [request(n) for n in range(1, 400)]}))
    asked = list(range(1, 400, 2))

    rows = book.read_rows(book.read(ALL), "requests", asked)

    assert {row: rows[row][0] for row in asked} == {row: f"LOT-{row}" for row in asked}


def test_rows_are_not_read_under_another_header(book):
    book.commit(commit(book, rows={"requests": [request(1)]}))
    seen = book.read(ALL)
    seen.tabs["requests"].grid[0].insert(0, "Favoris")

    assert book.read_rows(seen, "requests", [1]) == {}


def test_the_version_stays_until_something_changes(book):
    before = book.version()
    assert before
    assert book.version() == before
    book.commit(commit(book, rows={"requests": [request(1)]}))
    assert book.version() != before


def test_permissions_say_who_may_open_it(book):
    assert [(item["type"], item["role"]) for item in book.permissions()] == [("user", "owner")]


def views_of(book):
    """The filter views of Demandes, by title."""
    if isinstance(book, MemoryWorkbook):
        views = list(book.views.values())
    else:
        (sheet, *_) = book.get([], "sheets.filterViews")["sheets"]
        views = sheet.get("filterViews", [])
    return {view["title"]: view for view in views}


def wanted_by(book, *referents):
    """Our filter views if these people are in Référents."""
    seen = book.read(ALL)
    at = seen.positions("requests")
    views = wanted_views(at, seen.positions("to_check"), referents)
    return filter_views(views, seen.tabs["requests"].sheet_id, at)


def test_filter_views_are_made_once_and_follow_what_is_wanted(book):
    book.keep_views(wanted_by(book, "Ana Roux"))
    assert book.keep_views(wanted_by(book, "Ana Roux")) == 0
    before = views_of(book)
    assert {"À contacter", "Grand-Figeac", "Suivi par Ana Roux"} <= before.keys()

    assert book.keep_views(wanted_by(book, "Bob Cros")) == 2

    after = views_of(book)
    assert after.keys() - before.keys() == {"Suivi par Bob Cros"}
    assert before.keys() - after.keys() == {"Suivi par Ana Roux"}


def test_a_view_of_a_person_is_never_touched(book):
    wanted = wanted_by(book)
    own = {"filterViewId": 5, "title": "À moi", "range": wanted[0]["range"]}
    if isinstance(book, MemoryWorkbook):
        book.views[5] = own
    else:
        book.batch_update([{"addFilterView": {"filter": own}}])
    before = views_of(book)["À moi"]

    book.keep_views(wanted)
    book.keep_views(wanted_by(book, "Bob Cros"))

    assert views_of(book)["À moi"] == before


def test_nothing_is_written_under_a_header_that_is_not_there(book):
    broken = commit(book, rows={"requests": [request(1)]})
    broken.seen.tabs["requests"].grid[0][1] = "Famille"

    with pytest.raises(HeaderError, match="« Nom »"):
        book.commit(broken)

    assert texts(book) == []
    assert book.read(ALL).named_ranges == {}


def test_a_column_that_the_workbook_is_too_old_to_have_is_left_out(book):
    older = commit(book, rows={"tracking": [{"reference": "LOT-1", "event": "Attribuée"}]})
    titles = [column.title for column in tab("tracking").columns if column.since == 1]
    older.seen.tabs["tracking"].grid[:] = [list(titles)]
    version = older.seen.tabs["system"].grid
    version[:] = [version[0], ["", 1.0]]

    book.commit(older)

    written = book.read({"tracking": "all"}).tabs["tracking"].grid[1]
    assert [as_text(cell) for cell in written if as_text(cell)] == ["LOT-1"]


def test_tabs_swap_their_titles_and_keep_their_cells_and_ids(book):
    before = {item.title: item for item in book.read_titles()}
    rules, people = before["Règles d'attribution"], before["Référents"]
    book.commit(
        commit(
            book,
            tabs=[
                TabChange(rules.sheet_id, "Règles d'avant"),
                TabChange(people.sheet_id, rules.title, people.title, index=rules.index),
            ],
        )
    )
    after = {item.title: item.sheet_id for item in book.read_titles()}
    assert after["Règles d'avant"] == rules.sheet_id
    assert after["Règles d'attribution"] == people.sheet_id
    assert "Référents" not in after


def test_a_title_that_is_taken_is_refused_and_nothing_is_applied(book):
    before = book.read_titles()
    number = next(item.sheet_id for item in before if item.title == "Référents")
    with pytest.raises(WorkbookRefusedError):
        book.commit(commit(book, tabs=[TabChange(number, "Règles d'attribution")]))
    assert book.read_titles() == before


def test_rows_of_another_tab_are_copied_and_hold_tokens_behind_their_header(book):
    header = [column.title for column in tab("rules").columns]
    seen = book.read(ALL)
    place = seen.positions("rules")["note"]
    made = RowEdit("rules-2", 1, "hash", {"note": Change("", "Neuve")}, "rules")
    kept = commit(book, edits=[made])
    _, (_, other) = copies(book.commit(kept))
    assert [as_text(cell) for cell in other][: len(header)] == header
    written = token(kept.fence.key, made, "note")
    assert book.read(ALL).tabs["rules"].grid[1][place] == written
    sheet_id = seen.tabs["rules"].sheet_id
    book.replace(seen, [Replacement(written, "Neuve", sheet_id)])
    assert book.read(ALL).tabs["rules"].grid[1][place] == "Neuve"
