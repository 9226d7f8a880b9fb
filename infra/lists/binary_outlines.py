"""What a binary .xls file says beside its values: hidden rows and columns, days since 1904.

The library that reads the values does not tell. These are the parts of [MS-CFB] (the container) and
of [MS-XLS] (the records) that say it. Records that cannot be followed say nothing. Sectors that
follow each other in a circle are refused: the library would read them until no memory is left.
"""

import struct
from collections.abc import Iterator, Sequence

from infra.lists.outlines import MOST_COLUMNS, MOST_ROWS, Outline

_SHIFTS = (9, 12)  # sectors of 512 or of 4096 bytes
_END = 0xFFFFFFFA  # sector numbers from here on are marks, of an end for example
_ENTRY = 128  # bytes of an entry of the directory
_STREAMS = ("workbook", "book")
_SMALLEST = 4096  # bytes; shorter streams are kept elsewhere, and hold no workbook
_SHEET, _DATES, _ROW, _COLUMNS, _LAST = 0x85, 0x22, 0x208, 0x7D, 0x0A
_ROW_HIDDEN, _COLUMN_HIDDEN = 0x20, 0x01
_WIDE = 0x01  # a name whose letters take two bytes
_WORKSHEET = 0
_BIFF8 = 0x0600


def xls_outlines(content: bytes) -> dict[str, Outline]:
    """The outline of each sheet of a binary .xls file, by name; {} if it cannot be followed.

    Raises:
        DamagedError: a chain of the file's sectors has no end, so that no reader would find one.
    """
    try:
        container = _Container(content)
    except (struct.error, IndexError) as error:
        raise DamagedError from error
    try:
        return _outlines(container.workbook())
    except (struct.error, IndexError, ValueError):
        return {}


class DamagedError(Exception):
    """The container of a file cannot be read."""


class _Container:
    """The sectors of a file, each of which names the one that follows it.

    Raises:
        DamagedError: some sectors follow each other in a circle.
        struct.error, IndexError: the header is cut short.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        (shift,) = struct.unpack_from("<H", content, 30)
        if shift not in _SHIFTS:
            raise DamagedError
        self._size = 1 << shift
        self._count = len(content) // self._size
        tables = [number for number in struct.unpack_from("<109I", content, 76) if number < _END]
        (more,) = struct.unpack_from("<I", content, 68)
        seen = set()
        while more < _END:
            if more in seen:
                raise DamagedError
            seen.add(more)
            numbers = _numbers(self._sector(more))
            tables += [number for number in numbers[:-1] if number < _END]
            more = numbers[-1]
        self._following = [
            number for table in tables[: self._count] for number in _numbers(self._sector(table))
        ]
        _check_ends(self._following)
        (small,) = struct.unpack_from("<I", content, 60)
        _check_ends(_numbers(self._stream(small)))

    def _sector(self, number: int) -> bytes:
        return self._content[(number + 1) * self._size : (number + 2) * self._size]

    def _stream(self, first: int) -> bytes:
        chain: list[bytes] = []
        at = first
        while at < len(self._following):
            chain.append(self._sector(at))
            at = self._following[at]
        return b"".join(chain)

    def workbook(self) -> bytes:
        """The stream that holds the workbook; b"" if there is none."""
        (first,) = struct.unpack_from("<I", self._content, 48)
        directory = self._stream(first)
        for place in range(0, len(directory) - _ENTRY + 1, _ENTRY):
            (letters,) = struct.unpack_from("<H", directory, place + 64)
            name = directory[place : place + max(min(letters, 64) - 2, 0)].decode("utf-16-le")
            start, length = struct.unpack_from("<II", directory, place + 116)
            if name.casefold() in _STREAMS and length >= _SMALLEST:
                return self._stream(start)[:length]
        return b""


def _numbers(block: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(block) // 4}I", block[: len(block) // 4 * 4])


def _check_ends(following: Sequence[int]) -> None:
    """Raise an error if some chain of sectors comes back to where it was."""
    ended = [False] * len(following)
    for first in range(len(following)):
        walked: dict[int, None] = {}
        at = first
        while at < len(following) and not ended[at]:
            if at in walked:
                raise DamagedError
            walked[at] = None
            at = following[at]
        for place in walked:
            ended[place] = True


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """The records of a part of the workbook, up to its end."""
    at = start
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        if kind == _LAST:
            return
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _outlines(stream: bytes) -> dict[str, Outline]:
    since_1904 = False
    starts: dict[str, int] = {}
    version = struct.unpack_from("<H", stream, 4)[0] if stream else 0
    for kind, body in _records(stream, 0):
        if kind == _DATES:
            since_1904 = body[:1] == b"\x01"
        elif kind == _SHEET and body[5] == _WORKSHEET:
            starts[_name(body, version)] = struct.unpack_from("<I", body)[0]
    return {name: _outline(stream, at, since_1904=since_1904) for name, at in starts.items()}


def _name(body: bytes, version: int) -> str:
    length = body[6]
    if version < _BIFF8:
        return body[7 : 7 + length].decode("cp1252")
    if body[7] & _WIDE:
        return body[8 : 8 + 2 * length].decode("utf-16-le")
    return body[8 : 8 + length].decode("latin-1")


def _outline(stream: bytes, start: int, *, since_1904: bool) -> Outline:
    outline = Outline(since_1904=since_1904)
    for kind, body in _records(stream, start):
        if kind == _ROW:
            (row,) = struct.unpack_from("<H", body)
            if body[12] & _ROW_HIDDEN and row < MOST_ROWS:
                outline.hidden_rows.add(row)
        elif kind == _COLUMNS:
            first, last = struct.unpack_from("<HH", body)
            if body[8] & _COLUMN_HIDDEN:
                outline.hidden_columns.update(range(first, min(last + 1, MOST_COLUMNS)))
    return outline
