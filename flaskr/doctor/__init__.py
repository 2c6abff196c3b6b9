"""Examine a blog and the machine it runs on, and advise how to fix each fault."""

import sqlite3
from collections.abc import Callable
from collections.abc import Iterator

from .. import db
from . import contents
from . import machine
from .findings import Finding as Finding
from .findings import Track

MACHINE_CHECKS: dict[str, Callable[[Track], Iterator[Finding]]] = {
    "Versions": machine.check_versions,
    "Settings": machine.check_settings,
    "Files and permissions": machine.check_files,
    "Disk space": machine.check_disk_space,
    "Database": contents.check_database,
}
# These are left out if the database cannot be read. The slow ones come last.
CONTENT_CHECKS: dict[str, Callable[[Track], Iterator[Finding]]] = {
    "Reverse proxy": machine.check_proxy,
    "Clock": machine.check_clock,
    "Hub for feeds": machine.check_hub,
    "Media": contents.check_media,
    "Search": contents.check_search,
    "Rendering": contents.check_rendering,
    "Version history": contents.check_versions,
    "Links within the blog": contents.check_links,
}


def examine(track: Track) -> Iterator[tuple[str, list[Finding]]]:
    """Yield the heading and the findings of each check."""
    for heading, check in MACHINE_CHECKS.items():
        yield heading, list(_run(check, track))
    if contents.is_readable():
        for heading, check in CONTENT_CHECKS.items():
            yield heading, list(_run(check, track))


def _run(check: Callable[[Track], Iterator[Finding]], track: Track) -> Iterator[Finding]:
    """Yield the findings of a check, and the error that ended it, which must not end the others."""
    try:
        yield from check(track)
    except sqlite3.DatabaseError as error:
        message = db.error_message(error) or f"The database cannot be read: {error}."
        # PostgreSQL gives a reason, and is rarely damaged.
        yield Finding(message, getattr(error, "reason", "") or contents.RESTORE)
    except Exception as error:
        yield Finding(
            f"This could not be checked. {error} ({type(error).__name__})",
            "Correct that, or report the fault, and run the command again.",
        )
