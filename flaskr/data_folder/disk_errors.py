"""Describe errors of the disk."""

import errno
import os
import shutil
from pathlib import Path

import click

# The blog and other programs need room as well.
MIN_FREE_BYTES = 16 * 1024 * 1024


def require_room(folder: Path) -> None:
    """Raise `OSError` if more files would fill the disk."""
    if shutil.disk_usage(folder).free < MIN_FREE_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def describe(error: OSError) -> str:
    """Return a sentence about an error of the disk."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full. Free some space, then try again."
    if error.errno == errno.EFBIG:
        return "The file would be larger than this system allows (see ulimit -f)."
    if error.errno == errno.EROFS:
        return f"The disk is read-only: {error.filename or 'choose another folder'}."
    where = f"{click.format_filename(error.filename)}: " if error.filename else ""
    return f"{where}{error.strerror or error}."
