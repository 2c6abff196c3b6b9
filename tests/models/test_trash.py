from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from flaskr import errors
from flaskr.db import format_timestamp
from flaskr.db import get_db
from flaskr.models import posts
from flaskr.models import tags
from flaskr.models import trash
from flaskr.models import users
from flaskr.models.permissions import SYSTEM

from ..databases import ago


def everything():
    """All rows of the tables that hold a post and what hangs on it."""
    tables = ("post", "post_tag", "coauthor", "old_address", "former_slug")
    return {
        table: [tuple(row) for row in get_db().execute(f"SELECT * FROM {table}")]
        for table in tables
    }


def test_restored_post_is_unchanged(context):
    post_id = posts.create(author_id=1, title="Old", body="b", tags=["x"], language="ja")
    posts.update(post_id, SYSTEM, title="New", body="b", address="new")
    get_db().executescript(
        f"INSERT INTO coauthor (post_id, user_id, position) VALUES ({post_id}, 2, 1);"
        f"INSERT INTO old_address VALUES ('/before', {post_id})"
    )
    before = everything()
    trash.put(post_id, SYSTEM)
    assert everything() != before
    trash.restore(post_id, users.find(1))
    assert everything() == before
    assert trash.for_writer(users.find(1)).posts == []


def test_restored_post_omits_deleted_coauthors(context):
    post_id = posts.create(author_id=1, title="Post", body="b", tags=["x"])
    get_db().execute(
        "INSERT INTO coauthor (post_id, user_id, position) VALUES (?, 2, 1)", (post_id,)
    )
    get_db().commit()
    trash.put(post_id, SYSTEM)
    get_db().executescript('DELETE FROM tag; DELETE FROM "user" WHERE id = 2')
    trash.restore(post_id, users.find(1))
    assert [tag["name"] for tag in tags.for_post(post_id)] == ["x"]
    assert [person["name"] for person in posts.authors(post_id)] == ["test"]


def test_restored_post_of_a_deleted_author_becomes_that_of_the_user(context):
    trash.put(1, SYSTEM)
    get_db().execute("UPDATE \"user\" SET role = 'owner' WHERE id = 2")
    get_db().execute('DELETE FROM "user" WHERE id = 1')
    get_db().commit()
    trash.restore(1, users.find(2))
    assert posts.get_stored(1)["author_id"] == 2


def test_trash_of_other_authors_is_visible_to_owners_only(context):
    trash.put(1, SYSTEM)
    with pytest.raises(errors.NotFound, match="no such post in the trash"):
        trash.restore(1, users.find(2))
    assert trash.for_writer(users.find(2)).posts == []
    users.set_role("other", "owner")
    assert [row["title"] for row in trash.for_writer(users.find(2)).posts] == ["test title"]
    trash.restore(1, users.find(2))
    with pytest.raises(errors.NotFound):
        trash.restore(1, users.find(2))


def test_trash_older_than_thirty_days_is_deleted_with_the_next_deletion(context, used_daily):
    trash.put(1, SYSTEM)
    long_ago = format_timestamp(datetime.now(UTC) - timedelta(days=31))
    get_db().execute("UPDATE trash SET deleted = ?", (long_ago,))
    get_db().commit()
    trash.put(posts.create(author_id=1, title="Another", body=""), SYSTEM)
    assert [row["title"] for row in trash.for_writer(users.find(1)).posts] == ["Another"]


def test_deleting_a_missing_post_is_not_found(context):
    with pytest.raises(errors.NotFound, match="no such post"):
        trash.put(99, SYSTEM)


HIDDEN = ({"status": "draft"}, {"created": "2999-01-01 00:00:00"})


def empty_trash():
    get_db().execute("UPDATE trash SET deleted = '2000-01-01 00:00:00'")
    trash.put(1, SYSTEM)


def answer(slug):
    with pytest.raises((errors.NotFound, errors.Gone)) as refused:
        posts.get_by_slug(slug, None)
    return refused.type


@pytest.mark.parametrize("fields", HIDDEN)
def test_deleted_post_that_was_never_public_is_not_found(context, used_daily, fields):
    post_id = posts.create(author_id=1, title="Secret", body="", **fields)
    posts.update(post_id, SYSTEM, title="Secret", body="", address="renamed")
    trash.put(post_id, SYSTEM)
    assert [answer("secret"), answer("renamed")] == [errors.NotFound] * 2
    empty_trash()
    assert [answer("secret"), answer("renamed")] == [errors.NotFound] * 2


def test_deleted_public_post_is_gone(context, used_daily):
    post_id = posts.create(author_id=1, title="Public", body="", created="1999-01-01 00:00:00")
    trash.put(post_id, SYSTEM)
    assert answer("public") == errors.Gone
    empty_trash()
    assert answer("public") == errors.Gone


def test_deleted_draft_keeps_its_slug(context):
    post_id = posts.create(author_id=1, title="Secret", body="", status="draft")
    trash.put(post_id, SYSTEM)
    other = posts.create(author_id=1, title="Secret", body="")
    assert posts.get_stored(other)["slug"] == "secret-2"
    trash.restore(post_id, SYSTEM)
    assert posts.get_stored(post_id)["slug"] == "secret"


@pytest.mark.parametrize("minutes", (1, 0), ids=("one after the other", "all at once"))
def test_trash_is_paged_in_both_directions(context, minutes):
    for number in range(70):
        get_db().execute(
            "INSERT INTO trash VALUES (?, 1, ?, ?, '{}')",
            (100 + number, f"Post {number:02}", ago(minutes=minutes * (70 - number))),
        )
    user = users.find(1)
    first = trash.for_writer(user)
    second = trash.for_writer(user, before=first.older)
    third = trash.for_writer(user, before=second.older)
    found = [row["title"] for page in (first, second, third) for row in page.posts]
    assert found == [f"Post {number:02}" for number in range(69, -1, -1)]
    assert (first.newer, third.older, len(third.posts)) == (None, None, 10)
    back = trash.for_writer(user, after=third.newer)
    assert back == second
    assert trash.for_writer(user, after=back.newer) == first


@pytest.mark.parametrize("position", ("", "x", "2020-01-01", "2020-01-01T00:00:00~"))
def test_malformed_position_in_the_trash_is_not_found(context, position):
    with pytest.raises(errors.NotFound):
        trash.for_writer(users.find(1), after=position)
