"""Acting as a service account without a key of its own: the operator's own sign-in vouches for it.

Google's own sign-in for programs cannot open spreadsheets, and what route does to the sheet has to
be done as route (infra/cloud/rights.py). So commands that open the sheet act as route.
"""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from functions.shared.errors import AccueilError
from functions.shared.sheets.google import SCOPES

_TOKENS = (
    "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{}:generateAccessToken"
)
_SCOPES = [*SCOPES, "https://www.googleapis.com/auth/devstorage.read_write"]
VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"


def sign_in_file(environ: Mapping[str, str]) -> Path:
    """Where gcloud keeps the sign-in for programs."""
    if VARIABLE in environ:
        return Path(environ[VARIABLE])
    folder = environ.get("CLOUDSDK_CONFIG") or Path(environ.get("HOME", "~"), ".config", "gcloud")
    return Path(folder, "application_default_credentials.json")


def _project(account: str) -> str:
    return account.partition("@")[2].partition(".")[0]


@contextmanager
def acting_as(account: str, environ: Mapping[str, str] | None = None) -> Iterator[dict[str, str]]:
    """The environment in which Google's libraries act as an account, for the time of a block.

    The file that says so is readable by this user only, and gone at the end.

    Raises:
        AccueilError: nobody has signed in on this machine.
    """
    file = sign_in_file(os.environ if environ is None else environ)
    try:
        own = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise AccueilError(
            "Personne ne s'est identifié sur cette machine : lancez « gcloud auth "
            "application-default login »."
        ) from error
    content = {
        "type": "impersonated_service_account",
        "service_account_impersonation_url": _TOKENS.format(account),
        "delegates": [],
        "scopes": _SCOPES,
        # Calls of a person's sign-in count for a project, or Google refuses them.
        "source_credentials": {**own, "quota_project_id": _project(account)},
    }
    with tempfile.TemporaryDirectory() as folder:  # a folder for this user alone
        made = Path(folder, "identity.json")
        made.touch(mode=0o600)
        made.write_text(json.dumps(content), "utf-8")
        yield {VARIABLE: str(made)}
