from contextlib import suppress
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from datetime import timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flaskr.errors import Invalid
from flaskr.importers import dates

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("value", "expected"),
    (
        ("2015-06-25", "2015-06-24 22:00:00"),
        ("2015/6/5", "2015-06-04 22:00:00"),
        ("2024-01-02T03:04:05+02:00", "2024-01-02 01:04:05"),
        ("2024-01-02 03:04 -0500", "2024-01-02 08:04:00"),
        ("2024-01-02 03:04:05.678 +05", "2024-01-01 22:04:05"),
        ("2024-01-02T03:04:05Z", "2024-01-02 03:04:05"),
        ("2024-01-02 03:04:05 UTC", "2024-01-02 03:04:05"),
        ("2024-01-02 03:04:05", "2024-01-02 02:04:05"),
        ("October 1, 2013", "2013-09-30 22:00:00"),
        ("8 July 2022", "2022-07-07 22:00:00"),
        ("8. Juli 2022", "2022-07-07 22:00:00"),
        ("8 de julio de 2022", "2022-07-07 22:00:00"),
        ("1er mars 2020", "2020-02-29 23:00:00"),
        ("Jul 08 2022", "2022-07-07 22:00:00"),
        ("07/08/2022", "2022-07-07 22:00:00"),
        ("08.07.2022", "2022-07-07 22:00:00"),
        ("08.07.2022 10:00", "2022-07-08 08:00:00"),
        ("2022年7月8日", "2022-07-07 22:00:00"),
        ("\uff12\uff10\uff12\uff12-07-08", "2022-07-07 22:00:00"),
        ("“2022-07-08”", "2022-07-07 22:00:00"),
        ("2022-07", "2022-06-30 22:00:00"),
        ("2024", "2023-12-31 23:00:00"),
        ("20220708", "2022-07-07 22:00:00"),
        ("202207080910", "2022-07-08 07:10:00"),
        ("1657267811", "2022-07-08 08:10:11"),
        ("1657267811000", "2022-07-08 08:10:11"),
        ("2022-07-08 3:45 PM", "2022-07-08 13:45:00"),
        ("2016-06-17 12:00:00 -4", "2016-06-17 16:00:00"),
        ("2024-03-05 22:30:00 EST", "2024-03-06 03:30:00"),
        ("2024-03-05 22:30:00 America/New_York", "2024-03-06 03:30:00"),
        ("2022-07-08 10:00 +0530 (IST)", "2022-07-08 04:30:00"),
        ("Fri Jul 08 2022 10:00:00 GMT+0200 (Central European Summer Time)", "2022-07-08 08:00:00"),
        ("2022-07-08T24:00:00", "2022-07-08 22:00:00"),
        ("2022-07-08-09:10:11", "2022-07-08 07:10:11"),
        ("2022-07-08T09Z", "2022-07-08 09:00:00"),
        ("2022-07-010T17:46:51-06:00", "2022-07-10 23:46:51"),
        (["2022-07-08"], "2022-07-07 22:00:00"),
        ("Tue, 02 Jan 2024 03:04:05 -0700", "2024-01-02 10:04:05"),
        (date(2015, 6, 25), "2015-06-24 22:00:00"),
        (datetime(2024, 1, 2, 3, 4, 5, 999), "2024-01-02 02:04:05"),
        (datetime(2024, 1, 2, 3, tzinfo=timezone(timedelta(hours=2))), "2024-01-02 01:00:00"),
        ("0800-01-02 03:04:05Z", "0800-01-02 03:04:05"),
    ),
)
def test_a_date_becomes_utc(value, expected):
    assert dates.format_utc(dates.parse(value, BERLIN)) == expected


@pytest.mark.parametrize(
    "value",
    (
        "soon",
        "10",
        "May",
        "12:30",
        "2024-01-02 10:00 XYZ",
        "{{ .Date }}",
        "2015-13-45",
        "2015-02-30",
        "2024-01-02 25:00",
        "0001-01-01",
        "x" * 500,
        True,
    ),
)
def test_an_invalid_date_is_refused_with_a_message(value):
    with pytest.raises(Invalid, match="cannot be read; write it as") as error:
        dates.parse(value, timezone(timedelta(hours=2)))
    assert len(error.value.message) < 200


@pytest.mark.parametrize(
    ("name", "expected"),
    (
        ("2015-06-25-hello", (date(2015, 6, 25), "hello")),
        ("2015-6-5_hello", (date(2015, 6, 5), "hello")),
        ("2015-06-25", (date(2015, 6, 25), "2015-06-25")),
        ("2015-06-31-hello", (None, "2015-06-31-hello")),
        ("hello", (None, "hello")),
    ),
)
def test_a_date_at_the_start_of_a_name_is_found(name, expected):
    assert dates.split_name(name) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    (
        ("/2015/06/25/Rust-1.1", date(2015, 6, 25)),
        ("inside-rust/2024/5/14/x", date(2024, 5, 14)),
        ("/2015/13/25/x", None),
        ("/12015/06/25/x", None),
        ("", None),
    ),
)
def test_a_date_in_a_path_is_found(path, expected):
    assert dates.find_in_path(path) == expected


def test_a_date_out_of_range_is_refused():
    with pytest.raises(Invalid):
        dates.parse("9999-12-31 23:00 -0500", UTC)


@pytest.mark.parametrize(
    ("zone", "blog_zone"),
    (("Asia/Tokyo", "UTC"), ("America/New_York", "UTC"), ("UTC", "Asia/Tokyo"), ("UTC", "UTC")),
)
def test_a_day_is_the_same_in_the_zones_of_the_site_and_the_blog(zone, blog_zone):
    moment = dates.parse("2022-07-08", ZoneInfo(zone), ZoneInfo(blog_zone))
    for name in (zone, blog_zone):
        assert moment.astimezone(ZoneInfo(name)).date() == date(2022, 7, 8)


@pytest.mark.parametrize("value", ("Created", "Last Modified", "git Last Modified"))
def test_the_time_of_the_file_may_be_asked_for(value):
    assert dates.is_file_time(value)
    assert not dates.is_file_time("2022-07-08")


def test_an_unknown_zone_is_none():
    assert dates.find_zone("Mars/Olympus") is None
    assert dates.find_zone("") is None


def test_the_offset_of_a_date_can_be_kept():
    moment = dates.parse_with_offset("2019-05-06T23:30:00-04:00", UTC)
    assert (moment.day, dates.parse("2019-05-06T23:30:00-04:00", UTC).day) == (6, 7)


@given(st.text(max_size=60) | st.from_regex(r"[0-9]{1,4}[-/.: ][0-9A-Za-z:+ -]{1,30}"))
def test_no_text_makes_the_parser_of_dates_fail(text):
    with suppress(Invalid):
        assert dates.parse(text, UTC).tzinfo is UTC


@given(st.datetimes(datetime(1900, 1, 1), datetime(2999, 1, 1)))
def test_dates_are_read_as_they_are_written(moment):
    moment = moment.replace(microsecond=0)
    for written in (f"{moment}", f"{moment:%Y-%m-%dT%H:%M:%SZ}", f"{moment:%d %B %Y %H:%M:%S}"):
        assert dates.parse(written, UTC) == moment.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "expected"),
    (
        ("2020-01-02 25:00", date(2020, 1, 2)),
        ("2020/1/2 10.30", date(2020, 1, 2)),
        ("2020-01-02Tx", date(2020, 1, 2)),
        ("2020-02-30", None),
        ("soon", None),
    ),
)
def test_a_day_is_found_before_an_unreadable_time(written, expected):
    assert dates.find_day(written) == expected
