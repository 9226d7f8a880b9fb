"""A pytest plugin for `make mutants`: leaves the tests that are fast enough to run so often.

They are those that start no server and no browser, beside the code that is being changed: what is
decided in functions/route has to be noticed by tests/functions/route. For infra's commands and the
plan of sheets_schema, which work on a workbook, the servers of their own tests are let pass; so is,
for what is encoded for Google, the contract that all workbooks keep. Tests of whole imports and
adoptions take too long.
"""

import os
from pathlib import Path

import pytest

GROUP = "ACCUEIL_MUTANTS"  # the folder whose code is being changed
_SLOW_FIXTURES = {"canned", "chromium", "classeur", "s3", "seeded", "somewhere", "workbook"}
_SLOW_FILES = (
    *("test_chaos.py", "test_server.py", "test_website_doc.py"),
    *("test_adopted_life.py", "lists/test_adoption.py", "test_importing.py", "test_live.py"),
    *("test_patience.py", "test_realign.py"),
)
_LEFT_OUT = (
    "test_words.py",  # reads the code, which is full of mistakes then
    *("bench", "cloud", "emulator", "local", "self_host"),  # infra's own, where nothing is changed
)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    folder = config.rootpath / "tests" / os.environ[GROUP]
    beside = collection_path in folder.parents or collection_path.is_relative_to(folder)
    return None if beside and collection_path.name not in _LEFT_OUT else True


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let a second collection in one process name all tests as the first did.

    mutmut's worker collects before it is asked for tests. pytest keeps names that it made, and
    escapes them again, so that no such test is found, and the mutant counts as noticed.
    """
    for mark in metafunc.definition.iter_markers("parametrize"):
        if mark._param_ids_from:
            object.__setattr__(mark._param_ids_from, "_param_ids_generated", None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept = [item for item in items if _is_fast(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


def _is_fast(item: pytest.Item) -> bool:
    if any(map(item.path.match, _SLOW_FILES)):
        return False
    if os.environ[GROUP] in ("infra", "sheets_schema"):
        return True
    return _SLOW_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))
