"""What people see before anything is written."""

from infra.lists.fates import Context, fates
from infra.lists.preview import as_lines, as_page, records_as_data, view, without_people
from infra.lists.proposing import propose
from infra.lists.records import read_records
from infra.lists.sheets import ListFile, Sheet

HEADER = ["Nom", "Prénom", "Mail", "Tél", "Ville", "Nom conjoint"]
ROWS = [
    ["Forum"],
    HEADER,
    ["PONS", "Luc", "luc@example.org", "0639980001", "Albi", "MAS"],
    ["<b>MAS</b>", "Eva", "LUC@example.org", None, "Albi", None],
    [None, "Zoé", None, "0639980003", None, None],
    ["Roc", None, "faux@", None, None, None],
    ["GIL", "Ana", None, "0639980005", "Sète", None],
    ["Total", 5.0],
]


def preview_of(rows=ROWS, **sheet):
    (proposal,) = propose([Sheet("Liste", rows, **sheet)])
    records = list(read_records(proposal))
    (lines,) = fates([(proposal, records)], Context())
    return view(proposal, records, lines)


def test_every_column_says_where_it_goes_how_certain_and_shows_three_cells():
    sheet = preview_of()

    phone, spouse = sheet.columns[3], sheet.columns[5]
    assert (phone.targets, phone.confidence) == (("Téléphone",), "sure")
    assert [(s.before, s.after) for s in phone.samples] == [
        ("0639980001", "06 39 98 00 01"),
        ("0639980003", "06 39 98 00 03"),
        ("0639980005", "06 39 98 00 05"),
    ]
    assert (spouse.targets, spouse.why) == ((), "colonne d'une autre personne du foyer")
    assert [(s.before, s.after) for s in spouse.samples] == [("MAS", "")]


def test_what_was_recognised_around_the_records_is_said():
    remarks = preview_of(hidden=True, hidden_rows=frozenset({3, 90}), since_1904=True,
                         hidden_columns=frozenset({5})).remarks  # fmt: skip

    assert remarks == (
        "Cet onglet est masqué.",
        "Au-dessus du tableau : « Forum ».",
        "Les jours de ce fichier sont comptés depuis 1904 ; il en est tenu compte.",
        "Lignes masquées, lues comme les autres : ligne 4.",
        "Colonnes masquées : F.",
        "Laissé de côté, total : ligne 8.",
    )


def test_a_legend_of_colours_is_said_because_no_colour_is_read():
    legend = [["En vert : installés"], *ROWS]
    said = (
        "Une légende parle de couleurs (« En vert : installés ») : les couleurs ne sont pas lues."
    )

    assert any(remark.startswith(said) for remark in preview_of(legend).remarks)
    assert any(remark.startswith(said) for remark in preview_of([*ROWS, *legend[:1]]).remarks)
    assert not any("couleurs" in remark for remark in preview_of().remarks)


def test_sheets_without_people_are_named():
    file = ListFile("l.xlsx", (Sheet("Lisez-moi", [["Bonjour"]]), Sheet("Liste", ROWS)))

    assert without_people(file, propose(file.sheets)) == [
        "Onglet « Lisez-moi » : aucune personne, laissé de côté."
    ]


def test_the_page_shows_everything_and_obeys_nothing():
    page = as_page("liste <1>.xlsx", [preview_of()], ["Une remarque."])

    assert "<title>Aperçu de liste &lt;1&gt;.xlsx</title>" in page
    assert "&lt;b&gt;MAS&lt;/b&gt;" in page
    assert "<b>MAS</b>" not in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert "<script" not in page
    for sentence in (
        "Rien n'est écrit",
        "Une remarque.",
        "Même personne que la ligne 3 de « Liste » ?",
    ):
        assert sentence in page.replace("&#39;", "'")


def test_the_page_puts_first_what_somebody_has_to_look_at_and_says_what_to_do():
    page = as_page("l", [preview_of()]).replace("&#39;", "'")

    def at(text):
        return page.index(text)

    assert at("tel quel avec --confirmed") < at("Ce que devient chaque colonne")
    assert at("Colonne de votre liste") < at("1 colonne laissée de côté") < at("Nom conjoint")
    assert at("Ligne 4<") < at("2 lignes sans rien à signaler") < at("Ligne 3<")


def test_a_long_list_is_not_shown_whole_and_says_so():
    rows = [["Nom", "Mail"], *([f"N{n}", f"n{n}@example.org"] for n in range(1003))]
    page = as_page("l", [preview_of(rows)])

    assert "3 lignes de plus ne sont pas montrées ici" in page
    assert "n1002@example.org" not in page


def test_the_text_has_a_line_for_each_column_and_row_to_look_at():
    text = "\n".join(as_lines("liste.xlsx", [preview_of()]))

    assert "Onglet « Liste » : 5 personnes, en-têtes en ligne 2" in text
    assert "« 0639980001 » → « 06 39 98 00 01 »" in text
    assert "  ligne 4 : à confirmer. Même personne que la ligne 3 de « Liste » ?" in text
    assert ". C6 : " in text
    assert (
        "2 à confirmer : À corriger dans la liste, ou à importer tel quel avec --confirmed" in text
    )
    assert text.endswith("Total : 2 nouvelles, 2 à confirmer, 1 refusée.")


def test_the_text_obeys_no_control_character():
    rows = [["Nom", "Mail"], ["\x1b[31mPONS", "luc@example.org"]]

    assert "\x1b" not in "\n".join(as_lines("l\x1b[2J", [preview_of(rows)]))


def test_a_program_gets_records_with_the_names_of_targets():
    (proposal,) = propose([Sheet("Liste", ROWS)])
    data = records_as_data("l.xlsx", proposal, list(read_records(proposal)))

    assert data[0]["values"]["Commune actuelle"] == "Albi"
    assert data[3]["remarks"][0]["cell"] == "C6"
    assert len(data) == 5
