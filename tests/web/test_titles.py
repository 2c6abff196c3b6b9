"""Titles show `code` for backticks in pages, and plain text elsewhere."""

import pytest

from flaskr.db import get_db

TITLE = "Why `Vec<T>` grows"
PLAIN = "Why Vec<T> grows"


@pytest.fixture
def titled(write):
    """Write a post, a page and a part of a series with code in their titles."""
    write(TITLE, "needle", tags=["a", "b"], series="One")
    write("Another", tags=["a", "b"], series="One")
    write("Alike", tags=["a"], created="2017-01-01 00:00:00")
    write("Page `x`", kind="page")


@pytest.mark.parametrize(
    ("path", "selector"),
    (
        ("/", "h2 code"),
        ("/why-vec-t-grows", "h1 code"),
        ("/another", ".onward b code"),
        ("/alike", ".related a code"),
        ("/1", ".onward b"),
        ("/tag/a", ".titles .title code"),
        ("/series/one", ".parts .title code"),
    ),
)
def test_title_shows_code(titled, browse, path, selector):
    shown = {*browse(path, follow_redirects=True).texts(selector)}
    assert shown & {"Vec<T>", PLAIN}


def test_menu_shows_code(titled, browse):
    assert browse("/").texts("nav code") == ["x"]


def test_lists_of_writers_show_code(titled, writer, browse):
    assert browse("/posts").texts(".title code") == ["Vec<T>"]
    assert browse("/posts").select(f'[aria-label="View “{PLAIN}”"]')
    assert browse("/2/revisions").texts(".lead code") == ["Vec<T>"]


def test_title_is_plain_text_in_the_head(titled, browse):
    page = browse("/why-vec-t-grows")
    assert page.texts("title")[0].startswith(f"{PLAIN} - ")
    assert page.select(f'meta[property="og:title"][content="{PLAIN}"]')
    assert browse("/").select(f'[aria-label="Continue reading “{PLAIN}”"]') == []


def test_title_is_plain_text_for_programs(titled, client, browse):
    titles = [item["title"] for item in client.get("/feed.json").json["items"]]
    assert titles[:2] == ["Another", PLAIN]
    assert client.get("/search/suggestions?q=grows").json[0]["title"] == PLAIN
    assert browse("/search?q=needle").texts(".hits .title") == [PLAIN]


@pytest.mark.parametrize("title", ("a\x01\x02b", "a\ufffe\uffffb"))
def test_control_characters_of_a_title_from_plain_sql_are_not_shown(app, browse, title):
    with app.app_context():
        get_db().execute("UPDATE post SET title = ?", (title,))
        get_db().commit()
    assert browse("/").texts("h2") == ["ab"]
    assert browse("/1").texts("h1") == ["ab"]
