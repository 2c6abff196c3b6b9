"""Inline extensions of Markdown: bare URLs, `==mark==`, `^sup^`, `~sub~`, emoji, CJK emphasis."""

import functools
import re
from typing import TYPE_CHECKING

from . import dispatch
from . import mathematics
from . import scripts
from . import wiki_links
from .attribute_lists import parse_span

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline

    Rule = Callable[[StateInline, bool], bool]

# The characters with a rule, and `www.`. Others, such as hyphens, do not interrupt text.
TEXT_END = re.compile(r"[\n!$%&*:<=@\[\\\]^_`~]|www\.")
# GitHub's rules (https://github.github.com/gfm/#autolinks-extension-), but a host ends where no
# path, query or fragment begins, and there are additions for scripts without spaces: their letters
# may precede a URL, their punctuation ends it.
URL = re.compile(
    r"(?:(?:https?|ftp)://(?:[^\s/?#@<]{1,100}+@)?|www\.(?=[^\s.]{1,63}\.))(?P<host>[\w-]{1,63}+(?>(?:\.[\w-]{1,63}+){0,20}))"
    r"(?::\d{1,4}+(?!\d)|:[1-5]\d{4}(?!\d))?"
    "(?:[/?#][^\\s<\u3000-\u3003\u3008-\u3011\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f]{0,4000}+)?",
    re.IGNORECASE,
)
SCHEME = re.compile(r"(?<![A-Za-z0-9])(?:https?|ftp)\Z", re.IGNORECASE)
URL_END = re.compile("(?:[?!.,:*_~'\"\\[\\]\u2019\u201d\u00bb\u203a\u2026|]|&[a-zA-Z0-9]+;|;)\\Z")
EMAIL_NAME = re.compile(r"(?<![A-Za-z0-9.+_@/-])[A-Za-z0-9.+_-]{1,64}\Z")
# From the at sign, or from an underscore in the name, which could begin emphasis.
EMAIL_HOST = re.compile(
    r"[A-Za-z0-9.+_-]{0,64}+@[A-Za-z0-9_-]{1,63}(?>(?:\.[A-Za-z0-9_-]{1,63}){1,8})(?![@\w-])"
)
PROTOCOL = re.compile(r"(?<![A-Za-z0-9])(?:mailto|xmpp)\Z")
PROTOCOL_ADDRESS = re.compile(
    r":[A-Za-z0-9.+_-]{1,64}@[A-Za-z0-9_-]{1,63}(?>(?:\.[A-Za-z0-9_-]{1,63}){1,8})(?<![-_])(?![@\w-])"
    r"(?P<resource>/[A-Za-z0-9@.]{1,100}+(?<!\.))?"
)
MARK = re.compile(r"==(?![=\s])((?>(?:[^=]|=(?!=)){1,1000}))(?<!\s)==(?!=)")
# These compare, as in `a==b && c==d`.
OPERAND = re.compile(r"[A-Za-z0-9_)\]]")
SUPERSCRIPT = re.compile(r"\^((?>(?:\\[ ^]|[^\s^\\]){1,100}))\^")
SUBSCRIPT = re.compile(r"~((?>(?:\\[ ~]|[^\s~\\]){1,100}))~(?!~)")
EXPONENT = re.compile(r"\^\[[\W\d]{0,20}\]")
FACE = re.compile(r"[\W_]*[ouvwxOTUVWX]?[\W_]*")
STRUCK = re.compile(r"~(?![\s~])((?>(?:\\.|[^~\\\n]){1,1000}))(?<!\s)~(?![\w~])")
EMOJI = re.compile(r"(?<![A-Za-z0-9_:])(?::[a-z0-9_+-]{1,50}:)+(?!:)")
CLOSING = ("*", ")", "]", "}", "_", "^", "$", ">", "`")
# Obsidian's comments.
COMMENT = re.compile(r"%%(?!%)(?>(?:[^%]|%(?!%)){0,2000})%%(?![\w%])")
CJK = re.compile(
    f"[{scripts.CJK}\u1100-\u11ff\u3000-\u303f\u3130-\u318f\uac00-\ud7af\uff01-\uffee]"
)


def install(md: "MarkdownIt") -> None:
    """Add the rules to a parser."""
    from markdown_it.rules_inline import emphasis
    from markdown_it.rules_inline import strikethrough

    known = dict(zip(md.inline.ruler.get_active_rules(), md.inline.ruler.getRules(""), strict=True))
    md.inline.ruler.at("link", functools.partial(parse_span, known["link"]))
    for name, rule in (("emphasis", emphasis.tokenize), ("strikethrough", strikethrough.tokenize)):
        md.inline.ruler.at(name, functools.partial(_tokenize_beside_cjk, rule))
    dispatch.combine_inline_rules(md, KNOWN_RULES, RULES, TEXT_END)


def _link_url(state: "StateInline", silent: bool) -> bool:
    """Link a URL at the colon after its scheme."""
    start = state.pos
    if silent or state.linkLevel or not state.src.startswith("://", start):
        return False
    scheme = SCHEME.search(state.pending[-6:])
    found = scheme and URL.match(state.src, start - len(scheme[0]), state.posMax)
    if not scheme or not found or not _is_domain(found):
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
    if not found or not _is_domain(found):
        return False
    url = _trim_url(found)
    return _push_link(state, f"http://{url}", url, 0)


def _is_domain(found: re.Match[str]) -> bool:
    host = found["host"]
    if found.end() == found.end("host"):
        # Emphasis may end there.
        host = host.rstrip("_")
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


def _link_protocol(state: "StateInline", silent: bool) -> bool:
    """Link an address with its protocol, such as `mailto:ada@example.org`, at the colon."""
    if silent or state.linkLevel:
        return False
    protocol = PROTOCOL.search(state.pending[-7:])
    found = PROTOCOL_ADDRESS.match(state.src, state.pos, state.posMax) if protocol else None
    if not protocol or not found:
        return False
    address = found[0]
    if protocol[0] == "mailto" and found["resource"]:
        address = address[: -len(found["resource"])]
    state.pending = state.pending[: -len(protocol[0])]
    return _push_link(state, protocol[0] + address, protocol[0] + address, len(protocol[0]))


def _parse_colon(state: "StateInline", silent: bool) -> bool:
    return _link_url(state, silent) or _link_protocol(state, silent) or _parse_emoji(state, silent)


def _parse_emoji(state: "StateInline", silent: bool) -> bool:
    found = EMOJI.match(state.src, state.pos, state.posMax)
    if silent or not found:
        return False
    from emoji import emojize

    names = found[0][1:-1].split("::")
    shown = [emojize(f":{name}:", language="alias") for name in names]
    if any(one[0] == ":" for one in shown):
        return False
    state.append_pending("".join(shown))
    state.pos = found.end()
    return True


def _parse_mark(state: "StateInline", silent: bool) -> bool:
    found = MARK.match(state.src, state.pos, state.posMax)
    before = state.src[state.pos - 1 : state.pos]
    if silent or not found or before == "=":
        return False
    if OPERAND.match(before) and OPERAND.match(state.src, found.end()):
        return False
    return _push(state, "mark", found)


def _push(state: "StateInline", tag: str, found: re.Match[str]) -> bool:
    """Push an element with the text of a match's first group, which may have marks of its own."""
    end = state.posMax
    state.push(f"{tag}_open", tag, 1)
    state.pos, state.posMax = found.span(1)
    state.md.inline.tokenize(state)
    state.push(f"{tag}_close", tag, -1)
    state.pos, state.posMax = found.end(), end
    return True


def _push_unspaced(state: "StateInline", tag: str, found: re.Match[str]) -> bool:
    if "\\" not in found[1]:
        return _push(state, tag, found)
    state.push(f"{tag}_open", tag, 1)
    state.push("text", "", 0).content = re.sub(r"\\(.)", r"\1", found[1])
    state.push(f"{tag}_close", tag, -1)
    state.pos = found.end()
    return True


def _parse_caret(state: "StateInline", silent: bool) -> bool:
    return _parse_note(state, silent) or _parse_superscript(state, silent)


def _parse_note(state: "StateInline", silent: bool) -> bool:
    """Parse a footnote like `^[words]`, but not `x^[2]`."""
    if not state.src.startswith("^[", state.pos) or EXPONENT.match(state.src, state.pos):
        return False
    # A note in a note stays as it is.
    if "note" in state.env:
        return False
    from mdit_py_plugins.footnote.index import footnote_inline

    state.env["note"] = True
    is_note = footnote_inline(state, silent)
    del state.env["note"]
    return is_note


def _parse_superscript(state: "StateInline", silent: bool) -> bool:
    found = SUPERSCRIPT.match(state.src, state.pos, state.posMax)
    before = state.src[state.pos - 1 : state.pos]
    if silent or not found or before == "^":
        return False
    if not before.isalnum() and FACE.fullmatch(found[1]):
        return False
    return _push_unspaced(state, "sup", found)


def _parse_tilde(state: "StateInline", silent: bool) -> bool:
    """Parse a subscript after a letter; elsewhere, text that is struck through, as on GitHub."""
    before = state.src[state.pos - 1 : state.pos] if state.pos else ""
    if silent or before == "~":
        return False
    if not (before.isalnum() or before in CLOSING):
        struck = STRUCK.match(state.src, state.pos, state.posMax)
        return struck is not None and _push(state, "s", struck)
    found = SUBSCRIPT.match(state.src, state.pos, state.posMax)
    # Ranges like `5~10` have tildes, too.
    if not found or (before.isdigit() and found[1][0].isdigit()) or CJK.search(found[1]):
        return False
    return _push_unspaced(state, "sub", found)


def _hide_comment(state: "StateInline", silent: bool) -> bool:
    found = COMMENT.match(state.src, state.pos, state.posMax)
    before = state.src[state.pos - 1 : state.pos] if state.pos else ""
    if silent or not found or before.isalnum() or before in ("%", "_"):
        return False
    state.pos = found.end()
    return True


# The parser's own rules by character.
KNOWN_RULES = {
    "\n": "newline",
    "!": "image",
    "&": "entity",
    "*": "emphasis",
    "<": "autolink html_inline",
    "[": "link footnote_ref",
    "\\": "escape",
    "_": "emphasis",
    "`": "backticks",
    "~": "strikethrough",
}
RULES: "dict[str, Rule]" = {
    "!": wiki_links.parse,
    "[": wiki_links.parse,
    "$": mathematics.parse_inline,
    ":": _parse_colon,
    "=": _parse_mark,
    "@": _link_email,
    "_": _link_email,
    "%": _hide_comment,
    "\\": mathematics.parse_brackets,
    "^": _parse_caret,
    "w": _link_www,
    "~": _parse_tilde,
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
