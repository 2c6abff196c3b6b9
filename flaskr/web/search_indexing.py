"""Index many posts in the background, such as all of them after an upgrade."""

import threading
import time

from flask import Flask
from flask import current_app

from ..models import search_texts
from ..models.search_texts import Languages
from . import site_settings

# Leaves the processor and the database to requests between the steps.
PAUSE_SECONDS = 0.1
_running = threading.Lock()


def languages() -> Languages:
    """Return the languages that decide which words are indexed."""
    return Languages(site_settings.get("LANGUAGE"), site_settings.typography())


def start() -> threading.Thread | None:
    """Index all posts that are not up to date on a thread, unless one does that already."""
    wanted = languages()
    if not search_texts.has_outdated(wanted) or not _running.acquire(blocking=False):
        return None
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # a proxy has it
    thread = threading.Thread(target=_run, args=(app, wanted), daemon=True)
    thread.start()
    return thread


def _run(app: Flask, wanted: Languages) -> None:
    try:
        with app.app_context():
            while search_texts.update_next(wanted):
                time.sleep(PAUSE_SECONDS)
    finally:
        _running.release()
