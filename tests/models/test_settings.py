import pytest

from flaskr import default_settings
from flaskr import errors
from flaskr.db import get_db
from flaskr.models import posts
from flaskr.models import settings
from flaskr.models.permissions import SYSTEM


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    (
        ("SITE_TITLE", "  A \n name\0 ", "A name\ufffd"),
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
        (
            "REL_ME",
            "https://a.example/@me  https://b.example/\n",
            "https://a.example/@me\nhttps://b.example/",
        ),
    ),
)
def test_settings_are_stored_tidied(name, typed, value):
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
        ("REL_ME", "/here"),
        ("REL_ME", "data:text/html,x"),
    ),
)
def test_what_cannot_be_used_is_refused_in_a_sentence(context, name, typed):
    with pytest.raises(errors.Invalid, match=r"\.$") as refused:
        settings.change({"TAGLINE": "kept out", name: typed}, SYSTEM)
    assert refused.value.field == name.lower()
    assert settings.stored_values() == {}


def test_the_defaults_can_be_used():
    for name in settings.CHECKS:
        assert settings.check(name, getattr(default_settings, name)) == getattr(
            default_settings, name
        )


def test_what_is_wrong_is_told_of_every_field(context):
    problems = settings.problems({"SITE_TITLE": "", "ACCENT": "red", "TAGLINE": "fine"})
    assert set(problems) == {"site_title", "accent"}


def test_settings_are_stored_and_stored_again(context):
    settings.change({"SITE_TITLE": "Notes", "POSTS_PER_PAGE": "5"}, SYSTEM)
    settings.change({"SITE_TITLE": "Notes", "POSTS_PER_PAGE": "6"}, SYSTEM)
    assert settings.stored_values() == {"SITE_TITLE": "Notes", "POSTS_PER_PAGE": 6}


def test_what_stays_the_same_is_not_written(context):
    settings.change({"SITE_TITLE": "Notes"}, SYSTEM)
    before = get_db().total_changes
    settings.change({"SITE_TITLE": "Notes"}, SYSTEM)
    assert get_db().total_changes == before


def test_what_plain_sql_wrote_is_left_out_where_it_cannot_be_used(context):
    get_db().executemany(
        "INSERT INTO setting (name, value) VALUES (?, ?)",
        (
            ("TIMEZONE", "Atlantis"),
            ("SECRET_KEY", "x"),
            ("TAGLINE", "by hand"),
            ("POSTS_PER_PAGE", 7),
        ),
    )
    get_db().execute("INSERT INTO setting VALUES (x'FF', x'FF'), ('SITE_TITLE', x'FFFE')")
    assert settings.stored_values() == {
        "TAGLINE": "by hand",
        "POSTS_PER_PAGE": 7,
        "SITE_TITLE": "\ufffd\ufffd",
    }


def test_the_front_page_is_a_page_that_everyone_may_read(context):
    page = posts.create(author_id=1, title="About", body="", user=SYSTEM, kind="page")
    draft = posts.create(
        author_id=1, title="Later", body="", user=SYSTEM, kind="page", status="draft"
    )
    for name in (str(page), "about"):
        assert posts.find_page(name)["id"] == page
        assert settings.problems({"FRONT_PAGE": name}) == {}
    for name in ("1", str(draft), "test-title", "9" * 30, "nowhere", "²"):
        assert posts.find_page(name) is None
        assert "front_page" in settings.problems({"FRONT_PAGE": name})


def test_the_menu_is_arranged_and_nothing_else(context):
    first, second = (
        posts.create(author_id=1, title=t, body="", user=SYSTEM, kind="page") for t in "ab"
    )
    settings.change({}, SYSTEM, {first: 2, second: 1, 1: 5})
    assert [page["id"] for page in posts.menu_pages()] == [second, first]
    assert posts.get(first, None)["updated"] is None
    assert posts.get(1, None)["menu_position"] == 0


def test_icons_take_the_place_of_those_before(context):
    settings.set_icons({"32.png": b"one", "48.png": b"x"}, SYSTEM)
    first = settings.stored_values()[settings.ICON]
    settings.set_icons({"32.png": b"two"}, SYSTEM)
    assert settings.stored_values()[settings.ICON] != first
    assert settings.icon("32.png") == b"two"
    for name in ("48.png", "../32.png", "\0"):
        with pytest.raises(errors.NotFound):
            settings.icon(name)
    settings.drop_icons(SYSTEM)
    assert settings.stored_values() == {}
