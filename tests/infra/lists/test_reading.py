"""Files of any format become sheets, or are refused with what to do."""

import contextlib
import io
import struct
import zipfile

import pytest

from infra.lists import outlines, reading
from infra.lists.binary_outlines import DamagedError, _name, xls_outlines
from infra.lists.reading import read_content, read_file
from infra.lists.sheets import ListError
from tests.infra.lists.corpus import Case

TABLE = Case("", "Nom|Prénom|Ville\nd'Œuvres|Zoé|Albi\nPONS|Luc|Sète", 0, 2, {})
PARTS = {
    "content_xml": "content.xml",
    "manifest": "META-INF/manifest.xml",
    "workbook": "xl/workbook.xml",
    "relations": "xl/_rels/workbook.xml.rels",
    "sheet": "xl/worksheets/s.xml",
    "document": "word/document.xml",
}
SPANNED = 'table:number-columns-spanned="2"'
ROWS = [["Nom", "Prénom", "Ville"], ["d'Œuvres", "Zoé", "Albi"], ["PONS", "Luc", "Sète"]]


def refusal(content: bytes, name: str = "liste.xls") -> str:
    with pytest.raises(ListError) as caught:
        read_content(name, content)
    return str(caught.value)


def zipped(**parts: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(PARTS.get(name, name), content)
    return stream.getvalue()


def ods(rows: str) -> bytes:
    names = "office:1.0", "table:1.0", "text:1.0"
    spaces = " ".join(
        'xmlns:{}="urn:oasis:names:tc:opendocument:xmlns:{}"'.format(name.split(":")[0], name)
        for name in names
    )
    return zipped(
        mimetype=b"application/vnd.oasis.opendocument.spreadsheet",
        content_xml=(
            f"<office:document-content {spaces}><office:body><office:spreadsheet>"
            f'<table:table table:name="Liste">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>"
        ).encode(),
        manifest=b"<manifest/>",
    )


def cell(text: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {more}><text:p>{text}</text:p></table:table-cell>'


@pytest.mark.parametrize("how", ["csv", "comma", "cp1252", "mac", "tabs", "xlsx", "xls", "page"])
def test_every_format_gives_the_same_cells(how):
    case = Case("", TABLE.table, 0, 2, {}, write=how)
    if how == "mac":  # an old Mac has no Œ in the same place, so it shows which encoding it is
        assert "lu en mac_roman" in read_content("liste.csv", case.content).remarks[0]

    (sheet,) = read_content("liste", case.content).sheets

    assert sheet.rows == ROWS


def test_a_quoted_cell_may_hold_separators_quotes_and_line_breaks():
    (sheet,) = read_content("l.csv", b'Nom;Note\nPONS;"a ; ""b""\nc"\n').sheets

    assert sheet.rows[1] == ["PONS", 'a ; "b"\nc']


def test_the_line_that_names_the_separator_is_no_record():
    (sheet,) = read_content("l.csv", b"sep=|\nNom|Ville\nPONS|Albi\n").sheets

    assert sheet.rows == [[], ["Nom", "Ville"], ["PONS", "Albi"]]


def test_a_quote_that_never_ends_is_said_with_its_row():
    open_quote = b'Nom;Note\nPONS;"' + b"x" * (2**20 + 1)

    assert refusal(open_quote).startswith("Ligne 2 : ce fichier CSV n'est pas lisible")


def test_an_ods_says_what_is_merged_and_hidden():
    rows = (
        '<table:table-column/><table:table-column table:visibility="collapse"/>'
        f"<table:table-row>{cell('Titre', SPANNED)}"
        "<table:covered-table-cell/></table:table-row>"
        f'<table:table-row table:visibility="filter">{cell("Nom")}{cell("Ville")}</table:table-row>'
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    )
    (sheet,) = read_content("l.ods", ods(rows)).sheets

    assert sheet.text(1, 1) == "Ville"
    assert (sheet.hidden_rows, sheet.hidden_columns) == ({1}, {1})
    assert [(m.top, m.bottom, m.left, m.right) for m in sheet.merged] == [(0, 0, 0, 1)]
    second = f"<table:table-row>{cell('Nom')}{cell('Ville', SPANNED)}</table:table-row>"
    (sheet,) = read_content("l.ods", ods(second)).sheets
    assert [(m.left, m.right) for m in sheet.merged] == [(1, 2)]


def test_rows_of_an_xlsx_that_say_no_number_follow_each_other():
    rows = b'<row hidden="1"/><row/><row r="5" hidden="true"/><row hidden="1"/>'
    archive = zipped(sheet=b"<worksheet><sheetData>" + rows + b"</sheetData></worksheet>")
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        assert outlines._xlsx_outline(file, PARTS["sheet"], "Liste").hidden_rows == {0, 4, 5}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("Nom|Ville\nÉ|Albi".encode("cp1252"), "cp1252 (Windows), séparateur : barre verticale"),
        ("sep=!\nNom!Ville".encode("utf-16"), "UTF-16, séparateur : !"),
    ],
)
def test_how_a_text_was_read_is_said(content, said):
    assert read_content("l.csv", content).remarks == (f"Texte lu en {said}.",)


@pytest.mark.parametrize("name", ["Feuille 1", "Été – « à voir »"])
def test_a_binary_xls_says_what_is_hidden_and_whence_its_days_count(name):
    table = "\n".join([TABLE.table, *["MAS|Eva|Albi"] * 40])
    case = Case("", table, 0, 42, {}, write="xls", sheet=name, hidden_rows=(3, 40),
                hidden_columns=("B",), since_1904=True)  # fmt: skip
    (sheet,) = read_content("l.xls", case.content).sheets

    assert (sheet.hidden_rows, sheet.hidden_columns, sheet.since_1904) == ({2, 39}, {1}, True)
    plain = Case("", table, 0, 42, {}, write="xls").content
    (sheet,) = read_content("l.xls", plain).sheets
    assert (sheet.hidden_rows, sheet.hidden_columns, sheet.since_1904) == (set(), set(), False)


@pytest.mark.parametrize(
    ("version", "said", "name"),
    [
        (0x0500, b"\x03\x80t\xe9", "€té"),
        (0x0600, b"\x03\x00\xc9t\xe9", "Été"),
        (0x0600, b"\x03\x04\xc9t\xe9", "Été"),
        (0x0600, b"\x03\x01\xac\x20t\x00\xe9\x00", "€té"),
    ],
)
def test_the_name_of_a_sheet_is_read_as_each_version_writes_it(version, said, name):
    assert _name(bytes(6) + said + b"more", version) == name


def test_sectors_of_a_binary_xls_that_follow_each_other_in_a_circle_are_refused():
    content = Case("", TABLE.table, 0, 2, {}, write="xls", hidden_rows=(3,)).content
    assert xls_outlines(content)["Feuille 1"].hidden_rows == {2}
    (table,) = struct.unpack_from("<I", content, 76)
    first = (table + 1) * 512  # who follows sector 0, where the workbook begins
    for follower in (0, 1):
        circle = bytearray(content)
        struct.pack_into("<II", circle, first, 1, follower)
        assert "endommagé" in refusal(bytes(circle))


@pytest.mark.parametrize("how", ["csv", "xls", "xlsx"])
def test_a_stray_cell_far_from_the_table_does_not_make_a_sheet_of_millions(monkeypatch, how):
    monkeypatch.setattr(outlines, "MOST_CELLS", 100)
    table = TABLE.table + "\n" * 40 + "||stray"
    said = refusal(Case("", table, 0, 2, {}, write=how).content)

    assert "supprimez les cellules perdues loin du tableau" in said


def test_whatever_a_binary_xls_says_of_itself_its_outline_ends():
    content = Case("", TABLE.table, 0, 2, {}, write="xls").content
    headers = (  # where the container says that everything is
        content[:at] + value + content[at + 2 :]
        for at in range(0, 512, 2)
        for value in (b"\x00\x00", b"\xff\xff", b"\x01\x00")
    )
    for damaged in (*headers, *(content[:length] for length in range(0, len(content), 97))):
        with contextlib.suppress(DamagedError):
            xls_outlines(damaged)


def test_an_xlsx_says_what_is_merged_and_hidden():
    case = Case("", TABLE.table, 0, 2, {}, write="xlsx", merged=("A4:C5",), hidden_rows=(3,),
                hidden_columns=("B",), since_1904=True)  # fmt: skip
    (sheet,) = read_content("l.xlsx", case.content).sheets

    assert (sheet.hidden_rows, sheet.hidden_columns, sheet.since_1904) == ({2}, {1}, True)
    assert [(m.top, m.bottom, m.left, m.right) for m in sheet.merged] == [(3, 4, 0, 2)]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b" \n ", "Ce fichier est vide."),
        (b"%PDF-1.7 ...", "Ce fichier est un PDF"),
        (b"\x89PNG\0\0", "ni un tableau ni un texte"),
        (b"PK\x03\x04broken", "Ce fichier est endommagé"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "Ce fichier est endommagé"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "protégé par un mot de passe",
        ),
        (b"<html><body><p>Bonjour</p></body></html>", "page web sans tableau"),
        (b'<?xml version="1.0"?><Workbook/>', "Ce fichier est du XML"),
        (zipped(document=b"<w/>"), "Ce fichier n'est pas un tableau"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(content, sentence):
    assert sentence in refusal(content)


def test_entities_are_never_read():
    entity = b'<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/hostname">]><workbook>&a;</workbook>'

    assert "DOCTYPE" in refusal(zipped(workbook=entity))
    assert "DOCTYPE" in refusal(zipped(content_xml=entity))


def test_a_file_that_swells_is_refused(monkeypatch):
    monkeypatch.setattr(outlines, "MOST_BYTES", 10_000)

    assert "grossit démesurément" in refusal(zipped(content_xml=b" " * 20_000))


def test_a_file_of_more_than_20_megabytes_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MOST_MEGABYTES", 0)
    path = tmp_path / "liste.csv"
    path.write_bytes(TABLE.content)

    with pytest.raises(ListError, match=r"^liste\.csv : Ce fichier dépasse 0 Mo"):
        read_file(path)


def test_a_file_that_cannot_be_opened_is_named(tmp_path):
    with pytest.raises(ListError, match=r"^absent\.csv : ce fichier ne s'ouvre pas"):
        read_file(tmp_path / "absent.csv")


def test_a_cell_far_away_is_refused_before_memory_is_taken_for_it():
    sheet = (
        b"<worksheet><sheetData>"
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    far = zipped(
        workbook=b'<workbook xmlns:r="r"><sheets><sheet name="L" r:id="a"/></sheets></workbook>',
        relations=b'<Relationships><Relationship Id="a" Target="worksheets/s.xml"/></Relationships>',
        sheet=sheet,
    )

    assert "L'onglet « L » a plus de 100 000 lignes" in refusal(far)
    many = (
        '<table:table-row table:number-rows-repeated="200000">' + cell("x") + "</table:table-row>"
    )
    assert "a plus de 100 000 lignes" in refusal(ods(many))


def test_a_page_with_a_table_that_is_too_wide_is_refused():
    cells = "<td>x</td>" * 1001

    assert "1 000 colonnes" in refusal(f"<table><tr>{cells}</tr></table>".encode())


@pytest.mark.parametrize("tag", ["<a ", "<td a='", "<!--"])
def test_a_page_of_tags_that_never_end_is_refused_at_once(tag):
    assert "page web endommagée" in refusal(b"<table>" + tag.encode() * 5_000)


def test_a_page_repeats_no_cell_that_spans_others():
    page = (
        b"<table><tr><th rowspan=2>Nom<th colspan=2>Contact</tr><tr><td>T&eacute;l<td>Mail</table>"
    )
    (sheet,) = read_content("l.xls", page).sheets

    assert sheet.rows == [["Nom", "Contact", None], [None, "Tél", "Mail"]]
    assert len(sheet.merged) == 2


def test_without_the_library_the_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "python_calamine", None)

    assert "uv sync --group lists" in refusal(
        ods(f"<table:table-row>{cell('x')}</table:table-row>")
    )
