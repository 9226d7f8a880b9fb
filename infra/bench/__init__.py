"""Measures what the README claims: `make bench`. Each figure, a to h, has a module.

`sheet`, `servers` and `client` are the machinery: the local Sheets API, a function in a process of
its own under its real server, and a crowd of clients. Each figure is measured beside its baseline
in the same run, and given as medians and ratios, because an absolute time says as much about the
machine as about the code.
"""
