from datetime import date
from datetime import datetime

import pytest

from flaskr import errors
from flaskr.text import dates

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("typed", "zone", "stored"),
    (
        ("2026-11-21T09:00", "UTC", "2026-11-21 09:00:00"),
        ("2026-11-21T09:00:07", BERLIN, "2026-11-21 08:00:07"),
        ("2026-07-01 09:00", BERLIN, "2026-07-01 07:00:00"),
        ("2026-07-01", BERLIN, "2026-06-30 22:00:00"),
        ("2026-07-01T09:00+09:00", BERLIN, "2026-07-01 00:00:00"),
        ("2026-10-25T02:30", BERLIN, "2026-10-25 00:30:00"),
        ("2026-03-29T02:30", BERLIN, "2026-03-29 01:30:00"),
        (" 1999-12-31T23:59 ", "UTC", "1999-12-31 23:59:00"),
    ),
)
def test_a_local_time_is_stored_in_utc(typed, zone, stored):
    assert dates.to_utc(typed, zone) == stored


@pytest.mark.parametrize("typed", ("tomorrow", "2026-02-30T09:00", "0001-01-01T00:00", "\0"))
def test_an_invalid_time_is_refused(typed):
    with pytest.raises(errors.Invalid, match="Write it like") as refusal:
        dates.to_utc(typed, "Asia/Tokyo")
    assert refusal.value.field == "created"


def test_a_skipped_time_is_shifted_by_the_clock_change():
    stored = datetime.fromisoformat(dates.to_utc("2026-03-29T02:30", BERLIN))
    assert dates.to_local(stored, BERLIN).strftime("%H:%M") == "03:30"


def test_the_first_and_last_days_do_not_overflow():
    assert dates.to_local(datetime.max, "Asia/Tokyo") == datetime.max


@pytest.mark.parametrize(
    ("zone", "when", "start", "end"),
    (
        ("UTC", (2018,), "2018-01-01 00:00:00", "2019-01-01 00:00:00"),
        ("UTC", (2018, 12), "2018-12-01 00:00:00", "2019-01-01 00:00:00"),
        ("Europe/Berlin", (2018, 7), "2018-06-30 22:00:00", "2018-07-31 22:00:00"),
        ("Asia/Tokyo", (1,), "0001-01-01 00:00:00", "0001-12-31 14:41:01"),
        ("America/New_York", (9999, 12), "9999-12-01 05:00:00", "9999-12-31 23:59:59"),
    ),
)
def test_a_year_and_a_month_have_bounds(zone, when, start, end):
    assert dates.day_bounds(zone, *when) == (start, end)


@pytest.mark.parametrize("when", ((0,), (10000,), (-1,), (10**30,), (2018, 0), (2018, 13)))
def test_an_impossible_month_is_not_found(when):
    with pytest.raises(errors.NotFound, match="no such month"):
        dates.day_bounds("UTC", *when)


@pytest.mark.parametrize(
    ("pattern", "words"),
    (
        ("YYYY-MM-DD", "0987-02-03"),
        ("D MMMM YYYY", "3 February 987"),
        ("MMMM D, YYYY", "February 3, 987"),
        ("D.M.YYYY", "3.2.987"),
        ("DD/MM/YYYY", "03/02/987"),
        ("MM/DD/YYYY", "02/03/987"),
        ("YYYY年M月D日", "987年2月3日"),
    ),
)
def test_a_day_is_formatted(pattern, words):
    assert dates.format_date(date(987, 2, 3), pattern) == words
