import pytest

from flaskr.models import posts
from flaskr.models import related_posts
from flaskr.models import series
from flaskr.models import users


def around(post_id):
    found = related_posts.find_adjacent(posts.get(post_id, users.find(1)))
    return [row["title"] if row else None for row in found]


def related(post_id):
    return [row["title"] for row in related_posts.find_related(post_id)]


def onward(post_id):
    in_series = series.for_post(post_id)
    part = series.find_part(in_series["id"], post_id) if in_series else None
    found = related_posts.find_onward(posts.get(post_id, users.find(1)), part)
    steps = [(step.label, step.post["title"]) for step in found[:2] if step]
    return steps, [row["title"] for row in found.related]


def test_no_post_is_twice_in_what_follows(context, write):
    ids = [write(f"Part {n}", day=n, tags=["a"], series="S", part=n) for n in (1, 2, 3)]
    others = [write(f"Other {n}", day=n + 3, tags=["a"]) for n in (1, 2)]
    assert onward(ids[1]) == (
        [("Previous part", "Part 1"), ("Next part", "Part 3")],
        ["Other 2", "Other 1"],
    )
    assert onward(ids[2]) == (
        [("Previous part", "Part 2"), ("Newer", "Other 1")],
        ["Other 2", "Part 1"],
    )
    assert onward(others[1]) == ([("Older", "Other 1")], ["Part 3", "Part 2", "Part 1"])
    assert onward(1) == ([("Newer", "Part 1")], [])


def test_parts_against_the_order_of_time_come_first(context, write):
    first, second = (write(f"Part {n}", day=9 - n, series="S", part=n) for n in (1, 2))
    # The next part is also the older post, and the previous part the newer one.
    assert onward(first) == ([("Next part", "Part 2")], [])
    assert onward(second) == ([("Previous part", "Part 1")], [])


def test_adjacent_posts_are_the_next_in_time(context, write):
    first, second, third = write("A", day=1), write("B", day=1), write("C", day=3)
    write("Later", created="2999-01-01 00:00:00")
    write("Draft", day=2, status="draft")
    write("Page", day=2, kind="page")
    assert around(1) == [None, "A"]
    assert around(first) == ["test title", "B"]
    assert around(second) == ["A", "C"]
    assert around(third) == ["B", None]


@pytest.mark.parametrize(
    "fields", ({"status": "draft"}, {"created": "2999-01-01 00:00:00"}, {"kind": "page"})
)
def test_unlisted_posts_have_no_adjacent_posts(context, fields, write):
    assert around(write("Alone", **fields)) == [None, None]


def test_related_posts_are_ordered_by_shared_tags_then_date(context, write):
    post_id = write("This", day=1, tags=["a", "b"])
    write("One", day=2, tags=["a"])
    write("Both", day=1, tags=["a", "b"])
    write("Newer", day=3, tags=["b", "c"])
    write("Another", day=4, tags=["c"])
    for fields in ({"status": "draft"}, {"created": "2999-01-01 00:00:00"}, {"kind": "page"}):
        write("Hidden", tags=["a", "b"], **fields)
    assert related(post_id) == ["Both", "Newer", "One"]
    assert related(1) == []


def test_only_the_newest_posts_of_each_tag_are_considered(context, monkeypatch, write):
    monkeypatch.setattr(related_posts, "MAX_POSTS_PER_TAG", 2)
    post_id = write("This", day=1, tags=["a"])
    for day in range(2, 6):
        write(f"Day {day}", day=day, tags=["a"])
    assert related(post_id) == ["Day 5", "Day 4"]


def test_adjacent_and_related_posts_use_indexes(plans, write):
    post = posts.get(write("A", day=1, tags=["a", "b"]), None)
    older, newer = plans(lambda: related_posts.find_adjacent(post))
    for plan in (older, newer):
        assert "SEARCH post USING INDEX post_newest (kind=? AND status=?" in plan
        assert "TEMP" not in plan
    tags, alike = plans(lambda: related_posts.find_related(post["id"]))
    assert "SCAN" not in tags
    # Only the few that each tag gives are counted and sorted.
    assert (
        alike.count("SEARCH post_tag USING COVERING INDEX post_tag_tag (tag_id=? AND listed<?)")
        == 2
    )
    assert "SCAN post" not in alike
