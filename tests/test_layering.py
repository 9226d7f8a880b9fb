"""Who may know whom: main → handlers → pure modules → sheets_schema."""

import ast
import functools
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted(
    [ROOT / "main.py", *ROOT.glob("functions/**/*.py"), *ROOT.glob("sheets_schema/*.py")]
)
NAMES = [str(file.relative_to(ROOT)) for file in FILES]
EVERYTHING = [*NAMES, *(str(f.relative_to(ROOT)) for f in sorted(ROOT.glob("infra/**/*.py")))]

# What only one module knows, so that the others can be tested and started without it.
KEEPERS = {
    "flask": "main.py",
    "functions_framework": "main.py",
    "gspread": "functions/shared/sheets/google.py",
    "google": "functions/shared/sheets/google.py",
    "obstore": "functions/shared/journal/store.py",
    "boto3": "functions/shared/mail/ses.py",
    "botocore": "functions/shared/mail/ses.py",
    "smtplib": "functions/shared/mail/mailer.py",
    "mjml": "functions/shared/mail/letter.py",
    "waitress": "functions/shared/server.py",
}
FUNCTIONS = ("intake", "route", "digest")
# These gather and apply; all the others decide.
APPLYING = {
    *(f"functions/{name}/handler.py" for name in FUNCTIONS),
    "functions/digest/wiring.py",
    "functions/intake/acceptance.py",
    "functions/intake/replying.py",
    "functions/digest/sending.py",
    *(
        f"functions/route/{name}.py"
        for name in (
            "drain",
            "gauge",
            "housekeeping",
            "round",
            "standstill",
            "sweep",
            "table_keeper",
            "view_keeper",
            "commit/settle",
            "commit/writer",
            "read/adopted",
            "read/misplaced",
            "read/moves",
            "read/pending",
            "read/recent",
            "read/replies",
            "read/row_stability",
            "read/snapshots",
        )
    ),
}
ADAPTERS = {
    "functions.shared.journal.store",
    "functions.shared.mail.mailer",
    "functions.shared.mail.ses",
    "functions.shared.sheets.google",
}


@functools.cache
def imports(name: str) -> tuple[str, ...]:
    """The full names of all modules that a file imports, wherever in it."""
    return tuple(_imports(name))


def _imports(name: str) -> Iterator[str]:
    for node in ast.walk(ast.parse((ROOT / name).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name}: a relative import hides where it leads"
            # `from functions import route` imports a module; of other names it does no harm.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_runs_in_the_cloud_knows_the_infrastructure(name):
    assert not [
        module for module in imports(name) if within(module, "infra") or within(module, "tests")
    ]


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("sheets_schema/")])
def test_the_contract_knows_nobody(name):
    assert not [module for module in imports(name) if within(module, "functions")]


@pytest.mark.parametrize("name", EVERYTHING)
def test_nobody_imports_the_entry_point(name):
    assert not [module for module in imports(name) if within(module, "main")]


@pytest.mark.parametrize("name", NAMES)
def test_what_one_module_knows_no_other_does(name):
    strangers = {
        package
        for package, keeper in KEEPERS.items()
        if name != keeper and any(within(module, package) for module in imports(name))
    }

    assert strangers == set()


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("functions/")])
def test_a_function_knows_what_is_shared_and_nothing_of_the_others(name):
    own = name.split("/")[1]

    assert not [
        module
        for module in imports(name)
        for function in FUNCTIONS
        if function != own and within(module, f"functions.{function}")
    ]


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in NAMES
        if name.startswith(tuple(f"functions/{function}/" for function in FUNCTIONS))
        and name not in APPLYING
    ],
)
def test_a_module_that_decides_knows_no_adapter(name):
    assert not [module for module in imports(name) if any(within(module, a) for a in ADAPTERS)]


@pytest.mark.parametrize("name", [name for name in EVERYTHING if "infra/emulator/" in name])
def test_the_emulator_knows_nothing_of_ours(name):
    ours = [
        module
        for module in imports(name)
        if any(within(module, p) for p in ("functions", "infra", "sheets_schema", "tests", "main"))
    ]

    assert not [module for module in ours if not within(module, "infra.emulator")]


def loaded_by(code: str) -> set[str]:
    """The modules that are loaded when some code has run in a fresh interpreter."""
    show = "import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{show}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_intake_starts_without_what_the_others_need():
    modules = [
        str(file.relative_to(ROOT).with_suffix("")).replace("/", ".")
        for file in ROOT.glob("functions/intake/*.py")
        if file.stem != "__init__"
    ]
    loaded = loaded_by(f"import main, functions.shared.journal.store, {', '.join(modules)}")

    assert set(modules) <= loaded
    heavy = ("gspread", "google.auth", "boto3", "botocore", "mjml", "requests", "jsonschema")
    assert not [module for module in loaded if any(within(module, package) for package in heavy)]
    assert not [module for module in loaded if within(module, "functions.route")]
    assert "functions.shared.journal.formats" not in loaded


def test_boto3_is_loaded_for_amazon_alone():
    loaded = loaded_by(
        "from functions.shared.mail.mailer import open_mailer; open_mailer('smtp://a:1')"
    )

    assert "functions.shared.mail.mailer" in loaded
    assert not loaded & {"boto3", "botocore"}
