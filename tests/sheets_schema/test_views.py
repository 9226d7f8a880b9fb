"""Which filter views the system keeps, and what each of them shows."""

import functools
import re

import pytest

from sheets_schema.schema import vocabulary
from sheets_schema.tab import column_letter, tab
from sheets_schema.territory import Target, territories
from sheets_schema.views import (
    _CHECKED,
    _DATED,
    MOST_REFERENTS,
    TO_CONTACT,
    TO_CORRECT,
    TO_REMIND,
    WITHOUT_REFERENT,
    active_referents,
    filter_views,
    view_id,
    view_link,
    view_requests,
    wanted_views,
)

OFFICIAL = territories()
REQUESTS = {column.key: at for at, column in enumerate(tab("requests").columns)}
TO_CHECK = {column.key: at for at, column in enumerate(tab("to_check").columns)}
SIZE = (2000, 40)


def views(*referents, requests=REQUESTS, to_check=TO_CHECK):
    return {view.title: view for view in wanted_views(requests, to_check, referents)}


def resources(*referents):
    return filter_views(wanted_views(REQUESTS, TO_CHECK, referents), 7, REQUESTS)


def referents(*rows):
    header = [column.title for column in tab("referents").columns]
    at = {column.key: place for place, column in enumerate(tab("referents").columns)}
    grid = [header]
    for row in rows:
        cells = [None] * len(header)
        for key, text in row.items():
            cells[at[key]] = text
        grid.append(cells)
    return grid


def formula(view, column):
    (value,) = view.criteria[column]["condition"]["values"]
    return value["userEnteredValue"]


class TestWhatTheyShow:
    def test_what_nobody_has_answered_yet(self):
        hidden = set(views()[TO_CONTACT].criteria["status"]["hiddenValues"])

        assert set(vocabulary("status").values()) - hidden == {"À qualifier", "À contacter"}

    @pytest.mark.parametrize("title", [WITHOUT_REFERENT, TO_REMIND])
    def test_nothing_that_is_over(self, title):
        hidden = views()[title].criteria["status"]["hiddenValues"]

        assert hidden == ["Installé", "Clos sans suite", "Doublon ou indésirable"]

    def test_whom_to_call_again_today_or_late(self):
        assert views()[TO_REMIND].criteria["remind_on"] == {
            "condition": {"type": "DATE_BEFORE", "values": [{"relativeDate": "TOMORROW"}]}
        }

    def test_a_referent_s_requests(self):
        assert views("Ana Roux")["Suivi par Ana Roux"].criteria == {
            "referent": {
                "condition": {"type": "TEXT_EQ", "values": [{"userEnteredValue": "Ana Roux"}]}
            }
        }

    def test_formulas_name_columns_where_they_stand(self):
        at = {"place": 7, "done": 9}
        moved = REQUESTS | {"reference": 30, "target": 31}
        shown = views(requests=moved, to_check=TO_CHECK | at)

        assert "COUNTIFS(INDIRECT(\"'À vérifier'!H2:H\");$AE2)" in formula(
            shown[TO_CORRECT], "reference"
        )
        assert "!J2:J" in formula(shown[TO_CORRECT], "reference")
        assert formula(shown["Grand-Figeac"], "target").startswith("=REGEXMATCH(TO_TEXT($AF2);")

    @pytest.mark.parametrize("column", ["remind_on", "status", "target", "referent", "reference"])
    def test_a_view_of_a_column_that_is_gone_is_left_out(self, column):
        left = {key: at for key, at in REQUESTS.items() if key != column}
        shown = views("Ana Roux", requests=left)

        assert shown
        assert not [view for view in shown.values() if column in view.criteria]


def pattern(epci):
    """The regular expression of an intercommunalité's view, as Python spells it."""
    text = formula(views()[epci.name], "target")
    inner = text.removeprefix('=REGEXMATCH(TO_TEXT($J2);"').removesuffix('")')
    return re.compile(inner)


class TestTerritories:
    @functools.cached_property
    def patterns(self):
        return {code: pattern(epci) for code, epci in OFFICIAL.epcis.items()}

    def named(self, text):
        return {code for code, shape in self.patterns.items() if shape.search(text)}

    def test_a_cell_that_the_system_wrote_is_shown_where_it_belongs_and_nowhere_else(self):
        for code in (*OFFICIAL.communes, *OFFICIAL.epcis):
            kind = "communes" if code in OFFICIAL.communes else "epcis"
            target = Target(**{kind: (code,)})
            assert self.named(OFFICIAL.format(target)) == set(OFFICIAL.epcis_of(target)), code

    def test_several_are_shown_in_each(self):
        target = OFFICIAL.parse("Figeac, Grand Cahors, Saint-Céré")

        assert self.named(OFFICIAL.format(target)) == set(OFFICIAL.epcis_of(target))

    @pytest.mark.parametrize(
        ("text", "commune"),
        [
            ("figeac", "Figeac"),
            ("SAINT CERE", "Saint-Céré"),
            ("46100 Figeac", "Figeac"),
            ("Figeac (46100)", "Figeac"),
            ("Figeac / Rouen", "Figeac"),
            ("Rouen et Figeac ", "Figeac"),
            ("Autour de Figeac (Grand-Figeac)", "Figeac"),
            ("CC du Grand Figeac", "Figeac"),
            ("Rouen, cauvaldor", "Gramat"),
        ],
    )
    def test_what_people_type_is_understood(self, text, commune):
        assert self.named(text) == {OFFICIAL.find(commune).epci}

    @pytest.mark.parametrize(
        "text", ["", "Je ne sais pas encore", "Figeacois", "Partout", "vers Rodez"]
    )
    def test_what_names_none_is_shown_in_none(self, text):
        assert self.named(text) == set()


class TestReferents:
    def test_people_who_get_requests_have_a_view(self):
        grid = referents(
            {"name": "Ana Roux", "active": "Oui"},
            {"name": "Bob Cros"},
            {"name": "Coralie Vidal", "active": "non"},
            {"name": "Dan Faure", "active": "peut-être", "email": "à demander"},
            {"email": "personne@example.org"},
            {"name": "ana  ROUX"},
        )

        assert active_referents(grid) == ["Ana Roux", "Bob Cros", "Dan Faure"]

    @pytest.mark.parametrize("name", ['=IMPORTXML("x")', "x" * 81])
    def test_a_text_that_is_no_name_has_none(self, name):
        assert active_referents(referents({"name": name})) == []

    @pytest.mark.parametrize("grid", [[], [["Courriel"], ["ana@example.org"]]])
    def test_a_tab_without_names_has_nobody(self, grid):
        assert active_referents(grid) == []

    def test_a_list_that_nobody_would_read_ends(self):
        shown = views(*(f"Nom {number}" for number in range(5000)))

        assert sum(title.startswith("Suivi par") for title in shown) == MOST_REFERENTS


class TestRequests:
    def test_each_has_an_id_of_its_own_that_a_link_can_name(self):
        ids = {view["filterViewId"] for view in resources("Ana Roux", "Bob Cros")}

        assert len(ids) == len(resources("Ana Roux", "Bob Cros"))
        assert all(0 < number < 2**31 for number in ids)
        assert view_link(7, TO_CONTACT) == f"#gid=7&fvid={view_id(TO_CONTACT)}"

    def test_an_empty_tab_gets_all_and_a_tab_that_has_all_gets_none(self):
        wanted = resources("Ana Roux")

        added = view_requests([], wanted, SIZE)
        assert [request["addFilterView"]["filter"] for request in added] == wanted
        assert view_requests(wanted, wanted, SIZE) == []

    def test_how_the_api_spells_what_it_was_told_is_no_change(self):
        wanted = resources("Ana Roux")
        spelled = []
        for view in wanted:
            ends = {"endRowIndex": SIZE[0], "endColumnIndex": SIZE[1], "sheetId": 7}
            specs = [
                {name: value for name, value in spec.items() if value != 0}
                for spec in reversed(view["filterSpecs"])
            ]
            for spec in specs:
                criteria = spec["filterCriteria"]
                for value in criteria.get("condition", {}).get("values", []):
                    formula = value.get("userEnteredValue", "").replace(";", ", ")
                    condition = criteria["condition"] | {"values": [{"userEnteredValue": formula}]}
                    if formula.startswith("="):
                        spec["filterCriteria"] = criteria | {"condition": condition}
                if "hiddenValues" in criteria:
                    hidden = criteria["hiddenValues"][::-1]
                    spec["filterCriteria"] = criteria | {"hiddenValues": hidden}
            spelled.append(view | {"range": ends, "filterSpecs": specs})

        assert view_requests(spelled, wanted, SIZE) == []

    @pytest.mark.parametrize(
        "cells", [{"endRowIndex": 900}, {"endColumnIndex": 20}, {"startRowIndex": 1}]
    )
    def test_a_view_that_does_not_reach_all_rows_and_columns_is_widened(self, cells):
        wanted = resources()
        short = wanted[0] | {"range": {"sheetId": 7} | cells}

        (request,) = view_requests([short, *wanted[1:]], wanted, SIZE)
        assert request["updateFilterView"]["filter"] == wanted[0]

    @pytest.mark.parametrize(
        "criteria",
        [
            {"hiddenValues": ["Installé"]},
            {"condition": {"type": "NOT_BLANK"}},
            {"condition": {"type": "TEXT_EQ", "values": [{"userEnteredValue": "Bob Cros"}]}},
            {},
        ],
    )
    def test_a_filter_that_somebody_changed_is_put_right(self, criteria):
        *others, last = resources("Ana Roux")
        (spec,) = last["filterSpecs"]
        changed = last | {"filterSpecs": [spec | {"filterCriteria": criteria}]}

        assert view_requests([*others, changed], [*others, last], SIZE) == [
            {"updateFilterView": {"filter": last, "fields": "range,filterSpecs"}}
        ]

    def test_a_filter_by_another_column_is_put_right(self):
        *others, last = resources("Ana Roux")
        (spec,) = last["filterSpecs"]
        changed = last | {"filterSpecs": [spec | {"columnIndex": 0}]}

        assert len(view_requests([*others, changed], [*others, last], SIZE)) == 1
        assert len(view_requests([*others, last | {"filterSpecs": []}], [*others, last], SIZE)) == 1

    def test_ours_of_a_referent_who_left_goes(self):
        wanted = resources("Ana Roux")

        assert view_requests(resources("Ana Roux", "Bob Cros"), wanted, SIZE) == [
            {"deleteFilterView": {"filterId": view_id("Suivi par Bob Cros")}}
        ]

    def test_people_s_own_stay_whatever_they_are_called(self):
        wanted = resources()
        own = {"filterViewId": 5, "title": "Suivi par Zoé", "range": {"sheetId": 7}}
        untitled = {"filterViewId": 6, "range": {"sheetId": 7}}

        assert view_requests([*wanted, own, untitled], wanted, SIZE) == []

    def test_one_of_ours_that_a_person_renamed_is_theirs_and_not_made_again(self):
        wanted = resources()
        renamed = wanted[0] | {"title": "Mon jeudi", "filterSpecs": []}

        assert view_requests([renamed, *wanted[1:]], wanted, SIZE) == []

    def test_where_people_have_one_of_that_title_none_is_made(self):
        wanted = resources()
        theirs = {"filterViewId": 5, "title": TO_CONTACT, "range": {"sheetId": 7}}

        assert view_requests([theirs, *wanted[1:]], wanted, SIZE) == []


def test_columns_are_named_by_their_letters():
    assert column_letter(REQUESTS["target"]) == "J"


@pytest.mark.parametrize("lacking", [None, "reference", _CHECKED[0], _DATED[0], "place", "done"])
def test_what_is_to_correct_needs_its_columns_and_no_others(lacking):
    needed = {*views()[TO_CORRECT].criteria, *_CHECKED, *_DATED}
    requests = {key: REQUESTS[key] for key in needed - {lacking}}
    to_check = {key: TO_CHECK[key] for key in {"place", "done"} - {lacking}}
    shown = views(requests=requests, to_check=to_check)
    assert (TO_CORRECT in shown) == (lacking is None)
