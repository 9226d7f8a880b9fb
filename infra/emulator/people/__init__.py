"""People who edit a spreadsheet by hand while functions run: straight in the store, no API call.

They see what is on the screen (`table`): titles in the first row, what cells show, what dropdowns
offer. What they do (`rows`, `cells`, `columns`) is recorded as they did it (`edit`), so that a test
can say what belongs to them.
"""
