"""Checks of the machine: versions, settings, files, disk and clock."""

import os
import re
import shlex
import shutil
import stat
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from functools import partial
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

import click
from flask import current_app

from .. import db
from ..data_folder import days_seen
from ..data_folder import notices
from ..db import support
from ..models import media_storage
from ..models import sessions
from ..models import websub
from ..sizes import format_size
from ..web import proxies
from ..web import site_settings
from .findings import Finding
from .findings import Track

# An upgrade keeps a copy of the database, and uploads need room.
MIN_FREE_BYTES = 200 * 1024 * 1024
OTHERS = stat.S_IRWXG | stat.S_IRWXO
CLOCK_TOLERANCE = timedelta(minutes=5)
MAX_PAUSE = timedelta(days=366)
SET_CLOCK = "Set the clock, for example with: timedatectl set-ntp true"
REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*(?:>=\s*([0-9.]+))?")


def check_versions(track: Track) -> Iterator[Finding]:
    """Find dependencies that are missing or too old, and an incomplete SQLite."""
    if problem := support.problem():
        yield Finding(problem, "Install a newer Python.")
    for name, minimum in _requirements():
        installed = _installed_version(name)
        if installed is None or _release(installed) < _release(minimum):
            found = f"is {installed}" if installed else "is not installed"
            yield Finding(
                f"{name} {found}, but flaskr needs {minimum} or newer.",
                f"Run: pip install --upgrade '{name}>={minimum}'",
            )


def _requirements() -> Iterator[tuple[str, str]]:
    """Yield the name and the lowest version of each dependency that every platform needs."""
    try:
        lines = metadata.requires("flaskr") or []
    except metadata.PackageNotFoundError:
        return
    for line in lines:
        match = REQUIREMENT.match(line)
        if match and ";" not in line:
            yield match[1], match[2] or "0"


def _installed_version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _release(version: str) -> list[int]:
    """Return the numbers of a version, without a suffix like `rc1`."""
    return [int(number) for number in re.match(r"[0-9.]*", version)[0].split(".") if number]  # type: ignore[index]  # it may be empty


def check_settings(track: Track) -> Iterator[Finding]:
    """Find misspelled settings, and a folder that does not suit a blog."""
    for notice in current_app.extensions[notices.NOTICES]:
        yield Finding(notice, "See docs/settings.md and docs/installing.md.")


def check_proxy(track: Track) -> Iterator[Finding]:
    """Find a reverse proxy that is not trusted."""
    is_public = current_app.config["SITE_URL"] or current_app.extensions[proxies.HOSTS]
    if is_public and not current_app.config["TRUSTED_PROXIES"] and _everyone_seems_local():
        yield Finding(
            "Everyone seems to log in from this machine, as behind a proxy that is not trusted.",
            "Add your reverse proxy to TRUSTED_PROXIES. See docs/hosting.md.",
        )


def _everyone_seems_local() -> bool:
    addresses = [proxies.parse_address(text) for text in sessions.addresses()]
    return bool(addresses) and all(one is None or one.is_loopback for one in addresses)


def check_files(track: Track) -> Iterator[Finding]:
    """Find files that this user cannot write, and secrets that others can read."""
    folder = Path(current_app.instance_path)
    databases = [] if db.is_postgres() else [Path(current_app.config["DATABASE"])]
    for path in filter(None, (folder, media_storage.store().folder, *databases)):
        if path.exists() and not os.access(path, os.R_OK | os.W_OK):
            yield Finding(
                f"{_name(path)} cannot be written.", "Give it to the user who runs the blog."
            )
    for path in (folder / "secret_key", folder / "setup_token", *databases):
        if os.name == "posix" and _size(path) and path.stat().st_mode & OTHERS:
            yield Finding(
                f"{_name(path)} can be read by other users of this machine.",
                f"Run: chmod 600 {shlex.quote(str(path))}",
                partial(path.chmod, 0o600),
            )


def _name(path: Path) -> str:
    return click.format_filename(path)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def check_disk_space(track: Track) -> Iterator[Finding]:
    """Find disks that are too full for an upgrade and a few uploads."""
    size = 0 if db.is_postgres() else _size(Path(current_app.config["DATABASE"]))
    needed = MIN_FREE_BYTES + 2 * size
    for folder in dict.fromkeys((Path(current_app.instance_path), db.folder())):
        free = shutil.disk_usage(folder).free
        if free < needed:
            yield Finding(
                f"The disk of {_name(folder)} has only {format_size(free)} left, but an upgrade"
                f" and uploads need {format_size(needed)}.",
                "Delete what you do not need, such as old snapshots of the database.",
            )


def check_clock(track: Track) -> Iterator[Finding]:
    """Find a clock that went back, or far ahead."""
    latest = sessions.latest_use()
    if latest and latest > datetime.now(UTC).replace(tzinfo=None) + CLOCK_TOLERANCE:
        yield Finding(
            f"Somebody used the blog at {latest} UTC, which this machine says is in the future.",
            SET_CLOCK,
        )
    now = datetime.now(UTC)
    days = days_seen.load(Path(current_app.instance_path))
    last = max((day for day in days if day < f"{now:%Y-%m-%d}"), default="")
    if last and last < f"{now - MAX_PAUSE:%Y-%m-%d}":
        yield Finding(
            f"Nobody has used the blog since {last}, according to the clock of this machine.",
            f"If that is wrong: {SET_CLOCK}",
        )


def check_hub(track: Track) -> Iterator[Finding]:
    """Find a WebSub hub that refuses, and one that feeds cannot name."""
    hub = site_settings.get("WEBSUB_HUB")
    if hub and not current_app.config["SITE_URL"]:
        yield Finding("Feeds do not name the hub, because SITE_URL is not set.", "Set SITE_URL.")
    if error := websub.last_error(hub):
        yield Finding(
            f"The hub {urlsplit(hub).hostname} could not be told about changed feeds. {error}",
            "Check its address under Settings. The next change of a post tries again.",
        )
