"""What a single cell is taken for, whatever stands above it."""

from datetime import date

import pytest

from infra.lists.contents import _kinds
from infra.lists.sheets import as_text

KINDS = {
    "yes_no": [True, False, "oui", "x"],
    "counts numbers yes_no": [1.0, 0],
    "counts numbers": [3, 600_000.0, "12"],
    "counts days numbers postcodes": [46091.0, 36526.0, 58806.0],
    "counts numbers postcodes": [58807.0, 36525.0],
    "counts numbers phones": [639980101.0, "06 39 98 01 01"],
    "numbers phones": ["0639980101", "33639980101", "44639980101", "639980101"],
    "phones": ["+33 6 39 98 01 01", "0639980101 ou 0639980102"],
    "numbers": ["539980101234", "900 €"],
    "dates days": [date(2026, 3, 1), "01/02/2026", "le 5 mars 2026"],
    "days": ["début mars", "semaine 12"],
    "days numbers postcodes": ["46091", "46000"],
    "numbers postcodes": ["31000"],
    "addresses places towns_with_postcode": ["46000 Cahors"],
    "addresses towns_with_postcode": ["31000 Toulouse"],
    "addresses counts": ["12 rue Haute 46100 Figeac"],
    "emails": ["ana@example.org", "ana@"],
    "both emails": ["ana@example.org 06 39 98 01 01"],
    "names places": ["Figeac"],
    "names towns": ["Lyon"],
    "towns": ["Bordeaux 33", "bordeaux cedex 9"],
    "first_names names": ["Luc", "luc"],
    "names": ["PONS"],
    "names several_names": ["M. Pons", "Zzz Xxx"],
    "full_names names several_names": ["PONS Luc", "M. Luc Pons", "zzz luc", "D'ŒUVRES Zoé"],
    "first_names full_names names several_names": ["Luc Pons", "Luc et Eva"],
    "statuses": ["à rappeler"],
    "other_statuses": ["demandeur d'emploi"],
    "names sectors": ["Commerce"],
    "needs": ["logement"],
    "trades": ["boulanger"],
    "profiles": ["candidature à l'installation"],
    "counts": ["3 enfants", "2 (5 et 8 ans)"],
    "": ["pons", "Luc Pons et Eva Pons et Bob Pons", "Un (petit) texte", "néant", "#"],
}


@pytest.mark.parametrize(
    ("cell", "kinds"), [(cell, kinds) for kinds, cells in KINDS.items() for cell in cells]
)
def test_a_cell_is_what_it_looks_like(cell, kinds):
    assert " ".join(sorted(_kinds(cell, as_text(cell)))) == kinds
