"""Compresses answers; what stands in many of them is compressed once. Pure."""

import functools
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from functions.shared.web import Fixed, Pieces

_HEADER = b"\x1f\x8b\x08" + bytes(6) + b"\xff"  # RFC 1952: no name, no time, any system
_END = b"\x03\x00"  # RFC 1951: a last block with nothing in it
_OFTEN, _ONCE = 9, 1  # levels of compression
_32_BITS = 0xFFFFFFFF


@dataclass(frozen=True)
class _Part:
    """A compressed text, which may stand anywhere in a compressed answer.

    `checksum` is that of the text. `shifts` holds, for each hexadecimal digit of the checksum of
    what stands before it, the last one first, what becomes of each value of the digit. (Checksums
    are linear, bit for bit.)
    """

    deflated: bytes
    size: int
    checksum: int
    shifts: Sequence[Sequence[int]]

    def after(self, checksum: int) -> int:
        """The checksum of another text and this one behind it."""
        combined = self.checksum
        for shift in self.shifts:
            combined ^= shift[checksum & 15]
            checksum >>= 4
        return combined


def gzipped(text: str | Pieces) -> bytes:
    """A text as a gzip file."""
    pieces = text.pieces if isinstance(text, Pieces) else (text,)
    compressed, checksum, size = [_HEADER], 0, 0
    deflate = _deflate(_ONCE)
    for piece in pieces:
        if isinstance(piece, Fixed):
            part = _fixed(piece)
            compressed.append(part.deflated)
            checksum, size = part.after(checksum), size + part.size
        elif piece:
            plain = piece.encode()
            compressed += deflate(plain)
            checksum, size = zlib.crc32(plain, checksum), size + len(plain)
    return b"".join([*compressed, _END, struct.pack("<II", checksum, size & _32_BITS)])


def _deflate(level: int) -> Callable[[bytes], tuple[bytes, bytes]]:
    """Compresses one text after the other.

    What it makes of each ends with a whole byte, and looks at nothing that stands before.
    """
    stream = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return lambda plain: (stream.compress(plain), stream.flush(zlib.Z_FULL_FLUSH))


@functools.lru_cache(maxsize=1024)
def _fixed(text: Fixed) -> _Part:
    plain = text.encode()
    zeros = bytes(len(plain))
    nothing = zlib.crc32(zeros)
    bits = [zlib.crc32(zeros, 1 << bit) ^ nothing for bit in range(32)]
    shifts = [_combined(bits[at : at + 4]) for at in range(0, 32, 4)]
    return _Part(b"".join(_deflate(_OFTEN)(plain)), len(plain), zlib.crc32(plain), shifts)


def _combined(bits: Sequence[int]) -> Sequence[int]:
    """What comes of each set of some bits, in the order of the numbers that the sets make."""
    sums = [0]
    for bit in bits:
        sums += [bit ^ some for some in sums]
    return sums
