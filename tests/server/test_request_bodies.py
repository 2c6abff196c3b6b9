import asyncio

import pytest

from flaskr.server import request_bodies
from flaskr.server.request_bodies import BodyReader
from flaskr.server.request_bodies import BodyRejected

from . import coroutines

MB = 1024 * 1024


@pytest.fixture
def read(tmp_path):
    """Read chunks as a body; with `stalls`, the last one never arrives."""

    def read(*chunks, declared=None, limit=MB, stalls=False, folder=tmp_path, **options):
        async def run():
            reader = BodyReader(str(folder), **options)
            try:
                return await reader.read(come(chunks, stalls), declared=declared, limit=limit)
            finally:
                reader.close()

        return coroutines.run(run())

    return read


async def come(chunks, stalls=False):
    for chunk in chunks:
        yield chunk
    if stalls:
        await asyncio.Event().wait()
    # Granian ends a body with an empty chunk.
    yield b""


def test_short_body_stays_in_memory(read, tmp_path):
    body = read(b"one ", b"two", declared=7)
    assert (body.file.read(), body.size, body.is_complete) == (b"one two", 7, True)
    assert not [*tmp_path.iterdir()]


def test_long_body_is_an_unnamed_file(read, tmp_path):
    chunks = [bytes([number]) * 50_000 for number in range(20)]
    body = read(*chunks, declared=MB - 48_576)
    assert body.file.read() == b"".join(chunks)
    assert body.file.fileno() > 0
    assert not [*tmp_path.iterdir()]
    body.file.close()


def test_chunked_body_needs_no_length(read):
    assert read(b"one ", b"two").file.read() == b"one two"


@pytest.mark.parametrize(("chunks", "declared"), (((b"on",), 7), ((), 7), ((b"on", b""), None)))
def test_incomplete_body_is_rejected(read, chunks, declared):
    with pytest.raises(BodyRejected, match="was incomplete") as refused:
        read(*chunks, declared=declared)
    assert refused.value.status == 400


@pytest.mark.parametrize("chunks", ((), (b"one",), (b"a" * 200_000,)))
def test_stalled_body_is_rejected(read, chunks, tmp_path, monkeypatch):
    monkeypatch.setattr(request_bodies, "MIN_BYTES_PER_SECOND", 10 * MB)
    with pytest.raises(BodyRejected, match="in time") as refused:
        read(*chunks, declared=300_000, stalls=True, grace=0.05)
    assert refused.value.status == 408
    assert not [*tmp_path.iterdir()]


def test_body_above_the_minimum_speed_has_more_time(read, monkeypatch):
    async def slowly():
        yield b"a" * 1000
        await asyncio.sleep(0.1)
        yield b"a" * 1000
        yield b""

    monkeypatch.setattr(request_bodies, "MIN_BYTES_PER_SECOND", 10)
    monkeypatch.setattr(f"{__name__}.come", lambda *_: slowly())
    assert read(declared=2000, grace=0.05).size == 2000


@pytest.mark.parametrize("declared", (None, 300))
def test_body_over_the_limit_is_read_and_dropped(read, declared):
    body = read(b"a" * 100, b"a" * 200, declared=declared, limit=150)
    assert (body.file, body.size, body.is_complete) == (None, 300, True)


def test_huge_body_is_not_read(read, monkeypatch):
    monkeypatch.setattr(request_bodies, "MAX_DRAIN_BYTES", 1000)
    declared = read(declared=1001, limit=150, stalls=True)
    chunked = read(b"a" * 900, b"a" * 200, limit=150, stalls=True)
    assert [(body.file, body.is_complete) for body in (declared, chunked)] == [(None, False)] * 2


def test_number_and_size_of_bodies_are_limited(read):
    with pytest.raises(BodyRejected, match="Too many") as refused:
        read(b"one", max_concurrent=0)
    assert refused.value.status == 503
    with pytest.raises(BodyRejected, match="Too many"):
        read(b"a" * 200_000, max_disk_bytes=100_000)


def test_slots_and_bytes_are_released(tmp_path):
    async def run():
        reader = BodyReader(str(tmp_path), max_concurrent=1, max_disk_bytes=150_000)
        for _ in range(3):
            body = await reader.read(come([b"a" * 100_000]), declared=100_000, limit=MB)
            body.file.close()
        reader.close()

    coroutines.run(run())


def test_disk_error_is_reported(read, tmp_path):
    with pytest.raises(BodyRejected, match="disk is full or not writable") as refused:
        read(b"a" * 100_000, folder=tmp_path / "gone")
    assert refused.value.status == 503
