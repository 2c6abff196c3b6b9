import functools

import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.models import posts
from flaskr.models import series
from flaskr.models.permissions import SYSTEM


@pytest.fixture
def write(write):
    """Writes a part of the series “Learning”."""
    return functools.partial(write, series="Learning")


def learning():
    return series.get_by_slug("learning")


def titles(page=None):
    page = page or series.page(learning()["id"])
    return [post["title"] for post in page.posts]


def part(post_id):
    found = series.find_part(learning()["id"], post_id)
    around = [row["title"] if row else None for row in (found.previous, found.next)]
    return (found.number, found.total, *around)


def test_entering_a_name_creates_a_series_ordered_by_date(context, write):
    third, first, second = write("C", day=3), write("A", day=1), write("B", day=2)
    assert titles() == ["A", "B", "C"]
    assert part(first) == (1, 3, None, "B")
    assert part(second) == (2, 3, "A", "C")
    assert part(third) == (3, 3, "B", None)


def test_numbered_parts_come_before_the_others(context, write):
    write("B", day=1)
    write("Second", day=9, part=2)
    write("First", day=8, part=1)
    write("A", day=1)
    assert titles() == ["First", "Second", "B", "A"]


@pytest.mark.parametrize(
    "fields", ({"status": "draft"}, {"created": "2999-01-01 00:00:00"}, {"kind": "page"})
)
def test_hidden_posts_are_not_parts(context, fields, write):
    write("A", day=1)
    hidden = write("Hidden", **fields)
    write("B", day=2)
    assert titles() == ["A", "B"]
    assert series.find_part(learning()["id"], hidden) is None
    with pytest.raises(errors.NotFound):
        series.page(learning()["id"], after=hidden)


def test_series_ignore_case_and_keep_the_last_spelling_of_an_owner(context, write):
    write("A", day=1)
    write("B", day=1, series="  LEARNING ")
    assert titles() == ["A", "B"]
    assert learning()["name"] == "LEARNING"
    write("C", day=1, series="learning", user=None)
    assert series.recent_names() == ["LEARNING"]


def test_series_with_the_same_slug_gets_a_number(context, write):
    write("A", day=1, series="C++")
    write("B", day=1, series="C")
    assert [row["slug"] for row in get_db().execute("SELECT slug FROM series ORDER BY id")] == [
        "c",
        "c-2",
    ]


def test_empty_series_is_deleted(context, write):
    post_id = write("A", day=1)
    posts.update(post_id, SYSTEM, title="A", body="", series="Lerning")
    posts.update(post_id, SYSTEM, title="A", body="b")
    assert series.for_post(post_id)["name"] == "Lerning"
    posts.update(post_id, SYSTEM, title="A", body="", series=" ")
    assert series.for_post(post_id) is None
    assert series.recent_names() == []
    for slug in ("learning", "lerning"):
        with pytest.raises(errors.NotFound, match="no such series"):
            series.get_by_slug(slug)


def test_renamed_series_is_found_by_its_former_slugs(context, write):
    write("A", day=1)
    write("B", day=1, series="Else")
    number = learning()["id"]
    assert tuple(series.rename(number, " Teaching ", SYSTEM))[1:] == ("Teaching", "teaching")
    assert tuple(series.rename(number, "TEACHING", SYSTEM))[1:] == ("TEACHING", "teaching")
    with pytest.raises(errors.Moved) as moved:
        learning()
    assert moved.value.slug == "teaching"
    write("C", day=1, series="Learning")
    with pytest.raises(errors.Moved):
        learning()
    assert tuple(series.rename(number, "Learning!", SYSTEM))[1:] == ("Learning!", "learning")
    assert learning()["id"] == number
    with pytest.raises(errors.Moved):
        series.get_by_slug("teaching")


@pytest.mark.parametrize(
    ("name", "sentence"),
    (
        (" ", "Name is required."),
        ("ELSE", "Another series is called ELSE. Choose a different name."),
        ("x" * 201, "Series is too long: at most 200 characters."),
    ),
)
def test_invalid_new_name_leaves_the_series_unchanged(context, name, sentence, write):
    write("A", day=1)
    write("B", day=1, series="Else")
    with pytest.raises(errors.Invalid) as caught:
        series.rename(learning()["id"], name, SYSTEM)
    assert (caught.value.message, caught.value.field) == (sentence, "series")
    assert learning()["name"] == "Learning"


def test_overlong_name_is_refused(context, write):
    with pytest.raises(errors.Invalid, match="at most 200 characters") as caught:
        write("A", day=1, series="x" * 201)
    assert caught.value.field == "series"


def test_long_series_is_paginated(context, monkeypatch, write):
    monkeypatch.setattr(series, "PER_PAGE", 2)
    for day in range(1, 6):
        write(f"Part {day}", day=day)
    number = learning()["id"]
    first = series.page(number)
    assert (titles(first), first.start, first.total) == (["Part 1", "Part 2"], 1, 5)
    last = series.page(number, after=series.page(number, after=first.next_after).next_after)
    assert (titles(last), last.start, last.next_after) == (["Part 5"], 5, None)


@pytest.mark.parametrize("after", (1, 99, -1, 10**30))
def test_page_past_the_last_part_is_not_found(context, after, write):
    write("A", day=1)
    with pytest.raises(errors.NotFound):
        series.page(learning()["id"], after=after)


def test_parts_are_read_from_an_index(plans, write):
    post_id = write("A", day=1)
    number = learning()["id"]
    found = plans(lambda: (series.find_part(number, post_id), series.page(number)))
    assert len(found) == 4
    for plan in found:
        assert "SCAN series_post" not in plan
        assert "SCAN post" not in plan
