"""People, and what they do when nobody tells them what."""

import inspect
from collections.abc import Mapping
from typing import Any, Final

from infra.emulator.errors import ApiError, InvalidArgumentError
from infra.emulator.people.cells import CellEdits
from infra.emulator.people.columns import ColumnEdits
from infra.emulator.people.edit import Record
from infra.emulator.people.rows import RowEdits

# Every action, and how often people take it against the others.
HABITS: Final[Mapping[str, float]] = {
    "write_note": 4,
    "sort": 3,
    "choose_referent": 2,
    "clear_referent": 2,
    "fill_in": 2,
    "give_name_back": 2,
    "paste": 1,
    "insert_rows": 1,
    "delete_rows": 1,
    "delete_request": 1,
    "copy_row": 1,
    "rename_column": 1,
    "move_column": 1,
    "add_column": 1,
    "add_tab": 1,
}


class People(RowEdits, CellEdits, ColumnEdits):
    """People at work in a spreadsheet; each action is a method and answers its record.

    Attributes:
        habits: The weight of each action that `act` may take.
    """

    habits: Mapping[str, float] = HABITS

    def do(self, action: str, **arguments: Any) -> Record:  # noqa: ANN401 - any JSON value
        """Take an action by its name.

        Raises:
            InvalidArgumentError: If there is none, or it does not take these arguments.
            ApiError: If it can't be done.
        """
        if action not in HABITS:
            raise InvalidArgumentError(f"There is no action {action}.")
        method = getattr(self, action)
        try:
            inspect.signature(method).bind(**arguments)
        except TypeError as error:
            raise InvalidArgumentError(f"The action {action}: {error}.") from error
        record: Record = method(**arguments)
        return record

    def act(self) -> Record | None:
        """Take an action by chance, or another one if it can't be done; None if none can."""
        left = {action: weight for action, weight in self.habits.items() if weight > 0}
        while left:
            (action,) = self.random.choices(list(left), list(left.values()))
            try:
                return self.do(action)
            except ApiError:
                del left[action]
        return None

    def put_right(self) -> list[Record]:
        """Give every renamed column its first title back."""
        records = []
        while self._first_titles():
            records.append(self.give_name_back())
        return records
