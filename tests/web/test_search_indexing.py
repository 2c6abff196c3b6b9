import pytest

from flaskr.db import get_db
from flaskr.models import search_texts
from flaskr.text import Style
from flaskr.web import search_indexing


@pytest.fixture(autouse=True)
def short_pause(monkeypatch):
    monkeypatch.setattr(search_indexing, "PAUSE_SECONDS", 0)


def test_posts_are_indexed_in_the_background(context):
    get_db().execute("INSERT INTO post (author_id, title, body) VALUES (1, 'One', 'x')")
    get_db().commit()
    search_indexing.start().join()
    assert not search_texts.has_outdated()
    assert search_indexing.start() is None


def test_search_indexes_many_posts_in_the_background(client, monkeypatch):
    started = []
    monkeypatch.setattr(search_indexing, "start", lambda: started.append(True))
    client.get("/search")
    assert started


def test_new_language_of_the_blog_changes_the_index(context):
    search_texts.update_few(Style("en"))
    assert search_texts.has_outdated(Style("de"))
    search_texts.update_few(Style("de"))
    assert search_texts.has_outdated(Style("en"))
