"""Index many posts in the background, such as all of them after an upgrade."""

import threading
import time

from flask import Flask
from flask import current_app

from ..models import search_texts
from ..text import Style
from . import site_settings

# Leaves the processor and the database to requests between the steps.
PAUSE_SECONDS = 0.1
_running = threading.Lock()


def start() -> threading.Thread | None:
    """Index all posts that are not up to date on a thread, unless one does that already."""
    style = site_settings.text_style()
    if not search_texts.has_outdated(style) or not _running.acquire(blocking=False):
        return None
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # a proxy has it
    thread = threading.Thread(target=_run, args=(app, style), daemon=True)
    thread.start()
    return thread


def _run(app: Flask, style: Style) -> None:
    try:
        with app.app_context():
            while search_texts.update_next(style):
                time.sleep(PAUSE_SECONDS)
    finally:
        _running.release()
