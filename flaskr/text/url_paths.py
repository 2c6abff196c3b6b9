"""Pure: the one form in which old addresses of posts are stored and looked up."""

import re
from urllib.parse import unquote

from .normalization import normalize

HOST = re.compile(r"\A[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
SUFFIX = re.compile(r"\.html?\Z", re.IGNORECASE)


def normalize_path(path: str) -> str:
    """A decoded path in its one form: `/a/b`, without `index.html`, `.html` or a slash at the end.

    `/a`, `//a/`, `/a.html` and `/a/index.html` are one address.
    """
    parts = [part for part in normalize("NFC", path).split("/") if part not in ("", ".")]
    while parts and parts[-1].lower() in ("index.html", "index.htm", ".html", ".htm"):
        parts.pop()
    if parts:
        parts[-1] = SUFFIX.sub("", parts[-1])
    return "/" + "/".join(parts)


def path_from_url(url: str) -> str:
    """The address that a link or front matter means: host, query and fragment cut, decoded."""
    path = HOST.sub("", url.strip(), count=1)
    return normalize_path(unquote(re.split(r"[?#]", path, maxsplit=1)[0]))
