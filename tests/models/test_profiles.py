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
def test_a_name_is_the_address_of_its_page(context, name):
    user_id = add(name)
    assert profiles.url_name(user_id, name) == name
    assert profiles.get_by_url_name(name, SYSTEM)["id"] == user_id


@pytest.mark.parametrize("name", ("", ".", "..", "a/b", "a\\b", "a\nb", "2024"))
def test_a_name_that_fits_no_address_is_found_by_number(context, name):
    user_id = add(name)
    assert profiles.url_name(user_id, name) == str(user_id)
    assert profiles.get_by_url_name(str(user_id), SYSTEM)["username"] == name


def test_a_number_is_that_of_a_person_before_it_is_a_name(context):
    digits = add("2")
    assert profiles.get_by_url_name("2", SYSTEM)["username"] == "other"
    assert profiles.get_by_url_name(str(digits), SYSTEM)["username"] == "2"
    add("2024")
    assert profiles.get_by_url_name("2024", SYSTEM)["username"] == "2024"


def test_any_spelling_of_a_name_leads_to_its_person(context):
    ada = users.register("Ada", "password", password_min_length=8)
    assert profiles.get_by_url_name("ADA", SYSTEM)["id"] == ada


@pytest.mark.parametrize("part", ("nobody", "0", "99", "9" * 30, "²", "\0"))
def test_who_is_not_there_is_not_found(context, part):
    with pytest.raises(errors.NotFound, match="no author with this name"):
        profiles.get_by_url_name(part, SYSTEM)


def test_a_display_name_is_what_readers_see(context):
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
def test_what_cannot_be_told_is_refused(context, display_name, bio, field):
    users.backfill_keys()
    with pytest.raises(errors.AppError) as caught:
        profiles.update(1, display_name=display_name, bio=bio)
    assert caught.value.field == field
    assert users.find(1)["display_name"] == ""
