import re
from contextlib import suppress

import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.db import transaction
from flaskr.models import posts
from flaskr.models import search
from flaskr.models import search_index
from flaskr.models import search_names
from flaskr.models import search_texts
from flaskr.models import tags
from flaskr.models import trash
from flaskr.models.permissions import SYSTEM

from ..databases import last_ids
from ..databases import other_types
from ..databases import plans
from ..databases import replace


def found(typed, page=1):
    return [post["title"] for post in search.find(typed, page).posts]


@pytest.fixture
def blog(context, write):
    """Create posts in several languages."""
    write("Bread", "Flour, water and a *wild* sourdough.", tags=["Baking"])
    write("Crème brûlée", "Sugar, and fire.", tags=["Baking", "Dessert"])
    write("東京の朝", "日本語で書く。", tags=["旅行"])
    write("กรุงเทพ", "สวัสดีชาวโลก")
    write("Party", "We had 🎉 and water.")


@pytest.mark.parametrize(
    ("typed", "titles"),
    (
        ("bread", ["Bread"]),
        ("BREAD", ["Bread"]),
        ("creme", ["Crème brûlée"]),
        ("BRÛLÉE", ["Crème brûlée"]),
        ("water", ["Party", "Bread"]),
        ("water flour", ["Bread"]),
        ("water -flour", ["Party"]),
        ('"wild sourdough"', ["Bread"]),
        ('"sourdough wild"', []),
        ("sour", ["Bread"]),
        ("sour bread", []),
        ("baking", ["Crème brûlée", "Bread"]),
        ("baking water", ["Bread"]),
        ("baking dessert", ["Crème brûlée"]),
        ("baking -fire", ["Bread"]),
        ("water -baking", ["Party"]),
        ("-water", []),
        ("日本語", ["東京の朝"]),
        ("日本", ["東京の朝"]),
        ("東京の朝 日本語", ["東京の朝"]),
        ("日本語 sugar", []),
        ("日本語 -書く", []),
        ("日本語 -sugar", ["東京の朝"]),
        ("日本語 東京", ["東京の朝"]),
        ("旅行", ["東京の朝"]),
        ("旅行 書", ["東京の朝"]),
        ("ชาวโลก", ["กรุงเทพ"]),
        ("🎉", ["Party"]),
        ("🎉 water", ["Party"]),
        ("water -🎉", ["Bread"]),
        ("f", []),
        ("", []),
    ),
)
def test_posts_are_found(blog, typed, titles):
    assert found(typed) == titles


def test_pages_are_found(context, write):
    write("About", "Who we are.", kind="page")
    assert found("who") == ["About"]


def test_matches_in_titles_come_first_then_newer_posts(context, write):
    write("Old title with yeast", "", created="2001-01-01 00:00:00")
    write("Old text", "yeast", created="2002-01-01 00:00:00")
    write("Tagged", "", tags=["Yeast"], created="2003-01-01 00:00:00")
    write("New text", "yeast", created="2004-01-01 00:00:00")
    write("New title with yeast", "", created="2005-01-01 00:00:00")
    write("More text", "yeast and yeast", created="2000-01-01 00:00:00")
    write("Yeast", "", created="2000-01-01 00:00:00")
    assert found("yeast") == [
        "Yeast",
        "New title with yeast",
        "Old title with yeast",
        "Tagged",
        "More text",
        "New text",
        "Old text",
    ]


@pytest.mark.parametrize("typed", ("needle", "旅行", "kneadable", "needle kneadable", "日本語の針"))
def test_drafts_scheduled_posts_and_the_trash_are_never_found(context, typed, write):
    text = {"title": "Needle 旅行", "body": "kneadable 日本語の針", "tags": ["needle", "旅行"]}
    write(**text, status="draft")
    write(**text, created="2999-01-01 00:00:00")
    trash.put(write(**text), SYSTEM)
    assert found(typed) == []
    assert search.suggest("needle") == []
    post_id = write(**text)
    assert [post["id"] for post in search.find(typed).posts] == [post_id]


@replace
def test_rows_written_by_plain_sql_are_found(context):
    db = get_db()
    db.execute("INSERT INTO post (author_id, title, body) VALUES (1, 'By hand', 'unkempt')")
    assert found("unkempt") == ["By hand"]
    db.execute("UPDATE post SET body = 'combed' WHERE title = 'By hand'")
    assert (found("unkempt"), found("combed")) == ([], ["By hand"])
    db.execute("UPDATE post SET id = 77 WHERE title = 'By hand'")
    assert found("combed") == ["By hand"]
    db.execute("REPLACE INTO post (id, author_id, title, body) VALUES (77, 1, '旅行記', 'x')")
    assert (found("combed"), found("旅行記")) == ([], ["旅行記"])
    db.execute("DELETE FROM post")
    assert found("旅行記") == []
    for table in ("post_words", "post_titles", "post_letters", "search_text"):
        assert db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0
    for table in search_texts.INDEXES:
        db.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")


def test_posts_created_together_are_found(context, write):
    with transaction(), search_index.index_new_posts_together():
        write("First", "needle")
        write("Second", "needle 旅行記")
        write("Draft", "needle", status="draft")
        get_db().execute("UPDATE post SET body = 'thread' WHERE title = 'First'")
    assert (found("needle"), found("旅行記"), found("thread")) == (
        ["Second"],
        ["Second"],
        ["First"],
    )
    write("Third", "needle")
    assert found("needle") == ["Third", "Second"]


def test_posts_that_were_not_created_together_are_found_as_well(context, write):
    with suppress(ZeroDivisionError), transaction(), search_index.index_new_posts_together():
        raise ZeroDivisionError
    write("After", "needle")
    assert found("needle") == ["After"]


@pytest.mark.parametrize("value", ("x'ff00fe'", "12", "1.5", "'a' || char(0) || 'b'", "''"))
@other_types
def test_any_value_from_plain_sql_can_be_searched_and_deleted(context, value):
    db = get_db()
    db.execute(f"INSERT INTO post (author_id, title, body) VALUES (1, {value}, {value})")
    db.execute(f"UPDATE post SET body = 'needle' || {value} WHERE id = 2")
    for typed in ("needle", "旅", "12", "a b", "旅行記"):
        search.find(typed)
    db.execute("DELETE FROM post WHERE id = 2")
    db.execute("INSERT INTO post_words (post_words) VALUES ('integrity-check')")
    assert found("needle") == []


@last_ids
def test_index_does_not_change_the_last_insert_id(context):
    cursor = get_db().execute("INSERT INTO post (author_id, title, body) VALUES (1, 'x', 'x')")
    assert posts.get(cursor.lastrowid, None)["title"] == "x"


def test_tag_is_found_beside_many_tags_with_another_word(context, write):
    many = [f"Walk {number}" for number in range(search_names.MAX_CANDIDATES)]
    write("One", "", tags=[*many[:10], "Dunes"])
    for start in range(10, len(many), 10):
        write("Other", "", tags=many[start : start + 10])
    write("Another", "", tags=["Dunes"])
    assert found("walk dunes") == ["One"]
    assert found("dunes -walk") == ["Another"]


@replace
def test_tag_is_found_by_its_current_name(blog):
    tag = tags.get_by_slug("baking")
    tags.rename(tag["id"], "Ovens", SYSTEM)
    assert (found("baking"), found("ovens")) == ([], ["Crème brûlée", "Bread"])
    tags.delete(tag["id"], SYSTEM)
    assert found("ovens") == []
    db = get_db()
    db.execute("DELETE FROM tag")
    db.execute("INSERT INTO tag (name, name_key, slug) VALUES ('X', 'x', 'x')")
    db.execute("UPDATE tag SET id = 99")
    db.execute("REPLACE INTO tag (id, name, name_key, slug) VALUES (99, 'Y', 'y', 'y')")
    assert [tuple(row) for row in db.execute("SELECT rowid, name FROM tag_words")] == [(99, "Y")]


def test_results_are_paginated_beyond_the_ranked_ones(context, monkeypatch, write):
    monkeypatch.setattr(search, "MAX_BY_TITLE", 12)
    monkeypatch.setattr(search, "MAX_NEWEST", 20)
    with transaction():
        for number in range(45):
            write(f"Needle {number:03}", created=f"2020-01-01 00:00:{number:02}")
    first = search.find("needle")
    assert (first.total, first.is_total, first.has_next, len(first.posts)) == (32, False, True, 10)
    everything = [title for page in range(1, 6) for title in found("needle", page)]
    assert everything == [f"Needle {number:03}" for number in reversed(range(45))]
    last = search.find("needle", 5)
    assert (last.total, last.is_total, last.has_next, len(last.posts)) == (45, True, False, 5)
    for page in (0, 6, -1):
        with pytest.raises(errors.NotFound):
            search.find("needle", page)


def test_old_posts_with_a_common_word_in_the_title_are_found(context, monkeypatch, write):
    monkeypatch.setattr(search, "MAX_NEWEST", 10)
    monkeypatch.setattr(search, "POSTS_PER_QUERY", 3)
    with transaction():
        write("The needle of old", "hay")
        for _ in range(40):
            write("Hay", "hay and a needle")
    results = search.find("needle")
    assert results.posts[0]["title"] == "The needle of old"
    assert (results.total, results.is_total) == (11, False)
    # A rare match is found in the oldest post, even with gaps in the ids.
    get_db().execute("UPDATE post SET id = 1000000000 WHERE id = 40")
    write("Last", "pin")
    results = search.find("pin")
    assert (results.total, results.is_total) == (1, True)


LONG = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"


@pytest.mark.parametrize(
    ("typed", "is_found"),
    (
        (f'"{LONG}"', True),
        (f'"{LONG}" a', True),
        (f'"{LONG}" b', False),
        ('"one two three five"', False),
        ('"one two three" "four five six"', True),
        ('"one two three" "five four six"', False),
        ('"twelve thirteen fourteen one"', False),
        (f'a -"{LONG}"', False),
        ('a -"two one"', True),
        ('a -"one two"', False),
        ("日本語で書くのはとても楽しいと思う", True),
        ("日本語で書くのはとても楽しいと思え", False),
        ("楽しい a", True),
        ("楽しい b", False),
        ("楽しい -b", True),
        ("楽しい -one", False),
    ),
)
def test_terms_that_the_index_is_not_asked_for_are_compared(context, typed, is_found, write):
    write("A", f"{LONG} 日本語で書くのはとても楽しいと思う a")
    assert found(typed) == ["A"] * is_found


def test_only_the_newest_matches_are_read(context, monkeypatch, write):
    monkeypatch.setattr(search_index, "MAX_CANDIDATES", 3)
    for number in range(5):
        write(f"Post {number}", "needle 🎉", tags=["hay"] if number else [])
    for typed, total in (("needle", 3), ("needle -hay", 0), ("🎉", 3)):
        results = search.find(typed)
        assert (results.total, results.is_total) == (total, False)


@pytest.mark.parametrize(("age", "is_found"), ((1, True), (5, True), (6, False)))
def test_phrase_of_common_words_is_found_in_newer_posts(context, monkeypatch, age, is_found, write):
    monkeypatch.setattr(search_index, "MAX_CANDIDATES", 3)
    monkeypatch.setattr(search_index, "PHRASE_RANGES", 3)
    for number in range(9):
        write(f"Post {number}", "hay stack" if number == 8 - age else "stack hay")
    results = search.find('"hay stack"')
    assert [post["title"] for post in results.posts] == [f"Post {8 - age}"] * is_found
    assert not results.is_total


@pytest.mark.parametrize(
    ("typed", "titles"),
    (("日本語 needle", ["Both"]), ("日本語 thread", []), ("日本語 nee", ["Both"])),
)
def test_common_word_is_compared_with_posts_in_unspaced_scripts(
    context, monkeypatch, typed, titles, write
):
    monkeypatch.setattr(search_index, "MAX_CANDIDATES", 2)
    write("Both", "日本語 needle")
    write("Neither", "日本語")
    for number in range(3):
        write(f"Post {number}", "needle thread")
    assert found(typed) == titles


def test_phrase_is_found_only_where_its_words_follow_each_other(context, write):
    write("Pairs", "They want to leave, and I want to stay, but to get there is hard.")
    write("Title: want to get", "and to go")
    write("Phrase", "We want to get there.")
    assert found('"want to get"') == ["Title: want to get", "Phrase"]
    assert found("leave-to-get") == []


@pytest.mark.parametrize("typed", ("needle one two three four five six", 'needle -"a thread"'))
def test_only_some_texts_are_compared(context, monkeypatch, typed, write):
    monkeypatch.setattr(search, "MAX_CHECKED_POSTS", 2)
    for number in range(4):
        write(f"Post {number}", "needle one two three four five six")
    results = search.find(typed)
    assert (results.total, results.is_total) == (2, False)


def test_prefix_is_completed_to_a_limited_number_of_words(context, monkeypatch, write):
    monkeypatch.setattr(search_index, "MAX_COMPLETIONS", 2)
    with transaction():
        for number in range(5):
            write(f"Post {number}", f"needle{number}")
    assert found("needle") == ["Post 1", "Post 0"]


@pytest.mark.parametrize("typed", ("sun", "su"))
def test_frequent_words_do_not_keep_a_prefix_from_its_other_words(context, write, typed):
    write("Flowers", "A sunflower.")
    with transaction():
        for number in range(search_index.MAX_COMPLETIONS):
            write(f"Post {number}", "The sun.")
    assert len(found(typed)) == search.PER_PAGE
    assert found(typed, 3)[-1] == "Flowers"


def test_titles_are_suggested(blog):
    assert [post["title"] for post in search.suggest("cre")] == ["Crème brûlée"]
    for typed in ("", "sugar", "日本語", "-cre"):
        assert search.suggest(typed) == []


HOSTILE = (
    "\0",
    '"',
    "'",
    "*",
    "(",
    "AND",
    "NOT",
    "NEAR(",
    "-",
    "^",
    "🎉",
    "日",
    "a" * 10_000,
    "\ud800",
    "\ue000\ue001",
    "c++ .net",
    "a-b'c",
)


@pytest.mark.parametrize("first", HOSTILE, ids=range(len(HOSTILE)))
def test_any_input_is_a_valid_query(blog, first):
    for second in HOSTILE:
        for typed in (first + second, f"{first} {second}", f'"{first} {second}'):
            assert search.find(typed).total >= 0
            search.suggest(typed)


@plans
def test_searches_do_not_scan_all_posts(blog):
    seen = []
    get_db().set_trace_callback(seen.append)
    for typed in (
        "water",
        "water -fire -baking -🎉",
        "日本語 water",
        "日本",
        "baking water",
        "sou",
    ):
        search.find(typed)
    get_db().set_trace_callback(None)
    asked = [one for one in seen if one.lstrip().startswith("SELECT") and "post_terms" not in one]
    assert len(asked) > 20
    for statement in asked:
        plan = " ".join(
            row["detail"] for row in get_db().execute(f"EXPLAIN QUERY PLAN {statement}")
        )
        assert not re.search(r"SCAN post\b(?! USING)|TEMP B-TREE", plan), statement
