from hypothesis import settings

# A busy machine is no reason to fail.
settings.register_profile("accueil", deadline=None)
settings.load_profile("accueil")
