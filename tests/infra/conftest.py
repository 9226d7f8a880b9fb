from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from infra.cli import main
from tests.support import Classeur


@pytest.fixture
def accueil(tmp_path: Path, classeur: Classeur) -> Callable[..., Result]:
    """The operator's command, beside a spreadsheet and its journal."""
    environment = {
        "ACCUEIL_JOURNAL": (tmp_path / "journal").as_uri(),
        "ACCUEIL_SPREADSHEET": "demo",
        "ACCUEIL_SHEETS_API": classeur.url,
    }
    return lambda *words, **more: CliRunner().invoke(main, words, env=environment, **more)
