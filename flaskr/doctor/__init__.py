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
# These are left out if the database has a fault. The slow ones come last.
CONTENT_CHECKS: dict[str, Callable[[Track], Iterator[Finding]]] = {
    "Reverse proxy": machine.check_proxy,
    "Clock": machine.check_clock,
    "Hub for feeds": machine.check_hub,
    "Media": contents.check_media,
    "Search": contents.check_search,
    "Rendering": contents.check_rendering,
    "Links within the blog": contents.check_links,
}


def examine(track: Track) -> Iterator[tuple[str, list[Finding]]]:
    """Yield the heading and the findings of each check."""
    findings: list[Finding] = []
    for heading, check in MACHINE_CHECKS.items():
        findings = _run(check, track)
        yield heading, findings
    if not findings:
        for heading, check in CONTENT_CHECKS.items():
            yield heading, _run(check, track)


def _run(check: Callable[[Track], Iterator[Finding]], track: Track) -> list[Finding]:
    try:
        return list(check(track))
    except sqlite3.DatabaseError as error:
        message = db.error_message(error) or f"The database cannot be read: {error}."
        return [Finding(message, contents.RESTORE)]
