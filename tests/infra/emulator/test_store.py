import sqlite3
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.emulator.app import create_app
from infra.emulator.errors import InvalidArgumentError, NotFoundError, UnimplementedError
from infra.emulator.grid import NO_ROW
from infra.emulator.store import Store
from tests.infra.emulator.helpers import REQUESTS, SHEET, Clock, dump, new_store, span


def test_a_spreadsheet_is_created_with_the_defaults_of_google(store):
    file = store.create({"title": "Essai"})
    assert len(file.book.id) == 44
    assert file.version == 1
    assert file.book.properties == {  # recorded
        "title": "Essai",
        "locale": "en_US",
        "autoRecalc": "ON_CHANGE",
        "timeZone": "Etc/GMT",
    }
    (sheet,) = file.book.sheets
    assert (sheet.id, sheet.title) == (0, "Sheet1")
    assert (len(sheet.grid.rows), len(sheet.grid.columns)) == (1000, 26)


def test_an_id_is_taken_once(store):
    store.create({}, "demo")
    with pytest.raises(InvalidArgumentError, match="demo"):
        store.create({}, "demo")
    assert len(store.files()) == 1


def test_properties_that_are_not_modelled_are_refused(store):
    with pytest.raises(UnimplementedError, match="defaultFormat"):
        store.create({"defaultFormat": {}})
    with pytest.raises(UnimplementedError, match="de_DE"):
        store.create({"locale": "de_DE"})
    assert store.files() == []


def test_every_change_counts_and_is_dated(store):
    created = store.create({}, "demo")
    store.update("demo", lambda book: book.add_sheet({}))
    changed = store.file("demo")
    assert (created.version, changed.version) == (1, 2)
    assert changed.created == created.created < changed.modified


def test_what_has_been_read_does_not_change(store):
    before = store.create({}, "demo")
    store.update("demo", lambda book: book.sheets[0].grid.grow(2000, 0))
    assert len(before.book.sheets[0].grid.rows) == 1000
    assert len(store.file("demo").book.sheets[0].grid.rows) == 2000


def test_a_change_that_fails_is_dropped(store):
    store.create({}, "demo")
    state, file = dump(store), store.file("demo")

    def fail(book):
        book.add_sheet({})
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.update("demo", fail)
    assert store.file("demo") is file
    assert dump(store) == state


def test_a_change_that_cannot_be_kept_is_dropped(tmp_path):
    store = new_store(tmp_path / "sheets.sqlite")
    state, file = dump(store), store.file("demo")

    def spoil(book):
        book.add_sheet({})
        book.sheets[0].properties = {**book.sheets[0].properties, "title": object()}

    with pytest.raises(TypeError):
        store.update("demo", spoil)
    assert store.file("demo") is file
    assert dump(store) == state
    store.update("demo", lambda book: book.add_sheet({}))


def test_a_deleted_spreadsheet_is_gone(tmp_path):
    store = new_store(tmp_path / "sheets.sqlite")
    client = create_app(store).test_client()
    body = {"valueInputOption": "RAW", "data": [{"range": "A1", "values": [["x"]]}]}
    client.post("/v4/spreadsheets/demo/values:batchUpdate", json=body)
    store.delete("demo")
    for act in (store.file, store.delete, lambda _: store.update("demo", print)):
        with pytest.raises(NotFoundError):
            act("demo")
    for table in ("spreadsheets", "sheets", "grid"):
        assert store._database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


@settings(max_examples=30, deadline=None)
@given(batches=st.lists(st.lists(REQUESTS, min_size=1, max_size=4), max_size=6))
def test_what_is_kept_comes_back(tmp_path_factory, batches):
    path = tmp_path_factory.mktemp("store") / "sheets.sqlite"
    store = new_store(path)
    client = create_app(store).test_client()
    for batch in ([SHEET], *batches):
        client.post("/v4/spreadsheets/demo:batchUpdate", json={"requests": batch})
    url = "/v4/spreadsheets/demo?includeGridData=true"
    before, version = client.get(url).json, store.file("demo").version
    written = store._database.execute("SELECT count(*) FROM grid").fetchone()[0]
    store.close()
    again = Store(path)
    assert create_app(again).test_client().get(url).json == before
    assert again.file("demo").version == version
    sheets = again.file("demo").book.sheets
    rows = {id(row) for sheet in sheets for row in sheet.grid.rows if row is not NO_ROW}
    assert written == len(rows)  # no row is left behind
    again.create({}, "another")
    again.close()


def test_rows_that_are_the_same_are_kept_until_the_last_is_gone(tmp_path):
    store = new_store(tmp_path / "sheets.sqlite")
    client = create_app(store).test_client()
    first = {"range": {"endRowIndex": 1}, "cell": {"userEnteredFormat": {"wrapStrategy": "CLIP"}}}
    for request in (
        {"repeatCell": first | {"fields": "userEnteredFormat"}},
        {"insertDimension": {"range": span("ROWS", 1, 3), "inheritFromBefore": True}},
        {"deleteDimension": {"range": span("ROWS", 1, 1)}},
    ):
        answer = client.post("/v4/spreadsheets/demo:batchUpdate", json={"requests": [request]})
        assert answer.status_code == 200
    store.close()
    again = Store(tmp_path / "sheets.sqlite")
    rows = again.file("demo").book.sheets[0].grid.rows
    assert [row.cell(0).format for row in rows[:4]] == [{"wrapStrategy": "CLIP"}] * 3 + [None]
    again.close()


def test_all_kinds_of_values_come_back(tmp_path):
    store = Store(tmp_path / "sheets.sqlite", clock=Clock())
    store.create({"locale": "fr_FR"}, "demo")
    client = create_app(store).test_client()
    body = {"values": [["été", "1,5", "VRAI", "=A1", "31/12/2026", ""]]}
    url = "/v4/spreadsheets/demo/values/A1"
    client.put(f"{url}?valueInputOption=USER_ENTERED", json=body)
    file = store.file("demo")
    store.close()
    again = Store(tmp_path / "sheets.sqlite")
    answer = create_app(again).test_client().get(f"{url}:F1?valueRenderOption=FORMULA").json
    assert answer["values"] == [["été", 1.5, True, "=A1", 46387]]
    assert again.file("demo").created == file.created
    assert again.file("demo").modified == file.modified
    again.close()


def test_only_what_has_changed_is_written(tmp_path):
    store = Store(tmp_path / "sheets.sqlite")
    store.create({}, "demo")
    client = create_app(store).test_client()
    rows = [[str(number)] for number in range(500)]
    url = "/v4/spreadsheets/demo/values/A{}?valueInputOption=RAW"
    client.put(url.format(1), json={"values": rows})
    statements = []
    store._database.set_trace_callback(statements.append)
    client.put(url.format(250), json={"values": [["x"]]})
    delete = {"range": {"sheetId": 0, "dimension": "ROWS", "startIndex": 3, "endIndex": 4}}
    batch = {"requests": [{"deleteDimension": delete}]}
    client.post("/v4/spreadsheets/demo:batchUpdate", json=batch)
    store._database.set_trace_callback(None)
    assert len([text for text in statements if "INTO grid" in text]) == 1
    assert len([text for text in statements if "DELETE FROM grid" in text]) == 2


def test_changes_from_many_threads_are_all_kept(store):
    store.create({}, "demo")
    client = create_app(store)

    def append(number):
        for _ in range(10):
            answer = client.test_client().post(
                "/v4/spreadsheets/demo:batchUpdate",
                json={
                    "requests": [
                        {
                            "appendCells": {
                                "rows": [
                                    {"values": [{"userEnteredValue": {"numberValue": number}}]}
                                ],
                                "fields": "*",
                            }
                        }
                    ]
                },
            )
            assert answer.status_code == 200

    threads = [Thread(target=append, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    grid = store.file("demo").book.sheets[0].grid
    values = [grid.cell(row, 0).value for row in range(grid.next_row())]
    assert sorted(values) == sorted([*range(1, 9)] * 10)
    assert store.file("demo").version == 81


def test_a_closed_store_answers_no_more(tmp_path):
    store = Store(tmp_path / "sheets.sqlite")
    store.close()
    with pytest.raises(sqlite3.ProgrammingError):
        store.create({})


def test_permissions_are_kept(tmp_path):
    store = Store(tmp_path / "sheets.sqlite")
    store.create({"title": "Suivi"}, "demo")
    anyone = {"id": "2", "type": "anyone", "role": "reader"}
    store.share("demo", [*store.file("demo").permissions, anyone])
    store.close()

    again = Store(tmp_path / "sheets.sqlite")

    assert [item["role"] for item in again.file("demo").permissions] == ["owner", "reader"]
    again.close()
