import pytest

from functions.shared.settings import FUNCTIONS, SETTINGS
from functions.shared.settings import load as load_settings
from infra.cloud.stack import StackError, load, parse
from tests.infra.cloud.graphs import FILLED_IN, SES, SMTP, content


def refused(settings=None, **changes):
    with pytest.raises(StackError) as caught:
        parse("lot", content(settings, **changes), "lot.toml")
    return str(caught.value)


def test_the_example_is_well_formed(tmp_path):
    file = tmp_path / "lot.toml"
    file.write_text(FILLED_IN, "utf-8")
    stack = load("lot", file)
    assert (stack.project, stack.region) == ("accueil-exemple", "europe-west9")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"project": None}, "lot.toml, project manque : indiquez l'identifiant du projet"),
        ({"project": "Lot"}, "lot.toml, project : attendu, l'identifiant du projet"),
        ({"region": "us-central1"}, "lot.toml, region : attendu, une région de l'Union européenne"),
        ({"region": "europe-west2"}, "lot.toml, region : attendu"),  # London
        ({"time_zone": "UTC"}, "lot.toml, time_zone : attendu, Europe/Paris"),
        ({"operator": "l'informatique"}, "lot.toml, operator : attendu, le compte Google"),
        ({"operator": "x@p.iam.gserviceaccount.com"}, "operator : attendu, le compte Google"),
        ({"alerts": None}, "lot.toml, alerts manque : indiquez l'adresse"),
        ({"budget": 20}, "budget et billing_account vont ensemble"),
        ({"budget": "20", "billing_account": "0123AB-456789-ABCDEF"}, "budget : attendu"),
        ({"budget": True, "billing_account": "0123AB-456789-ABCDEF"}, "budget : attendu"),
        ({"billing_account": "12", "budget": 1}, "billing_account : attendu, le compte"),
        ({"fictional": "oui"}, "fictional : attendu, true"),
        ({"zone": "x"}, "lot.toml, zone : cette clé n'existe pas."),
    ],
)
def test_a_wrong_value_is_named_before_anything_is_made(changes, said):
    assert said in refused(**changes)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"ACCUEIL_SPREADSHEET": None}, "ACCUEIL_SPREADSHEET manque : indiquez l'identifiant"),
        (
            {"ACCUEIL_SPREADSHEET": "https://docs.google.com/document/d/1/edit"},
            "ACCUEIL_SPREADSHEET est mal formée",
        ),
        ({"ACCUEIL_MAIL_FROM": "à bientôt"}, "ACCUEIL_MAIL_FROM est mal formée"),
        ({"ACCUEIL_KEEP_DAYS": "0"}, "ACCUEIL_KEEP_DAYS est mal formée"),
        ({"ACCUEIL_KEEP_DAYS": 30}, "ACCUEIL_KEEP_DAYS : attendu, un texte entre guillemets."),
        ({"ACCUEIL_COLOUR": "red"}, "ACCUEIL_COLOUR : ce réglage n'existe pas"),
        ({"ACCUEIL_JOURNAL": "gs://x"}, "ACCUEIL_JOURNAL : la pile le fixe elle-même"),
        ({"ACCUEIL_PROXIES": "0"}, "ACCUEIL_PROXIES : la pile le fixe elle-même"),
        ({"ACCUEIL_SHEETS_API": "https://x.example"}, "ACCUEIL_SHEETS_API : la pile le fixe"),
        ({"ACCUEIL_MAIL": "ses://us-east-1"}, "ACCUEIL_MAIL : attendu, ses:// et une région"),
        (
            {"ACCUEIL_MAIL": "ses://eu-west-3?role=arn:aws:iam::123456789012:role/x"},
            "la pile fait elle-même le rôle",
        ),
        ({"ACCUEIL_SECRET": "x" * 32}, "ACCUEIL_SECRET : c'est un secret, retirez-le d'ici"),
        ({"ACCUEIL_MAIL": "smtps://a:b@c:465"}, "ACCUEIL_MAIL : c'est un secret"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_set(settings, said):
    assert said in refused(settings)


def test_a_secret_is_not_repeated():
    assert "hunter2" not in refused({"ACCUEIL_MAIL": "smtps://a:hunter2@c:465"})


def test_all_faults_are_named_at_once():
    said = refused({"ACCUEIL_SPREADSHEET": None}, region="x", alerts=None).splitlines()
    assert [line.split()[1] for line in said] == ["region", "alerts", "ACCUEIL_SPREADSHEET"]


def test_no_settings_are_a_fault_too():
    with pytest.raises(StackError, match="une table de réglages"):
        parse("lot", {"settings": "none"}, "lot.toml")


@pytest.mark.parametrize("name", ["Lot", "lot-46", "../lot", "l" * 21, ""])
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(StackError, match="n'est pas un nom de pile"):
        load(name)


def test_a_missing_file_says_what_to_copy(tmp_path):
    with pytest.raises(StackError, match=r"copiez stacks/exemple\.toml"):
        load("lot", tmp_path / "lot.toml")


def test_an_illegible_file_is_named(tmp_path):
    file = tmp_path / "lot.toml"
    file.write_text("project =", "utf-8")
    with pytest.raises(StackError, match=r"lot\.toml n'est pas lisible"):
        load("lot", file)


@pytest.mark.parametrize("stack", [SMTP, SES], ids=["smtp", "ses"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_starts_with_what_the_stack_gives_it(stack, function):
    secret = {"ACCUEIL_SECRET": "s" * 32, "ACCUEIL_MAIL": "smtps://a:b@courriel.example.org:465"}
    given = stack.environment(function)
    given |= {variable: secret[variable] for variable in stack.secrets(function)}
    load_settings(given, FUNCTIONS[function])


def test_mails_are_a_secret_only_if_they_need_a_password():
    assert SMTP.secrets("route") == {"ACCUEIL_MAIL": "accueil-route-mail"}
    assert SES.secrets("route") == {}
    assert SES.environment("route")["ACCUEIL_MAIL"] == "ses://eu-west-3?configuration=accueil"
    assert (SMTP.ses_region, SES.ses_region) == ("", "eu-west-3")


def test_the_sender_s_domain_is_that_of_its_address():
    assert SMTP.sender_domain == "example.org"


def test_a_deployment_s_key_joins_those_that_there_are():
    key = "a" * 64
    variable = SETTINGS["callers"].variable
    assert SMTP.with_key("deploy", key).environment("intake")[variable] == f"deploy:{key}"
    both = parse("lot", content({variable: f"site:{'b' * 64}"}), "lot.toml").with_key("deploy", key)
    assert both.environment("intake")[variable] == f"site:{'b' * 64},deploy:{key}"
