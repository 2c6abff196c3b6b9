"""Convert the shortcodes that exports from WordPress leave in Markdown."""

import re
from collections import Counter

from . import code_spans

# Escaped by those programs that escape all brackets.
PAIRED = re.compile(
    r"\\?\[(?P<name>caption|embed|sourcecode|code)\b"
    r"(?P<attributes>[^\[\]\n]{0,500})\\?\]"
)
SINGLE = re.compile(
    r"\\?\[(?P<name>gallery|youtube|vimeo|audio|video|playlist|contact-form(?:-7)?|embed)\b"
    r"(?P<attributes>[^\[\]\n]{0,500}?)\\?\](?!\()(?:\\?\[/(?:audio|video|playlist)\\?\])?"
)
ATTRIBUTE = re.compile(r"([\w-]{1,40})=[\"“”']([^\"“”'\n]{0,300})[\"“”']")
ADDRESS = re.compile(r"https?://[^\s\"'\\\]]{1,500}")


def convert(text: str, unconverted: Counter[str], masks: code_spans.Masks) -> str:
    """Return the text with captions, embeds and code as Markdown. Marks stand for its code.

    Others become code spans and are counted.
    """
    if "[" not in text:
        return text

    def replace_pair(opening: re.Match[str], inner: str, _: str) -> str | None:
        name = opening["name"]
        if name == "caption":
            return inner.strip()
        if name == "embed":
            return inner.strip() if ADDRESS.fullmatch(inner.strip()) else None
        values = dict(ATTRIBUTE.findall(opening["attributes"]))
        language = values.get("language") or values.get("lang") or ""
        language = language if language.isalnum() else ""
        return masks.hide(code_spans.make_fence(inner.strip("\n"), language))

    def replace_single(match: re.Match[str]) -> str:
        found = _media(match)
        if found is None:
            unconverted[match["name"]] += 1
            return masks.hide(code_spans.make_span(match[0].replace("\\", "")))
        return found

    text = code_spans.replace_between(text, PAIRED, _find_end, replace_pair)
    return SINGLE.sub(replace_single, text)


def _find_end(opening: re.Match[str]) -> re.Pattern[str]:
    return re.compile(rf"\\?\[/{opening['name']}\\?\]")


def _media(match: re.Match[str]) -> str | None:
    name = match["name"]
    values = dict(ATTRIBUTE.findall(match["attributes"]))
    found = ADDRESS.search(match["attributes"])
    if name in ("audio", "video"):
        target = next((values[key] for key in ("src", "mp3", "mp4", "m4a") if key in values), "")
        return f'<{name} src="{target}" controls></{name}>' if target else None
    if name in ("youtube", "vimeo", "embed") and found:
        return f"<{found[0]}>"
    return None
