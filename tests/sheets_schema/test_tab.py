import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets_schema.errors import HeaderError
from sheets_schema.layout import TABS
from sheets_schema.tab import (
    Problem,
    column_letter,
    find_columns,
    format_row,
    match_header,
    read_table,
    tab,
)
from sheets_schema.text import normalise
from tests.sheets_schema.spelling import respelled

KEYS = [look.key for look in TABS]
REFERENTS = tab("referents")
HEADER = [column.title for column in REFERENTS.columns]
# Headers of the partners' own: anything that does not read like one of ours.
OWN = st.one_of(st.none(), st.text(max_size=20), st.booleans(), st.floats(0, 100)).filter(
    lambda cell: normalise(str(cell)) not in map(normalise, HEADER)
)


def line(**cells: object) -> list[object]:
    """A row of Référents with these cells, in the order of the schema."""
    return [cells.get(column.key) for column in REFERENTS.columns]


PUT_BACK = "Remettez ces en-têtes en ligne 1 tels quels : rien n'est perdu, tout reprendra ensuite."
ANA = {"name": "Ana Martin", "email": "ana.martin@example.org"}


def _refusal(header: list[str]) -> HeaderError:
    with pytest.raises(HeaderError) as caught:
        match_header(REFERENTS, header)
    return caught.value


class TestSchema:
    @pytest.mark.parametrize("key", KEYS)
    def test_no_two_columns_of_a_tab_have_names_that_read_the_same(self, key):
        names = [normalise(column.title) for column in tab(key).columns]

        assert all(names)
        assert len(set(names)) == len(names)

    def test_a_tab_is_described_by_its_schema(self):
        requests = tab("requests")

        assert requests.title == "Demandes"
        assert not requests.read_only
        assert tab("communes").read_only
        assert requests["reference"].read_only
        assert not requests["referent"].read_only
        assert requests["last_name"].required
        assert not requests["first_name"].required
        assert requests["message"].max_length == 2000
        assert REFERENTS["substitute"].format == "referent"
        assert tab("rules")["order"].default == 1000

    def test_the_columns_that_the_system_keeps_in_requests(self):
        owned = [column.title for column in tab("requests").columns if column.read_only]

        assert owned == [
            "Référence",
            "Pourquoi ce référent",
            "Reçue le",
            "Organisme",
            "Attribuée le",
            "Source",
        ]


class TestHeader:
    @given(st.data())
    def test_columns_are_found_wherever_they_are_and_however_they_are_spelled(self, data):
        ours = [data.draw(respelled(title)) for title in HEADER]
        own = data.draw(st.lists(OWN, max_size=5))
        header = data.draw(st.permutations([*ours, *own]))

        positions = match_header(REFERENTS, header)

        assert {key: header[at] for key, at in positions.items()} == {
            column.key: title for column, title in zip(REFERENTS.columns, ours, strict=True)
        }

    @given(st.data())
    def test_every_header_that_is_missing_or_doubled_is_named_and_no_other(self, data):
        fates = data.draw(st.lists(st.integers(0, 2), min_size=len(HEADER), max_size=len(HEADER)))
        copies = [title for title, times in zip(HEADER, fates, strict=True) for _ in range(times)]
        positions, missing, repeated = find_columns(REFERENTS, data.draw(st.permutations(copies)))

        assert missing == [HEADER[i] for i, times in enumerate(fates) if times == 0]
        assert repeated == [HEADER[i] for i, times in enumerate(fates) if times == 2]
        assert len(positions) == fates.count(1)

    def test_a_renamed_column_is_shown_where_it_stands(self):
        header = [*HEADER[:5], "Indisponible le", "Indisponible au", "Mes notes", *HEADER[7:]]

        with pytest.raises(HeaderError) as caught:
            match_header(REFERENTS, header)

        assert str(caught.value) == (
            "Onglet « Référents », colonne introuvable : « Indisponible du ». "
            "Renommée peut-être : « Indisponible le » (F1), colonne H. " + PUT_BACK
        )

    def test_data_that_came_to_stand_in_the_first_row_is_not_repeated(self):
        row = ["Zoé Petit", "zoe@example.org", "CCI", "Grand-Figeac", "Oui", None, None, "06 12 34"]

        for header in (row, [*HEADER[:1], *row[1:4], *HEADER[4:]], [*row[:4], *HEADER[4:]]):
            assert not any(cell in str(_refusal(header)) for cell in row[:4])

    def test_a_first_row_without_most_headers_is_said_to_be_none(self):
        assert str(_refusal([*HEADER[:3], "Indisponible le"])).endswith(
            f"« {HEADER[-1]} ». La ligne 1 n'est plus celle des en-têtes. {PUT_BACK}"
        )

    def test_a_renamed_column_is_not_quoted_at_length(self):
        kept, last = HEADER[:7], HEADER[8:]
        long = "Suppléant" + " suppléant" * 10
        assert "Suppléant suppléant" not in str(_refusal([*kept, long, *last]))
        assert "« SuppléantE » (H1)" in str(_refusal([*kept, "SuppléantE", *last]))

    def test_a_doubled_column_is_named(self):
        with pytest.raises(HeaderError) as caught:
            match_header(REFERENTS, [*HEADER, "Mes notes", "NOM"])

        assert str(caught.value) == (
            "Onglet « Référents », colonne en double : « Nom ». "
            "Renommez ou supprimez la colonne de trop : rien n'est perdu, tout reprendra ensuite."
        )

    def test_missing_and_doubled_columns_are_named_together(self):
        with pytest.raises(
            HeaderError,
            match=r"colonne introuvable : « Courriel », « Actif » ; colonne en double : « Nom »\.",
        ):
            match_header(REFERENTS, ["Nom", *(h for h in HEADER if h not in ("Courriel", "Actif"))])

    def test_an_empty_tab_lacks_every_column(self):
        with pytest.raises(HeaderError, match=r"colonne introuvable : « Nom », « Courriel », .+"):
            read_table(REFERENTS, [])


class TestReadTable:
    def test_a_row_is_read_by_header_with_defaults_for_blank_cells(self):
        table = read_table(REFERENTS, [HEADER, line(**ANA, absent_from=46349.0)])

        assert table.problems == ()
        assert [row.number for row in table.rows] == [2]
        assert table.rows[0].values == {
            "name": "Ana Martin",
            "email": "ana.martin@example.org",
            "organisation": None,
            "epci": None,
            "active": True,
            "absent_from": date(2026, 11, 23),
            "absent_until": None,
            "substitute": None,
            "max_open": None,
            "weekly_mail": True,
            "phone": None,
        }

    def test_rows_shorter_than_the_header_are_read(self):
        table = read_table(REFERENTS, [HEADER, ["Ana Martin", "ana.martin@example.org"]])

        assert table.rows[0].values["name"] == "Ana Martin"

    def test_blank_rows_are_skipped_and_the_others_keep_their_number(self):
        table = read_table(REFERENTS, [HEADER, [], [None, "  "], line(**ANA)])

        assert [row.number for row in table.rows] == [4]

    def test_a_row_with_only_cells_of_the_partners_is_blank(self):
        table = read_table(REFERENTS, [[*HEADER, "Mes notes"], [*line(), "à rappeler"]])

        assert table.rows == table.problems == ()

    def test_a_bad_cell_is_reported_where_it_stands_and_does_not_stop_the_others(self):
        bad = line(name="Zoé Petit", email="zoe", absent_from="demain")
        table = read_table(REFERENTS, [HEADER, bad, line(**ANA)])

        zoe, ana = table.rows
        assert (zoe.values["name"], zoe.values["email"]) == ("Zoé Petit", None)
        assert zoe.faulty == {"email", "absent_from"}
        assert (ana.values["name"], ana.faulty) == ("Ana Martin", frozenset())
        assert table.problems == (
            Problem(
                "Référents!B2",
                "Courriel : « zoe » n'est pas une adresse de courriel "
                "(attendu : prenom.nom@example.org).",
                "email",
            ),
            Problem(
                "Référents!F2",
                "Indisponible du : « demain » n'est pas une date (attendu : 31/12/2026).",
                "absent_from",
            ),
        )

    def test_a_cell_that_cannot_be_read_counts_as_blank(self):
        (row,) = read_table(REFERENTS, [HEADER, line(**ANA, active="peut-être")]).rows

        assert row.values["active"] is True
        assert row.faulty == {"active"}

    def test_a_required_cell_left_blank_is_reported(self):
        table = read_table(REFERENTS, [HEADER, line(name="Zoé Petit")])

        assert [row.faulty for row in table.rows] == [{"email"}]
        assert table.problems == (
            Problem("Référents!B2", "Courriel : cette cellule est obligatoire.", "email"),
        )

    def test_a_report_names_the_cell_where_the_column_has_been_moved_to(self):
        own = [f"Colonne {number}" for number in range(26)]
        header = [*own, *reversed(HEADER)]
        table = read_table(REFERENTS, [header, [], [*([None] * 26), *reversed(line(name="Zoé"))]])

        assert [problem.place for problem in table.problems] == [
            f"Référents!{column_letter(len(header) - 2)}3"
        ]

    def test_a_long_cell_makes_no_long_report(self):
        table = read_table(REFERENTS, [HEADER, line(name="Zoé", email="z" * 50_000), line(**ANA)])

        assert table.problems[0].sentence.startswith(f"Courriel : « {'z' * 59}… » n'est pas")
        problem = table.problem(table.rows[0], "substitute", f"« {'z' * 50_000} » est inconnu.")
        assert problem.sentence == f"Suppléant : « {'z' * 185}…"

    def test_a_cell_that_makes_no_sense_beside_others_can_be_reported_too(self):
        table = read_table(REFERENTS, [HEADER, line(**ANA, substitute="Ana Martin")])

        assert table.problem(table.rows[0], "substitute", "c'est la même personne.") == Problem(
            "Référents!H2", "Suppléant : c'est la même personne.", "substitute"
        )


class TestSomeColumns:
    def test_nothing_else_is_read_of_a_row(self):
        bad = line(name="Zoé Petit", email="zoe", absent_from="demain")
        table = read_table(REFERENTS, [HEADER, bad], keys=["name", "email"])

        (row,) = table.rows
        assert row.values == {"name": "Zoé Petit", "email": None}
        assert row.faulty == {"email"}
        assert [problem.column for problem in table.problems] == ["email"]

    def test_rows_with_none_of_the_columns_are_left_out(self):
        grid = [HEADER, line(email="ana.martin@example.org"), ["Ana Martin"]]
        rows = read_table(REFERENTS, grid, keys=["name"]).rows

        assert [row.number for row in rows] == [3]

    def test_another_header_may_be_missing_or_stand_there_twice(self):
        grid = [[*HEADER[:-1], "Actif"], line(**ANA)]

        assert len(read_table(REFERENTS, grid, keys=["name"]).rows) == 1

    @pytest.mark.parametrize("header", [HEADER[1:], [*HEADER, "Nom"]])
    def test_one_of_its_headers_may_not(self, header):
        with pytest.raises(HeaderError, match="« Nom »"):
            read_table(REFERENTS, [header], keys=["name"])


class TestFormatRow:
    def test_values_become_cells_and_nothing_gives_no_cell(self):
        cells = format_row(
            tab("requests"),
            {
                "last_name": "Martin",
                "phone": "+33612345678",
                "needs": ("housing", "visit"),
                "adults": 2,
                "remind_on": date(2026, 11, 23),
                "newsletter": False,
                "first_name": None,
                "closing_reason": None,
            },
        )

        assert cells == {
            "last_name": "Martin",
            "phone": "06 12 34 56 78",
            "needs": "Logement, Visite du territoire",
            "adults": 2.0,
            "remind_on": 46349.0,
            "newsletter": "Non",
        }

    def test_an_empty_list_gives_no_cell(self):
        assert format_row(tab("requests"), {"needs": ()}) == {}

    @given(
        st.fixed_dictionaries(
            {
                "name": st.sampled_from(["Ana Martin", "=1+1", "007"]),
                "email": st.just(ANA["email"]),
            },
            optional={
                "active": st.booleans(),
                "absent_from": st.dates(date(2000, 1, 2)),
                "organisation": st.sampled_from(["Grand-Figeac", "CMA du Lot"]),
            },
        ),
        st.permutations(range(len(HEADER))),
    )
    def test_what_is_written_under_any_order_of_columns_is_read_back(self, values, order):
        cells = format_row(REFERENTS, values)
        columns = [REFERENTS.columns[at] for at in order]
        grid = [[c.title for c in columns], [cells.get(c.key) for c in columns]]

        assert values.items() <= read_table(REFERENTS, grid).rows[0].values.items()


@pytest.mark.parametrize(
    ("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (701, "ZZ"), (702, "AAA")]
)
def test_columns_have_the_letters_of_a_spreadsheet(index, letters):
    assert column_letter(index) == letters


@given(st.integers(0, 18277))
def test_a_column_has_its_letters_to_itself(index):
    number = 0
    for letter in column_letter(index):
        number = number * 26 + string.ascii_uppercase.index(letter) + 1

    assert number == index + 1


@pytest.mark.parametrize(
    ("key", "text", "sentence"),
    [
        ("number", "0", "« 0 » est hors limites (1 au moins)"),
        ("adults", "21", "« 21 » est hors limites (de 1 à 20)"),
    ],
)
def test_a_number_that_nobody_means_is_named_with_its_limits(key, text, sentence):
    where = tab("rules" if key == "number" else "requests")
    header = [column.title for column in where.columns]
    row = [text if column.key == key else None for column in where.columns]

    sentences = [problem.sentence for problem in read_table(where, [header, row]).problems]
    assert f"{where[key].title} : {sentence}." in sentences


def test_a_header_that_lacks_less_than_half_is_not_taken_for_another_row():
    header = [*HEADER[:6], "Suppléante", "Absent", "Fin"]

    assert "n'est plus celle" not in str(_refusal(header))


def test_a_header_that_is_gone_altogether_is_not_said_to_be_renamed():
    assert "Renommée" not in str(_refusal(HEADER[1:]))
