import pytest

from flaskr.text import url_paths


@pytest.mark.parametrize(
    ("path", "expected"),
    (
        ("/2015/06/25/Rust-1.1.html", "/2015/06/25/Rust-1.1"),
        ("2015/06/25/Rust-1.1/", "/2015/06/25/Rust-1.1"),
        ("//a//./b", "/a/b"),
        ("/a/index.html", "/a"),
        ("/a/INDEX.HTM", "/a"),
        ("/cafe\u0301", "/caf\u00e9"),
        ("/50%", "/50%"),
        ("/index.html", "/"),
        ("", "/"),
    ),
)
def test_a_path_is_normalized(path, expected):
    assert url_paths.normalize_path(path) == expected
    assert url_paths.normalize_path(expected) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    (
        ("https://example.org/a%20b/?page=2#end", "/a b"),
        ("releases/1.12.0", "/releases/1.12.0"),
        ("/caf%C3%A9.html", "/café"),
        ("http://example.org", "/"),
        ("/?p=12", "/"),
        ("http://[broken/x", "/x"),
    ),
)
def test_a_url_is_reduced_to_its_path(url, expected):
    assert url_paths.path_from_url(url) == expected
