"""Which posts are indexed, and when."""

import pytest

from flaskr.db import get_db
from flaskr.db import transaction
from flaskr.models import posts
from flaskr.models import search
from flaskr.models import search_texts
from flaskr.models.permissions import SYSTEM
from flaskr.text import Style


def found(typed, **options):
    return [post["title"] for post in search.find(typed, **options).posts]


def insert(body, title="By hand", times=1):
    values = ", ".join("(1, ?, ?)" for _ in range(times))
    query = f"INSERT INTO post (author_id, title, body) VALUES {values}"
    get_db().execute(query, [title, body] * times)


def test_post_written_by_plain_sql_is_found_by_its_visible_text(context):
    insert("a [**bold**ness](https://example.org/wiki) for Łódź")
    assert found("boldness lodz") == ["By hand"]
    assert found("wiki") == []
    get_db().execute("UPDATE post SET body = 'C++', summary = 'straße' WHERE title = 'By hand'")
    assert found("C++ strasse") == ["By hand"]
    assert found("lodz") == []


def test_many_new_posts_are_found_by_their_markdown_at_first(context):
    insert("unkempt **bold**ness", times=search_texts.MAX_AWAITED_POSTS)
    assert len(found("unkempt -combed")) == 10
    assert found("boldness") == []
    post_ids = [post["id"] for post in search.find("unkempt").posts]
    texts = search_texts.get_texts(search.find("unkempt").posts)
    assert texts == dict.fromkeys(post_ids, "unkempt boldness")
    while search_texts.update_next():
        pass
    assert len(found("boldness")) == 10


def test_long_post_is_not_indexed_while_somebody_waits(context, monkeypatch):
    monkeypatch.setattr(search_texts, "MAX_AWAITED_CHARS", 10)
    insert("long **bold**ness of many words")
    assert (found("words"), found("boldness")) == (["By hand"], [])
    assert search_texts.update_next()
    assert found("boldness") == ["By hand"]


def test_post_that_changes_while_it_is_indexed_stays_outdated(context, monkeypatch, write):
    post_id = write("Before")
    index_form = search_texts.visible_text

    def change(html):
        posts.update(post_id, SYSTEM, title="After", body="text")
        return index_form(html)

    search_texts.update_few()
    posts.update(post_id, SYSTEM, title="Between", body="text")
    monkeypatch.setattr(search_texts, "visible_text", change)
    search_texts.update_next()
    assert search_texts.has_outdated()
    monkeypatch.undo()
    assert (found("after"), found("between")) == (["After"], [])


def test_entry_without_a_post_is_deleted(context):
    db = get_db()
    db.execute("INSERT INTO search_text (post_id) VALUES (99)")
    db.execute("INSERT INTO post_words (rowid, title, body) VALUES (99, 'ghost', 'ghost')")
    assert found("ghost") == []
    assert db.execute("SELECT count(*) FROM post_words WHERE rowid = 99").fetchone()[0] == 0
    assert not search_texts.has_outdated()


def test_nothing_is_indexed_while_another_program_writes(app, write):
    write("Waiting")
    with app.app_context(), transaction(), app.app_context():
        assert not search_texts.update_next()
        assert found("waiting") == ["Waiting"]


def test_drafts_are_not_indexed(context, write):
    write("Secret", "hidden", status="draft")
    for table in ("post_words", "post_titles", "search_text"):
        count = get_db().execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        assert count == 1, table
    get_db().execute("UPDATE post SET status = 'published' WHERE title = 'Secret'")
    assert found("hidden") == ["Secret"]
    get_db().execute("UPDATE post SET status = 'draft' WHERE title = 'Secret'")
    assert found("hidden") == []


@pytest.mark.parametrize(
    ("language", "blog", "is_found"),
    (("", "en", True), ("en-GB", "de", True), ("", "de", False), ("de", "en", False)),
)
def test_endings_are_english_in_english_posts(context, language, blog, is_found, write):
    write("Post", "compiled", language=language)
    assert found("compiling", style=Style(blog)) == ["Post"] * is_found
