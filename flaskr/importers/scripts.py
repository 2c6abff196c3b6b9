"""Read the plain values in scripts, without running them."""

import re
from typing import Any

# `name = 'value'` of Python, and `name: 'value'` of JavaScript.
SETTING = (
    r"[\"']?([A-Za-z_]\w{0,60})[\"']?\s*[:=]\s*"
    r"(?:[rRuUbB]{0,2}([\"'`])((?:(?!\2)[^\n\\]|\\.){0,500})\2|(True|False|true|false|None|null|\d+))"
)
SCRIPT_SETTING = re.compile(
    rf"^[^\S\n]*(?:export\s+)?(?:const\s+|let\s+|var\s+)?{SETTING}", re.MULTILINE
)
# In JavaScript, several settings may be on one line.
INLINE_SETTING = re.compile(rf"[{{,][^\S\n]*{SETTING}")
LANGUAGES = re.compile(r"\b(?:locales|languages|langs)\b[\"']?\s*[:=]\s*\[([^\]]{0,500})\]", re.I)
PYTHON_LIST = re.compile(r"^([A-Z][A-Z_]{0,60})\s*=\s*[\[(]([^\])]{0,2000})[\])]", re.MULTILINE)
# Patterns of the files that VitePress leaves out.
EXCLUDED = re.compile(r"\bsrcExclude[\"']?\s*:\s*\[([^\]]{0,2000})\]")
# `author: { name: 'Ann' }`.
AUTHOR = re.compile(r"\bauthor\s*:\s*\{\s*name\s*:\s*[\"'`]([^\"'`\n]{1,100})")
# Values that are computed for each post: `permalink: (data) => `/posts/${data.page.fileSlug}/``.
COMPUTED = re.compile(
    r"^[^\S\n]*(\w{1,60})\s*:\s*(?:async\s+)?(?:\([\w{},\s]{0,60}\)|\w{1,30})\s*=>\s*"
    r"(?:\{\s*return\s+)?([\"'`])([^\"'`\n]{1,300})\2",
    re.MULTILINE,
)
INTERPOLATION = re.compile(r"\$\{([^{}\n]{1,150})\}")
ISO_DAY = re.compile(r"date\.toISOString\(\)\s*\.\s*(?:slice\(0,\s*10\)|split\([\"']T[\"']\)\[0\])")
DATE_PART = re.compile(r"date\.get(?:UTC)?(FullYear|Month|Date)\(\)")
DATE_CODES = {"FullYear": "%Y", "Month": "%m", "Date": "%d"}
VARIABLE = re.compile(r"(?:\w{1,30}\.){0,4}(\w{1,40})")
SLUGIFIED = re.compile(r"(?:[\w.]{0,60}[sS]lug(?:ify)?)\(([\w.]{1,100})\)")
QUOTED_ITEM = re.compile(r"([\"'])([^\"'\n]{0,300})\1")
QUOTED = re.compile(r"[\"']([A-Za-z]{2,3}(?:[-_][A-Za-z]{2,4})?)[\"']")


def parse(content: str, suffix: str = ".js") -> dict[str, Any]:
    """Return the settings in a script of Python or JavaScript, as far as they are plain values."""
    found: dict[str, Any] = {}
    if suffix != ".py":
        for match in INLINE_SETTING.finditer(content):
            found.setdefault(match[1], match[3] or match[4] or "")
    for match in SCRIPT_SETTING.finditer(content):
        found[match[1]] = match[3] or match[4] or ""
    for name, _, value in COMPUTED.findall(content) if suffix != ".py" else ():
        if template := _as_template(value):
            found[name] = template
    if author := AUTHOR.search(content):
        found["author"] = author[1]
    for match in PYTHON_LIST.finditer(content) if suffix == ".py" else ():
        found.setdefault(match[1], [one[1] for one in QUOTED_ITEM.findall(match[2])])
    if excluded := EXCLUDED.search(content):
        found["srcExclude"] = [one[1] for one in QUOTED_ITEM.findall(excluded[1])]
    if languages := LANGUAGES.search(content):
        found["languages"] = QUOTED.findall(languages[1])
    return found


def _as_template(value: str) -> str:
    """Return a text of JavaScript with `{{ fileSlug }}` in place of known expressions.

    It is empty if there are others.
    """
    known = True

    def convert(match: re.Match[str]) -> str:
        nonlocal known
        written = match[1].strip()
        if ISO_DAY.search(written):
            return '{{ date | date: "%Y-%m-%d" }}'
        if part := DATE_PART.search(written):
            return f'{{{{ date | date: "{DATE_CODES[part[1]]}" }}}}'
        if slug := SLUGIFIED.fullmatch(written):
            return f"{{{{ {slug[1]} | slugify }}}}"
        name = VARIABLE.fullmatch(written)
        known = known and name is not None
        return f"{{{{ {name[1]} }}}}" if name else ""

    template = INTERPOLATION.sub(convert, value)
    return template if known else ""
