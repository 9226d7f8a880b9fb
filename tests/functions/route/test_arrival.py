import pytest

from functions.route.arrival import Arrival
from sheets_schema.territory import territories


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'"x"',
        b'{"reference": "LOT-1"}',
        (
            b'{"reference":"x","received_at":"2026-11-23T09:00:00","fingerprint":"x",'
            b'"submission":{"projects":[{"type":"other"}],"target":{"unknown":true}}}'
        ),
        b'{"reference":"x","received_at":"hier","fingerprint":"x","submission":{}}',
    ],
)
def test_an_entry_that_intake_did_not_write_is_refused(body):
    with pytest.raises((ValueError, KeyError, TypeError)):
        Arrival.from_json("x", body, territories())
