"""Find the links and files in a body, and replace their targets."""

import html
import re
from collections.abc import Callable
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from . import code_spans
from .shortcodes import REFERENCE

# A target may hold balanced parentheses, two levels deep.
INNER = r"(?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.|\([^\s()]{0,300}\)){0,300}\))"
INLINE = re.compile(
    r"\]\([ \t]*+\n?[ \t]*+(?:<(?P<angle>[^<>\n]{0,2000})>"
    rf"|(?P<bare>(?!<)(?>{INNER}{{1,2000}})))(?=\s{{0,9}}\)|\s{{1,9}}[\"'(])"
    rf"|\]\((?P<sized>(?>{INNER}{{1,2000}}))[ \t]+=(?:\d{{1,5}}%?)?(?:x(?:\d{{1,5}}%?)?)?[ \t]*\)"
    r"|\]\((?P<spaced>[^()<>\"\n]{1,300}\.\w{2,5})\)"
)
GROUPS = ("angle", "bare", "spaced", "sized")
DEFINITION = re.compile(
    r"^( {0,3}\[(?!\^)[^\]\n]{1,300}\]:[ \t]*)(?:<([^<>\n]{0,2000})>|(\S{1,2000}))", re.MULTILINE
)
AUTOLINK = re.compile(r"<(https?://[^\s<>]{1,2000})>")
ELEMENT = re.compile(
    r"<(?:a|img|video|audio|source|track|iframe|embed|object|image|amp-img)\b"
    r"(?:[^<>\"']|\"[^\"]*\"|'[^']*'){0,3000}>",
    re.IGNORECASE,
)
ATTRIBUTE = re.compile(
    r"(?P<start>\s(?P<name>href|src|poster|data-src|data-original|data|srcset)\s*=\s*)"
    r"(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<none>[^\s\"'>]+))",
    re.IGNORECASE,
)
LAZY_SOURCE = re.compile(r"\sdata-(?:src|original)(?=\s*=)", re.IGNORECASE)
PLAIN_SOURCE = re.compile(r"\ssrc\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+)", re.IGNORECASE)
WIKI = re.compile(
    r"(!?)\[\[([^\[\]|#\n]{0,300})(#[^\[\]|\n]{1,300})?(?:\\?\|([^\[\]\n]{0,300}))?\]\]"
)
LEFT_REFERENCE = re.compile(re.escape(REFERENCE) + r"([^\s<>\"')]{1,500})")
ALT = re.compile(r"!\[([^\[\]]{0,500})\Z")
IMAGE_NAME = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|avif|bmp|ico|tiff?)", re.IGNORECASE)
FILE_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}\Z")
RECORDING = re.compile(r"\.(?:(mp3|ogg|wav|m4a|flac|opus)|mp4|webm|ogv|mov)\Z", re.IGNORECASE)
SIZE = re.compile(r"\|\s*\d{1,5}(?:x\d{1,5})?\s*\Z")
PIXELS = re.compile(r"\d{1,5}(?:x\d{1,5})?")


class Target(NamedTuple):
    """The target of a link as written; `alt` describes an image, `by_name` is a wiki link."""

    written: str
    alt: str = ""
    by_name: bool = False


Resolve = Callable[[Target], str | None]


def rewrite(body: str, resolve: Resolve) -> str:
    """Replace the target of each link outside code.

    `resolve` returns the new target, or nothing to leave it.
    """

    def change(text: str) -> str:
        text = WIKI.sub(lambda match: _wiki_link(match, resolve), text)
        text = INLINE.sub(lambda match: _inline(match, resolve), text)
        text = DEFINITION.sub(lambda match: _definition(match, resolve), text)
        text = ELEMENT.sub(lambda match: _element(match[0], resolve), text)
        text = AUTOLINK.sub(lambda match: _autolink(match, resolve), text)
        return LEFT_REFERENCE.sub(lambda match: resolve(Target(match[0])) or match[1], text)

    if not any(mark in body for mark in ("](", "]:", "[[", "<", REFERENCE)):
        return body
    return code_spans.change_outside_code(body, change)


def _inline(match: re.Match[str], resolve: Resolve) -> str:
    written = next(part for part in match.group(*GROUPS) if part is not None)
    before = match.string[max(0, match.start() - 510) : match.start()]
    alt = ALT.search(before)
    found = resolve(Target(re.sub(r"\\([()\\_])", r"\1", written), alt[1] if alt else ""))
    if found is None:
        return match[0]
    end = ")" if match["spaced"] is not None or match["sized"] is not None else ""
    return f"]({found}{end}"


def _definition(match: re.Match[str], resolve: Resolve) -> str:
    written = match[2] if match[2] is not None else match[3]
    found = resolve(Target(written))
    return match[0] if found is None else match[1] + found


def _element(element: str, resolve: Resolve) -> str:
    if LAZY_SOURCE.search(element):
        element = LAZY_SOURCE.sub(" src", PLAIN_SOURCE.sub("", element), count=1)
    alt = re.search(r"\balt\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", element)
    described = html.unescape(alt[1] or alt[2] or "") if alt else ""

    def change(match: re.Match[str]) -> str:
        written = next(part for part in match.group("double", "single", "none") if part is not None)
        written = html.unescape(written)
        if match["name"].lower() == "srcset":
            found: str | None = _srcset(written, resolve)
        else:
            found = resolve(Target(written.strip(), described))
        if found is None:
            return match[0]
        return f'{match["start"]}"{html.escape(found)}"'

    return ATTRIBUTE.sub(change, element)


def _srcset(written: str, resolve: Resolve) -> str:
    entries = []
    for target, size in islice(_candidates(written), 50):
        found = resolve(Target(target))
        entries.append(f"{found or target} {size}".strip())
    return ", ".join(entries)


def _candidates(written: str) -> Iterator[tuple[str, str]]:
    """Yield the addresses of a `srcset`, which may have commas, but end with none, and sizes."""
    words = written.split()[::-1]
    while words:
        target, size = words.pop(), ""
        while words and not target.endswith(","):
            word, comma, rest = words.pop().partition(",")
            size = f"{size} {word}".strip()
            if comma:
                words += [rest] if rest else []
                break
        if target.strip(","):
            yield target.strip(","), size


def _wiki_link(match: re.Match[str], resolve: Resolve) -> str:
    embed, name, anchor, label = match.groups()
    name = name.strip()
    is_heading = anchor and not anchor.startswith("#^")
    fragment = f"#{make_anchor(anchor)}" if is_heading else ""
    shown = (label or "").strip() or name or (anchor or "").lstrip("#^")
    if embed:
        shown = SIZE.sub("", shown) or name
    if not name:
        return f"[{shown}]({fragment})" if fragment else shown
    alt = "" if PIXELS.fullmatch(shown) or shown == name else shown
    found = resolve(Target(name + fragment, alt, by_name=True))
    if found is None:
        return shown
    if embed and IMAGE_NAME.search(name):
        return f"![{alt}]({found})"
    if embed and (element := RECORDING.search(name)):
        kind = "audio" if element[1] else "video"
        return f'<{kind} src="{html.escape(found)}" controls></{kind}>'
    return f"[{shown}]({found})"


def _autolink(match: re.Match[str], resolve: Resolve) -> str:
    found = resolve(Target(match[1]))
    return match[0] if found is None else f"[{match[1]}]({found})"


def make_anchor(heading: str) -> str:
    """Return the anchor of a heading as GitHub makes it."""
    text = re.sub(r"[^\w\- ]", "", heading.lstrip("#^").strip().lower())
    return text.replace(" ", "-")
