"""A strict local stand-in for the Google Sheets API."""
