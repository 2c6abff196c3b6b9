"""Pure: HTML of ours with whole addresses, for readers elsewhere; and text that XML can hold."""

import html
import re
from collections.abc import Callable
from urllib.parse import urljoin

ADDRESS = re.compile(r' (href|src|poster|srcset|cite)="([^"]*)"')
# What no XML document may have, even as a reference.
NOT_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def absolute(text: str, page: str) -> str:
    """Sanitised HTML with each link and picture under its whole address, seen from a page."""
    return ADDRESS.sub(lambda match: _absolute(match, lambda url: _joined(page, url)), text)


def _absolute(match: re.Match[str], join: Callable[[str], str]) -> str:
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


def for_xml(text: str) -> str:
    """The text without characters that make a document unreadable."""
    return NOT_XML.sub("\ufffd", text)
