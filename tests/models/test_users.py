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


def test_first_account_is_the_owner_and_later_ones_are_authors(empty):
    register("first")
    register("second")
    register("third", role="owner")
    roles = [users.get_by_name(name)["role"] for name in ("first", "second", "third")]
    assert roles == ["owner", "author", "owner"]


def test_imported_user_is_not_the_first_account(empty):
    users.create_without_password("imported")
    assert not users.has_accounts()
    assert users.find(register("first"))["role"] == "owner"


def test_first_account_claims_the_imported_user_with_its_name(empty):
    imported = users.create_without_password("Ada")
    assert register("ada") == imported
    assert users.authenticate("ada", "a long password")["role"] == "owner"
    users.create_without_password("grace")
    with pytest.raises(errors.Conflict, match="already registered"):
        register("grace")


def test_claiming_an_imported_user_invalidates_cached_pages(empty):
    users.create_without_password("Ada")
    query = "SELECT version FROM content"
    before = get_db().execute(query).fetchone()[0]
    register("ada")
    assert get_db().execute(query).fetchone()[0] != before


def test_account_is_refused_if_it_is_unexpectedly_the_first_or_not(empty):
    with pytest.raises(errors.Forbidden, match="just created"):
        register("ada", first=False)
    register("grace", first=True)
    with pytest.raises(errors.Forbidden, match="just created"):
        register("ada", first=True)


def test_users_written_by_plain_sql_are_authors_and_count_as_accounts(context):
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
def test_name_is_trimmed_and_normalized(empty, name, stored):
    assert users.find(register(name))["username"] == stored


@pytest.mark.parametrize(
    ("name", "sentence"),
    (
        ("", "Username is required."),
        (" \t ", "Username is required."),
        ("x" * 65, "Username is too long: at most 64 characters."),
        (".", "Username needs a letter or a number."),
        ("..", "Username needs a letter or a number."),
        ("a/b", "Username cannot contain /. Choose a different one."),
        ("a\\b", r"Username cannot contain \\. Choose a different one."),
        ("a?b", r"Username cannot contain \?. Choose a different one."),
        ("a#b", "Username cannot contain #. Choose a different one."),
        ("a%b", "Username cannot contain %. Choose a different one."),
        ("a\ud800b", r"Username cannot contain \?. Choose a different one."),
        ("a\0b", "Username contains an invisible character."),
        ("a\nb", "Username contains an invisible character."),
        ("a\u202eb", "Username contains an invisible character."),
    ),
)
def test_invalid_name_is_refused(empty, name, sentence):
    with pytest.raises(errors.Invalid, match=f"^{sentence}$") as refusal:
        register(name)
    assert refusal.value.field == "username"


@pytest.mark.parametrize(
    ("password", "sentence"),
    (
        ("", "Password is required."),
        ("seven77", "Password is too short: at least 8 characters."),
        ("x" * 1025, "Password is too long: at most 1,024 characters."),
        (
            "a\ud800bcdefgh",
            "Password contains a character that cannot be stored. Choose a different one.",
        ),
    ),
)
def test_invalid_password_is_refused(empty, password, sentence):
    with pytest.raises(errors.Invalid, match=f"^{sentence}$") as refusal:
        register("ada", password)
    assert refusal.value.field == "password"


def test_long_password_is_not_truncated(empty):
    register("ada", "x" * 1024)
    users.authenticate("ada", "x" * 1024)
    for wrong in ("x" * 1023, "x" * 1025):
        with pytest.raises(errors.Invalid, match="Incorrect password."):
            users.authenticate("ada", wrong)


@pytest.mark.parametrize("name", ("test", "TEST", "\uff34est", " Test "))
def test_taken_name_is_refused_in_any_case(context, name):
    users.backfill_keys()
    with pytest.raises(errors.Conflict, match="is already registered."):
        register(name)


def test_name_written_by_plain_sql_is_taken_before_it_has_a_key(context):
    with pytest.raises(errors.Conflict, match="User test is already registered."):
        register("test")


def test_names_from_plain_sql_that_differ_only_in_case_stay_separate(context):
    get_db().execute('INSERT INTO "user" (username, password) VALUES (?, ?)', ("Test", "x"))
    get_db().commit()
    users.backfill_keys()
    users.backfill_keys()
    keys = get_db().execute('SELECT username_key FROM "user" ORDER BY id')
    assert [row["username_key"] for row in keys] == ["test", "other", None]
    assert users.get_by_name("Test")["id"] == 3
    assert users.get_by_name("TEST")["id"] == 1


@pytest.mark.parametrize("name", ("test", "TEST ", "te\u200dst"[:2] + "st"))
def test_login_prefers_the_exact_name(context, name):
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
def test_wrong_names_and_passwords_are_reported(context, name, password, sentence, field):
    with pytest.raises(errors.Invalid, match=f"^{sentence}$") as refusal:
        users.authenticate(name, password)
    assert refusal.value.field == field


@pytest.mark.parametrize("stored", ("!", "", "plain text", "md5$salt$0123", "$$"))
def test_invalid_hash_allows_no_login(context, stored):
    get_db().execute('UPDATE "user" SET password = ? WHERE id = 1', (stored,))
    for password in (stored, "test"):
        with pytest.raises(errors.Invalid, match="Incorrect password."):
            users.authenticate("test", password)


def test_unknown_name_takes_as_long_as_a_known_one(context, monkeypatch, real_hashes):
    checked = []
    monkeypatch.setattr(users, "check_password_hash", lambda *pair: checked.append(pair) or False)
    with pytest.raises(errors.Invalid):
        users.authenticate("nobody", "secret")
    ((password_hash, password),) = checked
    assert (password_hash.partition("$")[0], password) == ("scrypt:32768:8:1", "secret")


def test_login_upgrades_an_old_hash_without_ending_sessions(context):
    token = sessions.start(1)
    users.authenticate("test", "test")
    password = users.find(1)["password"]
    assert password.startswith("scrypt:")
    assert check_password_hash(password, "test")
    users.authenticate("test", "test")
    assert users.find(1)["password"] == password
    assert get_db().execute("SELECT count(*) FROM session").fetchone()[0] == 1, token


def test_changing_the_password_ends_other_sessions(context):
    kept, others = sessions.start(1), [sessions.start(1), sessions.start(2)]
    users.change_password(
        1, "a new password", old_password="test", password_min_length=8, keep_token=kept
    )
    assert users.authenticate("test", "a new password")
    rows = get_db().execute("SELECT user_id FROM session ORDER BY id")
    assert [row["user_id"] for row in rows] == [1, 2], others


def test_changing_the_password_needs_the_old_one(context):
    with pytest.raises(errors.Invalid, match="Incorrect password.") as refusal:
        users.change_password(1, "a new password", old_password="wrong", password_min_length=8)
    assert refusal.value.field == "old_password"
    with pytest.raises(errors.NotFound, match="no such user"):
        users.change_password(99, "a new password", password_min_length=8)


def test_roles_are_set_by_user_name(context):
    assert not users.has_owner()
    users.set_role("test", "owner")
    assert users.has_owner()
    with pytest.raises(errors.Invalid, match="no role king. The roles are owner and author."):
        users.set_role("test", "king")
    with pytest.raises(errors.NotFound, match="no user nobody"):
        users.set_role("nobody", "owner")


def test_users_are_listed_by_name_with_counts(context):
    users.create_without_password("imported")
    rows = [tuple(row) for row in users.list_all()]
    assert rows == [
        ("imported", "author", 0, 0),
        ("other", "author", 1, 0),
        ("test", "author", 1, 1),
    ]


def test_password_of_a_missing_user_is_not_found(context):
    with pytest.raises(errors.NotFound):
        users.check_password(99, "secret")
