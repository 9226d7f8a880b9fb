"""What a sweep sees of a small Demandes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from functions.route.decide.completion import TELLING
from functions.route.decide.history import WATCHED, Remembered, read_states, references_in
from functions.route.decide.kinds import wanted
from functions.route.decide.lookup import Lookup, Referent
from functions.route.decide.rules import Rule
from functions.route.decide.sight import Sight, choose, look_closely
from functions.shared.reference import make
from sheets_schema.tab import tab
from sheets_schema.territory import Target, territories
from sheets_schema.text import normalise

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LONG = timedelta(days=2)
ANA, BOB, CORALIE = "Ana Roux", "Bob Cros", "Coralie Vidal"
PLACES = {column.key: at for at, column in enumerate(tab("requests").columns)}
LOT, ANOTHER, THIRD = map(make, range(3))
TYPED = {
    "last_name": "Durand",
    "phone": "06 12 34 56 78",
    "project": "Trouver un emploi",
    "target": "Figeac",
}
FILED = TYPED | {"reference": LOT, "referent": ANA, "status": "À contacter"}


def lookup(people=(ANA, BOB), default=CORALIE):
    """One rule for everything, which names these people."""
    return Lookup(
        (Rule(1, 10, {}, Target(), tuple(people)),),
        {normalise(name): Referent(name, f"{name[:3].lower()}@example.org") for name in people},
        Referent(default, "coralie@example.org") if default else None,
        official=territories(),
    )


def grid(rows, columns=PLACES):
    return [
        list(PLACES),
        *([row.get(key) if key in columns else None for key in PLACES] for row in rows),
    ]


def sight(*rows, before=None, courses=None, table=None, **more):
    """A first look at rows by column key.

    `before` are the rows as the last sweep saw them, None if they were the same; `courses` is what
    it remembered of requests.
    """
    cells = grid(rows, {*TELLING, *WATCHED})
    last = grid(rows if before is None else before)
    known = Remembered(read_states(last, PLACES), 0, courses=courses or {})
    states, references = read_states(cells, PLACES), references_in(cells, PLACES)
    first = Sight(NOW, table or lookup(), cells, PLACES, states, references, known)
    return replace(first, **more)


def seen(first, *rows, unchanged=LONG):
    """The second look, at these rows."""
    choice = choose(first, wanted(first))
    lines = {at: line for at, line in enumerate(grid(rows)) if at in choice.rows}
    return look_closely(first, choice, lines, lambda hashes: dict.fromkeys(hashes, unchanged))


def see(*rows, unchanged=LONG, **more):
    """Both looks at rows that nobody changes in between; see `sight`."""
    return seen(sight(*rows, **more), *rows, unchanged=unchanged)
