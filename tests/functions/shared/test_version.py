from importlib.metadata import version

from functions.shared.version import VERSION


def test_it_is_the_package_s():
    assert version("accueil") == VERSION
