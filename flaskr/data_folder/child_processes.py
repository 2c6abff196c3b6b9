"""Processes that share the work of a command."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import connection
from typing import ParamSpec
from typing import TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class Pool(ProcessPoolExecutor):
    """New processes that end with this one, and only then: Ctrl+C stops this one, which ends them.

    Leaving the `with` statement drops the tasks that have not started.
    """

    def __init__(self, processes: int) -> None:
        super().__init__(
            processes, mp_context=multiprocessing.get_context("spawn"), initializer=start_process
        )

    def submit(
        self,
        fn: Callable[Parameters, Result],
        /,
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Future[Result]:
        """Start a task, and a process if none is idle."""
        with _block_interrupts():
            return super().submit(fn, *args, **kwargs)

    def __exit__(self, *_: object) -> None:
        self.shutdown(cancel_futures=True)


@contextmanager
def _block_interrupts() -> Iterator[None]:
    if sys.platform == "win32":  # pragma: no cover  # tests run on other systems
        yield
        return
    # A new process inherits the mask, so Ctrl+C cannot stop it while it loads its code.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def start_process() -> None:  # pragma: no cover  # in another process
    """Make this process end with the one that started it, and only then."""
    exit_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def exit_with_parent() -> None:
    """End this process as soon as the one that started it is gone, even if it was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_wait_and_exit, args=(parent.sentinel,), daemon=True).start()


def _wait_and_exit(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
