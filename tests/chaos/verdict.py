"""Whether what is owed was given: the invariants, once everything has come to rest."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from functions.route.decide.wishes import WORDS
from functions.shared.links import LABELS
from sheets_schema.schema import vocabulary
from tests.chaos.ledger import (
    FILLABLE,
    REFERENCE,
    TOKEN,
    Kind,
    Ledger,
    Line,
    Release,
    Sent,
    Wrong,
    by_marker,
    census,
)
from tests.chaos.replies import EXACTLY, ORDER, Replies

# What may become of a request, and the scorecard's line that counts it.
FATES = {"lost": 2, "doubled": 3, "resurrected": 5}
_UNPROVEN = "Sans vérification anti-robot"
# How the reason in a row begins.
REMARKS = {Kind.TRIAL: "ESSAI : ", Kind.DOUBTFUL: _UNPROVEN, Kind.SUSPECT: _UNPROVEN}


def wrongs(
    ledger: Ledger,
    lines: list[Line],
    addresses: dict[str, str],
    aside: Collection[str] = (),
    noted: Sequence[Line] = (),
) -> Iterator[Wrong]:
    """Everything that is not as it should be.

    Args:
        ledger: the account.
        lines: the rows of Demandes.
        addresses: the referents', by name.
        aside: the references of what is set aside, as the operator sees them.
        noted: the lines of À vérifier.
    """
    yield from ledger.wrong
    yield from _rows(ledger, lines)
    yield from _suspects(ledger, lines, aside)
    yield from (Wrong(5, text) for text in _strays(ledger, lines))
    yield from _cells(ledger, lines)
    yield from (Wrong(11, text) for text in _mails(ledger, addresses))
    yield from (Wrong(11, text) for text in _strangers(ledger, addresses))
    places = {line.get("Où", "") for line in noted}
    yield from (Wrong(11, text) for text in _assignments(ledger, lines, addresses, places))
    yield from (Wrong(11, text) for text in _orders(lines, places))


def unnamed(aside: Collection[str], noted: list[Line]) -> Iterator[Wrong]:
    """Whatever is set aside, at any moment, is named in À vérifier.

    Args:
        aside: as above.
        noted: the lines of À vérifier; one of a day stands for all that it does not name.
    """
    subjects = [line.get("Sujet", "") for line in noted]
    if not any(subject.startswith("Demandes suspectes, mises à part le ") for subject in subjects):
        for reference in {*aside} - {line.get("Où") for line in noted}:
            yield Wrong(2, f"hidden: {reference} is set aside, and nobody is told")


def unfinished(
    replies: Replies, waiting: Collection[str], history: Iterable[Line], noted: Collection[str]
) -> Iterator[Wrong]:
    """The answers from mails that came to no end, or to two.

    Args:
        replies: the account.
        waiting: the names of the answers that are still in the journal.
        history: the lines of Suivi.
        noted: the requests that À vérifier names.
    """
    done, taken_back = _answered(history, ("answered", "closed"))
    owed: Counter[tuple[str, str]] = Counter()
    pressed: Counter[tuple[str, str]] = Counter()
    for offer in replies.offers:
        what = offer.reference, LABELS[offer.choice]
        pressed[what] += offer.pressed
        if offer.name not in waiting:
            owed[what] += offer.kept and offer.choice != "renew"
        elif offer.reference not in noted:
            yield Wrong(18, f"{what} waits, and nobody is told")
    for what, count in owed.items():
        if done[what] + replies.refused[what] < count:
            yield Wrong(18, f"{what}: {count} answers, {done[what]} applied, the others not told")
    for what, count in done.items():
        if count > pressed[what] and what[0] not in taken_back:
            yield Wrong(18, f"{what}: applied {count} times, pressed {pressed[what]} times")


def unheard(
    replies: Replies,
    waiting: Collection[str],
    lines: Iterable[Line],
    history: Iterable[Line],
    noted: Collection[str],
) -> Iterator[Wrong]:
    """What applicants said that came to no end, or to two; see `unfinished`."""
    done, _ = _answered(history, ("heard",))
    there = {line.get("Référence", "") for line in lines}
    owed: Counter[tuple[str, str]] = Counter()
    pressed: Counter[tuple[str, str]] = Counter()
    for name, said in replies.wished.items():
        reference, wish = said.link.reference, said.link.choice
        what = reference, WORDS[wish]
        pressed[what] += said.pressed
        if name in waiting:
            if reference not in noted:
                yield Wrong(18, f"{what} waits, and nobody is told")
        elif said.kept and reference in there:
            owed[what] += 1
        elif said.kept and wish != "well" and not done[what] and reference not in noted:
            yield Wrong(18, f"{what}: its row is deleted, and nobody is told")
    for what in {*owed, *done}:
        if not owed[what] <= done[what] <= pressed[what]:
            yield Wrong(
                18, f"{what}: said {owed[what]} to {pressed[what]} times, heard {done[what]} times"
            )


def _answered(
    history: Iterable[Line], events: Collection[str]
) -> tuple[Counter[tuple[str, str]], set[str]]:
    """How often each answer was applied to each request, and the requests with a correction."""
    kinds = {vocabulary("event")[event] for event in events}
    done: Counter[tuple[str, str]] = Counter()
    taken_back = set()
    for line in history:
        reference, event = line.get("Référence", ""), line.get("Événement")
        if event == vocabulary("event")["corrected"]:
            taken_back.add(reference)
        said = re.match("« (.+?) »", line.get("Pourquoi ce référent", ""))
        if said and event in kinds:
            done[reference, said[1]] += 1
    return done, taken_back


def fates(ledger: Ledger, lines: list[Line]) -> Iterator[tuple[str, Sent]]:
    """The requests that are not as many rows as they should be, and what became of them.

    A row too many is resurrected where people deleted the request's row, else doubled.
    """
    now = census(lines)
    for sent in ledger.sent.values():
        by_people = ledger.by_people[sent.email]
        written = now[sent.email] - by_people
        least, most = sent.rows
        if written > most:
            yield "resurrected" if by_people < 0 else "doubled", sent
        elif written < least:
            yield "lost", sent


def _rows(ledger: Ledger, lines: list[Line]) -> Iterator[Wrong]:
    """Each promised request is one row, and what people deleted is away."""
    for fate, sent in fates(ledger, lines):
        promise = sent.reference or "not promised"
        yield Wrong(FATES[fate], f"{fate}: {sent.email} ({promise})")


def _suspects(ledger: Ledger, lines: list[Line], aside: Collection[str]) -> Iterator[Wrong]:
    """A suspect is either set aside or a row; which of the two is the operator's decision."""
    now = census(lines)
    for sent in ledger.sent.values():
        if sent.kind is not Kind.SUSPECT or sent.reference is None:
            continue
        written = now[sent.email] - ledger.by_people[sent.email]
        if sent.reference in aside:
            if sent.release is Release.DONE:
                yield Wrong(3, f"{sent.email} ({sent.reference}) is released, and still set aside")
        elif not written:
            yield Wrong(2, f"lost: {sent.email} ({sent.reference}) is neither a row nor set aside")


def _strays(ledger: Ledger, lines: list[Line]) -> Iterator[str]:
    """What people typed is there, as often as they typed it."""
    now = census(lines)
    for text in {*now, *ledger.by_people} - ledger.sent.keys():
        if written := now[text] - ledger.by_people[text]:
            yield f"people's « {text} »: {written:+}"


def _cells(ledger: Ledger, lines: list[Line]) -> Iterator[Wrong]:
    """No token is left, no cell that people typed is changed, nor any that applicants filled."""
    for line in lines:
        yield from (Wrong(11, f"token left: {cell}") for cell in line.values() if TOKEN in cell)
    for marker, rows in by_marker(lines).items():
        if marker in ledger.copied or len(rows) != 1:
            continue
        (line,) = rows
        typed = ledger.typed.get(marker, {})
        for title, value in typed.items():
            now = line.get(title, "")
            reference = line.get("Référence", "")
            if now != value and not _may_follow(ledger, reference, marker, title, value, now):
                text = f"{marker}, {title}: people's « {value} » is now « {now} »"
                yield Wrong(11 if title == "Référent" else 5, text)
        yield from _address(ledger, marker, line)
        for title, value in _given(ledger.sent.get(marker)).items():
            now = line.get(title, "")
            if title == "Statut" and now in ledger.replies.may_be(line.get("Référence", ""), value):
                continue
            if title not in typed and now != value:
                yield Wrong(5, f"{marker}, {title}: « {value} » is now « {line.get(title, '')} »")


def _address(ledger: Ledger, marker: str, line: Line) -> Iterator[Wrong]:
    """An applicant's correction takes the place of the address to which their mail went."""
    reference, now = line.get("Référence", ""), line.get(EXACTLY, marker)
    if EXACTLY in ledger.typed.get(marker, {}) or marker not in ledger.sent:
        return
    if now not in ledger.replies.addresses(reference, marker):
        yield Wrong(5, f"{marker} is now « {now} », which nobody asked for")
    corrected = [
        said
        for said in ledger.replies.wished.values()
        if said.kept and said.link.reference == reference and said.link.choice == "email"
    ]
    if now == marker and any(said.address == marker for said in corrected):
        yield Wrong(18, f"{marker}: a correction is lost")


def _may_follow(
    ledger: Ledger, reference: str, marker: str, title: str, value: str, now: str
) -> bool:
    """Whether the system may have put `now` in the place of what a person typed.

    It fills what is blank. An answer from a mail changes the status that the mail showed, and « Pas
    pour moi » hands the request back. An order hands over the status, and the referent under whom
    it was given. Whoever handed a request over joins the others. If people give a request back to
    somebody between two sweeps, nobody can see that it was with somebody else when the order was
    given.
    """
    if value == "":
        return title in FILLABLE
    if title == "Statut":
        return now in ledger.replies.may_be(reference, value)
    if title == EXACTLY:
        return now in ledger.replies.addresses(reference, value)
    if title == "Référent":
        refused = [
            offer.referent
            for offer in ledger.replies.about(reference)
            if offer.choice == "not_mine"
        ]
        if value in refused:
            return True
        return value in ledger.orders.get(marker, ()) or marker in ledger.returned
    return title == "Autres référents" and now.startswith(value)


def _orders(lines: list[Line], noted: Collection[str]) -> Iterator[str]:
    """An order is carried out, or À vérifier says why not."""
    for line in lines:
        reference = line.get("Référence", "")
        owed = line.get("Statut") == ORDER and REFERENCE.fullmatch(reference)
        if owed and reference not in noted:
            yield f"{reference}: an order is neither carried out nor noted"


def _given(sent: Sent | None) -> dict[str, str]:
    if sent is None or sent.reference is None:
        return {}
    return {
        "Référence": sent.reference,
        "Nom": sent.fields["last_name"],
        "Courriel": sent.email,
        "Message": sent.fields["message"],
        "Statut": "À qualifier" if sent.kind.posted else "À contacter",
    }


def _assignments(
    ledger: Ledger, lines: list[Line], addresses: dict[str, str], noted: Collection[str]
) -> Iterator[str]:
    """References are unique; who follows a row, that it says why, and that they were told."""
    references = [line["Référence"] for line in lines if line.get("Référence")]
    if len(set(references)) < len(references):
        yield f"references stand twice: {sorted(references)}"
    for line in lines:
        marker = next(iter(by_marker([line])), None)
        if marker and marker not in ledger.copied:
            yield from _assignment(ledger, marker, line, addresses, noted)


def _mails(ledger: Ledger, addresses: dict[str, str]) -> Iterator[str]:
    """Everybody was told, also of rows that people deleted since."""
    for sent in ledger.sent.values():
        least, _ = sent.rows
        for address in sent.addressees(addresses) if least and sent.reference else ():
            if not ledger.was_told(sent.reference, address):
                yield f"{address} was not told of {sent.reference}"


def _strangers(ledger: Ledger, addresses: dict[str, str]) -> Iterator[str]:
    """Of a trial only its sender was told, and of any other request its sender and staff."""
    by_reference = {sent.reference: sent for sent in ledger.sent.values()}
    for letter in ledger.letters:
        for reference in letter.references & by_reference.keys():
            sent = by_reference[reference]
            is_staff = letter.to in addresses.values() and sent.kind is not Kind.TRIAL
            if letter.to != sent.email and not is_staff:
                yield f"{letter.to} was told of {reference}, a {sent.kind.name} of {sent.email}"


def _assignment(
    ledger: Ledger, marker: str, line: Line, addresses: dict[str, str], noted: Collection[str]
) -> Iterator[str]:
    if _is_complete(line):
        for title in ("Référence", "Référent", "Pourquoi ce référent"):
            if not line.get(title) and line.get("Référence") not in noted:
                yield f"{marker}: {title} is blank"
    sent, lead = ledger.sent.get(marker), line.get("Référent", "")
    typed = ledger.typed.get(marker, {})
    if "Pourquoi ce référent" not in typed:
        yield from _remark(marker, sent, line.get("Pourquoi ce référent", ""))
    ordered = ledger.orders.get(marker, set())
    # While columns had moved, people saw somebody else, or something else, under Référent.
    unclear = not ordered <= addresses.keys()
    if (
        sent
        and not unclear
        and not typed.get("Référent")
        and lead != sent.lead
        and sent.lead not in ordered
        and not any(
            offer.choice == "not_mine" for offer in ledger.replies.about(sent.reference or "")
        )
    ):
        yield f"{marker}: {lead} instead of {sent.lead}"
    if typed.get("Référent") and not sent:
        return  # whoever types a row, and the referent with it, tells the referent
    trial = sent and sent.kind is Kind.TRIAL
    address = sent.email if sent and trial else addresses.get(lead, "")
    if address and line.get("Référence") and not ledger.was_told(line["Référence"], address):
        yield f"{address} was not told of {line['Référence']}"


def _remark(marker: str, sent: Sent | None, reason: str) -> Iterator[str]:
    """A reason says what a request is, before anything else."""
    remark = REMARKS.get(sent.kind) if sent else None
    said = next((remark for remark in REMARKS.values() if reason.startswith(remark)), None)
    if said != remark:
        yield f"{marker}: « {reason} » says {said or 'nothing'} instead of {remark or 'nothing'}"


def _is_complete(line: Line) -> bool:
    return bool(line.get("Nom") and line.get("Projet principal") and line.get("Territoire visé"))
