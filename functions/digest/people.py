"""The referents as the digests see them, and who stands in for whom. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from functions.shared.absence import is_absent, last_day
from sheets_schema.tab import Row
from sheets_schema.text import normalise


@dataclass(frozen=True)
class Person:
    """A row of Référents; `email` is "" if the address is missing or cannot be read."""

    row: int
    name: str
    email: str = ""
    active: bool = True
    absent_from: date | None = None
    absent_until: date | None = None
    substitute: str = ""
    weekly_mail: bool = True

    def is_absent(self, today: date) -> bool:
        """See `absence.is_absent`."""
        return is_absent(self.absent_from, self.absent_until, today)


People = Mapping[str, Person]  # by normalised name


def read_people(rows: Sequence[Row]) -> dict[str, Person]:
    """The people of Référents by normalised name; of two of one name the first counts."""
    people: dict[str, Person] = {}
    for row in rows:
        values = row.values
        if values["name"]:
            people.setdefault(
                normalise(values["name"]),
                Person(
                    row.number,
                    values["name"],
                    values["email"] or "",
                    bool(values["active"]),
                    values["absent_from"],
                    last_day(values),
                    values["substitute"] or "",
                    bool(values.get("weekly_mail", True)),
                ),
            )
    return people


def attends(name: str, people: People, today: date) -> Person | None:
    """Who looks after somebody's requests today: themselves, or whoever stands in for them.

    None if nobody does: the person is unknown or no longer active, or is absent and all who could
    stand in are, too.
    """
    person = people.get(normalise(name))
    if person is None or not person.active:
        return None
    seen = set()
    while person and person.active and person.is_absent(today):
        if person.row in seen:
            return None
        seen.add(person.row)
        person = people.get(normalise(person.substitute))
    return person if person and person.active else None
