"""Programs log in with tokens at the addresses for them."""

import base64

import pytest
from flask import Blueprint
from flask import g
from werkzeug.datastructures import WWWAuthenticate

from flaskr.db import get_db
from flaskr.models import tokens
from flaskr.models import users
from flaskr.web import credentials
from flaskr.web import tokens as web_tokens

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
    for path in ("/api", "/api/v1/posts", "/micropub", "/micropub/media", "/xmlrpc"):
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
