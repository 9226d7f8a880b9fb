"""Notices: what referents are told about the requests they get. Pure."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass

from functions.route.assignment import Assignment
from functions.route.lookup import Referent
from functions.shared import letter
from functions.shared.letter import Mail, some
from sheets_schema.columns import Cell, as_text
from sheets_schema.schema import TEST_SOURCE

SHOWN = 15  # requests in one mail: the sheet shows the others


@dataclass(frozen=True)
class Told:
    """One request in a notice: who asks, for what, where, and who follows it and why.

    `if_meant` tells a row that is completed: it may turn out not to be the one that was meant.
    `test` tells a trial, of which only whoever sent it hears.
    """

    reference: str
    person: str
    project: str
    target: str
    lead: str
    reason: str
    if_meant: bool = False
    test: bool = False


@dataclass(frozen=True)
class Notice:
    """What one person is told about one batch; trials and real requests are told apart."""

    email: str
    name: str
    requests: tuple[Told, ...]

    @property
    def test(self) -> bool:
        """Whether it is about trials."""
        return self.requests[0].test

    def for_outbox(self, meant: Collection[str]) -> bytes | None:
        """The outbox object, without the rows that were not meant; None if nothing is left."""
        kept = tuple(one for one in self.requests if not one.if_meant or one.reference in meant)
        if not kept:
            return None
        return json.dumps(asdict(Notice(self.email, self.name, kept))).encode()

    @classmethod
    def from_json(cls, body: bytes | str) -> "Notice":
        """Read an outbox object back."""
        data = json.loads(body)
        return cls(data["email"], data["name"], tuple(Told(**one) for one in data["requests"]))


def told(
    reference: str, cells: dict[str, Cell], assignment: Assignment, *, if_meant: bool = False
) -> list[tuple[Referent, Told]]:
    """Everybody a row's assignment concerns, with what they are told; the lead comes first.

    Of a trial only its sender is told, if they gave an address.
    """
    if not assignment.lead:
        return []
    lead = assignment.lead
    person = f"{as_text(cells.get('first_name'))} {as_text(cells.get('last_name'))}".strip()
    test = as_text(cells.get("source")) == TEST_SOURCE
    one = Told(
        reference,
        person,
        as_text(cells.get("project")),
        as_text(cells.get("target")),
        lead.name,
        assignment.reason,
        if_meant,
        test,
    )
    if test:
        email = as_text(cells.get("email"))
        return [(Referent(person, email), one)] if email else []
    return [(referent, one) for referent in (lead, *assignment.others)]


def notices(all_told: Iterable[tuple[Referent, Told]]) -> tuple[Notice, ...]:
    """One notice for each referent, whatever the number of requests; trials have their own."""
    by_email: dict[tuple[str, bool], tuple[Referent, list[Told]]] = {}
    for referent, one in all_told:
        whose = (referent.email.casefold(), one.test)
        by_email.setdefault(whose, (referent, []))[1].append(one)
    return tuple(
        Notice(referent.email, referent.name, tuple(requests))
        for referent, requests in by_email.values()
    )


def render(waiting: Sequence[Notice], workbook: str) -> Mail:
    """The mail that tells one person what the notices that wait for them say.

    Args:
        waiting: notices to the same person, at least one; all about trials, or none.
        workbook: where people open the spreadsheet.
    """
    requests = [one for notice in waiting for one in notice.requests]
    test = waiting[0].test
    count = some(len(requests), "demande")
    subject = f"Oh my Lot ! {'ESSAI : ' if test else ''}{count} pour vous"
    values = {
        "name": waiting[0].name,
        "requests": requests,
        "test": test,
        "shown": SHOWN,
        "workbook": workbook,
    }
    return letter.render("functions.route", "notice", subject, values)
