"""The rules, and all the SQL."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register what `init_db` runs: repeated triggers, and completing rows of plain SQL."""
    from . import content
    from . import media_files
    from . import posts
    from . import renderings
    from . import search_index
    from . import users

    app.extensions["flaskr.triggers"] = [content.triggers, search_index.triggers]
    app.extensions["flaskr.completions"] = [
        users.fill_keys,
        posts.fill_slugs,
        renderings.forget_older_versions,
        media_files.forget_unfinished,
    ]
