import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.models import authors
from flaskr.models import posts
from flaskr.models import users
from flaskr.models.permissions import SYSTEM

from ..databases import content_version

pytestmark = pytest.mark.usefixtures("context")


def names(post_id):
    return [row["username"] for row in posts.authors(post_id)]


def write(**fields):
    return posts.create(author_id=1, title="Ours", body="", **fields)


def test_first_name_is_the_author_and_the_others_are_coauthors():
    post_id = write(authors=["test", "other", " test "])
    assert names(post_id) == ["test", "other"]
    posts.update(post_id, SYSTEM, title="Ours", body="", authors=["other", "test"])
    assert names(post_id) == ["other", "test"]
    posts.update(post_id, SYSTEM, title="Ours", body="")
    assert names(post_id) == ["other", "test"]


def test_post_without_names_keeps_its_author():
    post_id = write(authors=["test", "other"])
    posts.update(post_id, users.find(1), title="Ours", body="", authors=[" "])
    assert names(post_id) == ["test"]


def test_unchanged_coauthors_are_not_written_again():
    post_id = write(authors=["test", "other"])
    before = content_version()
    authors.set_coauthors(post_id, [2])
    assert content_version() == before


def test_author_cannot_give_a_post_away():
    post_id = write()
    for change in (
        lambda: posts.update(post_id, users.find(1), title="A", body="", authors=["other"]),
        lambda: write(authors=["other", "test"]),
    ):
        with pytest.raises(errors.Invalid, match="Put your own name first") as refused:
            change()
        assert refused.value.field == "authors"
    assert names(post_id) == ["test"]


def test_names_may_contain_commas_or_be_display_names():
    get_db().execute("UPDATE \"user\" SET username = 'Ann, Bob & Co' WHERE id = 2")
    get_db().execute("UPDATE \"user\" SET display_name = 'The Tester' WHERE id = 1")
    assert authors.parse_names("The Tester, Ann, Bob & Co".split(",")) == [1, 2]


@pytest.mark.parametrize(
    ("typed", "message"),
    (
        (["nobody"], "There is no user nobody."),
        (["x" * 10**6], r"There is no user x{50}\."),
        (["\0"], "There is no user"),
        (["test"] * 21, "at most 20 authors"),
    ),
)
def test_wrong_names_are_refused(typed, message):
    with pytest.raises(errors.Invalid, match=message) as refused:
        authors.parse_names(typed)
    assert refused.value.field == "authors"
