"""What people find in a spreadsheet that is not ours: the titles of its tab and columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Titles:
    """The titles that people look for.

    Attributes:
        tab: The tab they are on, unless told otherwise.
        reference: The column that tells each row from all others.
        name: The column that people know a row by.
        notes: Where they write what they like.
        referent: Whom they choose, from a dropdown, to follow a row.
        row: What they type into a row of their own, by title; `{number}` is the edit's number.
        choices: What they choose for it from dropdowns, by title.
    """

    tab: str = "Sheet1"
    reference: str = "Reference"
    name: str = "Name"
    notes: str = "Notes"
    referent: str = "Referent"
    row: Mapping[str, str] = field(default_factory=lambda: {"Name": "By hand {number}"})
    choices: Sequence[str] = ()
