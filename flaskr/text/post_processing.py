"""Add ids, links and attributes to sanitized HTML.

It runs after the sanitizer, so HTML in the body can neither forge nor break them.
"""

import functools
import html
import re
from collections.abc import Callable
from urllib.parse import unquote

from . import toc
from .excerpts import REFERENCE
from .excerpts import TAG
from .excerpts import strip_tags
from .generated import NONCHARACTER
from .markdown import CONTENTS_PLACEHOLDER
from .slugs import HeadingIds
from .slugs import hyphenate

# Noncharacters in stored HTML. The first one stands before each id: it is replaced by nothing on
# the post's own page, and by a prefix with the post's id where several posts share a page. Empty
# elements are the targets of former ids: of those with the prefix, which each id had up to version
# 0.5, and of those without. Only the post's own page has them.
ID_PLACEHOLDER = "\ufdd0"
PREFIXED_PLACEHOLDER = "\ufdd1"
PLAIN_PLACEHOLDER = "\ufdd2"
FORMER_IDS_PLACEHOLDER = "\ufdd3"
FORMER_IDS = re.compile(FORMER_IDS_PLACEHOLDER)
FORMER_ID = re.compile('<span id="[\ufdd1\ufdd2][^"]*"></span>')
MAX_FORMER_ID_CHARS = 200

ATTRIBUTE = re.compile(r' ([^\s=">]+)="([^"]*)"')
HEADING = re.compile(r'<h([1-6])((?: [^\s=">]+="[^"]*")*)>([^<]*(?:<(?!/?h[1-6])[^<]*)*)</h\1>')
# All tags but those that stay as they are: most end tags, those without attributes, and the spans
# of highlighted code.
CHANGED_TAG = re.compile(
    TAG.pattern.replace(
        "<",
        r"<(?!/(?!h\d|table>)|(?!h\d|(?:audio|img|input|pre|table|video)>)[a-z][a-z0-9]*>"
        r'|span class="[^"]*">)',
        1,
    )
)
# A scrollable element must be focusable, and a focusable element needs a name.
TABLE_WRAPPER = '<div class="table" role="group" aria-label="Table" tabindex="0">'
MEDIUM_WITH_TITLE = re.compile(
    r'<p((?: class="[^"]*")?)>(<a href="[^"]*"[^>]*>)?(<(img|audio|video) [^>]*?) title="([^"]+)"'
    r"([^>]*>(?:<a [^>]*>[^<]*</a></(?:audio|video)>)?)(</a>)?</p>"
)
ATTRIBUTES = r'(?>(?: [^\s=">]+="[^"]*")*)'
# Other linked pictures, like badges, stay in their line.
LINK_TO_IMAGE = rf'<a href="([^"]*\.(?:avif|gif|jpe?g|png|svg|webp))"{ATTRIBUTES}>'
IMAGE = rf"<img({ATTRIBUTES})>"
PICTURE = rf"(?:{LINK_TO_IMAGE}{IMAGE}</a>|{IMAGE})(?>(?:<br>|\s)*)"
GALLERY = re.compile(rf'<p((?: class="[^"]*")?)>((?>(?:{PICTURE}){{2,}}))</p>', re.IGNORECASE)
IMAGE_IN_GALLERY = re.compile(rf"(?:{LINK_TO_IMAGE})?{IMAGE}", re.IGNORECASE)


class PostProcessor:
    """Adds ids, heading links, and attributes to sanitized HTML."""

    def __init__(self, text: str) -> None:
        self.text = text
        # The levels, as written, of the current heading and its ancestors.
        self.levels: list[int] = []
        self.open: list[str] = []
        self.targets = set(re.findall(r' (?:id|name)="([^"]*)"', text))
        self.headings = HeadingIds(self.targets)
        self.former: list[list[str]] = []
        self.seen: set[str] = set()

    def html(self) -> str:
        """Return the HTML with placeholders in its ids."""
        text = HEADING.sub(self._heading, self.text)
        text = CHANGED_TAG.sub(self._tag, text)
        former = map(self._former_ids, self.former)
        text = FORMER_IDS.sub(lambda _: next(former), text)
        text = MEDIUM_WITH_TITLE.sub(_build_figure, text)
        text = GALLERY.sub(_build_gallery, text)
        if CONTENTS_PLACEHOLDER in text:
            text = text.replace(CONTENTS_PLACEHOLDER, toc.render_all(text))
        return text.replace("<p></p>", "").strip()

    def _heading(self, match: re.Match[str]) -> str:
        level, attributes, inner = match.groups()
        name = dict(ATTRIBUTE.findall(attributes)).get("id")
        former = [name or ""]
        if not name:
            words = strip_tags(REFERENCE.sub("", inner))
            name, former = self.headings.add(words)
            attributes += f' id="{name}"'
        self.former.append(former)
        if re.search("<a[ >]|<span data-post=", inner):
            inner += f' <a class="anchor" href="#{name}" aria-label="Link to this section"></a>'
        else:
            inner = f'<a class="anchor" href="#{name}">{inner}</a>'
        return f"<h{level}{attributes}>{FORMER_IDS_PLACEHOLDER}{inner}</h{level}>"

    def _former_ids(self, names: list[str]) -> str:
        """Return the targets of a heading's former ids that no other heading has now."""
        prefixed, *others = names
        plain = [one for one in dict.fromkeys([prefixed, *others]) if one not in self.targets]
        self.targets.update(plain)
        ids = [PREFIXED_PLACEHOLDER + prefixed, *(PLAIN_PLACEHOLDER + one for one in plain)]
        return "".join(f'<span id="{id}"></span>' for id in ids if len(id) < MAX_FORMER_ID_CHARS)

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

    @functools.cached_property
    def _alike(self) -> dict[str, str]:
        return {hyphenate(name).replace("-", ""): name for name in self.targets}

    def _rewrite_link(self, values: dict[str, str]) -> None:
        name = values.pop("id", None) or values.pop("name", None)
        if name and name not in self.seen:
            self.seen.add(name)
            values["id"] = ID_PLACEHOLDER + name
        href = values.get("href", "")
        if len(href) > 1 and href.startswith("#"):
            target = unquote(html.unescape(href[1:]))
            target = NONCHARACTER.sub("", target)
            if target not in self.targets:
                target = self._alike.get(hyphenate(target).replace("-", ""), target)
            values["href"] = f"#{ID_PLACEHOLDER}{html.escape(target)}"
        elif href:
            values["rel"] = "noopener"


def _build_figure(medium: re.Match[str]) -> str:
    classes, link, before, _, title, after, link_end = medium.groups(default="")
    caption = _attribute_as_text(title)
    inner = f"{link}{before}{after}{link_end}"
    return f"<figure{classes}>{inner}<figcaption>{caption}</figcaption></figure>"


def _build_gallery(pictures: re.Match[str]) -> str:
    """Return a grid of pictures from one paragraph, each with a link to the whole picture."""
    images = [
        dict(ATTRIBUTE.findall(attributes)) | ({"href": target} if target else {})
        for target, attributes in IMAGE_IN_GALLERY.findall(pictures[2])
    ]
    if not all("src" in values for values in images):
        return pictures[0]
    classes = pictures[1].replace('class="', 'class="gallery ') or ' class="gallery"'
    return f"<div{classes}>{''.join(map(_build_gallery_figure, images))}</div>"


def _build_gallery_figure(values: dict[str, str]) -> str:
    target = values.pop("href", values["src"])
    title = values.pop("title", "")
    caption = f"<figcaption>{_attribute_as_text(title)}</figcaption>" if title else ""
    picture = "<img" + "".join(f' {name}="{value}"' for name, value in values.items()) + ">"
    return f'<figure><a href="{target}" rel="noopener">{picture}</a>{caption}</figure>'


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


def without_placeholders(html: str, post_id: int) -> str:
    """Return stored HTML for the post's own page, with plain ids and with former ones."""
    html = html.replace(ID_PLACEHOLDER, "").replace(PLAIN_PLACEHOLDER, "")
    return html.replace(PREFIXED_PLACEHOLDER, f"p{post_id}-")


def with_post_id(html: str, post_id: int) -> str:
    """Return stored HTML with the post's id in its ids, for pages with several posts."""
    return FORMER_ID.sub("", html).replace(ID_PLACEHOLDER, f"p{post_id}-")


def with_plain_ids(html: str) -> str:
    """Return stored HTML with plain ids, without former ones, for feeds."""
    return FORMER_ID.sub("", html).replace(ID_PLACEHOLDER, "")
