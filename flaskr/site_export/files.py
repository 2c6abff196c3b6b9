"""Write an export to a folder or to one file, which is replaced only when it is complete."""

import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from .. import db
from .. import errors
from . import entries
from . import other_systems
from . import zips
from .entries import Entry
from .entries import Options
from .entries import Progress
from .folders import PARTIAL_SUFFIX
from .folders import Folder
from .folders import translate_errors

MANIFEST = ".flaskr-export"
MARKDOWN, WXR, GHOST = FORMATS = ("markdown", "wxr", "ghost")


def export_markdown(target: Path, options: Options, progress: Progress) -> str:
    """Write Markdown to a zip or a folder, and return a sentence. Raises `AppError`."""
    db.check_schema()
    found = entries.of_blog(options, progress)
    if target.suffix.lower() == ".zip":
        write_file(target, zips.stream(found))
        return f"The export is in {target}."
    # It contains drafts.
    folder = Folder(target, MANIFEST, is_private=True)
    with folder.hold():
        write_folder(folder, found)
    return (
        f"The export is in {target}: {folder.written:,} files written,"
        f" {folder.unchanged:,} unchanged, {folder.removed:,} removed."
    )


def write_folder(folder: Folder, found: Iterable[Entry]) -> None:
    """Write files into a folder, and remove those that are no longer among them."""
    for entry in found:
        folder.write(entry.name, entry.content)
    folder.finish()


def write_file(target: Path, parts: Iterable[bytes]) -> None:
    """Write a file that only its owner can read. Raises `Conflict`, `Unavailable`."""
    if target.is_dir():
        raise errors.Conflict(f"{target} is a folder. Choose another name for the file.")
    with translate_errors():
        target.parent.mkdir(parents=True, exist_ok=True)
        # A file with the name of this one may belong to others, and a link may lead to one.
        descriptor, partial = tempfile.mkstemp(PARTIAL_SUFFIX, "flaskr-export-", target.parent)
        try:
            with open(descriptor, "wb") as file:
                file.writelines(parts)
            os.replace(partial, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(partial)
            raise


def export_wxr(target: Path, about: dict[str, Any], progress: Progress) -> str:
    """Write a WXR file, and return a sentence. Raises `AppError`."""
    write_file(target, other_systems.write_wxr(about, progress))
    return (
        f"The export is in {target}. In WordPress, choose Tools, Import, WordPress. It loads the"
        f" files of the media library from {about['url']}, which must be online."
    )


def export_ghost(target: Path, about: dict[str, Any], progress: Progress) -> str:
    """Write JSON, or a zip of it and the media library, and return a sentence."""
    if target.suffix.lower() == ".zip":
        write_file(target, zips.stream(other_systems.ghost_entries(about, progress)))
    else:
        write_file(target, other_systems.write_ghost(about, progress))
    return f"The export is in {target}. In Ghost, choose Settings, Import, Universal import."
