"""Formulas in LaTeX, as MathML: `$…$`, `$$…$$`, and blocks of code in the language `math`.

math-core was chosen over latex2mathml after comparing both on 60 formulas: it is seven times as
fast, refuses what it does not know instead of showing it, and gets `aligned` and the spaces around
operators right. It gets only short formulas that are not deeply nested, because its parser, in
native code, would end the process if the stack overflowed.
"""

import functools
import html
import re
from typing import TYPE_CHECKING
from typing import Any
from xml.etree import ElementTree

from . import generated
from .dispatch import INTERRUPTING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from math_core import LatexToMathML

MAX_FORMULA_CHARS = 2000
MAX_FORMULAS = 1000
MAX_DEPTH = 30
MAX_EXPANSIONS = 50
# As in Pandoc: no space inside of the dollar signs; and no letter or digit outside of them, so that
# amounts of money and names of variables stay text. Chinese characters and `th` may follow.
INLINE = re.compile(
    r"\$\$(?!\s*\$)(?P<display>(?>(?:\\.|[^$\\]){1,2000}))\$\$|\$`(?P<code>[^`$]{1,2000}+)`\$(?![A-Za-z0-9_])"
    r"|\$(?![\s$])(?P<inline>(?>(?:\\.|[^$\\]){1,2000}))(?<!\s)\$(?!\$)"
    r"(?:(?![A-Za-z0-9_])|(?=(?:th|st|nd|rd|s)\b))",
    re.DOTALL,
)
BRACKETS = {r"\\(": r"\\)", r"\\[": r"\\]", r"\(": r"\)", r"\[": r"\]"}
FORMULA = re.compile(r"\\[A-Za-z]|(?<!\\)[\^_=<>+]|\A\s*[A-Za-z]\s*\Z")
DISPLAYED = re.compile(r"\\[A-Za-z]|(?<!\\)[\^_]")
CLOSINGS = {"$$": "$$", r"\\[": r"\\]", r"\[": r"\]"}
OPENING = re.compile(
    r"\$\$|\\\\?\[|\\begin\{(?P<name>(?:align|alignat|eqnarray|equation|flalign|gather|multline)\*?)\}"
)
MONEY = re.compile(r"\d[\d.,]*+\s+[A-Za-z]{2,}")
# Commands that math-core lacks, or allows in numbered equations only.
REWRITTEN = (
    (re.compile(r"\\tag\*?\{([^{}]{0,100})\}"), r"\\qquad(\\text{\1})"),
    (re.compile(r"\\label\{[^{}]{0,100}\}"), ""),
    (re.compile(r"\\(begin|end)\{split\}"), r"\\\1{aligned}"),
    (re.compile(r"\\begin\{eqnarray\*?\}"), r"\\begin{array}{rcl}"),
    (re.compile(r"\\end\{eqnarray\*?\}"), r"\\end{array}"),
    (re.compile(r"\\(begin|end)\{smallmatrix\}"), r"\\\1{matrix}"),
    (re.compile(r"\\substack\{([^{}]{0,500})\}"), r"\\begin{matrix}\1\\end{matrix}"),
    (re.compile(r"\\mbox(?![a-zA-Z])"), r"\\text"),
    (re.compile(r"\\widetilde(?![a-zA-Z])"), r"\\tilde"),
)
STEP = re.compile(r"\\[a-zA-Z]+|\\.|[{}^_]|\s+|.", re.DOTALL)
ENTITY = re.compile(r"&(?!(?:amp|apos|gt|lt|quot|#\d+|#x[0-9a-fA-F]+);)(\w+;)")
TAGS = frozenset(
    "annotation math menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot"
    " mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover"
    " semantics".split()
)
ATTRIBUTES = frozenset(
    "accent accentunder columnspan depth display displaystyle encoding fence form height"
    " largeop linethickness lspace mathcolor mathsize mathvariant maxsize minsize movablelimits"
    " notation rowspan rspace scriptlevel separator stretchy symmetric voffset width".split()
)
SIDE = re.compile(r"text-align: ?(left|right)")
COLOR = re.compile(r"color: ?(#[0-9A-Fa-f]{3,8});?")


def install(md: "MarkdownIt") -> None:
    """Add the rules to a parser."""
    md.block.ruler.before("fence", "math", _parse_block, INTERRUPTING)
    md.add_render_rule("math", _render)


def parse_inline(state: "StateInline", silent: bool) -> bool:
    """Parse a formula at a dollar sign."""
    found = INLINE.match(state.src, state.pos, state.posMax)
    before = state.src[state.pos - 1 : state.pos]
    if silent or not found or before == "$" or (before.isascii() and before.isalnum()):
        return False
    if MONEY.match(found["inline"] or ""):
        return False
    token = state.push("math", "math", 0)
    token.content = found["display"] or found["code"] or found["inline"]
    token.markup = "$$" if found["display"] else "$"
    state.pos = found.end()
    return True


def parse_brackets(state: "StateInline", silent: bool) -> bool:
    r"""Parse a formula in `\(…\)` or `\[…\]`, whose backslashes may be double.

    Single ones also stand before brackets that are not to be part of a link, so it must look like
    a formula.
    """
    opening = next((one for one in BRACKETS if state.src.startswith(one, state.pos)), None)
    if silent or opening is None:
        return False
    closing, start = BRACKETS[opening], state.pos + len(opening)
    end = state.src.find(closing, start, min(state.posMax, start + MAX_FORMULA_CHARS))
    content = state.src[start:end]
    if end < 0 or not content.strip() or opening in content:
        return False
    if len(opening) == 2:
        looks = FORMULA if opening == r"\(" else DISPLAYED
        at_start = state.src[state.pos - 1 : state.pos] in ("", "\n")
        if not looks.search(content) or (at_start and len(content) == 1):
            return False
    token = state.push("math", "math", 0)
    token.content, token.markup = content, "$" if opening.endswith("(") else "$$"
    state.pos = end + len(closing)
    return True


def _parse_block(state: "StateBlock", start: int, end: int, silent: bool) -> bool:
    first = state.bMarks[start] + state.tShift[start]
    found = OPENING.match(state.src, first, state.eMarks[start])
    if not found or state.is_code_block(start):
        return False
    name = found["name"]
    closing = rf"\end{{{name}}}" if name else CLOSINGS[found[0]]
    # Most lines with an open formula are found out here, without reading it.
    if state.src.find(closing, found.end(), found.end() + 4 * MAX_FORMULA_CHARS) < 0:
        return False
    last = start
    content = state.src[first if name else found.end() : state.eMarks[start]].rstrip()
    # Blank lines may be between two marks on lines of their own.
    is_open = not name and not content
    while not content.endswith(closing):
        last += 1
        if last >= end or len(content) > MAX_FORMULA_CHARS:
            return False
        if state.sCount[last] < state.blkIndent or (state.isEmpty(last) and not is_open):
            return False
        content += "\n" + state.getLines(last, last + 1, state.blkIndent, False).rstrip()
    if is_open and "\n\n" in content and not content.endswith("\n" + closing):
        return False
    content = content if name else content[: -len(closing)]
    if closing in content[: -len(closing)] or not _is_formula(found[0], content):
        return False
    if not silent:
        token = state.push("math", "math", 0)
        token.content, token.block, token.map = content.strip(), True, [start, last + 1]
        token.markup = "$$"
        state.line = last + 1
    return True


def _is_formula(opening: str, content: str) -> bool:
    if opening == r"\[":
        return bool(DISPLAYED.search(content) or "=" in content)
    return bool(content.strip())


def _render(
    renderer: "RendererHTML", tokens: "Sequence[Any]", index: int, _: Any, env: dict[str, Any]
) -> str:
    token = tokens[index]
    html = render(token.content, env, display=token.markup == "$$", block=token.block)
    if token.block and token.attrs:
        return f"<div{renderer.renderAttrs(token)}>\n{html}</div>\n"
    return html


def render(latex: str, env: dict[str, Any], *, display: bool, block: bool) -> str:
    """Return the HTML of a formula, which is code if it has an error or cannot be shown."""
    env["formulas"] = env.get("formulas", 0) + 1
    formula = _convert(latex, display) if env["formulas"] <= MAX_FORMULAS else None
    if formula is None:
        code = f'<code class="language-math">{html.escape(latex)}</code>'
        return f"<pre>{code}</pre>\n" if block else code
    if not display:
        return generated.put(env, formula)
    # A scrollable element must be focusable, and a focusable element needs a name.
    tag = "div" if block else "span"
    wrapper = f'<{tag} class="math" role="group" aria-label="Formula" tabindex="0">'
    return generated.put(env, f"{wrapper}{formula}</{tag}>") + ("\n" if block else "")


def _convert(latex: str, display: bool) -> str | None:
    try:
        from math_core import LatexError
    except ImportError:
        # There are no wheels for some platforms.
        return None
    if len(latex) > MAX_FORMULA_CHARS or _is_deep(latex):
        return None
    known = latex.strip()
    for pattern, replacement in REWRITTEN:
        known = pattern.sub(replacement, known)
    try:
        text = _converter().convert_with_local_state(known, displaystyle=display)
        root = ElementTree.fromstring(ENTITY.sub(_decode, text))  # noqa: S314  # math-core made it
        for annotation in root.iter("annotation"):
            annotation.text = latex.strip()
        return _restrict(root)
    except (LatexError, ElementTree.ParseError, ValueError):
        return None


@functools.cache
def _converter() -> "LatexToMathML":
    from math_core import LatexToMathML

    return LatexToMathML(annotation=True, fancy_error=False, max_expansions=MAX_EXPANSIONS)


def _is_deep(latex: str) -> bool:
    """Return whether braces nest deeply, or commands that take the next one as argument."""
    depth = run = 0
    for step in STEP.findall(latex):
        depth += step in ("{", r"\left", r"\begin")
        depth -= step in ("}", r"\right", r"\end")
        if step[0] in "\\^_{":
            run += 1
        elif not step.isspace():
            run = 0
        if depth > MAX_DEPTH or run > MAX_DEPTH:
            return True
    return False


def _decode(entity: re.Match[str]) -> str:
    return html.escape(html.unescape(entity[0]))


def _restrict(root: ElementTree.Element) -> str:
    """Return MathML with known elements and attributes only. Raises `ValueError`."""
    for element in root.iter():
        if element.tag not in TAGS:
            raise ValueError(element.tag)
        style = element.attrib.pop("style", "")
        if element.tag == "mtable":
            element.attrib.pop("scriptlevel", "")
        attributes = {name: value for name, value in element.items() if name in ATTRIBUTES}
        if color := COLOR.search(style):
            attributes["mathcolor"] = color[1]
        if side := SIDE.search(style):
            attributes["class"] = f"align-{side[1]}"
        element.attrib.clear()
        element.attrib.update(attributes)
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=False)
