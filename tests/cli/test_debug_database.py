import click
import pytest
from flask.cli import run_command

from flaskr import create_app
from flaskr.db import check_schema


@pytest.fixture
def in_run_command():
    with click.Context(run_command):
        yield


@pytest.fixture
def debug(monkeypatch):
    monkeypatch.setenv("FLASK_DEBUG", "1")


def test_flask_run_creates_a_missing_database_in_debug_mode(debug, in_run_command, caplog):
    caplog.set_level("INFO")
    app = create_app()
    with app.app_context():
        check_schema()
    assert f"Created the database {app.config['DATABASE']}." in caplog.text


@pytest.mark.usefixtures("in_run_command")
def test_flask_run_creates_no_database_without_debug_mode(instance_path):
    create_app()
    assert not (instance_path / "flaskr.sqlite").exists()


@pytest.mark.usefixtures("debug")
def test_other_commands_create_no_database_in_debug_mode(instance_path):
    create_app()
    assert not (instance_path / "flaskr.sqlite").exists()


@pytest.mark.usefixtures("debug", "in_run_command")
def test_existing_database_is_not_changed(instance_path):
    instance_path.mkdir()
    (instance_path / "flaskr.sqlite").touch()
    create_app()
    assert (instance_path / "flaskr.sqlite").stat().st_size == 0


@pytest.mark.usefixtures("debug", "in_run_command")
def test_database_error_is_reported(instance_path):
    with pytest.raises(click.ClickException, match="missing/blog.sqlite cannot be created"):
        create_app({"DATABASE": str(instance_path / "missing" / "blog.sqlite")})
