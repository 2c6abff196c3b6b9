"""Effective values of settings for rules: locked, else stored by the owner, else the default."""

from typing import Any

from flask import current_app

from .. import db
from .. import default_settings

# The key of the mapping from locked settings to their source, such as "in config.py".
LOCKED_BY = "flaskr.locked_by"


def read(name: str) -> Any:
    """Return the effective value of a setting that the owner may change."""
    configured = current_app.config[name]
    is_locked = name in current_app.extensions.get(LOCKED_BY, {})
    if is_locked or configured != getattr(default_settings, name):
        return configured
    row = db.one("SELECT CAST(value AS TEXT) AS value FROM setting WHERE name = ?", name)
    return row["value"] if row else configured
