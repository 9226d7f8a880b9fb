"""The workbook as a whole, and what Google said while all this was tried."""

from functions.shared.errors import WorkbookError
from infra.doctor.checks import Check, Seen, SkippedError, fault, ok
from infra.doctor.scratch import Scratch
from infra.workbook import apply, planned
from sheets_schema.layout import LOCALE, TIME_ZONE

_ROUTE = ("route",)
_PLAN = "sheets_schema/plan.py"


def _second_apply(scratch: Scratch) -> Seen:
    try:
        made = scratch.calling(
            lambda: scratch.workbook.drive(
                "post",
                "",
                {
                    "name": scratch.title("classeur"),
                    "mimeType": "application/vnd.google-apps.spreadsheet",
                },
                fields="id",
            )
        )
    except WorkbookError as error:
        raise SkippedError(
            "Cette identité ne peut pas créer de classeur d'essai (un compte de service n'en a pas "
            "le droit) : « accueil sheet apply » deux fois sur un classeur vide le montre."
        ) from error
    scratch.made.append(made["id"])
    workbook = scratch.workbook.beside(made["id"])
    scratch.calling(lambda: apply(workbook))
    again = scratch.calling(lambda: planned(workbook))
    if again:
        return fault(f"Une seconde fois, {len(again)} changements : {again[0].sentence}.")
    properties = scratch.calling(workbook.metadata)["properties"]
    if (properties.get("locale"), properties.get("timeZone")) != (LOCALE, TIME_ZONE):
        return fault("La langue ou le fuseau du classeur d'essai n'est pas celui qui est demandé.")
    return ok("« accueil sheet apply », une seconde fois, ne change rien.")


def _quota(scratch: Scratch) -> Seen:
    if not scratch.waits:
        raise SkippedError("Google n'a pas demandé de patienter : rien à en apprendre cette fois.")
    said = sorted({"sans durée" if wait is None else f"{wait:g} s" for wait in scratch.waits})
    return ok(f"Google a demandé {len(scratch.waits)} fois de patienter : {', '.join(said)}.")


CHECKS: tuple[Check[Scratch], ...] = (
    Check(
        "apply-twice",
        "« accueil sheet apply », une seconde fois, ne change rien.",
        "Chaque « apply » réécrit des réglages, et efface peut-être ceux des gens.",
        _PLAN,
        _second_apply,
        _ROUTE,
        needs=("dropdown-strict", "view-id", "view-same", "protection-warns"),
        patience=180.0,
    ),
    Check(
        "quota",
        "La demande de patienter (429) est comprise.",
        "Des appels seraient faits trop tôt.",
        "functions/route/commit/writer.py",
        _quota,
        _ROUTE,
    ),
)
