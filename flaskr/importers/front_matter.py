"""Split a file into its front matter and its body, in any form that generators accept."""

import json
import re
import tomllib
from typing import Any
from typing import NamedTuple

import yaml

from ..errors import Invalid
from . import lenient
from . import scripts

# The base loader reads every value as text: a title of 1.10 stays 1.10, dates follow the same rules
# in all formats, and a hostile file cannot construct objects.
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
LEADING = re.compile(r"(?:[ \t]*\n|[ \t]*<!--(?:(?!-->)[^\n]){0,500}-->[ \t]*\n)*")
OPENING = re.compile(
    r"[ ]{0,3}(-{3,}|\+{3}|;{3})[ \t]*+(yaml|yml|toml|json5?|js|javascript)?[ \t]*+(?:\n|\Z)", re.I
)
CLOSING = {
    "-": re.compile(r"^(?:-{3,}|\.\.\.)[ \t]*(?:$|(?=#))", re.MULTILINE),
    "+": re.compile(r"^\+{3}[ \t]*$", re.MULTILINE),
    ";": re.compile(r"^;{3}[ \t]*$", re.MULTILINE),
}
FIELD = re.compile(r"[\"']?[A-Za-z_][\w -]{0,60}[\"']?[ \t\xa0]*:(?:[ \t\xa0]|$)")
WRITTEN_FIELD = re.compile(r"^[\"']?([A-Za-z_][\w -]{0,60}?)[\"']?[ \t]*[:=](.*)$", re.MULTILINE)
FIELD_LINE = re.compile(rf"^{FIELD.pattern}", re.MULTILINE)
# Three lines of Pandoc, each of which further lines with a space continue.
TITLE_BLOCK = re.compile(
    r"%(?=[ \t\n])([^\n]{0,500}+(?>(?:\n[ \t][^\n]{1,500}+){0,5}))\n"
    r"(?:%(?=[ \t\n])([^\n]{0,500}+(?>(?:\n[ \t][^\n]{1,500}+){0,20}))(?:\n|\Z))?"
    r"(?:%(?=[ \t\n])([^\n]{0,500}+)(?:\n|\Z))?"
)
JSON_START = re.compile(r"\{\s*\"")
# Lines like these open a file without a mark, as in Hexo, Pelican and MultiMarkdown.
KNOWN_FIELDS = frozenset(
    "abbrlink author authors categories category comments copyright cover date description "
    "draft email excerpt keywords lang language layout modified password permalink private "
    "published save_as series slug status subtitle summary tags thumbnail title toc translation "
    "updated url visibility".split()
)
DECISIVE_FIELDS = frozenset("title date status draft published".split())
# Front matter with fewer characters that may open a level cannot be nested dangerously.
MIN_CHECKED_MARKS = 500
MAX_DEPTH = 100
NULL_TEXTS = ("", "~", "null", "Null", "NULL")
REPAIRED = "Its front matter has a mistake on line {}: {}. The lines that can be read are used."


class Parts(NamedTuple):
    """The fields of a file, with lower-case names, its body, and remarks for the report.

    `is_marked` is true for a file with front matter, which may have no fields; `repeated` are names
    of fields that are there twice, with different values.
    """

    fields: dict[str, Any]
    body: str
    remarks: tuple[str, ...] = ()
    is_marked: bool = True
    repeated: tuple[str, ...] = ()


def split(text: str) -> Parts:
    """Split a text with `\\n` line ends into its fields and its body.

    YAML values are strings, lists, and dicts; TOML and JSON values have the types of Python's
    parsers. Raises `Invalid` if the front matter cannot be read at all.
    """
    leading = LEADING.match(text)
    start = leading.end() if leading else 0
    opening = OPENING.match(text, start)
    if opening is not None:
        found = _split_marked(text, opening)
    elif title_block := TITLE_BLOCK.match(text, start):
        found = _read_title_block(title_block)
    elif JSON_START.match(text, start):
        found = _split_json(text, start)
    else:
        found = _split_unmarked(text, start)
    return found or Parts({}, text.strip("\n"), is_marked=False)


def _split_marked(text: str, opening: re.Match[str]) -> Parts | None:
    mark = opening[1]
    closing = CLOSING[mark[0]].search(text, opening.end())
    if closing is None:
        # A line of hyphens is a rule, unless fields follow.
        if mark[0] == "-" and not FIELD.match(text, opening.end()):
            return None
        raise Invalid(f"The front matter that begins with {mark} on line 1 is not closed.")
    # Empty lines replace the text before, so that line numbers match the file.
    before = "\n" * text.count("\n", 0, opening.end())
    source = before + text[opening.end() : closing.start()]
    language = (opening[2] or "").lower()
    if mark[0] == "+" or language == "toml":
        fields, remarks = _parse_toml(source)
    elif language in ("js", "javascript"):
        fields, remarks = scripts.parse(source), ()
    elif mark[0] == ";" or language.startswith("json"):
        fields, remarks = _parse_json(source), ()
    else:
        fields, remarks = _parse_yaml(source)
    if isinstance(fields, str):
        return None
    body = text[closing.end() :].strip("\n")
    return Parts(_normalize_fields(fields), body, remarks, repeated=_find_repeated(source))


def _find_repeated(source: str) -> tuple[str, ...]:
    """Return the names of fields that are given twice: each parser takes another one."""
    values: dict[str, set[str]] = {}
    for name, value in WRITTEN_FIELD.findall(source):
        values.setdefault(name.lower(), set()).add(value.strip())
    return tuple(name for name, found in values.items() if len(found) > 1)


def _read_title_block(match: re.Match[str]) -> Parts:
    """Return the title, authors and date of Pandoc's lines with percent signs."""
    lines = [" ".join((one or "").split()) for one in match.groups()]
    named = zip(("title", "authors", "date"), lines, strict=True)
    fields: dict[str, Any] = {name: line for name, line in named if line}
    if "authors" in fields:
        fields["authors"] = [one.strip() for one in lines[1].split(";")]
    return Parts(fields, match.string[match.end() :].strip("\n"))


def _split_json(text: str, start: int) -> Parts:
    try:
        fields, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"The front matter is broken: {error}.") from error
    return Parts(_normalize_fields(fields), text[end:].strip("\n"))


def _split_unmarked(text: str, start: int) -> Parts | None:
    first = FIELD.match(text, start)
    name = re.split("[:\"']", first[0].strip("\"'"))[0].strip().lower() if first else ""
    if name not in KNOWN_FIELDS:
        return None
    for closing in (CLOSING[";"], CLOSING["-"]):
        end = closing.search(text, start)
        source = text[start : end.start()] if end else ""
        if end and all(map(_is_field_line, source.splitlines())):
            found = _parse_json(source) if closing is CLOSING[";"] else _parse_yaml(source)[0]
            return Parts(_normalize_fields(found), text[end.end() :].strip("\n"))
    source, _, body = text[start:].partition("\n\n")
    if not all(map(_is_field_line, source.splitlines())):
        return None
    found = lenient.parse_fields(source, _load_text)
    if DECISIVE_FIELDS.isdisjoint(map(str.lower, found)):
        return None
    return Parts(_normalize_fields(found), body.strip("\n"))


def _load_text(source: str) -> Any:
    """Return a field of a header in which all values are plain text."""
    name, _, value = source.partition(":")
    return {name.strip(): " ".join(value.split())}


def _is_field_line(line: str) -> bool:
    return not line.strip() or line[0] in " \t-]}," or FIELD.match(line) is not None


def _parse_yaml(source: str) -> tuple[Any, tuple[str, ...]]:
    source = lenient.clean_yaml(source)
    try:
        fields = load_yaml(source)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 2
        problem, fields = error.problem or "it is not YAML", _repair(source)
    except yaml.reader.ReaderError as error:
        line = source.count("\n", 0, error.position) + 1
        raise Invalid(f"The front matter is broken on line {line}: {error.reason}.") from error
    else:
        line, problem = 0, ""
    if isinstance(fields, str) and all(map(lenient.FIELD_START.match, source.split())):
        fields = lenient.parse_fields(source, load_yaml)
    if isinstance(fields, list):
        raise Invalid("The front matter from line 2 on is not a list of fields with values.")
    return fields or {}, (REPAIRED.format(line, problem),) if problem else ()


def load_yaml(source: str) -> Any:
    """Parse YAML, with every value as text. Raises `Invalid` or `yaml.YAMLError`."""
    try:
        _check_depth(source)
        return yaml.load(source, LOADER)  # noqa: S506 - a base loader
    except RecursionError as error:
        raise Invalid("The front matter is nested too deeply.") from error


def _repair(source: str) -> dict[str, Any] | str:
    """Return the fields that can be read, or the text if there are none: it is no front matter."""
    return lenient.parse_fields(source, load_yaml) if FIELD_LINE.search(source) else source


def _check_depth(source: str) -> None:
    """Raise `RecursionError` before the recursive C parser overflows the stack."""
    if sum(map(source.count, "[{-?:")) < MIN_CHECKED_MARKS:
        return
    depth = 0
    for event in yaml.parse(source, LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise RecursionError


def _parse_toml(source: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    try:
        return tomllib.loads(source), ()
    except tomllib.TOMLDecodeError as error:
        fields = lenient.parse_toml_lines(source)
        if not fields:
            raise Invalid(f"The front matter is broken: {error}.") from error
        line = re.search(r"at line (\d+)", str(error))
        return fields, (REPAIRED.format(line[1] if line else "?", str(error).partition(" (")[0]),)
    except RecursionError as error:
        raise Invalid("The front matter is nested too deeply.") from error


def _parse_json(source: str) -> dict[str, Any]:
    source = source.strip().rstrip(",")
    try:
        fields = json.loads(source if source.startswith("{") else f"{{{source}}}")
    except (ValueError, RecursionError) as error:
        raise Invalid(f"The front matter is broken: {error}.") from error
    return dict(fields)


def _normalize_fields(fields: dict[str, Any]) -> dict[str, Any]:
    # The base loader leaves the merge keys of YAML to us.
    merged = fields.get("<<")
    for table in merged if isinstance(merged, list) else [merged]:
        fields = {**table, **fields} if isinstance(table, dict) else fields
    return {
        str(name).strip().lower(): value
        for name, value in fields.items()
        if not (isinstance(value, str) and value in NULL_TEXTS)
    }
