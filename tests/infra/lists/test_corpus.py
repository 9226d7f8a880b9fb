"""Sheets of many kinds become what they must, and nothing is invented."""

import pytest

from infra.lists.preview import as_data
from infra.lists.proposing import propose
from infra.lists.reading import read_content
from infra.lists.records import read_records
from infra.lists.words import targets
from tests.infra.lists.corpus import CASES, WITHOUT_PEOPLE, Case


def proposal_of(case: Case):
    (proposal,) = propose(read_content("liste", case.content).sheets)
    return proposal


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_sheet_of_this_kind_becomes_what_it_must(case):
    (data,) = as_data("liste", [proposal_of(case)])

    mapping = {int(column): names for column, names in data["mapping"].items()}
    assert {c: names for c, names in mapping.items() if c not in case.free} == case.mapping
    assert (data["header_row"], data["records"]) == (case.header_row, case.records)


@pytest.mark.parametrize("case", [c for c in CASES if c.values], ids=lambda case: case.name)
def test_its_values_are_read(case):
    keys = {target.name: target.key for target in targets().values()}
    records = {record.row: record.values for record in read_records(proposal_of(case))}

    values = {(row, name): records[row].get(keys[name]) for row, name in case.values}
    assert values == case.values


@pytest.mark.parametrize("text", WITHOUT_PEOPLE.values(), ids=WITHOUT_PEOPLE)
def test_a_file_without_people_has_no_proposal(text):
    assert propose(read_content("liste", text.replace("|", ";").encode()).sheets) == ()
