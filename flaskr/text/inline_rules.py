"""Inline extensions of Markdown: bare URLs, `==mark==`, `^sup^`, `~sub~`, emoji, CJK emphasis."""

import functools
import re
from typing import TYPE_CHECKING

from . import mathematics
from . import scripts

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline

    Rule = Callable[[StateInline, bool], bool]

# The characters with a rule, and `www.`. Others, such as hyphens, do not interrupt text.
TEXT_END = re.compile(r"[\n!$&*:<=@\[\\\]^_`~]|www\.")
# GitHub's rules (https://github.github.com/gfm/#autolinks-extension-), with two additions for
# scripts without spaces: their letters may precede a URL, their punctuation ends it.
URL = re.compile(
    r"(?:https?://|www\.(?=[^\s.]{1,63}\.))(?P<host>[\w-]{1,63}+(?:\.[\w-]{1,63}+){0,20}+)"
    "(?P<rest>[^\\s<\u3000-\u3003\u3008-\u3011\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f]{0,4000}+)"
)
SCHEME = re.compile(r"(?<![A-Za-z0-9])https?\Z")
URL_END = re.compile(r"(?:[?!.,:*_~'\"\[\]]|&[a-zA-Z0-9]+;|;)\Z")
EMAIL_NAME = re.compile(r"(?:(?<=[\s*_~(])|\A)[A-Za-z0-9.+_-]{1,64}\Z")
# From the at sign, or from an underscore in the name, which could begin emphasis.
EMAIL_HOST = re.compile(
    r"[A-Za-z0-9.+_-]{0,64}+@[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){1,8}+(?![@\w-])"
)
MARK = re.compile(r"==(?![=\s])((?:[^=\n]|=(?!=)){1,1000}+)(?<!\s)==(?!=)")
SUPERSCRIPT = re.compile(r"\^((?:\\[ ^]|[^\s^\\]){1,100}+)\^")
SUBSCRIPT = re.compile(r"~((?:\\[ ~]|[^\s~\\]){1,100}+)~(?!~)")
EMOJI = re.compile(r"(?<![\w:]):([a-z0-9_+-]{2,50}):(?!:)")
CJK = re.compile(
    f"[{scripts.CJK}\u1100-\u11ff\u3000-\u303f\u3130-\u318f\uac00-\ud7af\uff01-\uffee]"
)


def install(md: "MarkdownIt") -> None:
    """Add the rules to a parser."""
    from markdown_it.rules_inline import emphasis
    from markdown_it.rules_inline import strikethrough

    md.inline.terminator_re = TEXT_END
    md.inline.ruler.after("text", "extensions", _parse)
    for name, rule in (("emphasis", emphasis.tokenize), ("strikethrough", strikethrough.tokenize)):
        md.inline.ruler.at(name, functools.partial(_tokenize_beside_cjk, rule))


def _parse(state: "StateInline", silent: bool) -> bool:
    # One rule looks up the others, because the parser tries each rule at each special character.
    rule = RULES.get(state.src[state.pos])
    return rule is not None and rule(state, silent)


def _link_url(state: "StateInline", silent: bool) -> bool:
    """Link a URL at the colon after its scheme."""
    start = state.pos
    if silent or state.linkLevel or not state.src.startswith("://", start):
        return False
    scheme = SCHEME.search(state.pending[-6:])
    found = scheme and URL.match(state.src, start - len(scheme[0]), state.posMax)
    if not scheme or not found or not _is_domain(found["host"]):
        return False
    url = _trim_url(found)
    state.pending = state.pending[: -len(scheme[0])]
    return _push_link(state, url, url, len(scheme[0]))


def _link_www(state: "StateInline", silent: bool) -> bool:
    if silent or state.linkLevel:
        return False
    before = state.pending[-1:] or state.src[state.pos - 1 : state.pos]
    if before and before not in " \t\n*_~(":
        return False
    found = URL.match(state.src, state.pos, state.posMax)
    if not found or not _is_domain(found["host"]):
        return False
    url = _trim_url(found)
    return _push_link(state, f"http://{url}", url, 0)


def _is_domain(host: str) -> bool:
    return not any("_" in part for part in host.split(".")[-2:])


def _trim_url(found: re.Match[str]) -> str:
    """Return the URL without punctuation that belongs to the sentence."""
    url = found[0]
    unmatched = url.count(")") - url.count("(")
    while True:
        end = URL_END.search(url, len(url) - 40)
        if end:
            url = url[: end.start()]
        elif url.endswith(")") and unmatched > 0:
            url = url[:-1]
            unmatched -= 1
        else:
            return url


def _push_link(state: "StateInline", url: str, label: str, before: int) -> bool:
    opening = state.push("link_open", "a", 1)
    opening.attrs, opening.markup = {"href": state.md.normalizeLink(url)}, "autolink"
    state.push("text", "", 0).content = state.md.normalizeLinkText(label)
    state.push("link_close", "a", -1)
    state.pos += len(label) - before
    return True


def _link_email(state: "StateInline", silent: bool) -> bool:
    if silent or state.linkLevel:
        return False
    host = EMAIL_HOST.match(state.src, state.pos, state.posMax)
    name = host and EMAIL_NAME.search(state.pending[-65:])
    if not host or not name or host[0][-1] in "-_":
        return False
    state.pending = state.pending[: -len(name[0])]
    address = name[0] + host[0]
    return _push_link(state, f"mailto:{address}", address, len(name[0]))


def _parse_colon(state: "StateInline", silent: bool) -> bool:
    return _link_url(state, silent) or _parse_emoji(state, silent)


def _parse_emoji(state: "StateInline", silent: bool) -> bool:
    found = EMOJI.match(state.src, state.pos, state.posMax)
    if silent or not found:
        return False
    from emoji import emojize

    shown = emojize(found[0], language="alias")
    if shown == found[0]:
        return False
    state.append_pending(shown)
    state.pos = found.end()
    return True


def _parse_mark(state: "StateInline", silent: bool) -> bool:
    found = MARK.match(state.src, state.pos, state.posMax)
    if silent or not found or state.src[state.pos - 1 : state.pos] == "=":
        return False
    end = state.posMax
    state.push("mark_open", "mark", 1)
    state.pos, state.posMax = found.span(1)
    state.md.inline.tokenize(state)
    state.push("mark_close", "mark", -1)
    state.pos, state.posMax = found.end(), end
    return True


def _parse_raised(pattern: re.Pattern[str], tag: str, state: "StateInline", silent: bool) -> bool:
    found = pattern.match(state.src, state.pos, state.posMax)
    if silent or not found or state.src[state.pos - 1 : state.pos] == found[0][0]:
        return False
    state.push(f"{tag}_open", tag, 1)
    state.push("text", "", 0).content = re.sub(r"\\(.)", r"\1", found[1])
    state.push(f"{tag}_close", tag, -1)
    state.pos = found.end()
    return True


RULES: "dict[str, Rule]" = {
    "$": mathematics.parse_inline,
    ":": _parse_colon,
    "=": _parse_mark,
    "@": _link_email,
    "_": _link_email,
    "^": functools.partial(_parse_raised, SUPERSCRIPT, "sup"),
    "w": _link_www,
    "~": functools.partial(_parse_raised, SUBSCRIPT, "sub"),
}


def _tokenize_beside_cjk(rule: "Rule", state: "StateInline", silent: bool) -> bool:
    """Apply a rule for emphasis, for which CJK characters count as spaces beside punctuation.

    This is the rule of https://github.com/tats-u/markdown-cjk-friendly.
    """
    known, start = len(state.delimiters), state.pos
    if not rule(state, silent):
        return False
    before = state.src[start - 1 : start] or " "
    after = state.src[state.pos : state.pos + 1] or " "
    if (before > "\u1000" or after > "\u1000") and state.src[start] != "_":
        opens = _flanks(after, before)
        closes = _flanks(before, after)
        for delimiter in state.delimiters[known:]:
            delimiter.open, delimiter.close = opens, closes
    return True


def _flanks(inside: str, outside: str) -> bool:
    """Return whether a delimiter between two characters belongs to the one inside."""
    if inside.isspace():
        return False
    free = outside.isspace() or bool(CJK.match(outside)) or _is_punctuation(outside)
    return free or bool(CJK.match(inside)) or not _is_punctuation(inside)


def _is_punctuation(char: str) -> bool:
    from markdown_it.common.utils import isMdAsciiPunct
    from markdown_it.common.utils import isPunctChar

    return isMdAsciiPunct(ord(char)) or isPunctChar(char)
