import re
from importlib.metadata import version

from functions.shared.version import VERSION, code, sources


def test_it_is_the_package_s():
    assert version("accueil") == VERSION


def test_another_code_has_another_name(monkeypatch):
    """Names and contents count, not where one ends and the next begins."""
    before = {"a.py": b"1", "b.py": b"2"}
    others = [{"a.py": b"1"}, {"a.py": b"1", "c.py": b"2"}, {"a.py": b"12", "b.py": b""}]
    names = set()
    for files in [before, *others]:
        monkeypatch.setattr("functions.shared.version.sources", lambda files=files: files)
        names.add(code.__wrapped__())
    assert len(names) == 4
    assert all(re.fullmatch("[0-9a-f]{12}", name) for name in names)


def test_the_code_is_what_is_deployed(tmp_path):
    for name in ("main.py", "setup.py", "functions/b.css", "functions/a/b.py", "functions/b.pyc"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    (tmp_path / "functions/folder.py").mkdir()
    assert list(sources(tmp_path).items()) == [
        ("functions/a/b.py", b"functions/a/b.py"),
        ("functions/b.css", b"functions/b.css"),
        ("main.py", b"main.py"),
    ]
