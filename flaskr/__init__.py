"""flaskr: the blog of Flask's tutorial, grown up."""

from collections.abc import Mapping
from typing import Any

from flask import Flask

__version__ = "0.4.0"


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    """Create and configure an instance of the application."""
    from . import account
    from . import auth
    from . import blog
    from . import browse
    from . import byte_ranges
    from . import cache
    from . import cli
    from . import crawlers
    from . import db
    from . import desk
    from . import editor
    from . import error_pages
    from . import feeds
    from . import health
    from . import history
    from . import identity
    from . import media
    from . import models
    from . import overrides
    from . import pages
    from . import places
    from . import search
    from . import security
    from . import settings
    from . import settings_page
    from . import setup_token
    from . import static_files
    from . import tags
    from . import unsaved

    place = places.find()
    app = Flask(__name__, instance_path=str(place.folder), instance_relative_config=True)
    settings.load(app, test_config, place.notices)

    @app.route("/hello")
    def hello() -> str:
        """Say that the application runs."""
        return "Hello, World!"

    cache.init_app(app)
    overrides.init_app(app)
    security.init_app(app)
    byte_ranges.init_app(app)
    static_files.init_app(app)
    db.init_app(app)
    models.init_app(app)
    error_pages.init_app(app)
    pages.init_app(app)
    cli.init_app(app)
    setup_token.init_app(app)

    app.register_blueprint(health.bp)
    app.register_blueprint(auth.bp)
    app.register_blueprint(media.bp)
    app.register_blueprint(account.bp)
    app.register_blueprint(blog.bp)
    app.register_blueprint(browse.bp)
    app.register_blueprint(search.bp)
    app.register_blueprint(feeds.bp)
    app.register_blueprint(crawlers.bp)
    app.register_blueprint(desk.bp)
    app.register_blueprint(history.bp)
    app.register_blueprint(tags.bp)
    app.register_blueprint(editor.bp)
    app.register_blueprint(unsaved.bp)
    app.register_blueprint(settings_page.bp)
    app.register_blueprint(identity.bp)
    app.add_url_rule("/", endpoint="index")

    return app
