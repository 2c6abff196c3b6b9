import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.models import post_lists
from flaskr.models import posts
from flaskr.models import profiles
from flaskr.models import users
from flaskr.models.permissions import SYSTEM


def add(name):
    get_db().execute('INSERT INTO "user" (username, password) VALUES (?, ?)', (name, "!"))
    get_db().commit()
    return get_db().execute('SELECT max(id) FROM "user"').fetchone()[0]


@pytest.mark.parametrize("name", ("ada", "ゆき", "Ada Lovelace", "a?b#c%d", "2nd", "..."))
def test_user_name_is_the_url_name(context, name):
    user_id = add(name)
    assert profiles.url_name(user_id, name) == name
    assert profiles.get_by_url_name(name, SYSTEM)["id"] == user_id


@pytest.mark.parametrize("name", ("", ".", "..", "a/b", "a\\b", "a\nb", "2024"))
def test_user_name_unfit_for_urls_is_replaced_by_the_id(context, name):
    user_id = add(name)
    assert profiles.url_name(user_id, name) == str(user_id)
    assert profiles.get_by_url_name(str(user_id), SYSTEM)["username"] == name


def test_digits_are_an_id_before_they_are_a_name(context):
    digits = add("2")
    assert profiles.get_by_url_name("2", SYSTEM)["username"] == "other"
    assert profiles.get_by_url_name(str(digits), SYSTEM)["username"] == "2"
    add("2024")
    assert profiles.get_by_url_name("2024", SYSTEM)["username"] == "2024"


def test_user_is_found_by_any_spelling_of_the_name(context):
    ada = users.register("Ada", "password", password_min_length=8)
    assert profiles.get_by_url_name("ADA", SYSTEM)["id"] == ada


@pytest.mark.parametrize("part", ("nobody", "0", "99", "9" * 30, "²", "\0"))
def test_unknown_author_is_not_found(context, part):
    with pytest.raises(errors.NotFound, match="no author with this name"):
        profiles.get_by_url_name(part, SYSTEM)


def test_readers_see_the_display_name(context):
    profiles.update(1, display_name="  Ada   Lovelace ", bio="Words.\r\n")
    user = users.find(1)
    assert (user["display_name"], user["bio"]) == ("Ada Lovelace", "Words.")
    assert post_lists.newest().posts[0]["author"] == "Ada Lovelace"
    assert posts.authors(1)[0]["name"] == "Ada Lovelace"
    profiles.update(1, display_name="", bio="")
    assert post_lists.newest().posts[0]["author"] == "test"


@pytest.mark.parametrize(
    ("display_name", "bio", "field"),
    (
        ("x" * 101, "", "display_name"),
        ("a\u202eb", "", "display_name"),
        ("OTHER", "", "display_name"),
        ("", "x" * 2001, "bio"),
    ),
)
def test_invalid_profile_is_refused(context, display_name, bio, field):
    users.backfill_keys()
    with pytest.raises(errors.AppError) as caught:
        profiles.update(1, display_name=display_name, bio=bio)
    assert caught.value.field == field
    assert users.find(1)["display_name"] == ""
