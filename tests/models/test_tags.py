import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.models import posts
from flaskr.models import tags
from flaskr.models.permissions import SYSTEM


def tag_id(name):
    return get_db().execute("SELECT id FROM tag WHERE name = ?", (name,)).fetchone()["id"]


def names(post_id=1):
    return [tag["name"] for tag in tags.of_post(post_id)]


@pytest.fixture
def tagged(context):
    """Two posts: one has the tags Flask and Web, the other Web alone."""
    tags.set_for_post(1, ["Flask", "Web"])
    return posts.create(author_id=1, title="Another", body="", tags=["Web"])


def test_all_tags_are_listed_by_name_with_their_posts(tagged):
    assert [(tag["name"], tag["posts"]) for tag in tags.list_all()] == [("Flask", 1), ("Web", 2)]


def test_a_renamed_tag_is_found_at_its_addresses_until_now(tagged):
    web = tag_id("Web")
    for name in ("World Wide Web", "Internet", "  web "):
        tags.rename(web, name, SYSTEM)
    assert names() == ["Flask", "web"]
    for slug in ("world-wide-web", "internet"):
        with pytest.raises(errors.Moved) as moved:
            tags.get_by_slug(slug)
        assert moved.value.slug == "web"


def test_two_tags_become_one(tagged):
    tags.rename(tag_id("Web"), "Internet", SYSTEM)
    left = tags.rename(tag_id("Internet"), "FLASK", SYSTEM)
    assert (left["name"], names(1), names(tagged)) == ("Flask", ["Flask"], ["Flask"])
    for slug in ("web", "internet"):
        with pytest.raises(errors.Moved) as moved:
            tags.get_by_slug(slug)
        assert moved.value.slug == left["slug"]


def test_a_former_address_is_not_given_to_another_tag(tagged):
    tags.rename(tag_id("Web"), "Internet", SYSTEM)
    tags.set_for_post(1, ["web"])
    assert tags.of_post(1)[0]["slug"] == "web-2"


def test_a_deleted_tag_is_gone_and_its_posts_are_not(tagged):
    tags.rename(tag_id("Web"), "Internet", SYSTEM)
    tags.delete(tag_id("Internet"), SYSTEM)
    assert (names(1), names(tagged)) == (["Flask"], [])
    for slug in ("web", "internet"):
        with pytest.raises(errors.NotFound):
            tags.get_by_slug(slug)


@pytest.mark.parametrize("name", ("", " \t "))
def test_a_tag_needs_a_name(tagged, name):
    with pytest.raises(errors.Invalid, match="Name is required."):
        tags.rename(tag_id("Web"), name, SYSTEM)


@pytest.mark.parametrize("number", (99, 10**30))
def test_a_tag_that_is_not_there_is_not_found(tagged, number):
    with pytest.raises(errors.NotFound, match="no such tag"):
        tags.get(number)


def test_readers_see_the_tags_of_what_they_may_read_counted_so_far(tagged, monkeypatch):
    posts.create(author_id=1, title="Draft", body="", status="draft", tags=["Web", "Secret"])
    assert [(tag["name"], tag["posts"]) for tag in tags.list_visible()] == [
        ("Flask", 1),
        ("Web", 2),
    ]
    monkeypatch.setattr(tags, "MANY", 1)
    assert [tag["posts"] for tag in tags.list_visible()] == [1, 1]


def test_the_tags_of_several_posts_come_at_once(tagged):
    found = tags.of_posts([1, tagged, 99])
    assert [[tag["slug"] for tag in found[number]] for number in (1, tagged, 99)] == [
        ["flask", "web"],
        ["web"],
        [],
    ]
    assert tags.of_posts([]) == {}


def test_the_tags_for_readers_are_counted_on_an_index(tagged, plans):
    hidden, counted = plans(tags.list_visible)
    assert "SEARCH post_tag USING COVERING INDEX post_tag_tag (tag_id=?)" in counted
    for plan in (hidden, counted):
        assert "SCAN post" not in plan
