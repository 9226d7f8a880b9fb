"""What the machine chooses from: faults, people's edits, and what interrupts a call."""

from hypothesis import strategies as st

from sheets_schema.schema import vocabulary
from tests.chaos.points import Interruption

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
MEANWHILE = ("crash", "crash", "journal", "rival", "rival", "submission", "time", *ROW_EDITS)
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

# A call that writes one row passes about 16 points; what matters most lies around the write.
interruptions = st.lists(
    st.builds(
        Interruption,
        st.sampled_from([*range(3, 9), *range(3, 9), *range(1, 25)]),
        st.booleans(),
        st.sampled_from(MEANWHILE),
        st.integers(0, 12),
    ),
    min_size=1,
    max_size=3,
)
writers = st.integers(0, 1)
wishes = st.integers(0, 2)
