import pytest

from flaskr.importers import code_spans


@pytest.mark.parametrize(
    ("text", "expected"),
    (
        ("a\n```\na\n```\na", "A\n```\na\n```\nA"),
        ("a\n~~~~ x\na\n~~~\n```\n~~~~\na", "A\n~~~~ x\na\n~~~\n```\n~~~~\nA"),
        ("a\n```\na", "A\n```\na"),
        ("> ```\n> a\n> ```\na", "> ```\n> a\n> ```\nA"),
        ("```a``` b", "```a``` B"),
        ("a `b` c ``d``` `e", "A `b` C ``D``` `E"),
        ("", ""),
    ),
)
def test_code_is_not_changed(text, expected):
    assert code_spans.change_outside_code(text, str.upper) == expected
