import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from infra.local.guard import guarded

SITE = Client(guarded(Response("bien")))


def status(
    method: str = "POST", host: str = "127.0.0.1:8080", path: str = "/", **headers: str
) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return SITE.open(
        path, method=method, headers={"Host": host, **named}, base_url="http://127.0.0.1:8080"
    ).status_code


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:8080"])
def test_this_machine_answers_to_its_own_names(host):
    assert status("GET", host) == status("POST", host) == 200


@pytest.mark.parametrize(
    "host", ["evil.example:8080", "127.0.0.1", "127.0.0.1:80", "localhost.evil.example:8080"]
)
def test_another_name_that_leads_here_gets_nothing(host):
    assert status("GET", host) == status("POST", host) == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://127.0.0.1:8080", "Sec_Fetch_Site": "same-origin"},
        {"Origin": "http://localhost:8080"},
        {"Origin": "null", "Sec_Fetch_Site": "same-origin"},
        {"Sec_Fetch_Site": "none"},
    ],
)
def test_the_system_s_own_pages_may_change_it(headers):
    assert status("POST", **headers) == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:8081"},
        {"Origin": "https://127.0.0.1:8080"},
        {"Origin": "null"},
        {"Origin": "null", "Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_another_site_s_page_may_not(method, headers):
    assert status(method, **headers) == 403
    assert status("GET", **headers) == 200


def test_which_sites_may_show_the_form_is_for_intake_to_say():
    site = {"Origin": "https://www.example.org", "Sec_Fetch_Site": "cross-site"}
    assert status("POST", path="/intake", **site) == status("POST", path="/intake/", **site) == 200
    assert status("POST", path="/intakes", **site) == 403
    assert status("POST", "evil.example:8080", "/intake", **site) == 403
