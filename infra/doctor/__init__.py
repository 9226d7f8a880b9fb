"""`accueil doctor`: whether everything that the system counts on is there.

`checks` says what a check is and runs it. `basics` lists those of a system as it stands. `live`
lists those of what Google's API does, which `trials` make in scratch tabs (`scratch`). `report`
puts the results into words, and `commands` are the commands.
"""
