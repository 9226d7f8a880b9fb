"""What may happen to an adopted sheet, in any order: people edit, sweeps run, the plan is applied."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from functions.route.drain import Drain
from functions.shared.errors import AccueilError
from functions.shared.journal.store import open_journal
from functions.shared.reference import in_cell
from infra.emulator.app import create_app
from infra.emulator.server import serving
from infra.emulator.store import Store
from infra.lists.adoption import Wishes, adopt, undo
from infra.workbook import apply
from sheets_schema.columns import as_text
from tests.functions.route.arrivals import arrive
from tests.infra.lists.partners import bring
from tests.support import Classeur, Clock, Gate, counter

HEADER = ["Dossier", "NOM", "Mail", "Suivi par", "Budget"]
TITLES = [["Suivi"], []]
PEOPLE = [[f"d{n}", f"NOM{n}", f"p{n}@example.org", None, n * 100] for n in range(4)]


class AdoptedLife(RuleBasedStateMachine):
    """Whatever happens, what partners wrote is theirs, and only people decide about their rows."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.rows = {line[0]: list(line) for line in PEOPLE}  # what people know to be there
        self.top, self.arrived, self.written, self.adopted = len(TITLES), 0, False, False

    def teardown(self) -> None:
        self.stack.close()

    @initialize()
    def a_partner_s_sheet_is_adopted(self) -> None:
        store, gate = Store(), Gate()
        store.create({"title": "Suivi"}, "demo")
        url = self.stack.enter_context(serving(create_app(store, gate=gate)))
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.classeur = Classeur(store, url, gate)
        self.partner = bring(self.classeur, [*TITLES, HEADER, *PEOPLE])
        self.before = self.partner.everything()
        self.journal = open_journal(Path(folder).as_uri())
        self.clock = Clock()
        self.drain = Drain(
            journal=self.journal,
            workbook=self.partner.workbook,
            clock=self.clock,
            sleep=lambda seconds: self.clock.advance(seconds=seconds),
            jitter=lambda: 0.5,
            new_token=counter("t").__next__,
        )
        self.is_adopted()

    def is_adopted(self) -> None:
        random = Random(len(self.rows))
        adopt(self.journal, self.partner.workbook, Wishes(yes=True), lambda: random.getrandbits(35))
        self.adopted = True
        # Somebody to whom a row without a referent would go.
        default = {"Nom": "Eva Rey", "Courriel": "rey@example.org", "Référent par défaut": "Oui"}
        self.classeur.type_row(2, default, "Coordination")

    @rule()
    def the_plan_is_applied(self) -> None:
        if self.adopted:
            apply(self.partner.workbook)

    @precondition(lambda self: self.adopted)
    @rule(arrives=st.booleans())
    def sweeps_run(self, arrives: bool) -> None:
        if arrives:
            self.arrived += 1
            arrive(self.journal, self.arrived)
        for _ in range(2):  # a row that does not change in between is completed
            self.clock.advance(hours=2)
            self.drain(sweep=True)
        self.written = bool(self.journal.keys("settled/"))

    @rule(number=st.integers(0, 3), text=st.sampled_from(["revu", "12 k€", ""]))
    def somebody_edits_an_own_column(self, number: int, text: str) -> None:
        row = self.sheet_row(f"d{number}")
        self.classeur.type(f"{self.title}!E{row}", text)
        self.rows[f"d{number}"][4] = text

    @rule(above=st.booleans())
    def somebody_inserts_a_row(self, above: bool) -> None:
        at = 1 if above else self.top + 2
        span = {"sheetId": 7, "dimension": "ROWS", "startIndex": at, "endIndex": at + 1}
        self.partner.workbook.batch_update([{"insertDimension": {"range": span}}])
        self.top += above

    @rule(descending=st.booleans())
    def somebody_sorts(self, descending: bool) -> None:
        cells = {"sheetId": 7, "startRowIndex": self.top + 1}
        order = "DESCENDING" if descending else "ASCENDING"
        spec = {"dimensionIndex": 0, "sortOrder": order}
        sort = {"sortRange": {"range": cells, "sortSpecs": [spec]}}
        self.partner.workbook.batch_update([sort])

    @precondition(lambda self: self.adopted)
    @rule()
    def somebody_undoes_it(self) -> None:
        try:
            undo(self.journal, self.partner.workbook, yes=True)
        except AccueilError:
            assert self.written
            return
        assert not self.written
        self.adopted = False
        titles = [sheet["properties"]["title"] for sheet in self.partner.everything()["sheets"]]
        assert titles == [sheet["properties"]["title"] for sheet in self.before["sheets"]]
        assert self.header() == HEADER
        assert self.journal.keys("adopted/") == []

    @precondition(lambda self: not self.adopted)
    @rule()
    def it_is_adopted_again(self) -> None:
        self.is_adopted()

    @property
    def title(self) -> str:
        return "Demandes" if self.adopted else "Suivi"

    def grid(self) -> list[list[str]]:
        return self.classeur.values(f"{self.title}!A1:AZ60")

    def header(self) -> list[str]:
        return self.grid()[self.top]

    def sheet_row(self, name: str) -> int:
        return next(row for row, line in enumerate(self.grid(), 1) if line and line[0] == name)

    @invariant()
    def what_they_wrote_is_there_and_nobody_follows_it_but_by_their_choice(self) -> None:
        lines = [line for line in self.grid()[self.top + 1 :] if any(line)]
        theirs = {line[0]: [*line, *[""] * 5][:5] for line in lines if line[0]}
        assert theirs == {key: list(map(as_text, row)) for key, row in self.rows.items()}
        assert self.header()[:5] == HEADER
        if self.adopted:
            at = self.header().index("Référence")
            references = [line[at] for line in lines if len(line) > at and line[at]]
            assert len(set(references)) == len(references) >= len(self.rows)
            assert all(map(in_cell, references))
            assert len(self.journal.keys("outbox/")) <= self.arrived


AdoptedLife.TestCase.settings = settings(
    max_examples=3, stateful_step_count=14, deadline=None, database=None
)
# A few lives, each with a spreadsheet of its own, take some seconds.
TestAdoptedLife = AdoptedLife.TestCase
