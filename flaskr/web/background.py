"""Threads that run in the background as long as their process runs."""

import os
import threading
from collections.abc import Callable

from flask import Flask


def start_with_first_request(app: Flask, name: str, work: Callable[[Flask], None]) -> None:
    """Start a thread in each process that serves requests; `work` gets the application."""
    # Servers that fork after loading the application do not copy its threads.
    started: set[int] = set()
    lock = threading.Lock()

    @app.before_request
    def start() -> None:
        with lock:
            if os.getpid() in started:
                return
            started.add(os.getpid())
        threading.Thread(target=work, args=(app,), name=name, daemon=True).start()
