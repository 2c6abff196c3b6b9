"""Limit the queries of public pages: only a few, and none that reads all posts."""

import pytest

from flaskr import db
from flaskr.models import post_fields
from flaskr.models import posts
from flaskr.models import related_posts
from flaskr.models.permissions import SYSTEM

from ..databases import plans

pytestmark = plans

# The number of queries of each page once its posts are rendered. It does not grow with the number
# of posts, except for two queries per month on the archive.
QUERIES = {
    "/": 6,
    "/?before=2018-01-01T00:00:00~1": 6,
    "/test-title": 13,
    "/user/test": 6,
    "/tag/baking": 6,
    "/tag": 3,
    "/series/bread": 6,
    "/archive": 7,
    "/2018/": 4,
    "/2018/01/": 4,
    "/feed.xml": 8,
    "/tag/baking/feed.atom": 10,
    "/user/test/feed.json": 10,
    "/sitemap.xml": 9,
    "/nothing-here": 8,
}


@pytest.fixture
def asked(app, monkeypatch):
    """Return the queries of a visitor's request, with their parameters filled in."""

    def connect(database, connect=db.sqlite.connect, **options):
        connection = connect(database, **options)
        connection.set_trace_callback(queries.append)
        return connection

    def asked(path):
        client.get(path)
        queries.clear()
        client.get(path)
        return [query for query in queries if "SELECT" in query]

    queries = []
    with app.app_context():
        post_fields.backfill_slugs()
        for title in ("test title", "Another", "A third"):
            words = {"title": title, "body": "test", "tags": ["Baking"], "series": "Bread"}
            posts.update(1, SYSTEM, **words) if title == "test title" else posts.create(
                author_id=1, **words
            )
    monkeypatch.setattr(db.sqlite, "connect", connect)
    client = app.test_client(use_cookies=False)
    return asked


@pytest.mark.parametrize(("path", "count"), QUERIES.items())
def test_page_is_rendered_with_few_queries(asked, path, count):
    assert len(asked(path)) == count


@pytest.mark.parametrize("path", QUERIES)
def test_no_query_scans_or_sorts_all_posts(app, asked, path):
    queries = asked(path)
    with app.app_context():
        for query in queries:
            plan = [row["detail"] for row in db.get_db().execute(f"EXPLAIN QUERY PLAN {query}")]
            assert not [step for step in plan if step.startswith("SCAN post")], query
            # Menu pages, a post's authors and related posts are few, so they may be sorted.
            sorts = any("TEMP B-TREE" in step for step in plan)
            few = 'FROM "user"' in query or f"LIMIT {related_posts.MAX_POSTS_PER_TAG}" in query
            # These are the ids of one page of a list.
            few = few or "WHERE post.id IN (" in query
            assert not sorts or "LIMIT" not in query or few, query


def test_covers_of_all_posts_in_a_feed_take_two_queries(app, asked):
    without = len(asked("/feed.xml"))
    with app.app_context():
        db.get_db().execute("UPDATE post SET cover = printf('/media/%032x.png', id)")
        db.get_db().commit()
    assert len(asked("/feed.xml")) == without + 2
