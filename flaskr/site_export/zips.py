"""Write a zip as a stream, in pieces."""

import zipfile
from collections.abc import Iterable
from collections.abc import Iterator
from io import RawIOBase
from pathlib import Path
from typing import Any

from .entries import Entry
from .entries import Medium

# The same blog gives the same zip, whenever it is made.
DATE = (1980, 1, 1, 0, 0, 0)
FILE_MODE = 0o100644
# Most other files are compressed already, or too large to try.
COMPRESSED = frozenset((".md", ".yaml", ".json", ".xml", ".svg"))


class _Sink(RawIOBase):
    """Collects the bytes of the zip before they are sent. It cannot seek, so sent bytes can go."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, data: Any) -> int:
        """Add bytes to send."""
        self.parts.append(bytes(data))
        return len(data)

    def drain(self) -> bytes:
        """Return the bytes written since the last call."""
        data = b"".join(self.parts)
        self.parts.clear()
        return data


def stream(entries: Iterable[Entry]) -> Iterator[bytes]:
    """Yield the bytes of a zip of these files."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", allowZip64=True) as archive:
        for entry in entries:
            info = zipfile.ZipInfo(entry.name, DATE)
            info.external_attr = FILE_MODE << 16
            is_text = Path(entry.name).suffix in COMPRESSED
            info.compress_type = zipfile.ZIP_DEFLATED if is_text else zipfile.ZIP_STORED
            with archive.open(info, "w", force_zip64=True) as target:
                for chunk in _read(entry):
                    target.write(chunk)
                    yield sink.drain()
            yield sink.drain()
    yield sink.drain()


def _read(entry: Entry) -> Iterator[bytes]:
    if isinstance(entry.content, bytes):
        yield entry.content
        return
    yield from entry.content.read() if isinstance(entry.content, Medium) else entry.content
