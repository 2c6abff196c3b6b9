"""No reader gets a page older than what was committed before they asked.

A little of the proof that `tests/benchmarks/freshness.py` gives at length.
"""

from contextlib import contextmanager

import pytest

from flaskr import create_app

from ..benchmarks import freshness


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("freshness")


@pytest.fixture(scope="module")
def database(folder):
    return freshness.fill(folder)


@pytest.fixture(scope="module")
def asker(folder, database):
    """Opens connections to a server with two workers of four threads."""
    with freshness.served(folder) as asker:
        yield asker


@pytest.mark.parametrize("way", freshness.WAYS)
def test_no_answer_of_the_server_is_stale(asker, database, way):
    seconds = 2 if way == "a swapped file" else 0.6
    published = freshness.prove(asker, database, freshness.WAYS[way], seconds)
    assert published.stale == []
    assert published.answers > freshness.READERS


def test_no_answer_is_stale_where_writer_and_readers_are_one_process(database):
    blog = create_app({"DATABASE": str(database)})

    @contextmanager
    def asker():
        client = blog.test_client(use_cookies=False)
        yield lambda path: client.get(path).data

    published = freshness.prove(asker, database, freshness.this_process, 0.6)
    assert published.stale == []
    assert published.answers > freshness.READERS


def test_scheduled_posts_appear_on_the_second(asker, database):
    with asker() as ask:
        assert freshness.prove_scheduled(ask, database) == []
