import io
import json
import os
import stat
import tarfile
from pathlib import Path

import pytest

from infra.communes import DATA, _one_line_an_entry, rebuild
from sheets_schema.errors import AccueilError
from sheets_schema.territory import from_json

ABOUT = {"name": "@etalab/decoupage-administratif", "version": "6.0.0", "license": "MIT"}
COMMUNES = [
    {
        "code": "99001",
        "nom": "Bourg-l'Église",
        "type": "commune-actuelle",
        "departement": "99",
        "codesPostaux": ["99100"],
    },
    {
        "code": "99002",
        "nom": "Aval",
        "type": "commune-actuelle",
        "departement": "99",
        "codesPostaux": ["99200"],
    },
]
EPCIS = [
    {
        "code": "100",
        "nom": "CC du Haut Pays",
        "membres": [
            {"code": "99001", "nom": "Bourg-l'Église", "populationTotale": 900},
            {"code": "99002", "nom": "Aval", "populationTotale": 100},
        ],
    }
]


HISTORY = [{"id": "COM-99001@1943-01-01", "code": "99001", "nom": "Bourg", "type": "COM"}]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small made-up package, unpacked."""
    folder = tmp_path / "package"
    (folder / "data").mkdir(parents=True)
    for name, content in {
        "package.json": ABOUT,
        "data/communes.json": COMMUNES,
        "data/epci.json": EPCIS,
        "data/historique-communes.json": HISTORY,
    }.items():
        (folder / name).write_text(json.dumps(content), "utf-8")
    return folder


@pytest.fixture
def archive(folder: Path) -> Path:
    """The same as npm packs it."""
    archive = folder.parent / "package.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(folder, "package")
    return archive


@pytest.fixture
def out(tmp_path: Path) -> Path:
    out = tmp_path / "out"
    out.mkdir()
    return out


def npm(folder: Path, script: str) -> None:
    """A program called npm, in a folder of its own."""
    program = folder / "npm"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


class TestRebuild:
    @pytest.mark.parametrize("kind", ["folder", "archive"])
    def test_a_departement_s_file_is_written_from_the_package(self, request, out, kind):
        path = rebuild(
            "99",
            request.getfixturevalue(kind),
            request.getfixturevalue(kind),
            "2026-11-23",
            out=out,
        )

        data = json.loads(path.read_text("utf-8"))
        assert path == out / "communes-99.json"
        assert data["source"].startswith("@etalab/decoupage-administratif 6.0.0 and 0.8.0 (npm)")
        assert data["licence"] == "data: Licence Ouverte 2.0 (Etalab); package: MIT"
        assert data["date"] == "2026-11-23"
        assert from_json(data).find("bourg l eglise").epci == "100"

    def test_a_diff_shows_which_commune_changed(self, folder, out):
        text = rebuild("99", folder, folder, "2026-11-23", out=out).read_text("utf-8")

        assert [line for line in text.splitlines() if "postcodes" in line] == [
            f"    {json.dumps(entry, ensure_ascii=False)}{comma}"
            for entry, comma in zip(json.loads(text)["communes"], (",", ""), strict=True)
        ]
        assert "Bourg-l'Église" in text

    def test_rebuilding_changes_nothing_when_nothing_changed(self, folder, out):
        before = rebuild("99", folder, folder, "2026-11-23", out=out).read_bytes()

        assert rebuild("99", folder, folder, "2026-11-23", out=out).read_bytes() == before

    def test_the_committed_data_is_written_as_it_would_be_rebuilt(self):
        text = (DATA / "communes-46.json").read_text("utf-8")

        assert _one_line_an_entry(json.loads(text)) == text

    def test_a_departement_that_the_package_does_not_know_is_named(self, folder, out):
        with pytest.raises(AccueilError) as caught:
            rebuild("2C", folder, folder, "2026-11-23", out=out)

        assert str(caught.value) == "Aucune commune pour le département « 2C »."
        assert list(out.iterdir()) == []


class TestPackage:
    def test_a_folder_that_is_no_package_is_named(self, tmp_path, out):
        with pytest.raises(AccueilError, match=r"decoupage-administratif n'est pas lisible dans"):
            rebuild("99", tmp_path, tmp_path, "2026-11-23", out=out)

    @pytest.mark.parametrize(
        "name",
        ["package.json", "data/communes.json", "data/epci.json", "data/historique-communes.json"],
    )
    def test_a_package_with_a_damaged_file_is_named(self, folder, out, name):
        (folder / name).write_text("[{", "utf-8")

        with pytest.raises(AccueilError, match=r"decoupage-administratif n'est pas lisible dans"):
            rebuild("99", folder, folder, "2026-11-23", out=out)

    def test_a_package_without_a_licence_is_not_used(self, folder, out):
        (folder / "package.json").write_text('{"version": "6.0.0"}')

        with pytest.raises(AccueilError, match="'license'"):
            rebuild("99", folder, folder, "2026-11-23", out=out)

    def test_a_file_that_is_not_there_is_named(self, tmp_path, out):
        with pytest.raises(AccueilError) as caught:
            rebuild("99", tmp_path / "none.tgz", tmp_path / "none.tgz", "2026-11-23", out=out)

        assert str(caught.value) == f"« {tmp_path / 'none.tgz'} » n'est pas un paquet npm lisible."

    @pytest.mark.parametrize("kept", [0, 10, 100, 300])
    def test_a_download_that_was_cut_short_is_named(self, archive, out, kept):
        archive.write_bytes(archive.read_bytes()[:kept])

        with pytest.raises(AccueilError, match="n'est pas un paquet npm lisible"):
            rebuild("99", archive, archive, "2026-11-23", out=out)

    def test_a_download_that_was_damaged_on_the_way_is_named(self, archive, out):
        content = bytearray(archive.read_bytes())
        content[40:60] = b"\xff" * 20
        archive.write_bytes(content)

        with pytest.raises(AccueilError, match="n'est pas un paquet npm lisible"):
            rebuild("99", archive, archive, "2026-11-23", out=out)

    def test_a_package_cannot_write_outside_its_folder(self, tmp_path, out):
        archive = tmp_path / "evil.tgz"
        with tarfile.open(archive, "w:gz") as tar:
            tar.addfile(tarfile.TarInfo("../../evil"), io.BytesIO())

        with pytest.raises(AccueilError, match="n'est pas un paquet npm lisible"):
            rebuild("99", archive, archive, "2026-11-23", out=out)


class TestNpm:
    def test_without_a_package_npm_fetches_the_official_one(
        self, archive, out, tmp_path, monkeypatch
    ):
        npm(tmp_path, f'echo "$@" >> {tmp_path}/asked; cp {archive} etalab.tgz')
        monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

        rebuild("99", None, None, "2026-11-23", out=out)

        assert (tmp_path / "asked").read_text() == (
            "pack --silent @etalab/decoupage-administratif\n"
            "pack --silent @etalab/decoupage-administratif@0.8.0\n"
        )
        assert (out / "communes-99.json").exists()

    def test_without_npm_the_operator_is_told_what_to_install(self, out, tmp_path, monkeypatch):
        monkeypatch.setenv("PATH", str(tmp_path))

        with pytest.raises(AccueilError) as caught:
            rebuild("99", None, None, "2026-11-23", out=out)

        assert str(caught.value) == (
            "npm est introuvable : installez Node.js, ou indiquez le paquet avec --package."
        )

    def test_what_npm_says_when_it_fails_is_shown(self, out, tmp_path, monkeypatch):
        npm(tmp_path, "echo 'npm error code ENOTFOUND' >&2; exit 1")
        monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

        with pytest.raises(AccueilError) as caught:
            rebuild("99", None, None, "2026-11-23", out=out)

        assert str(caught.value) == (
            "« npm pack --silent @etalab/decoupage-administratif » a échoué : "
            "npm error code ENOTFOUND"
        )
