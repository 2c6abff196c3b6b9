"""Write and read the file format of backups.

A backup is a tar archive, compressed with gzip in several parts: media files, which are compressed
already, are stored as they are. Its first member says what wrote it, and its last member lists the
size and SHA-256 of the others. The file ends with an empty part of gzip that contains the SHA-256
of all bytes before it, which makes every flipped byte noticeable. `tar xzf` unpacks it.
"""

import hashlib
import io
import json
import os
import re
import tarfile
import zlib
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from typing import Any

from .. import errors

FORMAT = 1
INFO = "backup.json"
MANIFEST = "manifest.json"
DATABASE = "flaskr.sqlite"
MEDIA = "media/"
FILES = (DATABASE, "config.py", "secret_key")
FOLDERS = (MEDIA, "templates/", "static/")
CHUNK_BYTES = 1024 * 1024
# The members that describe the others, which are read into memory.
MAX_JSON_BYTES = 256 * 1024 * 1024
MAX_MEMBERS = 2_000_000
# Headers with long names, which `tarfile` reads into memory.
EXTENDED_HEADERS = frozenset(
    (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME,
     tarfile.GNUTYPE_LONGLINK)
)  # fmt: skip
MAX_HEADER_BYTES = 64 * 1024
COMPRESSED_SUFFIXES = frozenset(
    ".avif .gif .gz .jpeg .jpg .m4a .mov .mp3 .mp4 .ogg .opus .png .webm .webp .zip".split()
)
STORED, COMPRESSED = 0, 6
# An empty gzip member with a field "FB" for the digest.
TRAILER_START = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff" + (36).to_bytes(2, "little") + b"FB\x20\0"
TRAILER_END = b"\x03\0" + b"\0" * 8
TRAILER_BYTES = len(TRAILER_START) + 32 + len(TRAILER_END)
# Windows takes a name before a colon for that of a disk.
UNSAFE = re.compile(r"[\x00-\x1f\\:]" if os.name == "nt" else r"[\x00-\x1f\\]")
DAMAGED = "The backup is damaged"
NO_BACKUP = "This is not a backup of flaskr."
GZIP_START = b"\x1f\x8b"
Receive = Callable[[str, Iterator[bytes]], None]


class Writer:
    """Makes a backup, chunk by chunk."""

    def __init__(self) -> None:
        self.members: dict[str, dict[str, Any]] = {}
        self._digest = hashlib.sha256()
        self._compressor: Any = None
        self._level = STORED

    @property
    def digest(self) -> str:
        """The SHA-256 of everything before the trailer."""
        return self._digest.hexdigest()

    def add(
        self, name: str, size: int, content: Iterable[bytes], modified: float = 0
    ) -> Iterator[bytes]:
        """Yield the chunks of a member. Raises `Unavailable` if the content has another size."""
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, int(modified)
        level = STORED if Path(name).suffix.lower() in COMPRESSED_SUFFIXES else COMPRESSED
        yield from self._compress(info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape"), level)
        digest, written = hashlib.sha256(), 0
        for chunk in content:
            digest.update(chunk)
            written += len(chunk)
            yield from self._compress(chunk, level)
        if written != size:
            raise errors.Unavailable(f"{name} changed while it was being backed up. Try again.")
        yield from self._compress(b"\0" * (-size % tarfile.BLOCKSIZE), level)
        self.members[name] = {"size": size, "sha256": digest.hexdigest()}

    def add_json(self, name: str, content: dict[str, Any]) -> Iterator[bytes]:
        """Yield the chunks of a member that describes others."""
        encoded = json.dumps(content, indent=1).encode()
        yield from self.add(name, len(encoded), [encoded])

    def finish(self) -> Iterator[bytes]:
        """Yield the end of the backup."""
        yield from self._compress(b"\0" * 2 * tarfile.BLOCKSIZE, self._level)
        yield from self._end_part()
        yield TRAILER_START + self._digest.digest() + TRAILER_END

    def _compress(self, content: bytes, level: int) -> Iterator[bytes]:
        if level != self._level or self._compressor is None:
            yield from self._end_part()
            # These window bits choose the format of gzip.
            self._compressor, self._level = zlib.compressobj(level, wbits=31), level
        yield from self._hash(self._compressor.compress(content))

    def _end_part(self) -> Iterator[bytes]:
        if self._compressor is not None:
            yield from self._hash(self._compressor.flush())

    def _hash(self, content: bytes) -> Iterator[bytes]:
        self._digest.update(content)
        if content:
            yield content


class _Unpacked(io.RawIOBase):
    """The decompressed content of a backup, which checks the trailer at its end."""

    def __init__(self, source: IO[bytes], progress: Callable[[int], None]) -> None:
        self._source = source
        self._progress = progress
        self._digest = hashlib.sha256()
        # The last bytes, which may be the trailer.
        self._held = source.read(TRAILER_BYTES)
        if not self._held.startswith(GZIP_START):
            raise errors.Invalid(NO_BACKUP)
        progress(len(self._held))
        self._input = b""
        self._decompressor = zlib.decompressobj(wbits=31)

    def read(self, size: int = CHUNK_BYTES) -> bytes:
        """Return decompressed bytes; nothing at the end. Raises `Invalid`."""
        parts, missing = [], size
        while missing:
            part = self._read_part(missing)
            if not part:
                break
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _read_part(self, size: int) -> bytes:
        while True:
            if self._decompressor.eof:
                self._input = self._decompressor.unused_data + self._input
                self._decompressor = zlib.decompressobj(wbits=31)
            if not self._input:
                self._input = self._read_source()
                if not self._input:
                    return b""
            try:
                part = self._decompressor.decompress(self._input, size)
            except zlib.error as error:
                raise errors.Invalid(f"{DAMAGED}: {error}.") from error
            self._input = self._decompressor.unconsumed_tail
            if part:
                return part

    def _read_source(self) -> bytes:
        """Return the next bytes before the trailer; nothing at the end."""
        chunk = self._source.read(CHUNK_BYTES // 4)
        self._progress(len(chunk))
        held = self._held + chunk
        before, self._held = held[:-TRAILER_BYTES], held[-TRAILER_BYTES:]
        self._digest.update(before)
        return before

    def check_end(self) -> None:
        """Read to the end, and raise `Invalid` if any byte of the backup was changed."""
        while self.read():
            pass
        if self._held[: len(TRAILER_START)] != TRAILER_START:
            raise errors.Invalid(f"{DAMAGED}: its end is missing.")
        if self._held != TRAILER_START + self._digest.digest() + TRAILER_END:
            raise errors.Invalid(f"{DAMAGED}: it was changed after it had been written.")


class _Header(tarfile.TarInfo):
    """A header that does not make `tarfile` read more into memory than a name."""

    @classmethod
    def frombuf(cls, *arguments: Any, **options: Any) -> "_Header":
        """Return the header in a block. Raises `Invalid`."""
        header = super().frombuf(*arguments, **options)
        if header.type in EXTENDED_HEADERS and header.size > MAX_HEADER_BYTES:
            raise errors.Invalid(f"{DAMAGED}: the name of a file is too long.")
        if header.type == tarfile.GNUTYPE_SPARSE:
            cls._proc_gnusparse_10()
        return header

    # `tarfile` calls this for the other format of files with holes, whose list has no limit.
    @staticmethod
    def _proc_gnusparse_10(*_: object) -> None:
        raise errors.Invalid(f"{DAMAGED}: a file has holes.")


def read(
    source: IO[bytes],
    receive: Receive,
    *,
    begin: Callable[[dict[str, Any]], None] = lambda info: None,
    progress: Callable[[int], None] = lambda done: None,
) -> dict[str, Any]:
    """Pass each file of a backup to `receive`, and return the manifest.

    `begin` gets the first member, and `progress` the number of bytes read since its last call. Do
    not use what was received if this raises: the checksums are known at the end. Raises `Invalid`.
    """
    unpacked = _Unpacked(source, progress)
    members: dict[str, dict[str, Any]] = {}
    manifest: dict[str, Any] = {}
    try:
        with tarfile.open(
            fileobj=unpacked, mode="r|", bufsize=CHUNK_BYTES, tarinfo=_Header
        ) as archive:
            for member in archive:
                # Otherwise, the archive keeps them all.
                archive.members = []  # type: ignore[attr-defined]  # it is not documented
                name = _check_member(member, members, is_over=bool(manifest))
                if name == MANIFEST:
                    manifest, _ = _read_json(archive, member)
                elif name == INFO:
                    info, members[name] = _read_json(archive, member)
                    check_format(info)
                    begin(info)
                else:
                    members[name] = _receive(archive, member, receive)
        unpacked.check_end()
    except (
        tarfile.TarError, EOFError, ValueError, OverflowError, MemoryError, RecursionError
    ) as error:  # fmt: skip
        raise errors.Invalid(f"{DAMAGED}: {error}.") from error
    counts, missing = manifest.get("counts", {}), manifest.get("missing", [])
    is_typed = isinstance(counts, dict) and all(isinstance(n, int) for n in counts.values())
    is_typed &= isinstance(missing, list) and all(isinstance(name, str) for name in missing)
    if not is_typed or not manifest or manifest.get("members") != members:
        raise errors.Invalid(f"{DAMAGED}: its files are not the ones that it lists.")
    return manifest


def _check_member(member: tarfile.TarInfo, seen: dict[str, Any], *, is_over: bool) -> str:
    """Return the name of a member if it may be unpacked. Raises `Invalid`."""
    name = member.name
    if not seen and name != INFO:
        raise errors.Invalid(NO_BACKUP)
    if not member.isreg() or member.issparse():
        raise errors.Invalid(f"{DAMAGED}: {name!r} is a link, a folder or a device.")
    if len(seen) >= MAX_MEMBERS:
        raise errors.Invalid(f"{DAMAGED}: it has too many files.")
    if name in seen or is_over or not (name in (INFO, MANIFEST) or is_safe(name)):
        raise errors.Invalid(f"{DAMAGED}: it must not contain {name!r}.")
    return name


def is_safe(name: str) -> bool:
    """Return True if a member of this name belongs into a backup and stays in its folder."""
    if name in FILES:
        return True
    if not name.startswith(FOLDERS) or UNSAFE.search(name):
        return False
    return all(part not in ("", ".", "..") for part in name.split("/"))


def check_format(info: dict[str, Any]) -> None:
    """Raise `Conflict` for a backup in a newer format."""
    found = info.get("format")
    texts = (info.get("flaskr", ""), info.get("created", ""))
    # They are printed, and a terminal obeys some characters.
    is_plain = all(isinstance(text, str) and text.isprintable() for text in texts)
    if not isinstance(found, int) or found < 1 or not is_plain:
        raise errors.Invalid(NO_BACKUP)
    if found > FORMAT:
        raise errors.Conflict(
            f"This backup was made by flaskr {info.get('flaskr')}, in a newer format. Install that"
            " version or a newer one to use it."
        )


def _read_json(
    archive: tarfile.TarFile, member: tarfile.TarInfo
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the content of a member, and its size and digest."""
    if member.size > MAX_JSON_BYTES:
        raise errors.Invalid(f"{DAMAGED}: {member.name} is too large.")
    parts: list[bytes] = []
    described = _receive(archive, member, lambda name, chunks: parts.extend(chunks))
    content = json.loads(b"".join(parts))
    if not isinstance(content, dict):
        raise errors.Invalid(f"{DAMAGED}: {member.name} cannot be read.")
    return content, described


def _receive(archive: tarfile.TarFile, member: tarfile.TarInfo, receive: Receive) -> dict[str, Any]:
    digest = hashlib.sha256()

    def chunks() -> Iterator[bytes]:
        file = archive.extractfile(member)
        assert file is not None, "it is a regular file"  # noqa: S101  # for the types
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            yield chunk

    receive(member.name, chunks())
    return {"size": member.size, "sha256": digest.hexdigest()}


def read_digest(path: Path) -> str | None:
    """Return the digest in the trailer of a backup, or None for any other file."""
    # A pipe may never end, and a device like /dev/full has no end.
    if not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            file.seek(-TRAILER_BYTES, io.SEEK_END)
            trailer = file.read()
    except OSError:
        return None
    if not trailer.startswith(TRAILER_START) or not trailer.endswith(TRAILER_END):
        return None
    return trailer[len(TRAILER_START) : -len(TRAILER_END)].hex()


def is_intact(path: Path) -> bool:
    """Return True if a file is a backup and no byte of it was changed."""
    expected = read_digest(path)
    if expected is None:
        return False
    digest, left = hashlib.sha256(), path.stat().st_size - TRAILER_BYTES
    with path.open("rb") as file:
        while chunk := file.read(min(CHUNK_BYTES, left)):
            digest.update(chunk)
            left -= len(chunk)
    return digest.hexdigest() == expected
