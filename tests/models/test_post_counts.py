import sqlite3
from contextlib import suppress

import pytest

from flaskr.db import get_db
from flaskr.db import init_db
from flaskr.models import archives
from flaskr.models import post_counts
from flaskr.models import posts
from flaskr.models import tags
from flaskr.models import trash
from flaskr.models.permissions import SYSTEM

COUNTED = """
    SELECT 'tag ' || id AS what, (
        SELECT count(*) FROM post_tag WHERE tag_id = tag.id AND listed IS NOT NULL
    ) AS posts
    FROM tag
    UNION ALL
    SELECT substr(created, 1, 7), count(*)
    FROM post
    WHERE kind = 'post' AND status = 'published'
    GROUP BY substr(created, 1, 7)
"""
STORED = "SELECT 'tag ' || id AS what, {tag} AS posts FROM tag UNION ALL SELECT month, {month}"
CHANGES = (
    "INSERT INTO post (title, body, author_id, created) VALUES ('By SQL', '', 1, '2018-1-5')",
    "INSERT INTO post (title, body, author_id, status) VALUES ('By SQL', '', 1, 'draft')",
    "INSERT INTO post (title, body, author_id, slug) VALUES ('By SQL', '', 1, 'free')",
    "INSERT OR REPLACE INTO post (id, title, body, author_id) VALUES (1, 'Other', '', 1)",
    "INSERT OR REPLACE INTO post (title, body, author_id, slug) VALUES ('Other', '', 1, 'third')",
    "INSERT OR IGNORE INTO post (id, title, body, author_id) VALUES (1, 'Other', '', 1)",
    "INSERT OR IGNORE INTO post (title, body, author_id, slug) VALUES ('Other', '', 1, 'third')",
    "UPDATE OR REPLACE post SET slug = 'third' WHERE id = 1",
    "UPDATE OR REPLACE post SET id = 3 WHERE id = 2",
    "UPDATE OR IGNORE post SET slug = 'third' WHERE id = 1",
    "UPDATE post SET created = '2019/1/1'",
    "UPDATE post SET created = 1514764800",
    "UPDATE post SET created = 'nonsense'",
    "UPDATE post SET status = 'draft'",
    "UPDATE post SET status = 'published'",
    "UPDATE post SET kind = 'page' WHERE id = 1",
    "DELETE FROM post WHERE id = 3",
    "DELETE FROM post",
    "INSERT INTO post_tag (post_id, tag_id) VALUES (2, 2)",
    "INSERT INTO post_tag (post_id, tag_id, listed) VALUES (2, 2, '2018-01-01 00:00:00')",
    "INSERT OR REPLACE INTO post_tag (post_id, tag_id) VALUES (1, 1)",
    "INSERT OR IGNORE INTO post_tag (post_id, tag_id) VALUES (1, 1)",
    "UPDATE post_tag SET tag_id = 2 WHERE post_id = 1",
    "UPDATE OR REPLACE post_tag SET tag_id = 1",
    "UPDATE OR REPLACE post_tag SET post_id = 1 WHERE tag_id = 1",
    "UPDATE OR IGNORE post_tag SET tag_id = 1",
    "DELETE FROM post_tag",
    "INSERT INTO tag (name, name_key, slug) VALUES ('c', 'c', 'c')",
    "INSERT OR REPLACE INTO tag (name, name_key, slug) VALUES ('A', 'a', 'a')",
    "DELETE FROM tag WHERE id = 1",
)


def read(query):
    return {row["what"]: row["posts"] for row in get_db().execute(query) if row["posts"] != 0}


def stored(tag="posts", month="posts"):
    return read(f"{STORED.format(tag=tag, month=month)} FROM post_month")


@pytest.fixture
def numbers(context, write):
    """Write posts in several months with tags."""
    write("Second", day=1, tags=["a"])
    write("Third", day=2, tags=["a", "b"])
    write("Draft", day=3, tags=["b"], status="draft")
    write("Page", day=4, tags=["b"], kind="page")
    tags.set_for_post(1, ["a"])
    assert stored() == read(COUNTED)


@pytest.mark.parametrize("foreign_keys", ("ON", "OFF"))
@pytest.mark.parametrize("change", CHANGES)
def test_numbers_follow_every_change(numbers, change, foreign_keys):
    get_db().execute(f"PRAGMA foreign_keys = {foreign_keys}")
    with suppress(sqlite3.IntegrityError):
        get_db().execute(change)
    get_db().commit()
    counted = read(COUNTED)
    assert stored(post_counts.OF_TAG, post_counts.OF_MONTH) == counted
    init_db()
    assert stored() == counted


def test_rules_of_the_blog_keep_the_numbers(numbers):
    tags.rename(2, "A", SYSTEM)
    posts.update(2, SYSTEM, title="Second", body="", tags=["a", "new"])
    trash.put(3, SYSTEM)
    trash.restore(3, SYSTEM)
    assert stored() == read(COUNTED)


def test_numbers_that_became_unknown_are_counted(numbers):
    db = get_db()
    db.execute("UPDATE tag SET posts = NULL")
    db.execute("UPDATE post_month SET posts = NULL")
    assert [tag["posts"] for tag in tags.list_public()] == [3, 1]
    assert archives.months("UTC") == [(2020, 1, 2), (2018, 1, 1)]
