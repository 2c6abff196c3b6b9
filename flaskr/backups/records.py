"""Remember the backups that this blog has made: to show the last one, and to delete old ones."""

import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from . import archives

FILE = "backups.json"
# More are forgotten, and then never deleted.
MAX_RECORDS = 10_000


def load(instance: Path) -> dict[str, Any]:
    """Return the records: the backups `made`, oldest first, and the last `error`."""
    try:
        found = json.loads((instance / FILE).read_text(encoding="utf-8"))
        made = [entry for entry in found["made"] if _is_entry(entry)]
        return {**found, "made": made}
    except (OSError, ValueError, TypeError, KeyError):
        return {"made": []}


def _is_entry(entry: Any) -> bool:
    types = {"file": str, "digest": str, "bytes": int, "time": int | float}
    return isinstance(entry, dict) and all(
        isinstance(entry.get(name), kind) for name, kind in types.items()
    )


def _store(instance: Path, records: dict[str, Any]) -> None:
    partial = instance / f"{FILE}.part"
    try:
        partial.write_text(json.dumps(records, indent=1), encoding="utf-8")
        partial.chmod(0o600)
        partial.replace(instance / FILE)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def delete_unfinished(instance: Path) -> None:
    """Delete the file that a killed process left."""
    left = load(instance).get("partial")
    if isinstance(left, str):
        Path(left).unlink(missing_ok=True)


def begin(instance: Path, partial: Path) -> None:
    """Remember the file that is being written."""
    _store(instance, {**load(instance), "partial": os.path.abspath(partial)})


def add(instance: Path, file: Path, digest: str) -> None:
    """Remember a new backup."""
    records = load(instance)
    path = os.path.abspath(file)
    made = [entry for entry in records["made"] if entry["file"] != path]
    made.append({"file": path, "digest": digest, "bytes": file.stat().st_size, "time": time.time()})
    _store(instance, {"made": made[-MAX_RECORDS:]})


def add_error(instance: Path, message: str) -> None:
    """Remember why the last backup failed."""
    # A full disk is the likely reason, and may keep this from being stored as well.
    with suppress(OSError):
        _store(instance, {**load(instance), "error": message, "error_time": time.time()})


def last(instance: Path) -> dict[str, Any] | None:
    """Return the newest backup, if any was made."""
    made = load(instance)["made"]
    return made[-1] if made else None


def delete_old(instance: Path, folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest `keep` backups that this blog has made in a folder.

    A file that has been replaced by another is kept. Returns the deleted files.
    """
    records = load(instance)
    here = [
        entry
        for entry in records["made"]
        if Path(entry["file"]).parent == Path(os.path.abspath(folder))
    ]
    outdated = here[:-keep] if keep else []
    deleted = []
    for entry in outdated:
        path = Path(entry["file"])
        if archives.read_digest(path) == entry["digest"]:
            path.unlink()
            deleted.append(path)
    made = [entry for entry in records["made"] if entry not in outdated]
    _store(instance, {**records, "made": made})
    return deleted
