"""Detect the types of files by their content.

A table of our own, because the types decide which files a browser may open: only the listed types
are served under their own type.
"""

import re

SVG = "image/svg+xml"
UNKNOWN = "application/octet-stream"
FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/avif": "AVIF",
}
EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
    SVG: "svg",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "audio/flac": "flac",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
    UNKNOWN: "bin",
}
HEIC = "image/heic"
BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": HEIC,
    b"heix": HEIC,
    b"hevc": HEIC,
    b"mif1": HEIC,
    b"msf1": HEIC,
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"qt  ": "video/quicktime",
}
SIGNATURES = [
    (re.compile(beginning, re.DOTALL), kind)
    for beginning, kind in (
        (rb"\xff\xd8\xff", "image/jpeg"),
        (rb"\x89PNG\r\n\x1a\n", "image/png"),
        (rb"GIF8[79]a", "image/gif"),
        (rb"RIFF....WEBP", "image/webp"),
        (rb"RIFF....WAVE", "audio/wav"),
        (rb"%PDF-", "application/pdf"),
        (rb"PK\x03\x04|PK\x05\x06", "application/zip"),
        (rb"fLaC", "audio/flac"),
        (rb"OggS", "audio/ogg"),
        (rb"ID3|\xff[\xfb\xfa\xf3\xf2]", "audio/mpeg"),
        (rb"\x1a\x45\xdf\xa3.{0,60}webm", "video/webm"),
        (
            rb"(?:\xef\xbb\xbf)?\s*+(?>(?:(?><\?xml[^>]*>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[[^\]]*\])?>)\s*+)*)"
            rb"<svg[\s>]",
            SVG,
        ),
    )
]


def sniff(content: bytes) -> str:
    """Return the media type of a file by its first bytes, or `UNKNOWN`."""
    head = content[:65536]
    if head[4:8] == b"ftyp":
        return _sniff_boxes(head)
    for beginning, kind in SIGNATURES:
        if beginning.match(head):
            return kind
    return UNKNOWN


def is_image(content: bytes) -> bool:
    """Return True if pages can show the content as an image."""
    return sniff(content) in {*FORMATS, SVG}


def _sniff_boxes(head: bytes) -> str:
    size = int.from_bytes(head[:4], "big")
    brands = [head[at : at + 4] for at in (8, *range(16, min(size, 256), 4))]
    # The first is the main brand; an AVIF may have its own among the compatible brands.
    if "image/avif" in map(BRANDS.get, brands):
        return "image/avif"
    return BRANDS.get(brands[0], "video/mp4")
