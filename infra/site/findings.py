"""The results of the site check: French sentences, each right, wrong or a remark. Pure."""

from dataclasses import dataclass
from typing import Literal

from infra.terminal import plain


@dataclass(frozen=True)
class Finding:
    """A result of the check, as a French sentence. A `wrong` one keeps the form from working."""

    kind: Literal["right", "remark", "wrong"]
    sentence: str


def right(sentence: str) -> Finding:
    """A result about something that works as it should."""
    return Finding("right", plain(sentence))


def remark(sentence: str) -> Finding:
    """A result about something that works, and might be better."""
    return Finding("remark", plain(sentence))


def wrong(sentence: str) -> Finding:
    """A result about something that does not work; the sentence says what to do."""
    return Finding("wrong", plain(sentence))
