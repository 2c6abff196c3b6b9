import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.models import post_lists
from flaskr.models import series
from flaskr.models import tags
from flaskr.models import trash
from flaskr.models import users
from flaskr.models.permissions import SYSTEM

from ..databases import orphans
from ..databases import other_types
from ..databases import replace


def titles(page):
    return [post["title"] for post in page.posts]


def tag_id(name):
    return get_db().execute("SELECT id FROM tag WHERE name = ?", (name,)).fetchone()["id"]


def run(sql, *values):
    get_db().execute(sql, values)
    get_db().commit()


def expected(condition):
    """Return the ids of published posts that meet a condition, newest first, without an index."""
    return [
        row["id"]
        for row in get_db().execute(
            f"SELECT id FROM post WHERE {condition} AND kind || '' = 'post'"
            " AND status || '' = 'published' AND created <= CURRENT_TIMESTAMP"
            " ORDER BY created DESC, id DESC"
        )
    ]


def ids(page):
    return [post["id"] for post in page.posts]


def test_list_contains_posts_by_tag_or_author_newest_first(context, write):
    first = write("First", day=1, tags=["a"])
    write("Second", day=2, tags=["a", "b"])
    run("INSERT INTO coauthor (post_id, user_id, position) VALUES (?, 2, 1)", first)
    assert titles(post_lists.with_tag(tag_id("a"))) == ["Second", "First"]
    assert titles(post_lists.with_tag(tag_id("b"))) == ["Second"]
    assert titles(post_lists.by_author(1)) == ["Second", "First", "test title"]
    assert titles(post_lists.by_author(2)) == ["First"]


@pytest.mark.parametrize(
    "fields", ({"status": "draft"}, {"created": "2999-01-01 00:00:00"}, {"kind": "page"})
)
def test_lists_contain_no_hidden_posts(context, fields, write):
    write("Hidden", tags=["a"], **fields)
    assert titles(post_lists.with_tag(tag_id("a"))) == []
    assert titles(post_lists.by_author(1)) == ["test title"]
    assert titles(post_lists.between("0001-01-01 00:00:00", "9999-01-01 00:00:00")) == [
        "test title"
    ]


def test_lists_are_paginated_in_both_directions(context, write):
    for day in range(1, 13):
        write(f"Post {day}", day=day, tags=["a"])
    for read in (
        lambda **at: post_lists.with_tag(tag_id("a"), **at),
        lambda **at: post_lists.by_author(1, **at, per_page=10),
        lambda **at: post_lists.between("2020-01-01 00:00:00", "2020-01-13 00:00:00", **at),
    ):
        first = read()
        assert titles(first) == [f"Post {day}" for day in range(12, 2, -1)]
        assert first.newer is None
        second = read(before=first.older)
        assert titles(second)[:2] == ["Post 2", "Post 1"]
        assert titles(read(after=second.newer)) == titles(first)
        with pytest.raises(errors.NotFound):
            read(before="nonsense")


def test_month_includes_its_first_second_and_excludes_that_of_the_next(context, write):
    write("In", created="2020-03-01 00:00:00")
    write("Out", created="2020-04-01 00:00:00")
    assert titles(post_lists.between("2020-03-01 00:00:00", "2020-04-01 00:00:00")) == ["In"]


CHANGES = (
    pytest.param("REPLACE INTO post_tag (post_id, tag_id) VALUES (1, 1)", marks=replace),
    "INSERT INTO coauthor (post_id, user_id, position) VALUES (1, 1, 2)",
    "INSERT INTO post (title, body, author_id) VALUES ('By SQL', '', 2)",
    "INSERT INTO post (title, body, author_id, created) VALUES ('By SQL', '', 2, '2018-1-5')",
    pytest.param(
        "REPLACE INTO post (id, title, body, author_id) VALUES (1, 'Other', '', 2)", marks=replace
    ),
    "UPDATE post SET created = '2019/1/1'",
    pytest.param("UPDATE post SET created = 1514764800", marks=other_types),
    "UPDATE post SET status = 'draft'",
    "UPDATE post SET kind = 'page'",
    "UPDATE post SET author_id = 2",
    "INSERT INTO post_tag (post_id, tag_id) VALUES (1, 2)",
    "UPDATE post_tag SET tag_id = 2",
    "DELETE FROM post_tag",
    "DELETE FROM tag",
    "UPDATE coauthor SET user_id = 1",
    "DELETE FROM coauthor",
    "INSERT INTO series_post (post_id, series_id, part) VALUES (2, 1, 3)",
    "UPDATE series_post SET part = 7",
    "DELETE FROM series_post",
    "DELETE FROM series",
    "DELETE FROM post",
)


@pytest.mark.parametrize("change", CHANGES)
def test_lists_follow_every_change(context, change, write):
    write("Another", day=1)
    write("A third", day=2, tags=["a"], series="S")
    tags.set_for_post(1, ["a"])
    series.set_for_post(1, "S", 1)
    run("INSERT INTO tag (name, name_key, slug) VALUES ('b', 'b', 'b')")
    run("INSERT INTO coauthor (post_id, user_id, position) VALUES (1, 2, 1), (3, 2, 1)")
    run(change)
    for number in (1, 2):
        tagged = f"id IN (SELECT post_id FROM post_tag WHERE tag_id = {number})"
        assert ids(post_lists.with_tag(number)) == expected(tagged)
        shared = f"id IN (SELECT post_id FROM coauthor WHERE user_id = {number})"
        assert ids(post_lists.by_author(number)) == expected(f"(author_id = {number} OR {shared})")
    parts = expected("id IN (SELECT post_id FROM series_post WHERE series_id = 1)")
    found = ids(series.page(1)) if parts else []
    assert sorted(found, reverse=True) == sorted(parts, reverse=True)


def test_link_moved_to_a_draft_is_not_listed(context, write):
    draft = write("Draft", status="draft")
    tags.set_for_post(1, ["a"])
    series.set_for_post(1, "S")
    run("INSERT INTO coauthor (post_id, user_id, position) VALUES (1, 2, 1)")
    for table in ("post_tag", "coauthor", "series_post"):
        run(f"UPDATE {table} SET post_id = ?", draft)
    assert (ids(post_lists.with_tag(1)), ids(post_lists.by_author(2))) == ([], [])
    with pytest.raises(errors.NotFound):
        series.page(1)


@orphans
@pytest.mark.parametrize(
    "change",
    (
        "DELETE FROM post WHERE id = 1",
        "REPLACE INTO post (id, title, body, author_id, status) VALUES (1, 'A', '', 1, 'draft')",
    ),
)
def test_lists_follow_programs_without_foreign_keys(context, change):
    tags.set_for_post(1, ["a"])
    run("PRAGMA foreign_keys = OFF")
    run(change)
    (link,) = get_db().execute("SELECT listed FROM post_tag")
    assert link["listed"] is None


def test_author_who_is_also_a_co_author_stays_listed(context):
    run("INSERT INTO coauthor (post_id, user_id, position) VALUES (1, 1, 1)")
    run("DELETE FROM coauthor")
    assert titles(post_lists.by_author(1)) == ["test title"]


def test_restored_post_is_listed_again(context, write):
    post_id = write("Back", day=1, tags=["a"], series="S", part=4)
    trash.put(post_id, SYSTEM)
    assert titles(post_lists.with_tag(tag_id("a"))) == []
    trash.restore(post_id, users.find(1))
    assert titles(post_lists.with_tag(tag_id("a"))) == ["Back"]
    assert titles(post_lists.by_author(1))[0] == "Back"
    assert (series.for_post(post_id)["name"], series.for_post(post_id)["part"]) == ("S", 4)


NEWEST = "post USING COVERING INDEX post_newest (kind=? AND status=? AND created"


@pytest.mark.parametrize("at", ({}, {"before": "2020-06-01T00:00:00~1"}))
@pytest.mark.parametrize(
    ("read", "index"),
    (
        (post_lists.with_tag, "post_tag USING COVERING INDEX post_tag_tag (tag_id=? AND "),
        (post_lists.by_author, "coauthor USING COVERING INDEX coauthor_user (user_id=? AND "),
    ),
)
def test_list_is_read_in_the_order_of_an_index(plans, read, index, at):
    (plan,) = plans(lambda: read(1, **at))
    assert f"SEARCH {index}(listed,post_id)<(?,?))" in plan
    assert "SCAN post" not in plan


def test_posts_of_an_author_are_read_from_an_index(plans):
    (plan,) = plans(lambda: post_lists.by_author(1, before="2020-06-01T00:00:00~1"))
    index = "post_by_author (author_id=? AND status=? AND kind=? AND created<?)"
    assert f"SEARCH post USING COVERING INDEX {index}" in plan


@pytest.mark.parametrize("at", ("before", "after"))
def test_month_is_read_from_an_index(plans, at):
    start, end = "2020-01-01 00:00:00", "2021-01-01 00:00:00"
    (plan,) = plans(lambda: post_lists.between(start, end, **{at: "2020-06-01T00:00:00~1"}))
    assert f"SEARCH {NEWEST}>? AND created<?)" in plan
    assert "SCAN post" not in plan
