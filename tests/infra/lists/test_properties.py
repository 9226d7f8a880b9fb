"""What holds for any list."""

import random
import unicodedata
from datetime import date

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from infra.lists.fates import Context, fates
from infra.lists.preview import as_data, as_lines, as_page, view
from infra.lists.proposing import propose
from infra.lists.reading import read_content
from infra.lists.records import read_records
from infra.lists.sheets import ListError, Sheet, as_text
from tests.infra.lists.corpus import CASES, typed

quick = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
COLUMNS = {
    "Nom": ["PONS", "MAS", "ROC"],
    "Prénom": ["Luc", "Eva", "Zoé"],
    "Téléphone": ["0639980001", "06 39 98 00 02", None],
    "Courriel": ["luc@example.org", None, "zoe@example.org"],
    "Ville actuelle": ["Albi", "Rodez", "Foix"],
    "Date de la demande": ["05/09/2026", "13/09/2026", "juin"],
    "Remarques": ["à rappeler", None, "vue au salon"],
}
EXTRA = ["Nom conjoint", "Tél conseiller", "Montant", "Date de naissance", "Zzz", "Couleur", ""]
TITLES = ["Liste du salon", "mise à jour le 12/11/2026", "CCAS d'Exemple", "document interne"]


def names(sheet: Sheet) -> dict[str, object]:
    """The targets by header, whatever the position."""
    (proposal,) = propose([sheet])
    (data,) = as_data("liste", [proposal])
    titles = {str(choice.column.index): choice.column.title for choice in proposal.choices}
    return {titles[column]: target for column, target in data["mapping"].items()} | {
        "records": data["records"]
    }


@quick
@given(
    st.permutations(list(COLUMNS)),
    st.lists(st.sampled_from(EXTRA), max_size=4),
    st.lists(st.sampled_from(TITLES), max_size=3),
    st.randoms(use_true_random=False),
)
def test_order_more_columns_and_titles_change_no_mapping(order, extra, titles, chance):
    columns = [(header, COLUMNS[header]) for header in order]
    for header in extra:
        at = chance.randint(0, len(columns))
        columns.insert(at, (header, ["12", None, "7"]))
    above = [[title] for title in titles] + [[]]
    rows = [*above, [header for header, _ in columns]]
    rows += [[cells[row] for _, cells in columns] for row in range(3)]

    assert names(Sheet(None, rows)) == {
        "Nom": "Nom",
        "Prénom": "Prénom",
        "Téléphone": "Téléphone",
        "Courriel": "Courriel",
        "Ville actuelle": "Commune actuelle",
        "Date de la demande": "Reçue le",
        "Remarques": "Notes",
        "records": 3,
    }


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.header_row is not None and not case.groups],
    ids=lambda case: case.name,
)  # fmt: skip
def test_the_order_of_columns_changes_no_mapping(case):
    rows = typed(case)
    width = max(map(len, rows))
    order = list(range(width))
    random.Random(46).shuffle(order)
    shuffled = [[row[i] if i < len(row) else None for i in order] for row in rows]
    kept, moved = ({k: v for k, v in names(Sheet(None, r)).items() if k} for r in (rows, shuffled))

    # Of two columns of one kind the first counts, so that their order does.
    assert moved.keys() == kept.keys()


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=40)
CELLS = st.one_of(
    st.none(),
    TEXTS,
    st.sampled_from(["1000", "juin", "0639980001", "a@example.org", "néant", "46000 Cahors", "1/2/26"]),
    st.booleans(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.integers(-(10**12), 10**12),
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    st.datetimes(),
)  # fmt: skip


def letters(text: str) -> str:
    """What is left of a text without spaces, and with a « ² » as a 2."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


@quick
@given(st.lists(st.sampled_from(list(COLUMNS)), min_size=7, max_size=7, unique=True), st.data())
@example(list(COLUMNS), None)
def test_any_value_is_kept_or_refused_never_changed_silently(order, data):
    strange = (
        ["Mme Roc / X", "<b>x</b>", "06 39 98 00 01 ou plus", "a@b", "Foix (09)", "2026", "=1+1"]
        if data is None
        else [data.draw(CELLS) for _ in order]
    )
    ordinary = [[COLUMNS[header][row] for header in order] for row in range(3)]
    rows = [order, *ordinary, strange]
    (proposal,) = propose([Sheet(None, rows)])
    for record in read_records(proposal):
        whole = letters(" ".join([*record.values.values(), *record.notes]))
        for choice in proposal.choices:
            text = as_text(rows[record.row][choice.column.index])
            sample = record.samples.get(choice.column.index)
            if not choice.targets or not text or (sample and not sample.after):
                continue  # blank, or it says that there is nothing
            key = choice.targets[0]
            if key in ("received_at", "phone", "email") and key in record.values:
                continue  # the same in another writing, see test_days and test_people
            assert letters(text.removeprefix("Mme")) in whole or any(
                text in note for note in record.notes
            )


@quick
@given(st.lists(st.lists(CELLS, max_size=6), max_size=8))
def test_no_cells_are_too_strange(rows):
    sheet = Sheet("Liste", [["Nom", "Prénom", "Mail", "Tél", "Date demande", "Statut"], *rows])
    for proposal in propose([sheet, Sheet(None, rows)]):
        records = list(read_records(proposal))
        (lines,) = fates([(proposal, records)], Context())
        shown = view(proposal, records, lines)
        assert as_page("liste", [shown])
        assert list(as_lines("liste", [shown]))


STARTS = [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<html><table>", b"\xff\xfe"]


@quick
@given(st.sampled_from(STARTS), st.binary(max_size=400))
def test_no_file_breaks_the_reader(start, rest):
    try:
        file = read_content("liste", start + rest)
    except ListError:
        return
    propose(file.sheets)


@quick
@given(st.sampled_from([c for c in CASES if c.write in ("xlsx", "xls", "page")][:4]), st.data())
def test_no_damage_breaks_the_reader(case, data):
    content = bytearray(WRITTEN[case.name])
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        file = read_content("liste", bytes(content))
    except ListError:
        return
    propose(file.sheets)


WRITTEN = {case.name: case.content for case in CASES if case.write in ("xlsx", "xls", "page")}
