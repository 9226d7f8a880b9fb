import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from functions.digest.agenda import KEYS, Agenda
from functions.digest.lines import Line, Section
from functions.digest.render import Links, Mail, State, render_agenda, render_report
from functions.digest.report import Report, Speed, Trend
from functions.digest.weeks import Week
from functions.shared.concerns import Concern
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
UNSEEN = "\N{ZERO WIDTH NON-JOINER}"  # keeps mail programs from making links


DECISIONS = (
    "without_referent",
    "handed_back",
    "hand_overs",
    "uncontacted",
    "overloaded",
    "unattended",
    "to_correct",
    "to_check",
    "gaps",
    "duplicates",
)


def a_report(week: Week = W48, **parts: Any) -> Report:
    """A report; lines of its sections are given by their keys, and `arrived` as a number."""
    decisions = tuple(Section(key, parts.pop(key)) for key in DECISIONS if parts.get(key))
    numbers = {key: Trend(value) for key, value in parts.items() if isinstance(value, int)}
    return Report(week, decisions=decisions, **(parts | numbers))


def mail(name: str = "Claire Roux", week: Week = W48, **parts: Any) -> Mail:
    return render_report(a_report(week, **parts), name, LINKS)


def page(made: Mail) -> Element:
    return Page(made.html).root


def lines(count: int, name: str = "Martin") -> tuple[Line, ...]:
    return tuple(Line(row, f"{name} {row}", f"details {row}") for row in range(2, count + 2))


BUSY: dict[str, Any] = {
    "arrived": Trend(3, 1, 40),
    "by_territory": (("Grand-Figeac", 2), ("Quercy-Bouriane", 1)),
    "by_project": (("Autre", 3),),
    "without_referent": (
        Line(7, "LOT-0000-0007 – Ana Martin", "Autre, Grand-Figeac, depuis 3 jours"),
    ),
    "uncontacted": (Line(9, "LOT-0000-0009 – Zoé Petit", "Paul Durand, Autre, depuis 9 jours"),),
    "to_check": (Line(4, "Adresse refusée", "Référents!B7 – Corrigez-la."),),
    "settled": (Line(8, "LOT-0000-0008 – Bob Cros", "Figeac, 4 personnes"),),
    "speed": Speed(2.5, 50, 100),
}


def test_the_text_says_everything_in_order():
    assert (
        mail(**BUSY).text
        == f"""\
Oh my Lot ! Semaine du 23 au 29 novembre 2026

Bonjour Claire Roux,

3 demandes sont arrivées cette semaine ; 3 points attendent une décision.

La semaine en chiffres (cette semaine, la semaine d'avant, depuis janvier)
  Demandes arrivées : 3, 1, 40
  Premiers contacts : 0, 0, 0
  Foyers installés : 0, 0, 0
  Personnes installées : 0, 0, 0

Sans référent (1)
Choisissez une personne dans la colonne Référent.
Vue « Sans référent » : {BOOK}#gid=11&fvid=13
- LOT-0000-0007 – Ana Martin
  Autre, Grand-Figeac, depuis 3 jours
  {BOOK}?a=1&b=2#gid=11&range=A7

En attente d'un premier contact depuis plus de 7 jours (1)
Demandez à ces personnes d'appeler, ou de changer le Statut.
Vue « À contacter » : {BOOK}#gid=11&fvid=11
- LOT-0000-0009 – Zoé Petit
  Paul Durand, Autre, depuis 9 jours
  {BOOK}?a=1&b=2#gid=11&range=A9

À vérifier (1)
Mettez Fait à Oui quand c'est réglé.
- Adresse refusée
  Référents!B7 – Corrigez-la.
  {BOOK}#gid=22&range=A4

Ce qui avance bien
Premier contact en 2,5 jours ouvrés (médiane) : 50 % dans les 3 jours ouvrés, 100 % dans les 5.
Installations de la semaine :
- LOT-0000-0008 – Bob Cros
  Figeac, 4 personnes
  {BOOK}?a=1&b=2#gid=11&range=A8

Par territoire
  2  Grand-Figeac
  1  Quercy-Bouriane

Par projet
  3  Autre

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

Aucune demande n'est arrivée cette semaine. Rien n'attend de décision : tout est à jour.

La semaine en chiffres (cette semaine, la semaine d'avant, depuis janvier)
  Demandes arrivées : 0, 0, 0
  Premiers contacts : 0, 0, 0
  Foyers installés : 0, 0, 0
  Personnes installées : 0, 0, 0

Ouvrir le classeur : {BOOK}

Ce courriel part chaque lundi à 7 h. Pour ne plus le recevoir, mettez « Courriel du lundi »
à Non sur votre ligne de l'onglet Coordination.
"""
    )


def test_the_page_says_the_same_as_the_text():
    said = page(mail(**BUSY)).only("body").text
    said = said[said.index("Semaine du") :]  # what comes before is the preview
    places = [
        said.index(words)
        for words in (
            "Semaine du 23 au 29 novembre 2026",
            "Bonjour Claire Roux,",
            "3 demandes sont arrivées cette semaine ; 3 points attendent une décision.",
            "La semaine en chiffres",
            "Sans référent (1)",
            "LOT-0000-0007 – Ana Martin",
            "Autre, Grand-Figeac, depuis 3 jours",
            "En attente d'un premier contact depuis plus de 7 jours (1)",
            "LOT-0000-0009 – Zoé Petit",
            "À vérifier (1)",
            "Adresse refusée",
            "Ce qui avance bien",
            "LOT-0000-0008 – Bob Cros",
            "Par territoire",
            "Par projet",
            "Ouvrir le classeur",
            "du lundi » à Non sur votre ligne de l'onglet Coordination.",
        )
    ]
    assert places == sorted(places)


def test_the_page_counts_by_territory_and_by_project_and_draws_bars():
    rows = [[cell.text for cell in row.all("td")] for row in page(mail(**BUSY)).all("tr")]
    for row in (["Grand-Figeac", "2"], ["Quercy-Bouriane", "1"], ["Autre", "3"]):
        assert row in rows
    bars = [cell["width"] for cell in page(mail(**BUSY)).all("td", **{"class": "bar"})]
    assert bars == ["100%", "50%", "100%"]


def test_a_chart_sums_up_what_would_make_it_long():
    counts = tuple((f"Lieu {number}", 20 - number) for number in range(12))
    made = mail(arrived=200, by_territory=counts, by_project=(("Autre", 200),))
    assert "  13  Lieu 7\n  42  Autres\n" in made.text
    assert "Lieu 8" not in made.text


def test_figures_stand_beside_each_other():
    made = mail(arrived=Trend(3, 1, 40), households=Trend(1, 0, 7), settlers=Trend(4, 0, 19))
    rows = [[cell.text for cell in row.all()] for row in page(made).all("tr")]
    assert ["Demandes arrivées", "3", "1", "40"] in rows
    assert ["Personnes installées", "4", "0", "19"] in rows


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "le jour même"),
        (1, "en 1 jour ouvré"),
        (1.5, "en 1,5 jour ouvré"),
        (4, "en 4 jours ouvrés"),
    ],
)
def test_the_time_to_first_contact_is_told_as_people_say_it(days, words):
    assert f"Premier contact {words} (médiane)" in mail(speed=Speed(days, 10, 20)).text


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
    made = render_report(a_report(), "Claire Roux", LINKS, State(aside=aside))
    assert said in made.text
    assert said in page(made).only("body").text
    assert "à part" not in mail().text + page(mail()).text


@pytest.mark.parametrize(
    ("waiting", "said"),
    [
        (1, "1 demande attend encore d'être écrite dans le classeur."),
        (2, "2 demandes attendent encore d'être écrites dans le classeur."),
    ],
)
def test_what_waits_to_be_written_is_said_unless_all_writing_stopped(waiting, said):
    assert said in render_report(a_report(), "Claire Roux", LINKS, State(waiting=waiting)).text
    stopped = render_report(a_report(), "Claire Roux", LINKS, State(waiting=waiting, stopped=True))
    assert "encore" not in stopped.text


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
    made = render_report(report, "Claire Roux", replace(LINKS, lasting=lasting))
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
        ("LOT-0000-0008 – Bob Cros", f"{BOOK}?a=1&b=2#gid=11&range=A8"),
        ("Ouvrir le classeur", BOOK),
    ]


# The words of numbers and dates.


@pytest.mark.parametrize(
    ("arrived", "words", "sentence"),
    [
        (0, "0 demande", "Aucune demande n'est arrivée cette semaine ;"),
        (1, "1 demande", "1 demande est arrivée cette semaine ;"),
        (2, "2 demandes", "2 demandes sont arrivées cette semaine ;"),
        (200, "200 demandes", "200 demandes sont arrivées cette semaine ;"),
    ],
)
def test_one_is_singular_and_none_has_its_own_sentence(arrived: int, words: str, sentence: str):
    made = mail(arrived=arrived, without_referent=lines(2), uncontacted=lines(3))
    assert made.subject == (f"Oh my Lot ! Semaine du 23 au 29 novembre : {words}, 5 en attente")
    said = f"{sentence} 5 points attendent une décision."
    assert f"\n\n{said}\n" in made.text
    assert page(made).text.count(said) == 2, "once in the preview"


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


@pytest.mark.parametrize("part", DECISIONS)
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


@pytest.mark.parametrize(
    ("part", "address"), [("without_referent", LINKS.view("Sans référent")), ("to_check", BOOK)]
)
def test_the_others_are_one_click_away(part: str, address: str):
    links = page(mail(**{part: lines(30)})).all("a", href=address)
    assert "le classeur" in [link.text for link in links]


# Names that look like something else.

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
    given = {BOOK, *(LINKS.request(Line(row, "", "")) for row in (7, 8, 9))}
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


def test_lines_of_a_group_share_its_title():
    grouped = (replace(line, group=f"Figeac – Paul {n // 2}") for n, line in enumerate(lines(4)))
    made = mail(uncontacted=tuple(grouped))
    assert made.text.count("Figeac – Paul 0 :\n- Martin 2\n") == 1
    assert made.text.count("Figeac – Paul") == 2
    assert page(made).text.count("Figeac – Paul") == 2


def test_a_line_about_a_person_opens_her_view():
    about = Line(5, "Paul Durand", "6 demandes", person="Paul Durand")
    made = mail(overloaded=(about,))
    assert page(made).only("a", href=LINKS.view("Suivi par Paul Durand")).text == "Paul Durand"


# The longest mail.


def longest() -> Mail:
    """Everything that a digest may hold, in texts as long as cells are."""
    items = tuple(
        Line(row, f"LOT-0000-0007 – {'Maximilienne ' * 12}", "détails " * 60, group=f"groupe {row}")
        for row in range(2, 202)
    )
    fault = Concern("Demandes", "Colonne introuvable : « Nom ».", "Remettez cet en-tête.")
    counts = tuple((f"Communauté de communes numéro {number}", 9) for number in range(30))
    report = a_report(
        **dict.fromkeys(DECISIONS, items),
        arrived=200,
        settled=items,
        by_territory=counts,
        by_project=counts,
        speed=Speed(2, 50, 100),
    )
    state = State((fault,) * 5, stopped=True, waiting=3, aside=2)
    return render_report(report, "Claire Roux", replace(LINKS, lasting=False), state)


def test_no_mail_is_so_long_that_gmail_cuts_it():
    """Gmail shows the first 102 kB of a page."""
    items = tuple(Line(row, "Maximilienne " * 20, "détails " * 60) for row in range(99))
    sections = tuple(Section(key, items) for key in (*KEYS, "stand_in"))
    agenda = render_agenda(Agenda(W48, ("Paul Durand",), sections), LINKS)
    for made in (longest(), agenda):
        assert len(made.html.encode()) < 100_000


def test_a_mail_about_much_shows_less_of_each():
    made = mail(**{key: lines(9) for key in DECISIONS})
    assert made.text.count("… et 5 de plus") == len(DECISIONS)
    assert mail(**{key: lines(9) for key in DECISIONS[:5]}).text.count("de plus") == 0


# A referent's mail.


def an_agenda(*names: str, **sections: tuple[Line, ...]) -> Agenda:
    parts = tuple(Section(key, items) for key, items in sections.items())
    return Agenda(Week(date(2026, 11, 30)), names or ("Paul Durand",), parts)


def hers(row: int, name: str, details: str) -> tuple[Line, ...]:
    reference = f"LOT-0000-000{row}"
    return (Line(row, f"{reference} – {name}", details, reference, person="Paul Durand"),)


HERS = {
    "take_up": hers(3, "Zoé Petit", "transmise hier"),
    "new": hers(4, "Ana Cros", "depuis hier"),
}


def test_a_referent_reads_what_is_to_be_done():
    made = render_agenda(an_agenda(**HERS), LINKS)
    assert made.subject == "Oh my Lot ! 2 demandes pour votre semaine du 30 novembre au 6 décembre"
    assert (
        made.text
        == f"""\
Oh my Lot ! Votre semaine du 30 novembre au 6 décembre 2026

Bonjour Paul Durand,

2 demandes pour vous cette semaine.

À prendre en charge (1)
On vous les a transmises : appelez, ou rendez-les avec le Statut « À réorienter ».
- LOT-0000-0003 – Zoé Petit
  transmise hier
  {BOOK}?a=1&b=2#gid=11&range=A3

Nouvelles (1)
Un premier appel dans les trois jours ouvrés fait la différence.
- LOT-0000-0004 – Ana Cros
  depuis hier
  {BOOK}?a=1&b=2#gid=11&range=A4

Ouvrir mes demandes : {LINKS.view("Suivi par Paul Durand")}

Ce courriel part le lundi à 7 h, s'il y a quelque chose à faire. Pour une absence, indiquez
vos dates et votre Suppléant dans l'onglet Référents.
Pour ne plus le recevoir, mettez « Courriel du lundi » à Non sur votre ligne de cet onglet.
"""
    )
    said = page(made).only("body").text
    for words in (
        "2 demandes pour vous cette semaine.",
        "À prendre en charge (1)",
        "Nouvelles (1)",
    ):
        assert words in said
    assert "1 à prendre en charge, 1 de ces derniers jours" in page(made).text  # the preview


def test_in_google_sheets_her_lines_open_her_view_and_say_how_to_find_one():
    made = render_agenda(an_agenda(**HERS), replace(LINKS, lasting=False))
    assert made.text.count(LINKS.view("Suivi par Paul Durand")) == 3
    assert "cherchez-y la référence (Ctrl + F)" in made.text
    assert "cherchez-y" not in render_agenda(an_agenda(**HERS), LINKS).text


def test_two_people_who_share_an_address_have_no_view_in_common():
    made = render_agenda(an_agenda("Paul Durand", "Léa Petit", **HERS), LINKS, preview=True)
    assert made.subject.startswith("Aperçu – Oh my Lot ! 2 demandes")
    assert "Bonjour Paul Durand et Léa Petit," in made.text
    assert f"Ouvrir mes demandes : {BOOK}\n" in made.text


@pytest.mark.parametrize("key", [*KEYS, "stand_in"])
def test_every_kind_of_task_has_its_words(key: str):
    made = render_agenda(an_agenda(**{key: lines(17)}), LINKS)
    for said in (made.text, page(made).text):
        assert "(17)" in said
        assert "… et 2 de plus" in said
