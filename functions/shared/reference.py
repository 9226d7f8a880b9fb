"""References: what an applicant keeps and dictates on the phone, for example ABC-XXXX-XXXX.

The place's prefix, seven random characters and one check character; these eight are in Crockford's
base32 (no I, L, O or U).
"""

import functools
import re
from collections.abc import Callable

from functions.shared.errors import JournalError
from functions.shared.journal.store import Journal
from sheets_schema.place import PLACE

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_BITS = 35
# A reference in a text that people read.
IN_TEXT = rf"\b(?:{'|'.join(map(re.escape, PLACE.prefixes))})-[0-9A-Z]{{4}}-[0-9A-Z]{{4}}\b"
_LENGTH = 8  # characters behind the prefix
_DRAWS = 8  # tries for a free reference; about one in a million is taken


def make(number: int) -> str:
    """The reference of a random number below 2**RANDOM_BITS.

    >>> make(0).partition("-")[2]
    '0000-0000'
    """
    digits = [number >> shift & 31 for shift in range(RANDOM_BITS - 5, -1, -5)]
    text = "".join(ALPHABET[digit] for digit in [*digits, _check(digits)])
    return f"{PLACE.prefix}-{text[:4]}-{text[4:]}"


def draw_free(journal: Journal, draw: Callable[[], int]) -> str:
    """Draw a reference that no row has. `references/` holds the references of all rows.

    Args:
        journal: the journal.
        draw: gives a random number below 2**RANDOM_BITS.

    Raises:
        JournalError: a few tries gave no free reference, or the journal does not answer.
    """
    for _ in range(_DRAWS):
        drawn = make(draw())
        if journal.read(f"references/{drawn}") is None:
            return drawn
    raise JournalError("Aucune référence libre n'a été trouvée.")


def read(text: str) -> str | None:
    """The reference that a person typed or said, put right; None if it is no reference.

    Case, spaces and dashes do not count, and the prefix may be missing: then it is the first of
    the place's. O reads 0, I and L read 1, as Crockford advises. One wrong character, or two
    exchanged ones, are always noticed.
    """
    compact = re.sub(r"[\s-]", "", text.upper())
    prefix, body = compact[:-_LENGTH], compact[-_LENGTH:].translate(str.maketrans("OIL", "011"))
    known = prefix in ("", *PLACE.prefixes)
    if not known or len(body) != _LENGTH or not set(body) <= set(ALPHABET):
        return None
    *digits, check = (ALPHABET.index(char) for char in body)
    return f"{prefix or PLACE.prefix}-{body[:4]}-{body[4:]}" if check == _check(digits) else None


@functools.lru_cache(maxsize=200_000)  # a sweep asks several times about each request of a sheet
def in_cell(text: str) -> str:
    """The reference that a cell holds; "" if the cell is blank or holds anything else.

    Unlike what is said on the phone, a reference in a cell has its prefix.
    """
    prefixes = tuple(f"{prefix}-" for prefix in PLACE.prefixes)
    return (text.strip().upper().startswith(prefixes) and read(text)) or ""


def _check(digits: list[int]) -> int:
    """Sum of the digits weighted by powers of x in GF(32).

    The weights are distinct and none is zero, so the sum changes with any one digit and with any
    exchange of two. (Crockford's own check needs five characters that are hard to dictate.)
    """
    total = 0
    for digit in digits:
        total = _times_x(total ^ digit)
    return total


def _times_x(value: int) -> int:
    """`value` times x, modulo the primitive polynomial x^5 + x^2 + 1."""
    value <<= 1
    return value ^ 0b100101 if value & 32 else value
