"""The requests that the operator ordered to be moved, because their referent leaves."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from functions.route.decide.handover import is_alive
from functions.shared.journal.formats import Move, State
from functions.shared.journal.store import Journal, read_legible
from functions.shared.log import log

FOLDER = "moves/"


@dataclass(frozen=True)
class Moves:
    """What `moves/` of the journal orders, compared with the sheet."""

    journal: Journal

    def __bool__(self) -> bool:
        return bool(self.journal.keys(FOLDER))

    def look(
        self,
        before: Mapping[str, State],
        now: Mapping[str, State],
        references: Collection[str],
    ) -> dict[str, Move]:
        """The orders to carry out, by reference.

        An order dies as soon as somebody else follows its request, or the request is over or gone.
        A dead order is forgotten. An illegible one is logged and stays.

        Args:
            before: each request as the last sweep knew it.
            now: each request as it is.
            references: all references in Demandes, also those that stand twice.

        Raises:
            JournalError: the journal does not answer.
        """
        orders = {}
        for key in self.journal.keys(FOLDER):
            reference = key.removeprefix(FOLDER)
            move = read_legible(self.journal, key, Move.from_json)
            known, state = before.get(reference), now.get(reference)
            if move is None or (reference in references and not (known and state)):
                continue  # gone, illegible, or not to be compared yet
            if known and state and is_alive(move, known) and is_alive(move, state):
                orders[reference] = move
            else:
                self.journal.delete(key)
                log("INFO", "move is over", reference=reference)
        return orders
