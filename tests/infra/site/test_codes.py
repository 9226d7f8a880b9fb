import xml.etree.ElementTree as ET
import zlib
from pathlib import Path

import pytest
import zxingcpp

from functions.shared.errors import AccueilError
from infra.site.codes import address, files, write

PAGE = "https://www.example.org/venir"


def read(png: bytes) -> list[zxingcpp.Barcode]:
    """The codes that a phone reads in a PNG of one bit a pixel (PNG specification, 9.2, 11.2)."""
    at, data, width, height = 8, b"", 0, 0
    while at < len(png):
        length, kind = int.from_bytes(png[at : at + 4]), png[at + 4 : at + 8]
        chunk = png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height = int.from_bytes(chunk[:4]), int.from_bytes(chunk[4:8])
            assert chunk[8:10] == bytes([1, 0])  # one bit, grey
        data += chunk if kind == b"IDAT" else b""
        at += 12 + length
    raw, size = zlib.decompress(data), (width + 7) // 8
    line, pixels = bytes(size), bytearray()
    for start in range(0, height * (size + 1), size + 1):
        filtered, here = raw[start], raw[start + 1 : start + 1 + size]
        assert filtered in (0, 2)  # none, or the difference to the line above
        line = bytes(a + b & 255 for a, b in zip(here, line, strict=True)) if filtered else here
        pixels += bytes(255 * (line[x // 8] >> (7 - x % 8) & 1) for x in range(width))
    return zxingcpp.read_barcodes(memoryview(pixels).cast("B", shape=[height, width]))


def test_a_phone_reads_the_address(tmp_path):
    content = address(PAGE, "aire-a20", ["health", "following_partner"], ["Figeac", "cahors"])
    svg, png = files("aire-a20", tmp_path / "codes")

    write(content, svg, png)

    assert content == (
        f"{PAGE}?source=aire-a20&projects=health,following_partner&target=46102,46042"
    )
    (code,) = read(png.read_bytes())
    assert code.text == content
    assert code.ec_level == "Q"  # a quarter of it may be dirty or torn
    title = ET.parse(svg).getroot().find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text == content


@pytest.mark.parametrize(
    ("page", "made"),
    [
        (PAGE, f"{PAGE}?source=salon"),
        (f"{PAGE}/", f"{PAGE}/?source=salon"),
        ("https://www.example.org", "https://www.example.org/?source=salon"),
        (f"{PAGE}?page=12#formulaire", f"{PAGE}?page=12&source=salon#formulaire"),
        ("https://www.département.example/venir", "https://www.xn--dpartement-b7a.example/venir"),
        ("http://127.0.0.1:8080/intake", "http://127.0.0.1:8080/intake?source=salon"),
    ],
)
def test_the_page_stays_what_it_is(page, made):
    assert address(page, "salon", [], []).startswith(made)


@pytest.mark.parametrize(
    ("targets", "made"),
    [
        (["46102"], "46102"),
        (["Grand-Figeac"], "200067361"),
        (["anywhere"], "anywhere"),
        (["unknown"], "unknown"),
        (["Figeac", "figeac"], "46102"),
    ],
)
def test_where_somebody_wants_to_live(targets, made):
    assert address(PAGE, "salon", [], targets) == f"{PAGE}?source=salon&target={made}"


@pytest.mark.parametrize(
    ("page", "name", "projects", "targets", "sentence"),
    [
        ("", "salon", [], [], "Indiquez l'adresse de la page du site"),
        ("www.example.org", "salon", [], [], "www.example.org : indiquez l'adresse d'une page"),
        ("http://www.example.org/", "salon", [], [], "n'est pas en https"),
        (PAGE, "Aire A20", [], [], "« Aire A20 » : un nom fait de lettres sans accent"),
        (PAGE, "../x", [], [], "un nom fait de lettres sans accent"),
        (PAGE, "a" * 41, [], [], "40 caractères au plus"),
        (PAGE, "salon\n", [], [], "un nom fait de lettres sans accent"),
        (PAGE, "test", [], [], "« test » est réservé aux essais"),
        (PAGE, "salon", ["bakery"], [], "--project bakery : choisissez parmi employment, "),
        (PAGE, "salon", ["health", "studies", "other", "farming"], [], "3 projets au plus"),
        (PAGE, "salon", [], ["Toulouse"], "--target Toulouse : le nom d'une commune"),
        (PAGE, "salon", [], ["46100"], "--target 46100 : le nom d'une commune"),
        (PAGE, "salon", [], ["anywhere", "Figeac"], "ou bien anywhere, ou unknown, seul"),
        (PAGE, "salon", [], ["Figeac", "Grand-Figeac"], "pas les deux"),
    ],
)
def test_what_is_not_possible_is_said(page, name, projects, targets, sentence):
    with pytest.raises(AccueilError) as caught:
        address(page, name, projects, targets)

    assert sentence in str(caught.value)


def test_an_address_can_be_too_long(tmp_path):
    with pytest.raises(AccueilError, match="trop longue pour un code QR"):
        write(f"{PAGE}?{'x' * 3000}", *files("x", tmp_path))


def test_a_folder_that_cannot_be_written_into():
    with pytest.raises(AccueilError, match="Impossible d'écrire dans /proc/x : "):
        write(PAGE, *files("x", Path("/proc/x")))
