"""Try only the rules of a parser that can apply at a character.

The parser tries each rule at each line and special character, and most do not apply. With rules in
tables by character, rendering a blog takes a quarter less processor time (see `rendering.py` in
tests/benchmarks). To remove it, call neither function.
"""

import functools
import re
from typing import TYPE_CHECKING
from typing import Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Iterator
    from collections.abc import Mapping

    from markdown_it import MarkdownIt
    from markdown_it.ruler import RuleOptionsType
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

    BlockRule = Callable[[StateBlock, int, int, bool], bool]
    InlineRule = Callable[[StateInline, bool], bool]
    Chain = tuple[Mapping[str, tuple[BlockRule, ...]], tuple[BlockRule, ...]]

# The rules of blocks that begin with certain characters. Any line may begin one of the others.
FIRST_CHARS = {
    "admonition": "!?",
    "attribute_line": "{",
    "blockquote": ">",
    "comment": "%",
    "container_box": ":",
    "fence": "`~",
    "footnote_def": "[",
    "heading": "#",
    "hr": "*-_",
    "html_block": "<",
    "html_with_markdown": "<",
    "list": "*+-0123456789",
    "math": "$\\",
    "reference": "[",
    "tab": "=",
}
# Patterns without which a rule applies nowhere in a text.
NEEDED = {
    "deflist": re.compile(r"^[ \t>]*+[:~][ \t]", re.MULTILINE),
    "lheading": re.compile(r"^[ \t>]*+(?:=++|-++)[ \t]*+$", re.MULTILINE),
    "table": re.compile(r"\|"),
}
CHAINS = ("paragraph", "reference", "blockquote", "list")
INTERRUPTING: "RuleOptionsType" = {"alt": list(CHAINS)}


def combine_block_rules(md: "MarkdownIt") -> None:
    """Replace the block rules of a parser that has all of them."""
    ruler = md.block.ruler
    rules = zip(ruler.get_active_rules(), ruler.getRules(""), strict=True)
    # The parser asks whether the rule for indented code is active.
    known = [(name, rule) for name, rule in rules if name != "code"]
    chains = {chain: [one for one in known if one[1] in ruler.getRules(chain)] for chain in CHAINS}
    ruler.disable([name for name, _ in known])
    ruler.push("any", _combine("any", known))
    for chain, members in chains.items():
        ruler.push(chain, _combine(chain, members), {"alt": [chain]})


def _combine(chain: str, rules: "list[tuple[str, BlockRule]]") -> "BlockRule":
    @functools.cache
    def choose(missing: frozenset[str]) -> "Chain":
        """Return the rules by character, and those for other characters."""
        useful = [(name, rule) for name, rule in rules if name not in missing]
        chars = {char for name, _ in useful for char in FIRST_CHARS.get(name, "")}
        others = tuple(rule for name, rule in useful if name not in FIRST_CHARS)
        return {char: tuple(_select(useful, char)) for char in chars}, others

    def parse(state: "StateBlock", start: int, end: int, silent: bool) -> bool:
        table, others = state.env.get(chain) or state.env.setdefault(chain, choose(_missing(state)))
        place = state.bMarks[start] + state.tShift[start]
        for rule in table.get(state.src[place : place + 1], others):
            if rule(state, start, end, silent):
                return True
        return False

    return parse


def _select(rules: "list[tuple[str, BlockRule]]", char: str) -> "Iterator[BlockRule]":
    return (rule for name, rule in rules if char in FIRST_CHARS.get(name, char))


def _missing(state: "StateBlock") -> frozenset[str]:
    """Return the rules that apply nowhere in a text."""
    if "missing rules" not in state.env:
        state.env["missing rules"] = frozenset(
            name for name, pattern in NEEDED.items() if not pattern.search(state.src)
        )
    found: frozenset[str] = state.env["missing rules"]
    return found


def combine_inline_rules(
    md: "MarkdownIt", chars: "Mapping[str, str]", others: "Mapping[str, InlineRule]", text_end: Any
) -> None:
    """Replace the inline rules of a parser, given the names of those for each character.

    Those of the others, which the parser does not have, come first.
    """
    ruler = md.inline.ruler
    names = ruler.get_active_rules()
    known = dict(zip(names, ruler.getRules(""), strict=True))
    rules: dict[str, tuple[InlineRule, ...]] = {char: (rule,) for char, rule in others.items()}
    for char, wanted in chars.items():
        rules[char] = rules.get(char, ()) + tuple(known[name] for name in wanted.split())
    ruler.disable(names)
    ruler.push("any", _combine_inline(rules, text_end))


def _combine_inline(rules: "Mapping[str, tuple[InlineRule, ...]]", text_end: Any) -> "InlineRule":
    def parse(state: "StateInline", silent: bool) -> bool:
        start = state.pos
        for rule in rules.get(state.src[start], ()):
            if rule(state, silent):
                return True
        found = text_end.search(state.src, start + 1, state.posMax)
        end = found.start() if found else state.posMax
        # When it looks for the end of a link, the parser counts brackets one by one.
        if silent and state.src[start] == "[":
            return False
        if not silent:
            state.append_pending(state.src[start:end])
        state.pos = end
        return True

    return parse
