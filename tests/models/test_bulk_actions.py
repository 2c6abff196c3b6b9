import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.models import bulk_actions
from flaskr.models import posts
from flaskr.models import tags
from flaskr.models import users

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def author():
    return users.find(1)


def write(**fields):
    return posts.create(**{"author_id": 1, "title": "A title", "body": "words"} | fields)


def status(post_id):
    return posts.get_stored(post_id)["status"]


def test_selected_posts_are_published_and_unpublished(author):
    chosen = [write(status="draft"), write(status="draft")]
    assert bulk_actions.set_status([*chosen, chosen[0]], author, "published").number == 2
    assert [status(one) for one in chosen] == ["published", "published"]
    bulk_actions.set_status(chosen[:1], author, "draft")
    assert [status(one) for one in chosen] == ["draft", "published"]


def test_no_post_is_published_if_one_cannot_be(author):
    titled, untitled = write(status="draft"), write(status="draft", title="")
    with pytest.raises(errors.Invalid, match="One of the posts has no title"):
        bulk_actions.set_status([titled, untitled], author, "published")
    assert status(titled) == "draft"


def test_tag_is_added_to_existing_tags(author):
    first, second = write(tags=["Sea"]), write()
    assert bulk_actions.add_tag([first, second], author, "sky, sea").number == 2
    assert [tag["name"] for tag in tags.for_post(first)] == ["Sea", "sky"]
    assert [tag["name"] for tag in tags.for_post(second)] == ["sky", "Sea"]
    with pytest.raises(errors.Invalid, match="Type a tag first"):
        bulk_actions.add_tag([first], author, " ")


def test_posts_are_deleted_and_restored_together(author):
    chosen = [write(), write()]
    assert bulk_actions.delete(chosen, author).number == 2
    assert get_db().execute("SELECT count(*) FROM post").fetchone()[0] == 1
    assert bulk_actions.restore(chosen, author).number == 2
    assert [status(one) for one in chosen] == ["published", "published"]


@pytest.mark.parametrize("action", (bulk_actions.delete, bulk_actions.restore))
def test_missing_post_in_the_selection_changes_nothing(author, action):
    mine = write()
    with pytest.raises(errors.NotFound):
        action([mine, 10**30], author)
    assert status(mine) == "published"


def test_posts_of_other_authors_are_refused():
    with pytest.raises(errors.Forbidden):
        bulk_actions.delete([1], {**dict(users.find(2)), "role": "author"})
    assert status(1) == "published"


def test_empty_and_oversized_selections_are_refused(author):
    with pytest.raises(errors.Invalid, match="Choose posts first"):
        bulk_actions.delete([], author)
    with pytest.raises(errors.Invalid, match="at most 100"):
        bulk_actions.delete(range(101), author)
