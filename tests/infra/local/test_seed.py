from datetime import date

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
        assignment = assign(
            Request({}, (Project(project),), target), gathered.lookup, date(2026, 11, 23)
        )
        assert assignment.lead
        assert not assignment.doubt


def test_the_empty_tab_of_a_new_spreadsheet_is_gone(classeur):
    titles = [sheet.title for sheet in classeur.store.file("demo").book.sheets]
    assert titles == [tab(look.key).title for look in layout.TABS]


def test_the_spreadsheet_is_shared_with_all_people_in_it_and_nobody_else(workbook):
    reading = workbook.read({**PEOPLE_COLUMNS, "system": "all"})
    assert compare(seed.permissions(), reading).is_as_wanted
