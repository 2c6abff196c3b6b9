import pytest

from flaskr import default_settings
from flaskr import errors
from flaskr.db import get_db
from flaskr.models import posts
from flaskr.models import settings
from flaskr.models.permissions import SYSTEM

from ..databases import content_version
from ..databases import other_types


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    (
        ("SITE_TITLE", "  A \n name\0 ", "A name"),
        ("TAGLINE", "one\ttwo\u0007", "one two"),
        ("DESCRIPTION", "", ""),
        ("LANGUAGE", " pt-BR ", "pt-BR"),
        ("TIMEZONE", " Europe/Berlin ", "Europe/Berlin"),
        ("DATE_FORMAT", "D MMMM YYYY", "D MMMM YYYY"),
        ("POSTS_PER_PAGE", " 25 ", 25),
        ("POSTS_PER_PAGE", 100, 100),
        ("FRONT_PAGE", 12, "12"),
        (
            "MENU_LINKS",
            "\r\n The  shop   https://example.org/?b \r\n\r\nMail mailto:a@example.org\nHere /feed",
            "The shop https://example.org/?b\nMail mailto:a@example.org\nHere /feed",
        ),
        ("REGISTRATION", "closed", "closed"),
        ("FOOTER", "\n*Hi*\r\n\r\n[me](/me) ", "*Hi*\n\n[me](/me)"),
        ("ACCENT", "#0A6560", "#0a6560"),
        ("ACCENT", " 0a6560 ", "#0a6560"),
        ("ACCENT", "0AF", "#00aaff"),
        ("ACCENT", " ", ""),
        ("WEBSUB_HUB", " ", ""),
        ("WEBSUB_HUB", " https://hub.example/?key=1 ", "https://hub.example/?key=1"),
        (
            "REL_ME",
            "https://a.example/@me  https://b.example/\n",
            "https://a.example/@me\nhttps://b.example/",
        ),
    ),
)
def test_settings_are_normalized(name, typed, value):
    assert settings.check(name, typed) == value


@pytest.mark.parametrize(
    ("name", "typed"),
    (
        ("SITE_TITLE", " "),
        ("SITE_TITLE", "x" * 1001),
        ("LANGUAGE", ""),
        ("LANGUAGE", 'en" onload="'),
        ("TIMEZONE", ""),
        ("TIMEZONE", "../../etc/passwd"),
        ("TIMEZONE", "Europe"),
        ("TIMEZONE", "\0"),
        ("DATE_FORMAT", "%Y"),
        ("POSTS_PER_PAGE", "0"),
        ("POSTS_PER_PAGE", "101"),
        ("POSTS_PER_PAGE", "1" + "0" * 30),
        ("POSTS_PER_PAGE", "٣"),
        ("POSTS_PER_PAGE", ""),
        ("MENU_LINKS", "https://example.org/"),
        ("MENU_LINKS", "Shop javascript:alert(1)"),
        ("MENU_LINKS", "Shop //example.org"),
        ("MENU_LINKS", "Shop /\\example.org"),
        ("MENU_LINKS", "Shop https://"),
        ("MENU_LINKS", "Shop https://[broken/"),
        ("MENU_LINKS", "Shop /\n" * 51),
        ("REGISTRATION", "ajar"),
        ("FOOTER", "x" * 5001),
        ("ACCENT", "red"),
        ("ACCENT", "#abcd"),
        ("ACCENT", "#0a6560;}"),
        ("ACCENT", "\u0660" * 3),
        ("HEADER_PICTURE", f"/media/{'0' * 32}.png"),
        ("HEADER_PICTURE", "https://example.org/a.png"),
        ("WEBSUB_HUB", "hub.example"),
        ("WEBSUB_HUB", "https://me@hub.example/"),
        ("WEBSUB_HUB", 'https://hub.example/>; rel="self"'),
        ("WEBSUB_HUB", "https://hub.example/\r\nA: b"),
        ("WEBSUB_HUB", "https://[hub/"),
        ("WEBSUB_HUB", "https://hub.example/" + "a" * 1000),
        ("REL_ME", "/here"),
        ("REL_ME", "data:text/html,x"),
    ),
)
def test_invalid_value_is_refused_with_a_message(context, name, typed):
    with pytest.raises(errors.Invalid, match=r"\.$") as refused:
        settings.change({"TAGLINE": "kept out", name: typed}, SYSTEM)
    assert refused.value.field == name.lower()
    assert settings.stored_values() == {}


def test_defaults_are_valid():
    for name in settings.CHECKS:
        assert settings.check(name, getattr(default_settings, name)) == getattr(
            default_settings, name
        )


def test_errors_of_every_field_are_reported(context):
    problems = settings.find_errors({"SITE_TITLE": "", "ACCENT": "red", "TAGLINE": "fine"})
    assert set(problems) == {"site_title", "accent"}


def test_stored_settings_can_be_changed(context):
    settings.change({"SITE_TITLE": "Notes", "POSTS_PER_PAGE": "5"}, SYSTEM)
    settings.change({"SITE_TITLE": "Notes", "POSTS_PER_PAGE": "6"}, SYSTEM)
    assert settings.stored_values() == {"SITE_TITLE": "Notes", "POSTS_PER_PAGE": 6}


def test_unchanged_settings_are_not_written(context):
    settings.change({"SITE_TITLE": "Notes"}, SYSTEM)
    before = content_version()
    settings.change({"SITE_TITLE": "Notes"}, SYSTEM)
    assert content_version() == before


def test_invalid_settings_from_plain_sql_are_ignored(context):
    get_db().executemany(
        "INSERT INTO setting (name, value) VALUES (?, ?)",
        (
            ("TIMEZONE", "Atlantis"),
            ("SECRET_KEY", "x"),
            ("TAGLINE", "by hand"),
            ("POSTS_PER_PAGE", "7"),
        ),
    )
    assert settings.stored_values() == {"TAGLINE": "by hand", "POSTS_PER_PAGE": 7}


@other_types
def test_settings_that_are_not_text_do_no_harm(context):
    get_db().execute("INSERT INTO setting VALUES (x'FF', x'FF'), ('SITE_TITLE', x'FFFE')")
    assert settings.stored_values() == {"SITE_TITLE": "\ufffd\ufffd"}


def test_front_page_must_be_a_published_page(context):
    page = posts.create(author_id=1, title="About", body="", user=SYSTEM, kind="page")
    draft = posts.create(
        author_id=1, title="Later", body="", user=SYSTEM, kind="page", status="draft"
    )
    for name in (str(page), "about"):
        assert posts.find_page(name)["id"] == page
        assert settings.find_errors({"FRONT_PAGE": name}) == {}
    for name in ("1", str(draft), "test-title", "9" * 30, "nowhere", "²"):
        assert posts.find_page(name) is None
        assert "front_page" in settings.find_errors({"FRONT_PAGE": name})


def test_menu_positions_are_stored_for_pages_only(context):
    first, second = (
        posts.create(author_id=1, title=t, body="", user=SYSTEM, kind="page") for t in "ab"
    )
    settings.change({}, SYSTEM, {first: 2, second: 1, 1: 5})
    assert [page["id"] for page in posts.menu_pages()] == [second, first]
    assert posts.get(first, None)["updated"] is None
    assert posts.get(1, None)["menu_position"] == 0


def test_new_icons_replace_the_old_ones(context):
    settings.set_icons({"32.png": b"one", "48.png": b"x"}, SYSTEM)
    first = settings.stored_values()[settings.ICON]
    settings.set_icons({"32.png": b"two"}, SYSTEM)
    assert settings.stored_values()[settings.ICON] != first
    assert settings.get_icon("32.png") == b"two"
    for name in ("48.png", "../32.png", "\0"):
        with pytest.raises(errors.NotFound):
            settings.get_icon(name)
    settings.delete_icons(SYSTEM)
    assert settings.stored_values() == {}
