"""The rows that were in a sheet before it was adopted, and whose referents people choose."""

from collections.abc import Mapping
from dataclasses import dataclass

from functions.shared.errors import JournalError
from functions.shared.journal.formats import Adopted, State
from functions.shared.journal.store import Journal, legible

FOLDER = "adopted/"
# After the names of earlier versions, which go on from this number after a rollback.
_KEY = f"{FOLDER}999999999-rows"


@dataclass(frozen=True)
class AdoptedRows:
    """Knows the adopted rows that have had no referent yet. Sweeps leave them to people.

    The journal keeps them in one object. Earlier versions named it by a number and a hash; such
    names sort before the present one, so the last of the folder counts.
    """

    journal: Journal

    def look(self, states: Mapping[str, State]) -> frozenset[str]:
        """The references to leave alone. A row that has a referent is from now on like any other.

        Args:
            states: each request as it is.

        Raises:
            JournalError: the journal does not answer, or the object is not legible. Then nothing
                is assigned: these rows must not be mistaken for others.
        """
        references = self.references()
        followed = {name for name in references if name in states and states[name].referent}
        if followed:
            self.keep(references - followed)
            return references - followed
        return references

    def references(self) -> frozenset[str]:
        """The references that the journal keeps."""
        keys = self.journal.keys(FOLDER)
        if not keys:
            return frozenset()
        body = self.journal.read(keys[-1])
        if body is None:  # another sweep has just replaced it
            raise JournalError("Le journal change à cet instant.")
        with legible(keys[-1]):
            return Adopted.from_json(body).references

    def keep(self, references: frozenset[str]) -> None:
        """Replace what the journal keeps; nothing is kept of no references."""
        if references:
            self.journal.replace(_KEY, Adopted(references).to_json())
        for key in self.journal.keys(FOLDER):
            if key != _KEY or not references:
                self.journal.delete(key)
