"""Evaluate the conditions and variables of templates, as far as the site's settings tell."""

import re
from datetime import UTC
from datetime import datetime
from typing import Any

from ..errors import Invalid
from . import dates
from . import post_metadata
from .post_metadata import Fields

LITERAL = re.compile(r"\"([^\"]*)\"|'([^']*)'|(-?\d+(?:\.\d+)?)")
COMPARISON = re.compile(r"(.+?)(==|!=|<>|\bcontains\b|>=|<=|>|<)(.+)", re.DOTALL)
NAME = re.compile(r"[\w.\-\[\]\"']{1,100}")
CONSTANTS = {"true": True, "false": False, "nil": None, "null": None, "none": None, "empty": ""}
# Filters that leave a value as it is, once addresses are relative to the blog.
KEEPING_FILTERS = frozenset(
    "relative_url absolute_url url prepend append escape escape_once h safe strip strip_html "
    "markdownify xml_escape cgi_escape uri_escape htmlbaseurl htmlBaseUrl default "
    "normalize_whitespace relurl absurl relURL absURL dump".split()
)
BASE_URLS = (
    "site.baseurl",
    "site.url",
    "site.base_url",
    "site.root",
    "config.base_url",
    "base_url",
)
MAX_CHARS = 500
# Filters of Jekyll with the formats that they stand for.
DATE_FORMATS = {
    "date_to_string": "%d %b %Y",
    "date_to_long_string": "%d %B %Y",
    "date_to_xmlschema": "%Y-%m-%dT%H:%M:%S",
}
DATE_FORMAT = re.compile(r"(?:[^%]|%[-0]?[a-zA-Z%]){1,60}")
NOW = ("now", "today")


class Variables:
    """The values that templates can name: of the site, and of the post."""

    def __init__(self, config: Fields, fields: Fields) -> None:
        self.site = config
        self.page = fields

    def find(self, name: str) -> Any:
        """Return the value of a variable, if it is known."""
        name = name.strip()
        if name.lower() in CONSTANTS:
            return CONSTANTS[name.lower()]
        if literal := LITERAL.fullmatch(name):
            return next(part for part in literal.groups() if part is not None)
        if name == "jekyll.environment" or name.lower() in (
            "hugo.environment",
            "hugo.isproduction",
        ):
            return "production"
        if name.lower() in BASE_URLS:
            return ""
        return self._walk(name)

    def _walk(self, name: str) -> Any:
        parts = re.sub(r"\[[\"']?([\w-]+)[\"']?\]", r".\1", name).lower().strip("$.").split(".")
        roots = {"site": self.site, "config": self.site, "theme": self.site, "metadata": self.site}
        if parts[0] in ("page", "post", "layout", "params", "fm", "frontmatter"):
            value: Any = self.page
        elif parts[0] in roots:
            value = roots[parts[0]]
        else:
            value, parts = self.page, ["", *parts]
        for part in parts[1:]:
            value = value.get(part) if isinstance(value, dict) else None
        return value

    def is_true(self, condition: str) -> bool:
        """Return True if a condition is known to hold."""
        if len(condition) > MAX_CHARS:
            return False
        return any(
            all(map(self._holds, re.split(r"\sand\s|&&", part)))
            for part in re.split(r"\sor\s|\|\|", condition)
        )

    def _holds(self, condition: str) -> bool:
        condition = condition.strip()
        if negated := re.fullmatch(r"(?:not\s+|!\s*)(.+)", condition, re.DOTALL):
            return self._is_known(negated[1]) and not self._holds(negated[1])
        if comparison := COMPARISON.fullmatch(condition):
            return self._compare(*comparison.groups())
        value = self.find(condition) if NAME.fullmatch(condition) else None
        # Configurations are read as text, in which false is a word.
        return value is not None and value is not False and value not in ("false", "nil", "null")

    def _is_known(self, name: str) -> bool:
        name = name.strip()
        return (
            name.lower() in CONSTANTS
            or self.find(name) is not None
            or bool(re.match(r"(?:site|page)\.", name))
        )

    def _compare(self, left: str, operator: str, right: str) -> bool:
        one, other = self.find(left), self.find(right)
        if operator in ("==", "!=", "<>"):
            is_equal = post_metadata.text(one) == post_metadata.text(other)
            return is_equal if operator == "==" else not is_equal
        if operator == "contains":
            items = one if isinstance(one, list) else post_metadata.text(one)
            return post_metadata.text(other) in items
        return False

    def output(self, expression: str) -> str | None:
        """Return the text of `{{ expression }}`, if it is known."""
        name, *filters = map(str.strip, re.split(r"\|(?!\|)", expression))
        names = [re.split(r"[:(\s]", one)[0] for one in filters]
        if names and (names[0] == "date" or names[0] in DATE_FORMATS):
            shown = self._format_date(self.find(name) or name, filters[0])
            return shown if all(one in KEEPING_FILTERS for one in names[1:]) else None
        if not all(one in KEEPING_FILTERS for one in names) or not name:
            return None
        value = self.find(name)
        if isinstance(value, list | dict) or value is None:
            return None
        found = post_metadata.text(value) if not isinstance(value, str) else value
        for one, written in zip(names, filters, strict=True):
            added = self._argument(written) if one in ("prepend", "append") else ""
            found = added + found if one == "prepend" else found + added
        return found

    def _format_date(self, value: Any, written: str) -> str | None:
        name, _, argument = written.partition(":")
        pattern = DATE_FORMATS.get(name.strip()) or self._argument(written)
        if (not argument and name.strip() == "date") or not DATE_FORMAT.fullmatch(pattern):
            return None
        try:
            is_now = value in (*NOW, "site.time")
            moment = datetime.now(UTC) if is_now else dates.parse_with_offset(value, UTC)
            return moment.strftime(pattern)
        except (Invalid, ValueError):
            return None

    def _argument(self, written: str) -> str:
        return post_metadata.text(self.find(written.partition(":")[2]))
