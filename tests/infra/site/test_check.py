"""Pages of a partner's site, right and wrong, before the real intake."""

import re

import pytest
import requests
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response

from functions.shared.errors import AccueilError
from functions.shared.version import VERSION
from infra.site.check import check
from tests.website import DOC

NOWHERE = "http://127.0.0.1:9/intake"


def wrong(url, form=""):
    return [finding.sentence for finding in check(url, form, local=True) if finding.kind == "wrong"]


def remarks(url):
    return [finding.sentence for finding in check(url, local=True) if finding.kind == "remark"]


def script(form, *, place=True):
    link = f'<a href="{form.url}">Ouvrir le formulaire</a>'
    held = f"<p data-oh-my-lot>{link}</p>" if place else ""
    return f'{held}<script type="module" src="{form.url}/embed.js"></script>'


def both(form):
    return iframe(form) + script(form, place=False)


def iframe(form, attributes='title="Formulaire" height="2400"', query="?frame=embed"):
    return f'<iframe src="{form.url}{query}" {attributes}></iframe>'


@pytest.mark.parametrize("make", [script, iframe])
def test_a_page_that_is_right(make, partner, form):
    findings = list(check(partner.show(make(form)), local=True))

    assert {finding.kind for finding in findings} == {"right"}
    said = " ".join(finding.sentence for finding in findings)
    assert f"Le formulaire {form.url} répond (version {VERSION})." in said
    assert partner.url in said


def test_a_link_is_enough(partner, form):
    url = partner.show(f'<a href="{form.url}?source=site&amp;lang=fr">Votre projet</a>')
    its_own = form.url.removesuffix("/intake")

    assert [finding.sentence for finding in check(url, local=True)] == [
        "La page mène au formulaire par un lien.",
        f"Le formulaire {form.url} répond (version {VERSION}).",
        f"Ce qui est envoyé depuis {its_own} arrive au formulaire {form.url}.",
    ]


@pytest.mark.parametrize("make", [script, iframe])
def test_a_form_on_the_site_s_own_address_needs_no_leave(make, partner, form):
    form.app = DispatcherMiddleware(partner, form.app.mounts)
    own = form.url.removesuffix("/intake")
    partner.show(make(form), Content_Security_Policy="default-src 'self'")

    findings = list(check(f"{own}/venir", local=True))

    assert {finding.kind for finding in findings} == {"right"}
    assert [finding.sentence for finding in findings].count(
        f"Ce qui est envoyé depuis {own} arrive au formulaire {form.url}."
    ) == 1


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
    url = partner.show(f'<a href="{NOWHERE}">Formulaire</a>')

    assert wrong(url) == [
        (
            f"Le formulaire {NOWHERE} ne répond pas. "
            f"{NOWHERE}/health est injoignable, ou ne répond pas à temps."
        )
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
        (
            'title="F" sandbox="Allow-Forms allow-scripts allow-same-origin allow-popups-x"',
            "ajoutez-y allow-popups.",
        ),
        ('title="F" height="9" sandbox', "ajoutez-y allow-forms allow-scripts allow-same-origin"),
    ],
)
def test_an_iframe_that_some_cannot_use(attributes, sentence, partner, form):
    (complaint,) = wrong(partner.show(iframe(form, attributes)))

    assert sentence in complaint


@pytest.mark.parametrize("title", ["", 'title=" "'])
def test_an_iframe_without_title_works_and_gets_that_of_the_doc(title, partner, form):
    url = partner.show(iframe(form, f'{title} height="2400"'))

    assert wrong(url) == []
    (sentence,) = remarks(url)
    assert "n'a pas d'attribut title" in sentence
    assert re.search('title="[^"]+"', sentence)[0] in DOC


def test_an_iframe_of_something_else(partner, form):
    form.proxy = lambda call, own: own if "frame" not in call.args else Response("{}", 404)

    (sentence,) = wrong(partner.show(iframe(form)))

    assert sentence == (
        f"{form.url}?frame=embed répond 404 (text/plain), et non le formulaire : vérifiez "
        "l'adresse de l'iframe."
    )


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
    assert sentence.endswith("ou donnez à la balise <script> le nonce du site.")
    mended = script(form).replace("<script ", '<script nonce="abc" ')
    assert wrong(partner.show(mended, Content_Security_Policy=policy)) == []


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ({"Content_Security_Policy": "sandbox allow-scripts"}, "sandbox"),
        (
            {"Content_Security_Policy": "require-trusted-types-for 'script'"},
            "require-trusted-types-for",
        ),
        ({"Cross_Origin_Embedder_Policy": "require-corp"}, "Cross-Origin-Embedder-Policy"),
    ],
)
def test_a_rule_that_is_seldom_found_is_to_be_tried_in_a_browser(headers, name, partner, form):
    url = partner.show(iframe(form), **headers)

    assert wrong(url) == []
    (sentence,) = remarks(url)
    assert sentence.startswith(f"La page a une règle {name}, qui peut empêcher le formulaire de m")
    assert name in DOC


def test_what_it_says_is_left_out_is_not_in_the_form(partner, form):
    query = {"source": "Aire A20", "projects": "bakery,health", "target": "Toulouse"}
    data = " ".join(f'data-{name}="{value}"' for name, value in query.items())
    shown = requests.get(form.url, query, timeout=30).text

    source, project, target = wrong(
        partner.show(script(form).replace("data-oh-my-lot", f"data-oh-my-lot {data}"))
    )

    assert "laisse de côté data-source « Aire A20 »" in source
    assert 'name="source"' not in shown
    assert "laisse de côté data-projects « bakery »" in project
    assert re.findall(r'<option value="(\w+)" selected', shown)[:1] == ["health"]
    assert "data-target « Toulouse » : il prend 10 communes du Lot au plus" in target
    assert 'value="Toulouse"' not in shown


def test_a_policy_that_only_reports_forbids_nothing(partner, form):
    url = partner.show(script(form), Content_Security_Policy_Report_Only="default-src 'none'")

    assert wrong(url) == []


def test_what_is_not_encrypted_is_wrong_but_on_this_machine(monkeypatch, partner, form):
    url = partner.show(f'<a href="{form.url}">Formulaire</a>')
    monkeypatch.setattr("infra.site.check.is_local", lambda _: False)

    page, link = wrong(url)

    assert page.startswith(f"{url} n'est pas en https : ")
    assert link.startswith(f"{form.url} n'est pas en https : ")


def test_a_form_at_the_root_is_found_when_told(partner, form):
    root = form.url.removesuffix("/intake")
    form.app = form.app.mounts["/intake"]
    url = partner.show(iframe(form).replace("/intake?frame=embed", "/"))

    assert len(wrong(url)) == 1
    assert wrong(url, root) == []


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("{site}/absente", "{site}/absente répond 404 (application/pdf) : indiquez une page"),
        ("{site}/venir", "{site}/venir répond 200 (application/pdf) : indiquez une page HTML"),
        ("www.example.org", "www.example.org n'est pas une adresse"),
        ("http://127.0.0.1:9/", "http://127.0.0.1:9/ est injoignable"),
    ],
)
def test_a_page_that_cannot_be_looked_at(address, sentence, partner):
    partner.show("x", Content_Type="application/pdf")
    with pytest.raises(AccueilError) as caught:
        list(check(address.format(site=partner.url), local=True))

    assert str(caught.value).startswith(sentence.format(site=partner.url))


def test_what_a_page_says_gives_the_terminal_no_orders(partner):
    findings = list(
        check(partner.show('<a href="/\x1b]0;x\x07\x1b[2J\u202e/intake">x</a>'), local=True)
    )

    assert any("/intake" in finding.sentence for finding in findings)
    assert all(finding.sentence.isprintable() for finding in findings)
