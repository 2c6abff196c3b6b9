"""Programs that log in with IndieAuth: from the front page to a token and its end."""

from datetime import UTC
from datetime import datetime
from urllib.parse import urlsplit

import pytest

from flaskr.db import get_db
from flaskr.models import tokens
from flaskr.models import users

from ..indieauth import CLIENT_ID
from ..indieauth import REDEMPTION
from ..indieauth import answer
from ..indieauth import decide
from ..indieauth import redeem

RELATIONS = {
    "indieauth-metadata": "/.well-known/oauth-authorization-server",
    "authorization_endpoint": "/auth/authorization",
    "token_endpoint": "/auth/token",
    "micropub": "/micropub",
}
ME = "http://localhost/user/test"


@pytest.fixture
def code(writer):
    """Makes a code that the first author has issued for the program."""
    return lambda **changes: answer(decide(writer, **changes).location)["code"]


@pytest.fixture
def program(app):
    """The program, which has no cookies."""
    return app.test_client()


@pytest.fixture
def token(app):
    """Makes a token of a user, by default the first author's."""

    def token(user_id=1, **fields):
        with app.app_context():
            user = users.find(user_id)
            return tokens.create(user, **{"name": "Program", "scopes": ["read"], **fields})

    return token


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


def introspect(program, secret, caller):
    data, headers = {"token": secret}, bearer(caller)
    return program.post("/auth/token/introspection", data=data, headers=headers)


@pytest.mark.parametrize("path", ("/", "/user/test"))
def test_pages_of_the_blog_and_its_authors_lead_programs_to_the_log_in(browse, path):
    links = {link.get("rel"): link.get("href") for link in browse(path).select("head link")}
    assert links.items() >= RELATIONS.items()
    assert not RELATIONS.keys() & {
        link.get("rel") for link in browse("/archive").select("head link")
    }


def test_metadata_names_all_that_programs_need(client):
    response = client.get("/.well-known/oauth-authorization-server")
    found = response.json
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert found["issuer"] == "http://localhost/"
    endpoints = [url for name, url in found.items() if name.endswith("_endpoint")]
    adapter = client.application.url_map.bind("localhost")
    assert len(endpoints) == 5
    for url in endpoints:
        assert adapter.allowed_methods(urlsplit(url).path)
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["authorization_response_iss_parameter_supported"] is True
    assert "create" in found["scopes_supported"]


def test_metadata_follows_the_address_of_the_blog(app, client):
    app.config["SITE_URL"] = "https://blog.example/ada"
    found = client.get("/.well-known/oauth-authorization-server").json
    assert found["issuer"] == "https://blog.example/ada/"
    assert found["token_endpoint"] == "https://blog.example/ada/auth/token"


def test_code_becomes_a_token_with_which_the_program_posts(code, program):
    response = redeem(program, code())
    assert response.headers["Cache-Control"] == "no-store"
    found = response.json
    secret = found.pop("access_token")
    assert found == {
        "token_type": "Bearer",
        "scope": "create media profile",
        "expires_in": 30 * 24 * 60 * 60,
        "me": ME,
        "profile": {"name": "test", "url": ME},
    }
    created = program.post("/micropub", data={"content": "Hello"}, headers=bearer(secret))
    assert created.status_code == 201


def test_token_that_never_expires_has_no_end(code, program):
    assert "expires_in" not in redeem(program, code(lifetime="never")).json


def test_program_that_only_identifies_the_user_gets_no_token(app, code, program):
    response = redeem(program, code(), "/auth/authorization")
    assert response.json == {"me": ME, "profile": {"name": "test", "url": ME}}
    assert response.headers["Cache-Control"] == "no-store"
    with app.app_context():
        assert tokens.of_user(1) == []


def test_code_used_again_is_refused_and_ends_the_token(code, program):
    used = code()
    secret = redeem(program, used).json["access_token"]
    response = redeem(program, used)
    assert (response.status_code, response.json["error"]) == (400, "invalid_grant")
    assert program.get("/micropub?q=config", headers=bearer(secret)).status_code == 401


@pytest.mark.parametrize(
    ("changes", "error"),
    (
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"code": None}, "invalid_request"),
        ({"code": ""}, "invalid_request"),
        ({"code": ["a", "b"]}, "invalid_request"),
        ({"code": "\0"}, "invalid_grant"),
        ({"client_id": None}, "invalid_request"),
        ({"client_id": "x"}, "invalid_client"),
        ({"client_id": "https://evil.example/"}, "invalid_grant"),
        ({"redirect_uri": CLIENT_ID}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"code_verifier": "x" * 43}, "invalid_grant"),
    ),
)
def test_wrong_redemption_is_refused_as_the_standard_says(code, program, changes, error):
    response = redeem(program, **{"code": code()} | changes)
    assert (response.status_code, response.json["error"]) == (400, error)
    assert response.json["error_description"].isascii()
    assert response.headers["Cache-Control"] == "no-store"


def test_code_for_nothing_but_the_identity_gives_no_token(code, program):
    response = redeem(program, code(scope=None))
    assert response.json["error"] == "invalid_grant"


def test_json_in_place_of_a_form_is_refused(program):
    response = program.post("/auth/token", json=REDEMPTION)
    assert (response.status_code, response.json["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("is_logged_in", (True, False))
def test_body_that_is_too_long_is_refused(writer, program, is_logged_in):
    sender = writer if is_logged_in else program
    response = sender.post("/auth/token", data={"code": "x" * 10**7})
    assert (response.status_code, response.json["error"]) == (413, "invalid_request")


def test_page_of_another_site_can_get_a_token(code, program):
    headers = {"Origin": "https://app.example", "Sec-Fetch-Site": "cross-site"}
    response = program.post("/auth/token", data=REDEMPTION | {"code": code()}, headers=headers)
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response.headers
    options = program.options("/auth/token/introspection", headers=headers)
    assert options.headers["Access-Control-Allow-Headers"] == "Authorization"


def test_wrong_codes_are_limited_but_a_valid_one_works(app, code, program):
    valid = code()
    app.config["RATELIMIT_ENABLED"] = True
    statuses = [redeem(program, "0" * 64).status_code for _ in range(31)]
    assert statuses == [400] * 30 + [429]
    response = redeem(program, "0" * 64)
    assert response.json["error"] == "temporarily_unavailable"
    assert int(response.headers["Retry-After"]) > 0
    assert redeem(program, valid).status_code == 200


def test_token_is_not_sent_over_plain_http(program):
    response = program.post("/auth/token", data=REDEMPTION, base_url="http://blog.example")
    assert (response.status_code, response.json["error"]) == (403, "invalid_request")


def test_program_is_told_if_the_user_has_too_many_tokens(monkeypatch, code, program):
    issued = code()
    monkeypatch.setattr(tokens, "MAX_TOKENS_PER_USER", 0)
    response = redeem(program, issued)
    assert response.status_code == 400
    assert response.json["error_description"].endswith("Revoke one first.")


@pytest.mark.parametrize(
    ("path", "extra"), (("/auth/token/revocation", {}), ("/auth/token", {"action": "revoke"}))
)
def test_program_revokes_its_token(program, token, path, extra):
    secret = token()
    for _ in range(2):
        response = program.post(path, data={"token": secret} | extra)
        assert (response.status_code, response.json) == (200, {})
    assert program.get("/micropub?q=config", headers=bearer(secret)).status_code == 401


def test_token_is_described_to_another_token_of_its_user(code, program, token):
    secret = redeem(program, code()).json["access_token"]
    response = introspect(program, secret, token())
    found = response.json
    lifetime = found.pop("exp") - found["iat"]
    assert abs(found.pop("iat") - datetime.now(UTC).timestamp()) < 60
    assert abs(lifetime - 30 * 24 * 60 * 60) <= 1
    assert found == {
        "active": True,
        "me": ME,
        "client_id": CLIENT_ID,
        "scope": "create draft delete undelete media profile",
    }


def test_token_made_by_hand_is_described_without_an_end(program, token):
    secret = token()
    assert "exp" not in introspect(program, secret, secret).json


def test_other_tokens_are_not_active(program, token):
    others = token(2)
    for secret in ("x", others):
        assert introspect(program, secret, token()).json == {"active": False}


@pytest.mark.parametrize("path", ("/auth/token/introspection", "/auth/userinfo"))
def test_log_in_of_a_browser_does_not_count(writer, path):
    response = writer.open(path, method="GET" if path == "/auth/userinfo" else "POST")
    assert (response.status_code, response.json) == (401, {})
    assert response.headers["WWW-Authenticate"].startswith("Bearer ")
    wrong = writer.get("/auth/userinfo", headers=bearer("x"))
    assert wrong.json["error"] == "invalid_token"


def test_user_is_described_to_a_token_with_the_scope_for_it(app, program, token):
    with app.app_context():
        name = "0123456789abcdef0123456789abcdef.png"
        statement = """
            INSERT INTO media (hash, name, type, original_name, size, width, height)
            VALUES (substr(?, 1, 32), ?, 'image/png', 'a.png', 1, 10, 10)
        """
        get_db().execute(statement, (name, name))
        get_db().execute(
            "UPDATE \"user\" SET display_name = 'Ann', picture = ?", (f"/media/{name}",)
        )
        get_db().commit()
    response = program.get("/auth/userinfo", headers=bearer(token(scopes=["profile"])))
    assert response.json["name"] == "Ann"
    assert response.json["url"] == ME
    refused = program.get("/auth/userinfo", headers=bearer(token()))
    assert (refused.status_code, refused.json["error"]) == (403, "insufficient_scope")


def test_rights_of_a_demoted_user_end_for_the_token_too(app, code, program):
    secret = redeem(program, code()).json["access_token"]
    with app.app_context():
        get_db().executescript("UPDATE \"user\" SET role = 'guest'")
    created = program.post("/micropub", data={"content": "Hello"}, headers=bearer(secret))
    assert created.status_code == 403
