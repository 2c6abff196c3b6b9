"""Add a hash to the URLs of static files, so that browsers may cache them for a year.

All files share one hash because scripts import each other by relative URLs, which keep it.
"""

import hashlib
import re
from pathlib import Path
from typing import Any

from flask import Flask
from flask import Response
from flask import request

from ..page_cache.middleware import cacheable
from .theme import folder

HASH_PREFIX = re.compile(r"\A[0-9a-f]{12}/")
MAX_AGE_SECONDS = 60 * 60 * 24 * 365


def hash_folders(*folders: Path) -> str:
    """Return 12 hexadecimal digits that change with any file in the folders."""
    digest = hashlib.sha256()
    for file in sorted(file for root in folders for file in root.rglob("*")):
        if file.is_file():
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def init_app(app: Flask) -> None:
    """Add the hash to URLs of static files. URLs without it keep working."""
    # In debug mode, files may change while the server runs.
    current_hash = (
        "" if app.debug else hash_folders(Path(app.root_path, "static"), folder(app, "static"))
    )

    def add_hash(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and current_hash:
            values["filename"] = f"{current_hash}/{values['filename']}"

    def strip_hash(endpoint: str | None, values: dict[str, Any] | None) -> None:
        if endpoint == "static" and values:
            values["filename"] = HASH_PREFIX.sub("", values["filename"], count=1)

    def set_max_age(response: Response) -> Response:
        has_hash = current_hash and request.path.startswith(
            f"{app.static_url_path}/{current_hash}/"
        )
        if request.endpoint == "static" and response.status_code in (200, 304) and has_hash:
            response.headers["Cache-Control"] = f"public, max-age={MAX_AGE_SECONDS}, immutable"
        return response

    app.url_defaults(add_hash)
    app.url_value_preprocessor(strip_hash)
    app.after_request(set_max_age)
    app.view_functions["static"] = cacheable()(app.view_functions["static"])
