"""Test the URLs that posts, tags and series get from their titles and names."""

import pytest

from flaskr import errors
from flaskr.models import old_locations
from flaskr.models import posts
from flaskr.models import series
from flaskr.models import settings
from flaskr.models import tags
from flaskr.models import trash
from flaskr.models import users
from flaskr.models.permissions import SYSTEM


def slug_of(post_id):
    return posts.get_stored(post_id)["slug"]


def test_language_of_the_post_or_blog_decides(context, write):
    found = [slug_of(write("中文", language=language)) for language in ("zh", "ja", "")]
    assert found == ["zhongwen", "中文", "中文-2"]
    settings.change({"LANGUAGE": "zh-TW"}, SYSTEM)
    assert slug_of(write("中文")) == "zhongwen-2"


def test_owner_has_the_letters_stay(context, write):
    before = write("Привет")
    settings.change({"SLUGS": "letters"}, SYSTEM)
    assert slug_of(write("Привет")) == "привет"
    posts.update(before, SYSTEM, title="Привет всем", body="")
    assert slug_of(before) == "privet"


def test_locked_setting_decides(context, app, write):
    settings.change({"SLUGS": "letters"}, SYSTEM)
    app.config["LANGUAGE"] = "zh"
    assert slug_of(write("中文")) == "中文"
    app.extensions["flaskr.locked_by"] = {"SLUGS": "in config.py"}
    assert slug_of(write("中文")) == "zhongwen"


def test_url_that_a_person_typed_may_have_such_letters(context, write):
    post_id = write("春の海", language="ja")
    posts.update(post_id, SYSTEM, title="春の海", body="", address="春の海")
    posts.update(post_id, SYSTEM, title="春の海", body="", address="海")
    assert slug_of(post_id) == "海"
    with pytest.raises(errors.Conflict, match="How about 春の海"):
        posts.update(post_id, SYSTEM, title="春の海", body="", address="春の海!")
    with pytest.raises(errors.Conflict, match="How about privet"):
        posts.update(post_id, SYSTEM, title="x", body="", address="привет")


def test_draft_follows_its_title_and_language(context, write):
    post_id = write("春", status="draft")
    posts.update(post_id, SYSTEM, title="春の海", body="", address=slug_of(post_id))
    assert slug_of(post_id) == "春の海"


def test_page_with_letters_in_its_url_is_found(client, write):
    write("春の海", language="ja")
    assert client.get("/春の海").status_code == 200
    assert client.get("/%E6%98%A5%E3%81%AE%E6%B5%B7.md").status_code == 200
    assert "/%E6%98%A5%E3%81%AE%E6%B5%B7" in client.get("/").text


def test_tags_and_series_have_such_urls_too(context, client, write):
    write("A", tags=["音楽"], series="旅行")
    assert tags.get_by_slug("音楽", SYSTEM)["name"] == "音楽"
    assert series.get_by_slug("旅行")["name"] == "旅行"
    for path in ("/tag/音楽", "/series/旅行", "/tag/音楽/feed.xml"):
        assert client.get(path).status_code == 200
    assert client.get("/category/音楽").location == "/tag/%E9%9F%B3%E6%A5%BD"
    assert old_locations.LOOKUPS.series("旅行") == "/series/旅行"


def test_url_comes_back_from_the_trash_and_by_undo(context, write):
    post_id = write("春の海", language="ja")
    trash.put(post_id, SYSTEM)
    trash.restore(post_id, users.find(1))
    assert slug_of(post_id) == "春の海"
