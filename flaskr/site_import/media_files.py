"""Bring the files that posts show or link to into the media library, each file once."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path

from .. import errors
from .. import images
from ..data_folder.child_processes import Pool
from ..importers import links
from ..importers import sites
from ..models import imports
from ..models import media
from ..models import users

# Starting processes takes longer than so few pictures.
MIN_POOLED_FILES = 12
FILES_AHEAD = 2


def prepare(path: str, max_bytes: int, *, only_check: bool) -> images.Prepared | str:
    """Read a file and make it ready to store, or return the reason why that is impossible."""
    try:
        with Path(path).open("rb") as stream:
            content = stream.read(max_bytes + 1)
        if links.IMAGE_NAME.search(Path(path).name) and not images.is_image(content):
            return "It is not an image that browsers can show."
        return images.prepare(content, max_bytes=max_bytes, make_variants=not only_check)
    except errors.AppError as error:
        return error.message
    except OSError as error:
        return f"{error.strerror or error}."


class MediaFiles:
    """The media library as an import sees it: the URLs of the site's files by their paths."""

    def __init__(
        self, site: sites.Site, max_upload: int, *, dry_run: bool, processes: int = 1
    ) -> None:
        self.site = site
        self.max_upload = max_upload
        self.dry_run = dry_run
        self.processes = processes
        owner = users.find_by_name(imports.default_author())
        self.user_id = owner["id"] if owner else None
        self.urls: dict[str, str] = {}
        self.problems: dict[str, str] = {}
        self.pictures = 0

    def add_all(self, wanted: dict[str, str], progress: Callable[[int, int], None]) -> None:
        """Import files by their path, each with an alt text."""
        new = [path for path in wanted if path not in self.urls and path not in self.problems]
        for number, (path, prepared) in enumerate(self._prepare_all(new), 1):
            if isinstance(prepared, str):
                self.problems[path] = prepared
            else:
                self._store(path, prepared, wanted[path])
            progress(number, len(new))

    def _prepare_all(self, paths: list[str]) -> Iterator[tuple[str, images.Prepared | str]]:
        inside = [path for path in paths if sites.contains(self.site, Path(path))]
        outside = set(paths) - set(inside)
        for path in outside:
            yield path, "It is outside the site. Copy it into the site, then import again."
        prepared = set()
        if self.processes > 1 and len(inside) >= MIN_POOLED_FILES:
            # A process may be killed for want of memory: this one does the rest.
            with suppress(BrokenProcessPool, OSError):
                for path, result in self._prepare_in_pool(inside):
                    prepared.add(path)
                    yield path, result
        for path in inside:
            if path not in prepared:
                yield path, prepare(path, self.max_upload, only_check=self.dry_run)

    def _prepare_in_pool(self, paths: Iterable[str]) -> Iterator[tuple[str, images.Prepared | str]]:
        with Pool(self.processes) as pool:
            ahead: list[tuple[str, Future[images.Prepared | str]]] = []
            for path in paths:
                ahead.append(
                    (path, pool.submit(prepare, path, self.max_upload, only_check=self.dry_run))
                )
                # Finished pictures wait in memory, so only a few may be ahead.
                if len(ahead) > self.processes * FILES_AHEAD:
                    first, result = ahead.pop(0)
                    yield first, result.result()
            for path, result in ahead:
                yield path, result.result()

    def _store(self, path: str, prepared: images.Prepared, alt: str) -> None:
        self.pictures += prepared.width is not None
        if self.dry_run:
            self.urls[path] = ""
            return
        alt = alt[: media.MAX_ALT_CHARS]
        medium = media.add_prepared(prepared, Path(path).name, self.user_id, alt)
        self.urls[path] = f"/media/{medium['name']}"
