"""Describe errors of the disk."""

import errno

import click


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
