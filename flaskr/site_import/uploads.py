"""Unpack an uploaded zip of a site safely into a folder of its own."""

import os
import shutil
import stat
import time
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import IO

from .. import errors

MAX_FILES = 50_000
MAX_UNPACKED_BYTES = 2 * 1024 * 1024 * 1024
# Text can be compressed to a hundredth, but hardly beyond.
MAX_RATIO = 300
MIN_SUSPICIOUS_BYTES = 20 * 1024 * 1024
MAX_PATH_CHARS = 1000
MAX_NAME_BYTES = 255
MAX_DEPTH = 40
CHUNK_BYTES = 256 * 1024
# Files of generators and systems that no import reads.
IGNORED_PARTS = frozenset((".git", "node_modules", "__MACOSX", ".DS_Store", ".svn", ".hg"))
BROKEN = "This is no zip file, or it is damaged. Make it again, then upload the new one."
TOO_LARGE = (
    f"The site is too large to unpack: at most {MAX_FILES:,} files of"
    f" {MAX_UNPACKED_BYTES // 1024**3} GB together. Import it with the command flaskr import."
)


def unpack(stream: IO[bytes], folder: Path) -> None:
    """Unpack a zip into a folder, which is emptied first.

    Links and paths that lead out of the folder are left out. Raises `Invalid` for a broken or
    excessive file, and `Unavailable` if the disk is full.
    """
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        with zipfile.ZipFile(stream) as archive:
            _unpack_all(archive, folder)
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


def _unpack_all(archive: zipfile.ZipFile, folder: Path) -> None:
    entries = archive.infolist()
    if len(entries) > MAX_FILES:
        raise errors.TooLong(TOO_LARGE, "site")
    left = MAX_UNPACKED_BYTES
    for entry in entries:
        parts = _safe_parts(entry)
        if parts:
            left -= _write(archive, entry, folder.joinpath(*parts), left)


def _safe_parts(entry: zipfile.ZipInfo) -> list[str]:
    """Return the path of a file below the folder, or nothing if it is to be left out."""
    name = entry.filename.replace("\\", "/")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if entry.is_dir() or kind not in (0, stat.S_IFREG) or name.startswith("/"):
        return []
    parts = [part for part in name.split("/") if part not in ("", ".")]
    is_unsafe = any(
        part == ".." or ":" in part or "\0" in part or len(part.encode()) > MAX_NAME_BYTES
        for part in parts
    )
    is_excessive = len(name) > MAX_PATH_CHARS or len(parts) > MAX_DEPTH
    return [] if is_unsafe or is_excessive or not IGNORED_PARTS.isdisjoint(parts) else parts


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, file: Path, left: int) -> int:
    """Unpack a file and return its size, which is counted, as the zip may lie."""
    size = 0
    with suppress(FileExistsError, NotADirectoryError):
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
