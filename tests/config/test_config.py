import os
import sqlite3
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from flaskr import cli
from flaskr import config
from flaskr import create_app
from flaskr import errors
from flaskr.config import setting_values
from flaskr.db import init_db
from flaskr.db import support


@pytest.fixture
def configure(instance_path):
    """Write the instance's config.py."""
    instance_path.mkdir()

    def configure(content):
        content = content if isinstance(content, bytes) else content.encode()
        (instance_path / "config.py").write_bytes(content)
        return instance_path / "config.py"

    return configure


def refusal():
    """Return the error message of a command."""
    result = CliRunner().invoke(cli.main, ["init-db"])
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    return result.stderr.removeprefix("Error: ").strip()


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    (
        ("SITE_TITLE = 'x'\nTAGLINE = (\n", 2, "'(' was never closed"),
        ("\n\n  TAGLINE = 'x'", 3, "unexpected indent"),
        (b"TAGLINE = 'x'\nSITE_TITLE = '\xff'\n", 2, "can't decode byte 0xff"),
        ("import secrets\nX = 1 / 0\n", 2, "ZeroDivisionError: division by zero"),
        ("def read():\n    return NOTHING\n\n\nX = read()\n", 2, "NameError"),
        ("import os\nKEY = os.environ['NO_SUCH_VARIABLE']\n", 2, "KeyError: 'NO_SUCH_VARIABLE'"),
        ("KEY = open('/no/such/file').read()\n", 1, "FileNotFoundError"),
        ("import json\njson.loads('{')\n", 2, "JSONDecodeError"),
        ("import no_such_module\n", 1, "ModuleNotFoundError"),
        ("raise SystemExit('enough')\n", 1, "SystemExit: enough"),
        ("def f():\n    f()\nf()\n", 2, "RecursionError"),
    ),
)
def test_config_error_names_file_and_line(configure, content, line, reason):
    path = configure(content)
    sentence = refusal()
    assert sentence.startswith(f"{path}, line {line} has an error: ")
    assert reason in sentence


@pytest.mark.parametrize("content", ("A = 1".encode("utf-16"), b"\0", b"# coding: nope\n"))
def test_config_in_another_encoding_is_reported(configure, content):
    assert str(configure(content)) in refusal()


def test_config_that_is_a_folder_is_reported(instance_path):
    (instance_path / "config.py").mkdir(parents=True)
    assert refusal() == f"{instance_path / 'config.py'} cannot be read: Is a directory."


def test_config_may_begin_with_a_byte_order_mark(configure):
    configure("\ufeffSITE_TITLE = 'Café'\n")
    assert create_app().config["SITE_TITLE"] == "Café"


@pytest.mark.parametrize("name", config.default_values())
def test_values_of_a_wrong_type_are_rejected(configure, name):
    configure(f"{name} = {{'a': 1}}\n")
    sentence = refusal()
    assert sentence.startswith(f"{name} is ")
    assert ", set in config.py. It must be " in sentence
    assert sentence.endswith(".")


@pytest.mark.parametrize("name", config.default_values())
@pytest.mark.parametrize("value", (1.5, object, [3], {"a"}, b"\0"))
def test_invalid_values_are_rejected(name, value):
    names = ("API_ORIGINS", "FORWARDED_HEADERS", "SECRET_KEY_FALLBACKS", "TRUSTED_HOSTS")
    lists = dict.fromkeys(names, set)
    kinds = {"SECRET_KEY": bytes, **lists}
    if not isinstance(value, kinds.get(name, ())):
        with pytest.raises(errors.Invalid):
            setting_values.check(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    (
        ("MAX_UPLOAD", "'25 MB'"),
        ("MAX_UPLOAD", "True"),
        ("MAX_UPLOAD", "-1"),
        ("MAX_CONTENT_LENGTH", "10 ** 30"),
        ("PERMANENT_SESSION_LIFETIME", "0"),
        ("PERMANENT_SESSION_LIFETIME", "10 ** 12"),
        ("PASSWORD_MIN_LENGTH", "2000"),
        ("RATELIMIT_ENABLED", "'no'"),
        ("SITE_TITLE", "5"),
        ("TAGLINE", r"'\udcff'"),
        ("TAGLINE", r"'a\0b'"),
        ("FRONT_PAGE", "True"),
        ("DATABASE", r"'a\0b'"),
        ("SECRET_KEY_FALLBACKS", "'one'"),
        ("TRUSTED_PROXIES", "True"),
        ("SESSION_COOKIE_SAMESITE", "'Loose'"),
        ("SESSION_COOKIE_SAMESITE", "''"),
        ("SITE_URL", "'example.org'"),
        ("SITE_TITLE", "' '"),
        ("POSTS_PER_PAGE", "1000"),
    ),
)
def test_invalid_value_is_reported_with_its_name(configure, name, value):
    configure(f"{name} = {value}\n")
    assert refusal().startswith(f"{name} is ")


@pytest.mark.parametrize("name", setting_values.SECRETS)
def test_secrets_are_not_printed(configure, name):
    configure(f"{name} = {{'hidden': 1}}\n")
    assert f"{name} is of the type dict" in (sentence := refusal())
    assert "hidden" not in sentence


@pytest.mark.parametrize(
    ("name", "value", "used"),
    (
        ("TRUSTED_PROXIES", "['127.0.0.1', '10.0.0.0/8', '']", "127.0.0.1,10.0.0.0/8"),
        ("TRUSTED_PROXIES", "2", "2"),
        ("SECRET_KEY", "b'mine'", b"mine"),
        ("SECRET_KEY_FALLBACKS", "('one', b'two', ' ')", ["one", b"two"]),
        ("RATELIMIT_ENABLED", "0", False),
        ("FRONT_PAGE", "3", "3"),
        ("POSTS_PER_PAGE", "'20'", "20"),
        ("SESSION_COOKIE_SAMESITE", "'strict'", "Strict"),
        ("SESSION_COOKIE_SAMESITE", "None", None),
        ("ANYTHING", "object", object),
    ),
)
def test_unambiguous_values_are_converted(configure, name, value, used):
    configure(f"{name} = {value}\n")
    assert create_app().config[name] == used


def test_lifetime_may_be_a_timedelta():
    app = create_app({"PERMANENT_SESSION_LIFETIME": timedelta(days=31)})
    assert app.permanent_session_lifetime == timedelta(days=31)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    (
        ("TRUSTED_PROXIES", "127.0.0.1,,10.0.0.0/8 ,", "127.0.0.1,10.0.0.0/8"),
        ("TRUSTED_PROXIES", " 1 ", "1"),
        ("SECRET_KEY_FALLBACKS", ",one,, two,", ["one", "two"]),
        ("RATELIMIT_ENABLED", " off ", False),
        ("SESSION_COOKIE_SECURE", "On", True),
        ("PAGE_CACHE_MB", " 12\n", 12),
    ),
)
def test_extra_spaces_and_commas_are_ignored(monkeypatch, name, text, value):
    monkeypatch.setenv(f"FLASKR_{name}", text)
    assert create_app().config[name] == value


@pytest.mark.parametrize("text", ("", " "))
def test_empty_variable_counts_as_unset(monkeypatch, configure, text):
    for name in config.default_values():
        monkeypatch.setenv(f"FLASKR_{name}", text)
    configure("SITE_TITLE = 'mine'\n")
    assert create_app().config["SITE_TITLE"] == "mine"


@pytest.mark.parametrize(
    ("variable", "value"),
    (
        ("FLASKR_SERVICE_HOST", "10.0.0.1"),
        ("FLASKR_SERVICE_PORT", "80"),
        ("FLASKR_SERVICE_PORT_HTTP", "80"),
        ("FLASKR_PORT", "tcp://10.0.0.1:80"),
        ("FLASKR_PORT_80_TCP", "tcp://10.0.0.1:80"),
        ("FLASKR_PORT_80_TCP_PROTO", "tcp"),
        ("FLASKR_PORT_80_TCP_PORT", "80"),
        ("FLASKR_PORT_80_TCP_ADDR", "10.0.0.1"),
        ("FLASKR_PORT_53_UDP_ADDR", "10.0.0.1"),
        ("FLASKR_DB_SERVICE_HOST", "10.0.0.1"),
        ("FLASKR_DB_PORT", "tcp://10.0.0.1:5432"),
    ),
)
def test_kubernetes_variables_are_ignored(monkeypatch, caplog, variable, value):
    monkeypatch.setenv(variable, value)
    create_app()
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("variable", "hint"),
    (
        ("FLASKR_TITLE", ""),
        ("FLASKR_SITE_TITEL", " Did you mean FLASKR_SITE_TITLE?"),
        ("FLASKR_site_title", " Did you mean FLASKR_SITE_TITLE?"),
        ("FLASKR_TRUSTED_PROXY", " Did you mean FLASKR_TRUSTED_PROXIES?"),
        ("FLASKR_PORT", ""),
        ("FLASKR_QQQQQQ", ""),
        ("FLASKR_", ""),
    ),
)
def test_unknown_variable_is_ignored_with_one_warning(monkeypatch, caplog, variable, hint):
    monkeypatch.setenv(variable, "8000")
    create_app()
    (record,) = caplog.records
    sentence = f"The environment variable {variable} is not a setting and is ignored."
    assert record.getMessage().startswith(sentence)
    assert record.getMessage().endswith(hint)


def test_variable_cannot_enable_testing(monkeypatch):
    monkeypatch.setenv("FLASKR_TESTING", "1")
    assert not create_app().testing


@pytest.mark.parametrize("path", ("blog.sqlite", "./data/../blog.sqlite", "ä b#?%20.sqlite"))
def test_relative_database_is_below_the_instance_folder(instance_path, tmp_path, monkeypatch, path):
    (instance_path / "data").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLASKR_DATABASE", path)
    with create_app().app_context():
        init_db()
    assert (instance_path / path).stat().st_size > 0


def test_database_may_be_a_path_object(tmp_path):
    with create_app({"DATABASE": tmp_path / "file.sqlite"}).app_context():
        init_db()
    assert (tmp_path / "file.sqlite").exists()


def test_database_may_be_in_memory():
    with create_app({"DATABASE": ":memory:"}).app_context():
        init_db()


@pytest.mark.parametrize(
    ("path", "reason"),
    ((".", "DATABASE names a folder"), ("no/such/file", "folder that DATABASE names does not")),
)
def test_unusable_database_is_reported(monkeypatch, caplog, path, reason):
    monkeypatch.setenv("FLASKR_DATABASE", path)
    assert reason in refusal()
    monkeypatch.setenv("_FLASKR_NOTICES_PRINTED", "")
    page = create_app().test_client().get("/")
    assert (page.status_code, reason in page.text) == (503, False)
    assert reason in caplog.text


@pytest.mark.parametrize("name", ("a b", "a#b", "a?b=c", "a%20b", "ö→日", "q'uo\"te", "file:a"))
def test_instance_folder_may_have_any_name(tmp_path, monkeypatch, name):
    monkeypatch.setenv("FLASKR_INSTANCE_PATH", str(tmp_path / name))
    runner = CliRunner()
    for command in (["init-db"], ["init-db", "--reset", "--yes"], ["user", "list"]):
        assert runner.invoke(cli.main, command).exit_code == 0
    assert create_app().test_client().get("/").status_code == 200
    assert (tmp_path / name / "flaskr.sqlite").exists()


def test_instance_folder_that_is_a_file_is_reported(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("FLASKR_INSTANCE_PATH", str(tmp_path / "file"))
    assert "cannot be created: File exists." in refusal()


def as_any_user_but_root_sees(path):
    """Deny access to one path, even for root."""
    return lambda asked, mode: str(asked) != str(path)


def test_instance_folder_of_another_user_is_reported(instance_path, monkeypatch):
    monkeypatch.setattr(os, "access", as_any_user_but_root_sees(instance_path))
    assert refusal().startswith(f"The instance folder {instance_path} cannot be read and written.")


def test_database_of_another_user_is_reported(instance_path, monkeypatch):
    instance_path.mkdir()
    (instance_path / "flaskr.sqlite").write_bytes(b"It is not even a database." * 100)
    monkeypatch.setattr(os, "access", as_any_user_but_root_sees(instance_path / "flaskr.sqlite"))
    assert "is read-only or belongs to another user" in refusal()


def test_instance_folder_replaces_a_missing_temporary_folder(monkeypatch, instance_path):
    def fail():
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "gettempdir", fail)
    create_app()
    assert tempfile.tempdir == str(instance_path)
    with closing(sqlite3.connect(":memory:")) as db:
        folder = db.execute("PRAGMA temp_store_directory").fetchone()
        db.execute("PRAGMA temp_store_directory = ''")
    assert folder == (str(instance_path),)


@pytest.mark.parametrize(
    ("version", "problem"),
    (
        ((3, 40, 0), None),
        ((3, 51, 2), None),
        ((4, 0, 0), None),
        ((3, 39, 4), "needs SQLite 3.40.0 or newer, but this Python has 3.39.4."),
        ((3, 7, 17), "needs SQLite 3.40.0 or newer, but this Python has 3.7.17."),
    ),
)
def test_old_sqlite_is_reported(version, problem):
    with closing(sqlite3.connect(":memory:")) as db:
        sentence = support.find_problem(db, version)
    assert problem in sentence if problem else sentence is None


def test_sqlite_without_full_text_search_is_reported():
    with closing(sqlite3.connect(":memory:")) as db:
        # Fail like an SQLite built without the module.
        db.set_authorizer(lambda *action: "fts5" in action)
        sentence = support.find_problem(db, (3, 45, 0))
    assert "It lacks full-text search (FTS5)." in sentence


def test_unsupported_sqlite_prevents_the_start(monkeypatch):
    monkeypatch.setattr(support, "problem", lambda: "flaskr needs SQLite 3.40.0 or newer.")
    with pytest.raises(click.ClickException, match="needs SQLite"):
        create_app()


def test_time_zones_are_installed():
    text = Path(__file__).parents[2].joinpath("pyproject.toml").read_text(encoding="utf-8")
    assert '"tzdata>=2024.1",' in text
