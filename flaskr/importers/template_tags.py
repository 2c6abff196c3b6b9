"""Turns what template languages left in a body into Markdown, where it is understood."""

import re

from . import code_spans

TAG = re.compile(
    r"\{%-?\s*(raw|endraw|highlight|endhighlight)\b([^%\n]{0,400}+)%\}"
    r"|\{\{[<%]\s*(/?highlight)\b([^>%\n]{0,400}+)[>%]\}\}"
)
ENDS = {"raw": "endraw", "highlight": "endhighlight"}
RAW = re.compile(r"\{%-?\s*(?:end)?raw\s*-?%\}\n?")
BASE = re.compile(r"\{\{-?\s*site\.(?:baseurl|url)\s*-?\}\}")
RELATIVE = re.compile(r"\{\{-?\s*[\"']([^\"'}\n]*)[\"']\s*\|\s*(?:relative|absolute)_url\s*-?\}\}")
LANGUAGE = re.compile(r"\w[\w+#.-]*")
LEFT = re.compile(
    r"\{%-?\s*+/?(\w[\w-]*+)[^%}\n]{0,400}+%\}"
    r"|\{\{[<%]\s*+/?(\w[\w-]*+)[^}\n]{0,400}+(?<=[>%])\}\}"
    r"|\{\{-?\s*((?:site|page|post|layout)\.\w++|\w++\()[^}\n]{0,400}+\}\}"
)


def convert(body: str, jekyll: bool) -> str:
    """The body with its `highlight` and `raw` tags and the site's base address resolved.

    Jekyll reads its tags in code too; with the others, code is left as it is.
    """
    if not _has_tags(body):
        return body
    body = _resolve(body) if jekyll else code_spans.change_outside_fences(body, _resolve)
    return code_spans.change_outside_code(body, _without_base)


def _has_tags(body: str) -> bool:
    return "{%" in body or "{{" in body


def _resolve(text: str) -> str:
    pieces = []
    start = 0
    opening: re.Match[str] | None = None
    for tag in TAG.finditer(text):
        name = _name(tag)
        if opening is None and name in ENDS:
            pieces.append(text[start : tag.start()])
            start, opening = tag.start(), tag
        elif opening is not None and name == ENDS[_name(opening)]:
            inner = text[opening.end() : tag.start()]
            pieces.append(_raw(inner) if name == "endraw" else _block(inner, opening, tag))
            start, opening = tag.end(), None
    return "".join([*pieces, text[start:]])


def _name(tag: re.Match[str]) -> str:
    name = tag[1] or tag[3]
    return "endhighlight" if name == "/highlight" else name


def _raw(inner: str) -> str:
    alone = inner.startswith("\n") and inner.endswith("\n")
    return inner[1:-1] if alone else inner


def _block(inner: str, opening: re.Match[str], end: re.Match[str]) -> str:
    before = opening.string[: opening.start()].rpartition("\n")[2]
    indent = "" if before.strip() else before
    language = LANGUAGE.match((opening[2] or opening[4] or "").strip())
    code = RAW.sub("", inner).strip("\n").rstrip()
    block = code_spans.make_fence(code, language[0] if language else "", indent)
    follows = opening.string[end.end() : end.end() + 1]
    return ("\n" if before.strip() else "") + block + ("" if follows in ("\n", "") else "\n")


def _without_base(text: str) -> str:
    return RELATIVE.sub(r"\1", BASE.sub("", text))


def find_unconverted(body: str) -> list[str]:
    """The names of the tags that a body still has outside its code, each once."""
    names: dict[str, None] = {}

    def note(text: str) -> str:
        for match in LEFT.finditer(text):
            names[next(filter(None, match.groups())).rstrip("(")] = None
        return text

    if _has_tags(body):
        code_spans.change_outside_code(body, note)
    return list(names)
