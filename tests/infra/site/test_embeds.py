import pytest

from infra.site.embeds import Element, read_page

PAGE = "https://www.example.org/venir/"
FORM = "https://accueil.example.net/intake"


def test_the_script_and_its_place():
    embeds = read_page(
        f"""<main><P data-oh-my-lot><a href="{FORM}">Ouvrir</a><br></P><a href="/plan">Plan</a>
        <script type="module" nonce="n" src="{FORM}/embed.js?v=2"></script></main>""",
        PAGE,
    )

    assert embeds.scripts == [Element(f"{FORM}/embed.js?v=2", type="module", nonce="n")]
    assert embeds.places == [{"source": "", "projects": "", "target": ""}]
    assert embeds.links == [FORM]
    assert embeds.forms == [FORM]


def test_an_iframe():
    embeds = read_page(
        f'<iframe src="{FORM}?frame=embed&amp;source=site" title="Formulaire" height="900">', PAGE
    )

    assert embeds.frames == [Element(f"{FORM}?frame=embed&source=site", title="Formulaire")]
    assert embeds.forms == [FORM]


def test_a_link_and_addresses_that_the_page_shortens():
    assert read_page('<a href="/intake/?lang=en#x">', PAGE).forms == [
        "https://www.example.org/intake"
    ]
    based = read_page('<base href="//accueil.example.net/"><a href="intake">', PAGE)
    assert based.forms == [FORM]


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<a href='https://accueil.example.net/'>",
        "<iframe src='https://video.example.com/embed'></iframe>",
        "<script src='https://comments.example.com/embed.js'></script>",
        f"<!-- <iframe src='{FORM}'></iframe> -->",
        f"<script>document.write('<iframe src={FORM}>')</script>",
        "<a href='https://[x/intake'>",
        "<a href='https://x:99999/intake'>",
        "<p data-oh-my-lo",
    ],
)
def test_what_is_not_ours_is_left_alone(html):
    embeds = read_page(html, PAGE)

    assert (embeds.forms, embeds.places, embeds.scripts, embeds.frames) == ([], [], [], [])


def test_what_is_no_markup_hides_nothing_after_it():
    assert read_page(f"<![<x><a href='{FORM}'>", PAGE).forms == [FORM]


def test_a_form_may_be_anywhere_when_told():
    form = "https://intake-abc.run.example/"

    assert read_page(f'<a href="{form}">', PAGE).forms == []
    assert read_page(f'<a href="{form}">', PAGE, form).forms == [form.rstrip("/")]
    # With a place on the page, the script itself tells.
    placed = f'<div data-oh-my-lot></div><script src="{form}embed.js"></script><a href="{form}">'
    assert read_page(placed, PAGE).forms == [form.rstrip("/")]


def test_policies_of_the_page_itself():
    html = '<meta charset="utf-8">'
    html += '<meta http-equiv="Content-Security-Policy" content="frame-src \'none\'">'

    assert read_page(html, PAGE).policies == ["frame-src 'none'"]
