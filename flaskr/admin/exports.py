"""The page on which the owner downloads everything that was written."""

from collections.abc import Callable
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from typing import NamedTuple

from flask import Blueprint
from flask import Response
from flask import render_template
from flask import request
from flask import stream_with_context
from flask import url_for

from .. import errors
from .. import text
from ..auth import login_required
from ..auth import permission_required
from ..models import settings
from ..site_export import entries
from ..site_export import other_systems
from ..site_export import zips
from ..web import site_settings
from ..web import urls

bp = Blueprint("exports", __name__, url_prefix="/settings/export")
bp.before_request(permission_required("change settings"))


class Format(NamedTuple):
    """A format to choose: the suffix and type of the file, and a function that writes it."""

    suffix: str
    type: str
    write: Callable[[], Iterator[bytes]]


@bp.route("")
@login_required
def index() -> str:
    """Show the formats to choose from."""
    return render_template("admin/exports/index.html")


@bp.route("", methods=("POST",))
@login_required
def download() -> Response:
    """Send the export, which is made while it is sent."""
    chosen = FORMATS.get(request.form.get("format", "markdown"))
    if chosen is None:
        raise errors.NotFound("There is no such format.")
    name = f"{text.slugify(site_settings.get('SITE_TITLE'))}-{datetime.now(UTC):%Y-%m-%d}"
    headers = {"Content-Disposition": f'attachment; filename="{name}.{chosen.suffix}"'}
    return Response(stream_with_context(chosen.write()), mimetype=chosen.type, headers=headers)


def _markdown() -> Iterator[bytes]:
    options = entries.Options("revisions" in request.form, "trash" in request.form)
    return zips.stream(entries.of_blog(options))


def _wxr() -> Iterator[bytes]:
    return other_systems.write_wxr(_about(), entries.ignore_progress)


def _ghost() -> Iterator[bytes]:
    return zips.stream(other_systems.ghost_entries(_about(), entries.ignore_progress))


def _about() -> dict[str, object]:
    values = {name: site_settings.get(name) for name in settings.CHECKS}
    return other_systems.site(values, urls.make_absolute(url_for("index")))


FORMATS = {
    "markdown": Format("zip", "application/zip", _markdown),
    "wxr": Format("xml", "application/xml", _wxr),
    "ghost": Format("zip", "application/zip", _ghost),
}
