import pytest

from flaskr import errors
from flaskr.models import media_addresses


@pytest.mark.parametrize(
    ("setting", "expected"),
    (
        ("s3://blog", ("blog", "", "", "")),
        ("s3://blog/a/b/", ("blog", "a/b", "", "")),
        (
            "s3://blog?endpoint=http://10.0.0.5:3900/&region=garage",
            ("blog", "", "http://10.0.0.5:3900", "garage"),
        ),
        (
            "s3://b1/x?endpoint=https%3A%2F%2Fs3.example.org",
            ("b1", "x", "https://s3.example.org", ""),
        ),
    ),
)
def test_address_is_parsed(setting, expected):
    assert media_addresses.is_address(setting)
    assert media_addresses.parse(setting) == expected


@pytest.mark.parametrize(
    "setting",
    (
        "http://example.org/blog",
        "s3://",
        "s3://a/../b",
        "s3://blog//x",
        "s3://blog/x#y",
        "s3://bl og",
        "s3://blog?endpoint",
        "s3://blog?endpoint=ftp://x",
        "s3://blog?endpoint=http://[::1",
        "s3://blog?endpoint=http://",
        "s3://blog?endpoint=http://user:secret@host",
        "s3://blog?endpoint=http://host:99999",
        "s3://blog?region=a b",
        "s3://[blog",
        "s3://blog?secret=hidden",
        "s3://key:hidden@blog",
        f"s3://{'b' * 99}",
    ),
)
def test_other_address_is_refused(setting):
    with pytest.raises(errors.Invalid, match="address such as s3://bucket/") as refusal:
        media_addresses.parse(setting)
    assert "hidden" not in refusal.value.message
