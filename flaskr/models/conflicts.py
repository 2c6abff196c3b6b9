"""Conflicts: two people, or one in two tabs, changed the same passage of a post."""

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from itertools import count
from typing import NamedTuple

from .. import errors
from .. import text
from ..text.merge import CONFLICT
from ..text.merge import MINE
from ..text.merge import SAME
from ..text.merge import THEIRS
from ..text.merge import Block
from ..text.merge import conflicts
from ..text.merge import find_marks
from ..text.merge import join
from ..text.merge import merge as merge_texts
from . import revisions
from .permissions import SYSTEM
from .permissions import User

TITLE_CHOICES = (MINE, THEIRS)
CHOICES = (*TITLE_CHOICES, "both")
IN_ANOTHER_TAB = "You, in another tab"


class Saved(NamedTuple):
    """The version of a post that was saved while somebody was writing."""

    id: int
    created: datetime
    who: str
    title: str


def merge(
    post: sqlite3.Row, base: int, user: User, title: str, body: str, form: str = ""
) -> tuple[str, str]:
    """Return a title and body with the changes that were saved since the revision `base`.

    Earlier versions of the form with the key `form` are not merged. Raises `EditConflict`, and
    `NotFound` if there is no such revision.
    """
    newest = revisions.newest_id(post["id"], but_form=form)
    if base >= newest:
        return title, body
    began = _find_base(post["id"], base)
    theirs = revisions.get(post["id"], newest)
    titles, blocks = _compare(began, title, body, theirs)
    if titles.kind == CONFLICT or conflicts(blocks):
        raise _conflict(post["id"], user, base, titles, blocks, theirs)
    return titles.text, join(block.text for block in blocks)


def _find_base(post_id: int, base: int) -> revisions.Revision:
    # If the revision is damaged, every difference between the two texts is a conflict.
    return revisions.find(post_id, base) or revisions.Revision(base, "", "")


def _compare(
    began: revisions.Revision, title: str, body: str, theirs: revisions.Revision
) -> tuple[Block, list[Block]]:
    title = " ".join(title.split())
    return _compare_titles(began.title, title, theirs.title), merge_texts(
        began.body, body, theirs.body
    )


def _compare_titles(began: str, mine: str, theirs: str) -> Block:
    if mine == theirs:
        return Block(SAME, mine, theirs)
    if theirs == began:
        return Block(MINE, mine, theirs)
    return Block(THEIRS if mine == began else CONFLICT, mine, theirs)


def _conflict(
    post_id: int,
    user: User,
    base: int,
    titles: Block,
    blocks: list[Block],
    theirs: revisions.Revision,
) -> errors.EditConflict:
    saved = _find_saved(post_id, theirs, user)
    who = (
        "You changed the same passage in another tab"
        if saved.who == IN_ANOTHER_TAB
        else f"{saved.who} changed the same passage"
    )
    return errors.EditConflict(
        f"{who} while you were writing.",
        base=base,
        title=titles,
        blocks=blocks,
        revision=saved,
    )


def _find_saved(post_id: int, theirs: revisions.Revision, user: User) -> Saved:
    row = revisions.get_details(post_id, theirs.id)
    is_own = row["editor_id"] == user["id"]
    who = IN_ANOTHER_TAB if is_own else row["editor"] or "Somebody else"
    return Saved(theirs.id, row["created"], who, theirs.title)


def resolve(
    post_id: int,
    user: User,
    *,
    base: int,
    against: int,
    title: str,
    body: str,
    choices: Mapping[str, str],
) -> tuple[str, str]:
    """Return the title and body that the choices make of a text and the revision `against`.

    `choices` has "mine", "theirs" or "both" by the number of the conflict, from "1", and "mine" or
    "theirs" by "title". Raises `EditConflict` if one is missing, and `NotFound`.
    """
    theirs = revisions.get(post_id, against)
    titles, blocks = _compare(_find_base(post_id, base), title, text.clean(body), theirs)
    wanted: dict[str, tuple[str, ...]]
    wanted = {str(number): CHOICES for number, _ in enumerate(conflicts(blocks), 1)}
    if titles.kind == CONFLICT:
        wanted["title"] = TITLE_CHOICES
    if not all(choices.get(name) in allowed for name, allowed in wanted.items()):
        raise _conflict(post_id, user, base, titles, blocks, theirs)
    numbers = map(str, count(1))
    texts = (
        block.choose(choices[next(numbers)]) if block.kind == CONFLICT else block.text
        for block in blocks
    )
    title = titles.choose(choices["title"]) if titles.kind == CONFLICT else titles.text
    return title, join(texts)


def require_resolved(body: str, user: User | None) -> None:
    """Raise `Invalid` if the text contains the marks of a conflict.

    Imports and commands, which have no user, may store any text.
    """
    line = find_marks(body)
    if line is not None and user is not SYSTEM:
        raise errors.Invalid(
            f"Line {line} begins a conflict that is not resolved: keep one of the versions there,"
            " and delete the lines that begin with <<<<<<<, ======= and >>>>>>>.",
            "body",
        )
