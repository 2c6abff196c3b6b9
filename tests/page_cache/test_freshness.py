"""Prove briefly that no page is older than the last commit before its request.

`tests/benchmarks/freshness.py` does the same at length.
"""

from contextlib import contextmanager

import pytest

from flaskr import create_app

from ..benchmarks import freshness

pytestmark = pytest.mark.sqlite_only("test_machines.py is about PostgreSQL.")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("freshness")


@pytest.fixture(scope="module")
def database(folder):
    return freshness.fill(folder)


@pytest.fixture(scope="module")
def asker(folder, database):
    """Return a context manager that connects to a server with two workers of four threads."""
    with freshness.served(folder) as asker:
        yield asker


@pytest.mark.parametrize("way", freshness.WAYS)
def test_server_never_sends_a_stale_page(asker, database, way):
    seconds = 2 if way == "a swapped file" else 0.6
    published = freshness.prove(asker, database, freshness.WAYS[way], seconds)
    assert published.stale == []
    assert published.answers > freshness.READERS


def test_no_page_is_stale_when_one_process_reads_and_writes(database):
    blog = create_app({"DATABASE": str(database)})

    @contextmanager
    def asker():
        client = blog.test_client(use_cookies=False)
        yield lambda path: client.get(path).data

    published = freshness.prove(asker, database, freshness.this_process, 0.6)
    assert published.stale == []
    assert published.answers > freshness.READERS


def test_scheduled_posts_appear_at_their_second(asker, database):
    with asker() as ask:
        assert freshness.prove_scheduled(ask, database) == []
