from pathlib import Path

import pytest

from functions.shared.errors import SettingError
from functions.shared.settings import GOOGLE_SHEETS_API, SETTINGS, load
from infra.local.access import LOCAL_CALLER

SHEET = "1rAnd0m-Id_0f-44-characters-0123456789abcdefg"
SECRET, OLD_SECRET = "nouveau-0123456789-0123456789-0123", "ancien-0123456789-0123456789-01234"
HASH, OLD_HASH = "0123456789abcdef" * 4, "fedcba9876543210" * 4
ENVIRON = {
    "ACCUEIL_JOURNAL": "gs://accueil-journal",
    "ACCUEIL_SPREADSHEET": SHEET,
    "ACCUEIL_MAIL": "ses://eu-west-3",
    "ACCUEIL_MAIL_FROM": "Oh my Lot ! <accueil@example.org>",
    "ACCUEIL_PRIVACY_CONTACT": "donnees@example.org",
    "ACCUEIL_SECRET": "0123456789abcdef0123456789abcdef",
    "PATH": "/bin",
}


def setting(variable: str, text: str) -> str:
    """How a setting is understood, by a function that uses it."""
    ((field, used_by),) = [
        (field, one.used_by) for field, one in SETTINGS.items() if one.variable == variable
    ]
    value = getattr(load(ENVIRON | {variable: text}, used_by[0]), field)
    assert isinstance(value, str)
    return value


SHEET_AND_MAIL = [
    "ACCUEIL_JOURNAL",
    "ACCUEIL_SPREADSHEET",
    "ACCUEIL_MAIL",
    "ACCUEIL_MAIL_FROM",
]


class TestLoad:
    @pytest.mark.parametrize(
        ("function", "variables"),
        [
            ("intake", ["ACCUEIL_JOURNAL", "ACCUEIL_PRIVACY_CONTACT", "ACCUEIL_SECRET"]),
            ("route", SHEET_AND_MAIL),
            ("digest", SHEET_AND_MAIL),
        ],
    )
    def test_a_function_needs_its_own_settings_and_no_others(self, function, variables):
        load({name: ENVIRON[name] for name in variables}, function)

        with pytest.raises(SettingError) as caught:
            load({}, function)

        lines = str(caught.value).splitlines()
        assert [line.partition(" ")[0] for line in lines] == variables
        assert all(" manque : indiquez " in line for line in lines)

    def test_what_a_function_does_not_use_is_not_even_looked_at(self):
        chosen = load(ENVIRON | {"ACCUEIL_MAIL": "carrier-pigeon"}, "intake")

        assert chosen.mail == chosen.spreadsheet == chosen.sheets_api == ""

    def test_the_spreadsheet_is_google_s_unless_told_otherwise(self):
        assert load(ENVIRON, "route").sheets_api == GOOGLE_SHEETS_API
        assert load(ENVIRON, "digest").sheet_url == (
            "https://docs.google.com/spreadsheets/d/{id}/edit"
        )
        # Who is shown credentials hangs on it.
        assert setting("ACCUEIL_SHEETS_API", f"{GOOGLE_SHEETS_API}/") == GOOGLE_SHEETS_API

    @pytest.mark.parametrize("blank", ["", "  "])
    def test_a_blank_variable_is_a_missing_one(self, blank):
        with pytest.raises(SettingError) as caught:
            load(ENVIRON | {"ACCUEIL_JOURNAL": blank}, "intake")

        assert str(caught.value) == (
            "ACCUEIL_JOURNAL manque : indiquez l'adresse du journal : "
            "gs://seau, s3://seau ou file:///dossier."
        )

    def test_a_malformed_one_is_named_and_its_secret_is_not_repeated(self):
        with pytest.raises(SettingError) as caught:
            load(ENVIRON | {"ACCUEIL_MAIL": "smpt://accueil:s3cret@example.org"}, "digest")

        assert str(caught.value) == (
            "ACCUEIL_MAIL est mal formée : indiquez par où partent les courriels : "
            "smtp://hôte:port, smtps://compte:secret@hôte:port, ses://région ou "
            "outbox:///dossier."
        )

    def test_all_that_is_wrong_is_said_at_once(self):
        with pytest.raises(SettingError) as caught:
            load({"ACCUEIL_JOURNAL": "memory:///"}, "intake")

        journal, contact, secret = str(caught.value).splitlines()
        assert journal.startswith("ACCUEIL_JOURNAL est mal formée")
        assert contact.startswith("ACCUEIL_PRIVACY_CONTACT manque")
        assert secret.startswith("ACCUEIL_SECRET manque")

    def test_every_variable_has_its_own_name_and_is_used(self):
        variables = [one.variable for one in SETTINGS.values()]

        assert len(set(variables)) == len(variables)
        assert all(name.startswith("ACCUEIL_") for name in variables)
        assert all(one.used_by for one in SETTINGS.values())


VALID = {
    "ACCUEIL_JOURNAL": [
        "gs://seau",
        "s3://seau/dossier",
        "file:///var/lib/accueil",
    ],
    "ACCUEIL_SHEETS_API": ["http://127.0.0.1:8080/google", "https://sheets.example.org"],
    "ACCUEIL_SHEET_URL": ["https://example.org/classeur?id={id}"],
    "ACCUEIL_MAIL": [
        "smtp://localhost",
        "smtp://127.0.0.1:25",
        "smtps://accueil:s3cret@courriel.example.org:465",
        "ses://eu-west-3",
        "outbox:///var/mail",
    ],
    "ACCUEIL_MAIL_FROM": [
        "accueil@example.org",
        "Oh my Lot ! <accueil@example.org>",
        '"Accueil, Lot" <a@b.org>',
        "Département du Lot <accueil+lot@courriel.example.org>",
    ],
    "ACCUEIL_PRIVACY_CONTACT": ["donnees@example.org", "d.p-o+lot@x-1.example.org"],
    "ACCUEIL_SPREADSHEET": [SHEET, "demo"],
    "ACCUEIL_SECRET": [SECRET, f"{SECRET},{OLD_SECRET}"],
    "ACCUEIL_API_KEYS": [
        f"site:{HASH}",
        f"site:{HASH},site:{OLD_HASH},tablette-2:{HASH}",
        f"local:{HASH}:unlimited",
    ],
    "ACCUEIL_ORIGINS": [
        "https://www.example.org",
        "https://www.example.org,https://example.org:8443,http://127.0.0.1:8080",
        "https://example.org:80,http://x-1.example.org:443,https://localhost:65535",
    ],
    "ACCUEIL_FORM_PAGE": ["https://www.example.org/venir", "https://www.example.org/?page=12"],
    "ACCUEIL_PROXIES": ["0", "1", "9"],
}
MALFORMED = {
    "ACCUEIL_JOURNAL": [
        "seau",
        "gs://",
        "file://",
        "file:///",
        "file://dossier",
        "file://var/lib/accueil",
        "http://example.org",
        "memory:///",
    ],
    "ACCUEIL_SHEETS_API": ["sheets.example.org", "ftp://example.org", "http://", "http://[::1"],
    "ACCUEIL_MAIL": [
        "localhost:25",
        "smtp://",
        "smtp://:25",
        "smtp://localhost:courriel",
        "smtp://localhost:99999",
        "smtps://accueil:s3[cret@courriel.example.org",
        "outbox://",
        "outbox://var/mail",
        "ses://",
    ],
    "ACCUEIL_MAIL_FROM": [
        "accueil",
        "accueil@",
        "accueil@example.org>",
        "Oh my Lot ! <accueil@example.org",
        "<accueil@example.org",
        "a@example.org\nBcc: b@example.org",
        "a@example.org, b@example.org",
        "Accueil, Lot <a@b.org>",
        "Accueil <a@b.org> <c@d.org>",
        "Accueil <a@b.org>, Lot <c@d.org>",
        "Accueil: a@b.org;",
        "Accueil <a@département.org>",
        "Accueil <é@example.org>",
        "Accueil <a b@example.org>",
        "Accueil <@example.org>",
        "Accueil <a@example..org>",
        "Accueil",
    ],
    "ACCUEIL_PRIVACY_CONTACT": [
        "Données <donnees@example.org>",
        "<donnees@example.org>",
        "donnees@example.org?subject=x",
        "a@example.org,b@example.org",
        "données@example.org",
        "donnees",
    ],
    "ACCUEIL_SPREADSHEET": [
        "https://example.org/",
        "notre classeur",
        f"https://docs.google.com/spreadsheets/d/e/2PACX-{SHEET}/pubhtml",
    ],
    "ACCUEIL_SECRET": ["trop-court", f"{SECRET},trop-court", f"{SECRET},", f"{SECRET} à nous"],
    "ACCUEIL_API_KEYS": [
        "local-key",  # a key itself, where its hash belongs
        HASH,
        f"site:{HASH[1:]}",
        f"site:{HASH.upper()}",
        f"Site:{HASH}",
        f"site web:{HASH}",
        f"site:{HASH}:always",
        f"site:{HASH};tablette:{HASH}",
    ],
    "ACCUEIL_ORIGINS": [
        "www.example.org",
        "https://www.example.org/venir",
        "https://*.example.org",
        "*",
        "null",
        "ftp://example.org",
        "https://www.example.org https://example.org",
        "https://www.département.example",
        "https://www.example.org:443",
        "http://localhost:80",
        "https://www.example.org:0",
        "https://www.example.org:0443",
        "https://www.example.org:65536",
        "https://.-",
        "https://www..example.org",
        "https://-www.example.org",
    ],
    "ACCUEIL_FORM_PAGE": ["www.example.org/venir", "/venir", "https://", "mailto:a@example.org"],
    "ACCUEIL_PROXIES": ["-1", "10", "deux", "1.0"],
}


@pytest.mark.parametrize(
    ("variable", "text"), [(name, text) for name, texts in VALID.items() for text in texts]
)
def test_what_is_well_formed_is_taken_as_it_is(variable, text):
    assert setting(variable, text) == text
    assert setting(variable, f" {text}\n") == text


@pytest.mark.parametrize(
    ("variable", "text"), [(name, text) for name, texts in MALFORMED.items() for text in texts]
)
def test_what_is_malformed_is_refused_at_start(variable, text):
    with pytest.raises(SettingError, match=f"{variable} est mal formée : indiquez "):
        setting(variable, text)


@pytest.mark.parametrize(
    "address",
    [
        f"https://docs.google.com/spreadsheets/d/{SHEET}/edit",
        f"https://docs.google.com/spreadsheets/d/{SHEET}/edit?usp=sharing#gid=0",
        f"https://docs.google.com/spreadsheets/d/{SHEET}",
        f"https://docs.google.com/spreadsheets/u/1/d/{SHEET}/edit",
    ],
)
def test_a_spreadsheet_is_known_by_the_address_in_the_browser(address):
    assert setting("ACCUEIL_SPREADSHEET", address) == SHEET


def test_a_slash_at_the_end_of_an_address_does_not_matter():
    assert setting("ACCUEIL_JOURNAL", "gs://seau/") == "gs://seau"


@pytest.mark.parametrize(
    ("variable", "text", "cleaned"),
    [
        ("ACCUEIL_ORIGINS", "https://WWW.example.org/ , ", "https://www.example.org"),
        ("ACCUEIL_API_KEYS", f"site:{HASH} ,\n site:{OLD_HASH},", f"site:{HASH},site:{OLD_HASH}"),
        ("ACCUEIL_SECRET", f"{SECRET} , {OLD_SECRET}", f"{SECRET},{OLD_SECRET}"),
    ],
)
def test_a_list_is_understood_with_spaces_and_a_comma_too_many(variable, text, cleaned):
    assert setting(variable, text) == cleaned


def test_what_the_form_can_do_without_may_be_left_out():
    chosen = load(ENVIRON, "intake")

    assert (chosen.api_keys, chosen.origins, chosen.form_page, chosen.proxies) == ("", "", "", "0")


def test_the_demonstration_s_key_opens_no_journal_but_this_machine_s():
    keys = {"ACCUEIL_API_KEYS": f"site:{HASH},{LOCAL_CALLER}"}

    assert load(ENVIRON | keys | {"ACCUEIL_JOURNAL": "file:///var/lib/accueil"}, "intake").api_keys
    with pytest.raises(SettingError, match=r"clé de démonstration.*« accueil key »"):
        load(ENVIRON | keys, "intake")


def test_every_setting_is_documented():
    text = (Path(__file__).parents[3] / "docs" / "settings.md").read_text("utf-8")

    assert [one.variable for one in SETTINGS.values() if f"| `{one.variable}` |" not in text] == []
