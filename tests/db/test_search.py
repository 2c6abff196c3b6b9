"""Searches find the same on both engines."""

import pytest

from flaskr import create_app
from flaskr.db import get_db
from flaskr.db import init_db
from flaskr.db import postgres
from flaskr.db import postgres_schema
from flaskr.db import transaction
from flaskr.models import consistency
from flaskr.models import post_titles
from flaskr.models import posts
from flaskr.models import related_posts
from flaskr.models import search
from flaskr.models import search_postgres
from flaskr.models import search_texts
from flaskr.models import users
from flaskr.models.permissions import SYSTEM
from flaskr.text import scripts

from ..models.test_search import HOSTILE
from ..models.test_search import LONG
from ..models.test_search_table import read_posts
from ..models.test_search_table import read_queries

MORE_POSTS = (
    ("Bread", "Flour, water and a *wild* sourdough.", "Baking"),
    ("Crème brûlée", "Sugar, and fire. We'll see: it's C++.", "Baking, Dessert"),
    ("東京の朝", "日本語で書くのはとても楽しいと思う。", "旅行"),
    ("กรุงเทพ", "สวัสดีชาวโลก", ""),
    ("Party", "We had 🎉 and water.", "🎉"),
    ("Long", f"{LONG} 日本語で書く", ""),
    ("हिन्दी", "हिन्दी में लिखना", ""),
)
MORE_QUERIES = (
    *("bread", "BREAD", "creme", "BRÛLÉE", "water", "water flour", "water -flour", "wat", "wate"),
    *('"wild sourdough"', '"sourdough wild"', "sour", "sour bread", "baking", "baking water"),
    *("baking dessert", "baking -fire", "water -baking", "-water", "日本語", "日本", "旅行"),
    *("東京の朝 日本語", "日本語 sugar", "日本語 -書く", "日本語 -sugar", "日本語 東京", "旅行 書"),
    *("ชาวโลก", "🎉", "🎉 water", "water -🎉", "f", "", "bakin", "dess", "हिन्दी", "हिन्"),
    *(f'"{LONG}"', f'"{LONG}" 日本', '"one two three five"', '"one two three" "four five six"'),
    *('"one two three" "five four six"', '"twelve thirteen fourteen one"', f'water -"{LONG}"'),
    *('two -"two one"', 'two -"one two"', "日本語で書くのはとても楽しいと思う", "日本語 two"),
    *(
        "日本語で書くのはとても楽しいと思え",
        "sourdouhg",
        "brulle",
        "цветы",
        "goverance",
        "cmopiler",
    ),
    *("łukasik", "zoe lukasik", "lodz", "كتب", "release", "releases", "C++", "c", "release -notes"),
)
QUERIES = [*dict.fromkeys([*read_queries(), *MORE_QUERIES, *HOSTILE, *map("a {}".format, HOSTILE)])]


def write_library():
    """Write the posts of the shared table and more, the first one last."""
    with transaction():
        users.create_without_password("test")
        for number, (title, fields) in enumerate(read_posts()):
            fields["tags"] = fields.get("tags", "").split(", ")
            if name := fields.pop("author", ""):
                fields["author_id"] = users.create_without_password(name)
            write(title, created=f"2020-01-{28 - number:02} 00:00:00", **fields)
        for title, body, tags in MORE_POSTS:
            write(title, body, tags=tags.split(", "), created="2019-01-01 00:00:00")


def write(title="A title", body="text", **fields):
    """Write a post by the first author."""
    return posts.create(**{"author_id": 1, "user": SYSTEM, "title": title, "body": body, **fields})


@pytest.fixture(scope="module")
def urls(connect_to_postgresql, postgresql_folder):
    """The addresses of a database with the library, and of another one."""
    names = ("library", "little")
    with connect_to_postgresql() as db:
        for name in names:
            db.execute(f"CREATE DATABASE {name}")
    yield [f"postgresql://flaskr@/{name}?host={postgresql_folder}" for name in names]
    postgres.close_idle()


@pytest.fixture(scope="module")
def libraries(urls, tmp_path_factory):
    """The same blog on both engines."""
    folder = tmp_path_factory.mktemp("library")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLASKR_INSTANCE_PATH", str(folder))
        databases = [str(folder / "flaskr.sqlite"), urls[0]]
        apps = [create_app({"TESTING": True, "DATABASE": one}) for one in databases]
    for app in apps:
        with app.app_context():
            init_db()
            write_library()
            while search_texts.update_next():
                pass
    return apps


@pytest.fixture
def blog(urls):
    """A blog on PostgreSQL with one author and no posts."""
    app = create_app({"TESTING": True, "DATABASE": urls[1]})
    with app.app_context():
        init_db()
        empty = """DELETE FROM post; TRUNCATE tag, "user", series RESTART IDENTITY CASCADE"""
        get_db().executescript(empty)
        users.create_without_password("test")
        yield app


def describe(app, typed):
    """Return all that a search finds."""
    with app.app_context():
        results, suggested = search.find(typed), search.suggest(typed)
    return (
        [post["title"] for post in results.posts],
        [name["name"] for name in results.names],
        (results.total, results.is_total, results.suggestion),
        [post["title"] for post in suggested],
    )


def list_titles(app, typed):
    with app.app_context():
        return [post["title"] for post in post_titles.find(SYSTEM, typed)]


def list_related(app):
    """Return the ids of the related posts of each post."""
    with app.app_context():
        related = map(related_posts.find_related, consistency.post_ids())
        return [[post["id"] for post in found] for found in related]


def found(typed):
    return [post["title"] for post in search.find(typed).posts]


def stored_words():
    return [row["word"] for row in get_db().execute("SELECT word FROM search_word ORDER BY word")]


def terms():
    return [row["term"] for row in get_db().execute("SELECT term FROM post_terms ORDER BY term")]


def test_every_query_finds_the_same_on_both_engines(libraries):
    assert len(QUERIES) > 180
    lite, other = ({typed: describe(app, typed) for typed in QUERIES} for app in libraries)
    assert {typed: other[typed] for typed in QUERIES if other[typed] != lite[typed]} == {}
    assert sum(bool(titles) for titles, *_ in other.values()) > 100


@pytest.mark.parametrize("typed", ("", "CAFE", "us 1.8", "ёлка", "東京", "files wide", "اللغة"))
def test_titles_to_link_to_are_the_same_on_both_engines(libraries, typed):
    lite, other = (list_titles(app, typed) for app in libraries)
    assert lite == other != []


def test_related_posts_are_the_same_on_both_engines(libraries):
    lite, other = map(list_related, libraries)
    assert lite == other
    assert sum(map(len, lite)) > 5


def test_rows_written_by_plain_sql_are_found(blog):
    db = get_db()
    with db:
        db.execute("INSERT INTO post (id, author_id, title, body) VALUES (5, 1, 'By hand', 'lost')")
    assert found("lost") == found("hand") == ["By hand"]
    with db:
        db.execute("UPDATE post SET body = 'combed', title = '旅行記' WHERE id = 5")
    assert (found("lost"), found("combed"), found("旅行記")) == ([], ["旅行記"], ["旅行記"])
    with db:
        db.execute("UPDATE post SET id = 77, status = 'published' WHERE id = 5")
    assert found("combed") == ["旅行記"]
    with db:
        db.execute("UPDATE post SET status = 'draft'")
    assert (found("combed"), terms(), consistency.wrongly_indexed()) == ([], [], [])
    with db:
        db.execute("UPDATE post SET status = 'published'")
        db.execute("DELETE FROM post")
    assert (found("combed"), found("旅行記"), terms(), consistency.wrongly_indexed()) == (
        [],
        [],
        [],
        [],
    )


def test_markdown_is_found_until_it_is_rendered(blog, monkeypatch):
    monkeypatch.setattr(search_texts, "MAX_AWAITED_POSTS", 0)
    write("Straße", "**Łódź**ness, Ёлка! Go wi-fi. ÆØ 日本語で", summary="ﬁne")
    for typed in ("strasse", "fine", "елка", '"wi fi"', "aeo", "日本語で", "日本"):
        assert found(typed) == ["Straße"], typed
    assert found("lodzness") == []
    search_texts.update_next()
    assert found("lodzness") == ["Straße"]


def test_words_of_the_index_are_those_of_its_posts(blog):
    first = write("Sea", "sea shore")
    write("Sand", "sea sand")
    assert terms() == ["sand", "sea", "shore"]
    posts.update(first, SYSTEM, title="Sea", body="hill")
    assert terms() == ["hill", "sand", "sea"]
    search_texts.update_few()
    assert stored_words() == terms() == ["hill", "sand", "sea"]
    get_db().executescript(f"DELETE FROM post WHERE id = {first}")
    assert (terms(), stored_words()) == (["sand", "sea"], ["hill", "sand", "sea"])
    assert (search.find("hlil").suggestion, search.find("snad").suggestion) == ("", "sand")


def test_newest_posts_are_read_first_in_any_number_of_parts(blog, monkeypatch):
    def find(limit, *, newest=True):
        return search_postgres.find_ids("post_words", '"b"', 0, newest=newest, limit=limit)

    insert = "INSERT INTO post (id, author_id, title, body) VALUES (?, 1, 'A', 'b')"
    with get_db() as db:
        db.executemany(insert, [(1,), (2,), (5000,), (70_000,), (70_001,)])
    newest = [70_001, 70_000, 5000, 2, 1]
    # Two matches among the newest 4,096 are so few that 90 are searched among all at once.
    for limit in (1, 3, 9, 90):
        assert find(limit) == newest[:limit]
    assert find(2, newest=False) == [1, 2]


def test_trigrams_in_different_places_are_no_match(blog):
    write("A", "日本語 本語で")
    write("B", "日本語で")
    assert found("日本語で") == ["B"]


@pytest.mark.parametrize(
    "text",
    ("x" * 100_000, "e\u0323\u0301" * 20_000, "漢字" * 50_000, "\ufdfa" * 200, "' \\ \0 #1"),
    ids=("long word", "accents", "unspaced", "expanding", "quotes"),
)
def test_any_text_can_be_indexed_and_deleted(blog, text):
    with get_db() as db:
        insert = "INSERT INTO post (author_id, title, body) VALUES (1, 'needle', ?)"
        db.execute(insert, (text,))
        assert found("needle") == ["needle"]
        assert (found(text[:200]), found(f'"{text[:3]}"')) >= ([], [])
        db.execute("DELETE FROM post")
    assert terms() == []


def test_many_different_words_fit_into_the_index(blog):
    text = " ".join(f"{number:05}" for number in range(45_000))
    with get_db() as db:
        db.execute("INSERT INTO post (author_id, title, body) VALUES (1, 'All', ?)", (text,))
    assert (found("00000"), found("41000"), found("44999")) == (["All"], ["All"], [])


def test_names_are_found_by_their_current_words(blog):
    write("Post", "text", tags=["Łódź"], series="Straße")
    assert [name["name"] for name in search.find("lodz").names] == ["Łódź"]
    assert [name["name"] for name in search.find("strass").names] == ["Straße"]
    with get_db() as db:
        db.execute("UPDATE tag SET name = 'Gdańsk'")
    assert (found("lodz"), found("gdansk")) == ([], ["Post"])


def test_letters_of_unspaced_scripts_are_those_of_python():
    schema = postgres_schema.SCHEMA.read_text(encoding="utf-8")
    escaped = scripts.UNSPACED.encode("ascii", "backslashreplace").decode()
    assert f"'[{escaped}]'" in schema
