from functools import partial

import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.models import feed_pages
from flaskr.models import post_lists
from flaskr.models import posts
from flaskr.models import tags
from flaskr.models.permissions import SYSTEM

NEWEST = 20


@pytest.fixture(autouse=True)
def numbered(context):
    """Write 130 posts whose ids are in the order of their dates, with a few tagged ones."""
    get_db().executescript("DELETE FROM post")
    get_db().executemany(
        "INSERT INTO post (id, author_id, title, body, created) VALUES (?, 1, ?, '', ?)",
        [(n + 1, f"Post {n}", f"2020-01-01 00:{n // 60:02}:{n % 60:02}") for n in range(130)],
    )
    get_db().commit()


def follow(read, first=NEWEST):
    """Return the ids in the newest posts and in each archive by its position."""
    page = feed_pages.newest(read, first)
    newest, archives = ids(page), {}
    while page.archive:
        position = page.archive
        page = feed_pages.archive(read, position)
        archives[position] = ids(page)
    return newest, archives


def ids(page):
    return tuple(post["id"] for post in page.posts)


def test_archives_contain_every_post():
    newest, archives = follow(post_lists.newest)
    assert newest == (*range(130, 110, -1),)
    assert [*archives.values()] == [
        (*range(top, max(0, top - 20), -1),) for top in range(119, 0, -20)
    ]


def test_new_posts_leave_archives_as_they_are():
    _, before = follow(post_lists.newest)
    for number in range(30):
        posts.create(author_id=1, title=f"New {number}", body="")
        newest, after = follow(post_lists.newest)
        assert before.items() <= after.items()
        assert {*newest, *(id for archive in after.values() for id in archive)} == {
            *range(1, 132 + number)
        }


def test_deleting_a_post_changes_one_archive():
    _, before = follow(post_lists.newest)
    get_db().execute("DELETE FROM post WHERE id = 60")
    _, after = follow(post_lists.newest)
    assert len(before.items() & after.items()) == len(before) - 2
    assert sum(map(len, after.values())) == sum(map(len, before.values())) - 1


@pytest.mark.parametrize("first", (1, 5, 100))
def test_any_number_of_newest_posts_loses_none(first):
    newest, archives = follow(post_lists.newest, first)
    assert len(newest) == first
    found = {*newest, *(id for archive in archives.values() for id in archive)}
    assert found == {*range(1, 131)}


def test_pages_without_overlap_follow_each_other():
    page = feed_pages.newest(post_lists.newest, 33)
    found = ids(page)
    while page.older:
        page = feed_pages.archive(post_lists.newest, page.older)
        found += ids(page)
    assert found == (*range(130, 0, -1),)


def test_lists_without_edges_have_archives_too():
    for id in range(1, 131):
        if id % feed_pages.ARCHIVE_POSTS:
            posts.update(id, SYSTEM, title=f"Post {id}", body="", tags=["Tag"])
    read = partial(post_lists.with_tag, tags.get_by_slug("tag")["id"])
    newest, archives = follow(read, 10)
    assert all(len(archive) <= feed_pages.MAX_ARCHIVE_POSTS for archive in archives.values())
    assert len({*newest, *(id for archive in archives.values() for id in archive)}) == 124


def test_documents_with_long_posts_have_fewer(monkeypatch):
    monkeypatch.setattr(feed_pages, "MAX_BODY_CHARS", 100)
    get_db().execute("UPDATE post SET body = ? WHERE id > 125", (" " * 60,))
    get_db().execute("UPDATE post SET body = ? WHERE id IN (3, 90)", (" " * 600,))
    newest, archives = follow(post_lists.newest)
    assert newest == (130,)
    assert [archive for archive in archives.values() if 90 in archive] == [(90,)]
    assert {*newest, *(id for archive in archives.values() for id in archive)} == {*range(1, 131)}


def test_short_list_has_no_archive():
    assert follow(post_lists.newest, 130) == ((*range(130, 0, -1),), {})


def test_malformed_position_is_not_found():
    with pytest.raises(errors.NotFound):
        feed_pages.archive(post_lists.newest, "yesterday")
