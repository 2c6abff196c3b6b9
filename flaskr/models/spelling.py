"""Suggest words of the index for words that no post has.

The work is bounded by numbers of words: those that one change at the beginning makes are looked up,
or else the first of those with the same beginning are compared. The first letter is never changed.
"""

from .. import db
from ..db import now
from ..text import search_words
from ..text.search_query import Term
from . import conditions
from . import search_index

MIN_CHARS = 4
MAX_CHARS = 20
MAX_WORDS = 2
# The length of a beginning, and how many words with the same one are compared.
BEGINNING_CHARS = 5
MAX_COMPARED = 40
MAX_CHANGES = 2
MAX_POSTS = 20
LETTERS = {
    "a": "abcdefghijklmnopqrstuvwxyz",
    "\u0430": "".join(map(chr, range(0x430, 0x450))),
    "\u03b1": "".join(map(chr, range(0x3B1, 0x3CA))),
}


def suggest(terms: list[Term]) -> dict[str, str]:
    """Return a near word for each of the first required words that no post has."""
    found: dict[str, str] = {}
    for term in terms:
        if _can_be_misspelled(term) and not _is_public(term.text) and len(found) < MAX_WORDS:
            near = _find_near(term.text)
            if near:
                found[term.text] = near
    return found


def _can_be_misspelled(term: Term) -> bool:
    return (
        not term.excluded
        and len(term.words) == 1
        and term.text.isalpha()
        and MIN_CHARS <= len(term.text) <= MAX_CHARS
    )


def _is_public(word: str) -> bool:
    return _count_posts(word) > 0


def _count_posts(word: str) -> int:
    """Return the number of the newest posts with the word that visitors may read."""
    ids = search_index.find_ids("post_words", search_index.quote(word), limit=MAX_POSTS)
    rows = db.all(
        f"""
        SELECT 1
        FROM post
        WHERE {conditions.READABLE} AND id IN ({conditions.placeholders(ids)})
        """,
        now(),
        *ids,
    )
    return len(rows)


def _find_near(word: str) -> str:
    """Return the nearest word in a public post, the most frequent of several, or ''."""
    near = dict.fromkeys(search_index.existing_words(_changes(word)), 1)
    if not near:
        near = _compare_with_beginning(word)
    counts = {one: _count_posts(one) for one in near}
    public = [one for one in near if counts[one]]
    return min(public, key=lambda one: (near[one], -counts[one], one), default="")


def _changes(word: str) -> list[str]:
    """Return the words that one change makes: letters swapped, a letter less, more, or another."""
    letters = next((row for row in LETTERS.values() if word[0] in row), "")
    splits = [(word[:place], word[place:]) for place in range(1, len(word))]
    changed = [left + right[1:] for left, right in splits]
    changed += [left + right[1] + right[0] + right[2:] for left, right in splits if right[1:]]
    for left, right in splits[: BEGINNING_CHARS - 1]:
        changed += [left + one + end for one in letters for end in (right, right[1:])]
    return [*dict.fromkeys(changed)]


def _compare_with_beginning(word: str) -> dict[str, int]:
    near = search_index.words_with_beginning(word[:BEGINNING_CHARS], MAX_COMPARED)
    changes = {one: _count_changes(word, one) for one in near if search_words.STEM_MARK not in one}
    return {one: number for one, number in changes.items() if number <= MAX_CHANGES}


def _count_changes(word: str, other: str) -> int:
    """Return the Levenshtein distance of two words, at most `MAX_CHANGES + 1`."""
    if abs(len(word) - len(other)) > MAX_CHANGES:
        return MAX_CHANGES + 1
    row: list[int] = [*range(len(other) + 1)]
    for index, char in enumerate(word, 1):
        previous, row[0] = row[0], index
        for place, one in enumerate(other, 1):
            previous, row[place] = (
                row[place],
                min(row[place] + 1, row[place - 1] + 1, previous + (char != one)),
            )
    return min(row[-1], MAX_CHANGES + 1)
