import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.models import authorization_codes
from flaskr.models import tokens
from flaskr.models import users
from flaskr.models.authorization_codes import Grant

from ..databases import ago
from ..databases import dump
from ..databases import orphans
from ..indieauth import CHALLENGE
from ..indieauth import CLIENT_ID
from ..indieauth import REDIRECT_URI
from ..indieauth import VERIFIER

GRANT = Grant(
    client_id=CLIENT_ID,
    redirect_uri=REDIRECT_URI,
    challenge=CHALLENGE,
    asked=["create"],
    scopes=["write", "publish"],
    name="app.example",
    days=30,
)


@pytest.fixture
def ann(context):
    return users.find(1)


@pytest.fixture
def code(ann):
    return authorization_codes.issue(ann, GRANT)


def redeem(code, **changes):
    fields = {"client_id": CLIENT_ID, "redirect_uri": REDIRECT_URI, "verifier": VERIFIER}
    return authorization_codes.redeem(code, **{**fields, "for_token": True, **changes})


def run(sql):
    get_db().executescript(sql)


def test_code_becomes_a_token_once(code):
    redemption = redeem(code)
    holder = tokens.find_holder(redemption.secret)
    assert (holder["id"], tokens.scopes_of(holder)) == (1, {"write", "publish"})
    (token,) = tokens.of_user(1)
    assert (token["name"], token["client_id"]) == ("app.example", CLIENT_ID)
    assert code not in str(dump())


def test_token_is_revoked_if_its_code_is_used_again(code):
    secret = redeem(code).secret
    assert redeem(code, verifier="x") is None
    assert tokens.find_holder(secret) is None


@pytest.mark.parametrize(
    "wrong",
    (
        {"client_id": "https://evil.example/"},
        {"redirect_uri": "https://app.example/other"},
        {"verifier": CHALLENGE},
        {"verifier": ""},
        {"verifier": VERIFIER + "\0"},
        {"verifier": "ä" * 43},
    ),
)
def test_attempt_with_other_values_uses_the_code_up(code, wrong):
    assert redeem(code, **wrong) is None
    assert redeem(code) is None
    assert tokens.of_user(1) == []


@pytest.mark.parametrize("code", ("", "x", "0" * 64, "\u0660" * 64, "\0", "\ud800"))
def test_unknown_code_is_not_valid(ann, code):
    assert redeem(code) is None


def test_code_tells_the_user_without_a_token(code):
    redemption = redeem(code, for_token=False)
    assert (redemption.user["id"], redemption.secret, tokens.of_user(1)) == (1, "", [])
    assert redeem(code) is None


def test_code_without_scopes_gives_no_token(ann):
    code = authorization_codes.issue(ann, GRANT._replace(scopes=[]))
    assert redeem(code) is None


def test_expired_code_is_not_valid_and_is_deleted_a_day_later(ann, code):
    run(f"UPDATE authorization_code SET expires = '{ago()}'")
    assert redeem(code) is None
    run(f"UPDATE authorization_code SET expires = '{ago(days=1)}'")
    authorization_codes.issue(ann, GRANT)
    assert get_db().execute("SELECT count(*) FROM authorization_code").fetchone()[0] == 1


def test_code_ends_with_the_tokens_of_its_user(code):
    tokens.revoke_all(1)
    assert redeem(code) is None


@orphans
def test_code_of_a_user_deleted_by_plain_sql_is_not_valid(code):
    run('PRAGMA foreign_keys = OFF; DELETE FROM "user"; PRAGMA foreign_keys = ON')
    assert redeem(code) is None


def test_new_token_replaces_expired_ones_of_the_same_program(ann, code):
    for client_id in (CLIENT_ID, "https://other.example/"):
        tokens.create(ann, name="Old", scopes=["read"], days=1, client_id=client_id)
    run(f"UPDATE token SET expires = '{ago(days=1)}'")
    redeem(code)
    names = [token["client_id"] for token in tokens.of_user(1)]
    assert names == [CLIENT_ID, "https://other.example/"]


def test_code_stays_valid_while_there_are_too_many_tokens(monkeypatch, code):
    with monkeypatch.context() as patch:
        patch.setattr(tokens, "MAX_TOKENS_PER_USER", 0)
        with pytest.raises(errors.Invalid, match="Revoke one first"):
            redeem(code)
    assert redeem(code)


@pytest.mark.parametrize(
    ("asked", "offered"),
    (
        (["create"], ["write", "publish"]),
        (["post"], ["write", "publish"]),
        (["draft"], ["write"]),
        (["update"], ["read", "write", "publish"]),
        (["delete", "undelete"], ["write", "publish"]),
        (["media", "profile"], ["media", "profile"]),
        (["email", "settings", "", "\0"], []),
    ),
)
def test_scopes_of_programs_stand_for_as_few_as_possible(ann, asked, offered):
    assert authorization_codes.find_offered(asked, ann) == offered


def test_user_without_rights_can_only_tell_who_they_are(ann):
    guest = {"id": 1, "role": "guest"}
    asked = authorization_codes.SCOPES
    assert authorization_codes.find_offered(asked, guest) == ["profile"]


@pytest.mark.parametrize(
    ("scopes", "asked", "names"),
    (
        (["write", "publish"], ["create", "media"], ["create"]),
        (["write", "publish"], ["post"], ["post"]),
        (["write"], ["create", "update"], ["draft"]),
        (["write"], ["draft"], ["draft"]),
        (["media"], ["create", "media"], ["media"]),
        (["publish"], ["create"], []),
    ),
)
def test_program_learns_which_of_its_scopes_were_granted(scopes, asked, names):
    assert authorization_codes.name_scopes(scopes, asked) == names
