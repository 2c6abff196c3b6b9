"""Methods of XML-RPC for the blog itself: its names, tags, people and files."""

from datetime import UTC
from datetime import datetime
from typing import Any
from xmlrpc import client

from flask import current_app
from flask import g
from flask import url_for

from .. import errors
from ..models import media
from ..models import permissions
from ..models import profiles
from ..text import dates
from ..web import site_settings
from ..web import urls
from ..web.tokens import check_scope
from .xmlrpc_posts import CATEGORY
from .xmlrpc_posts import KEYWORD
from .xmlrpc_posts import as_term
from .xmlrpc_posts import list_tags
from .xmlrpc_values import Struct
from .xmlrpc_values import clean
from .xmlrpc_values import read_count
from .xmlrpc_values import read_list
from .xmlrpc_values import read_scalar
from .xmlrpc_values import read_struct
from .xmlrpc_values import read_text
from .xmlrpc_values import write_time

MAX_LISTED_FILES = 100
MAX_SKIPPED_FILES = 1000
TAXONOMIES = {CATEGORY: "Categories", KEYWORD: "Tags"}
POST_STATUSES = {"draft": "Draft", "publish": "Published", "future": "Scheduled"}
TEXT_FILTER = {"key": "markdown", "label": "Markdown"}


def list_blogs(_application: Any = None) -> list[Struct]:
    """Return the only blog."""
    return [
        {
            "blogid": "1",
            "blogName": clean(site_settings.get("SITE_TITLE")),
            "url": urls.make_absolute(url_for("index")),
            "xmlrpc": urls.make_absolute(url_for("xmlrpc.answer")),
            "isAdmin": permissions.may(g.user, "change settings"),
        }
    ]


def get_options(_blog: Any, names: Any = None) -> Struct:
    """Return the options of the blog that editors ask for."""
    zone = str(site_settings.get("TIMEZONE"))
    offset = dates.to_local(datetime.now(UTC).replace(tzinfo=None), zone).utcoffset()
    home = urls.make_absolute(url_for("index"))
    options = {
        "software_name": "flaskr",
        "blog_url": home,
        "home_url": home,
        "blog_title": clean(site_settings.get("SITE_TITLE")),
        "blog_tagline": clean(site_settings.get("TAGLINE")),
        "time_zone": f"{offset.total_seconds() / 3600:g}" if offset else "0",
        "default_comment_status": "closed",
        "default_ping_status": "closed",
    }
    wanted = set(map(read_scalar, read_list(names or []))) or set(options)
    return {
        name: {"desc": name.replace("_", " ").capitalize(), "readonly": True, "value": value}
        for name, value in options.items()
        if name in wanted
    }


def list_categories(_blog: Any) -> list[Struct]:
    """Return the tags as categories."""
    return [
        {
            "categoryId": str(tag["id"]),
            "parentId": "0",
            "categoryName": clean(tag["name"]),
            "categoryDescription": "",
            "description": clean(tag["name"]),
            "htmlUrl": urls.make_absolute(url_for("archives.tag", slug=tag["slug"])),
            "rssUrl": urls.make_absolute(url_for("feeds.of_tag", slug=tag["slug"], kind="xml")),
        }
        for tag in list_tags()
    ]


def list_keywords(_blog: Any) -> list[Struct]:
    """Return the tags as WordPress does."""
    return [
        {
            "tag_id": str(tag["id"]),
            "name": clean(tag["name"]),
            "slug": clean(tag["slug"]),
            "count": tag["posts"],
            "html_url": urls.make_absolute(url_for("archives.tag", slug=tag["slug"])),
            "rss_url": urls.make_absolute(url_for("feeds.of_tag", slug=tag["slug"], kind="xml")),
        }
        for tag in list_tags()
    ]


def list_taxonomies(_blog: Any) -> list[Struct]:
    """Return the kinds of terms, which are all tags."""
    return [
        {
            "name": name,
            "label": label,
            "hierarchical": False,
            "public": True,
            "show_ui": True,
            "object_type": ["post"],
        }
        for name, label in TAXONOMIES.items()
    ]


def list_terms(_blog: Any, taxonomy: Any, _filter: Any = None) -> list[Struct]:
    """Return the tags as terms of a taxonomy."""
    name = read_scalar(taxonomy)
    if name not in TAXONOMIES:
        raise errors.Invalid(f"taxonomy has to be {' or '.join(TAXONOMIES)}.")
    return [{**as_term(tag), "taxonomy": name, "count": tag["posts"]} for tag in list_tags()]


def list_statuses(_blog: Any) -> Struct:
    """Return the statuses that posts can have."""
    return POST_STATUSES


def list_formats(_blog: Any, _filter: Any = None) -> Struct:
    """Return the formats that posts can have."""
    return {"standard": "Standard"}


def list_text_filters() -> list[Struct]:
    """Return the language that texts are in."""
    return [TEXT_FILTER]


def list_authors(_blog: Any) -> list[Struct]:
    """Return the users."""
    check_scope("read")
    return [
        {
            "user_id": str(user["id"]),
            "user_login": clean(user["username"]),
            "display_name": _display_name(user),
        }
        for user in profiles.list_all()
    ]


def _display_name(user: Any) -> str:
    return clean(user["display_name"] or user["username"])


def get_profile(_blog: Any, _fields: Any = None) -> Struct:
    """Return the user of the token."""
    check_scope("read")
    url = urls.make_absolute(urls.person_url(g.user["id"], g.user["username"]))
    return {
        "user_id": str(g.user["id"]),
        "userid": str(g.user["id"]),
        "username": clean(g.user["username"]),
        "nickname": _display_name(g.user),
        "display_name": _display_name(g.user),
        "firstname": "",
        "lastname": "",
        "email": "",
        "bio": clean(g.user["bio"]),
        "url": url,
    }


def upload(_blog: Any, content: Any) -> Struct:
    """Store a file."""
    check_scope("media")
    content = read_struct(content)
    bits, name = content.get("bits"), read_text(content.get("name", ""))
    if not isinstance(bits, client.Binary):
        raise errors.Invalid("A file has to be a struct with bits in Base64.")
    file = media.add(
        bits.data,
        name=name,
        user_id=g.user["id"],
        max_bytes=current_app.config["MAX_UPLOAD"],
    )
    return {
        "id": str(file["id"]),
        # Somebody else may have stored the same file with another name.
        "file": clean(media.clean_name(name)),
        "url": _file_url(file),
        "type": file["type"],
    }


def _file_url(file: Any) -> str:
    return urls.make_absolute(url_for("media.file", name=file["name"]))


def list_files(_blog: Any, wanted: Any = None) -> list[Struct]:
    """Return files of the library, newest first."""
    check_scope("read")
    wanted = read_struct(wanted or {})
    count = read_count(wanted.get("number", MAX_LISTED_FILES), MAX_LISTED_FILES)
    skip = read_count(wanted.get("offset", 0), MAX_SKIPPED_FILES)
    page = media.newest(pictures=wanted.get("mime_type") == "image")
    found = page.media
    while page.older and len(found) < skip + count:
        page = media.newest(pictures=wanted.get("mime_type") == "image", before=str(page.older))
        found += page.media
    return [_as_file(file) for file in found[skip : skip + count]]


def _as_file(file: Any) -> Struct:
    url = _file_url(file)
    return {
        "attachment_id": str(file["id"]),
        "date_created_gmt": write_time(file["created"], "UTC"),
        "parent": 0,
        "link": url,
        "thumbnail": url,
        "title": clean(file["original_name"]),
        "caption": "",
        "description": clean(file["alt"]),
        "type": file["type"],
        "metadata": {"width": file["width"] or 0, "height": file["height"] or 0},
    }
