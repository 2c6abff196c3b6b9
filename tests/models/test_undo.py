import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.models import bulk_actions
from flaskr.models import posts
from flaskr.models import tags
from flaskr.models import trash
from flaskr.models import undo
from flaskr.models import users
from flaskr.models.permissions import SYSTEM

pytestmark = pytest.mark.usefixtures("context")
CREATED = "2020-01-01 10:00:00"


@pytest.fixture
def author():
    return users.find(1)


def write(**fields):
    return posts.create(**{"author_id": 1, "title": "A title", "body": "words"} | fields)


def state(post_id):
    post = posts.get_stored(post_id)
    return post["status"], post["stored_created"], post["dated"]


def change(post_id, user, part, **new):
    """Update a post and return the key to undo it."""
    post = posts.get_stored(post_id)
    before = undo.snapshot(post)
    posts.update(post_id, user, **{"title": post["title"], "body": post["body"]} | new)
    return undo.store(user, part, [before])


@pytest.mark.parametrize("created", (None, CREATED))
def test_publication_is_taken_back_with_the_date_of_before(author, created):
    post_id = write(status="draft", created=created)
    before = state(post_id)
    key = change(post_id, author, undo.STATE, status="published", body="finished")
    assert undo.apply(key, author) == ("state", [post_id])
    assert state(post_id) == before
    assert posts.get_stored(post_id)["body"] == "finished"


def test_update_is_taken_back_with_all_fields(author):
    post_id = write(tags=["Sea"], series="Tides", part=3, summary="Short", created=CREATED)
    before = undo.snapshot(posts.get_stored(post_id))
    new = {"tags": ["Sky"], "series": "", "summary": "", "address": "new", "created": "2999-01-01"}
    new["authors"] = ["test", "other"]
    key = change(post_id, author, undo.EVERYTHING, title="New", body="new", **new)
    undo.apply(key, author)
    after = undo.snapshot(posts.get_stored(post_id))
    assert after | {"revision": 0} == before | {"revision": 0}
    assert after["revision"] > before["revision"]
    post = posts.get_stored(post_id)
    assert (post["title"], post["body"]) == ("A title", "words")


def test_unpublished_post_is_published_again_with_its_date(author):
    post_id = write(created=CREATED)
    key = change(post_id, author, undo.EVERYTHING, status="draft", body="private")
    undo.apply(key, author)
    assert state(post_id) == ("published", CREATED, 1)
    assert posts.get_stored(post_id)["body"] == "words"


def test_former_slug_that_another_post_has_stays_with_it(author):
    post_id = write()
    key = change(post_id, author, undo.EVERYTHING, address="new")
    get_db().execute("DELETE FROM former_slug")
    other = write()
    undo.apply(key, author)
    assert posts.get_stored(post_id)["slug"] == "new"
    assert posts.get_stored(other)["slug"] == "a-title"


def test_restored_text_is_taken_back_alone(author):
    post_id = write()
    key = change(post_id, author, undo.TEXT, title="Old", body="old", summary="Short")
    undo.apply(key, author)
    post = posts.get_stored(post_id)
    assert (post["title"], post["body"], post["summary"]) == ("A title", "words", "Short")


@pytest.mark.parametrize(
    "later", ({"body": "later"}, {"title": "Later"}, {"tags": ["Later"]}, {"status": "draft"})
)
def test_post_that_has_changed_since_is_not_touched(author, later):
    post_id = write()
    key = change(post_id, author, undo.EVERYTHING, body="new")
    posts.update(post_id, author, **{"title": "A title", "body": "new"} | later)
    with pytest.raises(errors.Conflict, match="has changed since, so nothing was undone"):
        undo.apply(key, author)


def test_nothing_is_undone_if_one_of_the_posts_has_changed(author):
    first, second = write(status="draft"), write(status="draft")
    key = bulk_actions.set_status([first, second], author, "published").undo_key
    posts.update(second, author, title="Later", body="")
    with pytest.raises(errors.Conflict, match="“Later”"):
        undo.apply(key, author)
    assert state(first)[0] == "published"


def test_bulk_actions_are_undone(author):
    first, second = write(tags=["Sea"], status="draft"), write(status="draft")
    before = state(first)
    changes = [
        bulk_actions.set_status([first, second], author, "published"),
        bulk_actions.set_status([first, second], author, "draft"),
        bulk_actions.add_tag([first, second], author, "Sky"),
        bulk_actions.delete([first, second], author),
    ]
    for changed in reversed(changes):
        undo.apply(changed.undo_key, author)
    assert state(first) == before
    assert [tag["name"] for tag in tags.for_post(first)] == ["Sea"]
    assert tags.for_post(second) == []


def test_change_is_undone_once_by_its_user_within_a_day(author, used_daily):
    keys = [change(write(), author, undo.TEXT, body="new") for _ in "123"]
    undo.apply(keys[0], author)
    get_db().execute("UPDATE undo SET created = '2001-01-01' WHERE key = ?", (keys[1],))
    for key, user in ((keys[0], author), (keys[1], author), (keys[2], users.find(2)), ("", author)):
        with pytest.raises(errors.NotFound, match="can no longer be undone"):
            undo.apply(key, user)
    change(write(), author, undo.TEXT, body="new")
    assert get_db().execute("SELECT count(*) FROM undo").fetchone()[0] == 2


def test_undoing_takes_the_permission_of_the_change(author):
    post_id = write()
    key = change(post_id, author, undo.TEXT, body="new")
    get_db().execute("UPDATE post SET author_id = 2")
    with pytest.raises(errors.Forbidden):
        undo.apply(key, author)


@pytest.mark.parametrize(("user", "offered"), ((1, False), (None, True)))
def test_author_cannot_put_a_page_back_into_the_menu(user, offered):
    post_id = write(kind="page", user=SYSTEM)
    acting = users.find(user) if user else {"id": 2, "role": "owner"}
    key = change(post_id, acting, undo.EVERYTHING, status="draft")
    assert bool(key) is offered


def test_post_that_left_the_trash_is_not_restored(author):
    post_id = write()
    key = bulk_actions.delete([post_id], author).undo_key
    trash.restore(post_id, author)
    with pytest.raises(errors.NotFound, match="no such post in the trash"):
        undo.apply(key, author)
