"""Repeats: the same person writing again within three weeks, flagged and never merged. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.route.arrival import Arrival
from functions.shared.journal.entries import Entry
from functions.shared.journal.formats import Batch
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
        ValueError, KeyError, TypeError, AttributeError: the object is no batch.
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
    """Find the arrivals whose sender has written before.

    Two requests have the same sender if they share an address or a phone number. Of several
    earlier requests the one that was filed last counts. A backlog is not always filed in the
    order in which it came, so the request that was filed before may have come a little later.

    Args:
        arrivals: the requests of one batch, in the order of their rows.
        filed: senders of requests that were filed before, the last one at the end.

    Returns:
        The reference of the earlier request, by the arrival's name.
    """
    asked = {contact for arrival in arrivals for contact in arrival.contacts}
    # A request that is filed again into a restored spreadsheet does not repeat itself.
    again = {arrival.reference for arrival in arrivals}
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
