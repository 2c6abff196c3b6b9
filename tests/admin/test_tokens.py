import pytest

from flaskr.db import get_db
from flaskr.models import tokens
from flaskr.models import users

from ..markup import Page

FORM = {"name": "Phone", "scopes": ["read", "media"], "lifetime": "30", "password": "test"}


def submit(client, **fields):
    return client.post("/account/tokens", data={**FORM, **fields})


def secret_on(response):
    return Page(response.text).texts("section .address")


def make(app, user_id=1, **fields):
    with app.app_context():
        return tokens.create(users.find(user_id), **{"name": "Cron", "scopes": ["read"], **fields})


def change(app, column, value):
    with app.app_context():
        get_db().execute(f"UPDATE token SET {column} = ?", (value,))
        get_db().commit()


def test_token_is_shown_once_and_works(app, writer, browse):
    response = submit(writer)
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")
    (secret,) = secret_on(response)
    with app.app_context():
        holder = tokens.find_holder(secret)
    assert (holder["id"], tokens.scopes_of(holder)) == (1, {"read", "media"})
    assert secret not in browse("/account/tokens")


def test_form_is_empty_again_after_a_token_was_created(writer):
    page = Page(submit(writer).text)
    assert page.value("name") == ""
    assert [box.get("value") for box in page.select('[name="scopes"][checked]')] == [
        "read",
        "write",
    ]


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    (
        ({"name": ""}, "name", "Name is required."),
        ({"name": "x" * 101}, "name", "Name is too long: at most 100 characters."),
        ({"scopes": []}, "scopes", "Choose what the program may do."),
        ({"scopes": ["all"]}, "scopes", "There is no scope all."),
        ({"lifetime": "31"}, "lifetime", "Choose when the token expires."),
        ({"lifetime": "\0"}, "lifetime", "Choose when the token expires."),
        ({"password": "wrong"}, "password", "Incorrect password."),
        ({"password": ""}, "password", "Incorrect password."),
    ),
)
def test_error_is_shown_next_to_its_field_with_the_input(app, writer, fields, field, message):
    response = submit(writer, **fields)
    page = Page(response.text)
    assert page.texts(f"#{field}-error")[0].startswith(message)
    assert page.select('[aria-invalid="true"]')
    assert page.value("name") == fields.get("name", "Phone")
    assert secret_on(response) == []
    with app.app_context():
        assert tokens.of_user(1) == []


def test_token_that_never_expires_can_be_created(app, writer):
    submit(writer, lifetime="never")
    with app.app_context():
        assert tokens.of_user(1)[0]["expires"] is None


def test_passwords_cannot_be_guessed(app, writer):
    app.config["RATELIMIT_ENABLED"] = True
    statuses = [submit(writer, password="wrong").status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]


def test_only_owners_are_offered_the_scope_settings(app, writer, browse):
    boxes = [box.get("value") for box in browse("/account/tokens").select('[name="scopes"]')]
    assert boxes == ["read", "write", "publish", "media"]
    with app.app_context():
        users.set_role("test", "owner")
    assert len(browse("/account/tokens").select('[name="scopes"]')) == len(tokens.SCOPES)


def test_page_without_tokens_says_what_they_are_for(writer, browse):
    (text,) = browse("/account/tokens").texts(".rows .none")
    assert text.startswith("You have no tokens yet.")


def test_tokens_are_listed_with_their_last_use(app, writer, browse):
    make(app, name="<b>Phone", scopes=["write", "read"], days=30)
    make(app, user_id=2, name="Another's")
    page = browse("/account/tokens")
    assert page.texts(".rows .title") == ["<b>Phone"]
    assert page.texts(".byline")[0] == "May read, write. Never used."
    change(app, "last_used", "2026-01-31 12:00:00")
    change(app, "last_address", "2001:db8::7")
    use = "Last used on 2026-01-31 12:00 from 2001:db8::7."
    assert browse("/account/tokens").texts(".byline")[0].endswith(use)
    change(app, "last_address", "unknown")
    assert browse("/account/tokens").texts(".byline")[0].endswith("12:00.")


@pytest.mark.parametrize(
    ("expires", "text"),
    (
        (None, "Never expires."),
        ("2999-12-31 00:00:00", "Expires on 31 December 2999."),
        ("2020-12-31 00:00:00", "Expired on 31 December 2020."),
    ),
)
def test_list_tells_when_a_token_expires(app, writer, browse, expires, text):
    make(app)
    change(app, "expires", expires)
    assert browse("/account/tokens").texts(".byline")[1].endswith(text)


def test_revoked_token_no_longer_works(app, writer, browse):
    secret = make(app)
    (form,) = browse("/account/tokens").select(".rows form")
    assert writer.post(form.get("action")).location == "/account/tokens"
    assert browse("/account/tokens").texts(".flash") == [
        "Revoked. Programs can no longer use this token."
    ]
    with app.app_context():
        assert tokens.find_holder(secret) is None


@pytest.mark.parametrize("token", (1, 2, 10**30))
def test_another_users_token_cannot_be_revoked(app, writer, token):
    secret = make(app, user_id=2)
    assert writer.post(f"/account/tokens/{token}/revocation").status_code == 404
    with app.app_context():
        assert tokens.find_holder(secret)


def test_token_does_not_open_the_page(app, client):
    headers = {"Authorization": f"Bearer {make(app)}"}
    assert client.get("/account/tokens", headers=headers).location.startswith("/auth/login")


def test_account_page_leads_to_the_tokens(writer, browse):
    assert browse("/account").select('main a[href="/account/tokens"]')


@pytest.mark.parametrize(("revoke", "left"), (({}, 2), ({"revoke_tokens": "1"}, 0)))
def test_tokens_can_be_revoked_with_a_new_password(app, writer, browse, revoke, left):
    assert not browse("/auth/password").select("#revoke_tokens")
    make(app)
    make(app)
    assert browse("/auth/password").texts("#revoke_tokens-hint a") == ["2 tokens"]
    form = {"old_password": "test", "password": "another", **revoke}
    writer.post("/auth/password", data=form)
    with app.app_context():
        assert len(tokens.of_user(1)) == left
    assert ("Your tokens are revoked." in browse("/").texts(".flash")) is (left == 0)
