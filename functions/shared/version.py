"""The version of what runs, for whoever has to know whether two parts of it are the same."""

VERSION = "0.1.0"  # pyproject.toml's; a test compares them
