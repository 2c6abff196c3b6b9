"""flaskr: the blog of Flask's tutorial, grown up."""

from collections.abc import Mapping
from typing import Any

from flask import Flask

__version__ = "0.9.0"


def create_app(test_config: Mapping[str, Any] | None = None) -> Flask:
    """Create and configure an instance of the application."""
    from . import auth
    from . import backups
    from . import blog
    from . import cli
    from . import config
    from . import data_folder
    from . import db
    from . import models
    from .admin import authorization
    from .admin import autosaves
    from .admin import backups as admin_backups
    from .admin import cards
    from .admin import design
    from .admin import events
    from .admin import exports
    from .admin import media
    from .admin import posts
    from .admin import previews
    from .admin import profile
    from .admin import redirects as admin_redirects
    from .admin import revisions
    from .admin import series
    from .admin import settings
    from .admin import site_imports
    from .admin import tags
    from .admin import tokens as admin_tokens
    from .admin import undo
    from .api import cors
    from .api import micropub
    from .api import oauth
    from .api import v1
    from .api import xmlrpc
    from .page_cache import middleware
    from .public import archives
    from .public import branding
    from .public import feeds
    from .public import health
    from .public import machines
    from .public import search
    from .public import sitemap
    from .public import social_cards
    from .web import byte_ranges
    from .web import error_pages
    from .web import redirects
    from .web import security
    from .web import setup_token
    from .web import static_files
    from .web import template_helpers
    from .web import theme
    from .web import tokens
    from .web import websub

    instance = data_folder.find_instance()
    app = Flask(__name__, instance_path=str(instance.folder), instance_relative_config=True)
    config.load(app, test_config, instance.notices)

    @app.route("/hello")
    def hello() -> str:
        """Show that the application runs."""
        return "Hello, World!"

    db.init_app(app)
    models.init_app(app)
    # Request hooks run in this order: the page cache chooses the connection, `security` limits the
    # body and rejects cross-site requests, `byte_ranges` drops invalid ranges, then `auth` loads
    # the user. Response hooks run in reverse. The middleware added last is the outermost.
    middleware.init_app(app)
    cors.init_app(app)
    security.init_app(app)
    tokens.init_app(app)
    byte_ranges.init_app(app)
    static_files.init_app(app)
    theme.init_app(app)
    error_pages.init_app(app)
    redirects.init_app(app)
    template_helpers.init_app(app)
    setup_token.init_app(app)
    backups.init_app(app)
    websub.init_app(app)
    cli.init_app(app)

    app.register_blueprint(health.bp)
    app.register_blueprint(auth.bp)
    app.register_blueprint(authorization.bp)
    app.register_blueprint(oauth.bp)
    app.register_blueprint(media.bp)
    app.register_blueprint(cards.bp)
    app.register_blueprint(profile.bp)
    app.register_blueprint(admin_tokens.bp)
    app.register_blueprint(blog.bp)
    app.register_blueprint(archives.bp)
    app.register_blueprint(search.bp)
    app.register_blueprint(feeds.bp)
    app.register_blueprint(sitemap.bp)
    app.register_blueprint(machines.bp)
    app.register_blueprint(posts.bp)
    app.register_blueprint(revisions.bp)
    app.register_blueprint(tags.bp)
    app.register_blueprint(series.bp)
    app.register_blueprint(undo.bp)
    app.register_blueprint(events.bp)
    app.register_blueprint(previews.bp)
    app.register_blueprint(autosaves.bp)
    app.register_blueprint(settings.bp)
    app.register_blueprint(design.bp)
    app.register_blueprint(admin_redirects.bp)
    app.register_blueprint(site_imports.bp)
    app.register_blueprint(admin_backups.bp)
    app.register_blueprint(exports.bp)
    app.register_blueprint(branding.bp)
    app.register_blueprint(micropub.bp)
    app.register_blueprint(xmlrpc.bp)
    app.register_blueprint(v1.bp)
    app.register_blueprint(social_cards.bp)
    app.add_url_rule("/", endpoint="index")

    return app
