from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from datetime import timezone
from zoneinfo import ZoneInfo

import pytest

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
    ("soon", "2015-13-45", "2015-02-30", "2024-01-02 25:00", "2024", "0001-01-01", "x" * 500, True),
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
