import pytest

from flaskr.models import archives

from ..databases import other_types


def test_months_are_listed_newest_first_with_counts(context, write):
    for created in ("2020-03-01 00:00:00", "2020-03-31 23:59:59", "2019-12-31 23:59:59"):
        write(created=created)
    for fields in ({"status": "draft"}, {"kind": "page"}):
        write(created="2020-03-02 00:00:00", **fields)
    write(created="2999-01-01 00:00:00")
    assert archives.months("UTC") == [(2020, 3, 2), (2019, 12, 1), (2018, 1, 1)]


@pytest.mark.parametrize(
    ("zone", "months"),
    (
        ("Asia/Tokyo", [(2020, 4, 1), (2020, 3, 1), (2018, 1, 1)]),
        ("America/New_York", [(2020, 3, 1), (2020, 2, 1), (2017, 12, 1)]),
    ),
)
def test_months_depend_on_the_time_zone(context, write, zone, months):
    write(created="2020-03-01 00:00:00")
    write(created="2020-03-31 20:00:00")
    assert archives.months(zone) == months


@pytest.mark.parametrize("zone", ("UTC", "Asia/Tokyo", "America/Los_Angeles"))
@pytest.mark.parametrize("created", ("0001-01-01 00:00:00", "0001-01-01 00:00:01"))
def test_posts_on_the_first_calendar_day_are_listed(context, write, zone, created):
    write(created=created)
    assert archives.months(zone)[-1] == (1, 1, 1)


@other_types
@pytest.mark.parametrize("created", ("-0044-03-15 00:00:00", "0000-01-01 00:00:00"))
def test_posts_before_the_calendar_are_in_no_month(context, write, created):
    write(created=created)
    assert len(archives.months("UTC")) == 1


def test_months_are_counted_with_an_index(plans):
    found = plans(lambda: archives.months("UTC"))
    assert len(found) == 3
    for plan in found:
        assert "USING COVERING INDEX post_newest (kind=? AND status=? AND created>?" in plan
