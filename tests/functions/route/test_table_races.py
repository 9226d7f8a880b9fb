"""A draft of the rules and the table in force, whatever comes in between: all in memory, so fast.

docs/protocol.md lists the cases under "Tables of rules".
"""

from copy import deepcopy
from itertools import count

import pytest

from functions.route.decide.coverage import Findings
from functions.shared.errors import WorkbookUnsureError
from functions.shared.sheets.port import TabChange
from tests.functions.route.arrivals import arrive
from tests.functions.route.books import ANA, BOB, set_cell
from tests.functions.route.office import DORA, Office
from tests.support import Crash, Mortal

RULES, DRAFT = "rules", "draft"
EVERYWHERE = 2  # the row of the rule that any request falls under


class Bureau(Office):
    """Rules for Quercy Blanc and for all others, and a draft that gives the others to Dora.

    Two requests are there, so the figures of Effet are no zeros.
    """

    def __init__(self):
        super().__init__(rules=[RULE | {"number": 1.0, "territory": "Quercy Blanc"}, RULE])
        arrive(self.journal, 1)
        arrive(self.journal, 2)
        self.sweep(2)
        self.copy_table(DRAFT)
        self.type(DRAFT, EVERYWHERE, referents=DORA)

    def copy_table(self, title):
        self.sheet.grids[title] = deepcopy(self.sheet.grids[RULES])

    def type(self, table, row, **cells):
        for column, text in cells.items():
            set_cell(self.sheet, table, row, column, text)

    def retitle(self, before, after):
        self.sheet._change_tab(TabChange(self.sheet._id(before), after))

    @property
    def in_force(self):
        return self.sheet.rows(RULES)[EVERYWHERE - 1]["referents"]

    @property
    def earlier(self):
        return [title for title in self.sheet.grids if title.startswith("Règles – avant le ")]

    def effects(self, table=DRAFT):
        return [row.get("effect", "") for row in self.sheet.rows(table)]

    def lines(self, word):
        return [row for row in self.sheet.rows("to_check") if word in row["subject"]]

    def check(self, referent):
        """Whose rule is in force, once; no order, no token and no other table is left behind."""
        cells = [
            str(cell) for grid in self.sheet.grids.values() for row in grid[1:] for cell in row
        ]
        shown = [cell for cell in cells if "Attribution en cours" in cell]
        assert self.in_force == referent
        assert len(self.earlier) == len(self.lines("est en vigueur")) == int(referent == DORA)
        assert not [row for row in self.sheet.rows(RULES) if row.get("publish")]
        assert not shown


RULE = {"number": 2.0, "order": 10.0, "referents": ANA, "active": "Oui"}


@pytest.fixture
def bureau():
    made = Bureau()
    made.sweep()
    assert made.effects()[0].startswith("PROJET VALABLE : 2 demandes en un an, dont 2 changent")
    return made


def test_a_draft_whose_effect_is_shown_is_published_by_one_sweep(bureau):
    bureau.type(DRAFT, 1, publish="Oui")
    bureau.sweep()
    bureau.check(DORA)
    assert DRAFT not in bureau.sheet.grids


def test_a_draft_is_not_published_before_its_effect_is_shown(bureau):
    bureau.type(DRAFT, 1, publish="Oui")
    bureau.type(DRAFT, EVERYWHERE, territory="Nulle part")
    bureau.sweep()
    first, second = bureau.effects()
    assert first.startswith("PROJET À CORRIGER avant de le publier : 1 ligne.")
    assert second.startswith("À corriger : Territoire : « Nulle part »")
    bureau.sweep()
    assert "publish" not in bureau.sheet.rows(DRAFT)[0]
    bureau.check(ANA)


def test_figures_of_another_day_hold_up_no_publication(bureau):
    """Two processes that have read the requests at different times say different figures."""
    arrive(bureau.journal, 3)
    bureau.sweep(2)
    text = bureau.effects()[0].replace("2 demandes", "1 demande").replace("2 changent", "1 change")
    bureau.type(DRAFT, 1, effect=text, publish="Oui")
    bureau.sweep()
    bureau.check(DORA)


def test_two_processes_do_not_write_their_figures_in_turns(bureau):
    earlier = bureau.new_drain()
    earlier(sweep=True)
    arrive(bureau.journal, 3)
    earlier()
    later = bureau.new_drain()
    for drain in (later, earlier, later, earlier):
        bureau.clock.advance(minutes=5)
        drain(sweep=True)
    shown = bureau.effects()
    assert "3 demandes" in shown[0]
    for drain in (earlier, later):
        bureau.clock.advance(minutes=70)
        drain(sweep=True)
        assert bureau.effects() == shown


def test_a_lost_answer_publishes_once(bureau):
    commit, lost = bureau.sheet.commit, [True]

    def unsure(batch):
        answer = commit(batch)
        if lost:
            lost.pop()
            raise WorkbookUnsureError
        return answer

    bureau.sheet.commit = unsure
    bureau.type(DRAFT, 1, publish="Oui")
    bureau.sweep(2)
    assert not lost
    bureau.check(DORA)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_around_any_effect_publishes_once_and_cancels_once(after, monkeypatch):
    """Longer than a second: eight sweeps for each effect."""
    monkeypatch.setattr("functions.route.commit.settle.PARALLEL", 1)
    monkeypatch.setattr("functions.route.table_keeper.check", lambda *_: Findings())  # for speed
    for effect in count(1):
        bureau = Bureau()
        bureau.sweep()
        bureau.type(DRAFT, 1, publish="Oui")
        died = dies_at(bureau, effect, after=after)
        bureau.sweep(2)
        bureau.check(DORA)
        bureau.type(RULES, 1, cancel="Oui")
        died = dies_at(bureau, effect, after=after) or died
        bureau.sweep(2)
        assert bureau.in_force == ANA
        assert bureau.sheet.rows(DRAFT)[EVERYWHERE - 1]["referents"] == DORA
        assert not [row for row in bureau.sheet.rows(DRAFT) if row.get("cancel")]
        if not died:
            break
    assert effect > 4


def dies_at(bureau, effect, *, after):
    life = [effect]
    journal, sheet = (Mortal(part, life, after=after) for part in (bureau.journal, bureau.sheet))
    try:
        bureau.sweep(journal=journal, sheet=sheet)
    except Crash:
        return True
    return False


def test_two_instances_publish_once(bureau):
    bureau.type(DRAFT, 1, publish="Oui")
    bureau.before_the_commit(lambda: bureau.new_drain()(sweep=True))
    bureau.sweep(2)
    bureau.check(DORA)


def sort(bureau):
    bureau.sheet.grids[DRAFT][1:] = reversed(bureau.sheet.grids[DRAFT][1:])


def delete_a_row(bureau):
    del bureau.sheet.grids[DRAFT][1]


def move_note(bureau):
    """Somebody moves Note to the place of Effet, and everything after it to the right."""
    grid = bureau.sheet.grids[DRAFT]
    note, effect = grid[0].index("Note"), grid[0].index("Effet")
    for line in grid:
        line.extend([None] * (len(grid[0]) - len(line)))
        line.insert(effect, line.pop(note))


@pytest.mark.parametrize("meanwhile", [sort, delete_a_row, move_note])
def test_no_cell_of_the_draft_is_overwritten_while_effet_is_written(meanwhile):
    bureau = Bureau()
    for row in (1, 2):
        bureau.type(DRAFT, row, note=f"Note de la ligne {row}")
    typed = {row["number"]: row["note"] for row in bureau.sheet.rows(DRAFT)}
    bureau.before_the_commit(lambda: meanwhile(bureau))
    bureau.sweep(3)
    rows = bureau.sheet.rows(DRAFT)
    assert {row["number"]: row["note"] for row in rows}.items() <= typed.items()
    assert len(rows) == len(typed) - (meanwhile is delete_a_row)
    assert all("alable" in text or "VALABLE" in text for text in bureau.effects())
    bureau.check(ANA)


def delete(bureau):
    del bureau.sheet.grids[DRAFT]


def rename(bureau):
    bureau.retitle(DRAFT, "À moi")


@pytest.mark.parametrize("act", [delete, rename])
@pytest.mark.parametrize("order", ["", "Oui"])
def test_a_draft_that_is_renamed_or_deleted_before_the_write_stops_nothing(act, order, bureau):
    bureau.type(DRAFT, EVERYWHERE, note="autre", **({"publish": order} if order else {}))
    bureau.type(DRAFT, 1, effect="Vieux" if not order else bureau.effects()[0])
    arrive(bureau.journal, 3)
    bureau.before_the_commit(lambda: act(bureau))
    bureau.sweep(3)
    assert len(bureau.sheet.rows("requests")) == 3
    # Tabs are named by their sheetId, so a renamed draft is published all the same.
    bureau.check(DORA if act is rename and order else ANA)


@pytest.mark.parametrize("order", ["", "Oui"])
def test_a_table_that_is_renamed_before_the_write_loses_nothing(order, bureau):
    if order:
        bureau.type(DRAFT, 1, publish=order)
    arrive(bureau.journal, 3)
    bureau.before_the_commit(lambda: bureau.retitle(RULES, "Nos règles"))
    bureau.sweep()
    assert len(bureau.sheet.rows("requests")) == 3
    if not order:
        bureau.retitle("Nos règles", RULES)
    bureau.sweep(2)
    bureau.check(DORA if order else ANA)


def test_a_draft_with_a_header_twice_stops_nothing_and_is_noted(bureau):
    bureau.type(DRAFT, 0, note="Projet")
    arrive(bureau.journal, 3)
    bureau.sweep(2)
    assert len(bureau.sheet.rows("requests")) == 3
    assert [row for row in bureau.sheet.rows("to_check") if row["place"] == "Règles – projet"]


def test_two_drafts_are_noted_and_the_one_with_the_title_counts(bureau):
    spare = "Copie de Règles d'attribution"
    bureau.copy_table(spare)
    bureau.sweep(2)
    assert bureau.effects()[0]
    assert spare in bureau.sheet.grids
    assert bureau.lines("plusieurs projets")


def test_an_order_without_a_table_to_go_back_to_is_answered(bureau):
    bureau.type(RULES, 1, cancel="Oui")
    bureau.sweep()
    assert "cancel" not in bureau.sheet.rows(RULES)[0]
    assert bureau.lines("règles d'avant")


def test_orders_to_publish_and_to_take_back_at_once_are_carried_out_once_each(bureau):
    bureau.type(DRAFT, 1, publish="Oui")
    bureau.sweep()
    bureau.check(DORA)
    bureau.copy_table(DRAFT)
    bureau.type(DRAFT, EVERYWHERE, referents=BOB)
    bureau.sweep()
    bureau.type(DRAFT, 1, publish="Oui")
    bureau.type(RULES, 1, cancel="Oui")
    bureau.sweep(3)
    assert bureau.in_force == BOB  # going back comes first
    assert len(bureau.lines("Les règles d'avant sont de nouveau en vigueur")) == 1
    assert len(bureau.lines("Le projet de règles est en vigueur")) == 2
    assert not [row for row in bureau.sheet.rows(RULES) if row.get("publish") or row.get("cancel")]


def test_a_table_that_cannot_be_read_never_takes_effect(bureau):
    del bureau.sheet.grids[DRAFT]
    bureau.type(RULES, 1, territory="Nulle part")
    bureau.type(RULES, EVERYWHERE, referents=BOB)
    bureau.sweep()
    assert bureau.effects(RULES)[0].startswith("À corriger : Territoire")
    arrive(bureau.journal, 3)
    assert bureau.new_drain()() == 1  # a new process knows the last good table, too
    assert bureau.sheet.rows("requests")[-1]["referent"] == ANA
    (line,) = [row for row in bureau.sheet.rows("to_check") if row["place"].endswith("E2")]
    assert "toutes les règles s'appliquent comme elles étaient le 23/11/2026" in line["action"]
    bureau.type(RULES, 1, territory="Grand Cahors")
    bureau.sweep()
    arrive(bureau.journal, 4)
    bureau.sweep()
    assert bureau.sheet.rows("requests")[-1]["referent"] == BOB
    assert bureau.effects(RULES) == ["", ""]


def test_rules_that_somebody_deleted_all_go_on(bureau):
    del bureau.sheet.grids[RULES][1:]
    arrive(bureau.journal, 3)
    bureau.sweep()
    assert bureau.sheet.rows("requests")[-1]["referent"] == ANA
    (line,) = bureau.lines("Il n'y a plus aucune règle")
    assert "toutes les règles s'appliquent comme elles étaient le 23/11/2026" in line["action"]


def test_a_damaged_good_table_stops_nothing(bureau):
    (key,) = bureau.journal.keys("tables/")
    bureau.journal.delete(key)
    bureau.journal.create(key, b"{")
    bureau.type(RULES, 1, territory="Nulle part")
    arrive(bureau.journal, 3)
    assert bureau.new_drain()() == 1


def test_what_the_rules_leave_out_is_noted_in_short(bureau):
    del bureau.sheet.grids[RULES][EVERYWHERE]
    bureau.sweep()
    (line,) = bureau.lines("aucune règle")
    assert line["place"] == "Règles d'attribution"
    bureau.sweep()
    assert len(bureau.lines("aucune règle")) == 1
