"""Find the changed feeds that a WebSub hub has not been told about yet.

Nothing is queued: the newest posts are compared with the state that was announced last. Changes by
any program are found therefore, also those while the server was stopped. Changes of posts that are
older than the newest ones are not announced.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import NamedTuple

from .. import db
from ..db import now
from ..db import transaction
from . import post_lists
from . import posts
from . import profiles
from . import series
from . import stored_json
from . import tags

MAX_POSTS = 100
FIRST_RETRY_SECONDS = 60
MAX_RETRY_SECONDS = 60 * 60
# The last attempt is about seven hours after the first.
MAX_ATTEMPTS = 12
# The kind of a list of posts, "blog", "tag", "series" or "user", and its name in URLs.
PostList = tuple[str, str]
WHOLE_BLOG: PostList = ("blog", "")


class State(NamedTuple):
    """The state of a post: its date, a hash of its contents, and the lists that it is in."""

    created: str
    digest: str
    lists: tuple[PostList, ...]


States = dict[int, State]


class Change(NamedTuple):
    """The lists that have changed, and the states to store once the hub has been told."""

    lists: list[PostList]
    states: States


def is_waiting(hub: str) -> bool:
    """Return True if the hub failed and it is not yet time to try again."""
    row = db.one("SELECT 1 FROM websub WHERE hub = ? AND retry > ?", hub, now())
    return row is not None


def find_change(hub: str) -> Change | None:
    """Return the changes since the last announcement, if there are any."""
    row = db.one("SELECT announced FROM websub WHERE hub = ?", hub)
    current = _read_states()
    if row is None:
        # No reader follows a new hub yet.
        record_success(hub, current)
        return None
    lists = _changed_lists(_parse(row["announced"]), current)
    return Change(lists, current) if lists else None


def _read_states() -> States:
    found = post_lists.newest(per_page=MAX_POSTS).posts
    ids = [post["id"] for post in found]
    tagged, authors = tags.for_posts(ids), posts.authors_of(ids)
    states = {}
    for post in found:
        part_of = series.for_post(post["id"])
        lists = [
            *(("tag", str(tag["slug"])) for tag in tagged[post["id"]]),
            *([("series", str(part_of["slug"]))] if part_of else []),
            *(
                ("user", profiles.url_name(one["id"], one["username"]))
                for one in authors[post["id"]]
            ),
        ]
        fields = [post[name] for name in ("title", "body", "summary", "slug", "language", "cover")]
        digest = hashlib.sha256(repr(fields).encode(errors="replace")).hexdigest()[:16]
        states[int(post["id"])] = State(post["stored_created"], digest, tuple(lists))
    return states


def _changed_lists(before: States, after: States) -> list[PostList]:
    start = max(_first_position(before), _first_position(after))
    before, after = _since(start, before), _since(start, after)
    changed = [post for post in {**after, **before} if before.get(post) != after.get(post)]
    states = [states[post] for post in changed for states in (after, before) if post in states]
    lists = [one for state in states for one in state.lists]
    return [*dict.fromkeys([WHOLE_BLOG, *lists])] if changed else []


def _first_position(states: States) -> tuple[str, int]:
    """Return the position from which on the states are complete."""
    if len(states) < MAX_POSTS:
        return "", 0
    return min((state.created, post) for post, state in states.items())


def _since(start: tuple[str, int], states: States) -> States:
    return {post: state for post, state in states.items() if (state.created, post) >= start}


def _parse(stored: str) -> States:
    """Return the stored states. If they are damaged, return none, and all lists are announced."""
    try:
        return {
            int(post): State(created, digest, tuple((kind, name) for kind, name in lists))
            for post, (created, digest, lists) in stored_json.load(stored).items()
        }
    except (ValueError, TypeError):
        return {}


def record_success(hub: str, states: Mapping[int, State], error: str = "") -> None:
    """Record that the hub was told about these states, or that it refused with an error."""
    with transaction() as connection:
        connection.execute("DELETE FROM websub WHERE hub <> ?", (hub,))
        connection.execute(
            """
            INSERT INTO websub (hub, announced, error)
            VALUES (?, ?, ?)
            ON CONFLICT (hub) DO UPDATE
            SET announced = excluded.announced, error = excluded.error, failures = 0, retry = NULL
            """,
            (hub, json.dumps(states), error),
        )


def record_failure(hub: str, states: Mapping[int, State], error: str) -> int:
    """Record that the hub could not be told, and return the seconds to wait; 0 to give up."""
    row = db.one("SELECT failures FROM websub WHERE hub = ?", hub)
    failures = (row["failures"] if row else 0) + 1
    if failures >= MAX_ATTEMPTS:
        record_success(hub, states, error)
        return 0
    seconds: int = min(FIRST_RETRY_SECONDS * 2 ** (failures - 1), MAX_RETRY_SECONDS)
    retry = db.format_timestamp(datetime.now(UTC) + timedelta(seconds=seconds))
    with transaction() as connection:
        connection.execute(
            "UPDATE websub SET failures = ?, retry = ?, error = ? WHERE hub = ?",
            (failures, retry, error, hub),
        )
    return seconds


def last_error(hub: str) -> str:
    """Return the reason why the last announcement failed, or ''."""
    row = db.one("SELECT error FROM websub WHERE hub = ?", hub)
    return str(row["error"]) if row else ""
