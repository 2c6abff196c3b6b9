"""Leave JSX out of MDX files, and keep the Markdown in them."""

import html
import re
from collections import Counter
from typing import Any

from . import scripts
from .shortcodes import ALERTS

IMPORT = re.compile(
    r"^import\b\s{0,20}+"
    r"(?:[^\"'\n;{}]{0,300}(?:\{[^\"';{}]*+\}\s{0,20}+)?\bfrom\b\s{0,20}+)?"
    r"[\"'][^\"'\n]+[\"'];?[ \t]*$",
    re.MULTILINE,
)
IMPORTED_NAME = re.compile(r"^import\s+(?:\*\s+as\s+)?(\w+)\s+from\s+[\"']([^\"'\n]+)[\"']", re.M)
EXPORT = re.compile(r"^export\b(?:[^\n]*\n?)(?:(?!\n)[^\n]+\n)*", re.MULTILINE)
# The fields of a file without front matter, as in Next.js.
EXPORTED_FIELDS = re.compile(
    r"^export\s{1,9}const\s{1,9}(?:meta|metadata|front[mM]atter)\b[^={}\n]{0,60}=\s{0,9}"
    r"\{((?:[^{}]|\{[^{}]{0,500}\}){0,5000})\}",
    re.MULTILINE,
)
COMPONENT = re.compile(
    r"<(?P<end>/?)(?P<name>[A-Z][\w.]*+|(?=>))"
    r"(?P<attributes>(?:[^<>{}\"']|\"[^\"]*\"|'[^']*'|\{(?:[^{}]|\{[^{}]*\})*\})*?)(?P<self>/?)>"
)
ELEMENT = re.compile(
    r"<(?P<name>[a-z][\w-]*+)(?P<attributes>(?:[^<>{}\"']|\"[^\"]*\"|'[^']*'|\{(?:[^{}]|\{[^{}]*\})*\})*)>"
)
EXPRESSION = re.compile(r"(?<!\\)\{((?:[^{}\n]|\{[^{}]*\}){0,1000})\}")
STRING = re.compile(r"\s*(?:\"([^\"]*)\"|'([^']*)'|`([^`$]*)`)\s*")
JSX_ATTRIBUTE = re.compile(r"\s([\w-]+)=\{((?:[^{}]|\{[^{}]*\})*)\}")
REQUIRE = re.compile(r"(?:require|useBaseUrl|withBase)\([\"']([^\"']+)[\"']\)")
HEADING_ID = re.compile(r"#[\w-]+\s*")
# Components that many themes have, with the names of containers.
CONTAINERS = {
    **dict.fromkeys(("Callout", "Aside", "Admonition", "Alert", "Notice"), ""),
    **{name: name.lower() for name in ("Note", "Tip", "Info", "Warning", "Caution", "Danger")},
    "Tabs": "tabs", "TabItem": "tab", "Tab": "tab", "Steps": "steps",
}  # fmt: skip
IMAGE_COMPONENTS = frozenset(("Image", "Img", "Picture", "Figure", "BlogImage", "ThemedImage"))


def convert(text: str, left_out: Counter[str]) -> str:
    """Return the text without JSX, and count the parts left out. Marks stand for its code."""
    files = dict(IMPORTED_NAME.findall(text))
    text = EXPORT.sub("\n", IMPORT.sub("", text))
    text = ELEMENT.sub(lambda match: _convert_element(match, files), text)
    text = COMPONENT.sub(lambda match: convert_component(match, files, left_out), text)
    return EXPRESSION.sub(lambda match: _convert_expression(match, files, left_out), text)


def read_fields(text: str) -> dict[str, Any]:
    """Return the fields that a file exports in place of front matter."""
    found = EXPORTED_FIELDS.search(text)
    return scripts.parse(found[0]) if found else {}


def _convert_element(match: re.Match[str], files: dict[str, str]) -> str:
    attributes = match["attributes"].replace("className=", "class=").replace("htmlFor=", "for=")
    attributes = JSX_ATTRIBUTE.sub(lambda one: _convert_attribute(one, files), attributes)
    return f"<{match['name']}{attributes}>"


def _convert_attribute(match: re.Match[str], files: dict[str, str]) -> str:
    value = _evaluate(match[2], files)
    return f' {match[1]}="{value}"' if value else ""


def _evaluate(expression: str, files: dict[str, str]) -> str:
    if string := STRING.fullmatch(expression):
        return next(part for part in string.groups() if part is not None)
    if required := REQUIRE.search(expression):
        return required[1]
    return files.get(re.split(r"\W", expression.strip())[0], "")


def convert_component(match: re.Match[str], files: dict[str, str], left_out: Counter[str]) -> str:
    """Return the Markdown of a component's tag; others are left out and counted."""
    name = match["name"]
    values = {
        one[0]: one[1] or one[2] or _evaluate(one[3], files)
        for one in re.findall(
            r"(?<![\w-])([\w-]++)=(?:\"([^\"]*)\"|'([^']*)'|\{((?:[^{}]|\{[^{}]*\})*)\})",
            match["attributes"],
        )
    }
    if name in IMAGE_COMPONENTS and values.get("src") and not match["end"]:
        caption = values.get("caption", "")
        target = values["src"].replace(" ", "%20")
        return f"![{values.get('alt', '')}]({target}" + (f' "{caption}")' if caption else ")")
    if name in ("Link", "A") and (values.get("href") or match["end"]):
        return "</a>" if match["end"] else f'<a href="{html.escape(values["href"])}">'
    if name == "Video" and values.get("src"):
        return f'<video src="{html.escape(values["src"])}" controls></video>'
    if name in CONTAINERS:
        return _convert_container(match, values)
    if name in ("YouTube", "Youtube", "YouTubeEmbed") and values.get("id"):
        return f"[Watch on YouTube](https://www.youtube.com/watch?v={values['id']})"
    if name and not match["end"]:
        left_out[f"<{name}>"] += 1
    return ""


def _convert_container(match: re.Match[str], values: dict[str, str]) -> str:
    """Return the lines of colons that stand for the start or the end of a container."""
    if match["end"]:
        return "\n:::\n"
    if match["self"]:
        return ""
    kind = CONTAINERS[match["name"]] or values.get("type", values.get("variant", ""))
    title = re.sub(r"[\[\]\n]", "", values.get("title") or values.get("label") or "")
    name = kind.lower() if kind.lower() in (*ALERTS, "tab", "tabs", "steps") else "note"
    return f"\n:::{name}[{title}]\n" if title else f"\n:::{name}\n"


def _convert_expression(match: re.Match[str], files: dict[str, str], left_out: Counter[str]) -> str:
    if HEADING_ID.fullmatch(match[1]):
        return match[0]
    if string := STRING.fullmatch(match[1]):
        return next(part for part in string.groups() if part is not None)
    left_out["{…}"] += 1
    return ""
