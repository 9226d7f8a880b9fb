import pytest

URL = "/upload/drive/v2/files/demo?uploadType=media&convert=True&supportsAllDrives=True"


def upload(api, data: bytes, kind: str = "text/csv", url: str = URL):
    return api.client.put(url, data=data, content_type=kind)


def test_a_file_takes_the_place_of_all_sheets(api):
    """As recorded: the new sheet is called as the spreadsheet and has the usual size."""
    api.batch({"addNamedRange": {"namedRange": {"name": "Lettres", "range": {}}}})
    answer = upload(api, 'Nom,Né(e) le\nAnne,31/12/1990\n"Zoé, Li",\n'.encode())
    assert answer.json | {"version": "?"} == {
        "kind": "drive#file",
        "id": "demo",
        "title": "Essai",
        "mimeType": "application/vnd.google-apps.spreadsheet",
        "version": "?",
        "createdDate": "2026-11-23T07:00:01.000Z",
        "modifiedDate": "2026-11-23T07:00:03.000Z",
    }
    book = api.get()
    (properties,) = [sheet["properties"] for sheet in book["sheets"]]
    assert (properties["title"], properties["sheetId"] in (0, 7)) == ("Essai", False)
    assert properties["gridProperties"] == {"rowCount": 1000, "columnCount": 26}
    assert "namedRanges" not in book
    assert api.read("Essai") == [["Nom", "Né(e) le"], ["Anne", "31/12/1990"], ["Zoé, Li"]]
    assert api.read("B2", valueRenderOption="UNFORMATTED_VALUE") == [[33238]]


def test_a_large_file_makes_a_large_sheet(api):
    upload(api, b"\xef\xbb\xbf" + b"\n".join([b"," * 29 + b"x"] * 1200))
    size = api.get()["sheets"][0]["properties"]["gridProperties"]
    assert size == {"rowCount": 1200, "columnCount": 30}
    assert api.read("AD1200") == [["x"]]
    assert api.read("A1") == []  # the mark of UTF-8 is no text


def test_an_empty_file_empties_the_spreadsheet(api):
    api.write("A1", ["x"])
    assert upload(api, b"").status_code == 200
    assert api.read("Essai") == []


@pytest.mark.parametrize("data", [b"\xff", b'"'])
def test_what_is_no_csv_changes_nothing(data, api):
    api.write("A1", ["x"])
    assert "no CSV" in upload(api, data).json["error"]["message"]
    assert api.read("Demandes") == [["x"]]


@pytest.mark.parametrize(
    ("kind", "url", "code"),
    [
        ("text/html", URL, 501),
        ("text/csv", URL.replace("convert=True&", ""), 501),
        ("text/csv", f"{URL}&fields=id", 501),
        ("text/csv", URL.replace("media", "multipart"), 400),
        ("text/csv", URL.replace("demo", "nulle-part"), 404),
    ],
)
def test_other_uploads_are_refused(kind, url, code, api):
    answer = upload(api, b"a", kind, url)
    assert answer.status_code == code
    assert answer.json["error"]["errors"][0]["domain"] == "global"
