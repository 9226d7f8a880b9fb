import json
import stat
from pathlib import Path

import google.auth
import pytest
from google.auth.impersonated_credentials import Credentials

from functions.shared.errors import AccueilError
from functions.shared.journal.store import open_journal
from functions.shared.sheets.google import SCOPES
from infra.cloud.identity import acting_as, sign_in_file

ROUTE = "accueil-route@accueil-exemple.iam.gserviceaccount.com"
SIGN_IN = {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"}


@pytest.fixture
def signed_in(tmp_path):
    (tmp_path / "application_default_credentials.json").write_text(json.dumps(SIGN_IN))
    return {"CLOUDSDK_CONFIG": str(tmp_path)}


def test_google_s_library_acts_as_the_account_with_the_scopes_of_the_sheet(signed_in, monkeypatch):
    with acting_as(ROUTE, signed_in) as environ:
        path = Path(environ["GOOGLE_APPLICATION_CREDENTIALS"])
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
        credentials, _ = google.auth.default(scopes=SCOPES)
        assert isinstance(credentials, Credentials)
        assert credentials.service_account_email == ROUTE
        assert set(SCOPES) <= set(credentials._target_scopes)
        assert credentials._source_credentials.quota_project_id == "accueil-exemple"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()


def test_nobody_who_signed_in_is_told_how_to(tmp_path):
    with (
        pytest.raises(AccueilError, match="gcloud auth application-default login"),
        acting_as(ROUTE, {"HOME": str(tmp_path)}),
    ):
        pass


def test_the_sign_in_is_where_gcloud_keeps_it():
    assert sign_in_file({"HOME": "/h"}) == Path(
        "/h/.config/gcloud/application_default_credentials.json"
    )
    assert sign_in_file({"GOOGLE_APPLICATION_CREDENTIALS": "/x.json"}) == Path("/x.json")


def test_the_journal_is_opened_as_the_account_too(signed_in, monkeypatch):
    with acting_as(ROUTE, signed_in) as environ:
        for name, text in environ.items():
            monkeypatch.setenv(name, text)
        assert open_journal("gs://accueil-exemple-accueil-journal")
        credentials, _ = google.auth.default()
        assert "https://www.googleapis.com/auth/devstorage.read_write" in credentials._target_scopes


def test_a_function_opens_the_journal_as_itself(monkeypatch):
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    assert open_journal("gs://accueil-exemple-accueil-journal")
