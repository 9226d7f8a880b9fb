"""Whether journal and spreadsheet belong together: copies and restored versions. Pure."""

import hashlib

from functions.shared.sheets.fence import SheetState


def mismatch_reason(last: SheetState, settled: int, spreadsheet: str) -> str:
    """Why the spreadsheet is not the one that the journal knows; "" if it is the one."""
    if last.spreadsheet not in ("", spreadsheet):
        return (
            "Ce classeur est la copie d'un autre : rien n'y est écrit. Rendez à "
            "ACCUEIL_SPREADSHEET l'identifiant du classeur d'origine ; ou, si la copie doit le "
            "remplacer, lancez « accueil sheet accept »."
        )
    if last.cell < max(settled, last.number):
        return (
            "Le classeur est plus ancien que le journal : une version antérieure a sans doute "
            "été restaurée. Rien n'est écrit tant qu'elle n'est pas remplacée par la dernière. "
            "Pour la garder et y remettre les demandes qui manquent, lancez « accueil journal "
            "refile --missing --dry-run »."
        )
    return ""


def acceptance(last: SheetState, spreadsheet: str) -> str:
    """The journal object by which the operator accepts a spreadsheet that is not the known one."""
    seen = f"{spreadsheet} {last.key} {last.cell} {last.spreadsheet}"
    return f"accepted/{hashlib.sha256(seen.encode()).hexdigest()[:32]}"
