"""Conflicts as scripts and templates receive them."""

from typing import Any
from typing import NamedTuple

from flask import render_template

from ..errors import EditConflict
from ..text import diff
from ..text import myers
from ..text.merge import CONFLICT
from ..text.merge import SAME
from ..text.merge import Block
from ..text.merge import join
from . import template_dates


class Place(NamedTuple):
    """A block as it is shown, with the changed words of each side; conflicts have a number."""

    kind: str
    number: int
    mine: list[diff.Part]
    theirs: list[diff.Part]


def describe(conflict: EditConflict) -> dict[str, Any]:
    """Return a conflict as JSON for the editor's scripts.

    The texts of the blocks of one side, joined, make its body and one more newline. `html` is the
    form fragment in which people choose between them.
    """
    saved = conflict.revision
    return {
        "blocks": [_describe_block(block) for block in conflict.blocks],
        "title": _describe_block(conflict.title),
        "theirs": {
            "who": saved.who,
            "when": template_dates.recent_time(saved.created),
            "revision": saved.id,
            "title": saved.title,
        },
        "message": conflict.message,
        "html": render_template("blog/_conflict_places.html", clash=conflict),
    }


def _describe_block(block: Block) -> dict[str, str]:
    sides = {"mine": block.mine, "theirs": block.theirs}
    match block.kind:
        case "conflict":
            return {"kind": CONFLICT, **sides, "both": block.both}
        case "same":
            return {"kind": SAME, "text": block.text}
        case kind:
            return {"kind": kind, "text": block.text, **sides}


def list_places(conflict: EditConflict) -> list[Place]:
    """Return the blocks of the body as they are shown."""
    budget = myers.Budget()
    places = []
    number = 0
    for block in conflict.blocks:
        number += block.kind == CONFLICT
        mine, theirs = _sides(block, budget)
        places.append(Place(block.kind, number, mine, theirs))
    return places


def _sides(block: Block, budget: myers.Budget) -> tuple[list[diff.Part], list[diff.Part]]:
    if block.kind == CONFLICT:
        return diff.compare_words(block.mine, block.theirs, budget)
    shown = [diff.Part(SAME, diff.shorten(block.text))]
    return shown, shown


def typed_text(conflict: EditConflict) -> str:
    """Return the body as the user typed it."""
    return join(block.mine for block in conflict.blocks)
