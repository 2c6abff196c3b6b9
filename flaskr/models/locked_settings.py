"""Locked settings: those set in config.py, the environment or by the caller of `create_app`.

The owner cannot change a locked setting on the settings page. `settings.py` has the stored
settings, which the owner chose there, and `web/site_settings.py` combines both into effective
values.
"""

from collections.abc import Mapping
from typing import Any

from flask import Flask

from .. import default_settings
from . import settings
from .effective_settings import LOCKED_BY


def values(app: Flask) -> dict[str, Any]:
    """Return the locked settings with their values."""
    return {
        name: settings.check(name, app.config[name])
        for name in settings.CHECKS
        # A program may also change `app.config` after `create_app`.
        if name in _sources(app) or app.config[name] not in _defaults(app, name)
    }


def sources(app: Flask) -> dict[str, str]:
    """Return the locked settings, each with the source of its value in words."""
    return {
        name: _sources(app).get(name, "by the program that runs the blog") for name in values(app)
    }


def _sources(app: Flask) -> Mapping[str, str]:
    found: Mapping[str, str] = app.extensions.get(LOCKED_BY, {})
    return found


def _defaults(app: Flask, name: str) -> tuple[Any, ...]:
    default = getattr(default_settings, name)
    return (default, default_settings.TESTING.get(name, default)) if app.testing else (default,)
