"""The Markdown parser: CommonMark and the extensions people know, with the HTML made of them."""

import functools
import html
import re
from typing import TYPE_CHECKING
from typing import Any

from . import highlighting
from .sanitizer import replace_embeds

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Iterable
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

MAX_NESTING = 100
MAX_BRACKETS = 200
MAX_LINK_STEPS = 10_000_000
SHORT_WORD_CHARS = 1000
MAX_TOKENS = 100_000
# Longer addresses, as of pictures within the text, are not percent-encoded, character by character.
MAX_ENCODED_CHARS = 5000


@functools.cache
def parser() -> "MarkdownIt":
    """The Markdown parser: CommonMark, tables, strikethrough, task lists and footnotes."""
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import table
    from mdit_py_plugins.footnote import footnote_plugin

    md = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable(["table", "strikethrough"])
    md.use(footnote_plugin, inline=False)
    md.normalizeLink = functools.partial(_encode, md.normalizeLink)  # type: ignore[method-assign]
    md.block.ruler.at(
        "table", functools.partial(_table, table), {"alt": ["paragraph", "reference"]}
    )
    md.core.ruler.at("inline", _inline)
    md.core.ruler.after("inline", "tasks", _tasks)
    for name, rule in RULES.items():
        md.add_render_rule(name, rule)
    return md


def _encode(encode: "Callable[[str], str]", url: str) -> str:
    return encode(url) if len(url) <= MAX_ENCODED_CHARS else url


def attribute_chars(tokens: "Iterable[Token]") -> int:
    """Return the number of characters in the attributes of all these tokens."""
    return sum(
        len(str(value))
        for token in tokens
        for one in (token, *(token.children or ()))
        for value in one.attrs.values()
    )


def _table(rule: Any, state: "StateBlock", start: int, end: int, silent: bool) -> bool:
    """The table rule, until short rows of wide tables have grown to more than anyone reads."""
    return len(state.tokens) < MAX_TOKENS and rule(state, start, end, silent)


def _inline(state: "StateCore") -> None:
    """The inline rule, but text with links in links by the hundred stays plain text."""
    from markdown_it.token import Token

    steps = 0
    for token in state.tokens:
        if token.type == "inline":
            token.children = []
            steps += _link_steps(token.content)
            if _bracketed(token.content) or steps > MAX_LINK_STEPS:
                token.children.append(Token("text", "", 0, content=token.content))
            else:
                state.md.inline.parse(token.content, state.md, state.env, token.children)


def _bracketed(text: str) -> bool:
    if text.count("[") <= MAX_BRACKETS:
        return False
    depth = 0
    for bracket in re.findall(r"[\[\]]", text):
        depth = depth + 1 if bracket == "[" else max(0, depth - 1)
        if depth > MAX_BRACKETS:
            return True
    return False


def _link_steps(text: str) -> int:
    """Return how many characters are read for addresses that may end where their word ends.

    The parser gives up on an address with 32 brackets in it.
    """
    words = (word for word in text.split() if len(word) > SHORT_WORD_CHARS)
    return sum(len(word) * min(32, word.count("](")) for word in words)


def _tasks(state: "StateCore") -> None:
    from markdown_it.token import Token

    for item, token in zip(state.tokens, state.tokens[2:], strict=False):
        if item.type != "list_item_open" or not re.match(r"\[[ xX]\]\s", token.content):
            continue
        first = token.children[0] if token.children else None
        if first and first.type == "text" and first.content.startswith(token.content[:3]):
            item.attrJoin("class", "task")
            opening = Token("task_open", "", 0, info=first.content[1])
            first.content = first.content[3:]
            token.children = [opening, *(token.children or []), Token("task_close", "", 0)]


def _raw(renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, _: Any, env: Any) -> str:
    env["raw"] = True
    return replace_embeds(tokens[index].content, block=tokens[index].type == "html_block")


def _cell(
    renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, options: Any, env: Any
) -> str:
    align = str(tokens[index].attrs.pop("style", "")).removeprefix("text-align:")
    if align:
        tokens[index].attrSet("class", f"align-{align}")
    return renderer.renderToken(tokens, index, options, env)


def highlight_code(tokens: "Sequence[Token]") -> None:
    """Give each code block of a language that Pygments knows its code as HTML."""
    fences = [token for token in tokens if token.type == "fence" and _language(token)]
    blocks = [highlighting.Block(_language(token), token.content) for token in fences]
    for token, found in zip(fences, highlighting.highlight(blocks), strict=True):
        token.meta["html"] = found


def _language(token: "Token") -> str:
    language = re.match(r"[{\s]*\.?(?:language-)?(\w[\w.+#-]{0,39})", html.unescape(token.info))
    return language[1].lower() if language else ""


def _fence(
    renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, _: Any, env: Any
) -> str:
    code = tokens[index].meta.get("html") or html.escape(tokens[index].content)
    language = _language(tokens[index])
    name = f' class="language-{language}"' if language else ""
    return f"<pre><code{name}>{code}</code></pre>\n"


def _reference(
    renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, _: Any, env: Any
) -> str:
    note = tokens[index].meta["id"] + 1
    link = f'href="#fn{note}" id="{_mark(tokens[index])}" aria-label="Footnote {note}"'
    return f'<sup class="footnote-ref"><a {link}>{note}</a></sup>'


def _mark(token: "Token") -> str:
    repeated = token.meta["subId"]
    return f"fnref{token.meta['id'] + 1}" + (f"-{repeated + 1}" if repeated else "")


def _way_back(
    renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, _: Any, env: Any
) -> str:
    repeated = tokens[index].meta["subId"]
    label = "Back to the text" + (f" ({repeated + 1})" if repeated else "")
    which = f"<sup>{repeated + 1}</sup>" if repeated else ""
    link = f'class="footnote-back" href="#{_mark(tokens[index])}" aria-label="{label}"'
    # The variation selector keeps the arrow from becoming an emoji.
    return f" <a {link}>\u21a9\ufe0e{which}</a>"


def _note(renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, _: Any, env: Any) -> str:
    return f'<li id="fn{tokens[index].meta["id"] + 1}">'


def _task(renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, _: Any, env: Any) -> str:
    checked = "" if tokens[index].info == " " else " checked"
    return f'<label><input type="checkbox"{checked}>'


RULES: "dict[str, Callable[..., str]]" = {
    "fence": _fence,
    "footnote_anchor": _way_back,
    "footnote_block_close": lambda *_: "</ol>\n</div>\n",
    "footnote_block_open": lambda *_: '<div class="footnotes">\n<ol>\n',
    "footnote_open": _note,
    "footnote_ref": _reference,
    "html_block": _raw,
    "html_inline": _raw,
    "task_close": lambda *_: "</label>",
    "task_open": _task,
    "td_open": _cell,
    "th_open": _cell,
}
