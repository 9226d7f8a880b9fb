"""What the real Sheets API does to its callers: quotas, latency, faults, lost appends, people.

`conduct` is the gate before the calls; `settings` reads what is asked of it and `control` serves
that over HTTP, as the README describes.
"""
