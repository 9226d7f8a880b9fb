import pytest

from functions.intake.callers import Caller, hash_key, identify, read_callers
from functions.intake.refusals import RefusedError

OLD, NEW = "old-key-of-the-site", "new-key-of-the-site"
CALLERS = read_callers(
    f"site:{hash_key(OLD)}, site:{hash_key(NEW)},fair:{hash_key('tablet')}:unlimited"
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
    assert read_callers("") == ()
    with pytest.raises(RefusedError):
        identify("x", ())


@pytest.mark.parametrize("text", ["site", "site:abc", f"Site:{hash_key(OLD)}", f"a:{'g' * 64}"])
def test_malformed_keys_are_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  (the setting's sentence says the rest)
        read_callers(text)
