"""Read the posts that a frozen blog has, with the words in them."""

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote

from .. import db
from ..exporters import search_files
from ..models import exported_blogs
from ..models import rendered_html
from ..models import static_sites
from ..models import tags
from ..text import Rendered
from ..text.visible_text import visible_text
from ..web import site_settings
from ..web import template_dates
from . import frozen_paths
from .pages import Site


class Post(NamedTuple):
    """A post: its path in the blog, and how it is found."""

    path: str
    searched: search_files.Page


def read(site: Site, ids: Sequence[int]) -> list[Post]:
    """Return posts that everyone may read. Their HTML is stored."""
    with site.app.request_context(site.environ("/")):
        found = static_sites.visible_posts(ids)
        rendered = rendered_html.for_posts(found, site_settings.text_style(), wait=True)
        tagged = tags.for_posts([post["id"] for post in found])
        return [
            _describe(site, post, [tag["name"] for tag in tagged[post["id"]]], rendered[post["id"]])
            for post in found
        ]


def _describe(site: Site, post: db.Row, names: list[str], rendered: Rendered) -> Post:
    path = f"/{post['id'] if post['slug'] is None else quote(str(post['slug']))}"
    title = post["title"] or "Untitled"
    words = map(exported_blogs.clean_line, (post["summary"], *names))
    searched = search_files.Page(
        post["id"],
        f"{site.root}{frozen_paths.address(path)}",
        title,
        f"by {post['author']} on {template_dates.format_date(post['created'])}",
        search_files.split_words(" ".join([title, *words, visible_text(rendered.html)])),
    )
    return Post(path, searched)
