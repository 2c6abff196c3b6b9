import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import click
import pytest

import flaskr
from flaskr import create_app


def test_testing_is_set_by_the_caller_only():
    assert not create_app().testing
    assert create_app({"TESTING": True}).testing


def test_hello(client):
    assert client.get("/hello").data == b"Hello, World!"


def test_index_is_the_blog(app):
    with app.test_request_context():
        assert app.url_for("index") == app.url_for("blog.index") == "/"


def test_instance_folder_is_created_and_contains_all_files(instance_path, tmp_path):
    create_app()
    assert os.listdir(tmp_path) == ["instance"]
    assert os.listdir(instance_path) == ["secret_key"]


def test_uncreatable_instance_folder_is_reported(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("FLASKR_INSTANCE_PATH", str(tmp_path / "file" / "folder"))
    with pytest.raises(click.ClickException, match="instance folder .*folder cannot be created"):
        create_app()


def test_relative_instance_path_is_made_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLASKR_INSTANCE_PATH", "blog")
    assert create_app().instance_path == str(tmp_path / "blog")


def test_later_sources_of_settings_take_precedence(instance_path, monkeypatch):
    instance_path.mkdir()
    (instance_path / "config.py").write_text("SITE_TITLE = 'file'\nPASSWORD_MIN_LENGTH = 9\n")
    assert create_app().config["SITE_TITLE"] == "file"
    monkeypatch.setenv("FLASKR_SITE_TITLE", "variable")
    assert create_app().config["SITE_TITLE"] == "variable"
    assert create_app().config["PASSWORD_MIN_LENGTH"] == 9
    config = create_app({"SITE_TITLE": "caller", "ANYTHING": 1}).config
    assert (config["SITE_TITLE"], config["PASSWORD_MIN_LENGTH"], config["ANYTHING"]) == (
        "caller",
        8,
        1,
    )


@pytest.mark.parametrize(
    ("name", "text", "value"),
    (
        ("RATELIMIT_ENABLED", "no", False),
        ("RATELIMIT_ENABLED", "TRUE", True),
        ("RATELIMIT_ENABLED", "0", False),
        ("PASSWORD_MIN_LENGTH", "12", 12),
        ("SITE_TITLE", "1", "1"),
        ("SECRET_KEY_FALLBACKS", "one, two,", ["one", "two"]),
    ),
)
def test_variable_is_parsed_by_the_type_of_its_default(monkeypatch, name, text, value):
    monkeypatch.setenv(f"FLASKR_{name}", text)
    assert create_app().config[name] == value


@pytest.mark.parametrize(
    ("name", "text"),
    (
        ("RATELIMIT_ENABLED", "maybe"),
        ("PASSWORD_MIN_LENGTH", "eight"),
        ("REGISTRATION", "ajar"),
        ("TIMEZONE", "Atlantis/Centre"),
        ("TIMEZONE", "../etc"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, nonsense"),
    ),
)
def test_invalid_variable_is_reported(monkeypatch, name, text):
    monkeypatch.setenv(f"FLASKR_{name}", text)
    with pytest.raises(click.ClickException, match=rf"{name}\b.*\.$"):
        create_app()


def test_secret_key_is_created_once_and_private(instance_path):
    key = create_app().secret_key
    assert len(key) == 32
    assert create_app().secret_key == key == (instance_path / "secret_key").read_bytes()
    assert stat.S_IMODE((instance_path / "secret_key").stat().st_mode) == 0o600
    assert create_app({"SECRET_KEY": "mine"}).secret_key == "mine"


def test_damaged_secret_key_is_reported(instance_path):
    instance_path.mkdir()
    (instance_path / "secret_key").write_bytes(b"short")
    with pytest.raises(click.ClickException, match="secret_key is damaged"):
        create_app()


def test_unreadable_secret_key_is_reported(instance_path):
    (instance_path / "secret_key").mkdir(parents=True)
    with pytest.raises(click.ClickException, match="secret_key cannot be read"):
        create_app()


def test_concurrent_processes_agree_on_the_secret_key(instance_path):
    program = "import flaskr; print(flaskr.create_app().secret_key.hex())"
    processes = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)  # noqa: S603  # ours
        for _ in range(4)
    ]
    keys = {process.communicate()[0] for process in processes}
    assert keys == {f"{(instance_path / 'secret_key').read_bytes().hex()}\n"}
    assert os.listdir(instance_path) == ["secret_key"]


def test_templates_and_sql_are_packaged():
    package = Path(flaskr.__file__).parent
    assert (package / "schema.sql").exists()
    assert list((package / "migrations").glob("0001_*.sql"))


@pytest.mark.parametrize(
    "url",
    (
        "x",
        "ftp://x.org",
        "https://",
        "https://a@b",
        "https://x.org/a b",
        "https://x.org/../b",
        "https://x.org//evil",
        "https://x.org/blog?x",
    ),
)
def test_site_url_must_be_a_url(url):
    with pytest.raises(click.ClickException, match="SITE_URL is"):
        create_app({"SITE_URL": url})


def test_optional_modules_are_loaded_on_demand():
    program = "import sys; import flaskr; flaskr.create_app(); print(*sys.modules)"
    loaded = subprocess.run(  # noqa: S603  # ours
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout.split()
    late = {"PIL", "anyascii", "flaskr.importers", "granian", "markdown_it", "pygments", "yaml"}
    assert late & set(loaded) == set()


def test_machines_with_the_same_key_share_log_ins(filled_database, tmp_path, monkeypatch):
    monkeypatch.setenv("FLASKR_SECRET_KEY", "the same long random text for all machines")
    # Other tests share the file.
    database = shutil.copy(filled_database, tmp_path / "shared.sqlite")
    monkeypatch.setenv("FLASKR_DATABASE", str(database))
    clients = []
    for name in ("one", "two"):
        monkeypatch.setenv("FLASKR_INSTANCE_PATH", str(tmp_path / name))
        clients.append(create_app().test_client(use_cookies=False))
        assert not (tmp_path / name / "secret_key").exists()
    one, two = clients
    response = one.post("/auth/login", data={"username": "test", "password": "test"})
    cookies = [cookie.partition(";")[0] for cookie in response.headers.getlist("Set-Cookie")]
    assert two.get("/media", headers={"Cookie": "; ".join(cookies)}).status_code == 200
