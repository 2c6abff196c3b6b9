import pytest
from werkzeug.security import check_password_hash

from flaskr import errors
from flaskr.db import get_db
from flaskr.models import sessions
from flaskr.models import users


def register(name, password="a long password", **options):
    return users.register(name, password, password_min_length=8, **options)


@pytest.fixture
def empty(empty_app):
    with empty_app.app_context():
        yield empty_app


def test_the_first_account_owns_the_blog_and_later_ones_write(empty):
    register("first")
    register("second")
    register("third", role="owner")
    roles = [users.get_by_name(name)["role"] for name in ("first", "second", "third")]
    assert roles == ["owner", "author", "owner"]


def test_who_came_by_an_import_is_not_the_first_account(empty):
    users.create_without_password("imported")
    assert not users.has_accounts()
    assert users.find(register("first"))["role"] == "owner"


def test_the_first_account_is_who_wrote_what_was_imported_under_its_name(empty):
    imported = users.create_without_password("Ada")
    assert register("ada") == imported
    assert users.authenticate("ada", "a long password")["role"] == "owner"
    users.create_without_password("grace")
    with pytest.raises(errors.Conflict, match="already registered"):
        register("grace")


def test_pages_that_invite_to_register_are_out_of_date_when_an_imported_author_does(empty):
    users.create_without_password("Ada")
    query = "SELECT version FROM content"
    before = get_db().execute(query).fetchone()[0]
    register("ada")
    assert get_db().execute(query).fetchone()[0] != before


def test_an_account_that_has_to_be_the_first_or_not_is_refused_otherwise(empty):
    with pytest.raises(errors.Forbidden, match="meanwhile"):
        register("ada", first=False)
    register("grace", first=True)
    with pytest.raises(errors.Forbidden, match="meanwhile"):
        register("ada", first=True)


def test_users_written_by_plain_sql_are_authors_and_the_site_is_not_empty(context):
    assert users.get_by_name("test")["role"] == "author"
    assert users.find(register("third"))["role"] == "author"


@pytest.mark.parametrize(
    ("name", "stored"),
    (
        ("  ada ", "ada"),
        ("e\u0301va", "\u00e9va"),
        ("ゆき", "ゆき"),
        ("a b", "a b"),
        ("x" * 64, "x" * 64),
        ("O'Brien <b>", "O'Brien <b>"),
    ),
)
def test_a_name_is_trimmed_and_composed(empty, name, stored):
    assert users.find(register(name))["username"] == stored


@pytest.mark.parametrize(
    ("name", "sentence"),
    (
        ("", "Username is required."),
        (" \t ", "Username is required."),
        ("x" * 65, "Username is too long: at most 64 characters."),
        (".", "Username needs a letter or a number."),
        ("..", "Username needs a letter or a number."),
        ("a/b", "Username cannot have a / in it."),
        ("a\\b", r"Username cannot have a \\ in it."),
        ("a?b", r"Username cannot have a \? in it."),
        ("a#b", "Username cannot have a # in it."),
        ("a%b", "Username cannot have a % in it."),
        ("a\ud800b", r"Username cannot have a \? in it."),
        ("a\0b", "Username contains an invisible character."),
        ("a\nb", "Username contains an invisible character."),
        ("a\u202eb", "Username contains an invisible character."),
    ),
)
def test_a_name_that_cannot_be_is_refused(empty, name, sentence):
    with pytest.raises(errors.Invalid, match=f"^{sentence}$") as refusal:
        register(name)
    assert refusal.value.field == "username"


@pytest.mark.parametrize(
    ("password", "sentence"),
    (
        ("", "Password is required."),
        ("seven77", "Password is too short: at least 8 characters."),
        ("x" * 1025, "Password is too long: at most 1,024 characters."),
        ("a\ud800bcdefgh", "Password has a character in it that cannot be stored."),
    ),
)
def test_a_password_that_cannot_be_is_refused(empty, password, sentence):
    with pytest.raises(errors.Invalid, match=f"^{sentence}$") as refusal:
        register("ada", password)
    assert refusal.value.field == "password"


def test_nothing_of_a_long_password_is_cut(empty):
    register("ada", "x" * 1024)
    users.authenticate("ada", "x" * 1024)
    for wrong in ("x" * 1023, "x" * 1025):
        with pytest.raises(errors.Invalid, match="Incorrect password."):
            users.authenticate("ada", wrong)


@pytest.mark.parametrize("name", ("test", "TEST", "\uff34est", " Test "))
def test_a_name_is_taken_whatever_its_case(context, name):
    users.backfill_keys()
    with pytest.raises(errors.Conflict, match="is already registered."):
        register(name)


def test_a_name_written_by_plain_sql_is_taken_before_it_has_a_key(context):
    with pytest.raises(errors.Conflict, match="User test is already registered."):
        register("test")


def test_names_of_plain_sql_that_differ_in_case_alone_stay_two_people(context):
    get_db().execute('INSERT INTO "user" (username, password) VALUES (?, ?)', ("Test", "x"))
    get_db().commit()
    users.backfill_keys()
    users.backfill_keys()
    keys = get_db().execute('SELECT username_key FROM "user" ORDER BY id')
    assert [row["username_key"] for row in keys] == ["test", "other", None]
    assert users.get_by_name("Test")["id"] == 3
    assert users.get_by_name("TEST")["id"] == 1


@pytest.mark.parametrize("name", ("test", "TEST ", "te\u200dst"[:2] + "st"))
def test_logging_in_takes_the_name_as_it_is_typed(context, name):
    users.backfill_keys()
    assert users.authenticate(name, "test")["id"] == 1


@pytest.mark.parametrize(
    ("name", "password", "sentence", "field"),
    (
        ("nobody", "test", "Incorrect username.", "username"),
        ("\ud800", "test", "Incorrect username.", "username"),
        ("test", "wrong", "Incorrect password.", "password"),
        ("test", "", "Incorrect password.", "password"),
        ("test", "x" * 5000, "Incorrect password.", "password"),
    ),
)
def test_wrong_names_and_passwords_are_told(context, name, password, sentence, field):
    with pytest.raises(errors.Invalid, match=f"^{sentence}$") as refusal:
        users.authenticate(name, password)
    assert refusal.value.field == field


@pytest.mark.parametrize("stored", ("!", "", "plain text", "md5$salt$0123", "$$"))
def test_nobody_logs_in_with_what_is_no_hash(context, stored):
    get_db().execute('UPDATE "user" SET password = ? WHERE id = 1', (stored,))
    for password in (stored, "test"):
        with pytest.raises(errors.Invalid, match="Incorrect password."):
            users.authenticate("test", password)


def test_an_unknown_name_is_checked_against_a_hash_as_a_known_one_is(
    context, monkeypatch, real_hashes
):
    checked = []
    monkeypatch.setattr(users, "check_password_hash", lambda *pair: checked.append(pair) or False)
    with pytest.raises(errors.Invalid):
        users.authenticate("nobody", "secret")
    ((password_hash, password),) = checked
    assert (password_hash.partition("$")[0], password) == ("scrypt:32768:8:1", "secret")


def test_an_old_hash_is_made_anew_at_log_in_and_ends_no_session(context):
    token = sessions.start(1)
    users.authenticate("test", "test")
    password = users.find(1)["password"]
    assert password.startswith("scrypt:")
    assert check_password_hash(password, "test")
    users.authenticate("test", "test")
    assert users.find(1)["password"] == password
    assert get_db().execute("SELECT count(*) FROM session").fetchone()[0] == 1, token


def test_a_changed_password_ends_every_session_but_the_one_that_is_kept(context):
    kept, others = sessions.start(1), [sessions.start(1), sessions.start(2)]
    users.change_password(
        1, "a new password", old_password="test", password_min_length=8, keep_token=kept
    )
    assert users.authenticate("test", "a new password")
    rows = get_db().execute("SELECT user_id FROM session ORDER BY id")
    assert [row["user_id"] for row in rows] == [1, 2], others


def test_a_password_is_changed_by_who_knows_the_old_one(context):
    with pytest.raises(errors.Invalid, match="Incorrect password.") as refusal:
        users.change_password(1, "a new password", old_password="wrong", password_min_length=8)
    assert refusal.value.field == "old_password"
    with pytest.raises(errors.NotFound, match="no such user"):
        users.change_password(99, "a new password", password_min_length=8)


def test_roles_are_given_by_name(context):
    assert not users.has_owner()
    users.set_role("test", "owner")
    assert users.has_owner()
    with pytest.raises(errors.Invalid, match="no role king. The roles are owner and author."):
        users.set_role("test", "king")
    with pytest.raises(errors.NotFound, match="no user nobody"):
        users.set_role("nobody", "owner")


def test_everyone_is_listed_by_name_with_their_posts(context):
    users.create_without_password("imported")
    rows = [tuple(row) for row in users.list_all()]
    assert rows == [
        ("imported", "author", 0, 0),
        ("other", "author", 1, 0),
        ("test", "author", 1, 1),
    ]
