"""Style sheet and scripts under addresses that change with them, so that browsers need not ask.

The part of the address is one for the whole folder: the scripts name each other by relative
addresses, which keep it.
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

FINGERPRINT = re.compile(r"\A[0-9a-f]{12}/")
A_YEAR = 60 * 60 * 24 * 365


def hash_folders(*folders: Path) -> str:
    """Twelve digits that change with any file in the folders."""
    digest = hashlib.sha256()
    for file in sorted(file for one in folders for file in one.rglob("*")):
        if file.is_file():
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def init_app(app: Flask) -> None:
    """Give the files such addresses; those without go on to work."""
    # Whoever works on a style sheet wants to see each change.
    here = "" if app.debug else hash_folders(Path(app.root_path, "static"), folder(app, "static"))

    def add(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and here:
            values["filename"] = f"{here}/{values['filename']}"

    def take_away(endpoint: str | None, values: dict[str, Any] | None) -> None:
        if endpoint == "static" and values:
            values["filename"] = FINGERPRINT.sub("", values["filename"], count=1)

    def keep(response: Response) -> Response:
        is_named_so = here and request.path.startswith(f"{app.static_url_path}/{here}/")
        if request.endpoint == "static" and response.status_code in (200, 304) and is_named_so:
            response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
        return response

    app.url_defaults(add)
    app.url_value_preprocessor(take_away)
    app.after_request(keep)
    app.view_functions["static"] = cacheable()(app.view_functions["static"])
