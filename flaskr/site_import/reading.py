"""Read the files of a site, many of them in several processes: parsing takes most of an import.

It halves that part, of a millisecond for each post, on two processors. To remove it, use `read`.
"""

import hashlib
import logging
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from .. import errors
from ..data_folder.child_processes import Pool
from ..importers import documents
from ..importers.documents import Document
from ..importers.sites import Site

# Starting processes takes longer than reading so few files.
MIN_POOLED_FILES = 1500
FILES_PER_TASK = 100
# Files imported by older versions, which understood less of them, count as changed.
IMPORTER_VERSION = b"\nimporter 5"


class File(NamedTuple):
    """A file that was read: its post, or the error."""

    name: str
    fingerprint: str = ""
    post: Document | None = None
    error: errors.AppError | None = None


def fingerprint(content: bytes) -> str:
    """Return a hash of a file, which tells whether it has changed since its import."""
    return hashlib.sha256(content + IMPORTER_VERSION).hexdigest()


def read(site: Site, name: str) -> File:
    """Return the post of a file, or the error."""
    file = Path(name)
    try:
        content = documents.load(file)
        return File(name, fingerprint(content), documents.parse(content, file, site))
    except (documents.NotAPost, errors.Invalid) as error:
        return File(name, error=error)
    except Exception:
        # An unforeseen file must not stop the others.
        logging.getLogger("flaskr").exception("Could not read %s", name)
        return File(name, error=errors.Invalid("It could not be read. The log says why."))


def read_all(names: list[str], site: Site, processes: int = 1) -> Iterator[File]:
    """Yield all files in their order."""
    done = 0
    if processes > 1 and len(names) >= MIN_POOLED_FILES:
        # A process may be killed for want of memory: this one does the rest.
        with suppress(BrokenProcessPool, OSError):
            for file in _read_in_pool(names, site, processes):
                done += 1
                yield file
    for name in names[done:]:
        yield read(site, name)


def _read_in_pool(names: list[str], site: Site, processes: int) -> Iterator[File]:
    with Pool(processes) as pool:
        yield from pool.map(partial(read, site), names, chunksize=FILES_PER_TASK)
