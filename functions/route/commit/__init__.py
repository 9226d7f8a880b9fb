"""How route carries out what was decided."""
