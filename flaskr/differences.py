"""Pure: where two texts differ, by lines and, within lines that changed, by words."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

# Beyond these, comparing would take longer than anyone waits.
MOST_LINES = 20_000
MOST_WORDS = 2000
SHOWN = 300
# Lines that share less than this read better as other lines.
ALIKE = 0.5


class Part(NamedTuple):
    """A stretch of text that is in both, or in one of the two: "same", "gone" or "new"."""

    kind: str
    text: str


def parts(old: str, new: str) -> list[Part]:
    """The two texts as one run of parts; what both share is cut where it is long."""
    found = _by_lines(old.splitlines(keepends=True), new.splitlines(keepends=True))
    return [
        Part(part.kind, _cut(part.text) if part.kind == "same" else part.text)
        for part in found
        if part.text
    ]


def _by_lines(old: list[str], new: list[str]) -> Iterator[Part]:
    if max(len(old), len(new)) > MOST_LINES:
        yield from _changed(old, new)
        return
    for kind, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            yield Part("same", "".join(old[a:b]))
        else:
            yield from _by_words("".join(old[a:b]), "".join(new[c:d]))


def _by_words(old: str, new: str) -> Iterator[Part]:
    olds, news = re.findall(r"\s+|\w+|[^\w\s]", old), re.findall(r"\s+|\w+|[^\w\s]", new)
    if max(len(olds), len(news)) > MOST_WORDS:
        yield from _changed([old], [new])
        return
    matcher = SequenceMatcher(None, olds, news, autojunk=False)
    if matcher.ratio() < ALIKE:
        yield from _changed([old], [new])
        return
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            yield Part("same", "".join(olds[a:b]))
        else:
            yield from _changed(olds[a:b], news[c:d])


def _changed(old: list[str], new: list[str]) -> Iterator[Part]:
    yield Part("gone", "".join(old))
    yield Part("new", "".join(new))


def _cut(text: str) -> str:
    if len(text) <= 3 * SHOWN:
        return text
    return f"{text[:SHOWN].rstrip()} …\n\n… {text[-SHOWN:].lstrip()}"
