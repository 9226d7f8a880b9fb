import pytest

from infra.site.policy import refusing

PAGE = "https://www.example.org/venir"
FORM = "https://accueil.example.net/intake"


@pytest.mark.parametrize(
    "policy",
    [
        "",
        "img-src 'none'",
        "default-src *",
        "default-src https:",
        "default-src http:",  # which stands for https, too
        "connect-src https://accueil.example.net",
        "connect-src accueil.example.net",
        "connect-src ACCUEIL.example.NET",
        "connect-src https://*.example.net",
        "connect-src https://accueil.example.net:443",
        "connect-src https://accueil.example.net:*",
        "connect-src https://accueil.example.net/",
        "connect-src https://accueil.example.net/intake",
        "Connect-Src 'self' https://accueil.example.net; default-src 'none'",
        "connect-src *; connect-src 'none'",  # the first one counts
    ],
)
def test_what_a_policy_allows(policy):
    assert refusing([policy], "connect", FORM, PAGE) is None


@pytest.mark.parametrize(
    ("policy", "directive"),
    [
        ("default-src 'none'", "default-src"),
        ("default-src 'self'", "default-src"),
        ("default-src", "default-src"),
        ("default-src *; connect-src 'self'", "connect-src"),
        ("connect-src https://*.accueil.example.net", "connect-src"),
        ("connect-src https://ccueil.example.net", "connect-src"),
        ("connect-src https://accueil.example.net:8443", "connect-src"),
        ("connect-src 'unsafe-inline' data: blob:", "connect-src"),
        ("connect-src *, connect-src 'self'", "connect-src"),
    ],
)
def test_what_it_refuses_and_where(policy, directive):
    assert refusing([policy], "connect", FORM, PAGE) == directive


def test_all_policies_count():
    assert refusing(["default-src *", "frame-src 'none'"], "frame", FORM, PAGE) == "frame-src"


def test_its_own_site_is_self():
    assert refusing(["default-src 'self'"], "script", "https://www.example.org/x.js", PAGE) is None


@pytest.mark.parametrize(
    ("policy", "nonce", "refusal"),
    [
        ("script-src 'nonce-abc'", "abc", None),
        ("script-src 'nonce-abc'", "", "script-src"),
        ("script-src 'nonce-abc'", "abd", "script-src"),
        ("script-src 'nonce-abc' 'strict-dynamic' https:", "", "script-src"),
        ("default-src * 'Strict-Dynamic'", "", "default-src"),
        ("script-src 'nonce-abc' 'strict-dynamic'", "abc", None),
        ("script-src 'none'; script-src-elem https:", "", None),
    ],
)
def test_a_script_may_be_known_by_its_nonce(policy, nonce, refusal):
    assert refusing([policy], "script", f"{FORM}/embed.js", PAGE, nonce) == refusal


def test_what_is_no_script_needs_no_nonce():
    assert refusing(["default-src https: 'strict-dynamic'"], "connect", FORM, PAGE) is None
