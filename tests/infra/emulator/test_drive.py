import pytest

MIME = "application/vnd.google-apps.spreadsheet"


def test_a_file_is_created_shown_and_deleted(client, store):
    made = client.post("/drive/v3/files", json={"name": "Essai", "mimeType": MIME}).json
    assert made == {  # recorded
        "kind": "drive#file",
        "id": store.files()[0].book.id,
        "name": "Essai",
        "mimeType": MIME,
    }
    url = f"/drive/v3/files/{made['id']}"
    assert client.get(url).json == made
    deleted = client.delete(f"{url}?supportsAllDrives=True")
    assert (deleted.status_code, deleted.data) == (204, b"")
    assert client.get(url).status_code == 404


def test_the_version_counts_changes(api):
    url = "/drive/v3/files/demo?fields=version,modifiedTime"
    before = api.client.get(url).json
    assert before == {"version": "1", "modifiedTime": "2026-11-23T07:00:01.000Z"}
    api.get()
    assert api.client.get(url).json == before
    api.write("A1", ["x"])
    api.refused({"deleteSheet": {"sheetId": 9}})
    assert api.client.get(url).json == {"version": "2", "modifiedTime": "2026-11-23T07:00:02.000Z"}


def test_a_parameter_that_drive_takes_without_declaring_it(api):
    """As recorded: gspread asks so for the dates of a file."""
    query = "supportsAllDrives=True&includeItemsFromAllDrives=True&fields=id,name,createdTime"
    assert api.client.get(f"/drive/v3/files/demo?{query}").json == {
        "id": "demo",
        "name": "Essai",
        "createdTime": "2026-11-23T07:00:01.000Z",
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["un", "deux"]),
        (f'mimeType="{MIME}"', ["un", "deux"]),
        (f"mimeType = '{MIME}' and name = 'L’été'", ["deux"]),
        ('name = "Un "bon" titre"', []),
        ('name="Rien"', []),
        ('mimeType="text/plain"', []),
    ],
)
def test_files_are_found_by_name(client, store, query, names):
    store.create({"title": "Un"}, "un")
    store.create({"title": "L’été"}, "deux")
    if '"bon"' in query:
        assert client.get("/drive/v3/files", query_string={"q": query}).status_code == 501
        return
    answer = client.get("/drive/v3/files", query_string={"q": query, "fields": "files.id"}).json
    assert [file["id"] for file in answer["files"]] == names


def test_nothing_found_is_an_empty_list(client):
    assert client.get("/drive/v3/files").json == {"kind": "drive#fileList", "files": []}  # recorded


def test_a_list_is_as_long_as_asked_for(client, store):
    for _ in range(3):
        store.create({})
    answer = client.get("/drive/v3/files?pageSize=2").json
    assert len(answer["files"]) == 2
    assert set(answer["files"][0]) == {"kind", "id", "name", "mimeType"}


@pytest.mark.parametrize(
    ("verb", "path", "body", "name"),
    [
        ("POST", "", {"name": "x", "mimeType": "text/plain"}, "no spreadsheet"),
        ("POST", "", {"mimeType": MIME, "parents": ["x"]}, "parents"),
        ("GET", "?q=trashed+%3D+false", None, "trashed = false"),
        ("GET", "?pageToken=x", None, "pageToken"),
        ("GET", "?orderBy=name", None, "orderBy"),
        ("PATCH", "/demo", {"name": "x"}, "drive.files.update"),
        ("POST", "/demo/watch", {}, "drive.files.watch"),
    ],
)
def test_the_rest_of_drive_is_refused_by_name(client, verb, path, body, name):
    answer = client.open(f"/drive/v3/files{path}", method=verb, json=body)
    assert answer.status_code == 501
    assert name in answer.json["error"]["message"]


def test_errors_of_drive_have_a_list(client):
    answer = client.get("/drive/v3/files/nulle-part").json
    message = "File not found: nulle-part."
    assert answer["error"] == {
        "code": 404,
        "message": message,
        "errors": [{"message": message, "domain": "global", "reason": "notFound"}],
    }


PERMISSIONS = "/drive/v3/files/demo/permissions"


def test_a_new_file_has_its_owner_only(api):
    listed = api.client.get(PERMISSIONS, query_string={"fields": "permissions(role,type)"}).json
    assert listed == {"permissions": [{"role": "owner", "type": "user"}]}


def test_permissions_are_listed_page_by_page(api, store):
    ana = {"id": "2", "type": "user", "role": "writer", "emailAddress": "ana@example.org"}
    anyone = {"id": "3", "type": "anyone", "role": "reader"}
    store.share("demo", [*store.file("demo").permissions, ana, anyone])

    first = api.client.get(
        PERMISSIONS, query_string={"fields": "nextPageToken,permissions.id", "pageSize": 2}
    ).json
    assert first == {"permissions": [{"id": "1"}, {"id": "2"}], "nextPageToken": "2"}
    rest = api.client.get(PERMISSIONS, query_string={"pageToken": "2"}).json
    assert rest["permissions"] == [{"kind": "drive#permission", **anyone}]
    assert api.client.get(PERMISSIONS, query_string={"pageSize": 0}).status_code == 400
