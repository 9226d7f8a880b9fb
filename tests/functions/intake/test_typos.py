import pytest

from functions.intake.typos import PROVIDERS, likely_domain, question, warning


@pytest.mark.parametrize(
    ("domain", "meant"),
    [
        ("gmail.con", "gmail.com"),
        ("gmial.com", "gmail.com"),
        ("gmial.con", "gmail.com"),
        ("gmai.com", "gmail.com"),
        ("gamil.com", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("gmail.fr", "gmail.com"),
        ("GMAIL.CON", "gmail.com"),
        ("hotmial.fr", "hotmail.fr"),
        ("hotmail.con", "hotmail.com"),
        ("outlok.fr", "outlook.fr"),
        ("yaho.fr", "yahoo.fr"),
        ("oragne.fr", "orange.fr"),
        ("wannadoo.fr", "wanadoo.fr"),
        ("laposte.ner", "laposte.net"),
        ("fre.fr", "free.fr"),
        ("sfr.f", "sfr.fr"),
        ("iclod.com", "icloud.com"),
        ("entreprise.con", "entreprise.com"),
        ("mgail.com", "gmail.com"),
        ("roange.fr", "orange.fr"),
        ("hotmail.cm", "hotmail.com"),
        ("live.f", "live.fr"),
        ("protonmial.com", "protonmail.com"),
    ],
)
def test_a_mistyped_domain_is_recognised(domain, meant):
    assert likely_domain(f"ana@{domain}") == meant


@pytest.mark.parametrize(
    "domain",
    [
        *sorted(PROVIDERS),
        "mail.com",
        "laposte.fr",
        "orange.com",
        "example.org",
        "mairie-figeac.example",
        "gmail.example.org",
        "exemple-été.fr",
        # Providers in countries farther away, and names of their own.
        *("hotmail.dk", "outlook.ie", "live.se", "yahoo.gr", "yahoo.com.br"),
        *("protonmail.ch", "posteo.eu", "fastmail.fm", "zohomail.com", "wanadoo.es"),
        *("grange.fr", "olive.fr", "cloud.com", "weber.de", "men.com", "mec.com"),
    ],
)
def test_a_domain_that_may_be_right_is_left_alone(domain):
    assert likely_domain(f"ana@{domain}") is None


def test_no_address_is_no_mistake():
    assert likely_domain("") is None


def test_the_person_is_asked_with_the_address_and_a_program_is_told_without():
    assert "« ana@gmail.com »" in question("ana@gmail.con", "gmail.com").message
    assert "ana" not in warning("gmail.com").message
