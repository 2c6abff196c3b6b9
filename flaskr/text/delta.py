"""Compress a text as its difference from an earlier one."""

import struct
import zlib

HEADER = struct.Struct(">II")
# The size of zlib's window.
WINDOW_BYTES = 32 * 1024
# Level 9 takes 13 s for 5 MB of two random letters, level 6 less than one.
COMPRESSION_LEVEL = 6
DAMAGED = "The delta is damaged, or of another text."


def pack(text: str, base: str = "") -> bytes:
    """Return `text` packed as a difference from `base`.

    The format is the lengths of the common prefix and suffix, then the rest, compressed by zlib
    (RFC 1950) with `base` as its dictionary.
    """
    new, old = text.encode(), base.encode()
    begin = common_prefix_length(new, old)
    end = common_prefix_length(new[begin:][::-1], old[begin:][::-1])
    rest = new[begin : len(new) - end]
    compressor = zlib.compressobj(COMPRESSION_LEVEL, zdict=_dictionary(old, begin, end))
    return HEADER.pack(begin, end) + compressor.compress(rest) + compressor.flush()


def common_prefix_length(one: str | bytes, other: str | bytes) -> int:
    """Return the length of the common prefix."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def unpack(packed: bytes, base: str = "") -> str:
    """Restore the text from the result of `pack` with the same `base`.

    Raises `ValueError` if the packed text is damaged.
    """
    old = base.encode()
    try:
        begin, end = HEADER.unpack_from(packed)
        decompressor = zlib.decompressobj(zdict=_dictionary(old, begin, end))
        rest = decompressor.decompress(packed[HEADER.size :]) + decompressor.flush()
        text = (old[:begin] + rest + old[len(old) - end :]).decode()
    except (TypeError, UnicodeDecodeError, struct.error, zlib.error) as error:
        raise ValueError(DAMAGED) from error
    if not decompressor.eof or begin + end > len(old):
        raise ValueError(DAMAGED)
    return text


def _dictionary(old: bytes, begin: int, end: int) -> bytes:
    """Return the part of the earlier text that surrounds the change."""
    return old[max(0, begin - WINDOW_BYTES // 4) : len(old) - end][-WINDOW_BYTES:]
