"""The rules, and all the SQL."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the triggers and the post-upgrade hooks of the rules with `init_db`."""
    from . import media_storage
    from . import posts
    from . import rendered_html
    from . import search_index
    from . import users

    app.extensions["flaskr.triggers"].append(search_index.triggers)
    app.extensions["flaskr.post_upgrade_hooks"] += [
        users.backfill_keys,
        posts.backfill_slugs,
        rendered_html.forget_older_versions,
        media_storage.forget_unfinished,
    ]
