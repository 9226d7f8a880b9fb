import re
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from traceback import format_exception

import pytest

from functions.shared.errors import SettingError
from functions.shared.settings import (
    FUNCTIONS,
    GOOGLE_SHEETS_API,
    SETTINGS,
    Caller,
    DigestSettings,
    IntakeSettings,
    RouteSettings,
    load,
    of,
)
from infra.local.access import LOCAL_API_KEYS, LOCAL_CALLER, LOCAL_SECRET

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
VARIABLES = {setting.variable: name for name, setting in SETTINGS.items()}


def users(variable: str) -> list[str]:
    """The functions that use a setting."""
    return [name for name, settings in FUNCTIONS.items() if VARIABLES[variable] in of(settings)]


def value_of(variable: str, text: str) -> object:
    """What a function that uses a setting is told."""
    settings = FUNCTIONS[users(variable)[0]]
    return getattr(load(ENVIRON | {variable: text}, settings), VARIABLES[variable])


SHEET_AND_MAIL = [
    "ACCUEIL_JOURNAL",
    "ACCUEIL_SPREADSHEET",
    "ACCUEIL_MAIL",
    "ACCUEIL_MAIL_FROM",
]


class TestLoad:
    @pytest.mark.parametrize(
        ("settings", "variables"),
        [
            (IntakeSettings, ["ACCUEIL_JOURNAL", "ACCUEIL_PRIVACY_CONTACT", "ACCUEIL_SECRET"]),
            (RouteSettings, SHEET_AND_MAIL),
            (DigestSettings, SHEET_AND_MAIL),
        ],
    )
    def test_a_function_needs_its_own_settings_and_no_others(self, settings, variables):
        load({name: ENVIRON[name] for name in variables}, settings)

        with pytest.raises(SettingError) as caught:
            load({}, settings)

        lines = str(caught.value).splitlines()
        assert [line.partition(" ")[0] for line in lines] == variables
        assert all(" manque : indiquez " in line for line in lines)

    def test_what_a_function_does_not_use_is_not_even_looked_at(self):
        chosen = load(ENVIRON | {"ACCUEIL_MAIL": "carrier-pigeon"}, IntakeSettings)

        assert not hasattr(chosen, "mail")

    def test_the_spreadsheet_is_google_s_unless_told_otherwise(self):
        chosen = load(ENVIRON, RouteSettings)

        assert chosen.sheets_api == GOOGLE_SHEETS_API
        assert chosen.sheet_url == f"https://docs.google.com/spreadsheets/d/{SHEET}/edit"
        # Who is shown credentials hangs on it.
        assert value_of("ACCUEIL_SHEETS_API", f"{GOOGLE_SHEETS_API}/") == GOOGLE_SHEETS_API

    def test_another_place_may_open_the_spreadsheet(self):
        place = {"ACCUEIL_SHEET_URL": "https://example.org/classeur?id={id}"}

        assert load(ENVIRON | place, DigestSettings).sheet_url == (
            f"https://example.org/classeur?id={SHEET}"
        )

    @pytest.mark.parametrize("blank", ["", "  "])
    def test_a_blank_variable_is_a_missing_one(self, blank):
        with pytest.raises(SettingError) as caught:
            load(ENVIRON | {"ACCUEIL_JOURNAL": blank}, IntakeSettings)

        assert str(caught.value) == (
            "ACCUEIL_JOURNAL manque : indiquez l'adresse du journal : "
            "gs://seau, s3://seau ou file:///dossier."
        )

    def test_a_malformed_one_is_named_and_its_secret_is_not_repeated(self):
        text = "smtp://courriel.example.org:s3cret"
        with pytest.raises(SettingError) as caught:
            load(ENVIRON | {"ACCUEIL_MAIL": text}, DigestSettings)

        assert str(caught.value) == (
            "ACCUEIL_MAIL est mal formée : indiquez par où partent les courriels : "
            "smtps://compte:secret@hôte:port, smtp://hôte:port (avec STARTTLS ; ?tls=optional "
            "pour un relais local ou privé), ses://région ou outbox:///dossier."
        )
        assert "s3cret" not in "".join(format_exception(caught.value))

    def test_all_that_is_wrong_is_said_at_once(self):
        with pytest.raises(SettingError) as caught:
            load({"ACCUEIL_JOURNAL": "memory:///"}, IntakeSettings)

        journal, contact, secret = str(caught.value).splitlines()
        assert journal.startswith("ACCUEIL_JOURNAL est mal formée")
        assert contact.startswith("ACCUEIL_PRIVACY_CONTACT manque")
        assert secret.startswith("ACCUEIL_SECRET manque")

    def test_settings_that_are_printed_keep_their_secrets(self):
        chosen = load(ENVIRON | {"ACCUEIL_MAIL": "smtps://a:s3cret@example.org"}, RouteSettings)

        assert "s3cret" not in repr(chosen)

    def test_every_variable_is_that_of_one_setting(self):
        assert len(VARIABLES) == len(SETTINGS)
        assert all(name.startswith("ACCUEIL_") for name in VARIABLES)


# What each text is understood as, where it is not taken as it is.
UNDERSTOOD = {
    "ACCUEIL_SECRET": {
        SECRET: (SECRET,),
        "x" * 32: ("x" * 32,),
        f"{SECRET} , {OLD_SECRET}": (SECRET, OLD_SECRET),
    },
    "ACCUEIL_API_KEYS": {
        f"site:{HASH}": (Caller("site", HASH),),
        f"site:{HASH} ,\n site:{OLD_HASH},tablette-2:{HASH},": (
            Caller("site", HASH),
            Caller("site", OLD_HASH),
            Caller("tablette-2", HASH),
        ),
        f"local:{HASH}:unlimited": (Caller("local", HASH, unlimited=True),),
    },
    "ACCUEIL_ORIGINS": {
        "https://WWW.example.org/ , ": ("https://www.example.org",),
        "https://www.example.org,https://example.org:8443,http://127.0.0.1:8080": (
            "https://www.example.org",
            "https://example.org:8443",
            "http://127.0.0.1:8080",
        ),
        "https://example.org:80,http://x-1.example.org:443,https://localhost:65535": (
            "https://example.org:80",
            "http://x-1.example.org:443",
            "https://localhost:65535",
        ),
    },
    "ACCUEIL_PROXIES": {"0": 0, "1": 1, "9": 9},
    "ACCUEIL_FAIRS": {
        "203.0.113.7": (ip_network("203.0.113.7/32"),),
        "203.0.113.0/24, 2001:db8:12::/48": (
            ip_network("203.0.113.0/24"),
            ip_network("2001:db8:12::/48"),
        ),
    },
    "ACCUEIL_MAILS_A_DAY": {"1": 1, "300": 300, "9999": 9999},
    "ACCUEIL_MAIL_RECEIPT": {"oui": True, "non": False},
    "ACCUEIL_MAIL_CALLER": {"Oui": True, "NON": False},
    "ACCUEIL_MAIL_APOLOGY": {"oui": True, "non": False},
    "ACCUEIL_MAIL_CLOSING": {"oui": True, "non": False},
    "ACCUEIL_MAIL_NEWS": {"oui": True, "non": False},
    "ACCUEIL_KEEP_DAYS": {
        "1": timedelta(days=1),
        "30": timedelta(days=30),
        "365": timedelta(days=365),
    },
}
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
        "smtp://127.0.0.1:25?tls=optional",
        "smtp://[::1]:25?tls=optional",
        "smtp://192.168.1.9?tls=optional",
        "smtp://10.0.0.9:25?tls=optional",
        "smtp://[fd00::9]?tls=optional",
        "smtp://localhost?tls=optional",
        "smtp://relais.internal:25?tls=optional",
        "smtps://accueil:s3cret@courriel.example.org:465",
        "ses://eu-west-3?configuration=rebonds_lot-1",
        "ses://eu-west-3?role=arn:aws:iam::123456789012:role/accueil&configuration=rebonds",
        "ses://eu-west-3",
        "ses://eu-west-3?role=arn:aws:iam::123456789012:role/accueil-ses",
        "outbox:///var/mail",
    ],
    "ACCUEIL_MAIL_FROM": [
        "accueil@example.org",
        "Oh my Lot ! <accueil@example.org>",
        '"Accueil, Lot" <a@b.org>',
        "Département du Lot <accueil+lot@courriel.example.org>",
    ],
    "ACCUEIL_PRIVACY_CONTACT": ["donnees@example.org", "d.p-o+lot@x-1.example.org"],
    "ACCUEIL_OPERATOR": ["exploitation@example.org"],
    "ACCUEIL_SPREADSHEET": [SHEET, "demo"],
    "ACCUEIL_INTAKE_URL": ["https://intake.example.org", "http://127.0.0.1:8080/intake"],
    "ACCUEIL_FORM_PAGE": ["https://www.example.org/venir", "https://www.example.org/?page=12"],
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
    "ACCUEIL_SHEET_URL": ["{id}", "file:///classeur"],
    "ACCUEIL_MAIL": [
        "localhost:25",
        "smtp://",
        "smtp://:25",
        "smtp://localhost:courriel",
        "smtp://localhost:99999",
        "smtp://localhost:0",
        "smtp://203.0.113.7:25?tls=optional",
        "smtp://169.254.169.254?tls=optional",
        "smtp://[2001:db8::7]:25?tls=optional",
        "smtp://[::ffff:203.0.113.7]?tls=optional",
        "smtp://localhost?tls=none",
        "smtp://localhost?tls=optional&x=1",
        "smtp://localhost/dossier",
        "smtp://localhost#x",
        "smtps://localhost?tls=optional",
        "smtps://accueil:s3[cret@courriel.example.org",
        "outbox://",
        "outbox://var/mail",
        "ses://eu-west-3?configuration=",
        "ses://eu-west-3?configuration=a&x=1",
        "ses://eu-west-3?tls=optional",
        "ses://",
        "ses://eu-west-3?role=accueil-ses",
        "ses://eu-west-3?role=arn:aws:iam::12:role/accueil-ses",
        "ses://eu-west-3?region=eu-west-1",
        "ses://eu-west-3/accueil-ses",
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
    "ACCUEIL_OPERATOR": [
        "exploitation",
        "Exploitation <exploitation@example.org>",
        "a@example.org, b@example.org",
        "opération@example.org",
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
    "ACCUEIL_SECRET": ["x" * 31, f"{SECRET},{'x' * 31}", f"{SECRET},", f"{SECRET} à nous"],
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
    "ACCUEIL_INTAKE_URL": ["intake.example.org", "/intake", "https://"],
    "ACCUEIL_FORM_PAGE": ["www.example.org/venir", "/venir", "https://", "mailto:a@example.org"],
    "ACCUEIL_FAIRS": ["203.0.113.7/24", "le salon", "203.0.113.300", "::ffff:203.0.113.7"],
    "ACCUEIL_PROXIES": ["-1", "10", "deux", "1.0"],
    "ACCUEIL_MAILS_A_DAY": ["0", "10000", "-1", "mille", "1e2"],
    "ACCUEIL_MAIL_RECEIPT": ["yes", "1", "peut-être"],
    "ACCUEIL_MAIL_CALLER": ["true"],
    "ACCUEIL_MAIL_APOLOGY": ["o"],
    "ACCUEIL_MAIL_CLOSING": ["0"],
    "ACCUEIL_MAIL_NEWS": ["jamais"],
    "ACCUEIL_KEEP_DAYS": ["0", "366", "-1", "030", "30.5", "1e2", "un mois"],
}


@pytest.mark.parametrize(
    ("variable", "text"), [(name, text) for name, texts in VALID.items() for text in texts]
)
def test_what_is_well_formed_is_taken_as_it_is(variable, text):
    assert value_of(variable, text) == text
    assert value_of(variable, f" {text}\n") == text


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [(name, *pair) for name, texts in UNDERSTOOD.items() for pair in texts.items()],
)
def test_what_is_well_formed_becomes_what_it_means(variable, text, value):
    assert value_of(variable, text) == value
    assert value_of(variable, f" {text}\n") == value


@pytest.mark.parametrize(
    ("variable", "text"), [(name, text) for name, texts in MALFORMED.items() for text in texts]
)
def test_what_is_malformed_is_refused_at_start(variable, text):
    with pytest.raises(SettingError, match=f"{variable} est mal formée : indiquez "):
        value_of(variable, text)


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
    assert value_of("ACCUEIL_SPREADSHEET", address) == SHEET


def test_a_slash_at_the_end_of_an_address_does_not_matter():
    assert value_of("ACCUEIL_JOURNAL", "gs://seau/") == "gs://seau"


def test_what_a_function_can_do_without_may_be_left_out():
    intake, route = load(ENVIRON, IntakeSettings), load(ENVIRON, RouteSettings)

    assert (intake.callers, intake.origins, intake.form_page, intake.proxies) == ((), (), "", 0)
    assert (route.keep, route.operator) == (timedelta(days=30), "")


class TestTheDemonstrationsSecret:
    @pytest.mark.parametrize("secrets", [LOCAL_SECRET, f"{SECRET},{LOCAL_SECRET}"])
    @pytest.mark.parametrize("journal", ["gs://accueil-journal", "s3://accueil-journal"])
    def test_it_signs_for_no_journal_but_a_folder(self, journal, secrets):
        chosen = {"ACCUEIL_SECRET": secrets, "ACCUEIL_JOURNAL": journal}
        with pytest.raises(SettingError, match=r"secret de démonstration.*pris au hasard"):
            load(ENVIRON | chosen, IntakeSettings)
        folder = {"ACCUEIL_JOURNAL": "file:///var/lib/accueil"}
        assert LOCAL_SECRET in load(ENVIRON | chosen | folder, IntakeSettings).secrets


class TestTheDemonstrationsKey:
    @staticmethod
    def with_it(journal):
        keys = {"ACCUEIL_API_KEYS": f"site:{HASH},{LOCAL_API_KEYS}", "ACCUEIL_JOURNAL": journal}
        return load(ENVIRON | keys, IntakeSettings)

    def test_it_opens_the_journal_of_this_machine(self):
        assert LOCAL_CALLER in self.with_it("file:///var/lib/accueil").callers

    @pytest.mark.parametrize("journal", ["gs://accueil-journal", "s3://accueil-journal"])
    def test_it_opens_no_other(self, journal):
        with pytest.raises(SettingError, match=r"clé de démonstration.*« accueil key »"):
            self.with_it(journal)


class TestASettingThatSomePlaceForgot:
    """A new setting is a field of settings.py, a row of docs/settings.md and examples above."""

    def test_every_setting_is_documented_for_the_functions_that_use_it(self):
        text = (Path(__file__).parents[3] / "docs" / "settings.md").read_text("utf-8")
        rows = re.findall(r"^\| `(ACCUEIL_\w+)` \| ([a-z, ]+) \|", text, re.MULTILINE)
        everybody = ", ".join(FUNCTIONS)

        documented = {(variable, everybody if who == "all" else who) for variable, who in rows}
        assert documented ^ {(variable, ", ".join(users(variable))) for variable in VARIABLES} == (
            set()
        )

    def test_every_setting_has_examples_of_what_is_taken_and_refused(self):
        assert VARIABLES.keys() - {*VALID, *UNDERSTOOD} == set()
        assert VARIABLES.keys() - MALFORMED.keys() == set()
