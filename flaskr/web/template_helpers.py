"""What every page knows: the blog's name, its zone, and what its keeper ought to do."""

import sqlite3
from datetime import UTC
from datetime import datetime
from typing import Any
from typing import NamedTuple
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Flask
from flask import current_app
from flask import g
from flask import request
from flask import url_for

from ..models import cover_images
from ..models import permissions
from ..models import posts
from ..models import profiles
from ..models import revisions
from ..models import series
from ..models import tags
from ..models import users
from ..text import absolute_urls
from ..text import dates
from ..text.excerpts import demote_headings
from ..text.excerpts import strip_tags
from . import site_settings

MAX_DESCRIPTION_CHARS = 200
# So much HTML has the beginning in it.
OPENING_HTML_CHARS = 5000
T = TypeVar("T", bound=str)


def local(moment: datetime) -> datetime:
    """A stored time in the blog's zone."""
    return dates.to_local(moment, site_settings.get("TIMEZONE"))


def today() -> datetime:
    """This moment in the blog's zone."""
    return local(datetime.now(UTC))


def input_time(moment: datetime) -> str:
    """A stored time in the blog's zone, as a field for date and time takes it."""
    return local(moment).strftime("%Y-%m-%dT%H:%M:%S")


def format_time(moment: datetime) -> str:
    """A stored time in the blog's zone, to read: `2026-11-20 14:03`."""
    return f"{day(moment)} {local(moment):%H:%M}"


def day(moment: datetime) -> str:
    """A stored time as the day it was in the blog's zone, as the owner wants days to look."""
    return dates.format_date(local(moment), site_settings.get("DATE_FORMAT"))


def iso_date(moment: datetime) -> str:
    """A stored time as the day it was in the blog's zone: `2026-11-20`."""
    return local(moment).date().isoformat()


def post_url(post: sqlite3.Row) -> str:
    """The address of a post's page: its slug, or its id while it has none."""
    front = site_settings.front_page()
    if front is not None and front["id"] == post["id"]:
        return url_for("index")
    if post["slug"] is None:
        return url_for("blog.show_by_id", id=post["id"])
    return url_for("blog.show", slug=post["slug"])


def person_url(user_id: int, username: str) -> str:
    """The address of the page of somebody who writes."""
    return url_for("archives.person", name=profiles.url_name(user_id, username))


def date_url(year: int, month: int | None = None) -> str:
    """The address of the posts of a year or a month: `/2026/`, `/2026/03/`."""
    return url_for("index") + (f"{year:04}/{month:02}/" if month else f"{year:04}/")


def month_name(month: int) -> str:
    """The month of this number, as a word."""
    return dates.MONTHS[month - 1]


def list_url(**position: Any) -> str:
    """The address of the list of posts, which is not the front page where a page is that."""
    return url_for(
        "blog.index" if site_settings.front_page() is None else "blog.all_posts", **position
    )


def absolute(path: str) -> str:
    """The whole address of a path of this site; what is one already stays as it is."""
    if not path.startswith("/"):
        return path
    address = urlsplit(current_app.config["SITE_URL"] or request.host_url)
    own = path.removeprefix(request.script_root)
    return f"{address.scheme}://{address.netloc}{public_root()}{own}"


def public_root() -> str:
    """Return the path below which readers find the blog; `SITE_URL` says it, if it has one."""
    return urlsplit(current_app.config["SITE_URL"]).path.rstrip("/") or request.script_root


def own_url() -> str:
    """Return the whole address of the page that was asked for."""
    return absolute(request.script_root + request.path)


def rooted(text: T) -> T:
    """Return HTML as it is stored with its addresses as they are on this page."""
    return type(text)(absolute_urls.prefix_paths(text, request.script_root))


def link(address: str) -> str:
    """Return an address that a person typed, such as a cover's, as it is on this page."""
    return absolute_urls.prefix_path(address, request.script_root)


def iso_time(moment: datetime) -> str:
    """A stored time for programs, with its zone."""
    return moment.replace(tzinfo=UTC).isoformat()


def last_modified(post: sqlite3.Row) -> str:
    """When a post was last changed, for programs; at the earliest when it came out."""
    return iso_time(max(post["created"], post["updated"] or post["created"]))


def meta_description(post: sqlite3.Row, html: str) -> str:
    """What a post is about in a line: its summary, or how it begins."""
    beginning = (
        html if len(html) < OPENING_HTML_CHARS else html[:OPENING_HTML_CHARS].rpartition("<")[0]
    )
    words = post["summary"] or " ".join(strip_tags(beginning).split())
    if len(words) <= MAX_DESCRIPTION_CHARS:
        return words
    cut = words[: MAX_DESCRIPTION_CHARS - 2]
    return f"{cut.rpartition(' ')[0] or cut} …"


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
        "dateModified": last_modified(post),
        "author": [{"@type": "Person", "name": name} for name in authors],
        "publisher": {"@type": "Organization", "name": site_settings.get("SITE_TITLE")},
        "inLanguage": post["language"] or site_settings.get("LANGUAGE"),
    }
    return {name: value for name, value in data.items() if value}


def registration_is_open() -> bool:
    """Whether a visitor may make an account."""
    return site_settings.get("REGISTRATION") == "open" or not users.has_accounts()


class Notice(NamedTuple):
    """A sentence for the person who is logged in, and whether Settings is where it leads."""

    sentence: str
    leads_to_settings: bool = False
    # The part of the page of settings, such as `#registration`.
    anchor: str = ""


def notice() -> Notice | None:
    """What the person who is logged in should see to."""
    if g.user and not users.has_owner():
        return Notice(
            "This blog has no owner yet. To name one, run:"
            f" flaskr user role {g.user['username']} owner"
        )
    if not permissions.may(g.user, "change settings"):
        return None
    if "template_problem" in g:
        return Notice(g.template_problem)
    if site_settings.get("REGISTRATION") == "open":
        return Notice("Anyone can register.", leads_to_settings=True, anchor="#registration")
    if request.endpoint == "blog.index" and site_settings.is_untouched():
        return Notice("Your blog can have its own name, colours and menu.", leads_to_settings=True)
    return None


def password_hint() -> str:
    """What a new password has to be like, in a sentence; nothing where anything will do."""
    least = current_app.config["PASSWORD_MIN_LENGTH"]
    return f"At least {least} characters." if least > 1 else ""


def join_names(people: list[str]) -> str:
    """Several names as one would say them: "ada, grace and yuki"."""
    *others, last = people
    return f"{', '.join(others)} and {last}" if others else last


def init_app(app: Flask) -> None:
    """Give the templates these words."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.add_template_filter(day)
    app.add_template_filter(iso_date)
    app.add_template_filter(iso_time)
    app.add_template_filter(last_modified)
    app.add_template_filter(input_time)
    app.add_template_filter(format_time)
    app.add_template_filter(demote_headings)
    app.add_template_filter(rooted)
    app.add_template_filter(link)
    app.add_template_global(list_url)
    app.add_template_global(post_url)
    app.add_template_global(site_settings.footer, "site_footer")
    app.add_template_global(site_settings.front_page)
    app.add_template_global(site_settings.get, "site")
    app.add_template_global(site_settings.menu_links)
    app.add_template_global(absolute)
    app.add_template_global(meta_description)
    app.add_template_global(linked_data)
    app.add_template_global(join_names)
    app.add_template_global(month_name)
    app.add_template_global(permissions.may)
    app.add_template_global(person_url)
    app.add_template_global(date_url)
    app.add_template_global(notice)
    app.add_template_global(password_hint)
    app.add_template_global(registration_is_open)
    app.add_template_global(posts.has_written)
    app.add_template_global(posts.is_scheduled)
    app.add_template_global(posts.is_visible)
    app.add_template_global(posts.menu_pages, "menu")
    app.add_template_global(revisions.newest_id, "newest_revision")
    app.add_template_global(series.for_post, "series_of")
    app.add_template_global(series.recent_names, "series_names")
    app.add_template_global(tags.for_post, "tags_of")
    app.add_template_global(tags.names_by_use, "tag_names_by_use")
    app.add_template_global(cover_images.suggestions, "covers_offered")
