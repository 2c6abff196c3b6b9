import logging

import pytest

from flaskr import create_app
from flaskr.models import users
from flaskr.web import theme

NOTICE = "One of your templates is broken, so the built-in page is shown. "


@pytest.fixture
def write(instance_path, app):
    """Write a file in the instance folder."""

    def write(name, content):
        file = instance_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content) if isinstance(content, bytes) else file.write_text(content)

    return write


@pytest.fixture
def restart():
    """Return a client of a newly started blog, logged in if a user's id is given."""

    def restart(user_id=None):
        app = create_app({"TESTING": True})
        with app.app_context():
            users.set_role("test", "owner")
        client = app.test_client()
        if user_id:
            with client.session_transaction() as session:
                session["user_id"] = user_id
        return client

    return restart


def test_override_replaces_the_builtin_template(write, restart):
    write("templates/auth/login.html", "Who is <b>{{ config['SITE_TITLE'] }}</b>?")
    assert restart().get("/auth/login").text == "Who is <b>Flaskr</b>?"


def test_override_extends_the_builtin_template(write, restart):
    write(
        "templates/blog/index.html",
        "{% extends 'flaskr/blog/index.html' %}{% block content %}<hr>{{ super() }}{% endblock %}",
    )
    write("templates/blog/_post.html", "<p>{{ post['title'] }} &amp; more</p>")
    page = restart().get("/").text
    assert "<hr>" in page
    assert "<p>test title &amp; more</p>" in page
    assert "Log In" in page


@pytest.mark.parametrize(
    ("source", "reason"),
    (
        ("one\n{% if %}", "line 2: Expected an expression"),
        ("one\n\n{{ nonsense }}", "line 3: UndefinedError: &#39;nonsense&#39; is undefined"),
        ("{{ page.posts[0].nonsense }}", "line 1: UndefinedError"),
        ("\n{% include 'missing.html' %}", "line 2: there is no template missing.html."),
        ("{% extends 'missing.html' %}", "there is no template missing.html."),
        ("{{ 1 // 0 }}", "line 1: ZeroDivisionError: integer division or modulo by zero"),
        ("{{ url_for('nowhere') }}", "line 1: BuildError"),
        ("{% extends 'blog/index.html' %}", "RecursionError"),
        ("{{ 'x'|nonsense }}", "line 1: No filter named"),
        ("{{ '<i>'.nope() }}", "line 1: UndefinedError"),
        (b"\xff\xfe", "UnicodeDecodeError"),
    ),
)
def test_broken_override_falls_back_and_is_reported(write, restart, caplog, source, reason):
    write("templates/blog/index.html", source)
    page = restart().get("/")
    assert page.status_code == 200
    assert "by test on 2018-01-01" in page.text
    assert "broken" not in page.text
    client = restart(1)
    caplog.clear()
    for _ in range(2):
        page = client.get("/").text
        assert NOTICE + "blog/index.html" in page
        assert reason in page
    assert "blog/index.html" in client.get("/settings").text
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 1
    assert "broken" not in restart(2).get("/").text


@pytest.mark.parametrize(
    ("name", "source"),
    (
        ("base.html", "{{ nonsense }}"),
        ("base.html", "{% block content %}"),
        ("_macros.html", "{% macro %}"),
        ("blog/_post.html", "{{ post['nonsense'] }}"),
    ),
)
def test_broken_include_is_reported_by_its_name(write, restart, name, source):
    write(f"templates/{name}", source)
    assert "by test on 2018-01-01" in restart().get("/").text
    page = restart(1).get("/").text
    assert f"{NOTICE}{name}, line 1: " in page
    assert "by test on 2018-01-01" in page


def test_broken_error_page_falls_back(write, restart):
    write("templates/error.html", "{{ nonsense }}")
    response = restart().get("/nowhere")
    assert response.status_code == 404
    assert "There is no page at this address." in response.text


def test_page_before_the_user_is_known_is_not_blamed_on_overrides(write, restart, caplog):
    write("templates/error.html", "{% extends 'flaskr/error.html' %}")
    response = restart().post("/auth/login", headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert not caplog.messages


def test_other_errors_are_not_blamed_on_overrides(write, restart, instance_path, caplog):
    write("templates/blog/index.html", "{% extends 'flaskr/blog/index.html' %}")
    client = restart(1)
    client.application.jinja_env.globals["list_url"] = None
    client.application.jinja_env.globals["menu"] = None
    with pytest.raises(TypeError):
        client.get("/")
    assert "broken" not in caplog.text


def test_missing_template_is_an_internal_error(write, restart):
    write("templates/other.html", "")
    app = restart().application
    with app.test_request_context(), pytest.raises(Exception, match="missing.html"):
        app.jinja_env.get_template("missing.html")


def fetch(client, name):
    with client.get(f"/static/{name}") as response:
        return response.text if response.status_code == 200 else response.status_code


def test_static_file_replaces_the_builtin_one(write, restart):
    write("static/style.css", "body { color: red }")
    write("static/logo/small.txt", "mine")
    client = restart()
    assert fetch(client, "style.css") == "body { color: red }"
    assert fetch(client, "logo/small.txt") == "mine"
    assert "localStorage" in fetch(client, "theme.js")
    for name in ("nowhere.css", "../flaskr.sqlite", "%2e%2e/secret_key", "logo", "%00", "x" * 300):
        assert fetch(client, name) == 404, name


def test_unreadable_static_file_falls_back(write, restart, monkeypatch, caplog):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    write("static/style.css", "mine")
    client = restart()
    monkeypatch.setattr(theme, "send_from_directory", refuse)
    assert "--paper" in fetch(client, "style.css")
    assert "static/style.css cannot be read: Permission denied." in caplog.text


def test_nothing_changes_without_override_folders(app):
    assert type(app.jinja_env).__module__ == "flask.templating"
