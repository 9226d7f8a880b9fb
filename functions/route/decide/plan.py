"""The plan of one batch: what is written into the sheet, and what the journal keeps. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from functions.route.arrival import Arrival
from functions.route.commit.row_edits import HASHED
from functions.route.decide.applicants import receipt
from functions.route.decide.assignment import assign
from functions.route.decide.completion import Completion
from functions.route.decide.drafts import HASHED_OF, NO_TABLE_WORK, TableWork
from functions.route.decide.history import Event, status_of
from functions.route.decide.load import NO_LOAD, Load
from functions.route.decide.notices import Notice, mails, notices
from functions.route.decide.rows import event_row, remarks, request_row
from functions.route.read.sheet import Gathered
from functions.shared.concerns import Concern, concern_row, unnoted
from functions.shared.journal.formats import Batch, Dealt, OtherTab, Reached, WaitingMail
from functions.shared.sheets.fence import Fence, outdated
from functions.shared.sheets.port import Commit, RowEdit
from sheets_schema.columns import PARIS, Cell, as_text


@dataclass(frozen=True)
class Work:
    """What a batch is to do.

    `arrivals` become new rows. `completions` change rows that are there already. `concerns` become
    lines of À vérifier, and `events` lines of Suivi. `notices` become mails, beside those about
    arrivals and completions. `repeats` says which earlier request an arrival repeats, see
    `find_repeats`. `load` says how busy the referents are before the arrivals. `tables` is what it
    does to tables of rules and worked cases. `answers` are those from mails that it deals with.
    `letters` are mails to applicants, beside the receipts of arrivals; `mail_kinds` are the kinds
    that they get. `reached` are the requests that have come further. `ticks` are the edits of lines
    of À vérifier that are settled.
    """

    arrivals: Sequence[Arrival] = ()
    completions: Sequence[Completion] = ()
    concerns: Sequence[Concern] = ()
    events: Sequence[Event] = ()
    notices: Sequence[Notice] = ()
    repeats: Mapping[str, str] = field(default_factory=dict)
    load: Load = NO_LOAD
    tables: TableWork = NO_TABLE_WORK
    answers: Sequence[Dealt] = ()
    letters: Sequence[WaitingMail] = ()
    mail_kinds: Collection[str] = ()
    reached: Sequence[Reached] = ()
    ticks: Sequence[RowEdit] = ()

    def __bool__(self) -> bool:
        lists = (self.arrivals, self.completions, self.concerns, self.events, self.notices)
        return any(lists) or bool(self.tables or self.answers or self.letters or self.ticks)


@dataclass(frozen=True)
class Plan:
    """A batch in two forms: `commit` goes to the spreadsheet, `batch` to the journal."""

    commit: Commit
    batch: Batch


def plan_batch(fence: Fence, spreadsheet: str, work: Work, gathered: Gathered) -> Plan:
    """Decide one batch.

    Args:
        fence: the number that the batch claims.
        spreadsheet: the id of the spreadsheet that the batch is written into.
        work: what the batch is to do.
        gathered: what was read of the sheet.

    Raises:
        HeaderError: Demandes lacks a column, or has one twice.
    """
    now, today = fence.at, fence.at.astimezone(PARIS).date()
    rows: dict[str, dict[str, Cell]] = {}
    load = work.load
    concerns, events, notices_to_send = list(work.concerns), list(work.events), list(work.notices)
    letters = list(work.letters)
    for arrival in work.arrivals:
        entry, imported = arrival.entry, arrival.entry.imported
        to_qualify = bool(entry.doubt or imported)
        assignment = assign(arrival.request, gathered.lookup, today, load)
        said = remarks(
            is_test=arrival.request.is_test,
            repeated=work.repeats.get(arrival.name, "") or (imported.repeats if imported else ""),
            doubt=entry.doubt,
        )
        assignment = replace(assignment, reason=said + assignment.reason)
        row = request_row(arrival.request, assignment, now, to_qualify=to_qualify)
        rows[arrival.name] = row
        if not imported or imported.mails:
            status = status_of(as_text(row["status"]))
            notices_to_send += notices(arrival.request, arrival.reference, assignment, status)
        if letter := receipt(arrival, assignment.lead, gathered.lookup, work.mail_kinds, now):
            letters.append(letter)
        name = assignment.lead.name if assignment.lead else ""
        load = load.after(name, now)
        events.append(Event(arrival.reference, "assigned", "", name, name, assignment.reason))
        if assignment.doubt:
            concerns.append(Concern(arrival.reference, assignment.doubt, assignment.advice))
    for completion in work.completions:
        concerns += completion.concerns
        events += completion.events
        notices_to_send += completion.notices
    of_other_tabs = (*work.tables.edits, *work.ticks)
    # A workbook of version 1 has no column for what happened.
    if events and "event" not in gathered.reading.positions("tracking"):
        events = [event for event in events if event.kind in _FIRST_EVENTS]
    batch = Batch(
        fence,
        spreadsheet,
        gathered.reading.positions("requests") if work.arrivals or work.completions else {},
        HASHED,
        tuple(arrival.filed for arrival in work.arrivals),
        (*(completion.edit for completion in work.completions), *of_other_tabs),
        (*mails(notices_to_send), *letters),
        {as_text(row["reference"]): row for row in rows.values()},
        {
            key: OtherTab(
                gathered.reading.tabs[key].sheet_id, gathered.reading.positions(key), HASHED_OF[key]
            )
            for key in dict.fromkeys(edit.tab for edit in of_other_tabs)
        },
        tuple(work.answers),
        tuple(work.reached),
    )
    commit = Commit(
        fence,
        spreadsheet,
        gathered.reading,
        {
            "requests": list(rows.values()),
            "to_check": [
                concern_row(concern, now) for concern in unnoted(concerns, gathered.noted)
            ],
            "tracking": [event_row(event, now) for event in events],
        },
        batch.edits,
        outdated(gathered.state.fences, now),
        work.tables.tabs,
    )
    return Plan(commit, batch)


# What a line of Suivi without an event means: that a referent has the request anew.
_FIRST_EVENTS = ("assigned", "completed", "handed_over")
