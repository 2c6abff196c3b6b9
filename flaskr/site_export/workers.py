"""Render posts and pages in several processes, which halves the time on two processors.

To remove it, let `freeze.py` call the functions that it passes to `Workers.run`.
"""

import gc
import multiprocessing
import sys
import threading
from collections import deque
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from itertools import islice
from typing import TypeVar

from werkzeug.utils import import_string

from .. import db
from ..data_folder.child_processes import start_process
from ..models import media_storage
from ..text import highlighting
from .pages import Site

# Results wait in memory, so only a few may be ahead.
AHEAD = 3
Item = TypeVar("Item")
Result = TypeVar("Result")
_site: Site
GC_THRESHOLDS = 20_000, 20, 20
# Closed when the process ends.
_open = ExitStack()


def start(url: str, site: Site | None) -> None:  # pragma: no cover  # in another process
    """Open the blog in a new process. A forked process has it already, as `site`."""
    global _site
    start_process()
    if site is None:
        app = import_string("flaskr:create_app")()
        app.config["SITE_URL"] = url
        site = Site(app, url)
    _open.enter_context(site.app.app_context())
    _open.enter_context(highlighting.keep_process())
    _site = site
    # Loaded code stays until the end, and most new objects are needed for one page only.
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


def _can_fork() -> bool:
    """Return True if new processes can be copies of this one, which has loaded everything."""
    # The threads of the library that speaks S3 are not among those that Python knows.
    is_alone = threading.active_count() == 1 and not media_storage.store().is_shared
    return sys.platform == "linux" and is_alone


def _do(
    work: Callable[[Site, Item], Result], items: list[Item]
) -> list[Result]:  # pragma: no cover  # in another process
    return [work(_site, item) for item in items]


class Workers:
    """Processes that work for this one, or only this one. Use it in a `with` statement."""

    def __init__(self, site: Site, url: str, processes: int) -> None:
        self._site = site
        self._ahead = processes * AHEAD if processes > 1 else 1
        self._stack = ExitStack()
        self._pool: ProcessPoolExecutor | None = None
        if processes > 1:
            self._pool = self._start_pool(url, processes)
            self._stack.callback(self._pool.shutdown, cancel_futures=True)
        self._stack.enter_context(highlighting.keep_process())

    def _start_pool(self, url: str, processes: int) -> ProcessPoolExecutor:
        is_forked = _can_fork()
        # SQLite's connections and locks must not be copied.
        db.close_db()
        pool = ProcessPoolExecutor(
            processes,
            mp_context=multiprocessing.get_context("fork" if is_forked else "spawn"),
            initializer=start,
            initargs=(url, self._site if is_forked else None),
        )
        # Processes start with the first call.
        pool.submit(int)
        return pool

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def run(
        self,
        work: Callable[[Site, Item], Result],
        take: Callable[[], Item | None],
        at_once: int = 1,
    ) -> Iterator[tuple[Item, Result]]:
        """Yield items with the results of a function, in the order of the items.

        `take` returns the next item. It may return None and have more items after a later result.
        A process gets some items at once, as sending one takes longer than some pages.
        """
        started: deque[tuple[list[Item], Callable[[], list[Result]]]] = deque()
        while True:
            while len(started) < self._ahead and (items := list(islice(iter(take, None), at_once))):
                started.append((items, self._start(work, items)))
            if not started:
                return
            items, wait = started.popleft()
            yield from zip(items, wait(), strict=True)

    def _start(
        self, work: Callable[[Site, Item], Result], items: list[Item]
    ) -> Callable[[], list[Result]]:
        def do_here() -> list[Result]:
            return [work(self._site, item) for item in items]

        def wait() -> list[Result]:
            try:
                return future.result()
            except BrokenProcessPool:
                # A process may be killed for want of memory: this one does the rest.
                return do_here()

        if self._pool is None:
            return do_here
        try:
            future = self._pool.submit(_do, work, items)
        except BrokenProcessPool:
            return do_here
        return wait
