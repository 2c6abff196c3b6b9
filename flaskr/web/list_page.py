"""The list of posts that is the front page of most blogs."""

from flask import render_template

from ..models import post_lists
from ..models import posts
from ..models import rendered_html
from ..models import tags
from ..models import users
from . import appearance
from . import site_settings


def render(page: post_lists.Page, first_page: bool) -> str:
    """Return a page of the list of posts."""
    rendered = rendered_html.for_posts(page.posts, site_settings.text_style())
    return render_template(
        "blog/index.html",
        page=page,
        rendered=rendered,
        tags=tags.for_posts(post["id"] for post in page.posts),
        authors=posts.authors_of(post["id"] for post in page.posts),
        covers=appearance.covers(page.posts, rendered),
        first_page=first_page,
        is_new_blog=not page.posts and not users.has_accounts(),
    )
