import pytest

from flaskr.sizes import format_size


@pytest.mark.parametrize(
    ("byte_count", "size"),
    (
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1,023 bytes"),
        (1024, "1 KB"),
        (47_300, "46.1 KB"),
        (1024 * 1024 - 1, "1,023 KB"),
        (1024 * 1024, "1 MB"),
        (25 * 1024 * 1024, "25 MB"),
        (512_700_000, "488 MB"),
        (3_000_000_000, "2.7 GB"),
        (5 * 1024**4, "5,120 GB"),
    ),
)
def test_size_has_a_unit_that_suits_it(byte_count, size):
    assert format_size(byte_count) == size
