import csv
import re
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from functions.route.decide.assignment import assign
from functions.route.read.sheet import PARTS, gather
from functions.shared.access import PEOPLE_COLUMNS, compare
from functions.shared.request import Project, Request
from infra.local import seed
from sheets_schema import layout
from sheets_schema.schema import vocabulary
from sheets_schema.tab import tab
from sheets_schema.territory import Target, territories

TODAY = date(2026, 11, 23)
COLUMNS = {column.title: column.key for column in tab("requests").columns}
CASES = list(
    csv.DictReader(Path(seed.__file__).with_name("cases.csv").read_text("utf-8").splitlines())
)


def of_case(case):
    """The request of a worked case, by the titles that people see."""
    cells = {COLUMNS[title]: text for title, text in case.items() if title in COLUMNS}
    request = Request.from_cells(cells, territories())
    assert request.projects
    assert not request.unreadable, case
    return request


@pytest.fixture
def gathered(workbook):
    return gather(workbook.read(PARTS), territories())


def test_the_first_days_tables_are_without_fault(gathered):
    assert gathered.concerns == ()
    assert gathered.lookup.default.name == "Dominique Vayssié"


def test_there_is_a_referent_for_every_intercommunalite_and_partner(classeur):
    people = classeur.rows("Référents")
    seated = {epci.name for epci in territories().epcis.values() if epci.seated}
    assert {person.get("Intercommunalité") for person in people} >= seated
    organisations = " ".join(person["Organisme"] for person in people)
    for partner in ("CCI", "artisanat", "agriculture", "Lot Tourisme", "santé"):
        assert partner in organisations


def test_everybody_is_fictional(classeur):
    for title in ("Référents", "Coordination"):
        assert all(row["Courriel"].endswith("@example.org") for row in classeur.rows(title))


@pytest.mark.parametrize("project", vocabulary("project"))
def test_a_rule_covers_every_project_in_every_commune(project, gathered):
    official = territories()
    targets = [Target(communes=(code,)) for code in official.communes]
    targets += [Target(epcis=(code,)) for code in official.epcis]
    for target in [*targets, Target(anywhere=True), Target()]:
        assignment = assign(Request({}, (Project(project),), target), gathered.lookup, TODAY)
        assert assignment.lead
        assert not assignment.doubt


def test_the_empty_tab_of_a_new_spreadsheet_is_gone(classeur):
    titles = [sheet.title for sheet in classeur.store.file("demo").book.sheets]
    assert titles == [tab(look.key).title for look in layout.TABS]


def test_the_spreadsheet_is_shared_with_all_people_in_it_and_nobody_else(workbook):
    reading = workbook.read({**PEOPLE_COLUMNS, "system": "all"})
    assert compare(seed.permissions(), reading).is_as_wanted


def test_each_worked_case_goes_to_whom_it_says(gathered):
    """The cases are for coordinators to read, beside the tables of the demonstration."""
    wrong = []
    for case in CASES:
        assignment = assign(of_case(case), gathered.lookup, TODAY)
        others = ", ".join(person.name for person in assignment.others)
        if (assignment.lead.name, others) != (
            case["Référent attendu"],
            case["Autres référents attendus"],
        ):
            wrong.append((case["Cas"], assignment.reason))
    assert len(CASES) >= 40
    assert wrong == []


def test_the_worked_cases_hold_every_postal_code_that_spans_intercommunalites():
    official = territories()
    spanning = defaultdict(set)
    for commune in official.communes.values():
        for postcode in commune.postcodes:
            spanning[postcode].add(commune.epci)
    spanning = {postcode: epcis for postcode, epcis in spanning.items() if len(epcis) > 1}
    met = defaultdict(set)
    for case in CASES:
        if postcode := re.search(r"\b46\d{3}\b", case["Territoire visé"]):
            met[postcode[0]].update(official.epcis_of(of_case(case).target))
    assert len(spanning) == 10
    assert met == spanning
    outside = {item.code for item in official.communes.values() if item.epci == "200069383"}
    assert len(outside) == 2
    assert outside <= {code for case in CASES for code in of_case(case).target.communes}
