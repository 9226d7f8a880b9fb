"""`accueil routing`: what the table of assignment rules does, and what another one would do."""
