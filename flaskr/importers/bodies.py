"""Convert the body of a post to Markdown: its tags, its JSX, or its HTML."""

import html
import re
from collections import Counter
from functools import partial
from pathlib import Path

from . import code_spans
from . import containers
from . import hidden_content
from . import includes
from . import mdx
from . import shortcodes
from . import vue
from . import wordpress_tags
from .conditions import Variables
from .front_matter import Parts
from .post_metadata import Fields
from .sites import NOTE_GENERATORS
from .sites import Site
from .template_tags import Conversion

# Kramdown's attributes, which other Markdown shows as text.
ATTRIBUTES = re.compile(r"(?<!\\)\{:(?!:)[^{}\n]{0,500}\}")
ATTRIBUTE_LINES = re.compile(
    r"^[ \t>]*+(?:[-*] TOC[ \t]*+\n[ \t>]*+)?\{:(?!:)[^{}\n]{0,500}\}[ \t]*$\n?", re.MULTILINE
)
TABLE_OF_CONTENTS = re.compile(
    r"^[ \t]*(?:\[\[?_?TOC_?\]?\]|\{:?toc\}|@\[toc\][^\n]*|\$\{toc\})[ \t]*$", re.M | re.I
)
# Names of blocks in Obsidian, to which links can lead.
BLOCK_ID = re.compile(r"(?:^|[ \t])\^[A-Za-z0-9-]{1,100}[ \t]*$", re.MULTILINE)
# Obsidian's width of an image, after its alt text.
IMAGE_SIZE = re.compile(r"(!\[[^\[\]|]{0,300})\|\d{1,5}(?:x\d{1,5})?(?=\]\()")
KRAMDOWN_OPTIONS = re.compile(r"\{::(?:options|nomarkdown|/nomarkdown)[^{}\n]{0,200}\}|\{:/\}")
META = re.compile(r"<meta\s[^<>]*>", re.I)
TITLE = re.compile(r"<title[^<>]*>((?>(?:[^<]|<(?!/?title)){0,1000}))</title>", re.I)
BODY = re.compile(r"<body[^<>]*>(.*?)(?:</body>|\Z)", re.I | re.S)
HTML_PRE = re.compile(r"<pre\b", re.I)
END_OF_PRE = re.compile(r"</pre\s*>", re.IGNORECASE)
HTML_ATTRIBUTE = re.compile(r"(?<![\w-])([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
MAX_NAMES = 10
# An element with a background picture, which becomes a picture in it.
BACKGROUND = re.compile(
    r"<(?:div|section|header|figure|span|a|p|td|li)\b(?:[^<>\"']|\"[^\"]*\"|'[^']*'){0,300}?"
    r"\sstyle\s*=\s*(?:\"[^\"<>]{0,1000}?|'[^'<>]{0,1000}?)\bbackground(?:-image)?\s*:"
    r"[^;<>]{0,100}?\burl\(\s*(?:&quot;|&#39;|[\"'])?(?P<address>[^\s\"'()<>&]{1,500})"
    r"[^<>]{0,1000}>",
    re.IGNORECASE,
)


def split_html(text: str) -> Parts:
    """Split an HTML document into the fields of its head, as Pelican reads them, and its body."""
    fields: dict[str, str] = {}
    if title := TITLE.search(text):
        fields["title"] = " ".join(html.unescape(title[1]).split())
    for tag in META.findall(text):
        values = {name.lower(): one or other for name, one, other in HTML_ATTRIBUTE.findall(tag)}
        if values.get("name") and (values.get("content") or values.get("contents")):
            content = values.get("content") or values.get("contents") or ""
            fields[values["name"].lower()] = html.unescape(content)
    body = BODY.search(text)
    return Parts(fields, body[1].strip("\n") if body else "")


def convert(body: str, fields: Fields, file: Path, site: Site) -> tuple[str, list[str]]:
    """Return the body as Markdown, and remarks on the parts that were left out."""
    suffix = file.suffix.lower()
    if suffix in (".html", ".htm"):
        body = _unindent_html(body)
    jsx: Counter[str] = Counter()
    if site.generator == "vitepress":
        body = vue.convert(body, jsx, partial(includes.read, file, site, "include_relative"))
    work = Conversion(
        site.generator,
        Variables(site.config, fields),
        shortcodes.HANDLERS,
        partial(includes.read, file, site),
    )
    text = BACKGROUND.sub(r'\g<0><img src="\g<address>" alt="">', work.prepare(body))
    # Docusaurus reads every file as MDX.
    is_mdx = suffix == ".mdx" or site.generator == "docusaurus"
    if is_mdx:
        text = mdx.convert(text, jsx)
    if is_mdx or site.generator in containers.GENERATORS:
        text = containers.convert(text, jsx, work.masks)
    if site.generator in ("jekyll", "folder", "eleventy"):
        text = ATTRIBUTES.sub("", ATTRIBUTE_LINES.sub("", KRAMDOWN_OPTIONS.sub("", text)))
    if site.generator in ("jekyll", "folder", "hugo"):
        text = wordpress_tags.convert(text, work.unconverted, work.masks)
    if site.generator in NOTE_GENERATORS:
        text = IMAGE_SIZE.sub(r"\1", text)
    if site.generator in ("obsidian", "quartz"):
        text = BLOCK_ID.sub("", text)
    text = TABLE_OF_CONTENTS.sub("", text)
    text, hidden = hidden_content.remove(text) if is_mdx else (text, 0)
    remarks = []
    if work.hidden + hidden:
        remarks.append(
            "It has parts that readers of the old site could not see; they are left out."
        )
    remarks += [
        f"{_times(name, count)} not Markdown and shown as code."
        for name, count in _most(work.unconverted)
    ]
    remarks += [f"{_times(name, count)} not Markdown and left out." for name, count in _most(jsx)]
    return work.masks.restore(text).strip("\n"), remarks


def _most(names: Counter[str]) -> list[tuple[str, int]]:
    return names.most_common(MAX_NAMES)


def _times(name: str, count: int) -> str:
    return f"“{name[:40]}” is" if count == 1 else f"“{name[:40]}” ({count} times) is"


def _unindent_html(body: str) -> str:
    """Remove the indentation and empty lines that Markdown would take for code or paragraphs."""
    masks = code_spans.Masks()

    def hide(opening: re.Match[str], inner: str, closing: str) -> str:
        return masks.hide(opening[0] + inner + closing)

    text = code_spans.replace_between(body, HTML_PRE, lambda _: END_OF_PRE, hide)
    return masks.restore(re.sub(r"^[ \t]+", "", text, flags=re.M))
