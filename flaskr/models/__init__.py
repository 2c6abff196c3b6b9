"""Business rules and all SQL."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the rules' triggers and post-upgrade hooks with `init_db`."""
    from . import listed_dates
    from . import media
    from . import media_storage
    from . import post_fields
    from . import rendered_html
    from . import search_index
    from . import users

    media_storage.init_app(app)
    app.extensions["flaskr.triggers"] += [listed_dates.triggers, search_index.triggers]
    app.extensions["flaskr.post_upgrade_hooks"] += [
        users.backfill_keys,
        post_fields.backfill_slugs,
        rendered_html.delete_outdated,
        media.tidy_up_folder,
    ]
