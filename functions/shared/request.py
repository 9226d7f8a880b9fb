"""A request for welcome, in the same shape whether it comes from the form or from a row. Pure."""

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from functions.shared.reference import in_cell
from sheets_schema.columns import Cell, as_text
from sheets_schema.contact import parse_phone, phone_region
from sheets_schema.errors import CellError
from sheets_schema.schema import CLOSED_STATUSES, TEST_SOURCE, answer_columns, vocabulary
from sheets_schema.tab import cell_at, tab
from sheets_schema.territory import Target, Territories
from sheets_schema.text import normalise
from sheets_schema.wire import Reading

_UNKNOWN = Target()


@dataclass(frozen=True)
class Project:
    """What somebody wants to do; `sector` is None if they did not say."""

    type: str
    sector: str | None = None


@dataclass(frozen=True)
class Request:
    """Who asks for what, and how far it is.

    `values` holds typed values by column of Demandes; a cell that is blank or cannot be read has no
    value. `unreadable` names the columns whose cells cannot be read. The first of the `projects`
    leads; a row tells the others in words. `target` is where the person wants to live.
    """

    values: Mapping[str, Any]
    projects: tuple[Project, ...] = ()
    target: Target = _UNKNOWN
    unreadable: frozenset[str] = frozenset()

    @classmethod
    def from_submission(
        cls,
        submission: Mapping[str, Any],
        reference: str,
        received_at: datetime,
        official: Territories,
        cells: Mapping[str, str] | None = None,
    ) -> "Request":
        """Make a request of the form's answers.

        The schema says which answer goes to which column, see `answer_columns`.

        Args:
            submission: answers that the schema allows.
            reference: the reference that the applicant was given.
            received_at: when the submission was recorded.
            official: communes and intercommunalités.
            cells: texts by column of Demandes that come with the answers; see `Imported`.

        Raises:
            KeyError, TypeError, AttributeError: `submission` is not a submission.
        """
        lead, *others = submission["projects"]
        where, typed = submission["target"], cls.from_cells(cells or {}, official)
        target = Target(
            tuple(where.get("communes", ())), tuple(where.get("epcis", ())), "anywhere" in where
        )
        if typed["target"]:
            target = typed.target
        values = {
            column: _answer(submission, place) for place, column in answer_columns().items()
        } | {
            "reference": reference,
            "received_at": received_at,
            "target": official.format(target),
            "other_projects": " ; ".join(map(_in_words, others)),
            **typed.values,
        }
        return cls(
            {column: value for column, value in values.items() if value not in (None, "", ())},
            (
                *(Project(part["type"], part.get("sector")) for part in (lead, *others)),
                *_further_projects(typed["other_projects"] or ""),
            ),
            target,
        )

    @classmethod
    def from_cells(cls, cells: Mapping[str, Cell], official: Territories) -> "Request":
        """Make a request of the cells of a row, or of a partner's list.

        Args:
            cells: cells by column of Demandes; any column may be left out.
            official: communes and intercommunalités.
        """
        values: dict[str, Any] = {}
        unreadable = set()
        columns = tab("requests")
        for key, cell in cells.items():
            if as_text(cell):
                try:
                    values[key] = (
                        parse_phone(as_text(cell), _region(cells))
                        if key == "phone"
                        else columns[key].type.parse(cell)
                    )
                except CellError:
                    unreadable.add(key)
        try:
            target = official.parse(values.get("target", ""))
        except CellError:
            target = _UNKNOWN
            unreadable.add("target")
        project = values.get("project")
        lead = (Project(project, values.get("sector")),) if project else ()
        further = _further_projects(values.get("other_projects", "")) if project else ()
        return cls(values, (*lead, *further), target, frozenset(unreadable))

    def __getitem__(self, column: str) -> Any:  # noqa: ANN401  (whatever the column holds)
        return self.values.get(column)

    @property
    def reference(self) -> str:
        """The reference that the applicant was given; "" if the row has no reference yet.

        A cell of Référence may hold something else: partners use it for titles between rows.
        """
        return in_cell(str(self["reference"] or ""))

    @property
    def person(self) -> str:
        """First and last name."""
        return " ".join(str(self[key]) for key in ("first_name", "last_name") if self[key])

    @property
    def region(self) -> str | None:
        """The country whose phone numbers need no country code; see `phone_region`."""
        return _region(self.values)

    @property
    def is_test(self) -> bool:
        """Whether the request was sent to try the system."""
        return bool(self["source"] == TEST_SOURCE)

    @property
    def is_closed(self) -> bool:
        """Whether the request needs nothing more, by its status."""
        return self["status"] in CLOSED_STATUSES


@dataclass(frozen=True)
class RequestRow:
    """A request in its row of Demandes; `number` is the number of the row, the header being 1."""

    number: int
    request: Request


def read_requests(
    reading: Reading, columns: Sequence[str], official: Territories
) -> list[RequestRow]:
    """The rows of Demandes that are not blank in all of some columns.

    A row that has nothing but a partner's title in Référence is no request.

    Args:
        reading: a reading of Demandes, of the whole tab or of these columns.
        columns: the columns to read of each row.
        official: communes and intercommunalités.

    Raises:
        HeaderError: one of these columns is missing, or stands there twice.
    """
    positions = reading.positions("requests", columns)
    places = {key: positions[key] for key in columns if key in positions}
    rows = []
    for number, line in enumerate(reading.tabs["requests"].grid[1:], start=2):
        cells = {key: cell_at(line, place) for key, place in places.items()}
        texts = {key: as_text(cell) for key, cell in cells.items()}
        if in_cell(texts.pop("reference", "")) or any(texts.values()):
            rows.append(RequestRow(number, Request.from_cells(cells, official)))
    return rows


def contacts(submission: Mapping[str, Any]) -> tuple[str, ...]:
    """What identifies the sender of a submission: the address, and the phone number in E.164."""
    given = (str(submission.get("email", "")).casefold(), str(submission.get("phone", "")))
    return tuple(contact for contact in given if contact)


def _region(cells: Mapping[str, Cell]) -> str | None:
    """The country of the phone number in a row, by the person's address; see `phone_region`."""
    country, postcode = (as_text(cells.get(key)) for key in ("origin_country", "origin_postcode"))
    return phone_region(country, postcode)


def _answer(submission: Mapping[str, Any], place: str) -> Any:  # noqa: ANN401  (a JSON value)
    """The answer at a place of the form; where a person gives several projects, the first one's."""
    value: Any = submission
    for step in place.replace("[]", ".0").split("."):
        if value is None:
            return None
        value = value[0] if step == "0" else value.get(step)
    return tuple(value) if isinstance(value, list) else value


def _further_projects(text: str) -> tuple[Project, ...]:
    """The projects that a cell of Autres projets tells, as `_in_words` writes them.

    A project begins with its label, at the beginning or after a separator. What stands before the
    first one is left out: people also write there what they like.
    """
    projects = []
    for part in re.split("[;\n]", text):
        borders = [0, *(match.end() for match in _BEFORE_A_PROJECT.finditer(part))]
        begun = [(at, kind) for at in borders if (kind := _project_at(part, at))]
        for (start, kind), (end, _) in pairwise([*begun, (len(part), "")]):
            words = f" {normalise(_BEFORE_A_PROJECT.sub(' ', part[start:end]))} "
            sectors = [key for label, key in _spelled("sector") if words.endswith(f" {label} ")]
            projects.append(Project(kind, sectors[0] if sectors else None))
    return tuple(projects)


_LONGEST_LABEL = 100  # characters; no label is longer
_BEFORE_A_PROJECT = re.compile(r"[,/&+]|\s(?:et|ou)\s", re.IGNORECASE)


def _project_at(part: str, at: int) -> str:
    """The project whose label stands at a place of a text, "" for none.

    Within a text, « Autre » is somebody's occupation rather than a project.
    """
    words = f"{normalise(part[at : at + _LONGEST_LABEL])} "
    kinds = (kind for label, kind in _spelled("project") if words.startswith(f"{label} "))
    kind = next(kinds, "")
    return "" if at and kind in ("other", "unknown") else kind


@functools.cache
def _spelled(kind: str) -> list[tuple[str, str]]:
    """The labels of a vocabulary as they are compared, with their values; the longest first.

    A label may go without the explanation that it has in brackets.
    """
    labels = {
        normalise(text): value
        for value, label in vocabulary(kind).items()
        for text in (label, label.partition(" (")[0])
    }
    return sorted(labels.items(), key=lambda item: -len(item[0]))


def _in_words(project: Mapping[str, str]) -> str:
    words = [vocabulary("project")[project["type"]]]
    if "occupation" in project:
        words.append(project["occupation"])
    if "sector" in project:
        words.append(vocabulary("sector")[project["sector"]])
    return ", ".join(words)
