import threading
import time

import pytest
from click.testing import CliRunner

from flaskr import cli
from flaskr.db import get_db
from flaskr.models import users


def test_an_account_is_added_with_a_password_that_is_asked_for(app, runner):
    result = runner.invoke(
        args=["user", "add", " ada ", "--role", "owner"], input="secret\nsecret\n"
    )
    assert result.output.endswith("Added owner ada.\n")
    assert "secret" not in result.output
    with app.app_context():
        assert users.authenticate("ada", "secret")["role"] == "owner"


def test_an_account_that_cannot_be_is_refused_in_a_sentence(runner):
    result = runner.invoke(args=["user", "add", "test"], input="secret\nsecret\n")
    assert (result.exit_code, "Error: User test is already registered." in result.output) == (
        1,
        True,
    )


def test_everyone_is_listed(app, runner):
    with app.app_context():
        users.create_without_password("imported")
    assert runner.invoke(args=["user", "list"]).output == (
        "imported (author, 0 posts, cannot log in)\n"
        "other (author, 0 posts)\n"
        "test (author, 1 post)\n"
    )


def test_a_password_is_set_anew(app, runner):
    result = runner.invoke(args=["user", "password", "test"], input="other\nother\n")
    assert result.output.endswith("Changed the password of test.\n")
    with app.app_context():
        assert users.authenticate("test", "other")


@pytest.mark.parametrize(
    ("role", "words"), (("owner", "test is an owner now."), ("author", "test is an author now."))
)
def test_a_role_is_given(runner, role, words):
    assert runner.invoke(args=["user", "role", "test", role]).output == f"{words}\n"


def test_a_name_that_nobody_has_is_told(runner):
    result = runner.invoke(args=["user", "role", "nobody", "owner"])
    assert "Error: There is no user nobody." in result.output


def test_commands_on_a_database_that_is_not_ready_say_what_to_do(app, runner):
    with app.app_context():
        get_db().execute("PRAGMA user_version = 0")
    result = runner.invoke(args=["user", "list"])
    assert (result.exit_code, "init-db" in result.output) == (1, True)


def test_a_damaged_database_is_told_in_a_sentence(app, runner):
    with app.app_context():
        get_db().executescript("PRAGMA foreign_keys = OFF; DROP TABLE post")
    result = runner.invoke(args=["user", "list"])
    assert (result.exit_code, "Error: no such table: post" in result.output) == (1, True)


def test_the_console_script_works_on_the_instance_it_is_given(tmp_path):
    folder = tmp_path / "elsewhere"
    result = CliRunner().invoke(cli.main, ["--instance", str(folder), "init-db"])
    assert result.stdout.startswith("Initialized the database.\n")
    assert result.stderr == f"Blog: {folder}\n"
    assert (folder / "flaskr.sqlite").exists()


def test_posts_are_imported(tmp_path, runner):
    (tmp_path / "2020-01-02-hello-there.md").write_text("---\ntitle: Hello there\n---\nText.")
    result = runner.invoke(args=["import", str(tmp_path)])
    assert "Imported 1 post, updated 0; 0 unchanged." in result.output


def test_the_console_script_says_which_variable_is_wrong(monkeypatch):
    monkeypatch.setenv("FLASKR_MAX_UPLOAD", "nonsense")
    result = CliRunner().invoke(cli.main, ["init-db"])
    assert result.exit_code == 1
    message = "Error: MAX_UPLOAD is 'nonsense', set by the environment variable FLASKR_MAX_UPLOAD."
    assert message in result.output


def test_the_newest_posts_are_rendered_while_the_server_starts(app):
    with cli.application().app_context():
        until(lambda: get_db().execute("SELECT html FROM rendered").fetchone())
        (html,) = get_db().execute("SELECT html FROM rendered").fetchone()
        assert html == "<p>test\nbody</p>"


def test_a_page_that_cannot_be_made_does_not_keep_the_server_from_starting(app, monkeypatch):
    asked = threading.Event()

    def fail(**_):
        asked.set()
        raise RuntimeError

    monkeypatch.setattr("flaskr.models.post_lists.newest", fail)
    assert cli.application().name == "flaskr"
    assert asked.wait(10)


def until(condition):
    """Wait for a state."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
