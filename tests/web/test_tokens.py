"""Programs log in with tokens at the addresses for them."""

import base64
from io import StringIO

import pytest
from flask import Blueprint
from flask import g
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized
from werkzeug.test import EnvironBuilder

from flaskr.db import get_db
from flaskr.models import tokens
from flaskr.models import users
from flaskr.server.access_log import AccessLog
from flaskr.server.access_log import LoggedApp
from flaskr.web import credentials
from flaskr.web import problems
from flaskr.web import security
from flaskr.web import tokens as web_tokens

from ..databases import ago
from ..databases import another_writer
from ..databases import orphans

UNKNOWN = "flaskr_" + "0" * 64
HTTPS = {"base_url": "https://blog.example"}


@pytest.fixture
def app(app):
    """A blog with addresses that tell who asks."""
    bp = Blueprint("programs", __name__)

    @bp.route("/api/me", methods=("GET", "POST"))
    @bp.route("/me", methods=("GET", "POST"))
    def me():
        return {"user": g.user and g.user["username"], "scopes": sorted(g.get("scopes", ()))}

    @bp.route("/api/publication", methods=("POST",))
    @web_tokens.require_scope("publish")
    def publish():
        return "published"

    app.register_blueprint(bp)
    return app


@pytest.fixture
def secret(app):
    return make(app)


def make(app, user_id=1, scopes=("read", "write"), **fields):
    with app.app_context():
        return tokens.create(users.find(user_id), name="Phone", scopes=scopes, **fields)


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


def basic(text):
    text = text.encode() if isinstance(text, str) else text
    return {"Authorization": f"Basic {base64.b64encode(text).decode()}"}


def who(client, headers=None, path="/api/me", **options):
    return client.get(path, headers=headers, **options).json


def challenges(response):
    headers = response.headers.getlist("WWW-Authenticate")
    return [WWWAuthenticate.from_header(header) for header in headers]


def run(app, sql):
    with app.app_context():
        get_db().executescript(sql)


@pytest.mark.parametrize(
    "headers",
    (
        lambda secret: bearer(secret),
        lambda secret: {"Authorization": f"bearer {secret}"},
        lambda secret: basic(f"test:{secret}"),
        lambda secret: basic(f" test:{secret}"),
    ),
)
def test_program_acts_for_the_user_of_its_token(client, secret, headers):
    assert who(client, headers(secret)) == {"user": "test", "scopes": ["read", "write"]}


def test_token_counts_only_at_the_addresses_for_programs(client, secret):
    assert who(client, bearer(secret), "/me") == {"user": None, "scopes": []}
    with client.application.test_request_context("/micropub-is-a-post"):
        assert not credentials.are_read(web_tokens.request)
    for path in ("/api", "/api/v1/posts", "/micropub", "/micropub/media", *problems.XMLRPC_PATHS):
        with client.application.test_request_context(path):
            assert credentials.are_read(web_tokens.request)


@pytest.mark.parametrize(
    ("header", "status", "error"),
    (
        ("Bearer", 401, "invalid_token"),
        ("Bearer ", 401, "invalid_token"),
        (f"Bearer {UNKNOWN}", 401, "invalid_token"),
        ("Bearer a=b", 401, "invalid_token"),
        ("Bearer " + "x" * 10**7, 401, "invalid_token"),
        ("Bearer \0", 401, "invalid_token"),
        (f"Bearer {UNKNOWN},Bearer {UNKNOWN}", 400, "invalid_request"),
        ("Basic", 400, "invalid_request"),
        ("Basic ???", 400, "invalid_request"),
        (basic("test")["Authorization"], 400, "invalid_request"),
        (basic("test:")["Authorization"], 400, "invalid_request"),
        (basic(b"\xff\xfe:\xff")["Authorization"], 400, "invalid_request"),
        (basic("test:test")["Authorization"], 401, "invalid_token"),
        (basic("ゆき:ねこ\0")["Authorization"], 401, "invalid_token"),
        ("Digest username=test", 400, "invalid_request"),
        ("", 400, "invalid_request"),
    ),
)
def test_wrong_credentials_are_refused(client, header, status, error):
    response = client.get("/api/me", headers={"Authorization": header})
    assert response.status_code == status
    assert all(' realm="flaskr", ' in one for one in response.headers.getlist("WWW-Authenticate"))
    first, second = challenges(response)
    assert (first.type, first.realm, first.get("error")) == ("bearer", "flaskr", error)
    assert (second.type, second.realm, second.get("charset")) == ("basic", "flaskr", "UTF-8")


def test_several_headers_are_refused(client, secret):
    headers = [("Authorization", f"Bearer {secret}")] * 2
    response = client.get("/api/me", headers=headers)
    assert (response.status_code, "Send one" in response.text) == (400, True)


def test_token_with_another_users_name_is_refused(client, secret):
    for name in ("other", "nobody", "", "\0", "x" * 5000):
        assert client.get("/api/me", headers=basic(f"{name}:{secret}")).status_code == 401


@pytest.mark.parametrize(
    "sql",
    (
        "DELETE FROM token",
        f"UPDATE token SET expires = '{ago()}'",
        pytest.param('PRAGMA foreign_keys = OFF; DELETE FROM "user" WHERE id = 1', marks=orphans),
    ),
)
def test_token_that_ended_is_refused(app, client, secret, sql):
    run(app, sql)
    assert client.get("/api/me", headers=bearer(secret)).status_code == 401


def test_invalid_token_is_refused_even_with_a_session_and_at_unknown_addresses(writer):
    for path in ("/api/me", "/api/nothing"):
        assert writer.get(path, headers=bearer(UNKNOWN)).status_code == 401


def test_token_counts_and_not_the_session_sent_with_it(app, writer):
    headers = bearer(make(app, user_id=2, scopes=["read"]))
    assert who(writer, headers) == {"user": "other", "scopes": ["read"]}


def test_visitor_has_no_scopes_and_needs_a_token_to_publish(client):
    assert who(client) == {"user": None, "scopes": []}
    response = client.post("/api/publication")
    assert response.status_code == 401
    assert "Create one on the page Tokens of your account." in response.text
    assert challenges(response)[0].get("error") is None


@pytest.mark.parametrize(("scopes", "status"), ((["publish"], 200), (["read", "write"], 403)))
def test_view_needs_its_scope(app, client, scopes, status):
    response = client.post("/api/publication", headers=bearer(make(app, scopes=scopes)))
    assert response.status_code == status
    if status == 403:
        challenge = challenges(response)[0]
        assert (challenge.get("error"), challenge.get("scope")) == ("insufficient_scope", "publish")


@pytest.mark.parametrize("site", ("same-origin", "none"))
def test_session_of_a_page_of_the_blog_has_all_scopes(writer, site):
    found = who(writer, {"Sec-Fetch-Site": site})
    assert found == {"user": "test", "scopes": sorted(tokens.SCOPES)}
    assert writer.post("/api/publication", headers={"Sec-Fetch-Site": site}).text == "published"


@pytest.mark.parametrize(
    "headers",
    ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil"}),
)
def test_session_does_not_count_for_another_sites_page(writer, secret, headers):
    assert who(writer, headers) == {"user": None, "scopes": []}
    assert writer.post("/api/me", headers=headers).status_code == 403
    # A browser adds what it has learned for Basic by itself, too.
    assert writer.post("/api/me", headers=headers | basic(f"test:{secret}")).status_code == 403
    response = writer.post("/api/me", headers=headers | bearer(secret))
    assert response.json["scopes"] == ["read", "write"]
    assert writer.post("/me", headers=headers | bearer(secret)).status_code == 403


def test_password_of_a_proxy_that_a_browser_sends_is_ignored(writer):
    headers = {"Sec-Fetch-Site": "same-origin", **basic("proxy:password")}
    assert who(writer, headers)["user"] == "test"


def test_browser_is_not_asked_for_a_name_and_a_password(client):
    response = client.post("/api/publication", headers={"Sec-Fetch-Site": "same-origin"})
    assert [challenge.type for challenge in challenges(response)] == ["bearer"]


@pytest.mark.parametrize(
    "options",
    (
        {"environ_base": {"REMOTE_ADDR": "192.0.2.1"}},
        {"base_url": "http://blog.example"},
        {"headers": {"X-Forwarded-For": "192.0.2.1"}},
    ),
)
def test_token_over_plain_http_is_refused_unless_allowed(app, client, secret, options):
    headers = {**options.pop("headers", {}), **bearer(secret)}
    response = client.get("/api/me", headers=headers, **options)
    assert (response.status_code, "Revoke it" in response.text) == (403, True)
    app.config["TOKENS_OVER_HTTP"] = True
    assert who(client, headers, **options)["user"] == "test"


def test_token_is_accepted_over_https(client, secret):
    options = {**HTTPS, "environ_base": {"REMOTE_ADDR": "192.0.2.1"}}
    assert who(client, bearer(secret), **options)["user"] == "test"


def test_wrong_tokens_are_limited_and_lock_out_no_valid_one(app, client, secret):
    app.config["RATELIMIT_ENABLED"] = True
    statuses = [client.get("/api/me", headers=bearer(UNKNOWN)).status_code for _ in range(31)]
    assert statuses == [401] * 30 + [429]
    assert who(client, bearer(secret))["user"] == "test"


def test_requests_with_one_token_are_limited(app, client, secret, monkeypatch):
    app.config.update(RATELIMIT_ENABLED=True, TOKEN_REQUESTS_PER_MINUTE=2)
    moment = 59.0
    monkeypatch.setattr(web_tokens.time, "monotonic", lambda: moment)
    answers = [client.get("/api/me", headers=bearer(secret)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "1"
    assert "Try again in 1 second." in answers[2].text
    assert who(client, bearer(make(app)))["user"] == "test"
    moment = 60.0
    assert who(client, bearer(secret))["user"] == "test"


def test_requests_are_not_limited_by_zero(app, client, secret):
    app.config.update(RATELIMIT_ENABLED=True, TOKEN_REQUESTS_PER_MINUTE=0)
    assert {client.get("/api/me", headers=bearer(secret)).status_code for _ in range(3)} == {200}


def test_last_use_is_stored_without_waiting_for_others(app, client, secret):
    with another_writer(app):
        assert who(client, bearer(secret))["user"] == "test"
    who(client, bearer(secret), **HTTPS, environ_base={"REMOTE_ADDR": "2001:db8::7"})
    with app.app_context():
        assert [row["last_address"] for row in tokens.of_user(1)] == ["2001:db8::7"]


def test_token_and_what_is_taken_for_one_are_never_logged(client, secret, caplog):
    caplog.set_level("DEBUG")
    for headers in (
        bearer(secret),
        bearer(secret[:-1]),
        basic(f"{secret}:x"),
        basic(f"x:{secret}"),
    ):
        client.get("/api/me", headers=headers)
    assert caplog.text.count("Failed token from 127.0.0.1") == 3
    assert secret[:20] not in caplog.text


def test_access_log_has_no_token(app, secret):
    out = StringIO()
    log = AccessLog(out)
    environ = EnvironBuilder("/api/me", headers=bearer(secret)).get_environ()
    for _ in LoggedApp(app, log)(environ, lambda *_: None):
        pass
    log.close()
    assert "GET /api/me" in out.getvalue()
    assert "flaskr_" not in out.getvalue()


def test_program_with_a_token_may_send_long_bodies(app, client, secret):
    body = b"x" * (security.MAX_ANONYMOUS_BODY_BYTES + 1)
    for headers, status in (({}, 413), (bearer(UNKNOWN), 401), (bearer(secret), 200)):
        response = client.post("/api/me", data=body, headers=headers)
        assert response.status_code == status
        response.close()
    response = client.post("/me", data=body, headers=bearer(secret))
    assert response.status_code == 413
    response.close()


@pytest.mark.parametrize(
    ("path", "limit"),
    (
        ("/api/v1/posts", lambda app: app.config["MAX_CONTENT_LENGTH"]),
        ("/micropub/media", security.max_upload_bytes),
        ("/media", lambda _: security.MAX_ANONYMOUS_BODY_BYTES),
    ),
)
def test_body_limit_of_a_token_is_known_before_reading(app, secret, path, limit):
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": path}
    for header, expected in (
        (f"Bearer {secret}", limit(app)),
        (f"Bearer {UNKNOWN}", security.MAX_ANONYMOUS_BODY_BYTES),
        ("?", security.MAX_ANONYMOUS_BODY_BYTES),
    ):
        environ["HTTP_AUTHORIZATION"] = header
        assert security.body_limit(app, environ) == expected


def test_body_limit_without_a_database_is_that_of_visitors(app, secret):
    run(app, "DROP TABLE token")
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/api",
        "HTTP_AUTHORIZATION": f"Bearer {secret}",
    }
    assert security.body_limit(app, environ) == security.MAX_ANONYMOUS_BODY_BYTES


def test_token_in_the_body_is_accepted_by_protocols_that_send_it_there(app, secret):
    with app.test_request_context("/xmlrpc", method="POST", **HTTPS):
        web_tokens.log_in(secret, "test")
        assert (g.user["id"], g.scopes) == (1, {"read", "write"})
        with pytest.raises(Unauthorized):
            web_tokens.log_in(secret, "other")
