"""Two stacks, and their graphs; both are built once, since Pulumi takes two seconds to load."""

import functools
import tempfile
import tomllib
from pathlib import Path

from infra.cloud.graph import graphs
from infra.cloud.stack import STACKS, parse

FILLED_IN = (STACKS / "exemple.toml").read_text("utf-8").replace("REMPLACEZ-MOI", "abc-DEF_123")
SMTP_FILE = FILLED_IN.replace("# billing_account", "billing_account").replace("# budget", "budget")
SES_FILE = f'{FILLED_IN}ACCUEIL_MAIL = "ses://eu-west-3?configuration=accueil"\n'
SMTP, SES = (parse("lot", tomllib.loads(file), "lot.toml") for file in (SMTP_FILE, SES_FILE))


@functools.cache
def _recorded():
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("smtp.toml", "ses.toml")]
        for file, text in zip(files, (SMTP_FILE, SES_FILE), strict=True):
            file.write_text(text, "utf-8")
        return graphs(*files)


def graph(stack=SMTP):
    smtp, ses = _recorded()
    return ses if stack.ses_region else smtp


def content(settings=None, **changes):
    """The content of the example file, filled in, with some changes; None removes a key."""
    whole = tomllib.loads(FILLED_IN) | changes
    whole["settings"] = {**whole["settings"], **(settings or {})}
    whole["settings"] = {key: text for key, text in whole["settings"].items() if text is not None}
    return {key: value for key, value in whole.items() if value is not None}
