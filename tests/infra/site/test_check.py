"""Pages of a partner's site, right and wrong, before the real intake."""

import re

import pytest
import requests
from werkzeug.wrappers import Response

from functions.shared.errors import AccueilError
from functions.shared.version import VERSION
from infra.site import check as looking
from infra.site.check import check
from infra.site.web import Web
from tests.website import DOC

WEB = Web(patience=5)


def wrong(url, form=""):
    return [one.sentence for one in check(url, form, WEB) if one.kind == "wrong"]


def remarks(url):
    return [one.sentence for one in check(url, web=WEB) if one.kind == "remark"]


def script(form, *, place=True, link=True):
    inside = f'<a href="{form.url}">Ouvrir le formulaire</a>' if link else ""
    held = f"<p data-oh-my-lot>{inside}</p>" if place else ""
    return f'{held}<script type="module" src="{form.url}/embed.js"></script>'


def both(form):
    return iframe(form) + script(form, place=False)


def iframe(form, attributes='title="Formulaire" height="2400"', query="?frame=embed"):
    return f'<iframe src="{form.url}{query}" {attributes}></iframe>'


@pytest.mark.parametrize("make", [script, iframe])
def test_a_page_that_is_right(make, partner, form):
    found = list(check(partner.show(make(form)), web=WEB))

    assert {one.kind for one in found} == {"right"}
    said = " ".join(one.sentence for one in found)
    assert f"Le formulaire {form.url} répond (version {VERSION})." in said
    assert partner.url in said


def test_a_link_is_enough(partner, form):
    url = partner.show(f'<a href="{form.url}?source=site&amp;lang=fr">Votre projet</a>')
    its_own = form.url.removesuffix("/intake")

    assert [one.sentence for one in check(url, web=WEB)] == [
        "La page mène au formulaire par un lien.",
        f"Le formulaire {form.url} répond (version {VERSION}).",
        f"Ce qui est envoyé depuis {its_own} arrive au formulaire {form.url}.",
    ]


def test_a_page_without_anything_of_ours(partner):
    (sentence,) = wrong(partner.show("<p>Bienvenue</p><iframe src='/video'></iframe>"))

    assert "ne contient ni le script, ni l'iframe, ni un lien" in sentence
    assert "docs/website.md" in sentence


@pytest.mark.parametrize("make", [script, iframe])
def test_a_site_that_is_not_on_the_list(make, partner, closed_form):
    sentences = wrong(partner.show(make(closed_form)))

    assert sentences
    assert f"ajoutez {partner.url} à ACCUEIL_ORIGINS" in sentences[0]


def test_a_form_that_is_not_there(partner):
    url = partner.show('<a href="http://127.0.0.1:9/intake">Formulaire</a>')

    assert wrong(url) == [
        "Le formulaire http://127.0.0.1:9/intake ne répond pas. 127.0.0.1 est injoignable."
    ]


def test_an_address_that_is_something_else(partner):
    (sentence,) = wrong(partner.show('<a href="/intake">Formulaire</a>'))

    assert sentence.startswith(f"{partner.url}/intake/health répond 404, et pas comme le form")


def test_a_journal_that_does_not_answer_is_a_form_that_does_not(partner, form):
    form.proxy = lambda _, __: Response('{"title": "…"}', 503)

    (sentence,) = wrong(partner.show(f'<a href="{form.url}">Formulaire</a>'))

    assert "/health répond 503" in sentence


def test_a_script_that_the_editor_stripped(partner, form):
    html = f'<p data-oh-my-lot><a href="{form.url}">Ouvrir</a></p>'

    (sentence,) = wrong(partner.show(html))

    assert "mais pas le script /embed.js" in sentence


def test_a_script_without_a_place(partner, form):
    (sentence,) = wrong(partner.show(script(form, place=False)))

    assert "mais aucun élément data-oh-my-lot" in sentence


def test_the_script_may_come_for_the_iframe_s_height_alone(partner, form):
    html = iframe(form, 'title="Formulaire"') + script(form, place=False)

    assert (wrong(partner.show(html)), remarks(partner.show(html))) == ([], [])


def test_a_place_without_a_link(partner, form):
    (sentence,) = wrong(partner.show(script(form, link=False)))

    assert "ne contient pas de lien" in sentence


def test_a_link_to_another_form_than_the_script_s(partner, form, closed_form):
    html = script(form).replace(f'href="{form.url}', f'href="{closed_form.url}')

    assert (
        f"mène à {closed_form.url}, et le script vient de {form.url}"
        in wrong(partner.show(html))[0]
    )


def test_a_script_that_is_no_module(partner, form):
    (sentence,) = wrong(partner.show(script(form).replace('type="module" ', "")))

    assert 'sans type="module"' in sentence


def test_a_script_that_is_no_script(partner, form):
    form.proxy = lambda call, answer: (
        Response("<p>Entretien</p>", content_type="text/html")
        if call.path.endswith("/embed.js")
        else answer
    )

    (sentence,) = wrong(partner.show(script(form)))

    assert "/embed.js répond 200 (text/html), et non du JavaScript" in sentence


def test_a_cache_that_drops_what_lets_a_site_read_the_script(partner, form):
    def proxy(call, answer):
        if call.path.endswith("/embed.js"):
            del answer.headers["Access-Control-Allow-Origin"]
        return answer

    form.proxy = proxy

    (sentence,) = wrong(partner.show(script(form)))

    assert "(Access-Control-Allow-Origin)" in sentence


def test_a_proxy_that_forbids_frames(partner, form):
    def proxy(_, answer):
        answer.headers["X-Frame-Options"] = "SAMEORIGIN"
        return answer

    form.proxy = proxy

    (sentence,) = wrong(partner.show(iframe(form)))

    assert "ajoute X-Frame-Options: SAMEORIGIN" in sentence


@pytest.mark.parametrize(
    ("attributes", "sentence"),
    [
        ('title="F" height="9" sandbox="allow-scripts"', "ajoutez-y allow-forms allow-same-origin"),
        ('title="F" height="9" sandbox', "ajoutez-y allow-forms allow-scripts allow-same-origin"),
    ],
)
def test_an_iframe_that_some_cannot_use(attributes, sentence, partner, form):
    (found,) = wrong(partner.show(iframe(form, attributes)))

    assert sentence in found


@pytest.mark.parametrize("title", ["", 'title=" "'])
def test_an_iframe_without_title_works_and_gets_that_of_the_doc(title, partner, form):
    url = partner.show(iframe(form, f'{title} height="2400"'))

    assert wrong(url) == []
    (sentence,) = remarks(url)
    assert "n'a pas d'attribut title" in sentence
    assert re.search('title="[^"]+"', sentence)[0] in DOC


def test_an_iframe_without_height_is_low(partner, form):
    url = partner.show(iframe(form, 'title="Formulaire"'))

    assert wrong(url) == []
    assert "elle en a 150 pixels" in remarks(url)[0]


def test_an_iframe_of_the_whole_page_is_a_remark(partner, form):
    url = partner.show(iframe(form, query="?source=site&amp;frame=page"))

    assert wrong(url) == []
    (sentence,) = remarks(url)
    assert "la page entière du formulaire, avec son propre bandeau" in sentence
    assert sentence.endswith(f'mettez src="{form.url}?frame=embed&amp;source=site".')


def test_what_it_says_of_an_iframe_can_be_pasted(partner, form):
    src = re.search('src="[^"]+"', remarks(partner.show(iframe(form, query="")))[0])[0]

    found = check(partner.show(f'<iframe {src} title="Formulaire" height="2400">'), web=WEB)
    assert {one.kind for one in found} == {"right"}


def test_an_iframe_of_what_is_for_the_script_is_wrong(partner, form):
    (sentence,) = wrong(partner.show(iframe(form, query="?frame=fragment&amp;frame=embed")))

    assert "sans mise en forme (frame=fragment)" in sentence
    assert f'src="{form.url}?frame=embed"' in sentence


def test_an_iframe_of_something_else(partner, form):
    (sentence,) = wrong(partner.show(iframe(form, query="/plan?frame=embed") + iframe(form)))[-1:]

    assert "/plan" in sentence


@pytest.mark.parametrize(
    ("make", "policy", "directives"),
    [
        (script, "default-src 'self'", ["script-src", "connect-src"]),
        (script, "script-src {form}; connect-src 'self'", ["connect-src"]),
        (script, "script-src {form}; connect-src {form}; style-src 'none'", []),
        (iframe, "default-src 'self'", ["frame-src"]),
        (iframe, "default-src 'self'; frame-src {form}", []),
        (both, "default-src 'self'; frame-src {form}; script-src {form}", []),
        (both, "default-src 'self'; frame-src {form}", ["script-src"]),
        (script, "script-src-elem 'self'; script-src {form}", ["script-src-elem"]),
        (iframe, "child-src 'self'", ["child-src"]),
    ],
)
def test_a_policy_of_the_site(make, policy, directives, partner, form):
    origin = form.url.removesuffix("/intake")
    html = make(form)

    by_header = wrong(partner.show(html, Content_Security_Policy=policy.format(form=origin)))
    meta = f'<meta http-equiv="content-security-policy" content="{policy.format(form=origin)}">'
    by_page = wrong(partner.show(meta + html))

    assert by_header == by_page
    assert len(by_header) == len(directives)
    for sentence, directive in zip(by_header, directives, strict=True):
        assert f"ajoutez {origin} à {directive}" in sentence


def test_a_directive_of_its_own_takes_along_what_the_default_allowed(partner, form):
    url = partner.show(iframe(form), Content_Security_Policy="default-src 'self'")

    (sentence,) = wrong(url)

    assert "à frame-src, avec ce que default-src permet déjà, dans la configuration" in sentence


def test_a_policy_that_goes_by_nonces_alone_is_not_told_to_list_an_address(partner, form):
    policy = f"script-src 'nonce-abc' 'strict-dynamic' {form.url.removesuffix('/intake')}"

    (sentence,) = wrong(partner.show(script(form), Content_Security_Policy=policy))

    assert "(script-src) interdit" in sentence
    assert "l'attribut nonce" in sentence
    assert "ajoutez" not in sentence
    mended = script(form).replace("<script ", '<script nonce="abc" ')
    assert wrong(partner.show(mended, Content_Security_Policy=policy)) == []


def test_what_shuts_the_form_out_is_read_in_headers_and_page(partner, form):
    trusted = "require-trusted-types-for 'script'"
    meta = f'<meta http-equiv="content-security-policy" content="{trusted}">'

    assert "(require-trusted-types-for 'script')" in wrong(partner.show(meta + script(form)))[0]
    (by_header,) = wrong(partner.show(script(form), Content_Security_Policy=trusted))
    assert "(require-trusted-types-for 'script')" in by_header
    (embedder,) = wrong(partner.show(iframe(form), Cross_Origin_Embedder_Policy="require-corp"))
    assert "Cross-Origin-Embedder-Policy: require-corp" in embedder


def test_what_it_says_is_left_out_is_not_in_the_form(partner, form):
    query = {"source": "Aire A20", "projects": "bakery,health", "target": "Toulouse"}
    data = " ".join(f'data-{name}="{value}"' for name, value in query.items())
    shown = requests.get(form.url, query, timeout=30).text

    project, source, target = wrong(
        partner.show(script(form).replace("data-oh-my-lot", f"data-oh-my-lot {data}"))
    )

    assert "laisse de côté data-source « Aire A20 »" in source
    assert 'name="source"' not in shown
    assert "laisse de côté data-projects « bakery »" in project
    assert re.findall(r'<option value="(\w+)" selected', shown)[:1] == ["health"]
    assert "data-target « Toulouse » : nommez une commune" in target
    assert f"les codes SIREN sont sur {form.url}/api." in target
    assert 'value="Toulouse"' not in shown


def test_a_policy_that_only_reports_forbids_nothing(partner, form):
    url = partner.show(script(form), Content_Security_Policy_Report_Only="default-src 'none'")

    assert wrong(url) == []


def test_another_version_is_a_remark(partner, form, monkeypatch):
    url = partner.show(f'<a href="{form.url}">Formulaire</a>')
    monkeypatch.setattr(looking, "VERSION", "9.9.9")

    (sentence,) = remarks(url)

    assert sentence.startswith(
        f"Cet outil est en version 9.9.9, le formulaire en version {VERSION} : "
    )


def test_what_is_not_encrypted_is_wrong_but_on_this_machine(monkeypatch, partner, form):
    url = partner.show(f'<a href="{form.url}">Formulaire</a>')
    monkeypatch.setattr("infra.site.check.is_local", lambda _: False)

    page, link = wrong(url)

    assert page.startswith(f"{url} n'est pas en https")
    assert link == f"{form.url} n'est pas en https : mettez https:// dans la page."


def test_a_form_at_the_root_is_found_when_told(partner, form):
    root = form.url.removesuffix("/intake")
    form.app = form.app.mounts["/intake"]
    url = partner.show(iframe(form).replace("/intake?frame=embed", "/"))

    assert len(wrong(url)) == 1
    assert wrong(url, root) == []


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("{site}/absente", "{site}/absente répond 404 : indiquez une page publiée"),
        ("www.example.org", "www.example.org : indiquez l'adresse d'une page, https://"),
        ("http://127.0.0.1:9/", "127.0.0.1 est injoignable."),
    ],
)
def test_a_page_that_cannot_be_looked_at(address, sentence, partner):
    with pytest.raises(AccueilError) as caught:
        list(check(address.format(site=partner.url), web=WEB))

    assert str(caught.value).startswith(sentence.format(site=partner.url))


def test_a_page_that_is_none(partner):
    with pytest.raises(AccueilError, match=r"n'est pas une page HTML \(application/pdf\)"):
        list(check(partner.show("x", Content_Type="application/pdf"), web=WEB))


def test_a_page_that_moved_is_the_one_that_is_looked_at(partner, form):
    url = partner.show(f'<a href="{form.url}">Formulaire</a>')
    partner.pages["/"] = f'<a href="{form.url}">'
    moved = f"{partner.url}/vieille"

    class Moving(Web):
        def fetch(self, asked, *how, **headers):
            return super().fetch(url if asked == moved else asked, *how, **headers)

    first, *_ = check(moved, web=Moving())

    assert first.sentence == f"{moved} mène à {url} : c'est cette page qui est examinée."


def test_a_page_of_a_thousand_forms_costs_few_calls(partner):
    asked = []

    class Counting(Web):
        def fetch(self, url, method="GET", *what, **headers):
            asked.append(method)
            return super().fetch(url, method, *what, **headers)

    places = "<p data-oh-my-lot></p>" * 1000
    frames = "".join(f'<iframe src="/p{n}/intake" title="F" height="9">' for n in range(1000))
    scripts = "".join(f'<script type=module src="/p{n}/embed.js"></script>' for n in range(1000))

    found = list(check(partner.show(places + frames + scripts), web=Counting()))

    assert len(asked) < 30
    assert set(asked) == {"GET"}  # nobody is sent anything whose health is not a form's
    assert len(found) < 40
    assert "plus de 5 fois : seules les 5 premières" in found[0].sentence


def test_what_a_page_says_gives_the_terminal_no_orders(partner):
    found = list(check(partner.show('<a href="/\x1b]0;x\x07\x1b[2J\u202e/intake">x</a>'), web=WEB))

    assert any("/intake" in one.sentence for one in found)
    assert all(one.sentence.isprintable() for one in found)
