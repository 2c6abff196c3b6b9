"""Links and pictures as in Obsidian: `[[Post#Heading|words]]` and `![[picture.png|300]]`.

Posts and files come and go while rendered HTML is stored. The stored HTML therefore has an element
with the name, which `models/wiki_links.py` replaces whenever a page is shown.
"""

import html
import re
from typing import TYPE_CHECKING
from typing import Any

from . import generated
from .slugs import github_slug

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

LINK = re.compile(
    r"\[\[(?![\s^])(?P<name>[^\[\]\n|#]{0,200}+)(?P<heading>#[^\[\]\n|]{1,200}+)?"
    r"(?:\|(?P<label>[^\[\]\n]{0,200}+))?\]\](?![\[(\]])"
)
# These number sources, or are code.
NO_NAME = re.compile(r"\d{1,3}|.*[\"'=$<>].*")
FILE = re.compile(r"\.\w{2,4}")
SIZE = re.compile(r"\d{1,4}(?:x\d{1,4})?")


def parse(state: "StateInline", silent: bool) -> bool:
    """Parse a link or a picture at its first bracket or exclamation mark."""
    is_embedded = state.src[state.pos] == "!"
    found = LINK.match(state.src, state.pos + is_embedded, state.posMax)
    # While the parser looks for the end of a link, brackets count one by one.
    if silent or not found or state.linkLevel or NO_NAME.fullmatch(found["name"].strip()):
        return False
    if state.src[state.pos - 1 : state.pos] == "[":
        return False
    name, heading = found["name"].strip(), found["heading"] or ""
    if not (name or heading) or name.upper() in state.env.get("references", {}):
        return False
    _push(state, name, heading, (found["label"] or "").strip(), is_embedded)
    state.pos = found.end()
    return True


def _push(state: "StateInline", name: str, heading: str, label: str, is_embedded: bool) -> None:
    """Push the tokens of a link or a picture; headings of the same post are ordinary links."""
    # A block of a note has no heading.
    fragment = "" if heading.startswith("#^") else f"#{github_slug(heading.split('#')[-1])}"
    words = label or name or heading.split("#")[-1]
    if not name:
        opening = state.push("link_open", "a", 1)
        opening.attrs = {"href": fragment or "#"}
        state.push("text", "", 0).content = words.lstrip("^")
        state.push("link_close", "a", -1)
        return
    token = state.push("wiki_link", "span", 0)
    last = name.rpartition("/")[2]
    if is_embedded and FILE.search(last[-5:]):
        size = label if SIZE.fullmatch(label) else ""
        token.attrs = {"data-file": f"{last}|{size}"}
        token.content = last if size or not label else label
    else:
        token.attrs = {"data-post": last + (fragment if heading else "")}
        token.content = words


def render(
    renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, _: Any, env: dict[str, Any]
) -> str:
    """Render the element that is replaced in pages, which bodies cannot forge."""
    token = tokens[index]
    words = html.escape(token.content, quote=False)
    return generated.put(env, f"<span{renderer.renderAttrs(token)}>{words}</span>")
