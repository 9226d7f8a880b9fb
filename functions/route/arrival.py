"""An accepted request on its way to its row. Pure."""

import json
from dataclasses import dataclass
from functools import cached_property

from functions.shared.journal.entries import Entry
from functions.shared.journal.formats import Filed
from functions.shared.request import Request, contacts
from sheets_schema.tab import format_row, tab
from sheets_schema.territory import Territories
from sheets_schema.wire import typed_cell

_OTHER_BYTES = 1500  # for the cells that assignment adds to a row, and for its blank cells


@dataclass(frozen=True)
class Arrival:
    """An entry of the journal under its `name` there, and the request it makes.

    `body` is the object as it was read.
    """

    name: str
    entry: Entry
    request: Request
    body: bytes

    @classmethod
    def from_json(cls, name: str, body: bytes, official: Territories) -> "Arrival":
        """Read the journal object `pending/<name>`.

        Raises:
            ValueError, KeyError, TypeError, AttributeError, IndexError: it is not what intake
                writes.
        """
        entry = Entry.from_json(body)
        request = Request.from_submission(
            entry.submission, entry.reference, entry.received_at, official, entry.cells
        )
        # A request that cannot be written into a row counts as illegible as well.
        format_row(tab("requests"), request.values)
        return cls(name, entry, request, body)

    @property
    def reference(self) -> str:
        """The reference that its applicant was given."""
        return self.entry.reference

    @property
    def filed(self) -> Filed:
        """The part of it that its batch keeps in the journal."""
        return Filed(self.name, self.reference, self.entry.fingerprint, self.body.decode())

    @property
    def contacts(self) -> tuple[str, ...]:
        """The addresses and phone numbers by which its sender is recognised."""
        return contacts(self.entry.submission)

    @cached_property
    def size(self) -> int:
        """About how many bytes its row takes in a batch."""
        cells = format_row(tab("requests"), self.request.values).values()
        return len(json.dumps([typed_cell(cell) for cell in cells])) + _OTHER_BYTES
