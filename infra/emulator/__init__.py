"""A strict local stand-in for the Google Sheets API, so that the real client runs unchanged.

The README beside this file says what it does, from where it is known, and how it is made.
"""
