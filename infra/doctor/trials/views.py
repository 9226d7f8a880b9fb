"""Filter views: their ids, their criteria, what they cover, how people sorted them."""

from collections.abc import Sequence

from infra.doctor.checks import Check, Seen, SkippedError, fault, ok
from infra.doctor.scratch import ROWS, Scratch
from sheets_schema.tab import tab
from sheets_schema.views import (
    OWN_FIELDS,
    TO_CONTACT,
    View,
    filter_views,
    view_requests,
    wanted_views,
)
from sheets_schema.wire import Json

_ROUTE = ("route",)
_VIEWS = "sheets_schema/views.py"


def _present(scratch: Scratch) -> tuple[list[Json], tuple[int, int]]:
    fields = "sheets(properties(sheetId,gridProperties),filterViews)"
    answer = scratch.calling(lambda: scratch.workbook.get([], fields))
    for sheet in answer["sheets"]:
        if sheet["properties"]["sheetId"] == scratch.ids["requests"]:
            size = sheet["properties"]["gridProperties"]
            views: list[Json] = sheet.get("filterViews", [])
            return views, (size["rowCount"], size["columnCount"])
    raise SkippedError("L'onglet d'essai a disparu.")


def _views(scratch: Scratch, prefix: str, *titles: str) -> list[Json]:
    """Our views, or some of them, for the scratch tab; titles of a run of their own."""
    positions = scratch.seen().positions("requests")
    to_check = {column.key: at for at, column in enumerate(tab("to_check").columns)}
    people = [f"Personne {number}" for number in range(10)]
    wanted = [
        View(f"{scratch.run} {prefix} {view.title}", view.criteria)
        for view in wanted_views(positions, to_check, people)
        if not titles or view.title in titles
    ]
    return filter_views(wanted, scratch.ids["requests"], positions)


def _make_views(scratch: Scratch, wanted: Sequence[Json]) -> tuple[list[Json], tuple[int, int]]:
    """Make views as a sweep does, and read them back."""
    scratch.write(*view_requests([], wanted, (ROWS, len(scratch.header))))
    titles = {view["title"] for view in wanted}
    present, size = _present(scratch)
    return [view for view in present if view.get("title") in titles], size


def _view_id(scratch: Scratch) -> Seen:
    wanted = _views(scratch, "id", TO_CONTACT)
    (made,), _ = _make_views(scratch, wanted)
    if made["filterViewId"] == wanted[0]["filterViewId"]:
        return ok("L'identifiant choisi pour une vue est gardé.")
    return fault("L'identifiant choisi pour une vue n'est pas gardé.")


def _view_same(scratch: Scratch) -> Seen:
    wanted = _views(scratch, "toutes")
    present, size = _make_views(scratch, wanted)
    if len(present) != len(wanted):
        return fault(f"{len(present)} vues sont là, sur {len(wanted)}.")
    different = view_requests(present, wanted, size)
    if different:
        return fault(f"Relues, {len(different)} vues sur {len(wanted)} ne sont plus les mêmes.")
    return ok(f"{len(wanted)} vues, relues, sont les mêmes.")


def _view_open(scratch: Scratch) -> Seen:
    wanted = _views(scratch, "ouverte", TO_CONTACT)
    _make_views(scratch, wanted)
    more = {"sheetId": scratch.ids["requests"], "dimension": "ROWS", "length": 5}
    scratch.write({"appendDimension": more})
    present, size = _present(scratch)
    if view_requests(
        [view for view in present if view["title"] == wanted[0]["title"]], wanted, size
    ):
        return fault("Une vue ne couvre pas les lignes venues après elle.")
    return ok("Une vue couvre les lignes venues après elle.")


def _view_order(scratch: Scratch) -> Seen:
    (view,) = _views(scratch, "ordre", TO_CONTACT)
    order = [{"dimensionIndex": 1, "sortOrder": "DESCENDING"}]
    (made,), _ = _make_views(scratch, [view | {"sortSpecs": order}])
    update = view | {"filterViewId": made["filterViewId"]}
    scratch.write({"updateFilterView": {"filter": update, "fields": OWN_FIELDS}})
    present, _ = _present(scratch)
    kept = next(item for item in present if item["filterViewId"] == made["filterViewId"])
    if made.get("sortSpecs") and kept.get("sortSpecs") == made["sortSpecs"]:
        return ok("Une vue mise à jour garde l'ordre que les gens lui ont donné.")
    return fault("Une vue mise à jour perd l'ordre que les gens lui ont donné.")


CHECKS: tuple[Check[Scratch], ...] = (
    Check(
        "view-id",
        "L'identifiant d'une vue filtrée se choisit.",
        "Les liens des courriels n'ouvrent pas leur vue.",
        _VIEWS,
        _view_id,
        _ROUTE,
    ),
    Check(
        "view-same",
        "Des vues relues sont celles qui ont été écrites.",
        "Chaque passage les réécrit.",
        _VIEWS,
        _view_same,
        _ROUTE,
    ),
    Check(
        "view-open",
        "Une vue sans fin couvre les lignes qui viennent ensuite.",
        "De nouvelles demandes ne se voient pas dans une vue.",
        _VIEWS,
        _view_open,
        _ROUTE,
    ),
    Check(
        "view-order",
        "Une vue mise à jour garde l'ordre de tri des gens.",
        "Une vue que quelqu'un a triée ne l'est plus.",
        _VIEWS,
        _view_order,
        _ROUTE,
    ),
)
