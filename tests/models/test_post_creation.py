import pytest

from flaskr import db
from flaskr import errors
from flaskr.models import post_creation
from flaskr.models import posts
from flaskr.models import series

pytestmark = pytest.mark.usefixtures("context")


def checked(**fields):
    return post_creation.validate(**{"author_id": 1, "title": "A", "body": "", **fields})


def test_many_posts_keep_their_order_and_get_unique_slugs(monkeypatch):
    monkeypatch.setattr(db, "ROWS_PER_INSERT", 2)
    stored = post_creation.store([checked(title=title, tags=[title]) for title in "ABACA"])
    assert [post.slug for post in stored] == ["a", "b", "a-2", "c", "a-3"]
    assert [posts.get_stored(post.id)["title"] for post in stored] == list("ABACA")
    assert post_creation.store([]) == []


def test_slug_can_be_chosen_once():
    with pytest.raises(errors.Conflict, match="How about a-2"):
        post_creation.store([checked(address="a"), checked(address="a")])


def test_posts_of_a_batch_can_be_in_a_series():
    first, second = post_creation.store([checked(series="One", part=1), checked()])
    assert series.of_post(first.id)["name"] == "One"
    assert series.of_post(second.id) is None
