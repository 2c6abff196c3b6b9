"""Test that names which resemble another user's are rejected."""

# ruff: noqa: RUF001

import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.models import profiles
from flaskr.models import users


def register(name):
    return users.register(name, "a long password", password_min_length=8)


@pytest.fixture(autouse=True)
def people(context):
    users.backfill_keys()
    register("Paypal Ltd")
    profiles.update(2, display_name="Grace Hopper", bio="")


UNSEEN = (
    "te\u200bst", "test\u200d", "te\u200cst", "\ufefftest", "te\u2060st", "te\u00adst",
    "test\u3164", "te\u034fst", "test\ufe0f", "test\u2800", "\U000e0074est", "te\u115fst",
    "test\U000e0101", "te\u061cst", "te\x7fst", "te\ue000st", "\u200d", "\u200b\u200b",
    "te\U0001d173st", "\u0915\u200d\u0916", "\u0645\u200d\u062d", "\U0001f469\u200dx",
)  # fmt: skip
LOOKALIKES = (
    "ｔｅｓｔ", "𝐭𝐞𝐬𝐭", "TEST", "PaypaI Ltd", "Paypa1 Ltd", "Paypal\u00a0Ltd", "Payp\u0430l Ltd",
    "Paypal  Ltd", "Paypal\u2003Ltd", "ot\u04bber", "Grace Hopper", "GRACE HOPPER",
    "Grace H0pper", "ＧRACE hopper",
)  # fmt: skip
MIXED = (
    "\u0430da", "a\u03bfda", "Ivan \u0418\u0432\u0430\u043d", "\u0391\u043d\u043d\u0430", "a\u0561"
)  # fmt: skip
GOOD = (
    "山田太郎", "さくら ゆき", "ナツ子 Suzuki", "葛\U000e0100城", "김민준", "日本 Taro", "สมชาย",
    "محمد", "می\u200cخواهم", "אָדָם", "अनुष्का", "क्\u200dष", "ක්\u200dෂ", "র\u200d্যাব", "நித்யா",
    "Nguyễn", "Иван", "Μαρία", "Zoë", "Անի", "O'Brien", "ada-99",
    "❤\ufe0f", "\U0001f469\u200d\U0001f4bb",
)  # fmt: skip


@pytest.mark.parametrize("name", UNSEEN)
def test_names_with_invisible_characters_are_rejected(name):
    with pytest.raises(errors.Invalid, match="contains an invisible character"):
        register(name)
    with pytest.raises(errors.Invalid, match="contains an invisible character"):
        profiles.update(1, display_name=name, bio="")


@pytest.mark.parametrize(
    "name", ("\u0301", "\u0301ada", "\u0903", "e" + "\u0301" * 5, "\u0301" * 60)
)
def test_names_of_accents_only_are_rejected(name):
    with pytest.raises(errors.Invalid, match="misplaced accents"):
        register(name)


@pytest.mark.parametrize("name", MIXED)
def test_mixed_lookalike_scripts_are_rejected(name):
    for choose in (register, lambda name: profiles.update(1, display_name=name, bio="")):
        with pytest.raises(errors.Invalid, match="mixes similar letters"):
            choose(name)


@pytest.mark.parametrize("name", LOOKALIKES)
def test_username_must_not_resemble_another(name):
    before = len(users.list_all())
    with pytest.raises(errors.Invalid):
        register(name)
    assert len(users.list_all()) == before


@pytest.mark.parametrize("name", LOOKALIKES[3:])
def test_display_name_must_not_resemble_another(name):
    with pytest.raises(errors.Invalid):
        profiles.update(1, display_name=name, bio="")
    assert users.find(1)["display_name"] == ""


def test_name_in_another_script_must_not_resemble_another():
    register("ace")
    with pytest.raises(errors.Conflict, match="looks like another user's name"):
        register("\u0430\u0441\u0435")


def test_display_name_may_resemble_the_own_username():
    for name in ("Test", "TEST", "Grace", ""):
        profiles.update(1, display_name=name, bio="")
        assert users.find(1)["display_name"] == name


@pytest.mark.parametrize("name", GOOD)
def test_international_names_are_accepted(name):
    user_id = register(name)
    assert users.find_by_name(name)["id"] == user_id
    profiles.update(user_id, display_name=name, bio="")


@pytest.mark.parametrize(
    "name", ("\u200b", "a\u202eb", "\u0430da", "\u0301x", "te\u200bst", "x" * 5000)
)
def test_imported_names_are_checked(name):
    with pytest.raises(errors.Invalid):
        users.create_without_password(name)


def test_display_name_in_an_imported_file_finds_its_user():
    user = users.find_by_display_name("grace hopper")
    assert user["username"] == "other"
    assert users.find_by_display_name("nobody") is None


def test_name_keys_of_older_versions_are_upgraded(context):
    get_db().execute(
        'INSERT INTO "user" (username, password, username_key) VALUES (?, ?, ?)',
        ("A\u200bda", "x", "a\u200bda"),
    )
    get_db().commit()
    users.backfill_keys()
    assert users.find_by_name("ada")["username"] == "A\u200bda"
    with pytest.raises(errors.Conflict, match="already registered"):
        register("ADA")
