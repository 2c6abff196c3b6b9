"""A post's text: from Markdown to safe HTML, its beginning, its reading time; slugs, names."""

import html
import logging
import re
from collections import Counter
from collections.abc import Callable
from typing import Any
from typing import NamedTuple
from urllib.parse import unquote

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

# Raised whenever the same body gives other HTML than before: what was rendered is stored.
RENDERER_VERSION = 4
# A noncharacter that stands for the post's number in the ids of stored HTML.
POST_ID_PLACEHOLDER = "\ufdd0"

MAX_MARKS = 100_000
# The sanitiser looks from each character reference to the end of the text that it is in.
MAX_REFERENCE_STEPS = 50_000_000_000
# HTML is at most so many times as long as its body, plus a constant for what is short and dense.
# Text shown as written cannot exceed it: no character takes more than the five of `&amp;`.
MAX_GROWTH = 5
MAX_ADDED_CHARS = 1_000_000
MAX_SLUG_CHARS = 80


class Rendered(NamedTuple):
    """A body as HTML, its beginning where it is long, and the minutes it takes to read."""

    html: str
    excerpt: str | None
    minutes: int


def clean(text: str) -> str:
    """The text with plain newlines and without what no page can hold; all else as written."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    # To look at each character takes long, and there is nothing to find in most texts.
    return text if text.isascii() else re.sub("[\ud800-\udfff]", "\ufffd", text)


def render(body: str) -> Rendered:
    """The body as HTML that is safe on any page; never raises, whatever the text."""
    body = clean(body).replace(POST_ID_PLACEHOLDER, "")
    if not body.strip():
        return Rendered("", None, 0)
    try:
        whole = _markdown(body)
    except (TooExpensive, TooDeeplyNested):
        whole = _plain(body)
    except Exception:
        log.warning("A text could not be rendered and is shown as it was written", exc_info=True)
        whole = _plain(body)
    return Rendered(whole, excerpt(whole), _minutes(strip_tags(whole)))


class TooExpensive(Exception):
    """A text that would take too long or lose some of its content."""


def _markdown(body: str) -> str:
    if _marks(body) > MAX_MARKS:
        raise TooExpensive
    most = MAX_GROWTH * len(body) + MAX_ADDED_CHARS
    env: dict[str, Any] = {}
    tokens = parser().parse(body, env)
    # The parser leaves out what lies deeper.
    if any(token.level >= MAX_NESTING - 1 for token in tokens):
        raise TooExpensive
    # The address and the title of a reference are written once and used many times.
    if attribute_chars(tokens) > most:
        raise TooExpensive
    highlight_code(tokens)
    text = _bounded(parser().renderer.render(tokens, parser().options, env), most)
    if sum(part.count("&") * len(part) for part in text.split("<")) > MAX_REFERENCE_STEPS:
        raise TooExpensive
    if "raw" in env:
        text = limit_nesting(text)
    text = _bounded(sanitize(text), most).replace(POST_ID_PLACEHOLDER, "")
    return _bounded(_Finish(text).html(), most)


def _marks(body: str) -> int:
    """Return what there is to parse in a body, counted as characters that may begin an element."""
    often = sum(map(body.count, "*_[]`<&!\\~|"))
    seldom = sum(map(body.count, "#$%+-:=>@^{}"))
    return 4 * body.count("\n") + often + seldom // 5


def _bounded(html: str, most: int) -> str:
    if len(html) > most:
        raise TooExpensive
    return html


ATTRIBUTE = re.compile(r' ([^\s=">]+)="([^"]*)"')
HEADING = re.compile(r'<h([1-6])((?: [^\s=">]+="[^"]*")*)>([^<]*(?:<(?!/?h[1-6])[^<]*)*)</h\1>')
HEADING_ID = re.compile(r"\{#([^\s{}<>\"#]{1,100})\}\s*\Z")
# What scrolls by itself has to be reached by the Tab key, and then has to have a name.
SCROLLING = '<div class="table" role="group" aria-label="Table" tabindex="0">'
TITLED_PICTURE = re.compile(r'<p>(<img [^>]*?) title="([^"]+)"([^>]*>)</p>')


class _Finish:
    """What is added to sanitised HTML, where nobody's own HTML can fake or break it."""

    def __init__(self, text: str) -> None:
        self.text = text
        # The levels as written of the heading last met and of those that it stands under.
        self.levels: list[int] = []
        self.open: list[str] = []
        self.targets = set(re.findall(r' (?:id|name)="([^"]*)"', text))
        self.repeated: Counter[str] = Counter()
        self.seen: set[str] = set()

    def html(self) -> str:
        text = HEADING.sub(self._heading, self.text)
        self.alike = {name.replace("-", ""): name for name in self.targets}
        text = TAG.sub(self._tag, text)
        text = TITLED_PICTURE.sub(_figure, text)
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
        return _hyphenated(strip_tags(REFERENCE.sub("", inner))) or "section"

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
            name = self.open.pop() if end else self._level(int(name[1]))
        if end:
            return "</table></div>" if name == "table" else f"</{name}>"
        values = dict(ATTRIBUTE.findall(rest))
        if name in FINISHED:
            FINISHED[name](values)
        if name == "input" and "type" not in values:
            return ""
        if name == "img" and not values.keys() & {"src", "srcset"}:
            return _attribute_text(values["alt"])
        self._address(values)
        tag = f"<{name}" + "".join(f' {key}="{value}"' for key, value in values.items()) + ">"
        return f"{SCROLLING}{tag}" if name == "table" else tag

    def _level(self, written: int) -> str:
        """A heading under the title of the post, and one level at most under the one before."""
        while self.levels and self.levels[-1] >= written:
            self.levels.pop()
        self.levels.append(written)
        self.open.append(f"h{min(6, 1 + len(self.levels))}")
        return self.open[-1]

    def _address(self, values: dict[str, str]) -> None:
        name = values.pop("id", None) or values.pop("name", None)
        if name and name not in self.seen:
            self.seen.add(name)
            values["id"] = f"p{POST_ID_PLACEHOLDER}-{name}"
        href = values.get("href", "")
        if len(href) > 1 and href.startswith("#"):
            target = unquote(html.unescape(href[1:])).replace(POST_ID_PLACEHOLDER, "")
            if target not in self.targets:
                target = self.alike.get(_hyphenated(target).replace("-", ""), target)
            values["href"] = f"#p{POST_ID_PLACEHOLDER}-{html.escape(target)}"
        elif href:
            values["rel"] = "noopener"


def _figure(picture: re.Match[str]) -> str:
    before, title, after = picture.groups()
    caption = _attribute_text(title)
    return f"<figure>{before}{after}<figcaption>{caption}</figcaption></figure>"


def _attribute_text(value: str) -> str:
    """Return an attribute's value as it is written between tags, where `<` begins a tag."""
    return html.escape(html.unescape(value), quote=False)


def _finish_picture(values: dict[str, str]) -> None:
    values.setdefault("alt", "")
    values.update(loading="lazy", decoding="async")


def _finish_input(values: dict[str, str]) -> None:
    if values.pop("type", "") == "checkbox":
        checked = "checked" in values
        values.clear()
        values.update(type="checkbox", disabled="")
        if checked:
            values["checked"] = ""


FINISHED: dict[str, Callable[[dict[str, str]], None]] = {
    "audio": lambda values: values.update(controls=""),
    "img": _finish_picture,
    "input": _finish_input,
    "pre": lambda values: values.update({"role": "group", "aria-label": "Code", "tabindex": "0"}),
    "video": lambda values: values.update(controls=""),
}


def _plain(body: str) -> str:
    paragraphs = re.split(r"\n(?:[ \t]*\n)+", body.strip())
    return "\n".join(f"<p>{html.escape(text, quote=False)}</p>" for text in paragraphs)


CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def _minutes(text: str) -> int:
    text, characters = CJK.subn(" ", text)
    return max(1, round(len(text.split()) / 230 + characters / 500))


def with_post_id(html: str, post_id: int) -> str:
    """Stored HTML with the post's number in its ids, as ten posts share a page."""
    return html.replace(POST_ID_PLACEHOLDER, str(post_id))


def slugify(title: str) -> str:
    """The title as an address: `[a-z0-9-]`, at most 80 characters, with at least one letter."""
    slug = _cut(_hyphenated(title))
    return slug if re.search("[a-z]", slug) else _cut(f"post-{slug}").strip("-")


def _cut(slug: str) -> str:
    if len(slug) <= MAX_SLUG_CHARS:
        return slug
    return slug[: MAX_SLUG_CHARS + 1].rpartition("-")[0] or slug[:MAX_SLUG_CHARS]


def _hyphenated(text: str) -> str:
    from anyascii import anyascii

    text = anyascii(text[:1000]).lower().replace("'", "")
    return re.sub("[^a-z0-9]+", "-", text).strip("-")


def casefold_key(name: str) -> str:
    """The key under which names are the same without regard to case and width."""
    return fold(name)
