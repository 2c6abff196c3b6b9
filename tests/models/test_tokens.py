from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from flaskr import errors
from flaskr.db import format_timestamp
from flaskr.db import get_db
from flaskr.models import permissions
from flaskr.models import tokens
from flaskr.models import users

from ..databases import another_writer
from ..databases import dump


@pytest.fixture
def ann(context):
    return users.find(1)


@pytest.fixture
def create(ann):
    """Makes a token of the first user, and returns its secret."""

    def create(**fields):
        return tokens.create(ann, **{"name": "Phone", "scopes": ["read"], **fields})

    return create


def change(column, value):
    get_db().execute(f"UPDATE token SET {column} = ?", (value,))
    get_db().commit()


def from_now(**delta):
    return format_timestamp(datetime.now(UTC) + timedelta(**delta))


def stored(column="last_used"):
    return get_db().execute(f"SELECT CAST({column} AS TEXT) FROM token").fetchone()[0]


def test_holder_is_found_by_the_secret_which_is_not_stored(create):
    secret = create(scopes=["publish", "read"])
    holder = tokens.find_holder(secret)
    assert (holder["username"], tokens.scopes_of(holder)) == ("test", {"read", "publish"})
    assert secret.startswith("flaskr_")
    assert secret[7:] not in str(dump())


@pytest.mark.parametrize(
    "secret",
    ("", "x", "flaskr_", "flaskr_" + "0" * 64, "\0", "flaskr_" + "\u0660" * 64, "\ud800"),
)
def test_unknown_secret_has_no_holder(create, secret):
    create()
    assert tokens.find_holder(secret) is None


def test_secret_with_something_after_it_has_no_holder(create):
    secret = create()
    for other in (f"{secret}\n", f"{secret} ", f" {secret}", secret.upper(), secret[:-1]):
        assert tokens.find_holder(other) is None


def test_token_ends_at_the_second_at_which_it_expires(create, monkeypatch):
    secret = create(days=30)
    change("expires", "2026-01-31 12:00:00")
    for moment, works in (("11:59:59", True), ("12:00:00", False), ("12:00:01", False)):
        monkeypatch.setattr(tokens, "now", lambda moment=moment: f"2026-01-31 {moment}")
        assert bool(tokens.find_holder(secret)) is works
        assert [row["expired"] for row in tokens.of_user(1)] == [not works]


def test_token_without_a_last_day_never_expires(create):
    secret = create(days=None)
    change("created", "1999-01-01 00:00:00")
    assert tokens.find_holder(secret)
    assert tokens.of_user(1)[0]["expires"] is None


@pytest.mark.parametrize(
    ("fields", "field"),
    (
        ({"name": " \n"}, "name"),
        ({"name": "\0"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "x" * 10**6}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["read", "all"]}, "scopes"),
        ({"days": 0}, "days"),
        ({"days": -1}, "days"),
        ({"days": 10**30}, "days"),
    ),
)
def test_invalid_token_is_not_created(create, fields, field):
    with pytest.raises(errors.Invalid) as refusal:
        create(**fields)
    assert refusal.value.field == field
    assert tokens.of_user(1) == []


def test_name_is_stored_on_one_line(create):
    create(name="  My\n\tphone \x01")
    assert [row["name"] for row in tokens.of_user(1)] == ["My phone"]


def test_number_of_tokens_is_limited(create, monkeypatch):
    monkeypatch.setattr(tokens, "MAX_TOKENS_PER_USER", 2)
    create()
    create()
    with pytest.raises(errors.Invalid, match="Revoke one first"):
        create()


def test_scopes_that_plain_sql_made_up_are_ignored(create):
    secret = create()
    change("scopes", "read everything")
    assert tokens.scopes_of(tokens.find_holder(secret)) == {"read"}


def test_use_is_stored_at_most_once_a_minute(create):
    holder = tokens.find_holder(create())
    for last, is_written in (
        (None, True),
        (from_now(seconds=-50), False),
        (from_now(seconds=-70), True),
        (from_now(days=4000), True),
    ):
        change("last_used", last)
        change("last_address", "")
        tokens.record_use(holder["token_id"], "192.0.2.1")
        assert (stored("last_address") == "192.0.2.1") is is_written
        assert (stored() != last) is is_written


def test_use_of_a_token_waits_for_no_other_program(create, context):
    holder = tokens.find_holder(create())
    with another_writer(context):
        tokens.record_use(holder["token_id"], "192.0.2.1")
    assert stored() is None


def test_use_of_a_token_leaves_the_content_version_alone(create):
    holder = tokens.find_holder(create())
    before = get_db().execute("SELECT version FROM content").fetchone()[0]
    tokens.record_use(holder["token_id"], "192.0.2.1")
    assert get_db().execute("SELECT version FROM content").fetchone()[0] == before


def test_revoked_token_has_no_holder(create, ann):
    secret, other = create(), create()
    tokens.revoke(tokens.of_user(1)[-1]["id"], ann)
    assert tokens.find_holder(secret) is None
    assert tokens.find_holder(other)
    tokens.revoke_all(2)
    assert tokens.find_holder(other)
    tokens.revoke_all(1)
    assert tokens.of_user(1) == []


@pytest.mark.parametrize("token_id", (1, 2, -1, 10**30))
def test_another_users_token_cannot_be_revoked(create, token_id):
    secret = create()
    with pytest.raises(errors.NotFound):
        tokens.revoke(token_id, users.find(2))
    assert tokens.find_holder(secret)


def test_owner_may_revoke_every_token(create):
    secret = create()
    tokens.revoke(tokens.of_user(1)[0]["id"], permissions.SYSTEM)
    assert tokens.find_holder(secret) is None


def test_removed_user_has_no_tokens(create):
    secret = create()
    get_db().executescript('DELETE FROM post; DELETE FROM "user" WHERE id = 1')
    assert tokens.find_holder(secret) is None
    assert get_db().execute("SELECT count(*) FROM token").fetchone()[0] == 0


def test_tokens_outlive_a_change_of_the_password(create, ann):
    secret = create()
    users.change_password(1, "another", password_min_length=0)
    assert tokens.find_holder(secret)
