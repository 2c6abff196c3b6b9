"""What every page knows: the blog's name, its zone, and what its keeper ought to do."""

import sqlite3
from datetime import UTC
from datetime import datetime
from textwrap import shorten
from typing import Any

from flask import Flask
from flask import current_app
from flask import g
from flask import request
from flask import url_for

from . import dates
from .excerpts import lowered
from .excerpts import visible
from .models import posts
from .models import revisions
from .models import tags
from .models import users

LANGUAGE = "en"
DESCRIPTION = 200
# So much HTML has the beginning in it.
ENOUGH = 5000


def local(moment: datetime) -> datetime:
    """A stored time in the blog's zone."""
    return dates.local(moment, current_app.config["TIMEZONE"])


def input_time(moment: datetime) -> str:
    """A stored time in the blog's zone, as a field for date and time takes it."""
    return local(moment).strftime("%Y-%m-%dT%H:%M:%S")


def spoken_time(moment: datetime) -> str:
    """A stored time in the blog's zone, to read: `2026-11-20 14:03`."""
    return local(moment).strftime("%Y-%m-%d %H:%M")


def iso_date(moment: datetime) -> str:
    """A stored time as the day it was in the blog's zone: `2026-11-20`."""
    return local(moment).date().isoformat()


def post_url(post: sqlite3.Row) -> str:
    """The address of a post's page: its slug, or its id while it has none."""
    if post["slug"] is None:
        return url_for("blog.show_by_id", id=post["id"])
    return url_for("blog.show", slug=post["slug"])


def absolute(path: str) -> str:
    """The whole address of a path of this site."""
    site: str = current_app.config["SITE_URL"] or request.host_url
    return site.rstrip("/") + path


def iso_time(moment: datetime) -> str:
    """A stored time for programs, with its zone."""
    return moment.replace(tzinfo=UTC).isoformat()


def changed(post: sqlite3.Row) -> str:
    """When a post was last changed, for programs; at the earliest when it came out."""
    return iso_time(max(post["created"], post["updated"] or post["created"]))


def described(post: sqlite3.Row, html: str) -> str:
    """What a post is about in a line: its summary, or how it begins."""
    beginning = html if len(html) < ENOUGH else html[:ENOUGH].rpartition("<")[0]
    return post["summary"] or shorten(visible(beginning), DESCRIPTION, placeholder=" …")


def linked_data(
    post: sqlite3.Row, authors: list[str], url: str, description: str, image: str | None
) -> dict[str, Any]:
    """A post in the words of schema.org."""
    data = {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "mainEntityOfPage": url,
        "url": url,
        "headline": post["title"],
        "description": description,
        "image": image,
        "datePublished": iso_time(post["created"]),
        "dateModified": changed(post),
        "author": [{"@type": "Person", "name": name} for name in authors],
        "publisher": {"@type": "Organization", "name": current_app.config["SITE_TITLE"]},
        "inLanguage": post["language"] or LANGUAGE,
    }
    return {name: value for name, value in data.items() if value}


def registration_is_open() -> bool:
    """Whether a visitor may make an account."""
    return current_app.config["REGISTRATION"] == "open" or not users.anyone()


def notice() -> str | None:
    """What the person who is logged in should see to, in a sentence."""
    if g.user and not users.has_owner():
        return (
            "This blog has no owner yet. To name one, run:"
            f" flaskr user role {g.user['username']} owner"
        )
    at_the_front = request.endpoint == "blog.index"
    if at_the_front and is_owner() and current_app.config["REGISTRATION"] == "open":
        return "Anyone may register here and write. To stop that, set REGISTRATION to closed."
    return None


def is_owner() -> bool:
    """Whether an owner is logged in."""
    return g.user is not None and g.user["role"] == "owner"


def password_hint() -> str:
    """What a new password has to be like, in a sentence; nothing where anything will do."""
    least = current_app.config["PASSWORD_MIN_LENGTH"]
    return f"At least {least} characters." if least > 1 else ""


def names(people: list[str]) -> str:
    """Several names as one would say them: "ada, grace and yuki"."""
    *others, last = people
    return f"{', '.join(others)} and {last}" if others else last


def init_app(app: Flask) -> None:
    """Give the templates these words."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.add_template_filter(iso_date)
    app.add_template_filter(iso_time)
    app.add_template_filter(changed)
    app.add_template_filter(input_time)
    app.add_template_filter(spoken_time)
    app.add_template_filter(lowered)
    app.add_template_global(post_url)
    app.add_template_global(absolute)
    app.add_template_global(described)
    app.add_template_global(linked_data)
    app.jinja_env.globals["site_language"] = LANGUAGE
    app.add_template_global(is_owner)
    app.add_template_global(names)
    app.add_template_global(notice)
    app.add_template_global(password_hint)
    app.add_template_global(registration_is_open)
    app.add_template_global(posts.is_scheduled)
    app.add_template_global(posts.is_visible)
    app.add_template_global(posts.may_edit)
    app.add_template_global(posts.menu)
    app.add_template_global(revisions.newest_id, "newest_revision")
    app.add_template_global(tags.of_post, "tags_of")
