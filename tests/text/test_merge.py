import pytest

from flaskr.text import merge

BASE = "one\ntwo\nthree\nfour\nfive"


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
    assert merge.merge(BASE, mine, theirs) == (merged, False)


def test_conflicting_changes_are_marked_and_kept():
    merged = merge.merge(BASE, BASE.replace("two", "mine"), BASE.replace("two", "theirs"))
    assert merged.conflict
    assert merged.text.splitlines()[1:6] == [
        "<<<<<<< yours",
        "mine",
        "=======",
        "theirs",
        ">>>>>>> theirs",
    ]
