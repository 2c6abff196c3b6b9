"""Saving while somebody writes: drafts at once, changes to published posts in private."""

import sqlite3
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from typing import NamedTuple

from .. import errors
from ..db import transaction
from . import autosaves
from . import post_fields
from . import posts
from . import revisions
from . import series
from . import tags
from . import trash
from .permissions import User


class Form(NamedTuple):
    """An editing form as it was sent: its key, and all its texts as typed.

    `base` is the revision that it started from, and `restored` the `autosaves.version` that it was
    filled from. `age` says how long ago it was typed.
    """

    key: str
    texts: Mapping[str, str]
    post_id: int | None = None
    base: str = ""
    restored: str = ""
    age: timedelta = timedelta()


class Saved(NamedTuple):
    """The post that was saved, if there is one, and the revision that the form now starts from.

    If `is_private`, an autosave has the text and the post does not. `merged` is the text of the
    post if it contains changes of others. `problems` are the messages about fields that cannot be
    stored in the post yet, by field.
    """

    post: sqlite3.Row | None
    base: str = ""
    is_private: bool = False
    merged: revisions.Revision | None = None
    problems: Mapping[str, str] = {}


def find_post(user: User, form: Form) -> sqlite3.Row | None:
    """Return the post that a form edits, or None for a new one.

    Raises `NotFound`, `Forbidden`, after storing the text as an autosave.
    """
    with _autosave_if_refused(user, form):
        return _find_post(user, form)


def _find_post(user: User, form: Form) -> sqlite3.Row | None:
    post_id = form.post_id
    if post_id is None:
        post_id = autosaves.find_post_id(user["id"], form.key)
    if post_id is None:
        return None
    try:
        return posts.get_for_edit(post_id, user)
    except errors.NotFound:
        raise errors.NotFound(
            "This post is no longer here. If it is in the trash, restore it, then save again."
        ) from None


@contextmanager
def _autosave_if_refused(user: User, form: Form) -> Iterator[None]:
    autosaves.require_key(form.key)
    try:
        yield
    except (errors.Invalid, errors.NotFound, errors.Forbidden):
        _autosave(user, form)
        raise


def _autosave(user: User, form: Form) -> None:
    autosaves.save(
        user["id"], form.key, form.texts, post_id=form.post_id, base=form.base, age=form.age
    )


def save(
    user: User,
    form: Form,
    fields: Mapping[str, Any],
    problems: Mapping[str, str],
    *,
    explicit: bool = False,
) -> Saved:
    """Save a form where only writers see it: in a draft, or as an autosave of a published post.

    A new post becomes a draft, and a draft that was never more than an autosave is deleted when it
    is blank. `fields` are those of the form that could be read, and `problems` are messages about
    the others. Raises `Invalid`, `EditConflict`, `NotFound`, `Forbidden`, after storing the text as
    an autosave.
    """
    with _autosave_if_refused(user, form):
        # Each transaction waits for others and for the disk. An answer may be lost and the form
        # sent again; the transaction creates one draft only.
        with transaction():
            saved = _store(user, form, fields, problems, explicit)
        saved = saved._replace(problems={**problems, **saved.problems})
        if saved.post and (saved.problems or saved.is_private):
            _autosave(user, form._replace(post_id=saved.post["id"]))
    autosaves.supersede(user["id"], form.restored)
    return saved


def _store(
    user: User,
    form: Form,
    fields: Mapping[str, Any],
    problems: Mapping[str, str],
    explicit: bool,
) -> Saved:
    post = _find_post(user, form)
    if post is None:
        return _create(user, form, fields, explicit)
    if post["status"] == "draft":
        return _update(user, form, post, fields, explicit)
    if not problems and _changes_nothing(post, fields):
        autosaves.delete(user["id"], form.key)
        return Saved(post, form.base)
    return Saved(post, form.base, is_private=True)


def _create(user: User, form: Form, fields: Mapping[str, Any], explicit: bool) -> Saved:
    if autosaves.is_blank(form.texts):
        autosaves.delete(user["id"], form.key)
        return Saved(None)
    post_id, problems = _store_valid(
        fields,
        lambda valid: posts.create(author_id=user["id"], user=user, status="draft", **valid),
    )
    post = posts.get_stored(post_id)
    revisions.record(post, user["id"], form=form.key, autosave=not explicit)
    autosaves.link(user["id"], form.key, post_id)
    return Saved(post, str(revisions.newest_id(post_id)), problems=problems)


def _store_valid(
    fields: Mapping[str, Any], store: Callable[[Mapping[str, Any]], Any]
) -> tuple[Any, dict[str, str]]:
    """Store the fields without those that are refused. Return the result and the refusals."""
    problems: dict[str, str] = {}
    while True:
        try:
            return store(fields), problems
        except errors.Invalid as error:
            if error.field in ("title", "body") or error.field not in fields:
                raise
            problems[error.field] = error.message
            fields = {name: value for name, value in fields.items() if name != error.field}


def _update(
    user: User, form: Form, post: sqlite3.Row, fields: Mapping[str, Any], explicit: bool
) -> Saved:
    revision_id, problems = _store_valid(
        fields,
        lambda valid: posts.update(
            post["id"],
            user,
            form=form.key,
            autosave=not explicit,
            expected_status="draft",
            **valid,
        ),
    )
    stored = posts.get_stored(post["id"])
    if _is_blank(stored) and not revisions.was_saved(post["id"]):
        _delete(user, stored)
        return Saved(None)
    autosaves.clear(user["id"], form.key)
    merged = _find_merged(revisions.get(post["id"], revision_id), fields)
    return Saved(stored, str(revision_id), merged=merged, problems=problems)


def _find_merged(
    stored: revisions.Revision, fields: Mapping[str, Any]
) -> revisions.Revision | None:
    """Return the stored text if it is not that of the form."""
    sent = post_fields.parse_title_and_body(fields["title"], fields["body"], "draft")
    return stored if (stored.title, stored.body) != sent else None


def _is_blank(post: sqlite3.Row) -> bool:
    return not post["title"] and not post["body"].strip()


def _delete(user: User, post: sqlite3.Row) -> None:
    """Delete a blank draft. If more was written in it, it goes to the trash."""
    if revisions.previous(post["id"], revisions.newest_id(post["id"])):
        trash.put(post["id"], user)
        return
    with transaction() as db:
        db.execute("DELETE FROM post WHERE id = ?", (post["id"],))
        db.execute("DELETE FROM former_slug WHERE post_id = ?", (post["id"],))
        revisions.delete_for_posts([post["id"]])


def _changes_nothing(post: sqlite3.Row, fields: Mapping[str, Any]) -> bool:
    """Return True if the post already has these fields."""
    try:
        title, body = post_fields.parse_title_and_body(fields["title"], fields["body"], "draft")
        wanted = post_fields.parse(
            {name: value for name, value in fields.items() if name in post_fields.FIELDS}
        )
    except errors.Invalid:
        return False
    in_series = series.for_post(post["id"])
    current = {
        **dict(post),
        "authors": [author["id"] for author in posts.authors(post["id"])],
        "tags": [tag["name"] for tag in tags.for_post(post["id"])],
        "series": in_series["name"] if in_series else "",
        "part": in_series["part"] if in_series else None,
        "address": post["slug"] or "",
    }
    wanted |= {"title": title, "body": body, "part": wanted.get("part")}
    wanted["address"] = fields.get("address", current["address"]).strip()
    # A date that has not changed is not among the fields.
    return "created" not in fields and all(current[name] == value for name, value in wanted.items())


def submit(user: User, form: Form, *, status: str, **fields: Any) -> int:
    """Store a new post, in the draft that its form has become if there is one. Return its id.

    Raises as `posts.create` and `posts.update` do.
    """
    with transaction():
        post = _find_post(user, form)
        if post is None:
            post_id = posts.create(author_id=user["id"], status=status, **fields)
        else:
            post_id = int(post["id"])
            # Another tab may have published it.
            status = status if post["status"] == "draft" else post["status"]
            posts.update(post_id, user, status=status, form=form.key, **fields)
        finish(user, form)
    return post_id


def finish(user: User, form: Form) -> None:
    """Delete the autosaves of a form that was submitted, because its post has the text."""
    autosaves.delete(user["id"], form.key)
    autosaves.supersede(user["id"], form.restored)
