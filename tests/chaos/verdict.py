"""Whether what is owed was given: the invariants, once everything has come to rest."""

from collections.abc import Iterator

from tests.chaos.ledger import (
    FILLABLE,
    TOKEN,
    Ledger,
    Line,
    Sent,
    Wrong,
    by_marker,
    census,
)

# What may become of a request, and the scorecard's line that counts it.
FATES = {"lost": 2, "doubled": 3, "resurrected": 5}


def wrongs(ledger: Ledger, lines: list[Line], addresses: dict[str, str]) -> Iterator[Wrong]:
    """Everything that is not as it should be; `addresses` are the referents' by name."""
    yield from ledger.wrong
    yield from _rows(ledger, lines)
    yield from (Wrong(5, text) for text in _strays(ledger, lines))
    yield from _cells(ledger, lines)
    yield from (Wrong(11, text) for text in _mails(ledger, addresses))
    yield from (Wrong(11, text) for text in _assignments(ledger, lines, addresses))


def fates(ledger: Ledger, lines: list[Line]) -> Iterator[tuple[str, Sent]]:
    """The requests that are not one row each, and what became of them.

    A row too many is resurrected where people deleted the request's row, else doubled.
    """
    now = census(lines)
    for sent in ledger.sent.values():
        by_people = ledger.by_people[sent.email]
        written = now[sent.email] - by_people
        if written > 1:
            yield "resurrected" if by_people < 0 else "doubled", sent
        elif written < (1 if sent.reference else 0):
            yield "lost", sent


def _rows(ledger: Ledger, lines: list[Line]) -> Iterator[Wrong]:
    """Each promised request is one row, and what people deleted is away."""
    for fate, sent in fates(ledger, lines):
        promise = sent.reference or "not promised"
        yield Wrong(FATES[fate], f"{fate}: {sent.email} ({promise})")


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
    for marker, found in by_marker(lines).items():
        if marker in ledger.copied or len(found) != 1:
            continue
        (line,) = found
        typed = ledger.typed.get(marker, {})
        for title, value in typed.items():
            now = line.get(title, "")
            if now != value and not (value == "" and title in FILLABLE):
                text = f"{marker}, {title}: people's « {value} » is now « {now} »"
                yield Wrong(11 if title == "Référent" else 5, text)
        for title, value in _given(ledger.sent.get(marker)).items():
            if title not in typed and line.get(title, "") != value:
                yield Wrong(5, f"{marker}, {title}: « {value} » is now « {line.get(title, '')} »")


def _given(sent: Sent | None) -> dict[str, str]:
    if sent is None or sent.reference is None:
        return {}
    return {
        "Référence": sent.reference,
        "Nom": sent.fields["last_name"],
        "Courriel": sent.email,
        "Message": sent.fields["message"],
        "Statut": "À contacter",
    }


def _assignments(ledger: Ledger, lines: list[Line], addresses: dict[str, str]) -> Iterator[str]:
    """References are unique; who follows a row, that it says why, and that they were told."""
    references = [line["Référence"] for line in lines if line.get("Référence")]
    if len(set(references)) < len(references):
        yield f"references stand twice: {sorted(references)}"
    for line in lines:
        marker = next(iter(by_marker([line])), None)
        if marker and marker not in ledger.copied:
            yield from _assignment(ledger, marker, line, addresses)


def _mails(ledger: Ledger, addresses: dict[str, str]) -> Iterator[str]:
    """Everybody was told, also of rows that people deleted since."""
    for sent in ledger.sent.values():
        for name in (sent.lead, *sent.others) if sent.reference else ():
            if not ledger.told(sent.reference, addresses[name]):
                yield f"{name} was not told of {sent.reference}"


def _assignment(
    ledger: Ledger, marker: str, line: Line, addresses: dict[str, str]
) -> Iterator[str]:
    if _is_complete(line):
        for title in ("Référence", "Référent", "Pourquoi ce référent"):
            if not line.get(title):
                yield f"{marker}: {title} is blank"
    if ledger.typed.get(marker, {}).get("Référent"):
        return
    sent, lead = ledger.sent.get(marker), line.get("Référent", "")
    if sent and lead != sent.lead:
        yield f"{marker}: {lead} instead of {sent.lead}"
    if lead and line.get("Référence") and not ledger.told(line["Référence"], addresses[lead]):
        yield f"{lead} was not told of {line['Référence']}"


def _is_complete(line: Line) -> bool:
    return bool(line.get("Nom") and line.get("Projet principal") and line.get("Territoire visé"))
