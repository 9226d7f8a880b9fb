"""The trials of Google's API: each point of docs/live-checklist.md that a program can check.

They use the encoder and the adapter of the functions where those are what is counted on.
"""
