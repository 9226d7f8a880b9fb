import pytest

from functions.intake.envelope import FIELDS, KEY, Envelope, open_envelope
from functions.intake.submission import UnreadableError


@pytest.mark.parametrize("blank", [None, "", " "])
def test_a_blank_field_counts_as_not_given(blank):
    fields = dict.fromkeys(FIELDS, blank) | {"last_name": "Martin"}
    envelope = open_envelope(fields, {})
    assert (envelope.key, envelope.lang) == (None, None)
    assert fields == {"last_name": "Martin"}


def test_null_is_no_text_of_a_field():
    assert open_envelope(dict.fromkeys(FIELDS), {}) == Envelope()


def test_a_key_has_a_longest():
    assert open_envelope({KEY: "k" * 255}, {}).key == "k" * 255
    with pytest.raises(UnreadableError, match=f"« {KEY} » compte au plus 255 caractères"):
        open_envelope({KEY: "k" * 256}, {})
