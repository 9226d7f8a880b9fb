import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.gzipped import gzipped
from functions.shared.web import Fixed, Pieces

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(TEXTS | TEXTS.map(Fixed)))
def test_whatever_an_answer_is_put_together_from_it_is_read_back(pieces):
    text = Pieces(pieces)
    assert (str(text), len(text)) == ("".join(pieces), len("".join(pieces)))
    assert gzip.decompress(gzipped(text)).decode() == str(text)


@pytest.mark.parametrize("text", ["", "Bonjour à vous", Fixed("Bonjour à vous")])
def test_a_text_of_one_piece_is_read_back(text):
    assert gzip.decompress(gzipped(text)).decode() == text


def test_what_recurs_is_as_short_as_the_best_compression_makes_it():
    page = "".join(f"<p>{number}</p>" for number in range(5_000))
    assert len(gzipped(Pieces([Fixed(page), "x"]))) <= len(gzip.compress(page.encode(), 9)) + 30
