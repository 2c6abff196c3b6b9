"""Test that strangers cannot create the first account, whatever proxy or server is used."""

import re
import stat
import threading

import pytest

from flaskr import create_app
from flaskr.db import get_db
from flaskr.db import init_db
from flaskr.models import users
from flaskr.web import setup_token

STRANGERS = (
    {},
    {"base_url": "http://localhost:8000"},
    {"base_url": "http://127.0.0.1:8000"},
    {"base_url": "http://blog.example"},
    {"environ_base": {"REMOTE_ADDR": "192.0.2.1"}},
    {"environ_base": {"REMOTE_ADDR": ""}},
    {"headers": {"X-Forwarded-For": "127.0.0.1"}},
)


def blog(*, debug=False, **config):
    """Create a blog without TESTING."""
    app = create_app(config)
    app.debug = debug
    with app.app_context():
        init_db()
    return app


def link(app, command="setup-link"):
    """Return the path and query of the setup link."""
    output = app.test_cli_runner().invoke(args=[command]).output
    return re.search(r"/auth/register\?setup=[\w-]+", output)[0]


def make_account(client, address="/auth/register", username="ada", setup="", **options):
    data = {"username": username, "password": "a long password", "setup": setup}
    return client.post(address, data=data, **options)


def roles(app):
    with app.app_context():
        return {user["username"]: user["role"] for user in users.list_all()}


@pytest.mark.parametrize("where", STRANGERS)
@pytest.mark.parametrize("query", ("", "?setup=", "?setup=wrong", "?setup=%C3%A9", "?setup=%00"))
def test_stranger_cannot_create_the_first_account(where, query):
    app = blog()
    link(app)
    client = app.test_client()
    page = client.get(f"/auth/register{query}", **where)
    assert (page.status_code, "flaskr setup-link" in page.text) == (403, True)
    assert make_account(client, f"/auth/register{query}", **where).status_code == 403
    assert roles(app) == {}


def test_no_account_without_a_token_file(instance_path):
    app = blog()
    for content in (None, "", "\n", "short", "\xff" * 30):
        if content is not None:
            (instance_path / "setup_token").write_bytes(content.encode("latin-1"))
        for given in ("", content or "", "short"):
            assert make_account(app.test_client(), setup=given).status_code == 403
    assert roles(app) == {}


@pytest.mark.parametrize("command", ("init-db", "setup-link"))
def test_setup_link_creates_the_owner_once(command, instance_path):
    app = blog()
    address = link(app, command)
    client = app.test_client()
    page = client.get(address)
    token = address.partition("=")[2]
    assert f'name="setup" value="{token}"' in page.text
    assert 'action="/auth/register"' in page.text
    assert make_account(client, setup=token).location == "/auth/login"
    assert roles(app) == {"ada": "owner"}
    assert not (instance_path / "setup_token").exists()
    assert client.get(address).status_code == 403
    assert make_account(client, address, "mallory", token).status_code == 403


def test_token_is_kept_after_a_form_error():
    app = blog()
    address = link(app)
    token = address.partition("=")[2]
    data = {"username": "ada", "password": "short", "setup": token}
    page = app.test_client().post("/auth/register", data=data).text
    assert f'name="setup" value="{token}"' in page
    assert make_account(app.test_client(), address).location == "/auth/login"


def test_token_is_hidden_from_other_sites_and_caches():
    app = blog()
    page = app.test_client().get(link(app))
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert page.headers["Cache-Control"] == "no-store"


def test_token_is_stable_and_private(instance_path):
    app = blog()
    assert link(app) == link(create_app({})) == link(app, "init-db")
    mode = (instance_path / "setup_token").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_concurrent_processes_print_the_same_link():
    app = blog()
    found = []

    def start():
        with app.app_context():
            found.append(setup_token.get_or_create())

    programs = [threading.Thread(target=start) for _ in range(8)]
    for program in programs:
        program.start()
    for program in programs:
        program.join()
    assert len(found) == 8
    assert len(set(found)) == 1


@pytest.mark.parametrize("left", ("", "half"))
def test_incomplete_token_is_replaced(instance_path, left):
    app = blog()
    (instance_path / "setup_token").write_text(left)
    assert len(link(app)) > 40


def test_unwritable_token_suggests_the_command(instance_path):
    app = blog()
    (instance_path / "setup_token").mkdir()
    (instance_path / "setup_token" / "file").touch()
    for command, code in (("setup-link", 1), ("init-db", 0)):
        result = app.test_cli_runner().invoke(args=[command])
        assert result.exit_code == code
        assert "flaskr user add NAME --role owner" in result.output


def test_token_can_be_configured():
    app = blog(SETUP_TOKEN="a token of mine")
    assert app.test_client().get("/auth/register?setup=a+token").status_code == 403
    address = app.test_cli_runner().invoke(args=["setup-link"]).stdout.strip()
    assert address == "/auth/register?setup=a+token+of+mine"
    assert make_account(app.test_client(), address).location == "/auth/login"


@pytest.mark.parametrize("site", ("https://blog.example", "https://blog.example/"))
def test_setup_link_uses_site_url(site):
    output = blog(SITE_URL=site).test_cli_runner().invoke(args=["init-db"]).stdout
    assert re.search(r"open https://blog\.example/auth/register\?setup=[\w-]{20,}\n", output)
    assert output.startswith("Initialized the database.\n")


@pytest.mark.parametrize("prefix", ("/blog", "blog/"))
def test_setup_link_includes_the_prefix(prefix):
    app = blog(URL_PREFIX=prefix)
    address = app.test_cli_runner().invoke(args=["setup-link"]).stdout.strip()
    assert address.startswith("/blog/auth/register?setup=")
    assert make_account(app.test_client(), address).location == "/blog/auth/login"


def test_token_guesses_are_rate_limited():
    app = blog()
    right = link(app)
    client = app.test_client()
    answers = [client.get("/auth/register?setup=wrong").status_code for _ in range(11)]
    assert answers == [403] * 10 + [429]
    assert client.get(right).status_code == 200


@pytest.mark.parametrize(
    ("where", "status"),
    (
        ({"base_url": "http://localhost:5000"}, 200),
        ({"base_url": "http://127.0.0.1:5000"}, 200),
        ({"base_url": "http://[::1]:5000", "environ_base": {"REMOTE_ADDR": "::1"}}, 200),
        ({"base_url": "http://127.evil.example"}, 403),
        ({"base_url": "http://localhost.evil.example"}, 403),
        ({"base_url": "http://blog.example"}, 403),
        ({"environ_base": {"REMOTE_ADDR": "192.0.2.1"}}, 403),
        ({"environ_base": {"REMOTE_ADDR": ""}}, 403),
        ({"headers": {"X-Forwarded-For": "127.0.0.1"}}, 403),
        ({"headers": {"X-Forwarded-Host": "localhost"}}, 403),
        ({"headers": {"X-Real-IP": "127.0.0.1"}}, 403),
        ({"headers": {"Forwarded": "for=127.0.0.1"}}, 403),
        ({"headers": {"Via": "1.1 proxy"}}, 403),
    ),
)
def test_debug_mode_needs_no_token_on_this_machine_only(where, status):
    client = blog(debug=True).test_client()
    assert client.get("/auth/register", **where).status_code == status
    assert make_account(client, **where).status_code == (302 if status == 200 else 403)


def test_replaced_init_db_prints_no_link(monkeypatch):
    # The tutorial's tests replace `init_db`, so that no tables are created.
    app = create_app({})
    monkeypatch.setattr("flaskr.db.init_db", lambda: None)
    result = app.test_cli_runner().invoke(args=["init-db"])
    assert result.stdout == "Initialized the database.\n"


def test_no_token_is_required_under_testing(empty_app):
    assert make_account(empty_app.test_client()).location == "/auth/login"
    assert roles(empty_app) == {"ada": "owner"}
    assert "setup" not in empty_app.test_cli_runner().invoke(args=["init-db"]).output


def test_concurrent_setup_creates_one_owner(real_hashes):
    app = blog()
    address = link(app)
    answers = []
    people = [
        threading.Thread(
            target=lambda name=name: answers.append(
                make_account(app.test_client(), address, name).status_code
            )
        )
        for name in ("ada", "grace")
    ]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(answers) == [302, 403]
    assert list(roles(app).values()) == ["owner"]


def test_token_is_void_once_there_are_accounts(instance_path):
    app = blog()
    address = link(app)
    with app.app_context():
        get_db().execute('INSERT INTO "user" (username, password) VALUES (?, ?)', ("old", "x"))
        get_db().commit()
    assert make_account(app.test_client(), address).status_code == 403
    output = app.test_cli_runner().invoke(args=["init-db"]).output
    assert "flaskr user role NAME owner" in output
    assert not (instance_path / "setup_token").exists()
    assert roles(app) == {"old": "author"}


def test_setup_link_is_refused_once_there_are_accounts(runner):
    result = runner.invoke(args=["setup-link"])
    assert (result.exit_code, "This blog already has accounts." in result.output) == (1, True)


def test_registration_is_closed_after_the_first_account():
    app = blog()
    client = app.test_client()
    make_account(client, link(app))
    assert "/auth/register" not in client.get("/").text
    assert client.get("/auth/register").status_code == 403
    assert make_account(client, username="mallory").status_code == 403
    assert list(roles(app)) == ["ada"]


def test_stored_registration_setting_is_kept(app):
    client = app.test_client()
    assert 'href="/auth/register"' in client.get("/").text
    with app.app_context():
        get_db().execute("INSERT INTO setting (name, value) VALUES ('REGISTRATION', 'open')")
        get_db().commit()
    strict = create_app({}).test_client()
    assert 'href="/auth/register"' in strict.get("/").text
    assert make_account(strict).location == "/auth/login"
