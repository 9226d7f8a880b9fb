"""Shows what would become of a list before anything is written: as a page, as text. Pure."""

import functools
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jinja2

from infra.lists.contacts import goes_into_notes
from infra.lists.fates import FATES, Fate, Line
from infra.lists.proposing import Choice, Confidence, Proposal
from infra.lists.records import Record, Sample
from infra.lists.sheets import ListFile, Sheet
from infra.lists.words import targets, word_set
from infra.terminal import plain
from sheets_schema.place import PLACE
from sheets_schema.tab import column_letter
from sheets_schema.text import normalise, quoted, shortened

CONFIDENCES: Mapping[Confidence, str] = {
    "sure": "sûr",
    "ask": "à confirmer",
    "alone": "laissée de côté",
}
_SAMPLES = 3
_MOST_LINES = 1_000  # of a page; a longer one takes a browser too long
_MOST_REMARKS = 20  # of a text
_WIDTH = 34
_PLURALS: Mapping[Fate, str] = {
    "new": "nouvelles",
    "again": "relances",
    "there": "déjà importées",
    "refused": "refusées",
    "kept": "gardées",
}
# What whoever reads the page can do about rows with a fate.
_ADVICE: Mapping[Fate, str] = {
    "new": "À mettre dans Demandes par l'import, au statut « À qualifier ».",
    "again": "Déjà dans Demandes : une ligne de plus, marquée « Relance de … ».",
    "there": "Importé auparavant avec la même source : rien à faire.",
    "ask": "À corriger dans la liste, ou à importer tel quel avec --confirmed.",
    "declined": "Rien n'en est repris.",
    "refused": "À corriger dans rejets.csv, que l'import écrit, puis à importer de même.",
    "kept": "Elles restent telles quelles, et reçoivent une référence.",
}
_PLAIN: Collection[Fate] = ("new", "kept")  # rows of which there is nothing more to say
_TO_DECIDE: tuple[Fate, ...] = ("ask", "refused")
_TITLES = 5  # above a table, of those that are shown


@dataclass(frozen=True)
class ColumnView:
    """A column of a list: where it goes, how certain that is, and some cells before and after."""

    letter: str
    title: str
    targets: tuple[str, ...]
    confidence: Confidence
    why: str
    samples: tuple[Sample, ...]


@dataclass(frozen=True)
class SheetView:
    """What becomes of a sheet."""

    title: str
    header_row: int | None
    columns: tuple[ColumnView, ...]
    lines: tuple[Line, ...]
    remarks: tuple[str, ...]
    totals: Mapping[Fate, int] = field(default_factory=dict)

    @property
    def taken(self) -> list[ColumnView]:
        """The columns that become something."""
        return [column for column in self.columns if column.targets]

    @property
    def alone(self) -> list[ColumnView]:
        """The columns that are left alone."""
        return [column for column in self.columns if not column.targets]

    @property
    def to_look_at(self) -> list[Line]:
        """The rows of which something is to be known or decided."""
        return [line for line in self.lines if line.remarks or line.fate not in _PLAIN]

    @property
    def plain(self) -> list[Line]:
        """The rows that become requests, or stay, without a remark."""
        return [line for line in self.lines if not line.remarks and line.fate in _PLAIN]


def view(
    proposal: Proposal, records: Sequence[Record] = (), lines: Sequence[Line] = ()
) -> SheetView:
    """What becomes of a sheet.

    Args:
        proposal: what its columns become.
        records: its records, read by that.
        lines: what becomes of each record.
    """
    return SheetView(
        proposal.sheet.name or "",
        None if proposal.header_row is None else proposal.header_row + 1,
        tuple(_column(choice, records, proposal) for choice in proposal.choices),
        tuple(lines),
        tuple(_remarks(proposal)),
        Counter(line.fate for line in lines),
    )


def _column(choice: Choice, records: Sequence[Record], proposal: Proposal) -> ColumnView:
    index = choice.column.index
    if choice.targets:
        all_samples = (r.samples[index] for r in records if index in r.samples)
    else:
        texts = (proposal.sheet.text(row, index) for row in proposal.records.rows)
        all_samples = (Sample(text, "") for text in texts if text)
    return ColumnView(
        column_letter(index),
        choice.column.title,
        tuple(map(_goal, choice.targets)),
        choice.confidence,
        choice.why,
        tuple(dict.fromkeys(_first(all_samples))),
    )


def _goal(key: str) -> str:
    """Where the cells of a column go, for people."""
    target = targets()[key]
    return f"{target.title} (en note)" if goes_into_notes(key) else target.title


def _first(samples: Iterator[Sample]) -> Iterator[Sample]:
    for _, sample in zip(range(_SAMPLES), samples, strict=False):
        yield Sample(shortened(sample.before), shortened(sample.after))


def _remarks(proposal: Proposal) -> Iterator[str]:
    """What was recognised around the records, and left out."""
    yield from _about_the_sheet(proposal)
    reasons: dict[str, list[int]] = {}
    for left_out in proposal.records.left_out:
        reasons.setdefault(left_out.reason, []).append(left_out.row)
    for reason, rows in reasons.items():
        yield f"Laissé de côté, {reason} : {_numbers(rows)}."
    continued = [row for rows in proposal.records.continued.values() for row in rows]
    if continued:
        yield f"Suite de la ligne du dessus, mise dans ses notes : {_numbers(continued)}."
    for key, text in proposal.constants.items():
        title = targets()[key].title
        yield f"Pour toutes les lignes, d'après le nom de l'onglet : {title} = {text}."


def _about_the_sheet(proposal: Proposal) -> Iterator[str]:
    sheet, table = proposal.sheet, proposal.table
    if sheet.hidden:
        yield "Cet onglet est masqué."
    above = [
        text
        for row in range(table.header[0] if table.header else 0)
        for column in range(len(sheet.rows[row]))
        if (text := sheet.text(row, column))
    ]
    if above:
        yield f"Au-dessus du tableau : {', '.join(map(quoted, above[:_TITLES]))}."
    if legend := next(filter(mentions_colours, [*above, *_left_out_texts(proposal)]), ""):
        yield (
            f"Une légende parle de couleurs ({quoted(legend)}) : les couleurs ne sont pas lues. Si "
            "elles comptent, écrivez ce qu'elles disent dans une colonne."
        )
    if not table.header:
        yield "Sans en-tête : les colonnes sont reconnues à leur contenu."
    if sheet.since_1904:
        yield "Les jours de ce fichier sont comptés depuis 1904 ; il en est tenu compte."
    hidden = sorted(sheet.hidden_rows & set(proposal.records.rows))
    if hidden:
        yield f"Lignes masquées, lues comme les autres : {_numbers(hidden)}."
    columns = sorted(sheet.hidden_columns & {c.column.index for c in proposal.choices})
    if columns:
        yield f"Colonnes masquées : {', '.join(map(column_letter, columns))}."


def _left_out_texts(proposal: Proposal) -> Iterator[str]:
    """What stands in the rows that are no person's."""
    sheet = proposal.sheet
    for left_out in proposal.records.left_out:
        yield from (sheet.text(left_out.row, column) for column in range(sheet.width))


def mentions_colours(text: str) -> bool:
    """Whether a text between or around people's rows may be a legend of colours."""
    return any(word in word_set("colours") for word in normalise(text).split())


def _numbers(rows: Sequence[int]) -> str:
    shown = ", ".join(str(row + 1) for row in rows[:10])
    rest = len(rows) - 10
    lines = "ligne" if len(rows) == 1 else "lignes"
    return f"{lines} {shown}{f' et {rest} autres' if rest > 0 else ''}"


def without_people(file: ListFile, proposals: Sequence[Proposal]) -> list[str]:
    """A sentence for each sheet in which nobody stands."""
    with_people = [proposal.sheet for proposal in proposals]
    empty: list[Sheet] = [sheet for sheet in file.sheets if sheet not in with_people]
    return [
        f"Onglet « {sheet.name} » : aucune personne, laissé de côté."
        for sheet in empty
        if sheet.name
    ]


def as_page(name: str, views: Sequence[SheetView], remarks: Sequence[str] = ()) -> str:
    """The preview as an HTML page, whole in itself: it asks nobody for anything."""
    return _template().render(
        name=name,
        views=views,
        remarks=remarks,
        fates=FATES,
        in_words=fate_in_words,
        confidences=CONFIDENCES,
        totals=_totals(views),
        advice=_ADVICE,
        most=_MOST_LINES,
        colours=PLACE.colours,
    )


def as_lines(name: str, views: Sequence[SheetView], remarks: Sequence[str] = ()) -> Iterator[str]:
    """The preview as lines for a terminal."""
    yield plain(name)
    yield from (plain(f"  {remark}") for remark in remarks)
    for sheet in views:
        yield ""
        header = f"en-têtes en ligne {sheet.header_row}" if sheet.header_row else "sans en-tête"
        title = f"Onglet « {sheet.title} »" if sheet.title else "Tableau"
        yield plain(f"{title} : {persons(len(sheet.lines))}, {header}")
        yield from (plain(f"  {remark}") for remark in sheet.remarks)
        for column in sheet.columns:
            yield plain(_in_line(column))
        worth = sheet.to_look_at
        for line in worth[:_MOST_REMARKS]:
            sentences = " ".join(
                f"{remark.cell + ' : ' if remark.cell else ''}{remark.sentence}"
                for remark in line.remarks
            )
            yield plain(f"  ligne {line.row} : {FATES[line.fate]}. {sentences}")
        if len(worth) > _MOST_REMARKS:
            yield f"  … et {len(worth) - _MOST_REMARKS} autres lignes (toutes sur la page)."
    yield ""
    totals = _totals(views)
    for fate in _TO_DECIDE:
        if totals[fate]:
            yield f"{totals[fate]} {fate_in_words(fate, totals[fate])} : {_ADVICE[fate]}"
    yield f"Total : {_in_words(totals)}."


def _in_line(column: ColumnView) -> str:
    title = shortened(column.title or f"Colonne {column.letter}", _WIDTH)
    goal = " + ".join(column.targets) or "—"
    sample = next(iter(column.samples), None)
    shown = ""
    if sample:
        before = shortened(" ".join(sample.before.split()), _WIDTH)
        shown = f"  « {before} »" + (
            f" → « {shortened(sample.after, _WIDTH)} »"
            if sample.after not in ("", sample.before)
            else ""
        )
    return (
        f"  {column.letter:>3} {title:{_WIDTH}} {goal:30} "
        f"{CONFIDENCES[column.confidence]} ({column.why}){shown}"
    )


def _totals(views: Sequence[SheetView]) -> dict[Fate, int]:
    return {fate: sum(view.totals.get(fate, 0) for view in views) for fate in FATES}


def _in_words(totals: Mapping[Fate, int]) -> str:
    return (
        ", ".join(
            f"{count} {fate_in_words(fate, count)}" for fate, count in totals.items() if count
        )
        or "aucune ligne"
    )


def persons(count: int) -> str:
    """« 1 personne », « 2 personnes »."""
    return f"{count} personne{'s' * (count > 1)}"


def fate_in_words(fate: Fate, count: int) -> str:
    """What is said of `count` rows with a fate."""
    return _PLURALS.get(fate, FATES[fate]) if count > 1 else FATES[fate]


def as_data(name: str, proposals: Sequence[Proposal]) -> list[dict[str, Any]]:
    """Proposals for programs: see issue 16, item 9. Rows and columns count from 0."""
    return [
        {
            "file": name,
            "sheet": proposal.sheet.name,
            "header_row": proposal.header_row,
            "records": len(proposal.records.rows),
            "mapping": {
                str(choice.column.index): names[0] if len(names) == 1 else names
                for choice in proposal.choices
                if (names := [targets()[key].name for key in choice.targets])
            },
        }
        for proposal in proposals
    ]


def records_as_data(
    name: str, proposal: Proposal, records: Sequence[Record]
) -> list[dict[str, Any]]:
    """Records for programs: row from 0, values by the names of targets, notes, remarks."""
    return [
        {
            "file": name,
            "sheet": proposal.sheet.name,
            "row": record.row,
            "values": {targets()[key].name: text for key, text in record.values.items()},
            "notes": record.notes,
            "remarks": [
                {"cell": remark.cell, "sentence": remark.sentence} for remark in record.remarks
            ],
        }
        for record in records
    ]


@functools.cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("infra.lists"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("preview.html")
