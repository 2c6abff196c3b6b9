"""The report of an import: numbers that add up, and findings grouped by kind."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .. import errors
from ..importers.documents import NotAPost
from ..models import imports

HEADINGS = {
    "private": "Not public on this blog: drafts, and posts scheduled for later",
    "files": "Files that were not found or not imported",
    "links": "Links that lead nowhere",
    "tags": "Shown as code, or left out",
    "warnings": "Check these posts",
    "addresses": "Old URLs that lead to another post",
    "skipped": "Skipped because they were changed on the blog; --overwrite replaces them",
    "no_posts": "Not posts",
    "folders": "Folders left out",
    "zip": "Left out of the zip",
    "failed": "Failed",
}
# The second phrase is for a dry run.
OUTCOMES = {
    "imported": ("imported {}", "import {}"),
    "updated": ("updated {}", "update {}"),
    "unchanged": ("left {} unchanged", "leave {} unchanged"),
    "skipped": ("skipped {}", "skip {}"),
}
STATES = ("post", "page", "draft")


class Finding(NamedTuple):
    """Something to know about a file."""

    name: str
    message: str


class Report:
    """Collects the outcomes of files, to show at the end."""

    def __init__(self, site: str = "", folder: Path = Path(), dry_run: bool = False) -> None:
        self.site = site
        self.folder = folder
        self.dry_run = dry_run
        self.counts = dict.fromkeys(("imported", "updated", "unchanged"), 0)
        self.states = dict.fromkeys(STATES, 0)
        self.findings: dict[str, list[Finding]] = {heading: [] for heading in HEADINGS}
        self.hints: list[str] = []
        self.anonymous = 0
        self.author = ""
        self.files = 0
        self.media = 0
        self.pictures = 0

    def add(self, kind: str, name: str, *messages: str) -> None:
        """Add findings about a file."""
        self.findings[kind] += [Finding(name, message) for message in dict.fromkeys(messages)]

    def add_outcome(self, name: str, outcome: imports.Outcome, state: str) -> None:
        """Add the outcome of a file; `state` is `post`, `page` or `draft`."""
        self.states[state] += 1
        if outcome.kind not in self.counts:
            self.add("skipped", name, f"{outcome.kind} on the blog")
            return
        self.counts[outcome.kind] += 1
        if outcome.post is None:
            return
        post = outcome.post
        self.add("private", name, *post["reasons"])
        self.add("warnings", name, *post["warnings"], *outcome.remarks)
        self.add("tags", name, *post["remarks"])
        self.add(
            "addresses",
            name,
            *(f"The old URL {path} leads to another post." for path in outcome.claimed),
        )
        self.anonymous += not post["authors"]

    def add_error(self, name: str, error: errors.AppError) -> None:
        """Add the reason why a file was not imported."""
        self.add("no_posts" if isinstance(error, NotAPost) else "failed", name, error.message)

    @property
    def has_failures(self) -> bool:
        """Return True if a post could not be imported."""
        return bool(self.findings["failed"])

    def lines(self, limit: int | None = None) -> Iterator[str]:
        """Yield the findings, at most so many of each kind."""
        for kind, heading in HEADINGS.items():
            found = self.findings[kind]
            if not found:
                continue
            yield f"{heading}: {len(found):,}"
            yield from (f"  {line}" for line in self.lines_of(kind, limit))
            if limit is not None and len(found) > limit:
                yield f"  and {len(found) - limit:,} more"

    def lines_of(self, kind: str, limit: int | None = None) -> list[str]:
        """Return the first findings of a kind, each as a line."""
        return [f"{self._short(name)}: {message}" for name, message in self.findings[kind][:limit]]

    def _short(self, name: str) -> str:
        file = Path(name)
        return str(file.relative_to(self.folder)) if file.is_relative_to(self.folder) else name

    def summary(self) -> str:
        """Return a sentence with numbers that add up to the number of files."""
        refused, others = len(self.findings["failed"]), len(self.findings["no_posts"])
        parts = [count(number, state) for state, number in self.states.items() if number]
        if refused:
            parts.append(f"{refused:,} refused")
        if others:
            parts.append(f"{others:,} that {'is no post' if others == 1 else 'are no posts'}")
        return f"{count(self.files, 'file')}{': ' if parts else ''}{', '.join(parts)}."

    def outcome(self) -> str:
        """Return the sentence that ends the report."""
        counts = {**self.counts, "skipped": len(self.findings["skipped"])}
        found = {kind: number for kind, number in counts.items() if number} or {"imported": 0}
        parts = [
            OUTCOMES[kind][self.dry_run].format(f"{number:,}" if place else count(number, "post"))
            for place, (kind, number) in enumerate(found.items())
        ]
        rest, last = ", ".join(parts[:-1]), parts[-1]
        said = f"{rest} and {last}" if rest else last
        return f"Would {said}. Nothing was stored." if self.dry_run else f"{said.capitalize()}."

    def markdown(self) -> str:
        """Return the whole report as Markdown."""
        out = ["# Import report", "", self.site, "", *self.hints, "", self.summary(), ""]
        out += [self.outcome(), ""]
        for kind, heading in HEADINGS.items():
            found = self.findings[kind]
            if found:
                out += [f"## {heading} ({len(found):,})", ""]
                out += [
                    f"- `{_code(self._short(name))}`: {_escape(message)}" for name, message in found
                ]
                out.append("")
        return "\n".join(out)


def _code(text: str) -> str:
    return text.replace("`", "'").replace("\n", " ")


def _escape(text: str) -> str:
    for mark in "\\`*_[]<>":
        text = text.replace(mark, f"\\{mark}")
    return text


def count(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where needed."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
