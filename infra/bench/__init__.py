"""Measures what the README's claims rest on: `make bench`. One module a figure, a to h.

`sheet`, `servers` and `client` are the machinery: the local Sheets API, a function in a process of
its own under its real server, and a crowd of clients. A figure is measured side by side with its
baseline in one run, as medians and ratios: an absolute time says as much about the machine.
"""
