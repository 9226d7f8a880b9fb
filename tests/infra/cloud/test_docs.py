"""What docs/deploy.md and docs/runbook.md promise."""

import re
from pathlib import Path

from click.testing import CliRunner

from infra.cli import main
from infra.cloud.alerts import TITLES

DOCS = Path(__file__).parents[3] / "docs"
DEPLOY = (DOCS / "deploy.md").read_text("utf-8")
RUNBOOK = (DOCS / "runbook.md").read_text("utf-8")
BOTH = DEPLOY + RUNBOOK
# « … sheet apply » is what follows `accueil cloud on lot`, too.
COMMAND = (
    r"(?:accueil cloud on lot|accueil|…) "
    r"(doctor|access|version|key|journal(?: [a-z]+)?|(?:cloud|sheet|site) [a-z]+)"
)


def test_every_alert_has_its_heading_and_every_heading_its_alert():
    section = RUNBOOK.partition("## Alerts")[2].partition("\n## Cases")[0]
    headings = re.findall(r"^### (.+)$", section, re.MULTILINE)
    assert sorted(headings) == sorted(TITLES)  # which are those of the graph, see test_verdict


def test_there_are_at_most_eleven_steps_each_with_what_it_looks_like():
    section = DEPLOY.partition("## Eleven steps")[2].partition("\n## ")[0]
    steps = re.split(r"^\d+\. ", section, flags=re.MULTILINE)[1:]
    assert len(steps) <= 11
    assert all("*It worked*" in step for step in steps)


def test_every_command_of_ours_exists():
    commands = set(re.findall(COMMAND, re.sub(r"\s+", " ", BOTH)))
    assert {"cloud on", "doctor", "journal retry", "sheet accept"} <= commands
    for words in commands:
        ended = CliRunner().invoke(main, [*words.split(), "--help"])
        assert ended.exit_code == 0, words


def test_every_chore_exists():
    makefile = (DOCS.parent / "Makefile").read_text("utf-8")
    for chore in set(re.findall(r"`make ([a-z-]+)", BOTH)):
        assert re.search(rf"^{chore}:", makefile, re.MULTILINE), chore
