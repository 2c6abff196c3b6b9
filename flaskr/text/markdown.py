"""The Markdown parser: CommonMark and common extensions, with their HTML."""

import functools
import html
import re
from typing import TYPE_CHECKING
from typing import Any

from . import callouts
from . import charts
from . import generated
from . import highlighting
from . import inline_rules
from . import mathematics
from . import punctuation
from .attribute_lists import apply_attributes
from .sanitizer import UnknownTags
from .sanitizer import replace_embeds

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Iterable
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.ruler import RuleOptionsType
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

MAX_NESTING = 100
MAX_BRACKETS = 200
MAX_LINK_STEPS = 10_000_000
SHORT_WORD_CHARS = 1000
MAX_TOKENS = 100_000
# Longer URLs, for example `data:` URLs of images, are not percent-encoded, as that is slow.
MAX_ENCODED_CHARS = 5000


@functools.cache
def parser() -> "MarkdownIt":
    """Return the Markdown parser: CommonMark and the extensions in docs/writing.md."""
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import table
    from mdit_py_plugins.deflist import deflist_plugin
    from mdit_py_plugins.footnote import footnote_plugin

    md = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable(["table", "strikethrough"])
    md.use(footnote_plugin, inline=False)
    md.use(deflist_plugin)
    md.use(inline_rules.install)
    md.use(callouts.install)
    md.use(mathematics.install)
    _combine_block_rules(md)
    md.core.ruler.after("callouts", "contents", _parse_contents)
    md.normalizeLink = functools.partial(_encode_url, md.normalizeLink)  # type: ignore[method-assign]
    md.block.ruler.at(
        "table", functools.partial(_parse_table, table), {"alt": ["paragraph", "reference"]}
    )
    md.core.ruler.at("inline", _parse_inline)
    md.core.ruler.after("inline", "tasks", _parse_tasks)
    md.core.ruler.after("tasks", "attributes", apply_attributes)
    md.core.ruler.after("attributes", "punctuation", punctuation.replace_marks)
    for name, rule in RULES.items():
        md.add_render_rule(name, rule)
    return md


# Block rules by the first character of their line.
BLOCK_RULES = {":": "container_box", "!": "admonition", "?": "admonition", "$": "math"}


def _combine_block_rules(md: "MarkdownIt") -> None:
    """Combine the rules of extensions, as the parser tries each one at each line."""
    known = dict(zip(md.block.ruler.get_active_rules(), md.block.ruler.getRules(""), strict=True))
    rules = {char: known[name] for char, name in BLOCK_RULES.items()}

    def parse(state: "StateBlock", start: int, end: int, silent: bool) -> bool:
        place = state.bMarks[start] + state.tShift[start]
        rule = rules.get(state.src[place : place + 1])
        return rule is not None and rule(state, start, end, silent)

    md.block.ruler.disable(list(BLOCK_RULES.values()))
    parents: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    md.block.ruler.before("fence", "extensions", parse, parents)


def _encode_url(encode: "Callable[[str], str]", url: str) -> str:
    return encode(url) if len(url) <= MAX_ENCODED_CHARS else url


def attribute_chars(tokens: "Iterable[Token]") -> int:
    """Return the total number of characters in the attributes of the tokens."""
    return sum(
        len(str(value))
        for token in tokens
        for one in (token, *(token.children or ()))
        for value in one.attrs.values()
    )


def _parse_table(rule: Any, state: "StateBlock", start: int, end: int, silent: bool) -> bool:
    """Apply the table rule, unless short rows of wide tables have produced too many tokens."""
    return len(state.tokens) < MAX_TOKENS and rule(state, start, end, silent)


def _parse_inline(state: "StateCore") -> None:
    """Apply the inline rule, but keep text with hundreds of nested brackets plain."""
    from markdown_it.token import Token

    steps = 0
    for token in state.tokens:
        if token.type == "inline":
            token.children = []
            steps += _count_link_steps(token.content)
            if _is_deeply_bracketed(token.content) or steps > MAX_LINK_STEPS:
                token.children.append(Token("text", "", 0, content=token.content))
            else:
                state.md.inline.parse(token.content, state.md, state.env, token.children)


def _is_deeply_bracketed(text: str) -> bool:
    if text.count("[") <= MAX_BRACKETS:
        return False
    depth = 0
    for bracket in re.findall(r"[\[\]]", text):
        depth = depth + 1 if bracket == "[" else max(0, depth - 1)
        if depth > MAX_BRACKETS:
            return True
    return False


def _count_link_steps(text: str) -> int:
    """Return the number of characters the parser reads when it looks for the ends of URLs.

    The parser gives up on a URL with 32 brackets in it.
    """
    words = (word for word in text.split() if len(word) > SHORT_WORD_CHARS)
    return sum(len(word) * min(32, word.count("](")) for word in words)


def _parse_tasks(state: "StateCore") -> None:
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


# A placeholder for the table of contents, replaced after the headings have ids.
CONTENTS_PLACEHOLDER = "\ufdd6"
CONTENTS = frozenset(("[toc]", "[[toc]]", "[[_toc_]]", "{:toc}"))
# Kramdown replaces the list to which the mark is attached.
LIST_OF_CONTENTS = re.compile(r"[^\n]{0,100}\n\{:\s*toc\}", re.I)


def _parse_contents(state: "StateCore") -> None:
    """Replace the marks of a table of contents: the first by the table, others by nothing."""
    places: list[tuple[int, int]] = []
    for index, token in enumerate(state.tokens):
        if token.type != "inline" or "toc" not in token.content[-10:].lower():
            continue
        if token.content.strip().lower() in CONTENTS:
            if state.tokens[index - 1].type == "paragraph_open":
                places.append((index - 1, index + 2))
        elif LIST_OF_CONTENTS.fullmatch(token.content) and state.tokens[index - 2].tag == "li":
            places.append((index - 3, index + 4))
    for start, end in reversed(places):
        token = state.tokens[start]
        token.type, token.nesting, token.hidden = "contents", 0, start != places[0][0]
        state.tokens[start:end] = [token]


def _render_contents(
    renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, _: Any, env: Any
) -> str:
    return "" if tokens[index].hidden else generated.put(env, CONTENTS_PLACEHOLDER)


def _render_html(
    renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, _: Any, env: Any
) -> str:
    env["raw"] = True
    content = replace_embeds(tokens[index].content, block=tokens[index].type == "html_block")
    if "unknown_tags" not in env:
        env["unknown_tags"] = UnknownTags(env["body"])
    return str(env["unknown_tags"].escape(content))


def _render_cell(
    renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, options: Any, env: Any
) -> str:
    align = str(tokens[index].attrs.pop("style", "")).removeprefix("text-align:")
    if align:
        tokens[index].attrSet("class", f"align-{align}")
    return renderer.renderToken(tokens, index, options, env)


def highlight_code(tokens: "Sequence[Token]") -> None:
    """Highlight each code block in a language that Pygments knows."""
    fences = [token for token in tokens if token.type == "fence" and _language(token)]
    blocks = [highlighting.Block(_language(token), token.content) for token in fences]
    for token, found in zip(fences, highlighting.highlight(blocks), strict=True):
        token.meta["html"] = found


def _language(token: "Token") -> str:
    language = re.match(r"[{\s]*\.?(?:language-)?(\w[\w.+#-]{0,39})", html.unescape(token.info))
    return language[1].lower() if language else ""


def _render_fence(
    renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, _: Any, env: Any
) -> str:
    token = tokens[index]
    language = _language(token)
    if language == "math":
        return mathematics.render(token.content, env, display=True, block=True)
    if language == "chart":
        return generated.put(env, charts.render(token.content))
    code = token.meta.get("html") or html.escape(token.content)
    name = f' class="language-{language}"' if language else ""
    return f"<pre{renderer.renderAttrs(token)}><code{name}>{code}</code></pre>\n"


VIDEO = re.compile(r"\.(?:mp4|m4v|mov|ogv|webm)(?:[?#]|\Z)", re.I)
AUDIO = re.compile(r"\.(?:aac|flac|m4a|m4b|mp3|oga|ogg|opus|wav)(?:[?#]|\Z)", re.I)


def _render_image(
    renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, options: Any, env: Any
) -> str:
    """Render an image, or a player if the file is a film or a recording."""
    token = tokens[index]
    source = str(token.attrs.get("src", ""))
    tag = "video" if VIDEO.search(source) else "audio" if AUDIO.search(source) else ""
    if not tag:
        return renderer.image(tokens, index, options, env)
    token.attrs.pop("alt", None)
    label = (
        html.escape(renderer.renderInlineAsText(token.children, options, env)) or "Open the file"
    )
    link = f'<a href="{html.escape(source)}">{label}</a>'
    return f'<{tag}{renderer.renderAttrs(token)} preload="metadata">{link}</{tag}>'


def _render_reference(
    renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, _: Any, env: Any
) -> str:
    note = tokens[index].meta["id"] + 1
    link = f'href="#fn{note}" id="{_reference_id(tokens[index])}" aria-label="Footnote {note}"'
    return f'<sup class="footnote-ref"><a {link}>{note}</a></sup>'


def _reference_id(token: "Token") -> str:
    repeated = token.meta["subId"]
    return f"fnref{token.meta['id'] + 1}" + (f"-{repeated + 1}" if repeated else "")


def _render_back_link(
    renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, _: Any, env: Any
) -> str:
    repeated = tokens[index].meta["subId"]
    label = "Back to the text" + (f" ({repeated + 1})" if repeated else "")
    which = f"<sup>{repeated + 1}</sup>" if repeated else ""
    link = f'class="footnote-back" href="#{_reference_id(tokens[index])}" aria-label="{label}"'
    # The variation selector prevents browsers from showing the arrow as an emoji.
    return f" <a {link}>\u21a9\ufe0e{which}</a>"


def _render_footnote(
    renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, _: Any, env: Any
) -> str:
    return f'<li id="fn{tokens[index].meta["id"] + 1}">'


def _render_task(
    renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, _: Any, env: Any
) -> str:
    checked = "" if tokens[index].info == " " else " checked"
    return f'<label><input type="checkbox"{checked}>'


RULES: "dict[str, Callable[..., str]]" = {
    "contents": _render_contents,
    "fence": _render_fence,
    "footnote_anchor": _render_back_link,
    "footnote_block_close": lambda *_: "</ol>\n</div>\n",
    "footnote_block_open": lambda *_: '<div class="footnotes">\n<ol>\n',
    "footnote_open": _render_footnote,
    "footnote_ref": _render_reference,
    "html_block": _render_html,
    "image": _render_image,
    "html_inline": _render_html,
    "task_close": lambda *_: "</label>",
    "task_open": _render_task,
    "td_open": _render_cell,
    "th_open": _render_cell,
}
