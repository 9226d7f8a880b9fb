"""The fence: chosen ids, refused ids, whole batches."""

from dataclasses import replace

from functions.shared.errors import WorkbookRefusedError
from functions.shared.sheets.encode import encode
from infra.doctor.checks import Check, Seen, fault, ok
from infra.doctor.scratch import Scratch
from infra.doctor.trials.cells import NEW

_ROUTE = ("route",)
_FENCE = "functions/shared/sheets/fence.py"
_TWICE = "Une demande pourrait être écrite deux fois, ou se perdre."
_ENCODE = "functions/shared/sheets/encode.py"


def _id_twice(scratch: Scratch) -> Seen:
    scratch.lay_out([])
    seen = scratch.seen()
    scratch.write(*encode(scratch.commit(scratch.fence(1), seen)))
    try:
        scratch.write(*encode(scratch.commit(scratch.fence(1, "b"), seen)))
    except WorkbookRefusedError:
        return ok("Un second lot du même numéro est refusé (400).")
    return fault("Un second lot du même numéro est accepté.")


def _id_chosen(scratch: Scratch) -> Seen:
    fence = scratch.fence(2)
    scratch.write(*encode(scratch.commit(fence, scratch.seen())))
    answer = scratch.calling(lambda: scratch.workbook.get([], "namedRanges(namedRangeId,name)"))
    ids = {item["name"]: item["namedRangeId"] for item in answer.get("namedRanges", [])}
    if ids.get(fence.range_name) == fence.range_id:
        return ok("L'identifiant choisi est gardé.")
    return fault("L'identifiant choisi n'est pas celui que Google garde.")


def _whole(scratch: Scratch) -> Seen:
    seen = scratch.lay_out([])
    fence = scratch.fence(3)
    commit = replace(scratch.commit(fence, seen), rows={"requests": [NEW]})
    bad = {"deleteNamedRange": {"namedRangeId": f"nowhere{scratch.run}"}}
    try:
        scratch.write(*encode(commit), bad)
    except WorkbookRefusedError:
        pass
    else:
        return fault("Un lot dont une requête est impossible est accepté.")
    answer = scratch.calling(lambda: scratch.workbook.get([], "namedRanges.name"))
    names = [item["name"] for item in answer.get("namedRanges", [])]
    if fence.range_name in names or len(scratch.cells("requests")) > 1:
        return fault("D'un lot refusé, une partie est restée.")
    return ok("D'un lot refusé, rien n'est resté.")


CHECKS: tuple[Check[Scratch], ...] = (
    Check(
        "fence-id-twice",
        "Une plage nommée dont l'identifiant existe est refusée.",
        _TWICE,
        _FENCE,
        _id_twice,
        _ROUTE,
    ),
    Check(
        "fence-id-chosen",
        "L'identifiant d'une plage nommée se choisit.",
        _TWICE,
        _FENCE,
        _id_chosen,
        _ROUTE,
    ),
    Check(
        "batch-whole",
        "Une requête impossible laisse tout comme avant.",
        _TWICE,
        _ENCODE,
        _whole,
        _ROUTE,
    ),
)
