"""The page that asks users if a program may log in as them."""

from urllib.parse import parse_qs
from urllib.parse import urlsplit

import pytest

from flaskr.db import get_db
from flaskr.models import tokens

from ..indieauth import CLIENT_ID
from ..indieauth import REDIRECT_URI
from ..indieauth import REQUEST
from ..indieauth import answer
from ..indieauth import ask
from ..indieauth import decide
from ..indieauth import redeem
from ..markup import Page

ALL = ["write", "publish", "media", "profile"]
LONG_HOST = ".".join(["a" * 60] * 4)


def scopes_on(response):
    boxes = Page(response.text).select('[name="scopes"]')
    return [(box.get("value"), box.get("checked") is not None) for box in boxes]


def errors_on(response):
    return Page(response.text).texts(".flash.error")


def returned(response):
    """Return the answer that the program gets if the user follows the link to it."""
    (link,) = Page(response.text).select('main a[rel="noreferrer"]')
    assert link.get("href").startswith(f"{REDIRECT_URI}&")
    return answer(link.get("href"))


def test_page_names_the_program_the_user_and_what_is_asked_for(writer):
    response = ask(writer)
    page = Page(response.text)
    assert page.texts("h1") == ["Log in to app.example?"]
    assert page.texts('dd[dir="ltr"]') == [CLIENT_ID, "http://localhost/user/test"]
    assert page.texts("dd b") == ["test"]
    assert scopes_on(response) == [
        (name, True) for name in ("write", "publish", "media", "profile")
    ]
    assert page.value("lifetime") == "90"
    assert response.headers["Cache-Control"] == "no-store"
    policy = response.headers["Content-Security-Policy"].split("; ")
    assert {"form-action 'self' https:", "frame-ancestors 'none'"} <= set(policy)


def test_program_that_only_asks_who_the_user_is_gets_no_choices(writer):
    response = ask(writer, scope=None, me=None)
    assert scopes_on(response) == []
    location = decide(writer, scope=None, scopes=None, lifetime=None).location
    identity = redeem(writer, answer(location)["code"], "/auth/authorization")
    assert identity.json == {"me": "http://localhost/user/test"}


def test_visitor_logs_in_first_and_comes_back_to_the_request(client, auth):
    response = ask(client, state="x" * 1500 + "&?#%")
    login = response.location
    assert login.startswith("/auth/login?next=")
    back = client.post(login, data={"username": "test", "password": "test"}).location
    page = Page(client.get(back).text)
    state = page.select('[name="state"]')[0].get("value")
    assert state == "x" * 1500 + "&?#%"
    assert page.texts("h1") == ["Log in to app.example?"]


def test_request_survives_the_end_of_the_session(client):
    login = decide(client).location
    target = parse_qs(urlsplit(login).query)["next"][0]
    assert answer(target) == REQUEST


def test_program_gets_a_code_its_state_and_the_issuer(writer):
    response = decide(writer)
    assert response.status_code == 303
    assert response.location.startswith(f"{REDIRECT_URI}&code=")
    found = answer(response.location)
    assert found.keys() == {"from", "code", "state", "iss"}
    assert (found["state"], found["iss"]) == (REQUEST["state"], "http://localhost/")
    assert redeem(writer, found["code"]).json["scope"] == "create media profile"


def test_user_can_grant_less(app, writer):
    location = decide(writer, scopes=["write"]).location
    assert redeem(writer, answer(location)["code"]).json["scope"] == "draft"
    with app.app_context():
        assert [token["scopes"] for token in tokens.of_user(1)] == ["write"]


def test_more_than_was_asked_for_is_not_granted(app, writer):
    location = decide(writer, scope="media", scopes=[*tokens.ALL_SCOPES, "all"]).location
    redeem(writer, answer(location)["code"])
    with app.app_context():
        assert [token["scopes"] for token in tokens.of_user(1)] == ["media"]


def test_program_is_told_that_the_user_denied(app, writer):
    response = decide(writer, deny="1")
    assert (response.status_code, answer(response.location)["error"]) == (303, "access_denied")
    assert answer(response.location)["state"] == REQUEST["state"]
    with app.app_context():
        assert get_db().execute("SELECT 1 FROM authorization_code").fetchall() == []


@pytest.mark.parametrize(
    ("changes", "message"),
    (
        ({"client_id": None}, "The program sent no client_id."),
        ({"client_id": "https://10.0.0.1/"}, "The client_id has to begin with https://"),
        ({"client_id": [CLIENT_ID, CLIENT_ID]}, "The program sent more than one client_id."),
        ({"redirect_uri": None}, "The program sent no redirect_uri."),
        ({"redirect_uri": "https://evil.example/"}, "The redirect_uri has to begin with"),
        ({"redirect_uri": "javascript:alert(1)"}, "The redirect_uri has to begin with"),
        ({"redirect_uri": [REDIRECT_URI, "https://evil.example/"]}, "The program sent more than"),
    ),
)
def test_program_that_cannot_be_trusted_gets_no_answer(writer, changes, message):
    response = decide(writer, **changes)
    assert (response.status_code, response.location) == (400, None)
    page = Page(response.text)
    assert page.texts(".lead")[0].startswith(message)
    assert {link.get("href") for link in page.select("main a")} == {"/", "/account/tokens"}


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    (
        ({"code_challenge": None}, "invalid_request", "It has to send a code_challenge"),
        ({"code_challenge_method": None}, "invalid_request", "code_challenge_method S256"),
        ({"code_challenge_method": "plain"}, "invalid_request", "code_challenge_method S256"),
        ({"code_challenge": "x" * 42}, "invalid_request", "43 characters"),
        ({"code_challenge": "\0" * 43}, "invalid_request", "43 characters"),
        ({"response_type": None}, "invalid_request", "the response_type code"),
        ({"response_type": "id"}, "unsupported_response_type", "the response_type code"),
        ({"state": None}, "invalid_request", "has to send a state"),
        ({"state": "ä\0"}, "invalid_request", "has to send a state"),
        ({"state": "x" * 2001}, "invalid_request", "longer than"),
        ({"state": ["a", "b"]}, "invalid_request", "more than once"),
        ({"scope": ["create", "media"]}, "invalid_request", "more than once"),
        ({"scope": "email <script>"}, "invalid_scope", "none of the scopes"),
        ({"me": "x" * 10**5}, "invalid_request", "longer than"),
    ),
)
def test_wrong_request_is_answered_only_by_the_click_of_the_user(client, changes, error, message):
    # A redirect by itself would lead to any site that somebody puts into a link.
    response = ask(client, **changes)
    assert (response.status_code, response.location) == (400, None)
    found = returned(response)
    assert (found["error"], found["iss"]) == (error, "http://localhost/")
    assert message in found["error_description"]
    assert message in Page(response.text).texts(".lead")[0]
    assert ("state" in found) == ("state" not in changes or changes["state"] == ["a", "b"])


@pytest.mark.parametrize(
    ("changes", "message"),
    (
        ({"scopes": []}, "Choose what the program may do, or deny it."),
        ({"scopes": ["settings"]}, "Choose what the program may do, or deny it."),
        ({"lifetime": "31"}, "Choose when the access expires."),
        ({"lifetime": None}, "Choose when the access expires."),
        ({"user": "2"}, "You have logged in with another account meanwhile."),
        ({"user": None}, "You have logged in with another account meanwhile."),
    ),
)
def test_form_is_shown_again_with_what_is_wrong(writer, changes, message):
    response = decide(writer, **changes)
    assert response.status_code == 200
    assert errors_on(response)[0].startswith(message)
    checked = [name for name, is_checked in scopes_on(response) if is_checked]
    assert checked == ([] if "scopes" in changes else ALL)


def test_markup_in_a_request_stays_text(writer):
    hostile = "'\"><script>alert(1)</script>"
    for response in (
        ask(writer, state=hostile, me=hostile, scope=f"create {hostile}"),
        ask(writer, state=hostile, response_type=hostile),
        ask(writer, client_id=f"{CLIENT_ID}{hostile}"),
    ):
        page = Page(response.text)
        assert "alert(1)" not in page.texts("script")
        assert not page.select("main script")


def test_long_address_of_a_program_is_shown_whole(app, writer):
    client_id = f"https://{LONG_HOST}/{'b' * 1500}"
    url = f"https://{LONG_HOST}/"
    page = Page(ask(writer, client_id=client_id, redirect_uri=url).text)
    assert page.texts('dd[dir="ltr"]')[0] == client_id
    location = decide(writer, client_id=client_id, redirect_uri=url).location
    response = redeem(writer, answer(location)["code"], client_id=client_id, redirect_uri=url)
    assert response.status_code == 200
    with app.app_context():
        assert tokens.of_user(1)[0]["name"] == LONG_HOST[:100]


@pytest.mark.parametrize("headers", ({"Sec-Fetch-Site": "cross-site"}, {"Origin": CLIENT_ID}))
def test_other_site_cannot_consent(app, writer, headers):
    data = REQUEST | {"user": "1", "scopes": "write", "lifetime": "30"}
    response = writer.post("/auth/authorization/consent", data=data, headers=headers)
    assert response.status_code == 403
    with app.app_context():
        assert get_db().execute("SELECT 1 FROM authorization_code").fetchall() == []


def test_user_whose_page_is_hidden_is_told_so(app, writer):
    assert "Some programs look at that page" not in ask(writer).text
    with app.app_context():
        get_db().executescript("UPDATE post SET status = 'draft'")
    assert "Some programs look at that page" in ask(writer).text


def test_codes_for_a_user_are_limited(app, writer):
    app.config["RATELIMIT_ENABLED"] = True
    assert [decide(writer).status_code for _ in range(61)] == [303] * 60 + [429]


def test_plain_http_is_refused(writer):
    options = {"query_string": REQUEST, "base_url": "http://blog.example"}
    response = writer.get("/auth/authorization", **options)
    assert response.status_code == 403
    assert Page(response.text).texts(".lead")[0].startswith("Programs can log in over https://")


def test_list_of_tokens_names_the_program_that_the_user_logged_in_to(writer, browse):
    redeem(writer, answer(decide(writer).location)["code"])
    page = browse("/account/tokens")
    assert page.texts(".rows .title") == ["app.example"]
    assert CLIENT_ID in page.texts(".rows .byline")[1]
