"""`accueil doctor`: whether everything that the system counts on is there.

`checks` says what a check is and runs it. `basics` and `mails` are the checks of a system as it
stands, `live` those of what Google's API does, in scratch tabs (`scratch`). `report` puts the
results into words, `commands` is the command.
"""
