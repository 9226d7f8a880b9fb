"""The contract: one JSON Schema per tab, and what follows from it. Pure."""
