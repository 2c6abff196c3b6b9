"""The rules, and all the SQL."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Let `init_db` complete what plain SQL left out of its rows."""
    from . import media_files
    from . import posts
    from . import renderings
    from . import users

    app.extensions["flaskr.completions"] = [
        users.fill_keys,
        posts.fill_slugs,
        renderings.forget_older_versions,
        media_files.forget_unfinished,
    ]
