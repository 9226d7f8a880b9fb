"""An upgrade is undone, on one machine: new code and schema, then the earlier ones, and back.

It takes most of a minute, because each call is a process of its own with that commit's files.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from functions.shared.journal.store import open_journal
from infra.emulator.app import create_app
from infra.emulator.server import serving
from infra.emulator.store import Store
from infra.local.stack import settings
from sheets_schema.schema import VERSION
from tests.support import ANA, Classeur, Gate

ROOT = Path(__file__).parents[2]
CALL = Path(__file__).with_name("deployed.py")


def git(*words):
    done = subprocess.run(
        ["git", *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    return done.stdout.strip() if done.returncode == 0 else ""


def before_the_last_column():
    """The last commit whose workbook is one version older."""
    commits = git("log", "--format=%H", f'-G"since": {VERSION}', "--", "sheets_schema/schemas")
    return git("rev-parse", f"{commits.splitlines()[-1]}^") if commits else ""


@contextmanager
def from_history(folder):
    """This code, and the files of the last commit whose workbook is one version older."""
    commit = before_the_last_column()
    if not commit:
        pytest.skip("no history here: the earlier commit is not in this clone")
    if not git("ls-tree", commit, "functions/shared/sheets/google.py"):
        pytest.skip(f"{commit[:7]} is older than the layout of the code, and never was deployed")
    git("worktree", "add", "--detach", str(folder), commit)
    try:
        yield folder, ROOT
    finally:
        git("worktree", "remove", "--force", str(folder))


@contextmanager
def from_the_future(folder):
    """This code with a column more, and this code."""
    for name in ("functions", "infra", "sheets_schema"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "main.py", folder)
    schema = folder / "sheets_schema" / "schemas" / "requests.json"
    content = json.loads(schema.read_text("utf-8"))
    properties = content.get("properties") or content["items"]["properties"]
    properties["to_come"] = {"type": "string", "title": "À venir", "since": VERSION + 1}
    schema.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    yield ROOT, folder


class System:
    """One journal, one workbook, one mailbox; whose code runs is said by each call."""

    def __init__(self, home, api):
        self.home, self.references, self.answers = home, [], []
        self.environ = settings(home, "http://127.0.0.1:1") | {"ACCUEIL_SHEETS_API": api}
        self.journal = open_journal(self.environ["ACCUEIL_JOURNAL"])

    def run(self, files, *words, ends=0, **environ):
        done = subprocess.run(
            [sys.executable, *words],
            cwd=files,
            env={**os.environ, **self.environ, "PYTHONPATH": str(files), **environ},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == ends, done.stderr[-2000:]
        return done.stdout

    def call(self, files, function, path, *bodies):
        out = self.run(files, str(CALL), function, path, *map(json.dumps, bodies))
        answers = [
            json.loads(line.removeprefix("ANSWER "))
            for line in out.splitlines()
            if "ANSWER" in line
        ]
        assert len(answers) == len(bodies), out
        return answers

    def send(self, files, count):
        start = len(self.references)
        made = [
            ANA | {"last_name": f"Petit{start + n}", "email": f"ana{start + n}@example.org"}
            for n in range(count)
        ]
        answers = self.call(files, "intake", "/", *made)
        assert [answer["status"] for answer in answers] == [202] * count
        self.references += [answer["content"]["reference"] for answer in answers]

    def drain(self, files):
        [answer] = self.call(files, "route", "/?sweep=true", {})
        assert answer["status"] == 200, answer
        self.answers.append(answer["content"]["written"])

    def finish(self, files, newest):
        """A drain after a cut. What only the newest code reads stops an older one until then."""
        [answer] = self.call(files, "route", "/?sweep=true", {})
        if answer["status"] == 503:
            assert "batches/" in answer["content"]["title"]
            assert "illisible" in answer["content"]["title"]
            [answer] = self.call(newest, "route", "/?sweep=true", {})
        assert answer == {"status": 200, "content": answer["content"]}
        assert answer["content"]["written"] == 0  # its rows are in the sheet already

    def cut_off(self, files, at):
        """A drain whose process ends when its rows are written, before the journal knows."""
        settled = self.journal.keys("settled/")
        words = (str(CALL), "route", "/?sweep=true", "{}")
        self.run(files, *words, ends=9, CUT_OFF_AT=at)
        assert self.journal.keys("settled/") == settled

    def mails(self):
        """How many mails name each reference; those that wait for their turn count as well."""
        named = Counter()
        for key in self.journal.keys("outbox/"):
            waiting = self.journal.read(key).decode()
            named.update(reference for reference in self.references if reference in waiting)
        for file in (self.home / "mail").glob("*.eml"):
            message = message_from_bytes(file.read_bytes(), policy=policy.default)
            text = message.get_body(("plain",)).get_content()
            named.update(reference for reference in self.references if reference in text)
        return named


@contextmanager
def system(home):
    store = Store()
    store.create({"title": "Suivi"}, "demo")
    with serving(create_app(store)) as api:
        yield System(home, api), store


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("versions", [from_history, from_the_future])
def test_an_upgrade_is_undone_and_done_again_without_a_loss(versions, tmp_path):
    fill = (
        "import os; from functions.shared.sheets.google import open_workbook;"
        "from infra.local import seed;"
        "seed.fill(open_workbook('demo', os.environ['ACCUEIL_SHEETS_API']))"
    )
    with (
        versions(tmp_path / "version") as (earlier, later),
        system(tmp_path / "home") as (running, store),
    ):
        running.run(earlier, "-c", fill)
        running.send(earlier, 3)
        running.drain(earlier)
        running.send(earlier, 1)  # accepted, and still to be filed

        # The upgrade: the sheet first, then the functions.
        running.run(later, "-c", "from infra.cli import main; main(['sheet', 'apply'])")
        running.drain(earlier)  # the earlier functions on the newer sheet, until they are replaced
        running.send(later, 3)
        running.drain(later)
        running.send(later, 2)

        # Back, with what the new code accepted, and forward again.
        running.drain(earlier)
        running.send(earlier, 3)
        running.drain(earlier)
        running.send(earlier, 1)
        running.drain(later)

        # Each code files at once what the other one has accepted.
        assert running.answers == [3, 1, 3, 2, 3, 1]

        # A batch in whose midst a code was cut off is finished, by the other one if it can.
        running.send(later, 2)
        running.cut_off(later, "filed/")
        running.finish(earlier, later)
        running.send(earlier, 1)
        running.cut_off(earlier, "settled/")
        running.finish(later, later)
        filed = Classeur(store, running.environ["ACCUEIL_SHEETS_API"], Gate()).rows()
        assert Counter(row["Référence"] for row in filed) == Counter(running.references)
        assert all(row["Référent"] and row["Pourquoi ce référent"] for row in filed)
        for folder in ("pending/", "quarantine/", "standstill/"):
            assert running.journal.keys(folder) == []
        assert running.mails() == dict.fromkeys(running.references, 1)
