"""Find and rewrite links to other files of the same site."""

import re
from collections.abc import Callable
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from . import code_spans

POST_LINK = re.compile(
    r"(\]\([ \t]*<?|^ {0,3}\[[^\]\n]{1,300}\]:[ \t]*<?|\bhref=[\"'])"
    r"([^\s()<>\"'#?]{1,500}\.(?:md|markdown))(?=[\s)#?>\"']|$)",
    re.MULTILINE,
)
JEKYLL_LINK = re.compile(r"\{%-?\s*(post_url|link)\s+[\"']?([^\s\"'%]+)[\"']?\s*-?%\}")
IMAGE = re.compile(
    r"(?:\]\([ \t]*<?|^ {0,3}\[[^\]\n]{1,300}\]:[ \t]*<?|\bsrc=[\"']?)"
    r"([^\s()<>\"']{1,500}\.(?:png|jpe?g|gif|svg|webp|avif|bmp|ico|tiff?))(?=[\s)>\"'?#]|$)",
    re.MULTILINE | re.IGNORECASE,
)
IMAGE_NAME = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|avif|bmp|ico|tiff?)", re.IGNORECASE)
EXTERNAL_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
IMAGE_FOLDERS = ("", "static", "../static", "assets")
ALT = re.compile(r"!\[([^\[\]]{0,500})\Z")

Resolve = Callable[[Path], str]


def rewrite_post_links(
    body: str, file: Path, root: Path, address_of: Resolve
) -> tuple[str, list[str]]:
    """Replace links to files by links to posts; return the body and the broken links.

    `address_of` returns the URL path of the post in a file, or an empty string.
    """
    lost: list[str] = []
    address_of = cache(address_of)

    def to_post(match: re.Match[str]) -> str:
        written = unquote(match[2])
        found = (
            "" if EXTERNAL_URL.match(written) else address_of(_resolve_target(written, file, root))
        )
        if not found and written.startswith("@/"):
            lost.append(written)
        return match[1] + (found or match[2])

    def by_name(match: re.Match[str]) -> str:
        names = _jekyll_files(match[2], root) if match[1] == "post_url" else iter([root / match[2]])
        found = next(filter(None, map(address_of, names)), "")
        return found or match[0]

    def change(text: str) -> str:
        return POST_LINK.sub(to_post, JEKYLL_LINK.sub(by_name, text))

    if ".md" in body or ".markdown" in body or "{%" in body:
        body = code_spans.change_outside_code(body, change)
    return body, lost


def _resolve_target(written: str, file: Path, root: Path) -> Path:
    if written.startswith("@/"):
        return root / written[2:].lstrip("/")
    if written.startswith("/"):
        return root / written.lstrip("/")
    return file.parent / written


def _jekyll_files(name: str, root: Path) -> Iterator[Path]:
    category, _, post = name.strip("/").rpartition("/")
    for suffix in (".md", ".markdown"):
        yield root / category / "_posts" / f"{post}{suffix}"
        yield root / "_posts" / category / f"{post}{suffix}"


def find_images(body: str, file: Path, root: Path) -> list[str]:
    """Return the paths of the site's image files in a body, without duplicates."""
    found: dict[str, None] = {}

    def note(path: str, _: str) -> str:
        found[path] = None
        return ""

    rewrite_image_links(body, file, root, note)
    return list(found)


def rewrite_image_links(
    body: str, file: Path, root: Path, address_of: Callable[[str, str], str]
) -> str:
    """Replace links to the site's image files by their URLs on this blog.

    `address_of` takes a path and an alt text, and returns a URL, or an empty string to leave the
    link unchanged.
    """

    def to_address(match: re.Match[str]) -> str:
        written = unquote(match[1])
        path = "" if EXTERNAL_URL.match(written) else find_image_file(written, file, root)
        before = match.string[max(0, match.start() - 510) : match.start()]
        alt = ALT.search(before)
        address = address_of(path, alt[1] if alt else "") if path else ""
        return match[0].replace(match[1], address) if address else match[0]

    if not IMAGE_NAME.search(body):
        return body
    return code_spans.change_outside_code(body, lambda text: IMAGE.sub(to_address, text))


def find_image_file(written: str, file: Path, root: Path) -> str:
    """Return the path of the image file that a link refers to, or an empty string."""
    if written.startswith("/"):
        places = [root / folder / written.lstrip("/") for folder in IMAGE_FOLDERS]
    else:
        places = [file.parent / written]
    for place in places:
        try:
            if place.is_file():
                return str(place.resolve())
        except (OSError, ValueError):
            continue
    return ""
