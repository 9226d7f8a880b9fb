"""The journal: the store, the objects in it, and what the operator does with them."""
