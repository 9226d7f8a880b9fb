"""People who edit a spreadsheet by hand while functions run.

They change the store itself, without a call of the API. They see what is on the screen (`table`):
the titles in the first row, what cells show, and what dropdowns offer. Each of their edits (`rows`,
`cells`, `columns`) leaves a record (`edit`), so that a test can tell which cells are theirs.
"""
