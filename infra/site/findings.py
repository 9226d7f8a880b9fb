"""What the site check has to say: sentences in French, each right, wrong or a remark. Pure."""

from dataclasses import dataclass
from typing import Literal

from infra.terminal import plain


@dataclass(frozen=True)
class Finding:
    """Something found, as a French sentence. What is `wrong` keeps the form from working."""

    kind: Literal["right", "remark", "wrong"]
    sentence: str


def right(sentence: str) -> Finding:
    """What works as it should."""
    return Finding("right", plain(sentence))


def remark(sentence: str) -> Finding:
    """What works, and might be better."""
    return Finding("remark", plain(sentence))


def wrong(sentence: str) -> Finding:
    """What does not work; says what to do about it."""
    return Finding("wrong", plain(sentence))
