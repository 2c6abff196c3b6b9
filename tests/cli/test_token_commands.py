import pytest

from flaskr.db import get_db
from flaskr.models import tokens
from flaskr.models import users


@pytest.fixture
def run(runner):
    """Runs a command about tokens and returns its result."""
    return lambda *words: runner.invoke(args=["token", *words])


@pytest.fixture
def create(run):
    """Makes a token by the command and returns its secret."""

    def create(name="test", *words):
        result = run("create", name, "--name", "Cron", "--scope", "read", *words)
        assert result.exit_code == 0, result.output
        return result.stdout.strip()

    return create


def test_token_is_alone_on_the_output(app, create):
    secret = create("test", "--scope", "publish")
    with app.app_context():
        holder = tokens.find_holder(secret)
        assert (holder["id"], tokens.scopes_of(holder)) == (1, {"read", "publish"})
        assert tokens.of_user(1)[0]["expires"]


def test_token_of_zero_days_never_expires(app, create):
    create("test", "--days", "0")
    with app.app_context():
        assert tokens.of_user(1)[0]["expires"] is None


@pytest.mark.parametrize(
    ("words", "message"),
    (
        (("nobody", "--name", "x", "--scope", "read"), "There is no user nobody."),
        (("test", "--name", " ", "--scope", "read"), "Name is required."),
        (("test", "--name", "x", "--scope", "all"), "'all' is not one of"),
        (("test", "--name", "x"), "Missing option '--scope'"),
        (("test", "--name", "x", "--scope", "read", "--days", "9999"), "not in the range"),
    ),
)
def test_wrong_token_is_not_created(run, words, message):
    result = run("create", *words)
    assert result.exit_code
    assert message in result.output


def test_tokens_are_listed(app, run, create):
    assert "There are no tokens." in run("list").stdout
    create("test", "--scope", "media")
    create("other", "--days", "0")
    with app.app_context():
        get_db().executescript(
            """
            UPDATE token SET expires = '2020-01-02 00:00:00', last_used = '2020-01-01 00:00:00',
                last_address = '192.0.2.1'
            WHERE id = 1
            """
        )
    second, first = (
        "2: Cron, of other, may read; never expires; never used",
        "1: Cron, of test, may read, media; expired on 2020-01-02 00:00:00 UTC;"
        " last used on 2020-01-01 00:00:00 UTC from 192.0.2.1",
    )
    assert run("list").stdout.splitlines()[-2:] == [second, first]
    assert run("list", "test").stdout.splitlines()[-1] == first


def test_tokens_are_revoked_by_number_or_by_user(app, run, create):
    for name in ("test", "test", "test", "other"):
        create(name)
    assert run("revoke", "1", "2").exit_code == 0
    with app.app_context():
        assert [row["id"] for row in tokens.of_user(1)] == [3]
    assert "Revoked all tokens of test." in run("revoke", "--user", "test").stdout
    with app.app_context():
        assert (tokens.of_user(1), len(tokens.of_user(2))) == ([], 1)
    create("test")
    assert "Revoked all tokens." in run("revoke", "--all").stdout
    with app.app_context():
        assert tokens.of_user(1) == tokens.of_user(2) == []


@pytest.mark.parametrize(
    ("words", "message"),
    (
        ((), "Name the numbers of tokens, or a user"),
        (("1", "--user", "test"), "Name the numbers of tokens, or a user"),
        (("1", "--all"), "Name the numbers of tokens, or a user"),
        (("99",), "There is no such token."),
        (("--user", "nobody"), "There is no user nobody."),
    ),
)
def test_what_cannot_be_revoked_is_an_error(run, words, message):
    result = run("revoke", *words)
    assert result.exit_code
    assert message in result.output


@pytest.mark.parametrize(("count", "text"), ((1, "1 token. To revoke it"), (2, "2 tokens. To")))
def test_new_password_of_a_user_tells_of_the_tokens(app, runner, create, count, text):
    for _ in range(count):
        create("test")
    result = runner.invoke(args=["user", "password", "test"], input="long enough\n" * 2)
    assert text in result.output
    with app.app_context():
        users.authenticate("test", "long enough")
