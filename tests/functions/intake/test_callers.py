import pytest

from functions.intake.callers import Caller, hash_key, identify
from functions.intake.refusals import RefusedError

OLD, NEW = "old-key-of-the-site", "new-key-of-the-site"
CALLERS = (
    Caller("site", hash_key(OLD)),
    Caller("site", hash_key(NEW)),
    Caller("fair", hash_key("tablet"), unlimited=True),
)


def test_a_key_tells_whose_it_is():
    assert identify("tablet", CALLERS) == Caller("fair", hash_key("tablet"), unlimited=True)


@pytest.mark.parametrize("key", [OLD, NEW])
def test_while_a_key_is_changed_both_work(key):
    assert identify(key, CALLERS) == Caller("site", hash_key(key))


def test_without_a_key_one_is_anybody():
    assert identify(None, CALLERS) is None


@pytest.mark.parametrize("key", ["", "tablet ", hash_key("tablet"), "clé"])
def test_a_key_that_nobody_has_is_refused(key):
    with pytest.raises(RefusedError, match="X-API-Key") as caught:
        identify(key, CALLERS)
    assert caught.value.status == 401


def test_there_may_be_no_keys_at_all():
    with pytest.raises(RefusedError):
        identify("x", ())
