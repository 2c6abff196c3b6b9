"""Test that every rule that changes something asks the table of permissions."""

import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.models import bulk_actions
from flaskr.models import media
from flaskr.models import permissions
from flaskr.models import posts
from flaskr.models import series
from flaskr.models import settings
from flaskr.models import tags
from flaskr.models import trash
from flaskr.models import users
from flaskr.models.permissions import SYSTEM

from ..databases import dump

pytestmark = pytest.mark.usefixtures("context")

AUTHOR, OTHER, OWNER = 1, 2, 3
POST, DELETED = 2, 3


@pytest.fixture
def blog():
    """Create a post, a deleted post and a file of `AUTHOR`, with a tag and a series."""
    get_db().execute(
        "INSERT INTO \"user\" (username, password, role) VALUES ('owner', '!', 'owner')"
    )
    for title in ("Post", "Deleted"):
        words = {"tags": ["Sea"], "series": "Tides"}
        posts.create(author_id=AUTHOR, title=title, body="", **words)
    trash.put(DELETED, SYSTEM)
    media.add(b"%PDF-1.4", name="a.pdf", user_id=AUTHOR, max_bytes=100)


def update(**fields):
    return lambda user: posts.update(POST, user, title="Changed", body="", **fields)


def create(**fields):
    return lambda user: posts.create(
        author_id=user["id"] or AUTHOR, user=user, title="New", body="", **fields
    )


# Calls of rules, with the users allowed besides the owner and the system.
RULES = {
    "edit post": (update(), {AUTHOR}),
    "unpublish": (lambda user: bulk_actions.set_status([POST], user, "draft"), {AUTHOR}),
    "tag": (lambda user: bulk_actions.add_tag([POST], user, "Sky"), {AUTHOR}),
    "delete post": (lambda user: trash.put(POST, user), {AUTHOR}),
    "delete posts": (lambda user: bulk_actions.delete([POST], user), {AUTHOR}),
    "restore post": (lambda user: trash.restore(DELETED, user), {AUTHOR}),
    "create post": (create(), {AUTHOR, OTHER}),
    "create another's": (
        lambda user: posts.create(author_id=AUTHOR, user=user, title="New", body=""),
        {AUTHOR},
    ),
    "create page": (create(kind="page"), set()),
    "create at position": (create(menu_position=1), set()),
    "make page": (update(kind="page"), set()),
    "move in menu": (update(menu_position=1), set()),
    "add coauthor": (update(authors=["test", "other"]), {AUTHOR}),
    "arrange menu": (lambda user: posts.arrange_menu({POST: 1}, user), set()),
    "describe file": (lambda user: media.set_alt(1, "words", user), {AUTHOR}),
    "delete file": (lambda user: media.delete(1, user), {AUTHOR}),
    "rename tag": (lambda user: tags.rename(1, "Ocean", user), set()),
    "delete tag": (lambda user: tags.delete(1, user), set()),
    "rename series": (lambda user: series.rename(1, "Waves", user), set()),
    "change settings": (lambda user: settings.change({"TAGLINE": "x"}, user), set()),
    "set icons": (lambda user: settings.set_icons({"32.png": b"x"}, user), set()),
    "drop icons": (lambda user: settings.delete_icons(user), set()),
}


@pytest.mark.parametrize("user_id", (AUTHOR, OTHER, OWNER, None))
@pytest.mark.parametrize(("rule", "permitted"), RULES.values(), ids=RULES)
def test_rule_is_allowed_only_for_roles_in_the_table(blog, rule, permitted, user_id):
    user = users.find(user_id) if user_id else SYSTEM
    if user_id in {OWNER, None, *permitted}:
        rule(user)
        return
    before = dump()
    with pytest.raises((errors.Forbidden, errors.NotFound), match=r"\.$"):
        rule(user)
    assert dump() == before


@pytest.mark.parametrize("role", ("", "admin", "OWNER", "refusal"))
def test_unknown_role_has_no_rights(role):
    stranger = {"id": AUTHOR, "role": role}
    own = {"author_id": AUTHOR}
    assert not any(permissions.may(stranger, action, own) for action in permissions.RIGHTS)


def test_visitors_have_no_rights():
    own = {"user_id": None}
    assert not any(permissions.may(None, action, own) for action in permissions.RIGHTS)
    with pytest.raises(errors.Forbidden):
        permissions.require(None, "edit file", own)


def test_every_role_has_a_column():
    assert set(permissions.ROLES) == set(permissions.Right._fields) - {"refusal"}


def page(**fields):
    return posts.create(
        author_id=AUTHOR, user=SYSTEM, title="About", body="", kind="page", **fields
    )


def test_author_edits_and_unpublishes_a_page_but_cannot_publish_it_again(blog):
    author, about = users.find(AUTHOR), page()
    posts.update(about, author, title="About us", body="", kind="page", menu_position=0)
    posts.update(about, author, title="About us", body="", status="draft")
    with pytest.raises(errors.Forbidden, match="Only the blog's owner"):
        bulk_actions.set_status([about], author, "published")
    assert posts.menu_pages() == []


def test_page_restored_by_its_author_is_a_draft(blog):
    about = page()
    trash.put(about, SYSTEM)
    trash.restore(about, users.find(AUTHOR))
    assert posts.get_stored(about)["status"] == "draft"
    trash.put(about, users.find(AUTHOR))
    trash.restore(about, SYSTEM)
    assert posts.get_stored(about)["kind"] == "page"
    assert posts.menu_pages() == []


def test_adding_a_part_does_not_rename_a_series(blog):
    posts.create(author_id=OTHER, title="Part", body="", series="TIDES")
    posts.update(POST, users.find(AUTHOR), title="Post", body="", series="tiDes")
    assert series.recent_names() == ["Tides"]
    posts.create(author_id=OWNER, title="Part", body="", series="TIDES")
    assert series.recent_names() == ["TIDES"]
