"""Callouts: alerts of GitHub and Obsidian, `:::` containers, and `!!!` admonitions.

All of them become the same elements, in one of the five kinds that GitHub has.
"""

import re
from typing import TYPE_CHECKING
from typing import Any
from typing import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Iterator
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

NAMES = {
    "note": "note abstract cite example faq help info question quote seealso summary tldr todo",
    "tip": "tip check done hint success",
    "important": "important",
    "warning": "warning attention",
    "caution": "caution bug danger error fail failure missing",
}
KINDS = {name: kind for kind, names in NAMES.items() for name in names.split()}
# Obsidian's `+` and `-` make it collapsible: open or closed.
ALERT = re.compile(r"\[!([A-Za-z]{1,20})\]([+-]?)(?:[ \t]+([^\n]*))?(?:\n|\Z)")
# `::: note Title`, `::: {.note #id}`, and `::: details Summary`.
CONTAINER = re.compile(r"\s*(?:\{\s*\.)?([A-Za-z][\w-]{0,40})(?:[ \t]([^{}:]{0,200}))?\}?[\s:]*")


def install(md: "MarkdownIt") -> None:
    """Add the three forms to a parser."""
    from mdit_py_plugins.admon import admon_plugin
    from mdit_py_plugins.container import container_plugin

    container_plugin(md, "box", validate=lambda words, _: bool(CONTAINER.fullmatch(words)))
    admon_plugin(md)
    md.core.ruler.after("block", "callouts", _parse_callouts)
    md.add_render_rule("callout_title_open", _render_title)
    md.add_render_rule("callout_title_close", _render_title_end)


def _parse_callouts(state: "StateCore") -> None:
    """Replace the tokens of all three forms."""
    if not any(token.type in OPENERS for token in state.tokens):
        return
    tokens: list[Token] = []
    # One tag for each open callout, None for a quotation.
    tags: list[str | None] = []
    for index, token in enumerate(state.tokens):
        if token.type in OPENERS:
            callout = OPENERS[token.type](state.tokens, index)
            tags.append(callout.tag if callout else None)
            tokens += _open(token, callout) if callout else (token,)
        elif token.type in CLOSERS:
            tag = tags.pop()
            if tag:
                token.type, token.tag = "callout_close", tag
            tokens.append(token)
        elif token.type.startswith("admonition_title"):
            token.type = token.type.replace("admonition", "callout")
            token.tag = "summary" if tags[-1] == "details" else "p"
            token.attrs = {}
            tokens.append(token)
        else:
            tokens.append(token)
    state.tokens = tokens


class Callout(NamedTuple):
    """The tag and the kind of a callout; its title, if that has no tokens yet."""

    tag: str
    kind: str
    title: str = ""
    is_open: bool = False


def _open(token: "Token", callout: Callout) -> "Iterator[Token]":
    from markdown_it.token import Token

    token.type, token.tag = "callout_open", callout.tag
    if callout.kind:
        token.attrs["class"] = f"callout {callout.kind}"
    if callout.is_open:
        token.attrs["open"] = ""
    yield token
    if callout.title:
        tag = "summary" if callout.tag == "details" else "p"
        yield Token("callout_title_open", tag, 1, block=True)
        yield Token("inline", "", 0, content=callout.title, map=token.map, children=[])
        yield Token("callout_title_close", tag, -1, block=True)


def _read_alert(tokens: "list[Token]", index: int) -> Callout | None:
    paragraph, inline, end = (*tokens[index + 1 : index + 4], None, None, None)[:3]
    if paragraph is None or paragraph.type != "paragraph_open" or inline is None or end is None:
        return None
    content = inline.content
    found = ALERT.match(content) if content.startswith("[!") else None
    if not found or found[1].lower() not in KINDS:
        return None
    inline.content = content[found.end() :]
    if not inline.content:
        paragraph.hidden = end.hidden = True
    tag = "details" if found[2] else "div"
    title = (found[3] or "").strip() or found[1].capitalize()
    return Callout(tag, KINDS[found[1].lower()], title, found[2] == "+")


def _read_container(tokens: "list[Token]", index: int) -> Callout:
    found = CONTAINER.fullmatch(tokens[index].info)
    name, title = (found[1].lower(), found[2] or "") if found else ("", "")
    title = title.strip().strip('"')
    if name == "details":
        return Callout("details", "note", title or "Details")
    if name not in KINDS:
        return Callout("div", "")
    return Callout("div", KINDS[name], title or name.capitalize())


def _read_admonition(tokens: "list[Token]", index: int) -> Callout:
    token = tokens[index]
    token.attrs = {}
    tag = "details" if token.markup.startswith("?") else "div"
    return Callout(tag, KINDS.get(token.meta["tag"], "note"), "", token.markup == "???+")


def _render_title(renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, *_: Any) -> str:
    return "<summary><strong>" if tokens[index].tag == "summary" else TITLE


def _render_title_end(
    renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, *_: Any
) -> str:
    return f"</strong></{tokens[index].tag}>\n"


TITLE = '<p class="callout-title"><strong>'
OPENERS: "dict[str, Callable[[list[Token], int], Callout | None]]" = {
    "blockquote_open": _read_alert,
    "container_box_open": _read_container,
    "admonition_open": _read_admonition,
}
CLOSERS = ("blockquote_close", "container_box_close", "admonition_close")
