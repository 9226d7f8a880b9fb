"""The rows that were in a sheet before it was adopted, and whose referents people choose."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from functions.shared.errors import JournalError
from functions.shared.journal.formats import Adopted, State
from functions.shared.journal.store import Journal, legible

FOLDER = "adopted/"


@dataclass
class AdoptedRows:
    """Knows the adopted rows that have had no referent yet. Sweeps leave them to people.

    The journal keeps them in one object; the newest counts. Its name is a number and a hash of what
    it holds, so what was read is remembered by its name.
    """

    journal: Journal
    _read: tuple[str, frozenset[str]] = field(default=("", frozenset()), init=False)

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
        key = keys[-1]
        if self._read[0] != key:
            body = self.journal.read(key)
            if body is None:  # another sweep has just replaced it
                raise JournalError("Le journal change à cet instant.")
            with legible(key):
                self._read = (key, Adopted.from_json(body).references)
        return self._read[1]

    def keep(self, references: frozenset[str]) -> None:
        """Replace what the journal keeps. Cut off in the middle, the newer object counts."""
        keys = self.journal.keys(FOLDER)
        number = int(keys[-1].removeprefix(FOLDER).partition("-")[0]) + 1 if keys else 1
        body = Adopted(references).to_json()
        if references:
            name = f"{number:09}-{hashlib.sha256(body).hexdigest()[:12]}"
            self.journal.create(f"{FOLDER}{name}", body)
        for key in keys:
            self.journal.delete(key)
