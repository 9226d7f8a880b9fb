"""`accueil qr`, `accueil key` and `accueil site check`, as they are typed."""

import pytest
from click.testing import CliRunner

from functions.intake.callers import identify
from functions.shared.settings import SETTINGS
from infra.cli import main

PAGE = "https://www.example.org/venir"


@pytest.fixture
def accueil():
    def type_(*words, answer=None, page=None):
        environment = {"ACCUEIL_FORM_PAGE": page}
        return CliRunner().invoke(main, words, env=environment, input=answer)

    return type_


class TestQr:
    def test_the_configured_page_and_where_the_files_are(self, accueil, tmp_path):
        done = accueil("qr", "aire-a20", "--folder", str(tmp_path), page=PAGE)

        assert done.exit_code == 0
        assert f"Le code ouvre {PAGE}?source=aire-a20\n" in done.output
        assert str(tmp_path / "aire-a20.svg") in done.output
        assert {file.name for file in tmp_path.iterdir()} == {"aire-a20.svg", "aire-a20.png"}

    def test_another_page_and_what_is_filled_in(self, accueil, tmp_path):
        words = ("--url", "https://lot.example/", "--project", "health", "--target", "Figeac")
        done = accueil("qr", "salon", "--folder", str(tmp_path), *words, page=PAGE)

        assert "https://lot.example/?source=salon&projects=health&target=46102" in done.output

    def test_without_a_page_it_says_what_to_set(self, accueil):
        done = accueil("qr", "aire-a20")

        assert done.exit_code == 1
        assert "Indiquez l'adresse de la page du site" in done.output
        assert "avec --url ou dans ACCUEIL_FORM_PAGE." in done.output

    def test_half_an_address_is_named(self, accueil):
        wanted = "Error: www.lot.example/venir : indiquez l'adresse d'une page, https://"
        typed = accueil("qr", "aire-a20", "--url", "www.lot.example/venir")
        configured = accueil("qr", "aire-a20", page="www.lot.example/venir")

        for done in (typed, configured):
            assert done.exit_code == 1
            assert done.output.startswith(wanted)
            assert "avec --url ou dans ACCUEIL_FORM_PAGE." in done.output

    def test_what_is_there_is_replaced_only_when_wanted(self, accueil, tmp_path):
        (tmp_path / "salon.png").write_text("précieux")
        words = ("qr", "salon", "--folder", str(tmp_path))

        refused = accueil(*words, page=PAGE, answer="n\n")

        assert refused.exit_code == 1
        assert "salon.png : remplacer ?" in refused.output
        assert (tmp_path / "salon.png").read_text() == "précieux"
        assert not (tmp_path / "salon.svg").exists()
        assert accueil(*words, page=PAGE, answer="y\n").exit_code == 0
        assert accueil(*words, "--force", page=PAGE).exit_code == 0
        assert (tmp_path / "salon.png").read_bytes().startswith(b"\x89PNG")


class TestKey:
    def test_what_it_prints_opens_intake_and_goes_into_the_settings(self, accueil):
        lines = accueil("key", "site").output.splitlines()
        made, entry = (line.strip() for line in lines if line.startswith("    "))

        callers = SETTINGS["callers"].parse(f"other:{'0' * 64},{entry}")
        caller = identify(made, callers)
        assert caller is not None
        assert caller.name == "site"
        assert made not in entry
        assert "retirez l'ancienne" in lines[-1]

    def test_no_two_are_the_same(self, accueil):
        assert accueil("key", "site").output != accueil("key", "site").output

    @pytest.mark.parametrize("name", ["Site", "mon site", "a" * 41, "é", "a,b", f"a:{'0' * 64},b"])
    def test_a_name_that_settings_would_not_take(self, name, accueil):
        done = accueil("key", name)

        assert done.exit_code == 1
        assert "un nom fait de lettres sans accent" in done.output


class TestSiteCheck:
    def test_a_page_that_is_right(self, accueil, partner, form):
        done = accueil(
            "site", "check", "--local", partner.show(f'<a href="{form.url}">Formulaire</a>')
        )

        assert done.exit_code == 0
        assert done.output.splitlines()[0] == "✓ La page mène au formulaire par un lien."
        assert done.output.splitlines()[-1] == "Tout est en ordre."

    def test_a_page_that_is_wrong(self, accueil, partner, closed_form):
        html = f'<iframe src="{closed_form.url}?frame=embed" title="Formulaire"></iframe>'
        done = accueil("site", "check", "--local", partner.show(html))

        assert done.exit_code == 1
        assert f"✗ Le formulaire {closed_form.url} ne se laisse pas montrer par" in done.output
        assert done.output.splitlines()[-1] == "1 point à corriger."

    def test_a_page_that_might_be_better(self, accueil, partner, form):
        html = f'<iframe src="{form.url}?frame=embed"></iframe>'
        done = accueil("site", "check", "--local", partner.show(html))

        assert done.exit_code == 0
        assert "· L'iframe n'a pas d'attribut title" in done.output
        assert done.output.splitlines()[-1] == "Aucune erreur, 1 remarque."

    def test_a_form_elsewhere(self, accueil, partner):
        url = partner.show('<a href="http://127.0.0.1:9/">Formulaire</a>')
        done = accueil("site", "check", "--local", url, "--form", "http://127.0.0.1:9")

        assert "Le formulaire http://127.0.0.1:9 ne répond pas." in done.output

    def test_no_page_at_all(self, accueil):
        done = accueil("site", "check", "--local", "http://127.0.0.1:9/")

        assert (done.exit_code, done.output) == (
            1,
            "Error: http://127.0.0.1:9/ est injoignable, ou ne répond pas à temps.\n",
        )


def test_help_lists_them_in_french(accueil):
    shown = accueil("--help").output

    assert "Faire un code QR" in shown
    assert "Créer une clé d'API" in shown
    assert "Voir si le site du département" in shown
