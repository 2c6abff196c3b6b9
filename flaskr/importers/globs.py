"""Match paths with the patterns in the configurations of generators."""

import fnmatch
import re
from collections.abc import Iterable

BRACES = re.compile(r"\{([^{}]{1,500})\}")
MAX_PATTERNS = 64


def matches(path: str, pattern: str) -> bool:
    """Return True if a path fits a pattern such as `posts/**`, `*.{bak,tmp}.md` or `drafts/`.

    Without `**`, a wildcard stays within one folder. Slashes at both ends do not count.
    """
    parts = path.strip("/").split("/")
    return any(_fits(parts, one.strip("/")) for one in _expand(pattern.removeprefix("./")))


def matches_any(path: str, patterns: Iterable[str]) -> bool:
    """Return True if the path, a folder above it, or its name alone fits one of the patterns."""
    parts = path.strip("/").split("/")
    above = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
    wanted = [pattern.removesuffix("/**") for pattern in patterns]
    return any(matches(one, pattern) for pattern in wanted for one in (*above, parts[-1]))


def _fits(parts: list[str], pattern: str) -> bool:
    if "**" in pattern:
        plain = pattern.replace("**", "*")
        # Two asterisks also stand for no folder at all.
        fewer = plain.removeprefix("*/").replace("/*/", "/").removesuffix("/*")
        path = "/".join(parts)
        return fnmatch.fnmatchcase(path, plain) or fnmatch.fnmatchcase(path, fewer)
    wanted = pattern.split("/")
    return len(parts) == len(wanted) and all(map(fnmatch.fnmatchcase, parts, wanted))


def _expand(pattern: str) -> list[str]:
    """Return the patterns that one with braces stands for."""
    found = [pattern]
    while any(map(BRACES.search, found)) and len(found) < MAX_PATTERNS:
        found = [one for written in found for one in _expand_once(written)]
    return found[:MAX_PATTERNS]


def _expand_once(pattern: str) -> list[str]:
    start, *rest = BRACES.split(pattern, maxsplit=1)
    return [start + one + rest[1] for one in rest[0].split(",")] if rest else [start]
