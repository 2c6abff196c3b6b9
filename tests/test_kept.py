from collections import OrderedDict

import pytest

from flaskr.kept import Kept


@pytest.fixture
def kept():
    """Room for ten, of which nine are taken by a, b and c."""
    kept = Kept(10)
    for key in "abc":
        kept.keep(key, key.upper(), 3)
    return kept


def test_what_was_kept_is_found_until_it_is_dropped(kept):
    assert kept.find("a") == "A"
    kept.drop("a")
    kept.drop("a")
    assert kept.find("a") is None
    assert len(kept) == 2


def test_what_was_not_asked_for_the_longest_makes_room(kept):
    kept.find("a")
    kept.keep("d", "D", 3)
    assert list(kept) == ["c", "a", "d"]


def test_another_value_of_the_same_key_takes_the_room_of_the_former(kept):
    kept.keep("a", "aa", 4)
    assert list(kept) == ["b", "c", "a"]
    assert kept.find("a") == "aa"


def test_what_is_larger_than_all_the_room_is_not_kept(kept):
    kept.keep("d", "D", 11)
    assert list(kept) == []


def test_room_made_by_another_thread_meanwhile_is_no_failure(kept):
    class MadeRoom(OrderedDict):
        def get(self, key):
            return self.pop(key, None)

    kept._entries = MadeRoom(kept._entries)
    assert kept.find("a") == "A"
    assert kept.find("a") is None
