"""Test where lines may be broken."""

import pytest

from flaskr.text.line_breaking import split_for_lines


@pytest.mark.parametrize(
    ("text", "pieces"),
    (
        ("Hello (my) world!", ["Hello ", "(my) ", "world!"]),
        ("「長い」例です。", ["「長", "い」", "例", "で", "す。"]),
        ("テスト ABC日本", ["テ", "ス", "ト ", "ABC", "日", "本"]),
        ("한국어 제목", ["한국어 ", "제목"]),
        ("( a (", ["( ", "a ", "("]),
        (" a \n b ", ["a ", "b"]),
        ("", []),
    ),
)
def test_text_is_split_where_a_line_may_end(text, pieces):
    assert split_for_lines(text) == pieces
