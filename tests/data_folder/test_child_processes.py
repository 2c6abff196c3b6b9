import multiprocessing
import os
import signal
from threading import Event
from types import SimpleNamespace

import pytest

from flaskr.data_folder import child_processes


@pytest.mark.parametrize("start", (child_processes.start_process, int))
def test_ctrl_c_does_not_stop_processes_of_a_pool(monkeypatch, start):
    # They inherit it from the beginning, before they have loaded their first function.
    monkeypatch.setattr(child_processes, "start_process", start)
    with child_processes.Pool(1) as pool:
        assert pool.submit(signal.raise_signal, signal.SIGINT).result() is None


def test_ctrl_c_stops_the_process_that_has_a_pool():
    with child_processes.Pool(1) as pool:
        pool.submit(int).result()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_process_ends_with_the_one_that_started_it(monkeypatch):
    ended = Event()
    reader, writer = multiprocessing.Pipe(duplex=False)
    parent = SimpleNamespace(sentinel=reader.fileno())
    monkeypatch.setattr(multiprocessing, "parent_process", lambda: parent)
    monkeypatch.setattr(os, "_exit", lambda status: ended.set())
    child_processes.exit_with_parent()
    assert not ended.wait(0.05)
    writer.close()
    assert ended.wait(60)
    reader.close()


def test_process_without_a_parent_goes_on():
    assert child_processes.exit_with_parent() is None
