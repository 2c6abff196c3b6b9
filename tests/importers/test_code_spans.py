import time

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
        ("a\n\n    a\n\na", "A\n\n    a\n\nA"),
        ("- a\n\n  a", "- A\n\n  A"),
        ("a\n\n    a\n\n\nb", "A\n\n    a\n\n\nB"),
        (
            "a <pre class=x>a\n\na</pre> <code>a</code> a",
            "A <pre class=x>a\n\na</pre> <code>a</code> A",
        ),
        ("", ""),
    ),
)
def test_code_is_not_changed(text, expected):
    assert code_spans.change_outside_code(text, str.upper) == expected


def test_long_texts_are_searched_for_fences(monkeypatch):
    monkeypatch.setattr(code_spans, "MAX_PARSED_CHARS", 1)
    text = "a\n```\na\n```\n~~~ x`\na\n~~~\na"
    assert code_spans.change_outside_code(text, str.upper) == ("A\n```\na\n```\n~~~ x`\na\n~~~\nA")


@pytest.mark.parametrize(
    "text", ("`" * 5000, "<pre>" * 20_000, "> " * 20_000, "\t" * 20_000, "`a" * 9000)
)
def test_hostile_text_takes_little_time(text):
    start = time.process_time()
    assert len(code_spans.change_outside_code(text, str)) == len(text)
    assert time.process_time() - start < 5


def test_code_span_ends_with_its_paragraph():
    assert code_spans.change_outside_code("a ` b\n\nc ` d", str.upper) == "A ` B\n\nC ` D"


@pytest.mark.parametrize(
    ("code", "span"), (("{% x %}", "`{% x %}`"), ("a `b`", "`` a `b` ``"), ("a\nb", "`a b`"))
)
def test_code_span_holds_any_text(code, span):
    assert code_spans.make_span(code) == span


def test_nested_marks_are_restored():
    masks = code_spans.Masks()
    outer = masks.hide("a" + masks.hide("b"))
    assert masks.restore(f"{outer}c") == "abc"
