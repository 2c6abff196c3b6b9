"""Import an uploaded site on a thread, with its progress and report in a file for the page."""

import json
import os
import shutil
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO
from typing import TYPE_CHECKING
from typing import Any

from flask import Flask
from flask import current_app

from .. import errors
from .. import text
from . import uploads

if TYPE_CHECKING:
    from .importing import Options
    from .report import Report

STATE_FILE = "state.json"
# A running import reports at least this often, unless its process has died.
MAX_SILENCE_SECONDS = 10 * 60
REPORT_SECONDS = 0.5
_start_lock = threading.Lock()
MAX_SHOWN = 20
# Processes for pictures, beside the one that answers requests.
MAX_PROCESSES = 4


def _folder() -> Path:
    return Path(current_app.instance_path, "import")


def state() -> dict[str, Any]:
    """Return the state of the last import; empty before the first."""
    try:
        found = json.loads((_folder() / STATE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    if found.get("running") and found.get("updated", 0) < time.time() - MAX_SILENCE_SECONDS:
        return {"error": "The import has stopped. Upload the zip again to continue."}
    return found


def _write(**values: Any) -> None:
    file = _folder() / STATE_FILE
    values.pop("updated", None)
    partial = file.with_name(f"{STATE_FILE}.{os.getpid()}.part")
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial.write_text(json.dumps({**values, "updated": time.time()}), encoding="utf-8")
        partial.replace(file)


def start(stream: IO[bytes], name: str, zone: str, *, dry_run: bool) -> threading.Thread:
    """Unpack an uploaded zip and import it on a thread, which is returned.

    Raises `Conflict` if an import is running, `Invalid` or `Unavailable`.
    """
    with _start_lock:
        before = state()
        if before.get("running"):
            raise errors.Conflict("An import is running. Wait until it has finished.", "site")
        _write(running=True, phase="Unpacking", done=0, total=0)
    # The importers are only loaded for an import.
    from .importing import Options

    # A later upload of the same name updates the posts of this one.
    folder = _folder() / text.slugify(Path(name).stem)
    try:
        left_out = uploads.unpack(stream, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        _write(**before)
        raise
    _write(running=True, phase="Reading", done=0, total=0)
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # a proxy has it
    options = Options(dry_run=dry_run, processes=min(os.cpu_count() or 1, MAX_PROCESSES))
    thread = threading.Thread(target=_run, args=(app, folder, zone, options, left_out), daemon=True)
    thread.start()
    return thread


def _run(
    app: Flask, folder: Path, zone: str, options: "Options", left_out: list[tuple[str, str]]
) -> None:
    from . import importing

    last = 0.0

    def show(phase: str, done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last > REPORT_SECONDS:
            last = time.monotonic()
            _write(running=True, phase=phase, done=done, total=total)

    with app.app_context():
        try:
            report = importing.run(folder, zone, options, show, left_out=left_out)
        except errors.AppError as error:
            _write(error=error.message)
        except Exception:
            app.logger.exception("The import of an uploaded site failed")
            _write(error="The import failed. The log says why.")
        else:
            _write(report=_describe(report))
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _describe(report: "Report") -> dict[str, Any]:
    from .report import HEADINGS

    groups = [
        {"heading": HEADINGS[kind], "count": len(found), "lines": report.lines_of(kind, MAX_SHOWN)}
        for kind, found in report.findings.items()
        if found
    ]
    return {
        "site": report.site,
        "hints": report.hints,
        "summary": report.summary(),
        "outcome": report.outcome(),
        "dry_run": report.dry_run,
        "groups": groups,
    }
