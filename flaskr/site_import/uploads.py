"""Unpack an uploaded zip of a site safely into a folder of its own."""

import os
import shutil
import stat
import struct
import time
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import IO

from .. import errors
from ..sizes import format_size

MAX_FILES = 50_000
MAX_UNPACKED_BYTES = 2 * 1024 * 1024 * 1024
# Text can be compressed to a hundredth, but hardly beyond.
MAX_RATIO = 300
MIN_SUSPICIOUS_BYTES = 20 * 1024 * 1024
MAX_PATH_CHARS = 1000
MAX_NAME_BYTES = 255
MAX_DEPTH = 40
# The record at the end of a zip, before a comment of at most 64 KB.
END_MARK = b"PK\x05\x06"
END_RECORD = struct.Struct("<4s4H2LH")
END_BYTES = 65_536 + 22
MAX_DIRECTORY_BYTES = 12 * 1024 * 1024
CHUNK_BYTES = 256 * 1024
# Files of generators and systems that no import reads.
IGNORED_PARTS = frozenset((".git", "node_modules", "__MACOSX", ".DS_Store", ".svn", ".hg"))
BROKEN = "This is no zip file, or it is damaged. Make it again, then upload the new one."
TOO_LARGE = (
    f"The site is too large to unpack: at most {MAX_FILES:,} files of"
    f" {format_size(MAX_UNPACKED_BYTES)} together. Import it with the command flaskr import."
)


def unpack(stream: IO[bytes], folder: Path) -> list[tuple[str, str]]:
    """Unpack a zip into a folder, which is emptied first.

    Returns the names of files that were left out, like links and paths out of the folder, with
    reasons. Raises `Invalid` for a broken or excessive file, and `Unavailable` if the disk is full.
    """
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        _check_directory(stream)
        with zipfile.ZipFile(stream) as archive:
            return _unpack_all(archive, folder)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, RuntimeError) as error:
        raise errors.Invalid(_explain(error), "site") from error
    except zipfile.zlib.error as error:  # type: ignore[attr-defined]  # it imports zlib
        raise errors.Invalid(BROKEN, "site") from error
    except OSError as error:
        raise errors.Unavailable(f"The zip cannot be unpacked: {error.strerror}.") from error


def _explain(error: Exception) -> str:
    if "password" in str(error) or "encrypted" in str(error):
        return "The zip has a password. Make one without, then upload that."
    return BROKEN


def _check_directory(stream: IO[bytes]) -> None:
    """Raise `TooLong` for a zip with too many entries, before a list of them fills the memory."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - END_BYTES))
    tail = stream.read()
    at = tail.rfind(END_MARK)
    if 0 <= at <= len(tail) - END_RECORD.size:
        *_, count, directory_bytes, _, _ = END_RECORD.unpack_from(tail, at)
        if count > MAX_FILES or directory_bytes > MAX_DIRECTORY_BYTES:
            raise errors.TooLong(TOO_LARGE, "site")


def _unpack_all(archive: zipfile.ZipFile, folder: Path) -> list[tuple[str, str]]:
    entries = archive.infolist()
    if len(entries) > MAX_FILES:
        raise errors.TooLong(TOO_LARGE, "site")
    left = MAX_UNPACKED_BYTES
    left_out = []
    for entry in entries:
        parts = [
            part for part in entry.filename.replace("\\", "/").split("/") if part not in ("", ".")
        ]
        if entry.is_dir() or not IGNORED_PARTS.isdisjoint(parts):
            continue
        reason = _unsafe_reason(entry, parts)
        if not reason:
            try:
                left -= _write(archive, entry, folder.joinpath(*parts), left)
            except (FileExistsError, NotADirectoryError, IsADirectoryError):
                reason = "Another file of the zip has its name."
        if reason:
            left_out.append((entry.filename[:MAX_PATH_CHARS].replace("\0", " "), reason))
    return left_out


def _unsafe_reason(entry: zipfile.ZipInfo, parts: list[str]) -> str:
    """Return why a file may not be unpacked to its path, or an empty string."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "It is a link or a device. Put the file itself into the zip."
    if entry.filename.startswith(("/", "\\")) or ".." in parts:
        return "Its path leads out of the zip."
    if not parts or any(":" in part or "\0" in part for part in parts):
        return "Its name cannot be that of a file."
    is_long = any(len(part.encode(errors="replace")) > MAX_NAME_BYTES for part in parts)
    if is_long or len(entry.filename) > MAX_PATH_CHARS or len(parts) > MAX_DEPTH:
        return "Its path is too long."
    return ""


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, file: Path, left: int) -> int:
    """Unpack a file and return its size, which is counted, as the zip may lie."""
    size = 0
    file.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as source, file.open("xb") as target:
        while chunk := source.read(CHUNK_BYTES):
            size += len(chunk)
            is_bomb = size > MIN_SUSPICIOUS_BYTES and size > MAX_RATIO * entry.compress_size
            if size > left or is_bomb:
                raise errors.TooLong(TOO_LARGE, "site")
            target.write(chunk)
    # An undated post takes its date from the file.
    with suppress(ValueError, OverflowError):
        moment = time.mktime((*entry.date_time, 0, 0, -1))
        os.utime(file, (moment, moment))
    return size
