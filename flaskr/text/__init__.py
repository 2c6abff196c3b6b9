"""Render Markdown to safe HTML, with an excerpt and a reading time; build slugs."""

import html
import logging
import re
from collections import Counter
from collections.abc import Callable
from typing import Any
from typing import NamedTuple
from urllib.parse import unquote

from . import scripts
from .excerpts import REFERENCE
from .excerpts import TAG
from .excerpts import excerpt
from .excerpts import strip_tags
from .markdown import MAX_NESTING
from .markdown import attribute_chars
from .markdown import highlight_code
from .markdown import parser
from .normalization import fold
from .sanitizer import TooDeeplyNested
from .sanitizer import limit_nesting
from .sanitizer import sanitize

log = logging.getLogger(__name__)

# Rendered HTML is stored: raise this number when the same body gives different HTML.
RENDERER_VERSION = 4
# A noncharacter that stands for the post's ID in the `id` attributes of stored HTML.
POST_ID_PLACEHOLDER = "\ufdd0"

MAX_MARKUP_CHARS = 100_000
# The sanitizer scans from each character reference to the end of its text node.
MAX_REFERENCE_STEPS = 50_000_000_000
# Bounds on the length of the HTML in relation to its body, with a constant for short bodies.
# Plain text always fits: no character takes more than the five of `&amp;`.
MAX_GROWTH = 5
MAX_ADDED_CHARS = 1_000_000
MAX_SLUG_CHARS = 80


class Rendered(NamedTuple):
    """A rendered body: HTML, an excerpt if it is long, and its reading time in minutes."""

    html: str
    excerpt: str | None
    minutes: int


def clean(text: str) -> str:
    """Return the text with `\\n` newlines, and without characters that HTML cannot contain."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    # Most texts are ASCII, and the check is much faster than the substitution.
    return text if text.isascii() else re.sub("[\ud800-\udfff]", "\ufffd", text)


def render(body: str) -> Rendered:
    """Render a body to HTML that is safe on any page. Never raises."""
    body = clean(body).replace(POST_ID_PLACEHOLDER, "")
    if not body.strip():
        return Rendered("", None, 0)
    try:
        whole = _render_markdown(body)
    except (TooExpensive, TooDeeplyNested):
        whole = _render_plain(body)
    except Exception:
        log.warning("Could not render a text: showing it unformatted", exc_info=True)
        whole = _render_plain(body)
    return Rendered(whole, excerpt(whole), _reading_minutes(strip_tags(whole)))


class TooExpensive(Exception):
    """Raised for a text that would take too long to render, or lose some of its content."""


def _render_markdown(body: str) -> str:
    if _count_markup_chars(body) > MAX_MARKUP_CHARS:
        raise TooExpensive
    max_chars = MAX_GROWTH * len(body) + MAX_ADDED_CHARS
    env: dict[str, Any] = {}
    tokens = parser().parse(body, env)
    # The parser drops content that is nested more deeply.
    if any(token.level >= MAX_NESTING - 1 for token in tokens):
        raise TooExpensive
    # A reference is defined once, and its URL and title are repeated in each use.
    if attribute_chars(tokens) > max_chars:
        raise TooExpensive
    highlight_code(tokens)
    text = _check_length(parser().renderer.render(tokens, parser().options, env), max_chars)
    if sum(part.count("&") * len(part) for part in text.split("<")) > MAX_REFERENCE_STEPS:
        raise TooExpensive
    if "raw" in env:
        text = limit_nesting(text)
    text = _check_length(sanitize(text), max_chars).replace(POST_ID_PLACEHOLDER, "")
    return _check_length(_PostProcessor(text).html(), max_chars)


def _count_markup_chars(body: str) -> int:
    """Estimate the parsing work from the characters that may begin an element."""
    common = sum(map(body.count, "*_[]`<&!\\~|"))
    rare = sum(map(body.count, "#$%+-:=>@^{}"))
    return 4 * body.count("\n") + common + rare // 5


def _check_length(html: str, max_chars: int) -> str:
    if len(html) > max_chars:
        raise TooExpensive
    return html


ATTRIBUTE = re.compile(r' ([^\s=">]+)="([^"]*)"')
HEADING = re.compile(r'<h([1-6])((?: [^\s=">]+="[^"]*")*)>([^<]*(?:<(?!/?h[1-6])[^<]*)*)</h\1>')
HEADING_ID = re.compile(r"\{#([^\s{}<>\"#]{1,100})\}\s*\Z")
# A scrollable element must be focusable, and a focusable element needs a name.
TABLE_WRAPPER = '<div class="table" role="group" aria-label="Table" tabindex="0">'
IMAGE_WITH_TITLE = re.compile(r'<p>(<img [^>]*?) title="([^"]+)"([^>]*>)</p>')


class _PostProcessor:
    """Add ids, heading links, and attributes to sanitized HTML.

    It runs after the sanitizer, so HTML in the body can neither forge nor break them.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        # The levels, as written, of the current heading and its ancestors.
        self.levels: list[int] = []
        self.open: list[str] = []
        self.targets = set(re.findall(r' (?:id|name)="([^"]*)"', text))
        self.repeated: Counter[str] = Counter()
        self.seen: set[str] = set()

    def html(self) -> str:
        text = HEADING.sub(self._heading, self.text)
        self.alike = {name.replace("-", ""): name for name in self.targets}
        text = TAG.sub(self._tag, text)
        text = IMAGE_WITH_TITLE.sub(_build_figure, text)
        return text.replace("<p></p>", "").strip()

    def _heading(self, match: re.Match[str]) -> str:
        level, attributes, inner = match.groups()
        named = HEADING_ID.search(inner)
        inner = inner[: named.start()].rstrip() if named else inner
        name = dict(ATTRIBUTE.findall(attributes)).get("id")
        if not name:
            name = self._unused(named[1] if named else self._slug(inner))
            attributes += f' id="{name}"'
        if re.search("<a[ >]", inner):
            inner += f' <a class="anchor" href="#{name}" aria-label="Link to this section"></a>'
        else:
            inner = f'<a class="anchor" href="#{name}">{inner}</a>'
        return f"<h{level}{attributes}>{inner}</h{level}>"

    def _slug(self, inner: str) -> str:
        return _hyphenate(strip_tags(REFERENCE.sub("", inner))) or "section"

    def _unused(self, slug: str) -> str:
        name = slug
        while name in self.targets:
            self.repeated[slug] += 1
            name = f"{slug}-{self.repeated[slug] + 1}"
        self.targets.add(name)
        return name

    def _tag(self, match: re.Match[str]) -> str:
        end, name, rest = match.groups()
        if name[0] == "h" and name[1:].isdigit():
            name = self.open.pop() if end else self._open_heading(int(name[1]))
        if end:
            return "</table></div>" if name == "table" else f"</{name}>"
        values = dict(ATTRIBUTE.findall(rest))
        if name in TAG_RULES:
            TAG_RULES[name](values)
        if name == "input" and "type" not in values:
            return ""
        if name == "img" and not values.keys() & {"src", "srcset"}:
            return _attribute_as_text(values["alt"])
        self._rewrite_link(values)
        tag = f"<{name}" + "".join(f' {key}="{value}"' for key, value in values.items()) + ">"
        return f"{TABLE_WRAPPER}{tag}" if name == "table" else tag

    def _open_heading(self, written: int) -> str:
        """Return the tag name: below the post's title, and at most one level below its parent."""
        while self.levels and self.levels[-1] >= written:
            self.levels.pop()
        self.levels.append(written)
        self.open.append(f"h{min(6, 1 + len(self.levels))}")
        return self.open[-1]

    def _rewrite_link(self, values: dict[str, str]) -> None:
        name = values.pop("id", None) or values.pop("name", None)
        if name and name not in self.seen:
            self.seen.add(name)
            values["id"] = f"p{POST_ID_PLACEHOLDER}-{name}"
        href = values.get("href", "")
        if len(href) > 1 and href.startswith("#"):
            target = unquote(html.unescape(href[1:])).replace(POST_ID_PLACEHOLDER, "")
            if target not in self.targets:
                target = self.alike.get(_hyphenate(target).replace("-", ""), target)
            values["href"] = f"#p{POST_ID_PLACEHOLDER}-{html.escape(target)}"
        elif href:
            values["rel"] = "noopener"


def _build_figure(picture: re.Match[str]) -> str:
    before, title, after = picture.groups()
    caption = _attribute_as_text(title)
    return f"<figure>{before}{after}<figcaption>{caption}</figcaption></figure>"


def _attribute_as_text(value: str) -> str:
    """Return an attribute's value escaped for use as text."""
    return html.escape(html.unescape(value), quote=False)


def _prepare_image(values: dict[str, str]) -> None:
    values.setdefault("alt", "")
    values.update(loading="lazy", decoding="async")


def _prepare_input(values: dict[str, str]) -> None:
    if values.pop("type", "") == "checkbox":
        checked = "checked" in values
        values.clear()
        values.update(type="checkbox", disabled="")
        if checked:
            values["checked"] = ""


TAG_RULES: dict[str, Callable[[dict[str, str]], None]] = {
    "audio": lambda values: values.update(controls=""),
    "img": _prepare_image,
    "input": _prepare_input,
    "pre": lambda values: values.update({"role": "group", "aria-label": "Code", "tabindex": "0"}),
    "video": lambda values: values.update(controls=""),
}


def _render_plain(body: str) -> str:
    paragraphs = re.split(r"\n(?:[ \t]*\n)+", body.strip())
    return "\n".join(f"<p>{html.escape(text, quote=False)}</p>" for text in paragraphs)


# static/editor/word_count.js counts in the same way.
WORDS_PER_MINUTE = 230
CJK_CHARS_PER_MINUTE = 500
CJK = re.compile(f"[{scripts.CJK}]")


def _reading_minutes(text: str) -> int:
    text, characters = CJK.subn(" ", text)
    return max(1, round(len(text.split()) / WORDS_PER_MINUTE + characters / CJK_CHARS_PER_MINUTE))


def with_post_id(html: str, post_id: int) -> str:
    """Put the post's ID into the `id` attributes, which must be unique on a page of posts."""
    return html.replace(POST_ID_PLACEHOLDER, str(post_id))


def slugify(title: str) -> str:
    """Return a slug: `[a-z0-9-]`, at most 80 characters, with at least one letter."""
    slug = _truncate_slug(_hyphenate(title))
    return slug if re.search("[a-z]", slug) else _truncate_slug(f"post-{slug}").strip("-")


def _truncate_slug(slug: str) -> str:
    if len(slug) <= MAX_SLUG_CHARS:
        return slug
    return slug[: MAX_SLUG_CHARS + 1].rpartition("-")[0] or slug[:MAX_SLUG_CHARS]


def _hyphenate(text: str) -> str:
    from anyascii import anyascii

    text = anyascii(text[:1000]).lower().replace("'", "")
    return re.sub("[^a-z0-9]+", "-", text).strip("-")


def casefold_key(name: str) -> str:
    """Return the key under which names are equal regardless of case and width."""
    return fold(name)
