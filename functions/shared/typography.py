"""French typography: the spaces that must not break a line."""

import re

_BEFORE = re.compile(r" (?=[?!:;»%€])")
_AFTER = re.compile(r"(?<=«) ")


def unbroken(text: str) -> str:
    """`text` with no-break spaces where French wants them: before ? ! : ; » and after «."""
    return _AFTER.sub("\N{NO-BREAK SPACE}", _BEFORE.sub("\N{NO-BREAK SPACE}", text))
