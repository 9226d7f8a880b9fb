"""A draft of the rules beside the table in force: what it would do, and its orders. Pure.

A coordinator copies the table, edits the copy, and reads in its column Effet what would follow.
« Publier : Oui » puts it in force; « Annuler : Oui » in the table in force takes that back. Tables
change places by their titles, so what somebody types meanwhile stays in its tab.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from functions.route.commit.row_edits import read_texts, row_hash
from functions.route.decide.cases import Result
from functions.route.decide.lookup import RuleTable
from functions.route.decide.replay import Effect, RuleEffect
from functions.shared.concerns import Concern
from functions.shared.sheets.port import Change, RowEdit, TabChange, TabTitle
from sheets_schema.columns import PARIS, as_text
from sheets_schema.errors import CellError
from sheets_schema.tab import DRAFT, DRAFT_KEY, Grid, Part, Tab, cell_at, find_columns, tab
from sheets_schema.text import normalise

OWN_COLUMNS = ("effect", "publish", "cancel")
# By what a row of a table is known while one of its cells is changed.
TABLE_HASHED = ("number", "project", "sector", "territory", "referents")
CASES_HASHED = ("project", "sector", "target", "referent")
HASHED_OF = {
    "rules": TABLE_HASHED,
    DRAFT_KEY: TABLE_HASHED,
    "cases": CASES_HASHED,
    "to_check": ("noted_at", "subject", "place", "action", "done"),
}
_EARLIER = "Règles – avant le "
_CANCELLED = "Règles – annulées le "
_STAMP = re.compile(r"(\d{2})-(\d{2})-(\d{4}) (\d{2}) h (\d{2})(?: (\d{2}))?")


@dataclass(frozen=True)
class Tables:
    """The tabs that hold tables of rules, or have to do with them: each as it is titled now.

    `copy` is a copy of the table in force under a title that Google gave it, or a draft whose title
    somebody spelled in their own way. `earlier` is the table that was in force before.
    """

    rules: TabTitle | None = None
    draft: TabTitle | None = None
    copy: TabTitle | None = None
    earlier: TabTitle | None = None
    cases: TabTitle | None = None
    spare: tuple[str, ...] = ()

    @property
    def parts(self) -> dict[str, Part]:
        """What to read of them, beside the table in force."""
        there = {DRAFT_KEY: self.draft, "cases": self.cases}
        return {key: "all" for key, title in there.items() if title is not None}


def find_tables(titles: Sequence[TabTitle]) -> Tables:
    """Recognise tables by the titles of their tabs."""
    by_title = {item.title.casefold(): item for item in titles}
    rules, draft, cases = (
        by_title.get(tab(key).title.casefold()) for key in ("rules", DRAFT_KEY, "cases")
    )
    copies = [item for item in titles if item is not draft and _is_copy(item.title)]
    earlier = [(when, item) for item in titles if (when := _stamp(item.title))]
    return Tables(
        rules,
        draft,
        None if draft else next(iter(copies), None),
        max(earlier, key=lambda pair: pair[0])[1] if earlier else None,
        cases,
        tuple(item.title for item in (copies if draft else copies[1:])),
    )


def _is_copy(title: str) -> bool:
    """Whether a title is a draft's in another spelling, or one that Google gives a copy."""
    key, own = normalise(title), normalise(tab("rules").title)
    return key == normalise(DRAFT) or bool(
        re.fullmatch(rf"(?:copie de|copy of) {own}(?: \d+)?", key)
    )


def _stamp(title: str) -> tuple[int, ...] | None:
    """When a table was put aside, by its title."""
    if not title.casefold().startswith(_EARLIER.casefold()):
        return None
    match = _STAMP.fullmatch(title[len(_EARLIER) :])
    if not match:
        return None
    day, month, year, hour, minute, second = (int(part or 0) for part in match.groups())
    return year, month, day, hour, minute, second


def stamped(start: str, now: datetime, taken: Sequence[str]) -> str:
    """A title that says when; the seconds are in it only if the title is taken otherwise."""
    local = now.astimezone(PARIS)
    title = f"{start}{local:%d-%m-%Y %H h %M}"
    return f"{title} {local:%S}" if title in taken else title


@dataclass(frozen=True)
class TableWork:
    """What a batch does to tables of rules and worked cases: cells, tabs, and lines to note."""

    edits: tuple[RowEdit, ...] = ()
    tabs: tuple[TabChange, ...] = ()
    concerns: tuple[Concern, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.edits or self.tabs)


NO_TABLE_WORK = TableWork()


@dataclass(frozen=True)
class Review:
    """A draft, and what is to be said of it.

    `table` is what the draft says, `effect` what it would have done to the requests of the last
    year, `hidden` the rules that hide a rule, by its number. `stranded` has the numbers of rules
    that name nobody who is in activity. `failing` counts the worked cases that the draft
    contradicts. `is_same` says that it has the rules of the table in force.
    """

    table: RuleTable
    effect: Effect
    hidden: Mapping[int, Sequence[int]]
    stranded: frozenset[int]
    failing: int
    is_same: bool

    @property
    def is_valid(self) -> bool:
        """Whether nothing is wrong in its cells, and it has a rule."""
        return not self.table.concerns and bool(self.table.rules)


def effect_texts(review: Review) -> dict[int, str]:
    """What to write into Effet, by the 0-based index of the row; the first row speaks of all."""
    texts: dict[int, str] = {}
    faults = _faults(review.table.concerns)
    for number, row in review.table.places.items():
        if row in review.table.inactive:
            texts[row - 1] = "Inactive : cette règle ne compte pas."
        else:
            effect = review.effect.by_rule.get(number, RuleEffect())
            hidden_by = review.hidden.get(number, ())
            texts[row - 1] = _said(effect, hidden_by, is_stranded=number in review.stranded)
    for row, sentences in faults.items():
        texts[row - 1] = f"À corriger : {' '.join(sentences)}"
    if texts:
        first = min(texts)
        texts[first] = (
            f"{summary(review)} Cette ligne : {texts[first][0].lower()}{texts[first][1:]}"
        )
    column = tab("rules")["effect"]
    return {row: column.fitting(text) for row, text in texts.items()}


def fault_texts(table: RuleTable) -> dict[int, str]:
    """What to write into Effet of the table in force: what is wrong in a row."""
    column = tab("rules")["effect"]
    return {
        row - 1: column.fitting(f"À corriger : {' '.join(sentences)}")
        for row, sentences in _faults(table.concerns).items()
    }


def _faults(concerns: Sequence[Concern]) -> dict[int, list[str]]:
    """Sentences by the number of the row that they are about."""
    faults: dict[int, list[str]] = {}
    for concern in concerns:
        if cell := re.search(r"!\D+(\d+)$", concern.place):
            faults.setdefault(int(cell[1]), []).append(concern.subject)
    return faults


def _said(effect: RuleEffect, hidden_by: Sequence[int], *, is_stranded: bool) -> str:
    if hidden_by:
        numbers = ", ".join(map(str, hidden_by))
        return (
            f"Ne décide d'aucune première attribution : cachée par la règle {numbers}."
            if len(hidden_by) == 1
            else (f"Ne décide d'aucune première attribution : cachée par les règles {numbers}.")
        )
    start = "Valable" if not is_stranded else _STRANDED
    if not effect.caught:
        return f"{start} : aucune demande en un an."
    hands = _hands(effect.changed) if effect.changed else "aucune ne change de main"
    return f"{start} : {_requests(effect.caught)} en un an, {hands}."


_STRANDED = "Ne désigne personne en activité, donc la coordination"


def _hands(count: int) -> str:
    return f"dont {count} {'changent' if count > 1 else 'change'} de main"


def _requests(count: int) -> str:
    return f"{count} demande{'s' if count > 1 else ''}"


def summary(review: Review) -> str:
    """What the first row says of the draft as a whole."""
    if review.table.concerns:
        count = len(_faults(review.table.concerns)) or 1
        s = "s" if count > 1 else ""
        return f"PROJET À CORRIGER avant de le publier : {count} ligne{s}."
    if not review.table.rules:
        return "PROJET VIDE : il n'a aucune règle active."
    if review.is_same:
        return "PROJET identique à la table en vigueur."
    total = review.effect
    hands = _hands(total.changed) if total.changed else "aucune ne change de main"
    parts = [f"{_requests(total.requests)} en un an, {hands}"]
    if total.uncovered:
        parts.append(f"{total.uncovered} sans règle")
    if review.stranded:
        s = "s" if len(review.stranded) > 1 else ""
        parts.append(f"{len(review.stranded)} règle{s} sans personne en activité")
    if review.failing:
        ending = "ent" if review.failing > 1 else "e"
        parts.append(
            f"{review.failing} cas d'école échou{ending} (« Oui, quand même » passe outre)"
        )
    return f"PROJET VALABLE : {', '.join(parts)}."


@dataclass(frozen=True)
class Orders:
    """The orders that stand in a table, by the 0-based index of their row."""

    publish: Mapping[int, str]
    cancel: tuple[int, ...]


def read_orders(key: str, grid: Grid) -> Orders:
    """The orders in the columns Publier and Annuler of a table; what cannot be read is none."""
    columns = tab(key)
    positions, _, _ = find_columns(columns, grid[0] if grid else [])
    publish: dict[int, str] = {}
    cancel = []
    for row, line in enumerate(grid[1:], start=1):
        wanted = _parsed(columns, "publish", as_text(cell_at(line, positions.get("publish"))))
        if isinstance(wanted, str):
            publish[row] = wanted
        if _parsed(columns, "cancel", as_text(cell_at(line, positions.get("cancel")))) is True:
            cancel.append(row)
    return Orders(publish, tuple(cancel))


def _parsed(columns: Tab, key: str, text: str) -> object:
    try:
        return columns[key].type.parse(text) if text else None
    except CellError:
        return None


def cell_edits(key: str, grid: Grid, column: str, texts: Mapping[int, str]) -> Iterator[RowEdit]:
    """The edits that make a column of a table say some texts, and nothing in all other rows.

    They are made one by one, because a batch takes few of them, and a table may need thousands.

    Args:
        key: the tab.
        grid: its cells, header first.
        column: the column.
        texts: by the 0-based index of the row.
    """
    positions, _, _ = find_columns(tab(key), grid[0] if grid else [])
    if column not in positions:
        return
    for row, line in enumerate(grid[1:], start=1):
        there, wanted = as_text(cell_at(line, positions[column])), texts.get(row, "")
        if there != wanted:
            yield row_edit(key, grid, positions, row, {column: Change(there, wanted)})


def row_edit(
    key: str, grid: Grid, positions: Mapping[str, int], row: int, changes: Mapping[str, Change]
) -> RowEdit:
    """An edit of a row of a table, by its 0-based index; `positions` says where columns stand."""
    hashed = HASHED_OF[key]
    seen = row_hash(read_texts(grid[row], positions, hashed), hashed)
    return RowEdit(f"{key}-{row + 1}", row, seen, changes, key)


def publication(
    tables: Tables, review: Review, order: str, now: datetime, taken: Sequence[str]
) -> tuple[TabChange, ...]:
    """The titles that put a draft in force; none if it may not be published.

    Args:
        tables: the tabs as they are.
        review: what is known of the draft.
        order: what the coordinator asked for.
        now: the time, which the title of the old table says.
        taken: the titles of all tabs.
    """
    allowed = review.is_valid and not review.is_same and (order == "anyway" or not review.failing)
    if not (allowed and tables.rules and tables.draft):
        return ()
    return _swap(tables.rules, tables.draft, stamped(_EARLIER, now, taken))


def cancellation(tables: Tables, now: datetime, taken: Sequence[str]) -> tuple[TabChange, ...]:
    """The titles that put the table in force that was so before; the present one is a draft again.

    If there is a draft already, the present table gets a title that says when it was cancelled.
    """
    if not (tables.rules and tables.earlier):
        return ()
    title = stamped(_CANCELLED, now, taken) if tables.draft else DRAFT
    return _swap(tables.rules, tables.earlier, title)


def _swap(old: TabTitle, new: TabTitle, old_title: str) -> tuple[TabChange, ...]:
    return (
        TabChange(old.sheet_id, old_title),
        TabChange(new.sheet_id, tab("rules").title, new.title, index=old.index, dress="rules"),
    )


def published(now: datetime, old_title: str) -> Concern:
    """The line of À vérifier that says that a draft is in force now."""
    return Concern(
        tab("rules").title,
        f"Le projet de règles est en vigueur depuis le {_moment(now)}. Les règles d'avant sont "
        f"dans l'onglet « {old_title} ».",
        "Rien à faire si c'est voulu : mettez Fait à Oui. Pour revenir aux règles d'avant, mettez "
        "Oui dans la colonne Annuler, en première ligne.",
    )


def cancelled(now: datetime, title: str) -> Concern:
    """The line of À vérifier that says that the earlier table is in force again."""
    return Concern(
        tab("rules").title,
        f"Les règles d'avant sont de nouveau en vigueur depuis le {_moment(now)}. Celles qui ont "
        f"été annulées sont dans l'onglet « {title} ».",
        "Rien à faire si c'est voulu : mettez Fait à Oui.",
    )


def nothing_to_cancel() -> Concern:
    """The line about an order to cancel where no earlier table is left."""
    return Concern(
        tab("rules").title,
        "Il n'y a pas de règles d'avant à remettre en vigueur.",
        f"Un onglet dont le nom commence par « {_EARLIER.strip()} » les contient d'ordinaire. "
        "Sinon : Fichier, Historique des versions.",
    )


def two_drafts(tables: Tables) -> Concern:
    """The line about a second draft, which is not looked at."""
    titles = ", ".join(f"« {title} »" for title in tables.spare)
    return Concern(
        DRAFT,
        f"Il y a plusieurs projets de règles : seul l'onglet « {DRAFT} » compte, pas {titles}.",
        "Supprimez celui qui est de trop, ou renommez-le.",
    )


def _moment(now: datetime) -> str:
    return f"{now.astimezone(PARIS):%d/%m/%Y à %H h %M}"


# What Effet says of the requests of a year.
_FIGURES = re.compile(
    r"(?:aucune|\d+) demandes? en un an"
    r"(?:, (?:aucune ne change|dont \d+ change(?:nt)?) de main)?(?:, \d+ sans règle)?"
)


def is_shown(edit: RowEdit) -> bool:
    """Whether coordinators see already what an edit of Effet would say, but for its figures.

    The figures change every day, and two processes that read the requests at different times have
    different ones.
    """
    return all(
        _FIGURES.sub("#", change.before or "") == _FIGURES.sub("#", change.after)
        for change in edit.changes.values()
    )


YEAR = 365  # days of requests that a draft is tried with


def first_day(today: date) -> date:
    """The day after which requests count."""
    return date.fromordinal(today.toordinal() - YEAR)


def failing(results: Sequence[Result]) -> int:
    """How many worked cases a draft contradicts."""
    return sum(not result.holds_in_draft for result in results)
