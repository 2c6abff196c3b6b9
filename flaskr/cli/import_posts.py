"""`flaskr import`: brings in posts from files of Markdown."""

import hashlib
import sys
from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Iterable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from contextlib import suppress
from functools import partial
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

# So many files, or so many bytes of them, are stored together, or none of them where the command
# is stopped.
BATCH = 200
BATCH_BYTES = 8 * 1024 * 1024
HINTS = 50
# So much of a file has its front matter in it.
HEAD = 5000
HEADINGS = {
    "look": "To look at",
    "here": "Left alone, because they were changed here; --overwrite takes the files'",
    "no_posts": "These are no posts",
    "failed": "Failed",
}


class Images:
    """The images beside posts, on their way into the library: each is taken once."""

    def __init__(self, site: site_types.Site, max_upload: int) -> None:
        self.site = site
        owner = users.find_by_name(imports.default_author())
        self.user_id = owner["id"] if owner else None
        self.max_upload = max_upload
        self.addresses: dict[str, str] = {}
        self.warnings: list[str] = []

    def address(self, path: str, alt: str) -> str:
        """Where the image is here, or an empty text where it cannot be taken."""
        if path not in self.addresses:
            try:
                self.addresses[path] = self._bring_in(Path(path), alt)
            except (errors.Invalid, OSError) as error:
                reason = getattr(error, "message", None) or f"{error}."
                self.warnings.append(f"The image “{Path(path).name}” stays where it is. {reason}")
                return ""
        return self.addresses[path]

    def _bring_in(self, file: Path, alt: str) -> str:
        if not site_types.contains(self.site, file):
            raise errors.Invalid("It lies outside the site. Copy it there, then import again.")
        with file.open("rb") as stream:
            content = stream.read(self.max_upload + 1)
        if not images.is_image(content):
            raise errors.Invalid("It is no picture that browsers show.")
        medium = media.add(
            content, name=file.name, user_id=self.user_id, max_bytes=self.max_upload, alt=alt
        )
        return f"/media/{medium['name']}"

    def warnings_until_now(self) -> list[str]:
        """What is to be told of the images of the last post."""
        warnings, self.warnings = self.warnings, []
        return warnings


class Options(NamedTuple):
    """What was asked for, and what all files have in common."""

    site: site_types.Site
    author: str
    lost: imports.Lost
    images: Images
    overwrite: bool
    dry_run: bool


class Report:
    """What became of the files."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(("imported", "updated", "unchanged"), 0)
        self.told: dict[str, list[tuple[str, str]]] = {heading: [] for heading in HEADINGS}
        self.anonymous = 0

    def take(self, name: str, outcome: imports.Outcome) -> None:
        """Count what became of a file, and keep what is to be told of it."""
        if outcome.kind not in self.counts:
            self.told["here"].append((name, f"{outcome.kind} here"))
            return
        self.counts[outcome.kind] += 1
        if outcome.post is None:
            return
        claimed = [f"The old address {path} leads to another post." for path in outcome.claimed]
        self.told["look"] += [(name, words) for words in [*outcome.post["warnings"], *claimed]]
        self.anonymous += not outcome.post["authors"]

    def refuse(self, name: str, error: errors.AppError) -> None:
        """Keep why a file is left out."""
        heading = "no_posts" if isinstance(error, markdown_file.NotAPost) else "failed"
        self.told[heading].append((name, error.message))


class _DryRunEnds(Exception):
    """Nothing went wrong, but nothing is to be stored."""


def run(path: Path, *, dry_run: bool, overwrite: bool, author: str) -> None:
    """Bring the posts in and tell what became of them; ends with status 1 where some failed."""
    try:
        db.check_schema()
        former = site_types.detect(path, ZoneInfo(site_settings.get("TIMEZONE")))
        author = author or former.author or imports.default_author()
        pictures = Images(former, current_app.config["MAX_UPLOAD"])
        options = Options(former, author, imports.lost_sources(), pictures, overwrite, dry_run)
        report = _import(path, options)
    except errors.AppError as error:
        raise click.ClickException(error.message) from error
    except KeyboardInterrupt:
        click.echo("\nStopped. What was stored stays; run it again to go on.", err=True)
        raise click.Abort from None
    _tell(report, options, path.resolve())
    if report.told["failed"]:
        sys.exit(1)


class _File(NamedTuple):
    """A file that was looked at, and how its post is had."""

    name: str
    size: int
    fingerprint: str
    read: Callable[[], markdown_file.Post]


class _Refused(NamedTuple):
    """A file that cannot be read, or is no post."""

    name: str
    error: errors.AppError
    size: int = 0


def _import(path: Path, options: Options) -> Report:
    found = site_types.find_posts(path, options.site)
    report = Report()
    report.told["no_posts"] += found.no_posts
    report.told["failed"] += found.failed
    steps = len(found.files) // 500 + 1
    db.tune_for_bulk_writes()
    with (
        click.progressbar(
            found.files, label="Reading", file=sys.stderr, update_min_steps=steps
        ) as names,
        closing(_read_ahead(names, options)) as batches,
    ):
        for files in batches:
            with suppress(_DryRunEnds), db.transaction():
                _store(files, options, report)
                if options.dry_run:
                    raise _DryRunEnds
    return report


def _read_ahead(
    names: Iterable[str], options: Options
) -> Generator[list[_File | _Refused], None, None]:
    """The files in batches, of which the next is read while one is stored.

    So others find the database free to write now and then, and a second core is of use: SQLite
    needs no lock of Python's.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # a proxy has it
    over = Event()
    wanted = takewhile(lambda _: not over.is_set(), names)
    batches = _batches(_look_at(name, options) for name in wanted)

    def read() -> list[_File | _Refused] | None:
        with app.app_context():
            return next(batches, None)

    with ThreadPoolExecutor(1) as reader:
        ahead = reader.submit(read)
        try:
            while batch := ahead.result():
                ahead = reader.submit(read)
                yield batch
        finally:
            over.set()


def _batches(files: Iterable[_File | _Refused]) -> Iterator[list[_File | _Refused]]:
    batch: list[_File | _Refused] = []
    size = 0
    for file in files:
        batch.append(file)
        size += file.size
        if len(batch) >= BATCH or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    yield batch


def _look_at(name: str, options: Options) -> _File | _Refused:
    file = Path(name)
    try:
        content = markdown_file.load(file)
        fingerprint = _fingerprint(content)
        read = partial(_read, content, file, options)
        if imports.seems_left(name, fingerprint, options.lost, options.overwrite):
            return _File(name, len(content), fingerprint, read)
        post = read()
        return _File(name, len(content), fingerprint, lambda: post)
    except (markdown_file.NotAPost, errors.Invalid) as error:
        return _Refused(name, error)


def _store(files: Iterable[_File | _Refused], options: Options, report: Report) -> None:
    batch = imports.Batch(author=options.author, lost=options.lost, overwrite=options.overwrite)
    for file in files:
        if isinstance(file, _Refused):
            report.refuse(file.name, file.error)
            continue
        try:
            outcome = batch.add(file.name, file.fingerprint, file.read)
        except (markdown_file.NotAPost, errors.Invalid) as error:
            report.refuse(file.name, error)
        else:
            if outcome:
                report.take(file.name, outcome)
    for name, outcome in batch.store():
        report.take(name, outcome)


def _fingerprint(content: bytes) -> str:
    # Files that were imported while their images had to wait are taken up once more.
    text = content.decode(errors="replace")
    later = b"with images" if links.IMAGE_NAME.search(text) else b""
    # So are those from before covers and series came along.
    later += b"and front matter" if post_metadata.COVER_OR_SERIES.search(text[:HEAD]) else b""
    return hashlib.sha256(content + later).hexdigest()


def _read(content: bytes, file: Path, options: Options) -> markdown_file.Post:
    post = markdown_file.parse(content, file, options.site)
    if options.dry_run:
        post["cover"] = ""
    else:
        address = options.images.address
        post["body"] = links.rewrite_image_links(post["body"], file, options.site.root, address)
        post["cover"] = _cover(post, file, options)
        post["warnings"] += options.images.warnings_until_now()
    return post


def _cover(post: markdown_file.Post, file: Path, options: Options) -> str:
    written = post["cover"]
    if not written or written.startswith("https://"):
        return written
    path = links.find_image_file(unquote(written), file, options.site.root)
    if not path:
        post["warnings"].append(f"The cover “{written}” is not there.")
    return options.images.address(path, post["cover_alt"]) if path else ""


def _tell(report: Report, options: Options, path: Path) -> None:
    folder = path if path.is_dir() else path.parent
    for heading, words in HEADINGS.items():
        told = report.told[heading]
        shown = told[:HINTS] if heading == "look" else told
        if told:
            click.echo(f"{words}:")
        for name, reason in shown:
            click.echo(f"  {_short(name, folder)}: {reason}")
        if len(told) > len(shown):
            click.echo(f"  and {len(told) - len(shown)} more")
    if options.images.addresses:
        click.echo(f"{_count(len(options.images.addresses), 'image')} came with them.")
    if report.anonymous:
        names = "names" if report.anonymous == 1 else "name"
        click.echo(
            f"{_count(report.anonymous, 'post')} {names} no author: by {options.author}."
            " (--author says who.)"
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
            f"Would import {imported}, update {updated} and leave {unchanged} as they are."
            " Nothing is stored."
        )
    return f"Imported {imported}, updated {updated}; {unchanged} unchanged."
