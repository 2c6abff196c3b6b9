"""The Markdown parser: CommonMark and common extensions, with their HTML."""

import functools
import html
import re
from typing import TYPE_CHECKING
from typing import Any

from . import block_rules
from . import callouts
from . import charts
from . import generated
from . import highlighting
from . import inline_rules
from . import mathematics
from . import punctuation
from . import wiki_links
from .attribute_lists import apply_attributes
from .attribute_lists import parse_content
from .old_html import modernize
from .sanitizer import UnknownTags
from .sanitizer import replace_embeds

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Iterable
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

MAX_NESTING = 100
MAX_BRACKETS = 200
MAX_BRACKET_STEPS = 400_000
FEW_BRACKETS = 20
MAX_LINK_STEPS = 10_000_000
SHORT_WORD_CHARS = 1000
# Longer URLs, for example `data:` URLs of images, are not percent-encoded, as that is slow.
MAX_ENCODED_CHARS = 5000
# URLs that need no encoding. Taking them apart is a tenth of the time of a text with many links.
PLAIN_URL = re.compile(
    r"https?://(?:[a-z0-9-]{1,40}+\.){1,5}[a-z]{2,40}+(?:[/?#][A-Za-z0-9/?#&=._~+-]{0,500}+)?"
)


@functools.cache
def parser() -> "MarkdownIt":
    """Return the Markdown parser: CommonMark and the extensions in docs/writing.md."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.deflist import deflist_plugin
    from mdit_py_plugins.footnote import footnote_plugin

    md = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable(["table", "strikethrough"])
    md.use(footnote_plugin, inline=False)
    md.use(deflist_plugin)
    md.use(inline_rules.install)
    md.use(callouts.install)
    md.use(mathematics.install)
    md.use(block_rules.install)
    md.core.ruler.after("callouts", "contents", _parse_contents)
    # markdown-it-py documents this method as one to replace.
    md.normalizeLink = functools.partial(_encode_url, md.normalizeLink)  # type: ignore[method-assign]
    md.core.ruler.at("inline", _parse_inline)
    md.core.ruler.after("inline", "tasks", _parse_tasks)
    md.core.ruler.after("tasks", "attributes", apply_attributes)
    md.core.ruler.after("attributes", "punctuation", punctuation.replace_marks)
    for name, rule in RULES.items():
        md.add_render_rule(name, rule)
    return md


def _encode_url(encode: "Callable[[str], str]", url: str) -> str:
    if PLAIN_URL.fullmatch(url) or len(url) > MAX_ENCODED_CHARS:
        return url
    return encode(url)


def attribute_chars(tokens: "Iterable[Token]") -> int:
    """Return the total number of characters in the attributes of the tokens."""
    return sum(
        len(str(value))
        for token in tokens
        for one in (token, *(token.children or ()))
        for value in one.attrs.values()
    )


def _parse_inline(state: "StateCore") -> None:
    """Apply the inline rule, but keep text with very many nested brackets plain."""
    from markdown_it.token import Token

    steps = bracket_steps = 0
    for token in state.tokens:
        if token.type == "inline":
            token.children = []
            steps += _count_link_steps(token.content)
            depth, passed = _count_brackets(token.content)
            bracket_steps += passed
            if depth > MAX_BRACKETS or steps > MAX_LINK_STEPS or bracket_steps > MAX_BRACKET_STEPS:
                token.children.append(Token("text", "", 0, content=token.content))
            else:
                state.md.inline.parse(token.content, state.md, state.env, token.children)


def _count_brackets(text: str) -> tuple[int, int]:
    """Return how deep brackets are nested, and how many the parser passes to find their ends."""
    if text.count("[") <= FEW_BRACKETS:
        return 0, 0
    deepest = depth = steps = 0
    for bracket in re.findall(r"[\[\]]", text):
        depth = depth + 1 if bracket == "[" else max(0, depth - 1)
        deepest = max(deepest, depth)
        steps += depth
    return deepest, steps


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
CONTENTS = re.compile(r"\[toc\]|\[\[_?toc_?\]\]|\{\{toc\}\}|@\[toc\](?:\([^()\n]{0,100}\))?", re.I)
CONTENTS_LINE = re.compile(r"\{:\s*toc\b", re.I)
MAX_CONTENTS_CHARS = 120


def _parse_contents(state: "StateCore") -> None:
    """Replace the marks of a table of contents: the first by the table, others by nothing."""
    places: list[tuple[int, int]] = []
    for index, token in enumerate(state.tokens):
        if token.type == "attribute_line" and CONTENTS_LINE.match(token.content):
            places.append((_find_list_before(state.tokens, index), index + 1))
        elif (
            token.type == "inline"
            and len(token.content) < MAX_CONTENTS_CHARS
            and CONTENTS.fullmatch(token.content)
            and state.tokens[index - 1].type == "paragraph_open"
        ):
            places.append((index - 1, index + 2))
    for start, end in reversed(places):
        token = state.tokens[start]
        token.type, token.nesting, token.hidden = "contents", 0, start != places[0][0]
        state.tokens[start:end] = [token]


def _find_list_before(tokens: "list[Token]", index: int) -> int:
    """Return the place of the list that kramdown replaces by the contents, or that of its mark."""
    if not tokens[index].meta["touches"] or tokens[index - 1].tag not in ("ul", "ol"):
        return index
    level = tokens[index].level
    return next(place for place in range(index - 2, -1, -1) if tokens[place].level == level)


def _render_contents(
    renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, _: Any, env: Any
) -> str:
    return "" if tokens[index].hidden else generated.put(env, CONTENTS_PLACEHOLDER)


# A list of attributes of kramdown after HTML.
OLD_LIST = re.compile(r"\n\{:[^{}\n]{0,300}\}\s*\Z")
TABS = re.compile(r"</?(?:Tabs|TabItem)(?:\s[^<>]{0,300})?>")
TAB_LABEL = re.compile(r"""\slabel=(["'])([^"'<>&]{1,100})\1""")


def _render_html(
    renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, _: Any, env: Any
) -> str:
    env["raw"] = True
    if "unknown_tags" not in env:
        env["unknown_tags"] = UnknownTags(env["body"])
    is_block = tokens[index].type == "html_block"
    content = replace_embeds(tokens[index].content, block=is_block)
    if is_block:
        content = OLD_LIST.sub("", content)
        # An open comment after another would hide the rest of the text.
        if content.startswith("<!--") and content.rfind("<!--") > content.rfind("-->"):
            content += "-->"
    before = "" if is_block or not index else tokens[index - 1].content[-1:]
    return modernize(env["unknown_tags"].escape(TABS.sub(_replace_tab, content), before))


def _replace_tab(tab: re.Match[str]) -> str:
    """Return the title of a tab of Docusaurus in place of its start tag, else nothing."""
    label = TAB_LABEL.search(tab[0])
    return f"<p><strong>{label[2]}</strong></p>\n\n" if label else ""


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


LANGUAGE = re.compile(r"[{\s]*\.?(?:language-)?(\w[\w.+#-]{0,39})")
LANGUAGE_IN_LIST = re.compile(r"\{[^{}]{0,300}?(?<=[\s{])\.(?:language-)?(\w[\w.+#-]{0,39})")


def _language(token: "Token") -> str:
    info = html.unescape(token.info).strip()
    language = LANGUAGE_IN_LIST.match(info) or LANGUAGE.match(info)
    return language[1].lower() if language else ""


def _render_fence(
    renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, _: Any, env: Any
) -> str:
    token = tokens[index]
    language = _language(token)
    if language == "math":
        return mathematics.render(token.content, env, display=True, block=True)
    if language == "chart":
        return generated.put(env, charts.render(token.content, token.info))
    if "{" in token.info and "#" in token.info:
        attributes = parse_content(token.info.strip("{ }")) or {}
        token.attrs.update({"id": attributes["id"]} if "id" in attributes else {})
    code = token.meta.get("html") or html.escape(token.content)
    name = f' class="language-{language}"' if language else ""
    return f"<pre{renderer.renderAttrs(token)}><code{name}>{code}</code></pre>\n"


VIDEO = re.compile(r"\.(?:mp4|m4v|mov|ogv|webm)(?:[?#]|\Z)", re.I)
# Obsidian embeds these pages when they are written as pictures.
PLAYED = re.compile(
    r"https://(?:www\.|m\.)?(?:youtube\.com/(?:watch|shorts)|youtu\.be/|vimeo\.com/\d|x\.com/|twitter\.com/)"
)
DOCUMENT = re.compile(r"\.pdf(?:[?#]|\Z)", re.I)
# Obsidian's size after the alt text: `![alt|300](a.png)`.
SIZE = re.compile(r"\|(\d{1,4})(?:x(\d{1,4}))?\Z")
AUDIO = re.compile(r"\.(?:aac|flac|m4a|m4b|mp3|oga|ogg|opus|wav)(?:[?#]|\Z)", re.I)


def _render_image(
    renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, options: Any, env: Any
) -> str:
    """Render an image, or a player if the file is a film or a recording."""
    token = tokens[index]
    source = str(token.attrs.get("src", ""))
    last = token.children[-1] if token.children else None
    for child in token.children or ():
        # Alternative texts have the source of formulas.
        child.type = "text" if child.type == "math" else child.type
    if last and (size := SIZE.search(last.content)):
        last.content = last.content[: size.start()]
        token.attrs.update({"width": size[1]} | ({"height": size[2]} if size[2] else {}))
    if PLAYED.match(source) or DOCUMENT.search(source):
        label = html.escape(renderer.renderInlineAsText(token.children, options, env) or source)
        return f'<a href="{html.escape(source)}">{label}</a>'
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
    repeated = token.meta.get("subId", 0)
    return f"fnref{token.meta['id'] + 1}" + (f"-{repeated + 1}" if repeated else "")


def _render_back_link(
    renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, _: Any, env: Any
) -> str:
    repeated = tokens[index].meta.get("subId", 0)
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
    "tab_title_close": lambda *_: "</strong></p>\n",
    "tab_title_open": lambda *_: "<p><strong>",
    "task_close": lambda *_: "</label>",
    "task_open": _render_task,
    "td_open": _render_cell,
    "th_open": _render_cell,
    "wiki_link": wiki_links.render,
}
