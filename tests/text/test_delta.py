import random

import pytest

from flaskr.text import delta

LONG = " ".join(random.Random(1).choices("some words of many kinds ゆき".split(), k=20000))  # noqa: S311  # the same every time


@pytest.mark.parametrize(
    ("text", "base"),
    (
        ("", ""),
        ("a", ""),
        ("", "a"),
        ("same", "same"),
        ("one and three", "one two three"),
        ("aaaa", "aa"),
        ("é", "è"),
        (LONG, LONG.replace("kinds", "sorts", 1)),
        (LONG + " end", "begin " + LONG),
        (LONG[::-1], LONG),
    ),
)
def test_a_packed_text_is_restored(text, base):
    assert delta.unpack(delta.pack(text, base), base) == text


@pytest.mark.parametrize("packed", (b"", b"short", b"\0" * 40, delta.pack(LONG)[:-1], "text"))
def test_damaged_data_is_refused(packed):
    with pytest.raises(ValueError, match=delta.DAMAGED):
        delta.unpack(packed)


def test_data_of_another_text_is_refused():
    with pytest.raises(ValueError, match=delta.DAMAGED):
        delta.unpack(delta.pack(LONG + LONG, LONG), "another text")


def test_a_small_change_to_a_long_text_packs_small():
    middle = len(LONG) // 2
    assert len(delta.pack(LONG[:middle] + "a word " + LONG[middle:], LONG)) < 60
