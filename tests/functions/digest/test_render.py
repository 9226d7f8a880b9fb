import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from functions.digest.render import SHOWN, Links, Mail, State, render
from functions.digest.report import Line, Report, Week
from tests.functions.pages import Element, Page

BOOK = "https://docs.example.org/spreadsheets/d/abc/edit"
LINKS = Links(
    lambda line: f"{BOOK}?a=1&b=2#gid=11&range=A{line.row}",
    lambda line: f"{BOOK}#gid=22&range=A{line.row}",
    BOOK,
    lambda title: f"{BOOK}#gid=11&fvid={len(title)}",
    lasting=True,
)
W48 = Week(date(2026, 11, 23))


def a_report(week: Week = W48, **parts: Any) -> Report:
    empty = {"scope": "", "arrived": 0, "by_territory": (), "by_project": ()}
    empty |= {"without_referent": (), "uncontacted": (), "to_check": ()}
    return Report(week, **(empty | parts))


def mail(name: str = "Claire Roux", week: Week = W48, **parts: Any) -> Mail:
    return render(a_report(week, **parts), name, LINKS)


def page(made: Mail) -> Element:
    return Page(made.html).root


def lines(count: int, name: str = "Martin") -> tuple[Line, ...]:
    return tuple(Line(row, f"{name} {row}", f"details {row}") for row in range(2, count + 2))


BUSY = {
    "arrived": 3,
    "by_territory": (("Grand-Figeac", 2), ("Quercy-Bouriane", 1)),
    "by_project": (("Autre", 3),),
    "without_referent": (
        Line(7, "LOT-0000-0007 – Ana Martin", "Autre, Grand-Figeac, depuis 3 jours"),
    ),
    "uncontacted": (Line(9, "LOT-0000-0009 – Zoé Petit", "Paul Durand, Autre, depuis 9 jours"),),
    "to_check": (Line(4, "Adresse refusée", "Référents!B7 – Corrigez-la."),),
}


def test_the_text_says_everything_in_order():
    assert (
        mail(**BUSY).text
        == f"""\
Oh my Lot ! Semaine du 23 au 29 novembre 2026

Bonjour Claire Roux,

3 demandes sont arrivées cette semaine.

Par territoire
  2  Grand-Figeac
  1  Quercy-Bouriane

Par projet
  3  Autre

Sans référent (1)
Choisissez un référent dans la colonne Référent.
Vue « Sans référent » : {BOOK}#gid=11&fvid=13
- LOT-0000-0007 – Ana Martin
  Autre, Grand-Figeac, depuis 3 jours
  {BOOK}?a=1&b=2#gid=11&range=A7

En attente d'un premier contact depuis plus de 7 jours (1)
Demandez à ces référents ou référentes d'appeler, ou de changer le Statut.
Vue « À contacter » : {BOOK}#gid=11&fvid=11
- LOT-0000-0009 – Zoé Petit
  Paul Durand, Autre, depuis 9 jours
  {BOOK}?a=1&b=2#gid=11&range=A9

À vérifier (1)
Mettez Fait à Oui quand c'est réglé.
- Adresse refusée
  Référents!B7 – Corrigez-la.
  {BOOK}#gid=22&range=A4

Ouvrir le classeur : {BOOK}

Ce courriel part chaque lundi à 7 h. Pour ne plus le recevoir, mettez « Courriel du lundi »
à Non sur votre ligne de l'onglet Coordination.
"""
    )


def test_a_quiet_week_is_short():
    assert (
        mail().text
        == f"""\
Oh my Lot ! Semaine du 23 au 29 novembre 2026

Bonjour Claire Roux,

Aucune demande n'est arrivée cette semaine.

Sans référent
Rien : tout est à jour.

En attente d'un premier contact depuis plus de 7 jours
Rien : tout est à jour.

À vérifier
Rien : tout est à jour.

Ouvrir le classeur : {BOOK}

Ce courriel part chaque lundi à 7 h. Pour ne plus le recevoir, mettez « Courriel du lundi »
à Non sur votre ligne de l'onglet Coordination.
"""
    )


def test_the_page_says_the_same_in_the_same_order():
    said = page(mail(**BUSY)).only("body").text
    places = [
        said.index(words)
        for words in (
            "Semaine du 23 au 29 novembre 2026",
            "Bonjour Claire Roux,",
            "3 demandes sont arrivées cette semaine.",
            "Par territoire",
            "Par projet",
            "Sans référent (1)",
            "Choisissez un référent dans la colonne Référent.",
            "Ouvrir la vue « Sans référent »",
            "LOT-0000-0007 – Ana Martin",
            "Autre, Grand-Figeac, depuis 3 jours",
            "En attente d'un premier contact depuis plus de 7 jours (1)",
            "Demandez à ces référents ou référentes d'appeler, ou de changer le Statut.",
            "LOT-0000-0009 – Zoé Petit",
            "Paul Durand, Autre, depuis 9 jours",
            "À vérifier (1)",
            "Mettez Fait à Oui quand c'est réglé.",
            "Adresse refusée",
            "Référents!B7 – Corrigez-la.",
            "Ouvrir le classeur",
            "Ce courriel part chaque lundi à 7 h. Pour ne plus le recevoir, mettez « Courriel",
            "du lundi » à Non sur votre ligne de l'onglet Coordination.",
        )
    ]
    assert places == sorted(places)


def test_the_page_counts_by_territory_and_by_project():
    rows = [[cell.text for cell in row.all("td")] for row in page(mail(**BUSY)).all("tr")]
    for row in (["Grand-Figeac", "2"], ["Quercy-Bouriane", "1"], ["Autre", "3"]):
        assert row in rows


def test_the_page_of_a_quiet_week_says_so():
    said = page(mail()).only("body").text
    assert "Aucune demande n'est arrivée cette semaine." in said
    assert said.count("Rien : tout est à jour.") == 3
    assert "Par territoire" not in said


@pytest.mark.parametrize(
    ("territories", "said"),
    [
        ((("Grand-Figeac", 2), ("Quercy-Bouriane", 1)), False),
        ((("Grand-Figeac", 3), ("Quercy-Bouriane", 1)), True),
    ],
)
def test_numbers_that_add_up_to_more_are_explained(territories, said):
    made = mail(arrived=3, by_territory=territories, by_project=(("Autre", 3),))
    sentence = "Une demande pour plusieurs territoires compte dans chacun."
    assert (sentence in made.text, sentence in page(made).text) == (said, said)


def test_a_scope_is_named_at_the_top():
    made = mail(scope="Grand-Figeac, Quercy-Bouriane")
    said = "Votre périmètre : Grand-Figeac, Quercy-Bouriane, et les demandes sans territoire"
    assert said in made.text
    assert said in page(made).text
    assert "périmètre" not in mail().text


@pytest.mark.parametrize(
    ("aside", "said"),
    [
        (1, "Une demande est mise à part : elle paraît suspecte, ou Google la refuse. La personne"),
        (31, "31 demandes sont mises à part : suspectes, ou refusées par Google. La personne"),
    ],
)
def test_what_is_set_aside_is_said(aside, said):
    made = render(a_report(), "Claire Roux", LINKS, State(aside=aside))
    assert said in made.text
    assert said in page(made).only("body").text
    assert "à part" not in mail().text + page(mail()).text


@pytest.mark.parametrize(
    ("lasting", "lists", "said"),
    [
        (True, ("without_referent",), False),
        (False, ("without_referent",), True),
        (False, ("uncontacted",), True),
        (False, (), False),
    ],
)
def test_a_link_that_does_not_follow_its_row_says_so(lasting, lists, said):
    report = a_report(**dict.fromkeys(lists, lines(1)))
    made = render(report, "Claire Roux", replace(LINKS, lasting=lasting))
    sentence = "Un lien mène où la ligne se trouvait à l'envoi de ce courriel"
    assert (sentence in made.text, sentence in page(made).text) == (said, said)


def test_the_links_of_the_page_are_those_of_the_text():
    links = [(element.text, element["href"]) for element in page(mail(**BUSY)).all("a")]
    assert links == [
        ("Ouvrir la vue « Sans référent »", LINKS.view("Sans référent")),
        ("LOT-0000-0007 – Ana Martin", f"{BOOK}?a=1&b=2#gid=11&range=A7"),
        ("Ouvrir la vue « À contacter »", LINKS.view("À contacter")),
        ("LOT-0000-0009 – Zoé Petit", f"{BOOK}?a=1&b=2#gid=11&range=A9"),
        ("Adresse refusée", f"{BOOK}#gid=22&range=A4"),
        ("Ouvrir le classeur", BOOK),
    ]


# The words of numbers and dates.


@pytest.mark.parametrize(
    ("arrived", "words", "sentence"),
    [
        (0, "0 demande", "Aucune demande n'est arrivée cette semaine."),
        (1, "1 demande", "1 demande est arrivée cette semaine."),
        (2, "2 demandes", "2 demandes sont arrivées cette semaine."),
        (200, "200 demandes", "200 demandes sont arrivées cette semaine."),
    ],
)
def test_one_is_singular_and_none_has_its_own_sentence(arrived: int, words: str, sentence: str):
    made = mail(arrived=arrived, without_referent=lines(2), uncontacted=lines(3))
    assert made.subject == (f"Oh my Lot ! Semaine du 23 au 29 novembre : {words}, 5 en attente")
    assert f"\n\n{sentence}\n" in made.text
    assert sentence in page(made).text
    assert f"{words}, 5 en attente" in page(made).text  # the preview


def test_what_is_to_be_checked_waits_for_nobody_s_call():
    assert mail(to_check=lines(9)).subject.endswith(", 0 en attente")


@pytest.mark.parametrize(
    ("monday", "period"),
    [
        (date(2026, 11, 23), "du 23 au 29 novembre 2026"),
        (date(2026, 6, 1), "du 1er au 7 juin 2026"),
        (date(2026, 9, 28), "du 28 septembre au 4 octobre 2026"),
        (date(2026, 10, 26), "du 26 octobre au 1er novembre 2026"),
        (date(2026, 12, 28), "du 28 décembre au 3 janvier 2027"),
        (date(2027, 2, 1), "du 1er au 7 février 2027"),
    ],
)
def test_the_week_is_told_as_people_say_it(monday: date, period: str):
    made = mail(week=Week(monday))
    assert made.text.startswith(f"Oh my Lot ! Semaine {period}\n")
    assert page(made).only("title").text == f"Oh my Lot ! Semaine {period}"
    assert made.subject.startswith(f"Oh my Lot ! Semaine {period[:-5]} : ")


# Long lists.


@pytest.mark.parametrize("part", ["without_referent", "uncontacted", "to_check"])
@pytest.mark.parametrize(("count", "rest"), [(14, 0), (15, 0), (16, 1), (200, 185)])
def test_a_list_shows_fifteen_lines_and_the_number_of_the_others(part, count: int, rest: int):
    made = mail(**{part: lines(count)})
    for said in (made.text, page(made).text):
        assert f"({count})" in said
        assert said.count("details ") == min(count, 15)
        assert f"details {min(count, 15) + 1}" in said
        assert ("de plus dans" in said) == bool(rest)
        if rest:
            assert f"… et {rest} de plus dans le classeur." in said


def test_the_others_are_one_click_away():
    link = page(mail(without_referent=lines(20))).only("a", href=LINKS.request(lines(20)[SHOWN]))
    assert link.text == "le classeur"


# Names that look like something else.

UNSEEN = "\N{ZERO WIDTH NON-JOINER}"  # keeps mail programs from making links

HOSTILE = [
    "<script>alert(1)</script>",
    "</mj-text></mj-column><mj-image src='https://example.org/x.png' />",
    "<img src=x onerror=alert(1)>",
    "{{ 7 * 7 }} {% raw %} {# #}",
    "Martin & Fils &amp; &lt;b&gt; &#0; &nbsp;",
    "\"guillemets\" 'apostrophes' `accents`",
    "« Zoé »",
    "<!-- --> ]]> <![CDATA[ x ]]> <?xml ?>",
    "\N{RIGHT-TO-LEFT OVERRIDE}nitraM مرحبا",
    "=HYPERLINK(1)",
    "😀 Ōé‘-ŵ 王",
    "https://example.org/voir",
    "%s %(x)s {0} $x \\n",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_name_is_the_text_it_is_wherever_it_stands(hostile: str):
    line = Line(2, hostile, f"détails {hostile}")
    parts = dict.fromkeys(("without_referent", "uncontacted", "to_check"), (line,))
    made = mail(f"Claire {hostile}", **parts, arrived=1, by_territory=((hostile, 1),))
    seen = made.text.replace(UNSEEN, "")
    assert seen.count(hostile) == 8
    assert f"Bonjour Claire {hostile},\n" in seen
    said = page(made)
    assert said.text.replace(UNSEEN, "").count(" ".join(hostile.split())) == 8
    plain = page(
        mail("Claire", **{part: lines(1) for part in parts}, arrived=1, by_territory=(("x", 1),))
    )
    assert [element.tag for element in said.all()] == [element.tag for element in plain.all()]


@settings(max_examples=60)
@given(st.text(max_size=30) | st.text("<>&;/!-[]{}\"'=\\x00\x0b\ud800\ufffe", max_size=12))
@example("\x00")
@example("a\x0bb")
@example("\ud83d")
@example("\uffff")
def test_no_name_stops_the_mail(name: str):
    made = mail(name, without_referent=(Line(2, name, name),))
    assert made.html.encode()
    assert made.text.encode()
    assert [element["href"] for element in page(made).all("a")] == [
        LINKS.view("Sans référent"),
        LINKS.request(Line(2, "", "")),
        BOOK,
    ]


def test_what_a_mail_cannot_hold_shows_as_such():
    made = mail(without_referent=(Line(2, "Mar\x0btin", ""),))
    assert "- Mar\N{REPLACEMENT CHARACTER}tin\n" in made.text
    assert "Mar\N{REPLACEMENT CHARACTER}tin" in page(made).text


# What the page is made of.


def test_nothing_on_the_page_comes_from_elsewhere():
    made = mail(**BUSY)
    addresses = set(re.findall(r"""(?:https?:)?//[^\s"'<>)]+""", made.html.replace("&amp;", "&")))
    given = {BOOK, *(LINKS.request(Line(row, "", "")) for row in (7, 9))}
    given |= {LINKS.to_check(Line(4, "", ""))}
    given |= {LINKS.view(title) for title in ("Sans référent", "À contacter")}
    assert addresses - given <= {"http://www.w3.org/1999/xhtml"}
    assert not re.search(r"url\(|@import|<(img|link|script|iframe)\b", made.html)
    assert not [
        element for element in page(made).all() if {"src", "background"} & element.attributes.keys()
    ]


def test_the_page_is_all_html():
    root = page(mail(**BUSY))
    assert not [element.tag for element in root.all() if element.tag.startswith("mj")]
    assert root.only("html")["lang"] == "fr"
    assert not list(root.all("script"))


def test_french_marks_do_not_begin_a_line_of_the_page():
    made = mail(without_referent=(Line(2, "Ana : « oui » ?", "Vous : non !"),))
    assert "Ana\N{NO-BREAK SPACE}: «\N{NO-BREAK SPACE}oui\N{NO-BREAK SPACE}»" in made.html
    assert "- Ana : « oui » ?\n  Vous : non !\n" in made.text


def test_what_nobody_takes_up_is_there_only_if_there_is_any():
    title = "Transmises il y a plus de 10 jours ouvrés, et toujours à reprendre"
    assert title not in mail().text
    line = Line(9, "LOT-0000-0009 – Zoé Petit", "Paul Durand, Autre, transmise le 9 novembre")
    made = mail(not_taken_up=(line,))
    for words in (f"{title} (1)", line.details, "range=A9"):
        assert words in made.text
    assert "1 en attente" in made.subject
