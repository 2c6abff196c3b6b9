"""Convert the template tags in a body to Markdown, and show the others as code."""

import re
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from . import code_spans
from . import hidden_content
from .code_spans import Masks
from .conditions import Variables
from .sites import NOTE_GENERATORS

TAG = re.compile(
    r"\{%[-+~]?(?P<liquid>(?>(?:[^%{]|%(?!\})|\{(?![%{])){0,4000}))%\}"
    r"|\{\{<(?P<angle>(?>(?:[^>{]|>(?!\}\})|\{(?!\{)){0,4000}))>\}\}"
    r"|\{\{%(?P<percent>(?>(?:[^%{]|%(?!\}\})|\{(?!\{)){0,4000}))%\}\}"
    r"|\{\{[-~{]?(?P<output>(?>(?:[^{}]|\}(?!\})){1,1000}))\}\}\}?"
)
RAW = re.compile(r"\{%-?\s*(?:raw|verbatim)\s*-?%\}")
RAW_END = re.compile(r"\{%-?\s*end(?:raw|verbatim)\s*-?%\}")
ESCAPED = re.compile(r"\{\{([<%])\s*+/\*((?>(?:(?!\*/|\{\{).)*))\*/\s*+([>%])\}\}", re.DOTALL)
ZOLA_ESCAPED = re.compile(r"(\{[{%])/\*((?>(?:(?!\*/|\{[{%]/\*).)*))\*/([%}]\})", re.DOTALL)
HEAD = re.compile(r"\s*+(/?)\s*+([A-Za-z_][\w.:/-]*)\s*(\(?)(.*)", re.DOTALL)
# A quote after a backslash does not open a string.
ARGUMENT = re.compile(
    r"(?:([A-Za-z_][\w-]*)\s*(?:=|:(?!//))\s*)?"
    r"(?:(?<!\\)\"((?>(?:[^\"\\]|\\.)*))\"|(?<!\\)'((?>(?:[^'\\]|\\.)*))'|`([^`]*)`|([^\s,\"'`()]+))",
    re.DOTALL,
)
MAX_DEPTH = 50
ARMS = frozenset("else elsif elseif elif when".split())
# Tags of people's own with the names at the end may hide something as well.
HIDING_TAGS = frozenset(
    "comment if unless ifchanged case for tablerow capture macro block "
    "private secret hidden internal draft speaker_note speaker-note".split()
)
# Liquid works on code as well in these; others leave code alone.
LIQUID_EVERYWHERE = frozenset(("jekyll", "eleventy"))
# Only these give braces a meaning.
OUTPUT_GENERATORS = frozenset(("jekyll", "eleventy", "hexo", "vitepress"))
OUTPUT_OF_TEMPLATES = re.compile(
    r"\s*(?:(?:site|page|post|layout)\.\w|\w+\(|[\"'][^\"']*[\"']\s*\|)"
)
# The name of the handler for tags without one of their own.
OTHERS = "*"
IN_ELEMENT = re.compile(r"<[a-zA-Z][^<>]{0,2000}\Z")
IN_TARGET = re.compile(r"\]\([^()\s]{0,500}\Z")


class Tag(NamedTuple):
    """A template tag: its name, values, and named values; `kind` is liquid, hugo or output."""

    written: str
    kind: str
    name: str
    values: list[str]
    named: dict[str, str]
    rest: str
    is_end: bool

    def get(self, *names: str, at: int | None = None) -> str:
        """Return the first named value, or the value at a position."""
        found = next((self.named[name] for name in names if self.named.get(name)), "")
        if found or at is None or at >= len(self.values):
            return found
        return self.values[at]


Handler = Callable[["Tag", str, "Conversion"], str | None]


class _Frame:
    """A tag that is still open, with the text of its arms, of which the first has its condition."""

    def __init__(self, tag: Tag, start: int, end: int) -> None:
        self.tag = tag
        self.start = start
        self.end = end
        self.arms: list[tuple[str, list[str]]] = [(tag.rest, [])]

    @property
    def inner(self) -> str:
        return "".join(piece for _, pieces in self.arms for piece in pieces)


class Conversion:
    """The conversion of one body, with its masks and the tags that remain."""

    def __init__(
        self,
        generator: str,
        variables: Variables,
        handlers: dict[str, Handler],
        read_include: Callable[[str, str], str] = lambda *_: "",
    ) -> None:
        self.generator = generator
        self.variables = variables
        self.handlers = handlers
        self.read_include = read_include
        self.captured: dict[str, str] = {}
        self.masks = Masks()
        self.unconverted: Counter[str] = Counter()
        self.hidden = 0
        self.text = ""

    def convert(self, body: str) -> str:
        """Return the body with its tags converted, and code as it was."""
        return self.masks.restore(self.prepare(body))

    def prepare(self, body: str) -> str:
        """Return the converted body in which marks stand for its code."""
        text = code_spans.MARKS.sub("", body)
        if self.generator in LIQUID_EVERYWHERE:
            text = self._hide_raw(text)
            text = self._run(text, HIDING_TAGS | {"highlight", "codeblock"})
        if self.generator == "zola":
            text = ZOLA_ESCAPED.sub(lambda match: self.masks.hide(_unescape_zola(match)), text)
        if self.generator == "hugo":
            text = ESCAPED.sub(lambda match: self.masks.hide(_unescape(match)), text)
        text = self.masks.hide_blocks(text)
        text = self._hide_raw(text)
        text = self._run(text, {"highlight", "codeblock", "code", "comment"})
        text = self.masks.hide_spans(text)
        is_note = self.generator in NOTE_GENERATORS
        text, hidden = hidden_content.remove(text, is_note=is_note)
        self.hidden += hidden
        return self._run(text, None)

    def include(self, text: str, parameters: dict[str, str]) -> str | None:
        """Return an included text with its parameters, unless something in it is not known."""
        fields = {**self.variables.page, "include": parameters}
        inner = Conversion(self.generator, Variables(self.variables.site, fields), self.handlers)
        converted = inner.convert(text)
        return None if inner.unconverted else self.masks.hide_code(converted)

    def _hide_raw(self, text: str) -> str:
        def hide(_: re.Match[str], inner: str, __: str) -> str:
            alone = inner.startswith("\n") and inner.endswith("\n") and len(inner) > 1
            return self.masks.hide(inner[1:-1] if alone else inner)

        return code_spans.replace_between(text, RAW, lambda _: RAW_END, hide)

    def _run(self, text: str, only: set[str] | frozenset[str] | None) -> str:
        """Convert the tags with these names, or all of them."""
        if "{%" not in text and "{{" not in text:
            return text
        self.text = text
        tags = [(match, parse_tag(match)) for match in TAG.finditer(text)]
        last_ends = {_end_name(tag): match.start() for match, tag in tags if tag.is_end}
        stack: list[_Frame] = []
        out: list[str] = []
        at = 0
        for match, tag in tags:
            pieces = stack[-1].arms[-1][1] if stack else out
            pieces.append(text[at : match.start()])
            at = match.end()
            if only is not None and not (_end_name(tag) in only or (stack and tag.name in ARMS)):
                pieces.append(match[0])
            elif tag.is_end:
                self._close(stack, out, tag, match)
            elif tag.name in ARMS and stack:
                stack[-1].arms.append((tag.rest if tag.name != "else" else "true", []))
            elif self._is_opening(tag, match.start(), last_ends) and len(stack) < MAX_DEPTH:
                stack.append(_Frame(tag, match.start(), match.end()))
            else:
                pieces.append(self._replace(tag, "", match.start(), match.end(), paired=False))
        (stack[-1].arms[-1][1] if stack else out).append(text[at:])
        while stack:
            self._give_up(stack, out)
        return "".join(out)

    def _is_opening(self, tag: Tag, start: int, last_ends: dict[str, int]) -> bool:
        # An open tag hides the rest where the generator would not have built the page.
        if tag.name in HIDING_TAGS and self.generator in OUTPUT_GENERATORS:
            return tag.kind == "liquid"
        return tag.kind != "output" and last_ends.get(tag.name, last_ends.get("", -1)) > start

    def _close(self, stack: list[_Frame], out: list[str], end: Tag, match: re.Match[str]) -> None:
        name = _end_name(end)
        if not any(name in ("", frame.tag.name) for frame in stack):
            out_pieces = stack[-1].arms[-1][1] if stack else out
            out_pieces.append("" if name in self.handlers else self._leave(end, match.start()))
            return
        while name not in ("", stack[-1].tag.name):
            self._give_up(stack, out)
        frame = stack.pop()
        pieces = stack[-1].arms[-1][1] if stack else out
        pieces.append(self._replace_paired(frame, match.end()))

    def _give_up(self, stack: list[_Frame], out: list[str]) -> None:
        """Treat a tag without an end as a single one. An open comment hides the rest."""
        frame = stack.pop()
        pieces = stack[-1].arms[-1][1] if stack else out
        if frame.tag.name in HIDING_TAGS:
            pieces.append(self._replace_paired(frame, frame.end))
            return
        pieces.append(self._replace(frame.tag, "", frame.start, frame.end, paired=False))
        pieces.append(frame.inner)

    def _replace_paired(self, frame: _Frame, end: int) -> str:
        name = frame.tag.name
        if name in ("if", "unless", "case", "ifchanged"):
            return self._choose_arm(frame)
        if name == "capture":
            captured = self.masks.hide_blocks(frame.inner).strip("\n")
            self.captured[frame.tag.rest.strip("\"' ").lower()] = captured
            return ""
        if name in HIDING_TAGS:
            self.hidden += 1
            if name in ("for", "tablerow"):
                self.unconverted[name] += 1
            return ""
        return self._replace(frame.tag, frame.inner, frame.start, end, paired=True)

    def _choose_arm(self, frame: _Frame) -> str:
        taken = ""
        for number, (condition, pieces) in enumerate(frame.arms):
            if self._is_taken(frame.tag, condition, number):
                taken = "".join(pieces)
                break
        self.hidden += 1
        return taken

    def _is_taken(self, tag: Tag, condition: str, number: int) -> bool:
        if condition == "true" and number:
            return True
        if tag.name == "case":
            values = re.split(r",|\bor\b", condition)
            return number > 0 and any(
                self.variables.is_true(f"{tag.rest} == {value.strip()}") for value in values
            )
        if tag.name == "unless" and number == 0:
            return self.variables.is_true(f"not {condition}")
        return self.variables.is_true(condition)

    def _replace(self, tag: Tag, inner: str, start: int, end: int, *, paired: bool) -> str:
        captured = self.captured.get(tag.rest.partition("|")[0].strip().lower())
        if tag.kind == "output" and captured is not None:
            filled = self._fill(captured)
            is_block = "markdownify" in tag.rest and "\n" in filled
            return f"\n\n{filled}\n\n" if is_block else filled
        if tag.kind == "output" and (found := self.variables.output(tag.rest)) is not None:
            return found
        handler = self.handlers.get(tag.name) or self.handlers.get(OTHERS)
        found = handler(tag, inner, self) if handler else None
        if found is not None:
            return self._indent(found, start, end)
        if not self._is_tag(tag):
            return tag.written + inner
        return self._leave(tag, start) + inner

    def _fill(self, captured: str) -> str:
        """Convert a captured text, in which others may be shown, but none by itself."""
        others, text = self.captured, self.text
        self.captured = {name: one for name, one in others.items() if one != captured}
        found = self._run(captured, None)
        self.captured, self.text = others, text
        return found

    def _is_tag(self, tag: Tag) -> bool:
        if tag.kind != "output" or self.generator in OUTPUT_GENERATORS:
            return True
        return OUTPUT_OF_TEMPLATES.match(tag.written.lstrip("{-~")) is not None

    def _indent(self, found: str, start: int, end: int) -> str:
        """Begin and end a code block on lines of its own, with the indentation of its tag."""
        if not found.startswith("```"):
            return found
        before = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        indent = "" if before.strip() else before
        *lines, last = found.split("\n")
        follows = self.text[end : end + 1]
        block = self.masks.hide("\n".join([*lines, indent + last]))
        return ("\n" if before.strip() else "") + block + ("" if follows in ("\n", "") else "\n")

    def _leave(self, tag: Tag, start: int) -> str:
        before = self.text[max(0, start - 2000) : start]
        self.unconverted[tag.name] += 1
        if IN_ELEMENT.search(before):
            return ""
        return tag.written if IN_TARGET.search(before) else code_spans.make_span(tag.written)


def _unescape_zola(match: re.Match[str]) -> str:
    return match[1] + match[2] + match[3]


def _unescape(match: re.Match[str]) -> str:
    return f"{{{{{match[1]}{match[2]}{match[3]}}}}}"


def parse_tag(match: re.Match[str]) -> Tag:
    """Return a tag with its name and values."""
    kind = {"liquid": "liquid", "output": "output"}.get(match.lastgroup or "", "hugo")
    content = match[match.lastgroup or 0].strip().lstrip("-+~").rstrip("-~").strip()
    head = HEAD.match(content)
    if head is None:
        return Tag(match[0], kind, content[:40], [], {}, content, False)
    slash, name, paren, rest = head.groups()
    if kind == "output" and not paren:
        return Tag(match[0], kind, name, [], {}, content, False)
    values, named = parse_arguments(rest.strip().removesuffix("/").removesuffix(")"))
    is_end = bool(slash) or (kind == "liquid" and name.startswith("end"))
    return Tag(match[0], kind, name.lower(), values, named, rest.strip(), is_end)


def parse_arguments(text: str) -> tuple[list[str], dict[str, str]]:
    """Return the values of a tag, and those with a name."""
    values: list[str] = []
    named: dict[str, str] = {}
    for match in ARGUMENT.finditer(text):
        value = next(part for part in match.groups()[1:] if part is not None)
        value = value.replace('\\"', '"').replace("\\'", "'")
        if match[1]:
            named.setdefault(match[1].lower(), value)
        elif value != "|":
            values.append(value)
    return values, named


def _end_name(tag: Tag) -> str:
    if not tag.is_end:
        return tag.name
    # Zola ends every tag with “end”.
    return tag.name.removeprefix("end") if tag.kind == "liquid" else tag.name
