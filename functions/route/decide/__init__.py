"""What route decides: pure functions over plain data."""
