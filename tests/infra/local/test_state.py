import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.state import SHEETS, StateError, empty, kept, locked, make

ROOT = Path(__file__).parents[3]


def keep_something(home):
    for folder in ("journal/pending", "mail"):
        (home / folder).mkdir(parents=True)
    (home / "journal/pending/abc").write_text("{}")
    (home / SHEETS).write_text("")
    (home / "notes.txt").write_text("mine")


def test_a_file_is_one_process_s_at_a_time(tmp_path):
    with (
        locked(tmp_path / SHEETS),
        pytest.raises(StateError, match=r"se sert déjà de .*sheets.sqlite : arrêtez-le"),
    ):
        locked(tmp_path / SHEETS).__enter__()
    with locked(tmp_path / SHEETS):
        pass


def test_a_place_that_cannot_be_used_is_a_sentence(tmp_path):
    with pytest.raises(StateError, match="Impossible de garder quoi que ce soit dans"):
        kept(tmp_path / "none" / "sheets.sqlite").__enter__()
    with pytest.raises(StateError, match="Impossible de créer le dossier /proc/none"):
        make(Path("/proc/none"))


def test_a_file_that_holds_something_else_is_left_alone(tmp_path):
    other = tmp_path / "README.md"
    other.write_text("# Title\n" * 200)
    with pytest.raises(StateError, match=r"README.md n'est pas un fichier de classeurs"):
        kept(other).__enter__()
    assert other.read_text() == "# Title\n" * 200


def test_emptying_says_what_is_gone_and_leaves_the_rest(tmp_path):
    keep_something(tmp_path)
    assert empty(tmp_path) == f"Effacé de {tmp_path} : journal, mail, sheets.sqlite."
    assert not (tmp_path / "journal").exists()
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert empty(tmp_path) == f"Rien à effacer dans {tmp_path}."


def test_what_runs_is_not_emptied(tmp_path):
    keep_something(tmp_path)
    with locked(tmp_path / SHEETS), pytest.raises(StateError, match="arrêtez-le d'abord"):
        empty(tmp_path)
    assert (tmp_path / "journal/pending/abc").exists()


def test_the_chore_needs_no_setup_and_knows_where_the_state_is(tmp_path):
    def clean_local():
        return subprocess.run(
            # -S: without what is installed beside Python.
            [sys.executable, "-S", "-m", "infra.local.state"],
            cwd=ROOT,
            env=os.environ | {"ACCUEIL_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

    keep_something(tmp_path)
    with locked(tmp_path / SHEETS):
        refused = clean_local()
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "arrêtez-le d'abord" in refused.stderr
    assert clean_local().stdout.startswith(f"Effacé de {tmp_path} : journal")
