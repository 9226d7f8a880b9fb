"""The version of the running code, by which its parts can tell whether they belong together."""

VERSION = "0.1.0"  # pyproject.toml's; a test compares them
