"""SQL conditions shared by several queries, most of them on the table `post`."""

import re
from collections.abc import Collection

# Visitors may read the post. Binds `now()`.
READABLE = "post.status = 'published' AND post.created <= ?"
# Lists show the post once its date has come. Pages are never listed.
IN_LISTS = "post.kind = 'post' AND post.status = 'published'"
# A text contains another one. Binds `containing()`.
CONTAINS = "LIKE ? ESCAPE '!'"
WILDCARD = re.compile("[!%_]")


def containing(part: str) -> str:
    """Return the pattern for texts that contain a part, whichever characters are in it."""
    escaped = WILDCARD.sub(r"!\g<0>", part)
    return f"%{escaped}%"


def placeholders(values: Collection[object]) -> str:
    """Return the inside of `IN (…)` for values. PostgreSQL does not allow empty parentheses.

    `NOT IN (…)` needs at least one value, because nothing is different from NULL.
    """
    return ", ".join("?" * len(values)) or "NULL"
