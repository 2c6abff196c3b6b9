"""The WebP variants of the images in the media library."""

import re
import sqlite3

# Another program, or a failing disk, may have left something else in the column.
WIDTH = re.compile(r"(?<!\S)[1-9][0-9]{0,4}(?!\S)", re.ASCII)


def widths(medium: sqlite3.Row) -> list[int]:
    """Return the widths of an image's variants, the smallest first."""
    return list(map(int, WIDTH.findall(medium["widths"])))


def file_name(digest: str, width: int) -> str:
    """Return the file name of the variant with this width."""
    return f"{digest}-{width}.webp"
