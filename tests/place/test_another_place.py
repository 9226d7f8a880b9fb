"""Another département is another `place.json` and its communes: here the Corrèze.

The copy of the system has nothing of the Lot's data. Of the Corrèze it has a few communes out of
the official data (communes-19.json names source and licence).
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LOT = re.compile(r"\bLot\b|\bLOT|oh.my.lot|tout le lot|#1f5f5b|\b46\d{3}\b", re.IGNORECASE)
# « lot » is a batch, too, in words for whoever administers the system.
BATCH = re.compile(r"Dernier lot écrit|du dernier lot écrit")
PORT = re.compile(r"(?<=127\.0\.0\.1):\d+")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What people see on a request's way; a new process with all the code takes some seconds."""
    copy = tmp_path_factory.mktemp("correze")
    for name in ("functions", "infra", "sheets_schema"):
        shutil.copytree(ROOT / name, copy / name)  # with its bytecode, which saves seconds
    shutil.copy(ROOT / "main.py", copy)
    data = copy / "sheets_schema" / "data"
    (data / "communes-46.json").unlink()
    for name in ("place.json", "communes-19.json"):
        shutil.copy(HERE / name, data)
    home = tmp_path_factory.mktemp("home")
    environ = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, HERE / "journey.py", home],
        cwd=copy,
        env=environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen.pop("copy") == str(copy)
    return seen


def test_the_form_is_the_other_place_s(seen):
    assert "<title>Votre projet d'installation en Corrèze – Bienvenue en Corrèze !</title>" in seen[
        "form"
    ].replace("&#39;", "'")
    assert "Partout en Corrèze" in seen["form"]
    assert "Télétravailler depuis la Corrèze" in seen["form"]
    assert "Autour de Tulle (Tulle Agglo)" in seen["form"]
    assert "Le Département de la Corrèze. Son délégué" in seen["form"]
    assert "Corrèze Tourisme" in seen["form"]
    assert "--brand: var(--accueil-brand, #6b2d5c)" in seen["form"]
    assert "<title>Your plan to move to Corrèze – Bienvenue" in seen["form in English"]
    assert "Anywhere in Corrèze" in seen["form in English"]
    assert "Work remotely from Corrèze" in seen["form in English"]


def test_a_site_places_it_by_the_other_name(seen):
    assert "[data-bienvenue-en-correze]" in seen["embed.js"]
    assert "bienvenue-en-correze:sent" in seen["embed.js"]


def test_a_request_gets_the_other_prefix_and_its_words(seen):
    rows = {row["Territoire visé"]: row for row in seen["rows"]}
    first, second = rows["Tulle"], rows["Partout en Corrèze"]
    assert seen["drained"] == {"written": 2}
    for row, page in ((first, "confirmation"), (second, "confirmation in English")):
        assert re.fullmatch("COR-[0-9A-Z]{4}-[0-9A-Z]{4}", row["Référence"])
        assert row["Référence"] in seen[page]
        assert row["Projet principal"] == "Télétravailler depuis la Corrèze"
    assert first["Pourquoi ce référent"] == "Règle 1 : Tous les projets × Tulle Agglo → Jeanne Roy"
    assert (
        second["Pourquoi ce référent"]
        == "Règle 2 : Tous les projets × partout en Corrèze → Jeanne Roy"
    )


def test_what_is_refused_is_refused_in_the_other_place_s_words(seen):
    assert "pas une commune de la Corrèze" in seen["refusal"]
    assert "this is not a commune of Corrèze" in seen["refusal in English"]


def test_the_sheet_offers_its_words_and_territories(seen):
    assert seen["territories"] == ["Bassin de Brive", "Tulle Agglo"]
    assert {"Vivre ma retraite en Corrèze", "Télétravailler depuis la Corrèze"} <= {
        *seen["projects"]
    }
    assert "Tulle" in [row["Commune"] for row in seen["communes"]]
    assert len(seen["communes"]) == 7
    assert any("« Relance de COR-… »" in answer for _, answer in seen["guide"])
    assert "Vide : toute la Corrèze." in seen["workbook"]
    assert "Installation hors de la Corrèze" in seen["workbook"]


def test_the_mails_have_the_other_name_and_colours(seen):
    to, subject, html, text = seen["notice"]
    assert (to, subject) == ("jeanne@example.org", "Bienvenue en Corrèze ! 2 demandes pour vous")
    assert seen["rows"][0]["Référence"] in text
    assert "Bienvenue en Corrèze\N{NO-BREAK SPACE}!" in html
    assert "#6b2d5c" in html
    assert "#4f9d69" in html
    [french, english] = seen["receipts"]
    assert "Corrèze" in french
    assert "Corrèze" in english
    _, subject, html, text = seen["digest"]
    assert subject.startswith("Aperçu – Bienvenue en Corrèze ! Semaine du ")
    assert text.startswith("Bienvenue en Corrèze ! Semaine du ")
    assert "#6b2d5c" in html
    assert "Partout en Corrèze" in text


def test_programs_and_the_operator_read_of_the_other_place(seen):
    document = json.loads(seen["openapi.json"])
    assert document["info"]["title"] == "Bienvenue en Corrèze ! : demandes d'installation"
    [example] = document["components"]["schemas"]["Submission"]["examples"]
    assert example["target"] == {"communes": ["19272"]}
    assert "COR-…" in seen["manual"]
    assert "target.communes=Tulle" in seen["manual"]
    assert "« Bienvenue en Corrèze ! »" in seen["help"]
    assert "vivre en Corrèze" in seen["local page"]


def test_the_lot_is_named_nowhere(seen):
    # The port that this machine gave the system may begin with the Lot's number.
    text = PORT.sub("", json.dumps(seen, ensure_ascii=False))
    assert len(text) > 100_000
    assert LOT.findall(BATCH.sub("", text)) == []
