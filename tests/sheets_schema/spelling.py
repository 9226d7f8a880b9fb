"""How people spell what they read: a Hypothesis strategy that several tests use."""

import unicodedata

from hypothesis import strategies as st

SPACES = st.sampled_from([" ", "  ", "\N{NO-BREAK SPACE}", "\t", " - ", "'", "\N{EN DASH}"])


def unaccented(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.replace("œ", "oe").replace("Œ", "OE"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


@st.composite
def respelled(draw: st.DrawFn, text: str) -> str:
    """`text` with other capitals, accents, apostrophes and spacing; the same words."""
    if draw(st.booleans()):
        text = unaccented(text)
    text = unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD"])), text)
    text = draw(st.sampled_from([str, str.upper, str.lower, str.title, str.swapcase]))(text)
    text = text.replace("'", draw(st.sampled_from(["'", "\N{RIGHT SINGLE QUOTATION MARK}", " "])))
    between = draw(SPACES)
    around = draw(st.sampled_from(["", " ", "\N{NO-BREAK SPACE}"]))
    return f"{around}{between.join(text.split(' '))}{around}"
