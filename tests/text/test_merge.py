import pytest

from flaskr.text import merge
from flaskr.text.merge import Block

BASE = "one\ntwo\nthree\nfour\nfive"
MARKED = "<<<<<<< yours\na\n=======\nb\n>>>>>>> theirs"


@pytest.mark.parametrize(
    ("mine", "theirs", "merged"),
    (
        (BASE, BASE, BASE),
        (BASE.replace("one", "ONE"), BASE, BASE.replace("one", "ONE")),
        (BASE, BASE.replace("five", "FIVE"), BASE.replace("five", "FIVE")),
        (BASE.replace("one", "ONE"), BASE.replace("five", "FIVE"), "ONE\ntwo\nthree\nfour\nFIVE"),
        (BASE.replace("two", "2"), BASE.replace("two", "2"), BASE.replace("two", "2")),
        (BASE + "\nsix", "zero\n" + BASE, "zero\n" + BASE + "\nsix"),
        (BASE.replace("two\n", ""), BASE.replace("four", "4"), "one\nthree\n4\nfive"),
        ("", BASE, ""),
    ),
)
def test_separate_changes_are_merged(mine, theirs, merged):
    blocks = merge.merge(BASE, mine, theirs)
    assert not merge.conflicts(blocks)
    assert merge.join(block.text for block in blocks) == merged


def test_changes_of_the_same_line_conflict():
    blocks = merge.merge(BASE, BASE.replace("two", "mine"), BASE.replace("two", "theirs"))
    assert blocks == [
        Block("same", "one\n", "one\n"),
        Block("conflict", "mine\n", "theirs\n"),
        Block("same", "three\nfour\nfive\n", "three\nfour\nfive\n"),
    ]


def test_lines_that_both_added_are_no_part_of_the_conflict():
    blocks = merge.merge("one", "new\nmine\nend", "new\ntheirs\nend")
    assert [block.kind for block in blocks] == ["same", "conflict", "same"]
    assert merge.conflicts(blocks) == [Block("conflict", "mine\n", "theirs\n")]


def test_many_conflicts_end_in_a_large_one(monkeypatch):
    monkeypatch.setattr(merge, "MAX_CONFLICTS", 2)
    base, mine, theirs = (f"{side}\n\n" * 5 + "end" for side in "abc")
    first, last = merge.conflicts(merge.merge(base, mine, theirs))
    assert (first.mine, last.mine) == ("b\n", "b\n\nb\n\nb\n\nb\n")


@pytest.mark.parametrize(
    ("mine", "theirs", "both"),
    (
        ("mine\n", "theirs\n", "mine\n\ntheirs\n"),
        ("mine\n\n", "theirs\n", "mine\n\ntheirs\n"),
        ("mine\n", "\ntheirs\n", "mine\n\ntheirs\n"),
        ("- mine\n", "- theirs\n", "- mine\n- theirs\n"),
        ("1. mine\n", "1. theirs\n", "1. mine\n1. theirs\n"),
        ("| mine |\n", "| theirs |\n", "| mine |\n| theirs |\n"),
        ("mine\n", "*theirs*\n", "mine\n\n*theirs*\n"),
        ("", "theirs\n", "theirs\n"),
        ("mine\n", "", "mine\n"),
    ),
)
def test_both_versions_stay_separate(mine, theirs, both):
    assert Block("conflict", mine, theirs).choose("both") == both


@pytest.mark.parametrize(
    ("text", "line"),
    (
        (MARKED, 1),
        (f"one\n\n{MARKED}\ntwo", 3),
        (f"<<<<<<< yours\n{MARKED}", 2),
        (f"```\ncode\n```\n{MARKED}", 4),
        (f"```\n{MARKED}\n```", None),
        (f"~~~~ diff\n{MARKED}\n~~~\n~~~~", None),
        (f"```\n{MARKED}", None),
        (MARKED.replace("\n", "\n    ").join(("    ", "")), None),
        ("<<<<<<< yours\na\n=======\nb", None),
        ("<<<<<<< yours and theirs\n=======\n>>>>>>> theirs", None),
        ("plain", None),
    ),
)
def test_marks_of_earlier_versions_are_found_outside_of_code(text, line):
    assert merge.find_marks(text) == line
