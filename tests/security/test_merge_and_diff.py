"""Comparing and merging any texts takes bounded time and loses nothing."""

import random
import time

import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.models import conflicts
from flaskr.models import posts
from flaskr.models import revisions
from flaskr.models.permissions import SYSTEM
from flaskr.text import delta
from flaskr.text import diff
from flaskr.text import merge
from flaskr.text import myers

RANDOM = random.Random(9)  # noqa: S311  # the same every time
LINES = RANDOM.choices(("", "a", "b"), k=40_000)
LETTERS = "ab é\n\u2028\x0b"
HOSTILE = {
    "all equal": ("x\n" * 20_000, "x\n" * 15_000 + "y\n", "z\n" + "x\n" * 25_000),
    "all different": tuple(
        "\n".join(f"{side} {number}" for number in range(20_000)) for side in "abc"
    ),
    "alternating": ("a\nb\n" * 10_000, "b\na\n" * 10_001, "a\na\nb\n" * 8_000),
    "random": ("\n".join(LINES), "\n".join(LINES[::-1]), "\n".join(sorted(LINES[:30_000]))),
    "random words": (" ".join(LINES), " ".join(LINES[::-1]), " ".join(LINES[1:] + LINES[:1])),
    "lines of random words": tuple(
        "\n".join(" ".join(RANDOM.choices("abcd", k=30)) for _ in range(2000)) for _ in range(3)
    ),
    "one long line": ("x" * 5_000_000, "y" + "x" * 4_999_999, "x" * 4_999_999 + "z"),
    "one line of words": ("a b " * 1_000_000, "b a " * 1_000_000, "a b c " * 700_000),
    "empty lines": ("\n" * 200_000, "\n" * 190_000 + "x", "y" + "\n" * 210_000),
    "most lines": ("\n" * 5_000_000, "a\n" * 2_500_000, "b\n" * 2_500_000),
}
hostile = pytest.mark.parametrize("texts", HOSTILE.values(), ids=HOSTILE)


@pytest.fixture(autouse=True)
def bounded():
    """Fail after ten seconds of processor time; each test takes about one."""
    began = time.process_time()
    yield
    assert time.process_time() - began < 10


def variant(lines, name):
    """Return the lines with a few changes; new lines are unique."""
    lines = list(lines)
    for number in range(RANDOM.randrange(5)):
        at = RANDOM.randrange(len(lines) + 1)
        lines[at : at + RANDOM.randrange(3)] = ["", f"{name} {number}"][: RANDOM.randrange(3)]
    return lines


def numbered():
    """Return the lines of a text in which only empty lines repeat."""
    return [line for number in range(RANDOM.randrange(9)) for line in (f"{number}", "")]


def sides(parts, kind):
    return "".join(part.text for part in parts if part.kind in ("same", kind))


@hostile
def test_a_comparison_is_bounded_and_complete(texts, monkeypatch):
    monkeypatch.setattr(diff, "CONTEXT_CHARS", 10**9)
    old, new, _ = texts
    parts = diff.compare(old, new)
    assert sides(parts, "gone") == old
    assert sides(parts, "new") == new
    assert len(parts) < 100_000


@hostile
def test_a_merge_is_bounded_and_keeps_every_line(texts):
    base, mine, theirs = texts
    blocks = merge.merge(base, mine, theirs)
    assert merge.join(block.mine for block in blocks) == mine
    assert merge.join(block.theirs for block in blocks) == theirs
    assert len(merge.conflicts(blocks)) <= merge.MAX_CONFLICTS


@hostile
def test_packing_is_bounded_and_reversible(texts):
    base, text, _ = texts
    assert delta.unpack(delta.pack(text, base), base) == text


def test_choosing_one_side_everywhere_gives_its_text():
    for _ in range(1000):
        base = numbered()
        mine, theirs = ("\n".join(variant(base, name)) for name in ("mine", "theirs"))
        blocks = merge.merge("\n".join(base), mine, theirs)
        assert merge.join(block.choose("mine") for block in blocks) == mine
        assert merge.join(block.choose("theirs") for block in blocks) == theirs


def test_keeping_both_versions_keeps_added_and_common_lines():
    for _ in range(500):
        base = numbered()
        mine, theirs = variant(base, "mine"), variant(base, "theirs")
        blocks = merge.merge("\n".join(base), "\n".join(mine), "\n".join(theirs))
        merged = merge.join(b.both if b.kind == merge.CONFLICT else b.text for b in blocks)
        lines = set(merged.split("\n"))
        assert {*mine, *theirs} - {*base} <= lines
        assert {*mine} & {*theirs} <= lines
        assert lines <= {*mine, *theirs, ""}


def test_a_change_on_one_side_is_taken_unchanged():
    for _ in range(300):
        lines = numbered()
        base, changed = "\n".join(lines), "\n".join(variant(lines, "new"))
        for sides in ((changed, base), (base, changed), (changed, changed)):
            blocks = merge.merge(base, *sides)
            assert not merge.conflicts(blocks)
            assert merge.join(block.text for block in blocks) == changed


def test_random_texts_survive_comparison_and_packing():
    for _ in range(500):
        old, new = (
            "".join(RANDOM.choices("ab é\n\u2028\x0b", k=RANDOM.randrange(80))) for _ in "on"
        )
        parts = diff.compare(old, new)
        assert (sides(parts, "gone"), sides(parts, "new")) == (old, new)
        assert delta.unpack(delta.pack(new, old), old) == new


def test_the_longest_common_subsequence_is_found():
    for _ in range(500):
        old, new = (RANDOM.choices("abc", k=RANDOM.randrange(12)) for _ in "on")
        blocks = myers.matching_blocks(old, new, myers.Budget())
        for x, y, length in blocks:
            assert old[x : x + length] == new[y : y + length]
        assert sum(block.length for block in blocks) == longest(old, new)


def longest(old, new):
    """Return the length of the longest common subsequence by dynamic programming."""
    row = [0] * (len(new) + 1)
    for item in old:
        diagonal, above = 0, row[:]
        for at, other in enumerate(new, 1):
            row[at] = diagonal + 1 if item == other else max(above[at], row[at - 1])
            diagonal = above[at]
    return row[-1]


def test_very_different_texts_are_shown_whole_with_a_note():
    old, new, _ = HOSTILE["random"]
    note, *parts = diff.compare(old, new)
    assert note == ("note", diff.TOO_DIFFERENT)
    assert sides(parts, "new").endswith(new[-9:])


def save(body, **options):
    posts.update(1, SYSTEM, title="test title", body=body, **options)


def test_merging_does_not_lock_the_database(context, monkeypatch):
    save("one\ntwo\nthree", base=0)
    base = revisions.newest_id(1)
    save("ONE\ntwo\nthree", base=base)
    original = conflicts.merge_texts
    seen = []

    def watched(*texts):
        seen.append(get_db().in_transaction)
        return original(*texts)

    monkeypatch.setattr(conflicts, "merge_texts", watched)
    save("one\ntwo\nTHREE", base=base)
    assert seen == [False]
    assert posts.get_stored(1)["body"] == "ONE\ntwo\nTHREE"


def test_a_concurrent_save_during_a_merge_is_not_overwritten(context, monkeypatch):
    save("one\ntwo\nthree", base=0)
    base = revisions.newest_id(1)
    save("ONE\ntwo\nthree", base=base)
    original = conflicts.merge_texts

    def overtaken(*texts):
        monkeypatch.undo()
        save("theirs", base=revisions.newest_id(1))
        return original(*texts)

    monkeypatch.setattr(conflicts, "merge_texts", overtaken)
    with pytest.raises(errors.Conflict, match="Save again"):
        save("one\ntwo\nTHREE", base=base)
    assert posts.get_stored(1)["body"] == "theirs"
