import pytest

from flaskr.text import diff
from flaskr.text import myers


def shown(old, new):
    marks = {"same": "{}", "gone": "-{}-", "new": "+{}+"}
    return "".join(marks[part.kind].format(part.text) for part in diff.compare(old, new))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    (
        ("", "", ""),
        ("", "new", "+new+"),
        ("same", "same", "same"),
        ("one two three", "one 2 three", "one -two-+2+ three"),
        ("one two", "an other line", "-one two-+an other line+"),
        ("first\nsecond\n", "first\nbetween\nsecond\n", "first\n+between\n+second\n"),
        ("a\nb\nc\n", "a\nc\n", "a\n-b\n-c\n"),
    ),
)
def test_only_changed_words_are_marked(old, new, expected):
    assert shown(old, new) == expected


def test_long_unchanged_parts_are_shortened():
    old = "".join(f"line {number}\n" for number in range(1000))
    result = shown(old, old + "the end")
    assert result.startswith("line 0\n")
    assert " …\n\n… " in result
    assert result.endswith("line 999\n+the end+")
    assert len(result) < 1000


@pytest.mark.parametrize(
    ("old", "new", "size"),
    (
        ("", "", (0, 0)),
        ("one two", "one two", (0, 0)),
        ("one two three", "one 2 three", (1, 1)),
        ("one two", "one two three four", (2, 0)),
        ("one two", "one twofold", (1, 1)),
        ("a b c d e", "a c e", (0, 2)),
        ("(one)", "*one*", (0, 0)),
        ("これは文です", "これは長い文です", (2, 0)),
        ("line\nline", "line\nnew\nline", (1, 0)),
        ("word " * 20_000, "", None),
    ),
)
def test_change_is_measured_in_words(old, new, size):
    assert diff.measure(old, new, myers.Budget()) == size


@pytest.mark.parametrize(
    ("old", "new", "gone", "added"),
    (
        ("the red house", "the blue house", ["red"], ["blue"]),
        ("これは短い段落です。", "これは長い段落です。", ["短"], ["長"]),
        ("nothing", "in common", [], []),
        ("", "new", [], []),
    ),
)
def test_changed_words_of_each_side_are_marked(old, new, gone, added):
    olds, news = diff.compare_words(old, new, myers.Budget())
    assert "".join(part.text for part in olds) == old
    assert "".join(part.text for part in news) == new
    assert [part.text for part in olds if part.kind == "gone"] == gone
    assert [part.text for part in news if part.kind == "new"] == added
