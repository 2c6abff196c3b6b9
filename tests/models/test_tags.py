import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.models import posts
from flaskr.models import tags
from flaskr.models.permissions import SYSTEM


def tag_id(name):
    return get_db().execute("SELECT id FROM tag WHERE name = ?", (name,)).fetchone()["id"]


def names(post_id=1):
    return [tag["name"] for tag in tags.for_post(post_id)]


@pytest.fixture
def tagged(context):
    """Create two posts: one with the tags Flask and Web, one with Web only."""
    tags.set_for_post(1, ["Flask", "Web"])
    return posts.create(author_id=1, title="Another", body="", tags=["Web"])


def test_tags_are_listed_by_name_with_counts(tagged):
    assert [(tag["name"], tag["posts"]) for tag in tags.list_all()] == [("Flask", 1), ("Web", 2)]


def test_tags_of_a_post_keep_their_order(tagged):
    tags.set_for_post(1, ["zebra", "Web", "apple"])
    assert names() == ["zebra", "Web", "apple"]
    tags.rename(tag_id("Web"), "Apple", SYSTEM)
    assert [tag["name"] for tag in tags.for_posts([1])[1]] == ["zebra", "apple"]


@pytest.mark.parametrize("spelling", ("New  York", "New\tYork", "New\0 York"))
def test_blanks_and_controls_make_no_second_tag(tagged, spelling):
    tags.rename(tag_id("Web"), spelling, SYSTEM)
    tags.set_for_post(1, ["\0", "New York", spelling])
    assert names() == ["New York"]
    assert [tag["name"] for tag in tags.list_all()] == ["Flask", "New York"]


def test_renamed_tag_is_found_by_its_former_slugs(tagged):
    web = tag_id("Web")
    for name in ("World Wide Web", "Internet", "  web "):
        tags.rename(web, name, SYSTEM)
    assert names() == ["Flask", "web"]
    for slug in ("world-wide-web", "internet"):
        with pytest.raises(errors.Moved) as moved:
            tags.get_by_slug(slug)
        assert moved.value.slug == "web"


def test_renaming_to_an_existing_name_merges_tags(tagged):
    tags.rename(tag_id("Web"), "Internet", SYSTEM)
    left = tags.rename(tag_id("Internet"), "FLASK", SYSTEM)
    assert (left["name"], names(1), names(tagged)) == ("Flask", ["Flask"], ["Flask"])
    for slug in ("web", "internet"):
        with pytest.raises(errors.Moved) as moved:
            tags.get_by_slug(slug)
        assert moved.value.slug == left["slug"]


def test_former_slug_is_not_reused(tagged):
    tags.rename(tag_id("Web"), "Internet", SYSTEM)
    tags.set_for_post(1, ["web"])
    assert tags.for_post(1)[0]["slug"] == "web-2"


def test_deleting_a_tag_keeps_its_posts(tagged):
    tags.rename(tag_id("Web"), "Internet", SYSTEM)
    tags.delete(tag_id("Internet"), SYSTEM)
    assert (names(1), names(tagged)) == (["Flask"], [])
    for slug in ("web", "internet"):
        with pytest.raises(errors.NotFound):
            tags.get_by_slug(slug)


@pytest.mark.parametrize("name", ("", " \t ", "\0"))
def test_a_tag_needs_a_name(tagged, name):
    with pytest.raises(errors.Invalid, match="Name is required."):
        tags.rename(tag_id("Web"), name, SYSTEM)


@pytest.mark.parametrize("number", (99, 10**30))
def test_unknown_tag_is_not_found(tagged, number):
    with pytest.raises(errors.NotFound, match="no such tag"):
        tags.get(number)


def test_readers_see_tags_of_published_posts_with_limited_counts(tagged, monkeypatch):
    posts.create(author_id=1, title="Draft", body="", status="draft", tags=["Web", "Secret"])
    assert [(tag["name"], tag["posts"]) for tag in tags.list_public()] == [
        ("Flask", 1),
        ("Web", 2),
    ]
    monkeypatch.setattr(tags, "MAX_COUNT", 1)
    assert [tag["posts"] for tag in tags.list_public()] == [1, 1]


def test_tags_of_several_posts_are_returned_at_once(tagged):
    found = tags.for_posts([1, tagged, 99])
    assert [[tag["slug"] for tag in found[number]] for number in (1, tagged, 99)] == [
        ["flask", "web"],
        ["web"],
        [],
    ]
    assert tags.for_posts([]) == {}


def test_tags_for_readers_are_counted_with_an_index(tagged, plans):
    (plan,) = plans(tags.list_public)
    assert "SEARCH post_tag USING COVERING INDEX post_tag_tag (tag_id=? AND listed<?)" in plan
    assert "SCAN post" not in plan
