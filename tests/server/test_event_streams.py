import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import pytest

from flaskr.db import get_db
from flaskr.server import event_streams
from flaskr.web.live_events import Listener

from . import coroutines


class Client:
    """Granian's side of a stream, and the client at its end."""

    def __init__(self, *, is_stalled=False):
        self.received = asyncio.Queue()
        self.gone = asyncio.get_running_loop().create_future()
        self._is_stalled = is_stalled

    def response_stream(self, status, headers):
        self.status, self.headers = status, headers
        return self

    async def send_bytes(self, data):
        if self._is_stalled:
            await asyncio.Event().wait()
        self.received.put_nowait(data)

    async def client_disconnect(self):
        await self.gone


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(event_streams, "CHECK_SECONDS", 0.01)


@pytest.fixture
def streams(app):
    with ThreadPoolExecutor(1) as pool:
        streams = event_streams.EventStreams(app, pool)
        yield streams
        streams.release()


@pytest.fixture
def commit(app):
    """Commits a change."""

    def commit():
        with app.app_context():
            get_db().execute("UPDATE post SET title = title || '!'")
            get_db().commit()

    return commit


@asynccontextmanager
async def listening(streams, poll, *, user_id=1, **options):
    """Connect a client, and wait for the end of its stream."""
    client = Client(**options)
    listener = Listener(poll, user_id, b"first")
    headers = [("Content-Type", "text/event-stream"), ("Content-Length", "0")]
    client.served = asyncio.create_task(streams.serve(client, headers, listener))
    await asyncio.sleep(0)
    yield client
    await asyncio.wait_for(client.served, 60)


def run(function, *arguments):
    coroutines.run(asyncio.wait_for(function(*arguments), 120))


def test_client_gets_the_events_after_each_commit(streams, commit):
    async def test():
        async with listening(streams, iter([b"", b"second", None]).__next__) as client:
            assert await client.received.get() == b"first"
            assert client.headers == [("Content-Type", "text/event-stream")]
            await asyncio.sleep(0.05)
            await asyncio.to_thread(commit)
            assert await client.received.get() == b"second"
            await asyncio.to_thread(commit)

    run(test)


def test_listeners_are_asked_only_after_a_commit(streams):
    asked = []

    async def test():
        async with listening(streams, lambda: asked.append(1) or b"") as client:
            await asyncio.sleep(0.1)
            client.gone.set_result(None)
        assert len(asked) == 1

    run(test)


def test_silent_connection_gets_a_heartbeat(streams, monkeypatch):
    monkeypatch.setattr(event_streams, "HEARTBEAT_SECONDS", 0)

    async def test():
        async with listening(streams, lambda: b"") as client:
            assert await client.received.get() == b"first"
            assert await client.received.get() == event_streams.HEARTBEAT
            client.gone.set_result(None)

    run(test)


def test_error_of_a_listener_does_not_end_the_others(streams, caplog):
    async def test():
        broken, working = lambda: 1 / 0, lambda: b"works"
        async with (
            listening(streams, broken) as first,
            listening(streams, working) as second,
        ):
            assert [await second.received.get() for _ in range(2)] == [b"first", b"works"]
            assert "could not be read" in caplog.text
            for client in (first, second):
                client.gone.set_result(None)

    run(test)


def test_error_of_the_application_does_not_end_the_streams(app, streams, monkeypatch, caplog):
    monkeypatch.setattr(event_streams, "HEARTBEAT_SECONDS", 0)
    failures = [ValueError("closing failed")]

    @app.teardown_appcontext
    def fail(error):
        if failures:
            raise failures.pop()

    async def test():
        async with listening(streams, lambda: b"works") as client:
            assert [await client.received.get() for _ in range(2)] == [b"first", b"works"]
            assert "closing failed" in caplog.text
            client.gone.set_result(None)

    run(test)


def test_client_that_does_not_read_is_disconnected(streams, monkeypatch):
    monkeypatch.setattr(event_streams, "MAX_WAITING_MESSAGES", 2)
    monkeypatch.setattr(event_streams, "HEARTBEAT_SECONDS", 0)

    async def test():
        async with listening(streams, lambda: b"x", is_stalled=True):
            pass

    run(test)


def test_close_ends_all_streams_at_once(streams, monkeypatch):
    monkeypatch.setattr(event_streams, "CHECK_SECONDS", 60)

    async def test():
        async with listening(streams, lambda: b""), listening(streams, lambda: b""):
            streams.close()

    run(test)


def test_stream_that_begins_while_the_server_stops_ends_at_once(streams):
    async def test():
        streams.close()
        async with listening(streams, lambda: b"") as client:
            pass
        assert client.status == 200

    run(test)


def test_number_of_streams_is_limited(streams, monkeypatch):
    monkeypatch.setattr(event_streams, "MAX_STREAMS", 2)
    monkeypatch.setattr(event_streams, "MAX_STREAMS_PER_USER", 1)

    def accepts(user_id):
        return streams.offer().accept(Listener(None, user_id, b""))

    async def test():
        assert accepts(1)
        async with listening(streams, lambda: b"") as one:
            assert (accepts(1), accepts(2)) == (False, True)
            async with listening(streams, lambda: b"", user_id=2) as other:
                assert not accepts(3)
                other.gone.set_result(None)
            assert accepts(3)
            one.gone.set_result(None)

    run(test)


def test_stream_that_ended_meanwhile_gets_nothing(streams):
    asked, left = threading.Event(), threading.Event()

    def answer_late():
        asked.set()
        left.wait(60)
        return b"late"

    async def test():
        async with listening(streams, lambda: b"") as other:
            async with listening(streams, answer_late) as client:
                await asyncio.to_thread(asked.wait, 60)
                client.gone.set_result(None)
            left.set()
            await asyncio.sleep(0.05)
            other.gone.set_result(None)
        assert client.received.qsize() == 1

    run(test)
