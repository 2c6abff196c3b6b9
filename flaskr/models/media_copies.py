"""Copy the media files from one place to another, where they are read again and compared."""

import hashlib
import re
from collections.abc import Callable
from collections.abc import Iterable
from typing import NamedTuple

from .. import errors
from .. import images
from . import consistency
from . import media
from . import media_stores
from .media_stores import Store

# The name of an upload, unlike that of a variant, begins with the hash of its content.
UPLOAD = re.compile(rf"({images.HASH})\.[a-z0-9]{{3,4}}", re.ASCII)
Progress = Callable[[int, int], None]


class Copied(NamedTuple):
    """The numbers of files that were copied and that were there, and the names of bad ones."""

    copied: int
    bytes: int
    present: int
    missing: list[str]
    damaged: list[str]


def copy_all(source: Store, target: Store, progress: Progress) -> Copied:
    """Copy the files of the media library that are not yet in the target.

    After an interruption, another call continues. Raises `Unavailable`.
    """
    names = [name for medium in consistency.media() for name in media.file_names(medium)]
    return _copy(names, source, target, progress)


def _copy(names: Iterable[str], source: Store, target: Store, progress: Progress) -> Copied:
    stored, there = source.files(), target.files()
    missing = [name for name in names if name not in stored]
    wanted = [name for name in names if name in stored]
    left = [name for name in wanted if name not in there or there[name].size != stored[name].size]
    total, done, damaged = sum(stored[name].size for name in left), 0, list[str]()
    for name in left:
        if not _copy_file(name, source, target):
            damaged.append(name)
        done += stored[name].size
        progress(done, total)
    copied = len(left) - len(damaged)
    return Copied(copied, done, len(wanted) - len(left), missing, damaged)


def _copy_file(name: str, source: Store, target: Store) -> bool:
    """Copy a file, and return False if its content does not fit its name."""
    content = b"".join(media_stores.read(source, name))
    upload = UPLOAD.fullmatch(name)
    if upload and _digest(content)[: len(upload[1])] != upload[1]:
        return False
    target.write(name, content)
    if _digest(b"".join(media_stores.read(target, name))) != _digest(content):
        raise errors.Unavailable(f"The copy of {name} differs. Delete it, then try again.")
    return True


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
