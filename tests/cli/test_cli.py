import threading
import time
from datetime import timedelta

import pytest
from click.testing import CliRunner

import flaskr
from flaskr import cli
from flaskr.db import get_db
from flaskr.models import sessions
from flaskr.models import users


def test_user_add_prompts_for_a_password(app, runner):
    result = runner.invoke(
        args=["user", "add", " ada ", "--role", "owner"], input="secret\nsecret\n"
    )
    assert result.output.endswith("Added owner ada.\n")
    assert "secret" not in result.output
    with app.app_context():
        assert users.authenticate("ada", "secret")["role"] == "owner"


def test_user_add_reports_invalid_accounts(runner):
    result = runner.invoke(args=["user", "add", "test"], input="secret\nsecret\n")
    assert (result.exit_code, "Error: User test is already registered." in result.output) == (
        1,
        True,
    )


def test_user_list_shows_all_users(app, runner):
    with app.app_context():
        users.create_without_password("imported")
    assert runner.invoke(args=["user", "list"]).output == (
        "imported (author, 0 posts, cannot log in)\n"
        "other (author, 0 posts)\n"
        "test (author, 1 post)\n"
    )


def test_user_password_changes_the_password(app, runner):
    result = runner.invoke(args=["user", "password", "test"], input="other\nother\n")
    assert result.output.endswith("Changed the password of test.\n")
    with app.app_context():
        assert users.authenticate("test", "other")


@pytest.mark.parametrize(("words", "left"), ((("test",), 1), (("--all",), 0)))
def test_users_are_logged_out(app, runner, words, left):
    with app.app_context():
        tokens = [sessions.start(1), sessions.start(2)]
    result = runner.invoke(args=["user", "logout", *words])
    assert result.output == f"Logged {'everyone' if left == 0 else 'test'} out.\n"
    with app.app_context():
        found = [sessions.find_user(token, lifetime=timedelta(days=1)) for token in tokens]
    assert [user["id"] for user in found if user] == [2][:left]


@pytest.mark.parametrize("words", ((), ("test", "--all"), ("nobody",)))
def test_nobody_is_logged_out_by_mistake(runner, words):
    assert runner.invoke(args=["user", "logout", *words]).exit_code


@pytest.mark.parametrize(
    ("role", "words"), (("owner", "test is an owner now."), ("author", "test is an author now."))
)
def test_user_role_changes_the_role(runner, role, words):
    assert runner.invoke(args=["user", "role", "test", role]).output == f"{words}\n"


def test_unknown_name_is_reported(runner):
    result = runner.invoke(args=["user", "role", "nobody", "owner"])
    assert "Error: There is no user nobody." in result.output


def test_commands_on_an_uninitialized_database_say_what_to_do(app, runner):
    with app.app_context():
        get_db().execute("PRAGMA user_version = 0")
    result = runner.invoke(args=["user", "list"])
    assert (result.exit_code, "init-db" in result.output) == (1, True)


def test_damaged_database_is_reported(app, runner):
    with app.app_context():
        get_db().executescript("PRAGMA foreign_keys = OFF; DROP TABLE post")
    result = runner.invoke(args=["user", "list"])
    assert (result.exit_code, "Error: no such table: post" in result.output) == (1, True)


def test_console_script_uses_the_given_instance(tmp_path):
    folder = tmp_path / "elsewhere"
    result = CliRunner().invoke(cli.main, ["--instance", str(folder), "init-db"])
    assert result.stdout.startswith("Initialized the database.\n")
    assert result.stderr == f"Blog: {folder}\n"
    assert (folder / "flaskr.sqlite").exists()


def test_version_is_that_of_flaskr():
    assert CliRunner().invoke(cli.main, ["--version"]).output == f"flaskr {flaskr.__version__}\n"


def test_import_command_imports_posts(tmp_path, runner):
    (tmp_path / "2020-01-02-hello-there.md").write_text("---\ntitle: Hello there\n---\nText.")
    result = runner.invoke(args=["import", str(tmp_path)])
    assert "Imported 1 post." in result.output


def test_console_script_reports_an_invalid_variable(monkeypatch):
    monkeypatch.setenv("FLASKR_MAX_UPLOAD", "nonsense")
    result = CliRunner().invoke(cli.main, ["init-db"])
    assert result.exit_code == 1
    message = "Error: MAX_UPLOAD is 'nonsense', set by the environment variable FLASKR_MAX_UPLOAD."
    assert message in result.output


def test_newest_posts_are_rendered_at_startup(app):
    with cli.application().app_context():
        until(lambda: get_db().execute("SELECT html FROM rendered").fetchone())
        (html,) = get_db().execute("SELECT html FROM rendered").fetchone()
        assert html == "<p>test\nbody</p>"


def test_failing_front_page_does_not_prevent_startup(app, monkeypatch):
    asked = threading.Event()

    def fail(**_):
        asked.set()
        raise RuntimeError

    monkeypatch.setattr("flaskr.models.post_lists.newest", fail)
    assert cli.application().name == "flaskr"
    assert asked.wait(60)


def until(condition):
    """Wait for a condition."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
