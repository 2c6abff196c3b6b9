"""Import an export of `flaskr export` without changing anything in it."""

import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import Any

from .. import db
from .. import errors
from .. import images
from ..importers import exported_blogs as files
from ..models import blog_imports
from ..models import exported_blogs
from ..models import imports
from . import media_files
from . import uploads
from .options import Options
from .options import Progress
from .report import Report

FILES_PER_BATCH = 200
NAME = re.compile(images.NAME, re.ASCII)
# In the order in which an upload stores them, on which their version depends.
ICONS = ("32.png", "192.png", "512.png", "180.png", "favicon.ico")
ICO_START = b"\0\0\1\0"
SENTENCE = "This is an export of a flaskr blog."


class _DryRun(Exception):
    """Rolls back the transaction of a dry run."""


@contextmanager
def open_export(path: Path) -> Iterator[Path | None]:
    """Yield the folder of an export or of an unpacked zip, or None if the path is not an export.

    Raises `Invalid`, `Unavailable`.
    """
    if not path.is_file() or not zipfile.is_zipfile(path):
        yield files.find_folder(path)
        return
    with tempfile.TemporaryDirectory(prefix="flaskr-import-") as folder, path.open("rb") as stream:
        uploads.unpack(stream, Path(folder, "export"))
        yield files.find_folder(Path(folder, "export"))


class Import:
    """The import of an export, which can be interrupted and run again."""

    def __init__(self, folder: Path, options: Options, max_upload: int, progress: Progress) -> None:
        self.folder = folder
        self.author = options.author or imports.default_author()
        self.overwrite = options.overwrite
        self.dry_run = options.dry_run
        self.max_upload = max_upload
        self.progress = progress
        self.report = Report(SENTENCE, folder.resolve(), options.dry_run)
        self.ids: dict[int, int] = {}

    def run(self) -> Report:
        """Import everything and return the report. Raises `Invalid`, `Unavailable`."""
        fields = files.read_settings(self.folder)
        db.tune_for_bulk_writes()
        if self.dry_run:
            with suppress(_DryRun), db.transaction():
                self._import(fields)
                raise _DryRun
        else:
            self._import(fields)
        return self.report

    def _import(self, fields: files.Fields) -> None:
        if blog_imports.is_empty():
            blog_imports.set_uuid(files.text(fields.get("uuid")))
        self._import_tables()
        self._import_media()
        self._import_posts()
        self._import_revisions()
        blog_imports.add_redirects(self._rows("redirects", "path", "target"))
        values = {name: str(value) for name, value in files.table(fields, "settings").items()}
        for name in blog_imports.set_settings(values, self.ids):
            self.report.add("warnings", files.MARKER, f"The setting {name} is not valid here.")
        blog_imports.set_icons(dict(self._read_icons()))

    def _read_icons(self) -> Iterator[tuple[str, bytes]]:
        for name in ICONS:
            file = self.folder / "static" / "icons" / name
            if file.is_file() and not file.is_symlink():
                content = file.read_bytes()
                if images.sniff(content) in images.FORMATS or content.startswith(ICO_START):
                    yield name, content

    def _rows(self, table: str, *columns: str) -> list[dict[str, Any]]:
        """Return the rows of a table with these columns as text; damaged ones are reported."""
        try:
            rows = files.read_rows(self.folder, table)
        except errors.Invalid as error:
            self.report.add("failed", f"{table}.yaml", error.message)
            return []
        return [
            {
                **{column: files.text(row.get(column)) for column in columns},
                "id": files.number(row.get("id")),
                "former_slugs": files.texts(row.get("former_slugs")),
                **{name: str(row.get(name) or "") for name in ("bio", "links")},
            }
            for row in rows
        ]

    def _import_tables(self) -> None:
        with db.transaction():
            for row in self._rows("users", "username", "role", "display_name", "picture"):
                with self._reporting("users.yaml"):
                    blog_imports.find_or_create_user(row)
            for table, name in (("tag", "tags"), ("series", "series")):
                for row in self._rows(name, "name", "slug"):
                    blog_imports.add_name(table, row)
            for row in self._rows("cards", "url", "title", "site", "image"):
                blog_imports.add_card(row)

    def _reporting(self, name: str) -> "_Reporting":
        return _Reporting(self.report, name)

    def _import_media(self) -> None:
        rows = self._rows("media", "name", "original_name", "alt", "created", "user")
        for number, row in enumerate(rows, 1):
            with self._reporting(row["name"]):
                self._import_medium(row)
            self.progress("Files", number, len(rows))

    def _import_medium(self, row: dict[str, Any]) -> None:
        if not NAME.fullmatch(row["name"]):
            raise errors.Invalid("This is no name of a file in an export.")
        file = self.folder / "static" / "media" / row["name"]
        if blog_imports.has_medium(row["name"]):
            return
        if file.is_symlink() or not file.is_file():
            raise errors.Invalid("The file is missing.")
        prepared = media_files.prepare(str(file), self.max_upload, only_check=self.dry_run)
        if isinstance(prepared, str):
            raise errors.Invalid(prepared)
        self.report.media += 1
        self.report.pictures += prepared.width is not None
        if self.dry_run:
            return
        user = row["user"] and blog_imports.find_or_create_user(_named(row["user"]))
        row["created"] = files.time(row["created"])
        name = blog_imports.add_medium(row, prepared, user or None)
        if name != row["name"]:
            raise errors.Invalid(f"The file is not what its name says. It is {name} now.")

    def _import_posts(self) -> None:
        found = [file for _, file in sorted(self._read_ids())]
        for start in range(0, len(found), FILES_PER_BATCH):
            with db.transaction():
                for file in found[start : start + FILES_PER_BATCH]:
                    name = str(file.relative_to(self.folder))
                    with self._reporting(name):
                        self._import_post(name, files.parse_post(files.read_text(file)))
            self.progress("Storing", min(start + FILES_PER_BATCH, len(found)), len(found))

    def _read_ids(self) -> Iterator[tuple[int, Path]]:
        """Yield the files that can be read, with the ids of their posts."""
        found = files.find_files(self.folder)
        self.report.files = len(found)
        for number, file in enumerate(found, 1):
            with self._reporting(str(file.relative_to(self.folder))):
                yield files.parse_post(files.read_text(file))["id"] or 0, file
            self.progress("Reading", number, len(found))

    def _import_post(self, name: str, post: files.Fields) -> None:
        people = post["authors"] or [self.author]
        ids = [blog_imports.find_or_create_user(_named(person)) for person in people]
        if post["deleted"]:
            self._import_trash(name, post, ids)
            return
        state = "draft" if post["status"] == "draft" else post["kind"]
        known = self._find(post)
        if known is None:
            new_id, kind = blog_imports.create_post(post, ids), "imported"
        elif _without_id(known) == _without_id(post):
            new_id, kind = known["id"], "unchanged"
        elif self.overwrite:
            new_id, kind = known["id"], "updated"
            blog_imports.replace_post(new_id, post, ids)
        else:
            new_id, kind = known["id"], "edited"
        self.ids[post["id"] or 0] = new_id
        self.report.add_outcome(name, imports.Outcome(kind), state)

    def _import_trash(self, name: str, post: files.Fields, ids: list[int]) -> None:
        known = map(_without_id, exported_blogs.read_trash())
        kind = "unchanged" if _without_id(post) in known else "imported"
        if kind == "imported":
            self.ids[post["id"] or 0] = blog_imports.put_into_trash(post, ids)
        self.report.add_outcome(name, imports.Outcome(kind), "draft")

    def _find(self, post: files.Fields) -> dict[str, Any] | None:
        """Return the same post on this blog: with its slug or id, and its date or title."""
        for other in exported_blogs.find_posts(post["slug"], post["id"] or 0):
            same = [name for name in ("created", "title") if other[name] == post[name]]
            if same and other["slug"] == post["slug"]:
                return other
        return None

    def _import_revisions(self) -> None:
        found = files.find_revisions(self.folder)
        for folder, group in groupby(found, key=lambda file: file.parent):
            with self._reporting(str(folder.relative_to(self.folder))), db.transaction():
                versions = [files.parse_revision(files.read_text(file)) for file in group]
                post_id = self.ids.get(versions[0]["post_id"] or 0)
                if post_id:
                    blog_imports.add_revisions(post_id, versions)


class _Reporting:
    """Report errors in a block, so that one damaged file does not stop the others."""

    def __init__(self, report: Report, name: str) -> None:
        self.report = report
        self.name = name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, errors.Invalid):
            self.report.add("failed", self.name, error.message)
            return True
        return False


def _named(name: str) -> dict[str, Any]:
    empty = dict.fromkeys(("display_name", "bio", "picture", "links"), "")
    return {"username": name, "role": "author", "id": None, **empty}


def _without_id(post: files.Fields) -> dict[str, Any]:
    return {name: value for name, value in post.items() if name != "id" and value != ""}
