import pytest

from flaskr.importers import globs


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    (
        ("posts/a.md", "posts/*", True),
        ("posts/b/a.md", "posts/*", False),
        ("posts/b/a.md", "/posts/**", True),
        ("posts", "posts/**", True),
        ("b/a.md", "**/a.md", True),
        ("a.md", "**/a.md", True),
        ("a.tmp", "*.{bak,tmp}", True),
        ("b2", "{a,b{1,2}}", True),
        ("b3", "{a,b{1,2}}", False),
        ("x", "{a,b}" * 20, False),
    ),
)
def test_patterns_fit_paths(path, pattern, expected):
    assert globs.matches(path, pattern) is expected


def test_patterns_leave_out_folders_and_names():
    assert globs.matches_any("src/old/a.md", ["./src/old/**"])
    assert globs.matches_any("src/old/a.md", ["a.*"])
    assert not globs.matches_any("src/old/a.md", ["old"])
