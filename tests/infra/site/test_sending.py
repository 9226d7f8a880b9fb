"""What is sent, to the real intake, and what others may answer in its place."""

import pytest
import requests
from werkzeug.wrappers import Response

from infra.site.check import check
from infra.site.web import WebError

HTML = {"content_type": "text/html"}


def script(form):
    return (
        f'<p data-oh-my-lot><a href="{form.url}">Ouvrir</a></p>'
        f'<script type="module" src="{form.url}/embed.js"></script>'
    )


def link(form):
    return f'<a href="{form.url}">Votre projet</a>'


def origin(form):
    return form.url.removesuffix("/intake")


def said(kind, url):
    return [finding.sentence for finding in check(url, local=True) if finding.kind == kind]


def to_posts(answer):
    """A proxy that answers what is sent by itself."""
    return lambda call, own: answer(own) if call.method == "POST" else own


LINK = '<a href="{form}">Ouvrir</a>'
FRAME = '<iframe src="{form}?frame=embed"></iframe>'
SCRIPT = '<script type="module" src="{form}/embed.js"></script>'


@pytest.mark.parametrize(
    ("html", "by_site"),
    [
        (f"<p data-oh-my-lot></p>{SCRIPT}", [True]),
        (f"<p data-oh-my-lot>{LINK}</p>", [False]),
        (f"<p data-oh-my-lot>{LINK}</p>{SCRIPT}", [True, False]),
        (FRAME + LINK, [False]),
        (FRAME + SCRIPT, [False]),  # it is there for the height alone
    ],
)
def test_it_is_tried_from_where_people_write(html, by_site, partner, form, tmp_path):
    sentences = said("right", partner.show(html.format(form=form.url)))

    assert [sentence for sentence in sentences if "arrive au formulaire" in sentence] == [
        f"Ce qui est envoyé depuis {partner.url if same else origin(form)} arrive au formulaire "
        f"{form.url}."
        for same in by_site
    ]
    assert [path for path in (tmp_path / "journal").rglob("*") if path.is_file()] == []


def test_a_site_that_is_not_on_the_list_is_told_once(partner, closed_form):
    sentences = said("wrong", partner.show(script(closed_form)))

    assert sum("n'accepte pas" in sentence for sentence in sentences) == 1
    assert f"{closed_form.url} n'accepte pas {partner.url} : ajoutez {partner.url}" in sentences[0]


@pytest.mark.parametrize(
    ("answer", "said_of_it"),
    [
        (Response("<h1>Forbidden</h1>", 403, **HTML), "403 (text/html)"),
        (Response("{}", 405, content_type="application/json"), "405 (application/json)"),
        (Response("<p>Patientez</p>", 200, **HTML), "200 (text/html)"),
        (Response("<p>Erreur</p>", 502, **HTML), "502 (text/html)"),
        (Response("", 422), "422 (text/plain)"),
        (
            Response("{}", 415, content_type="application/problem+json"),
            "415 (application/problem+json)",
        ),
        (Response("", 308, {"Location": "https://accueil.example.org/"}), "308 (text/plain)"),
    ],
)
@pytest.mark.parametrize("make", [script, link])
def test_somebody_else_answers(make, answer, said_of_it, partner, form):
    form.proxy = to_posts(lambda _: answer)

    sentences = said("wrong", partner.show(make(form)))

    assert len(sentences) == (2 if make == script else 1)
    for sentence in sentences:
        assert sentence.startswith(f"{form.url} répond {said_of_it} à un envoi, et pas comme le f")
        assert "un pare-feu (WAF), une redirection ou un relais" in sentence


def test_a_proxy_that_drops_what_lets_a_site_read_the_answer(partner, form):
    def drop(own):
        del own.headers["Access-Control-Allow-Origin"]
        return own

    form.proxy = to_posts(drop)

    (sentence,) = said("wrong", partner.show(script(form)))
    assert f"ne peut pas être lue par {partner.url} (Access-Control-Allow-Origin)" in sentence
    assert said("wrong", partner.show(link(form))) == []


def test_a_proxy_that_changes_the_host(partner, form):
    intake = form.app
    form.app = lambda environ, start: intake(environ | {"HTTP_HOST": "intake.internal"}, start)

    (sentence,) = said("wrong", partner.show(link(form)))

    assert "répond 403 (application/problem+json) à un envoi" in sentence
    assert sentence.endswith("en-tête Host compris.")


def test_too_many_calls_are_a_remark(partner, form):
    while requests.post(form.url, json={}, timeout=30).status_code != 429:
        pass

    url = partner.show(link(form))
    (sentence,) = said("remark", url)

    assert "répond 429, trop d'appels : l'envoi n'a pas pu être essayé." in sentence
    assert "ACCUEIL_PROXIES" in sentence
    assert said("wrong", url) == []


def test_a_form_that_answers_all_but_what_is_sent(partner, form, monkeypatch):
    def lose(*_, **__):
        raise WebError("accueil.example.org ne répond pas à temps.")

    monkeypatch.setattr("infra.site.sending.fetch", lose)

    (sentence,) = said("wrong", partner.show(link(form)))

    assert sentence.startswith(f"Ce qui est envoyé au formulaire {form.url} se perd. ")
    assert sentence.endswith("accueil.example.org ne répond pas à temps.")


def test_nothing_is_sent_to_a_server_whose_health_is_not_a_form_s(partner):
    said("wrong", partner.show('<a href="/intake">x</a><script src="/intake/embed.js"></script>'))

    assert set(partner.methods) == {"GET"}
