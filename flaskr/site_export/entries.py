"""The files of an export, one after another: nothing holds all of them in memory."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any
from typing import NamedTuple

from ..exporters import markdown
from ..models import exported_blogs
from ..models import media_storage

FORMAT = 1
MARKER = "flaskr.yaml"
Progress = Callable[[str, int, int], None]


class Medium(NamedTuple):
    """A file of the media library, and its size."""

    name: str
    size: int

    def read(self) -> Iterator[bytes]:
        """Yield the content. Raises `FileNotFoundError`, `Unavailable`."""
        return media_storage.read(self.name)


class Entry(NamedTuple):
    """A file of an export: its path in it, and its content, the file that has it, or its parts."""

    name: str
    content: bytes | Medium | Iterator[bytes]


class Options(NamedTuple):
    """The parts of a blog that are left out unless asked for."""

    revisions: bool = False
    trash: bool = False


def ignore_progress(phase: str, done: int, total: int) -> None:
    """Show no progress."""


def of_blog(options: Options, progress: Progress = ignore_progress) -> Iterator[Entry]:
    """Yield the files of an export in Markdown."""
    yield from _tables()
    yield from _posts(options, progress)
    if options.trash:
        yield from _trash(options)
    yield from media("static/media", progress)
    for name, content in exported_blogs.read_icons():
        if name.replace(".", "").isalnum():
            yield Entry(f"static/icons/{name}", content)


def _tables() -> Iterator[Entry]:
    yield Entry(
        MARKER,
        markdown.write_fields(
            {
                "format": FORMAT,
                "uuid": exported_blogs.read_uuid(),
                "settings": exported_blogs.read_settings(),
            }
        ),
    )
    for name, rows in (
        ("users", exported_blogs.read_users()),
        ("tags", exported_blogs.read_tags()),
        ("series", exported_blogs.read_series()),
        ("redirects", exported_blogs.read_redirects()),
        ("media", exported_blogs.read_media()),
        ("cards", exported_blogs.read_cards()),
    ):
        if rows:
            yield Entry(f"data/{name}.yaml", markdown.write_table(rows))


def _posts(options: Options, progress: Progress) -> Iterator[Entry]:
    total = exported_blogs.count_posts()
    for number, post in enumerate(exported_blogs.read_posts(), 1):
        yield Entry(markdown.path(post), markdown.write_post(post))
        if options.revisions:
            yield from _revisions(post["id"])
        progress("Posts", number, total)


def _trash(options: Options) -> Iterator[Entry]:
    for post in exported_blogs.read_trash():
        yield Entry(markdown.trash_path(post), markdown.write_post(post))
        if options.revisions:
            yield from _revisions(post["id"])


def _revisions(post_id: int) -> Iterator[Entry]:
    for number, revision in enumerate(exported_blogs.read_revisions(post_id), 1):
        yield Entry(markdown.revision_path(post_id, number), markdown.write_revision(revision))


def media(
    folder: str, progress: Progress, rows: Iterable[dict[str, Any]] | None = None
) -> Iterator[Entry]:
    """Yield the files of the media library that are not missing. Raises `Unavailable`."""
    found = [*(exported_blogs.read_media() if rows is None else rows)]
    for number, row in enumerate(found, 1):
        if file := find_medium(row["name"]):
            yield Entry(f"{folder}/{row['name']}", file)
        progress("Files", number, len(found))


def find_medium(name: str) -> Medium | None:
    """Return a file of the media library, if it is not missing. Raises `Unavailable`."""
    found = media_storage.find(name)
    return Medium(name, found.size) if found else None
