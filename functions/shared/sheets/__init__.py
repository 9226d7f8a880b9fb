"""The shared spreadsheet."""
