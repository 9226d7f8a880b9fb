"""Repeats: the same person writing again within three weeks, flagged and never merged. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.route.arrival import Arrival
from functions.shared.journal.formats import Batch, Entry
from functions.shared.request import contacts
from sheets_schema.schema import TEST_SOURCE

WINDOW = timedelta(days=21)


@dataclass(frozen=True)
class Sender:
    """Who sent one request, and when."""

    reference: str
    received_at: datetime
    contacts: tuple[str, ...]


def read_senders(body: bytes) -> tuple[datetime, tuple[Sender, ...]]:
    """When a batch of the journal was written, and who sent its requests; trials do not count.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: it is none.
    """
    batch = Batch.from_json(body)
    entries = [Entry.from_json(filed.body.encode()) for filed in batch.filed]
    senders = (
        Sender(entry.reference, entry.received_at, contacts(entry.submission))
        for entry in entries
        if entry.submission.get("source") != TEST_SOURCE
    )
    return batch.fence.at, tuple(senders)


def find_repeats(arrivals: Sequence[Arrival], filed: Iterable[Sender]) -> Mapping[str, str]:
    """The reference that each repeat among some arrivals repeats, by the arrival's name.

    It is the last one filed of those with the same address or phone number. A backlog is not
    always filed in the order in which it came, so the other one may have come a little later.

    Args:
        arrivals: the requests of one batch, in the order of their rows.
        filed: whose requests were filed before, the last one at the end.
    """
    asked = {contact for arrival in arrivals for contact in arrival.contacts}
    again = {arrival.reference for arrival in arrivals}  # filed once more, after a restored version
    last: dict[str, Sender] = {}

    def note(sender: Sender) -> None:
        last.update((contact, sender) for contact in sender.contacts if contact in asked)

    for sender in filed:
        if sender.reference not in again:
            note(sender)
    repeats = {}
    for arrival in arrivals:
        if arrival.request.is_test:
            continue
        received_at = arrival.entry.received_at
        known = [last[contact] for contact in arrival.contacts if contact in last]
        near = [sender for sender in known if abs(received_at - sender.received_at) <= WINDOW]
        if near:
            repeats[arrival.name] = max(near, key=lambda sender: sender.received_at).reference
        note(Sender(arrival.reference, received_at, arrival.contacts))
    return repeats
