"""What is sent, to the real intake, and what others may answer in its place."""

import pytest
import requests
from werkzeug.wrappers import Response

from functions.shared.version import VERSION
from infra.site.check import check
from infra.site.web import Fetched, Web, WebError

WEB = Web(patience=5)
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


def said(kind, url, web=WEB):
    return [one.sentence for one in check(url, web=web) if one.kind == kind]


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
    found = said("right", partner.show(html.format(form=form.url)))

    assert [one for one in found if "arrive au formulaire" in one] == [
        f"Ce qui est envoyé depuis {partner.url if one else origin(form)} arrive au formulaire "
        f"{form.url}."
        for one in by_site
    ]
    assert [one for one in (tmp_path / "journal").rglob("*") if one.is_file()] == []


def test_a_site_that_is_not_on_the_list_is_told_once(partner, closed_form):
    sentences = said("wrong", partner.show(script(closed_form)))

    assert sum("n'accepte pas" in one for one in sentences) == 1
    assert f"{closed_form.url} n'accepte pas {partner.url} : ajoutez {partner.url}" in sentences[0]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Response("<h1>Forbidden</h1>", 403, **HTML), "répond 403 (text/html) à un envoi, et pas"),
        (Response("<h1>Forbidden</h1>", 403, **HTML), "un pare-feu applicatif (WAF)"),
        (Response("{}", 405, content_type="application/json"), "que la lecture (GET)"),
        (
            Response("<p>Patientez</p>", 200, **HTML),
            "contrôle anti-robot, cache) répond à sa place",
        ),
        (Response("<p>Erreur</p>", 502, **HTML), "répond 502 (text/html) à un envoi"),
        (Response("", 422), "répond 422 (text/plain) à un envoi"),
        (
            Response("{}", 415, content_type="application/problem+json"),
            "arrête ou change ce qui est envoyé",
        ),
        (
            Response("", 308, {"Location": "https://accueil.example.org/intake/"}),
            "redirige ce qui lui est envoyé (308) vers https://accueil.example.org/intake/",
        ),
    ],
)
@pytest.mark.parametrize("make", [script, link])
def test_somebody_else_answers(make, answer, sentence, partner, form):
    form.proxy = to_posts(lambda _: answer)

    sentences = said("wrong", partner.show(make(form)))

    assert len(sentences) == (2 if make == script else 1)
    assert all(sentence in one for one in sentences)


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

    assert "change l'en-tête Host" in sentence
    assert f"ajoutez {origin(form)} à ACCUEIL_ORIGINS" in sentence


def test_too_many_calls_are_a_remark(partner, form):
    while requests.post(form.url, json={}, timeout=30).status_code != 429:
        pass

    url = partner.show(link(form))
    (sentence,) = said("remark", url)

    assert (
        "répond 429, trop d'appels : l'envoi n'a pas pu être essayé. Recommencez dans " in sentence
    )
    assert "ACCUEIL_PROXIES" in sentence
    assert said("wrong", url) == []


def test_too_many_calls_for_a_proxy(partner, form):
    form.proxy = to_posts(lambda _: Response("Slow down", 429, {"Retry-After": "\x1b[2J"}))

    (sentence,) = said("remark", partner.show(link(form)))

    assert "Recommencez plus tard. C'est un relais devant le formulaire qui compte" in sentence


def test_a_form_that_answers_all_but_what_is_sent(partner, form):
    class Cut(Web):
        def fetch(self, url, method="GET", *what, **headers):
            if method == "POST":
                raise WebError("accueil.example.org ne répond pas à temps.")
            return super().fetch(url, method, *what, **headers)

    (sentence,) = said("wrong", partner.show(link(form)), Cut())

    assert sentence.startswith(f"Ce qui est envoyé au formulaire {form.url} se perd. ")
    assert sentence.endswith("accueil.example.org ne répond pas à temps.")


def test_a_page_of_a_thousand_forms_is_sent_little(partner):
    asked = []
    places = "<p data-oh-my-lot></p>" * 1000
    scripts = "".join(f'<script type=module src="/p{n}/embed.js"></script>' for n in range(1000))
    links = "".join(f'<a href="/p{n}/intake">x</a>' for n in range(1000))
    page = partner.show(places + scripts + links)

    class Healthy(Web):
        def fetch(self, url, method="GET", *what, **headers):
            asked.append(method)
            if url == page:
                return super().fetch(url, method, *what, **headers)
            return Fetched(url, 200, {}, f'{{"version": "{VERSION}"}}')

    list(check(page, web=Healthy()))

    assert 0 < asked.count("POST") <= 10
