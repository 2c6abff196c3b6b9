"""Convert the template tags in a body to Markdown."""

import re

from . import code_spans

TAG = re.compile(
    r"\{%-?\s*(raw|endraw|highlight|endhighlight)\b([^%\n]{0,400}+)%\}"
    r"|\{\{[<%]\s*(/?highlight)\b([^>%\n]{0,400}+)[>%]\}\}"
)
CLOSING_TAGS = {"raw": "endraw", "highlight": "endhighlight"}
RAW_TAG = re.compile(r"\{%-?\s*(?:end)?raw\s*-?%\}\n?")
BASE_URL = re.compile(r"\{\{-?\s*site\.(?:baseurl|url)\s*-?\}\}")
URL_FILTER = re.compile(
    r"\{\{-?\s*[\"']([^\"'}\n]*)[\"']\s*\|\s*(?:relative|absolute)_url\s*-?\}\}"
)
LANGUAGE = re.compile(r"\w[\w+#.-]*")
UNCONVERTED = re.compile(
    r"\{%-?\s*+/?(\w[\w-]*+)[^%}\n]{0,400}+%\}"
    r"|\{\{[<%]\s*+/?(\w[\w-]*+)[^}\n]{0,400}+(?<=[>%])\}\}"
    r"|\{\{-?\s*((?:site|page|post|layout)\.\w++|\w++\()[^}\n]{0,400}+\}\}"
)


def convert(body: str, jekyll: bool) -> str:
    """Convert `highlight` and `raw` tags, and remove the base URL of the site.

    Jekyll processes tags in code too; for other generators, code is left unchanged.
    """
    if not _has_tags(body):
        return body
    body = _resolve(body) if jekyll else code_spans.change_outside_fences(body, _resolve)
    return code_spans.change_outside_code(body, _remove_base_url)


def _has_tags(body: str) -> bool:
    return "{%" in body or "{{" in body


def _resolve(text: str) -> str:
    pieces = []
    start = 0
    opening: re.Match[str] | None = None
    for tag in TAG.finditer(text):
        name = _name(tag)
        if opening is None and name in CLOSING_TAGS:
            pieces.append(text[start : tag.start()])
            start, opening = tag.start(), tag
        elif opening is not None and name == CLOSING_TAGS[_name(opening)]:
            inner = text[opening.end() : tag.start()]
            pieces.append(
                _unwrap_raw(inner) if name == "endraw" else _build_fence(inner, opening, tag)
            )
            start, opening = tag.end(), None
    return "".join([*pieces, text[start:]])


def _name(tag: re.Match[str]) -> str:
    name = tag[1] or tag[3]
    return "endhighlight" if name == "/highlight" else name


def _unwrap_raw(inner: str) -> str:
    alone = inner.startswith("\n") and inner.endswith("\n")
    return inner[1:-1] if alone else inner


def _build_fence(inner: str, opening: re.Match[str], end: re.Match[str]) -> str:
    before = opening.string[: opening.start()].rpartition("\n")[2]
    indent = "" if before.strip() else before
    language = LANGUAGE.match((opening[2] or opening[4] or "").strip())
    code = RAW_TAG.sub("", inner).strip("\n").rstrip()
    block = code_spans.make_fence(code, language[0] if language else "", indent)
    follows = opening.string[end.end() : end.end() + 1]
    return ("\n" if before.strip() else "") + block + ("" if follows in ("\n", "") else "\n")


def _remove_base_url(text: str) -> str:
    return URL_FILTER.sub(r"\1", BASE_URL.sub("", text))


def find_unconverted(body: str) -> list[str]:
    """Return the names of the tags that remain outside code, without duplicates."""
    names: dict[str, None] = {}

    def note(text: str) -> str:
        for match in UNCONVERTED.finditer(text):
            names[next(filter(None, match.groups())).rstrip("(")] = None
        return text

    if _has_tags(body):
        code_spans.change_outside_code(body, note)
    return list(names)
