"""Make the URLs of sanitized HTML absolute, or prefix them with the blog's path."""

import html
import re
from collections.abc import Callable
from urllib.parse import urljoin

from .excerpts import ANY_ATTRIBUTE
from .excerpts import remove_elements
from .excerpts import tags_with
from .excerpts import task_mark

# Attributes that only make sense on the blog's own pages.
PAGE_ONLY_ATTRIBUTE = re.compile(r' (?:tabindex|role|aria-label)="[^"]*"| class="math"')
PAGE_ONLY_TAG = tags_with(PAGE_ONLY_ATTRIBUTE.pattern)
CHECKBOX = re.compile(r'<input(?: [^\s=">]+="[^"]*")*>')
FORMULA_SOURCE = re.compile("<annotation [^<>]*>([^<]*)</annotation>")
ATTRIBUTE = re.compile(ANY_ATTRIBUTE)
URL_ATTRIBUTE = re.compile(rf' (href|src|poster|srcset|cite)="([^"]*)"|{ANY_ATTRIBUTE}')
URL_TAG = tags_with(r' (?:href|src|poster|srcset|cite)="[^"]*"')
# Browsers read "//host" and "/\\host" as a different host.
LOCAL_URL = re.compile(r"/(?![/\\])")
# Characters that XML forbids, even as a reference.
INVALID_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def prefix_path(url: str, root: str) -> str:
    """Prefix a local URL with the path `root`, unless it has that prefix already."""
    is_below = url == root or url.startswith((f"{root}/", f"{root}?", f"{root}#"))
    return root + url if LOCAL_URL.match(url) and not is_below else url


def prefix_paths(text: str, root: str) -> str:
    """Prefix each local URL in sanitized HTML with the path `root`."""
    return map_urls(text, lambda url: prefix_path(url, root)) if root else text


def absolutize_urls(text: str, page: str, root: str = "") -> str:
    """Make each URL in sanitized HTML absolute, for feeds, and drop the page's own attributes."""
    # Most readers show neither, but the text in them.
    text = _show_formula_sources(text)
    text = remove_elements(text, "svg")
    text = CHECKBOX.sub(lambda tag: task_mark(tag[0]), text)
    text = PAGE_ONLY_TAG.sub(_remove_page_only, text)
    return map_urls(text, lambda url: absolutize_url(url, page, root))


def _show_formula_sources(text: str) -> str:
    """Replace each formula by its source in LaTeX."""
    first, *others = text.split("<math")
    parts = [first]
    for other in others:
        formula, _, rest = other.partition("</math>")
        source = FORMULA_SOURCE.search(formula)
        parts.append((f"<code>{source[1]}</code>" if source else "") + rest)
    return "".join(parts)


def _remove_page_only(tag: re.Match[str]) -> str:
    # The value of another attribute may contain such text, and stays.
    return ATTRIBUTE.sub(lambda found: PAGE_ONLY_ATTRIBUTE.sub("", found[0]), tag[0])


def map_urls(text: str, join: Callable[[str], str]) -> str:
    """Return HTML with each URL replaced by the result of a function."""

    def map_attribute(match: re.Match[str]) -> str:
        # Other attributes are matched too, as their values may look like these.
        return _map_attribute(match, join) if match[1] else match[0]

    return URL_TAG.sub(lambda tag: URL_ATTRIBUTE.sub(map_attribute, tag[0]), text)


def _map_attribute(match: re.Match[str], join: Callable[[str], str]) -> str:
    value = map_value(match[1], html.unescape(match[2]), join)
    return f' {match[1]}="{html.escape(value)}"'


def map_value(attribute: str, value: str, join: Callable[[str], str]) -> str:
    """Return the value of an attribute with each URL replaced by the result of a function."""
    if attribute != "srcset":
        return join(value)
    return ", ".join(
        " ".join([join(url), *width])
        for url, *width in (one.split() for one in value.split(",") if one.strip())
    )


def absolutize_url(url: str, page: str, root: str = "") -> str:
    """Return the absolute URL of a link on a page; see `absolutize_urls`."""
    try:
        return urljoin(page, prefix_path(url, root))
    except ValueError:
        return url


def strip_invalid_xml(text: str) -> str:
    """Remove the characters that XML forbids."""
    return INVALID_XML.sub("", text)
