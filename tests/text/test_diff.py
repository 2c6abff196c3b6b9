import pytest

from flaskr.text import diff


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
