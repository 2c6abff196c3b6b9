"""Normalize the old URL paths of posts."""

import re
from urllib.parse import unquote

from .normalization import normalize

HOST = re.compile(r"\A[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
SUFFIX = re.compile(r"\.html?\Z", re.IGNORECASE)


def normalize_path(path: str) -> str:
    """Return a decoded path without `index.html`, `.html`, or a trailing slash.

    `/a`, `//a/`, `/a.html` and `/a/index.html` all become `/a`.
    """
    parts = [part for part in normalize("NFC", path).split("/") if part not in ("", ".")]
    while parts and parts[-1].lower() in ("index.html", "index.htm", ".html", ".htm"):
        parts.pop()
    if parts:
        parts[-1] = SUFFIX.sub("", parts[-1])
    return "/" + "/".join(parts)


def path_from_url(url: str) -> str:
    """Return the normalized path of a URL, without host, query, and fragment."""
    path = HOST.sub("", url.strip(), count=1)
    return normalize_path(unquote(re.split(r"[?#]", path, maxsplit=1)[0]))
