"""Pure: a text stored small, as what it differs in from an earlier one."""

import struct
import zlib

HEAD = struct.Struct(">II")
# How far back zlib looks.
WINDOW = 32 * 1024
# Level 9 takes 13 s for 5 MB of two letters in no order, level 6 less than one.
LEVEL = 6


def pack(text: str, base: str = "") -> bytes:
    """What makes `text` out of `base`: the lengths of what both begin and end with, and the rest,
    compressed by zlib (RFC 1950) with the text of `base` as its dictionary."""
    new, old = text.encode(), base.encode()
    begin = _common(new, old)
    end = _common(new[begin:][::-1], old[begin:][::-1])
    rest = new[begin : len(new) - end]
    compressor = zlib.compressobj(LEVEL, zdict=_dictionary(old, begin, end))
    return HEAD.pack(begin, end) + compressor.compress(rest) + compressor.flush()


def _common(one: bytes, other: bytes) -> int:
    """How many bytes both begin with."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def unpack(packed: bytes, base: str = "") -> str:
    """The text that `pack` was given, from the same `base`."""
    old = base.encode()
    begin, end = HEAD.unpack_from(packed)
    decompressor = zlib.decompressobj(zdict=_dictionary(old, begin, end))
    rest = decompressor.decompress(packed[HEAD.size :]) + decompressor.flush()
    return (old[:begin] + rest + old[len(old) - end :]).decode()


def _dictionary(old: bytes, begin: int, end: int) -> bytes:
    """The part of the earlier text around which the change lies."""
    return old[max(0, begin - WINDOW // 4) : len(old) - end][-WINDOW:]
