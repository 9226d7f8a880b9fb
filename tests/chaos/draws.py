"""What the machine chooses from: faults, people's edits, and what interrupts a call."""

from collections.abc import Sequence

from hypothesis import strategies as st

from sheets_schema.schema import vocabulary
from tests.chaos.ledger import Kind
from tests.chaos.points import Interruption
from tests.chaos.tables import EDITS

ROW_EDITS = (
    "write_note",
    "sort",
    "choose_referent",
    "clear_referent",
    "fill_in",
    "insert_rows",
    "delete_rows",
    "delete_request",
    "copy_row",
)
# What the fate of a suspect turns on, and all that may happen.
ASIDE = ("crash", "crash", "journal", "rival", "rival", "submission", "again", "release")
COLUMN_EDITS = ("move_column", "add_column")
MEANWHILE = (*ASIDE, "time", "order", *ROW_EDITS, *COLUMN_EDITS)
# What may happen while an answer from a mail is kept, or dealt with.
AT_ANSWERS = (
    "crash",
    "crash",
    "rival",
    "rival",
    "journal",
    "status",
    "status",
    "press",
    *ROW_EDITS,
)
# The same for what an applicant says.
AT_WISHES = ("crash", "crash", "rival", "rival", "journal", "address", "wish", *ROW_EDITS)
# What may happen while a draft is looked at or published.
TABLE_EDITS = tuple(action for action in EDITS if action != "name_table_back")
AT_TABLES = ("crash", "crash", "rival", "rival", "journal", "submission", "sort", *TABLE_EDITS)
FAULTS = (
    {"fault": "429"},
    {"fault": "429", "retry_after": 7},
    {"fault": "500"},
    {"fault": "500", "committed": True},
    {"fault": "503", "html": True},
    {"fault": "503", "committed": True},
    {"fault": "403"},
    {"fault": "reset_before"},
    {"fault": "reset_after"},
    {"fault": "no_answer", "seconds": 1},
    {"fault": "no_answer", "seconds": 30},
    {"fault": "late_commit", "seconds": 2},
    {"fault": "late_commit", "seconds": 40, "reset": True},
    {"fault": "late_commit", "seconds": 300},
    {"fault": "late_commit", "seconds": 1_100},
    {"fault": "slow_body", "seconds": 20},
    {"fault": "truncated_body"},
)
FREE_TEXT = ("Notes", "Prochaine action", "Ville actuelle")
PROJECT = vocabulary("project")["farming"]


def _interruptions(
    points: Sequence[int], events: Sequence[str]
) -> st.SearchStrategy[list[Interruption]]:
    interruption = st.builds(
        Interruption,
        st.sampled_from(points),
        st.booleans(),
        st.sampled_from(events),
        st.integers(0, 12),
    )
    return st.lists(interruption, min_size=1, max_size=3)


# A call that writes one row passes about 16 points; what matters most lies around the write.
_DRAIN = [*range(3, 9), *range(3, 9), *range(1, 25)]
# Intake passes two for a key that it knows, the operator five to release what is set aside.
_BRIEF = [1, 2, *range(1, 6)]
interruptions = _interruptions(_DRAIN, MEANWHILE)
at_tables = _interruptions(_DRAIN, AT_TABLES)
at_answers = _interruptions(_DRAIN, AT_ANSWERS)
at_wishes = _interruptions(_DRAIN, AT_WISHES)
while_setting_aside = _interruptions(_DRAIN, ASIDE)
brief = _interruptions(_BRIEF, ASIDE)
brief_answers = _interruptions(_BRIEF, ("crash", "journal", "press", "status", "time", "sweep"))
writers = st.integers(0, 1)
wishes = st.integers(0, 2)
kinds = st.sampled_from([Kind.PLAIN] * 3 + [Kind.SUSPECT] * 2 + [Kind.DOUBTFUL, Kind.TRIAL])
