"""A post's Markdown with front matter, for programs and for moving elsewhere."""

import sqlite3

from flask import request
from werkzeug.wrappers import Response

from ..models import posts
from ..models import tags
from ..page_cache.responses import MARKDOWN
from ..page_cache.responses import prefers_markdown
from . import urls
from .template_dates import iso_time
from .template_dates import last_modified


def is_preferred() -> bool:
    """Return True if the client prefers Markdown to HTML."""
    return prefers_markdown(request.headers.get("Accept", ""))


def respond(post: sqlite3.Row) -> Response:
    """Return a post as Markdown."""
    import yaml

    url = urls.make_absolute(urls.post_url(post))
    fields = {
        "title": post["title"],
        "url": url,
        "date": iso_time(post["created"]),
        "updated": last_modified(post),
        "authors": [person["name"] for person in posts.authors(post["id"])] or [post["author"]],
        "tags": [tag["name"] for tag in tags.for_post(post["id"])],
        "summary": post["summary"],
        "language": post["language"],
    }
    known = {name: value for name, value in fields.items() if value}
    # The writer in C is ten times faster; not every machine has it.
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    front_matter = yaml.dump(known, Dumper=dumper, allow_unicode=True, sort_keys=False, width=1000)
    response = Response(f"---\n{front_matter}---\n\n{post['body']}\n", mimetype=MARKDOWN)
    response.headers["Link"] = f'<{url}>; rel="canonical"'
    return response
