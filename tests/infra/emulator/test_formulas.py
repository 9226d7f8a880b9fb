import pytest

from infra.emulator.formulas import shifted
from infra.emulator.values import Formula


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        ("=A1+B2", "=B3+C4"),
        ("=SOMME(A1:B2; C:D; 3:4; E5:F; 6:G)", "=SOMME(B3:C4; D:E; 5:6; F7:G; 8:H)"),
        ("=$A1+A$1+$A$1+$A:B+$3:4", "=$A3+B$1+$A$1+$A:C+$3:6"),
        ("=Z1+az9", "=AA3+BA11"),
        ("=Autre!A1+'A1 ''B2'!C3", "=Autre!B3+'A1 ''B2'!D5"),
        ('="A1 ""B2"""&C3', '="A1 ""B2"""&D5'),
        ("=LOG10(A1)+Total+A1b+2.5+1E5", "=LOG10(B3)+Total+A1b+2.5+1E5"),
        ("=Tab1!A1", "=Tab1!B3"),
    ],
)
def test_relative_references_move(formula, result):
    assert shifted(Formula(formula), 2, 1) == result


@pytest.mark.parametrize(
    ("formula", "result"),
    [("=A2+B1", "=#REF!+#REF!"), ("=B3:C1", "=#REF!"), ("=A:C+$A$1", "=#REF!+$A$1")],
)
def test_what_leaves_the_grid_is_lost(formula, result):
    assert shifted(Formula(formula), -1, -1) == result


def test_what_does_not_move_stays_as_it_is():
    assert shifted(Formula("=a1+B:$c"), 0, 0) == "=a1+B:$c"
