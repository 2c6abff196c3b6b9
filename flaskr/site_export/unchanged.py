"""Recognize that nothing has changed since a blog was frozen into a folder.

A run that finds nothing to write renders all pages first. With this, freezing a blog of 1,000 posts
again takes half a second instead of many, so that a timer may do it every few minutes. To remove
it, remove `Folder.note` and the callers of this module.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .. import default_settings
from ..models import media_storage
from ..models import static_sites
from ..page_cache.version import VISIBLE_COLUMNS
from ..web import theme
from .folders import Folder
from .pages import Site

# Changes of these change no page that is in memory, and so not the content version.
OTHER_TABLES = (
    *("content", "former_series", "former_slug", "former_tag", "icon", "old_address"),
    *("redirect", "site", "translation"),
)
NAMES = [name for name in vars(default_settings) if name.isupper()]


def read_state(site: Site) -> str:
    """Return a hash of all that pages are made of: content, settings, templates and code."""
    config = site.app.config
    digest = hashlib.sha256(
        repr((site.origin, site.root, [config[name] for name in NAMES])).encode()
    )
    # A scheduled post appears without a change.
    digest.update(repr(static_sites.visible_ids()).encode())
    for row in static_sites.read_tables([*VISIBLE_COLUMNS, *OTHER_TABLES]):
        digest.update(repr(tuple(row)).encode(errors="replace"))
    overrides = (theme.folder(site.app, name) for name in ("templates", "static"))
    folders = (Path(site.app.root_path), *overrides)
    digest.update(repr(sorted(media_storage.store().files().items())).encode(errors="replace"))
    digest.update(repr(list(_describe_files(folders))).encode(errors="replace"))
    return digest.hexdigest()


def _describe_files(folders: tuple[Path, ...]) -> Iterator[tuple[str, int, int]]:
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and file.suffix != ".pyc":
                known = file.stat()
                yield str(file.relative_to(folder)), known.st_size, known.st_mtime_ns


def write_note(folder: Folder, state: str, report: dict[str, Any]) -> str:
    """Return the note for the next run, with what was found in this one."""
    return json.dumps({"state": state, "files": _hash_folder(folder.path, folder.names), **report})


def find_note(folder: Folder) -> dict[str, Any] | None:
    """Return the note of the last run, or None if a file in the folder has changed since."""
    try:
        note: dict[str, Any] = json.loads(folder.note)
        is_same = note["files"] == _hash_folder(folder.path, folder.known)
    except (ValueError, TypeError, KeyError, OSError):
        return None
    return note if is_same else None


def _hash_folder(path: Path, names: set[str]) -> str:
    digest = hashlib.sha256()
    for name in sorted(names):
        file = (path / name).lstat()
        digest.update(repr((name, file.st_size, file.st_mtime_ns)).encode(errors="replace"))
    return digest.hexdigest()
