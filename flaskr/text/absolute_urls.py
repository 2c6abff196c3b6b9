"""Pure: HTML of ours with whole addresses or below a path; and text that XML can hold."""

import html
import re
from collections.abc import Callable
from urllib.parse import urljoin

from .excerpts import TAG

# What is of use on the pages here alone.
OWN = re.compile(r' (?:tabindex|role|aria-label)="[^"]*"')
ADDRESS = re.compile(r' (href|src|poster|srcset|cite)="([^"]*)"')
# Browsers take "//host" and "/\\host" for another host.
OURS = re.compile(r"/(?![/\\])")
# What no XML document may have, even as a reference.
NOT_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def prefix_path(url: str, root: str) -> str:
    """Return an address as stored, from the blog's own root, as one below the path `root`."""
    is_below = url == root or url.startswith((f"{root}/", f"{root}?", f"{root}#"))
    return root + url if OURS.match(url) and not is_below else url


def prefix_paths(text: str, root: str) -> str:
    """Return sanitised HTML with each address that begins with a slash below the path `root`."""
    return _with_addresses(text, lambda url: prefix_path(url, root)) if root else text


def absolutize_urls(text: str, page: str, root: str = "") -> str:
    """Sanitised HTML of a page for readers elsewhere: each address whole, and no way to tab."""
    text = TAG.sub(lambda tag: OWN.sub("", tag[0]), text)
    return _with_addresses(text, lambda url: _joined(page, prefix_path(url, root)))


def _with_addresses(text: str, join: Callable[[str], str]) -> str:
    return TAG.sub(lambda tag: ADDRESS.sub(lambda match: _changed(match, join), tag[0]), text)


def _changed(match: re.Match[str], join: Callable[[str], str]) -> str:
    name, value = match[1], html.unescape(match[2])
    if name == "srcset":
        value = ", ".join(
            " ".join([join(url), *width])
            for url, *width in (one.split() for one in value.split(",") if one.strip())
        )
    else:
        value = join(value)
    return f' {name}="{html.escape(value)}"'


def _joined(page: str, url: str) -> str:
    try:
        return urljoin(page, url)
    except ValueError:
        return url


def strip_invalid_xml(text: str) -> str:
    """The text without characters that make a document unreadable."""
    return NOT_XML.sub("\ufffd", text)
