import re

import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.models import lists
from flaskr.models import posts
from flaskr.models import series
from flaskr.models import tags
from flaskr.models import trash
from flaskr.models import users
from flaskr.models.permissions import SYSTEM


def titles(page):
    return [post["title"] for post in page.posts]


def write(title, day=1, **fields):
    created = fields.pop("created", f"2020-01-{day:02} 00:00:00")
    return posts.create(author_id=1, user=SYSTEM, title=title, body="", created=created, **fields)


def tag_id(name):
    return get_db().execute("SELECT id FROM tag WHERE name = ?", (name,)).fetchone()["id"]


def run(sql, *values):
    get_db().execute(sql, values)
    get_db().commit()


def listed():
    return {tuple(row) for row in get_db().execute("SELECT * FROM listed")}


def wanted():
    return {
        tuple(row)
        for row in get_db().execute(
            "SELECT list, list_id, part, CAST(created AS TEXT), post_id FROM listing"
        )
    }


def test_a_list_holds_what_has_its_tag_or_author_newest_first(context):
    first = write("First", 1, tags=["a"])
    write("Second", 2, tags=["a", "b"])
    run("INSERT INTO coauthor VALUES (?, 2, 1)", first)
    assert titles(lists.with_tag(tag_id("a"))) == ["Second", "First"]
    assert titles(lists.with_tag(tag_id("b"))) == ["Second"]
    assert titles(lists.by_author(1)) == ["Second", "First", "test title"]
    assert titles(lists.by_author(2)) == ["First"]


@pytest.mark.parametrize(
    "fields", ({"status": "draft"}, {"created": "2999-01-01 00:00:00"}, {"kind": "page"})
)
def test_no_list_holds_what_is_not_to_be_seen(context, fields):
    write("Hidden", tags=["a"], **fields)
    assert titles(lists.with_tag(tag_id("a"))) == []
    assert titles(lists.by_author(1)) == ["test title"]
    assert titles(lists.between("0001-01-01 00:00:00", "9999-01-01 00:00:00")) == ["test title"]


def test_every_list_leads_on_and_back(context):
    for day in range(1, 13):
        write(f"Post {day}", day, tags=["a"])
    for read in (
        lambda **at: lists.with_tag(tag_id("a"), **at),
        lambda **at: lists.by_author(1, **at, per_page=10),
        lambda **at: lists.between("2020-01-01 00:00:00", "2020-01-13 00:00:00", **at),
    ):
        first = read()
        assert titles(first) == [f"Post {day}" for day in range(12, 2, -1)]
        assert first.newer is None
        second = read(before=first.older)
        assert titles(second)[:2] == ["Post 2", "Post 1"]
        assert titles(read(after=second.newer)) == titles(first)
        with pytest.raises(errors.NotFound):
            read(before="nonsense")


def test_a_month_holds_its_first_second_and_not_that_of_the_next(context):
    write("In", created="2020-03-01 00:00:00")
    write("Out", created="2020-04-01 00:00:00")
    assert titles(lists.between("2020-03-01 00:00:00", "2020-04-01 00:00:00")) == ["In"]


WITHOUT_EFFECT = (
    "INSERT OR REPLACE INTO post_tag VALUES (1, 1)",
    "INSERT INTO coauthor VALUES (1, 1, 2)",
)
CHANGES = (
    *WITHOUT_EFFECT,
    "INSERT INTO post (title, body, author_id) VALUES ('By SQL', '', 2)",
    "INSERT INTO post (title, body, author_id, created) VALUES ('By SQL', '', 2, '2018-1-5')",
    "INSERT OR REPLACE INTO post (id, title, body, author_id) VALUES (1, 'Other', '', 2)",
    "UPDATE post SET created = '2019/1/1'",
    "UPDATE post SET created = 1514764800",
    "UPDATE post SET status = 'draft'",
    "UPDATE post SET kind = 'page'",
    "UPDATE post SET author_id = 2",
    "INSERT INTO post_tag VALUES (1, 2)",
    "UPDATE post_tag SET tag_id = 2",
    "DELETE FROM post_tag",
    "DELETE FROM tag",
    "UPDATE coauthor SET user_id = 1",
    "DELETE FROM coauthor",
    "INSERT INTO series_post VALUES (2, 1, 3)",
    "UPDATE series_post SET part = 7",
    "DELETE FROM series_post",
    "DELETE FROM series",
    "DELETE FROM post",
)


@pytest.mark.parametrize("change", CHANGES)
def test_the_lists_are_true_whoever_changed_what(context, change):
    write("Another")
    tags.set_for_post(1, ["a"])
    series.set_for_post(1, "S", 1)
    run("INSERT INTO tag (name, name_key, slug) VALUES ('b', 'b', 'b')")
    run("INSERT INTO coauthor VALUES (1, 2, 1)")
    assert len(listed()) == 5
    before = listed()
    run(change)
    assert listed() == wanted()
    assert (listed() == before) is (change in WITHOUT_EFFECT)


def test_an_author_who_is_also_named_as_another_stays_on_their_list(context):
    run("INSERT INTO coauthor VALUES (1, 1, 1)")
    run("DELETE FROM coauthor")
    assert titles(lists.by_author(1)) == ["test title"]


def test_a_post_from_the_trash_is_on_its_lists_again(context):
    post_id = write("Back", tags=["a"], series="S", part=4)
    before = listed()
    trash.put(post_id, SYSTEM)
    assert listed() == wanted() != before
    trash.restore(post_id, users.find(1))
    assert {row[0] for row in listed()} == {"author", "tag", "series"}
    assert (series.of_post(post_id)["name"], series.of_post(post_id)["part"]) == ("S", 4)


LIST = "listed USING PRIMARY KEY (list=? AND list_id=? AND part=? AND (created,post_id)"
DATES = "post USING INDEX post_newest (kind=? AND status=? AND "


@pytest.mark.parametrize(
    ("read", "before", "after"),
    (
        (lists.with_tag, f"{LIST}<(?,?))", f"{LIST}>(?,?) AND (created,post_id)<(?,?))"),
        (lists.by_author, f"{LIST}<(?,?))", f"{LIST}>(?,?) AND (created,post_id)<(?,?))"),
        (
            lambda _, **at: lists.between("2020-01-01 00:00:00", "2021-01-01 00:00:00", **at),
            f"{DATES}created>? AND created<?)",
            f"{DATES}created>? AND created<?)",
        ),
    ),
)
def test_every_list_is_read_off_an_index(plans, read, before, after):
    for at, index in (("before", before), ("after", after)):
        (plan,) = plans(lambda at=at: read(1, **{at: "2020-06-01T00:00:00~1"}))
        assert index in plan
        assert not re.search("SCAN|TEMP B-TREE", plan)
