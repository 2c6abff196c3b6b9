"""Pure: HTML of ours with whole addresses, for readers elsewhere; and text that XML can hold."""

import html
import re
from collections.abc import Callable
from urllib.parse import urljoin

from .excerpts import TAG

# What is of use on the pages here alone.
OWN = re.compile(r' (?:tabindex|role|aria-label)="[^"]*"')
ADDRESS = re.compile(r' (href|src|poster|srcset|cite)="([^"]*)"')
# What no XML document may have, even as a reference.
NOT_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def abroad(text: str, page: str) -> str:
    """Sanitised HTML of a page for readers elsewhere: each address whole, and no way to tab."""
    return TAG.sub(lambda tag: _whole(OWN.sub("", tag[0]), page), text)


def _whole(tag: str, page: str) -> str:
    return ADDRESS.sub(lambda match: _absolute(match, lambda url: _joined(page, url)), tag)


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
