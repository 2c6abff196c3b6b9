"""Render Markdown to safe HTML, with an excerpt and a reading time; build slugs."""

import html
import logging
import re
from pathlib import Path
from typing import Any
from typing import NamedTuple

from . import callouts
from . import generated
from . import punctuation
from . import scripts
from . import toc
from .callout_titles import find_language
from .excerpts import excerpt
from .excerpts import strip_tags
from .markdown import MAX_NESTING
from .markdown import attribute_chars
from .markdown import highlight_code
from .markdown import parser
from .normalization import casefold_key as casefold_key
from .post_processing import ATTRIBUTE as ATTRIBUTE
from .post_processing import PostProcessor
from .post_processing import with_plain_ids as with_plain_ids
from .post_processing import with_post_id as with_post_id
from .post_processing import without_placeholders as without_placeholders
from .sanitizer import TooDeeplyNested
from .sanitizer import limit_nesting
from .sanitizer import sanitize
from .slugs import slugify as slugify
from .slugs import title_slug as title_slug

log = logging.getLogger(__name__)

# Rendered HTML is stored: raise this number when the same body gives different HTML.
RENDERER_VERSION = 9

LINE_ENDS = ("\r\n", "\r", "\v", "\f", "\x85")
MAX_MARKUP_CHARS = 100_000
# The sanitizer scans from each character reference to the end of its text node.
MAX_REFERENCE_STEPS = 50_000_000_000
# Bounds on the length of the HTML in relation to its body, with a constant for short bodies.
# Plain text always fits: no character takes more than the five of `&amp;`.
MAX_GROWTH = 5
MAX_ADDED_CHARS = 1_000_000


class Style(NamedTuple):
    """The language of a text, and whether its straight quotation marks and dashes become curly."""

    language: str = ""
    is_typographic: bool = False

    @property
    def key(self) -> str:
        """Return a cache key, which is equal for styles that render alike."""
        return f"{self.language}+" if self.is_typographic else find_language(self.language)


AS_TYPED = Style()


class Rendered(NamedTuple):
    """A rendered body: HTML, an excerpt if it is long, and its reading time in minutes."""

    html: str
    excerpt: str | None
    minutes: int

    def contents(self) -> list[toc.Entry]:
        """Return the table of contents, which is empty for a short text."""
        return toc.table_of_contents(self.html, self.minutes)


def clean(text: str) -> str:
    """Return the text with `\\n` newlines, and without characters that HTML cannot contain."""
    for line_end in LINE_ENDS:
        text = text.replace(line_end, "\n")
    if text.isascii():
        return generated.remove_ascii_controls(text)
    return generated.CONTROL.sub("", text)


def one_line(text: str) -> str:
    """Return the cleaned text with single spaces in place of line breaks and other blanks."""
    return " ".join(clean(text).split())


def render(body: str, style: Style = AS_TYPED) -> Rendered:
    """Render a body to HTML that is safe on any page. Never raises."""
    body = clean(body)
    body = body if body.isascii() else generated.NONCHARACTER.sub("", body)
    if not body.strip():
        return Rendered("", None, 0)
    try:
        whole = _render_markdown(body, style)
    except (TooExpensive, TooDeeplyNested):
        whole = _render_plain(body)
    except Exception:
        log.warning("Could not render a text: showing it unformatted", exc_info=True)
        whole = _render_plain(body)
    return Rendered(whole, excerpt(whole), _reading_minutes(strip_tags(whole)))


def find_fault(body: str) -> str | None:
    """Return why a body is shown unformatted, as the end of a sentence, or None if it is not."""
    try:
        _render_markdown(generated.NONCHARACTER.sub("", clean(body)), AS_TYPED)
    except (TooExpensive, TooDeeplyNested):
        return "it is too long or too deeply nested"
    except Exception as error:
        return f"of a fault in flaskr ({type(error).__name__}: {error})"
    return None


class TooExpensive(Exception):
    """Raised for a text that would take too long to render, or lose some of its content."""


def _render_markdown(body: str, style: Style) -> str:
    if _count_markup_chars(body) > MAX_MARKUP_CHARS:
        raise TooExpensive
    max_chars = MAX_GROWTH * len(body) + MAX_ADDED_CHARS
    env: dict[str, Any] = {"body": body, callouts.LANGUAGE: style.language}
    if style.is_typographic:
        env[punctuation.LANGUAGE] = style.language
    tokens = parser().parse(body, env)
    # The parser drops content that is nested more deeply.
    if any(token.level >= MAX_NESTING - 1 for token in tokens):
        raise TooExpensive
    # A reference is defined once, and its URL and title are repeated in each use.
    if attribute_chars(tokens) > max_chars:
        raise TooExpensive
    highlight_code(tokens)
    text = _check_length(parser().renderer.render(tokens, parser().options, env), max_chars)
    if _count_reference_steps(text) > MAX_REFERENCE_STEPS:
        raise TooExpensive
    if "raw" in env:
        text = limit_nesting(text)
    text = generated.insert(env, _check_length(sanitize(text), max_chars))
    _check_length(text, max_chars)
    return _check_length(PostProcessor(text).html(), max_chars)


def _count_reference_steps(text: str) -> int:
    """Return a bound on the work of the sanitizer, which is exact only where it is high."""
    most = text.count("&") * len(text)
    if most <= MAX_REFERENCE_STEPS:
        return most
    return sum(part.count("&") * len(part) for part in text.split("<"))


def _count_markup_chars(body: str) -> int:
    """Estimate the parsing work from the characters that may begin an element."""
    common = sum(map(body.count, "*_[]`<&!\\~|"))
    rare = sum(map(body.count, "#$%+-:=>@^{}"))
    return 4 * body.count("\n") + common + rare // 5


def _check_length(html: str, max_chars: int) -> str:
    if len(html) > max_chars:
        raise TooExpensive
    return html


def example_post() -> str:
    """Return the body of an example post for newcomers."""
    return Path(__file__).with_name("example.md").read_text(encoding="utf-8")


def _render_plain(body: str) -> str:
    paragraphs = re.split(r"\n(?:[ \t]*\n)+", body.strip())
    return "\n".join(f"<p>{html.escape(text, quote=False)}</p>" for text in paragraphs)


# static/editor/word_count.js counts in the same way.
WORDS_PER_MINUTE = 230
CJK_CHARS_PER_MINUTE = 500
CJK = re.compile(f"[{scripts.CJK}]")


def _reading_minutes(text: str) -> int:
    text, characters = (text, 0) if text.isascii() else CJK.subn(" ", text)
    return max(1, round(len(text.split()) / WORDS_PER_MINUTE + characters / CJK_CHARS_PER_MINUTE))
