from datetime import timedelta

import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.models import autosaves
from flaskr.models import post_fields
from flaskr.models import posts
from flaskr.models import trash
from flaskr.models import users
from flaskr.models.permissions import SYSTEM

from ..databases import ago

KEY = "a-key-of-a-form-1"
OTHER = "a-key-of-a-form-2"
TEXT = {"title": "Half", "body": "a sente"}


def keep(key=KEY, fields=TEXT, user_id=1, **options):
    autosaves.save(user_id, key, fields, **options)


def keys(post_id=None, **options):
    return [row["key"] for row in autosaves.for_post(1, post_id, **options)]


def test_autosave_is_stored_under_the_key_of_its_form(context):
    keep(post_id=1, base="as it was")
    row = autosaves.get(1, KEY)
    assert (row["post_id"], row["base"]) == (1, "as it was")
    assert autosaves.load_fields(row) == TEXT


def test_newer_autosave_of_a_form_replaces_the_older(context):
    keep(post_id=1)
    keep(OTHER, {"body": "another tab"}, post_id=1)
    keep(fields={"title": "Half", "body": "a sentence\r\n\0"}, post_id=1)
    assert autosaves.load_fields(autosaves.get(1, KEY))["body"] == "a sentence\n"
    assert autosaves.load_fields(autosaves.get(1, OTHER)) == {"body": "another tab"}


@pytest.mark.parametrize("fields", ({}, {"title": " ", "body": "\n", "tags": "a"}))
def test_blank_form_deletes_its_autosave(context, fields):
    keep()
    keep(fields=fields)
    assert autosaves.find(1, KEY) is None


@pytest.mark.parametrize("key", ("", "short", "with a space in it", "x" * 65, "x/../../../../../y"))
def test_malformed_key_is_refused(context, key):
    with pytest.raises(errors.NotFound):
        keep(key)
    autosaves.delete(1, key)


def test_autosaves_of_another_user_are_not_found(context):
    keep()
    assert autosaves.find(2, KEY) is None
    with pytest.raises(errors.NotFound, match="no longer here"):
        autosaves.get(2, KEY)
    keep(user_id=2, fields={"title": "Mine"})
    autosaves.delete(2, KEY)
    assert autosaves.load_fields(autosaves.get(1, KEY)) == TEXT


def test_autosaves_of_a_post_are_listed_newest_first(context):
    keep(post_id=1, age=timedelta(hours=2))
    keep(OTHER, post_id=1, age=timedelta(hours=1))
    keep("the-key-of-a-new-post")
    assert keys(1) == [OTHER, KEY]
    assert keys(1, except_key=OTHER) == [KEY]
    assert keys() == ["the-key-of-a-new-post"]


@pytest.mark.parametrize("post_id", (7, 2**63, -1))
def test_autosave_of_a_missing_post_is_listed_for_new_posts(context, post_id):
    keep(post_id=post_id)
    assert keys() == [KEY]
    assert autosaves.get(1, KEY)["post_id"] is None


def test_deleting_a_post_keeps_its_autosave(context):
    keep(post_id=1)
    trash.put(1, SYSTEM)
    assert keys() == [KEY]


def test_discarded_autosave_is_not_listed_but_can_be_restored(context):
    keep()
    autosaves.discard(1, KEY)
    assert keys() == []
    assert autosaves.load_fields(autosaves.get(1, KEY)) == TEXT
    keep()
    assert keys() == [KEY]


def test_autosave_is_deleted_when_its_form_is_saved(context):
    keep()
    autosaves.delete(1, KEY)
    assert autosaves.find(1, KEY) is None


def test_autosave_expires_after_sixty_days(context, used_daily):
    keep()
    keep(OTHER)
    get_db().execute("UPDATE unsaved SET kept = ? WHERE key = ?", (ago(days=61), KEY))
    get_db().commit()
    keep(OTHER)
    assert keys() == [OTHER]


@pytest.mark.parametrize("age", (timedelta(days=-3), timedelta(days=9000)))
def test_age_is_limited_to_the_past_sixty_days(context, age):
    keep(age=age)
    stored = get_db().execute("SELECT CAST(kept AS TEXT) FROM unsaved").fetchone()[0]
    assert ago(days=60.1) < stored < ago(days=-0.1)
    assert keys() == [KEY]


def test_discarded_and_oldest_autosaves_over_the_limit_are_deleted(context, monkeypatch):
    monkeypatch.setattr(autosaves, "MAX_PER_USER", 2)
    keep("discarded-discarded")
    autosaves.discard(1, "discarded-discarded")
    keep("oldest-oldest-oldest", age=timedelta(hours=2))
    keep(KEY, age=timedelta(hours=1))
    keep(user_id=2)
    keep(OTHER)
    assert keys() == [OTHER, KEY]
    assert autosaves.find(1, "discarded-discarded") is None
    assert autosaves.find(2, KEY) is not None


def test_text_saved_after_the_clock_was_set_back_is_not_deleted(context, monkeypatch):
    monkeypatch.setattr(autosaves, "MAX_PER_USER", 1)
    keep(KEY)
    get_db().execute("UPDATE unsaved SET kept = '2999-01-01 00:00:00'")
    get_db().commit()
    keep(OTHER)
    assert OTHER in keys()


@pytest.mark.parametrize("fields", ({"body": "ゆ" * 2_000_000}, {"title": "x" * 70_000}))
def test_text_too_long_for_a_post_is_refused(context, fields):
    with pytest.raises(errors.TooLong, match="too long"):
        keep(fields=fields)
    assert autosaves.find(1, KEY) is None


def test_longest_text_of_a_post_is_autosaved(context):
    keep(fields={"title": "Long", "body": "x" * post_fields.MAX_BODY_BYTES})
    assert len(autosaves.load_fields(autosaves.get(1, KEY))["body"]) == post_fields.MAX_BODY_BYTES


def test_blank_changes_of_a_post_are_kept(context):
    keep(fields={"title": "", "body": ""}, post_id=1)
    assert keys(1) == [KEY]


def test_link_to_a_draft_is_neither_listed_nor_found(context):
    autosaves.link(1, KEY, 1)
    assert (keys(1), autosaves.find(1, KEY), autosaves.find_post_id(1, KEY)) == ([], None, 1)
    assert autosaves.find_post_id(2, KEY) is None
    keep(fields={"title": "", "body": "Again"})
    assert (keys(1), autosaves.find_post_id(1, KEY)) == ([KEY], 1)
    autosaves.clear(1, KEY)
    assert (keys(1), autosaves.find_post_id(1, KEY)) == ([], 1)


def test_links_to_drafts_do_not_count_towards_the_limit(context, monkeypatch):
    monkeypatch.setattr(autosaves, "MAX_PER_USER", 1)
    autosaves.link(1, "first-first-first", 1)
    autosaves.link(1, "second-second-second", 1)
    keep(KEY, age=timedelta(hours=1))
    keep(OTHER)
    assert keys() == [OTHER]
    assert autosaves.find_post_id(1, "first-first-first") == 1


def test_newest_autosave_of_a_post_is_found_unless_it_is_older_than_the_post(context):
    keep(OTHER, post_id=1, age=timedelta(hours=1))
    keep(post_id=1)
    assert autosaves.find_newer(1, posts.get_stored(1))["key"] == KEY
    assert autosaves.find_newer(2, posts.get_stored(1)) is None
    get_db().executescript(f"UPDATE post SET updated = '{ago(hours=-1)}'")
    assert autosaves.find_newer(1, posts.get_stored(1)) is None


def test_superseded_autosave_is_deleted_unless_it_has_changed(context):
    keep()
    version = autosaves.version(autosaves.get(1, KEY))
    keep(fields={"title": "Half", "body": "a sentence"})
    autosaves.supersede(1, version)
    assert keys() == [KEY]
    autosaves.supersede(2, autosaves.version(autosaves.get(1, KEY)))
    for nonsense in ("", ":", KEY, f"{KEY}:", "\0" * 99):
        autosaves.supersede(1, nonsense)
    assert keys() == [KEY]
    autosaves.supersede(1, autosaves.version(autosaves.get(1, KEY)))
    assert keys() == []


def test_autosaves_are_deleted_with_their_user(context):
    keep(user_id=users.create_without_password("third"))
    get_db().execute("DELETE FROM \"user\" WHERE username = 'third'")
    get_db().commit()
    assert get_db().execute("SELECT count(*) FROM unsaved").fetchone()[0] == 0


def test_keys_are_random(context):
    key = autosaves.new_key()
    assert autosaves.is_key(key)
    assert key != autosaves.new_key()
