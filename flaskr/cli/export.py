"""The command `flaskr export`: write everything that people wrote, in open formats."""

from pathlib import Path

import click
from flask import current_app

from .. import db
from .. import errors
from ..models import settings
from ..site_export import files
from ..site_export import other_systems
from ..site_export.entries import Options
from ..site_export.entries import Progress
from ..web import site_settings
from ..web import urls
from .progress import show_progress


def run(target: Path, form: str, options: Options, url: str) -> None:
    """Write the export and print a sentence."""
    with show_progress() as bars:
        message = _export(target, form, options, url, bars.show)
    click.echo(message)


def _export(target: Path, form: str, options: Options, url: str, progress: Progress) -> str:
    if form == files.MARKDOWN:
        return files.export_markdown(target, options, progress)
    if target.is_dir() or not target.suffix:
        raise errors.Invalid("Name a file to write, such as blog.xml or blog.zip.")
    db.check_schema()
    address = url or current_app.config["SITE_URL"]
    if form == files.WXR and not urls.is_web_address(address):
        raise errors.Invalid(
            "Where is the blog? Add its address, such as --url https://blog.example."
        )
    values = {name: site_settings.get(name) for name in settings.CHECKS}
    about = other_systems.site(values, address)
    write = files.export_wxr if form == files.WXR else files.export_ghost
    return write(target, about, progress)
