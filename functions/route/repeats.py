"""Repeats: the same person writing again within three weeks, flagged and never merged. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from functions.route.rows import Entry, contacts, is_test

WINDOW = timedelta(days=21)


@dataclass(frozen=True)
class Sender:
    """Who sent one request, and when."""

    reference: str
    received_at: datetime
    contacts: tuple[str, ...]


def read_senders(batch: bytes) -> tuple[datetime, tuple[Sender, ...]]:
    """When a batch of the journal was written, and who sent its requests; trials do not count."""
    data: dict[str, Any] = json.loads(batch)
    entries = [json.loads(one["body"]) for one in data["filed"]]
    senders = (
        Sender(
            entry["reference"],
            datetime.fromisoformat(entry["received_at"]),
            contacts(entry["submission"]),
        )
        for entry in entries
        if not is_test(entry["submission"])
    )
    return datetime.fromisoformat(data["fence"]["at"]), tuple(senders)


def find_repeats(entries: Sequence[Entry], filed: Iterable[Sender]) -> Mapping[str, str]:
    """The reference that each repeat among some entries repeats, by the entry's name.

    It is the last one filed of those with the same address or phone number. A backlog is not
    always filed in the order in which it came, so the other one may have come a little later.

    Args:
        entries: the requests of one batch, in the order of their rows.
        filed: whose requests were filed before, the last one at the end.
    """
    asked = {contact for entry in entries for contact in entry.contacts}
    again = {entry.reference for entry in entries}  # filed once more, after a restored version
    last: dict[str, Sender] = {}

    def note(sender: Sender) -> None:
        last.update((contact, sender) for contact in sender.contacts if contact in asked)

    for sender in filed:
        if sender.reference not in again:
            note(sender)
    found = {}
    for entry in entries:
        if entry.test:
            continue
        known = [last[contact] for contact in entry.contacts if contact in last]
        near = [one for one in known if abs(entry.received_at - one.received_at) <= WINDOW]
        if near:
            found[entry.name] = max(near, key=lambda one: one.received_at).reference
        note(Sender(entry.reference, entry.received_at, entry.contacts))
    return found
