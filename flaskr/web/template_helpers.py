"""Register the filters and globals that templates use."""

import sqlite3

from flask import Flask
from flask import current_app

from ..models import cover_images
from ..models import permissions
from ..models import posts
from ..models import profiles
from ..models import revisions
from ..models import series
from ..models import tags
from ..models import users
from ..sizes import format_size
from ..text import example_post
from ..text import titles
from ..text.excerpts import demote_headings
from ..text.locales import open_graph_locale
from ..text.locales import text_direction
from . import appearance
from . import conflicts
from . import frozen
from . import notices
from . import security
from . import seo
from . import site_settings
from . import social_cards
from . import template_dates
from . import urls


def registration_is_open() -> bool:
    """Return True if a visitor may create an account."""
    return site_settings.get("REGISTRATION") == "open" or not users.has_accounts()


def password_hint() -> str:
    """Return the rule for new passwords as a sentence, or an empty string without a rule."""
    minimum = current_app.config["PASSWORD_MIN_LENGTH"]
    return f"At least {minimum} characters." if minimum > 1 else ""


def author_names(post: sqlite3.Row, authors: list[sqlite3.Row]) -> str:
    """Return the names of a post's authors as a phrase: "ada, grace and yuki"."""
    *others, last = [person["name"] for person in authors] or [post["author"]]
    return f"{', '.join(others)} and {last}" if others else str(last)


def init_app(app: Flask) -> None:
    """Register the filters and globals."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True

    app.add_template_filter(template_dates.byline_date)
    app.add_template_filter(template_dates.format_date, "day")
    app.add_template_filter(template_dates.format_time)
    app.add_template_filter(template_dates.input_time)
    app.add_template_filter(template_dates.iso_date)
    app.add_template_filter(template_dates.iso_time)
    app.add_template_filter(template_dates.last_modified)
    app.add_template_filter(template_dates.recent_time)
    app.add_template_filter(demote_headings)
    app.add_template_filter(format_size)
    app.add_template_filter(titles.to_html, "title_html")
    app.add_template_filter(titles.to_text, "title_text")
    app.add_template_filter(urls.prefix_html, "rooted")
    app.add_template_filter(urls.prefix_link, "link")

    app.add_template_filter(conflicts.typed_text)
    app.add_template_global(frozen.is_frozen)
    app.add_template_global(conflicts.list_places, "conflict_places")
    app.add_template_global(urls.current_path)
    app.add_template_global(urls.date_url)
    app.add_template_global(urls.list_url)
    app.add_template_global(urls.make_absolute, "absolute")
    app.add_template_global(urls.person_url)
    app.add_template_global(urls.post_url)
    app.add_template_global(site_settings.footer, "site_footer")
    app.add_template_global(site_settings.front_page)
    app.add_template_global(site_settings.get, "site")
    app.add_template_global(appearance.custom_css_url)
    app.add_template_global(appearance.header_picture)
    app.add_template_global(appearance.look)
    app.add_template_global(appearance.preview_style)
    app.add_template_global(site_settings.menu_links)
    app.add_template_global(seo.linked_data)
    app.add_template_global(seo.meta_description)
    app.add_template_global(seo.opening, "opening_text")
    app.add_template_global(open_graph_locale, "og_locale")
    app.add_template_global(text_direction)
    app.add_template_global(social_cards.social_image)
    app.add_template_global(security.style_nonce)
    app.add_template_global(notices.current_notice, "notice")
    app.add_template_global(template_dates.month_name)
    app.add_template_global(example_post)
    app.add_template_global(author_names)
    app.add_template_global(password_hint)
    app.add_template_global(registration_is_open)

    app.add_template_global(permissions.may)
    app.add_template_global(posts.authors, "authors_of")
    app.add_template_global(posts.has_written)
    app.add_template_global(posts.is_scheduled)
    app.add_template_global(posts.is_visible)
    app.add_template_global(posts.menu_pages, "menu")
    app.add_template_global(profiles.find_portraits)
    app.add_template_global(profiles.read_links)
    app.add_template_global(revisions.newest_id, "newest_revision")
    app.add_template_global(series.for_post, "series_of")
    app.add_template_global(series.recent_names, "series_names")
    app.add_template_global(tags.for_post, "tags_of")
    app.add_template_global(tags.names_by_use, "tag_names_by_use")
    app.add_template_global(users.usernames)
    app.add_template_global(cover_images.suggestions, "covers_offered")
