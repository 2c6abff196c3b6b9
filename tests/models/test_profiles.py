import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.models import media
from flaskr.models import media_uses
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


@pytest.fixture
def add_picture(context, draw):
    """Add a picture to the media library and return its row."""

    def add_picture(kind="PNG", size=(600, 400)):
        return media.add(draw(kind, size), name="me", user_id=1, max_bytes=10**6)

    return add_picture


def change(**values):
    """Change the first user's profile, and return it."""
    profiles.update(1, display_name="", bio="", **values)
    return users.find(1)


def test_picture_is_shown_in_its_smallest_size(add_picture):
    medium = add_picture()
    person = change(picture=f" /media/{medium['name']}\n")
    assert profiles.find_portraits([person]) == {1: f"/media/{media.smallest_variant(medium)}"}
    assert profiles.find_portraits([change()]) != {}
    assert profiles.find_portraits([change(picture="")]) == {}


def test_missing_picture_is_not_shown(add_picture):
    medium = add_picture()
    person = change(picture=f"/media/{medium['name']}")
    media.delete(medium["id"], SYSTEM)
    assert profiles.find_portraits([person]) == {}


@pytest.mark.parametrize(
    "url", ("https://a.example/b.png", "javascript:alert(1)", f"/media/{'0' * 32}.png", "/x", "\0x")
)
def test_picture_must_be_in_the_media_library(context, url):
    with pytest.raises(errors.Invalid) as caught:
        change(picture=url)
    assert caught.value.field == "picture"


def test_drawing_or_file_is_no_picture_of_a_person(context):
    for content in (b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', b"%PDF-1.4"):
        medium = media.add(content, name="x", user_id=1, max_bytes=100)
        with pytest.raises(errors.Invalid):
            change(picture=f"/media/{medium['name']}")


def test_picture_of_a_person_is_in_use(add_picture):
    medium = add_picture()
    assert [row["id"] for row in media.newest(unused=True).media] == [medium["id"]]
    change(picture=f"/media/{medium['name']}")
    assert media.newest(unused=True).media == []
    assert media_uses.find([medium], SYSTEM)[medium["id"]].in_profile


def test_links_have_labels(context):
    person = change(links="  My  page   https://a.example/b?c=d \r\n\nMail mailto:a@b.example\n")
    assert profiles.read_links(person) == [
        ("My page", "https://a.example/b?c=d"),
        ("Mail", "mailto:a@b.example"),
    ]
    assert profiles.read_links(change()) == profiles.read_links(person)
    assert profiles.read_links(change(links="")) == []


@pytest.mark.parametrize(
    "links",
    (
        *("https://a.example/", "a javascript:alert(1)", "a /local", "a //b.example", "a data:x,y"),
        *("a https://", "a ftp://b.example", "a https://[", "a mailto:", "a b c", "\0 x"),
        *("a https://b.example\n" * 6, "a https://b.example/" + "x" * 1000, "a\n" * 100),
    ),
)
def test_invalid_links_are_refused(context, links):
    with pytest.raises(errors.Invalid) as caught:
        change(links=links)
    assert caught.value.field == "links"


@pytest.mark.parametrize(
    "links", ("x javascript:alert(1)", " https://a.example", "https://a.example", "x", b"\xff", 7)
)
def test_links_by_plain_sql_are_shown_only_if_they_are_links(context, links):
    get_db().execute('UPDATE "user" SET links = ? WHERE id = 1', (links,))
    assert profiles.read_links(get_db().execute('SELECT * FROM "user"').fetchone()) == []


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
