"""The command `flaskr import`: create posts from Markdown files."""

import hashlib
import sys
from collections.abc import Generator
from collections.abc import Iterable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from contextlib import suppress
from itertools import takewhile
from pathlib import Path
from threading import Event
from typing import NamedTuple
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import click
from flask import current_app

from .. import db
from .. import errors
from .. import images
from ..importers import links
from ..importers import markdown_file
from ..importers import post_metadata
from ..importers import site_types
from ..models import imports
from ..models import media
from ..models import users
from ..web import site_settings

# Each transaction stores at most this many files, or about this many bytes of them.
FILES_PER_BATCH = 200
MAX_BATCH_BYTES = 8 * 1024 * 1024
MAX_WARNINGS_SHOWN = 50
FRONT_MATTER_CHARS = 5000
HEADINGS = {
    "warnings": "Check these posts",
    "skipped": "Skipped because they were changed on the blog; --overwrite replaces them",
    "no_posts": "Not posts",
    "failed": "Failed",
}


class Images:
    """Imports the images next to posts into the media library, each image once."""

    def __init__(self, site: site_types.Site, max_upload: int) -> None:
        self.site = site
        owner = users.find_by_name(imports.default_author())
        self.user_id = owner["id"] if owner else None
        self.max_upload = max_upload
        self.addresses: dict[str, str] = {}
        self.warnings: list[str] = []

    def address(self, path: str, alt: str) -> str:
        """Return the URL of the imported image, or an empty string if it cannot be imported."""
        if path not in self.addresses:
            try:
                self.addresses[path] = self._import(Path(path), alt)
            except (errors.Invalid, OSError) as error:
                reason = getattr(error, "message", None) or f"{error}."
                self.warnings.append(f"The image “{Path(path).name}” was not imported. {reason}")
                return ""
        return self.addresses[path]

    def _import(self, file: Path, alt: str) -> str:
        if not site_types.contains(self.site, file):
            raise errors.Invalid(
                "It is outside the site. Copy it into the site, then import again."
            )
        with file.open("rb") as stream:
            content = stream.read(self.max_upload + 1)
        if not images.is_image(content):
            raise errors.Invalid("It is not an image that browsers can show.")
        medium = media.add(
            content, name=file.name, user_id=self.user_id, max_bytes=self.max_upload, alt=alt
        )
        return f"/media/{medium['name']}"

    def pop_warnings(self) -> list[str]:
        """Return the warnings since the last call."""
        warnings, self.warnings = self.warnings, []
        return warnings


class Options(NamedTuple):
    """The state of an import that all files share."""

    site: site_types.Site
    importer: imports.Importer
    images: Images
    dry_run: bool


class Report:
    """Collects the outcomes of files, to print at the end."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(("imported", "updated", "unchanged"), 0)
        self.messages: dict[str, list[tuple[str, str]]] = {heading: [] for heading in HEADINGS}
        self.anonymous = 0

    def add(self, name: str, outcome: imports.Outcome) -> None:
        """Add the outcome of a file."""
        if outcome.kind not in self.counts:
            self.messages["skipped"].append((name, f"{outcome.kind} on the blog"))
            return
        self.counts[outcome.kind] += 1
        if outcome.post is None:
            return
        claimed = [f"The old URL {path} leads to another post." for path in outcome.claimed]
        self.messages["warnings"] += [
            (name, warning) for warning in [*outcome.post["warnings"], *claimed]
        ]
        self.anonymous += not outcome.post["authors"]

    def add_error(self, name: str, error: errors.AppError) -> None:
        """Add the reason why a file was not imported."""
        heading = "no_posts" if isinstance(error, markdown_file.NotAPost) else "failed"
        self.messages[heading].append((name, error.message))


class _DryRun(Exception):
    """Rolls back the transaction of a dry run."""


def run(path: Path, *, dry_run: bool, overwrite: bool, author: str) -> None:
    """Import the posts and print a report. Exit with status 1 if some failed."""
    try:
        db.check_schema()
        former = site_types.detect(path, ZoneInfo(site_settings.get("TIMEZONE")))
        author = author or former.author or imports.default_author()
        pictures = Images(former, current_app.config["MAX_UPLOAD"])
        importer = imports.Importer(
            author=author, missing=imports.find_missing_files(), overwrite=overwrite
        )
        options = Options(former, importer, pictures, dry_run)
        report = _import(path, options)
    except errors.AppError as error:
        raise click.ClickException(error.message) from error
    except KeyboardInterrupt:
        click.echo(
            "\nStopped. Imported posts are kept; run the command again to continue.", err=True
        )
        raise click.Abort from None
    _print(report, options, path.resolve())
    if report.messages["failed"]:
        sys.exit(1)


class _File(NamedTuple):
    """A file that was read ahead: its post unless it seems to be skipped, or an error."""

    name: str
    content: bytes = b""
    fingerprint: str = ""
    post: markdown_file.Post | None = None
    error: errors.AppError | None = None


def _import(path: Path, options: Options) -> Report:
    found = site_types.find_posts(path, options.site)
    report = Report()
    report.messages["no_posts"] += found.no_posts
    report.messages["failed"] += found.failed
    steps = len(found.files) // 500 + 1
    db.tune_for_bulk_writes()
    with (
        click.progressbar(
            found.files, label="Reading", file=sys.stderr, update_min_steps=steps
        ) as names,
        closing(_read_ahead(names, options)) as batches,
    ):
        for files in batches:
            with suppress(_DryRun), db.transaction():
                _store(files, options, report)
                if options.dry_run:
                    raise _DryRun
    return report


def _read_ahead(names: Iterable[str], options: Options) -> Generator[list[_File], None, None]:
    """Yield files in batches, reading the next batch on a thread while one is stored.

    The database is not locked while the first batch is read, so others can write in between.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # a proxy has it
    is_stopped = Event()
    wanted = takewhile(lambda _: not is_stopped.is_set(), names)
    batches = _split(_read(name, options) for name in wanted)

    def read_batch() -> list[_File] | None:
        with app.app_context():
            return next(batches, None)

    with ThreadPoolExecutor(1) as reader:
        ahead = reader.submit(read_batch)
        try:
            while batch := ahead.result():
                ahead = reader.submit(read_batch)
                yield batch
        finally:
            is_stopped.set()


def _split(files: Iterable[_File]) -> Iterator[list[_File]]:
    batch: list[_File] = []
    size = 0
    for file in files:
        batch.append(file)
        size += len(file.content)
        if len(batch) >= FILES_PER_BATCH or size >= MAX_BATCH_BYTES:
            yield batch
            batch, size = [], 0
    yield batch


def _read(name: str, options: Options) -> _File:
    path = Path(name)
    try:
        content = markdown_file.load(path)
        fingerprint = _fingerprint(content)
        is_skipped = options.importer.is_skipped(name, fingerprint)
        post = None if is_skipped else _parse(content, path, options)
        return _File(name, content, fingerprint, post)
    except (markdown_file.NotAPost, errors.Invalid) as error:
        return _File(name, error=error)


def _store(files: Iterable[_File], options: Options, report: Report) -> None:
    for file in files:
        try:
            if file.error:
                raise file.error
            outcome = _store_file(file, options)
        except (markdown_file.NotAPost, errors.Invalid) as error:
            report.add_error(file.name, error)
        else:
            report.add(file.name, outcome)


def _store_file(file: _File, options: Options) -> imports.Outcome:
    skipped = options.importer.skip(file.name, file.fingerprint)
    if skipped:
        return skipped
    # The copy of a moved file was expected to be skipped and has not been read yet.
    post = file.post or _parse(file.content, Path(file.name), options)
    return options.importer.store(file.name, file.fingerprint, post)


def _fingerprint(content: bytes) -> str:
    # Older versions did not import images, covers and series: files that have any count as changed.
    text = content.decode(errors="replace")
    later = b"with images" if links.IMAGE_NAME.search(text) else b""
    later += (
        b"and front matter"
        if post_metadata.COVER_OR_SERIES.search(text[:FRONT_MATTER_CHARS])
        else b""
    )
    return hashlib.sha256(content + later).hexdigest()


def _parse(content: bytes, file: Path, options: Options) -> markdown_file.Post:
    post = markdown_file.parse(content, file, options.site)
    if options.dry_run:
        post["cover"] = ""
    else:
        address = options.images.address
        post["body"] = links.rewrite_image_links(post["body"], file, options.site.root, address)
        post["cover"] = _cover(post, file, options)
        post["warnings"] += options.images.pop_warnings()
    return post


def _cover(post: markdown_file.Post, file: Path, options: Options) -> str:
    written = post["cover"]
    if not written or written.startswith("https://"):
        return written
    path = links.find_image_file(unquote(written), file, options.site.root)
    if not path:
        post["warnings"].append(f"The cover “{written}” was not found.")
    return options.images.address(path, post["cover_alt"]) if path else ""


def _print(report: Report, options: Options, path: Path) -> None:
    folder = path if path.is_dir() else path.parent
    for key, heading in HEADINGS.items():
        messages = report.messages[key]
        shown = messages[:MAX_WARNINGS_SHOWN] if key == "warnings" else messages
        if messages:
            click.echo(f"{heading}:")
        for name, message in shown:
            click.echo(f"  {_short(name, folder)}: {message}")
        if len(messages) > len(shown):
            click.echo(f"  and {len(messages) - len(shown)} more")
    if options.images.addresses:
        click.echo(f"Imported {_count(len(options.images.addresses), 'image')}.")
    if report.anonymous:
        author = options.importer.author
        click.echo(
            f"{_count(report.anonymous, 'post')} without an author: assigned to {author}."
            " (--author chooses another.)"
        )
    click.echo(_summary(report, options.dry_run))


def _short(name: str, folder: Path) -> str:
    file = Path(name)
    return str(file.relative_to(folder)) if file.is_relative_to(folder) else name


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _summary(report: Report, dry_run: bool) -> str:
    imported = _count(report.counts["imported"], "post")
    updated, unchanged = report.counts["updated"], report.counts["unchanged"]
    if dry_run:
        return (
            f"Would import {imported}, update {updated} and leave {unchanged} unchanged."
            " Nothing was stored."
        )
    return f"Imported {imported}, updated {updated}; {unchanged} unchanged."
