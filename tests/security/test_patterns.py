"""Every regular expression of the package takes linear time for any input.

Each one is run, the way the package runs it, on long strings made of what it looks for. If 20,000
characters take long, four times as many may take six times as long and no more.
"""

import ast
import importlib
import pkgutil
import random
import re
import signal
import time
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from re import _constants as ops
from re import _parser as parser
from types import ModuleType

import pytest

import flaskr
from flaskr.text import search_query

LENGTH = 20_000
STRINGS = 160
# Seconds of processor time. Quadratic work on so many characters takes a few tenths.
SLOW, HANG = 0.02, 1
# Other work on the machine can make a pattern look slow, but not each time.
TIMES = 3
# These find one match, and all others do the same work to find each match.
FIND_ONE, EACH = {"fullmatch", "match", "search"}, "each match"
METHODS = {"findall", "finditer", "split", "sub", "subn", *FIND_ONE}
CATEGORIES = {
    ops.CATEGORY_DIGIT: "1",
    ops.CATEGORY_NOT_DIGIT: "a",
    ops.CATEGORY_SPACE: " ",
    ops.CATEGORY_NOT_SPACE: "a",
    ops.CATEGORY_WORD: "a",
    ops.CATEGORY_NOT_WORD: "-",
}
ORDINARY = "a1 -\n<\"'\0é"
# Put together from what a reader searches for.
SEARCHES = ("a", "a*", '"a b a"', '"a b a*"', "\u2603")


class Hang(Exception):
    """Raised when a pattern takes too long."""


def modules():
    for found in pkgutil.walk_packages(flaskr.__path__, "flaskr."):
        module = importlib.import_module(found.name)
        yield module, ast.parse(Path(module.__file__).read_text(encoding="utf-8"))


def patterns_in(value):
    """Yield the patterns in a value."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, (dict, list, tuple)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from patterns_in(one)


def value_of(node, module):
    """Return the value of a name in a module, or None if it is only known at run time."""
    if isinstance(node, ast.Subscript):
        return value_of(node.value, module)
    if isinstance(node, ast.Attribute):
        owner = value_of(node.value, module)
        return vars(owner).get(node.attr) if isinstance(owner, ModuleType) else None
    return vars(module).get(node.id) if isinstance(node, ast.Name) else None


def calls(tree):
    """Yield the method calls that do not happen on import."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for node in {node for function in functions for node in ast.walk(function)}:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node


def written(node):
    """Return the pattern in a call of `re`, with a word for each name in an f-string."""
    if isinstance(node, ast.JoinedStr):
        parts = [getattr(part, "value", None) for part in node.values]
        return "".join(part if isinstance(part, str) else "title" for part in parts)
    return node.value if isinstance(node, ast.Constant) else None


def compiled(call):
    text = written(call.args[0])
    values = [*call.args[1:], *(keyword.value for keyword in call.keywords)]
    names = [one.attr for value in values for one in ast.walk(value) if hasattr(one, "attr")]
    flags = [re.RegexFlag[name] for name in names if name in re.RegexFlag.__members__]
    return re.compile(text, sum(flags)) if text is not None else None


def collected():
    """Return the patterns with their places and methods, and the calls that cannot be analyzed."""
    places, used, local, unknown = {}, defaultdict(set), defaultdict(set), []
    for module, tree in modules():
        for name, value in vars(module).items():
            for pattern in patterns_in(value):
                places.setdefault(pattern, f"{module.__name__}.{name}")
        for call in calls(tree):
            owner, method = value_of(call.func.value, module), call.func.attr
            if owner is re and method in {*METHODS, "compile"}:
                pattern = compiled(call)
                if pattern is None:
                    unknown.append((module.__name__, ast.unparse(call)))
                else:
                    places.setdefault(pattern, f"{module.__name__}:{call.lineno}")
                    used[pattern] |= {method} & METHODS
            for pattern in patterns_in(owner):
                used[pattern] |= {method} & METHODS
            if owner is None and isinstance(call.func.value, ast.Name):
                local[module.__name__] |= {method} & METHODS
    for search in SEARCHES:
        pattern = search_query.compile_pattern(search_query.parse(search)[0])
        places[pattern] = f"flaskr.text.search_query.compile_pattern for {search}"
    found = []
    for pattern, place in places.items():
        # One that is handed on may be used in any way.
        methods = used[pattern] or local[place.rpartition(".")[0]] or METHODS
        ways = {method if method in FIND_ONE else EACH for method in methods}
        found.append((place, pattern, sorted(ways)))
    return found, unknown


PATTERNS, UNKNOWN = collected()


@contextmanager
def limited(seconds):
    """Raise `Hang` after a number of seconds: `re` checks for signals while matching."""

    def stop(*_):
        raise Hang

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def seconds(pattern, method, text):
    began = time.process_time()
    with limited(HANG):
        if method == EACH:
            # What the methods do with the matches is not the pattern's work.
            pattern.sub(text[:0], text)
        else:
            getattr(pattern, method)(text)
    return time.process_time() - began


def is_slow(pattern, method, make):
    """Return True if the time grows faster than the text."""
    return all(seems_slow(pattern, method, make) for _ in range(TIMES))


def seems_slow(pattern, method, make):
    try:
        once = seconds(pattern, method, make(LENGTH))
        return once >= SLOW and seconds(pattern, method, make(4 * LENGTH)) > 6 * once
    except Hang:
        return True


def character(items, rng):
    """Return a character of a character class."""
    if items[0][0] is ops.NEGATE:
        return next(one for one in rng.sample(ORDINARY, len(ORDINARY)) if not has(items, one))
    kind, value = rng.choice(items)
    if kind is ops.CATEGORY:
        return CATEGORIES[value]
    return chr(rng.choice(value) if kind is ops.RANGE else value)


def has(items, one):
    """Return True if a character class contains the character."""
    return any(
        (kind is ops.LITERAL and value == ord(one))
        or (kind is ops.RANGE and value[0] <= ord(one) <= value[1])
        or (kind is ops.CATEGORY and CATEGORIES[value] == ("" if one == "\n" else one))
        for kind, value in items
    )


def pieces(tree, rng):
    """Return the parts, in order, of a text that a pattern matches."""
    for kind, value in tree:
        if kind is ops.LITERAL:
            yield chr(value)
        elif kind is ops.NOT_LITERAL:
            yield character([(ops.NEGATE, None), (ops.LITERAL, value)], rng)
        elif kind is ops.IN:
            yield character(value, rng)
        elif kind in (ops.ANY, ops.GROUPREF):
            yield rng.choice(ORDINARY + "`")
        elif kind is ops.BRANCH:
            yield from pieces(rng.choice(value[1]), rng)
        elif kind in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
            for _ in range(min(value[1], value[0] + rng.randrange(2), 40)):
                yield from pieces(value[2], rng)
        elif kind in (ops.SUBPATTERN, ops.ATOMIC_GROUP):
            yield from pieces(value[3] if kind is ops.SUBPATTERN else value, rng)


def hostile(pattern):
    """Return a function that builds texts of any length: a start, a repeated part, an end."""
    binary = isinstance(pattern.pattern, bytes)
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)
    rng = random.Random(repr(pattern))  # noqa: S311  # the same every time
    samples = [list(pieces(tree, rng)) for _ in range(6)]
    starts = {"", *("".join(one[:end]) for one in samples for end in range(len(one) + 1))}
    letters = sorted({"\0", "\n", " "}.union(*samples))
    pairs = {one + other for one in letters for other in letters}
    units = {*letters, *some(pairs, 40, rng), *some(starts, 30, rng)} - {""}
    for start, unit, end in some(
        {(start, unit, end) for start in starts for unit in units for end in ("", "\0")},
        STRINGS,
        rng,
        always={("", unit, "\0") for unit in units},
    ):

        def make(length, start=start, unit=unit, end=end):
            text = start + unit * (length // len(unit)) + end
            return text.encode("latin-1", "replace") if binary else text

        yield make


def some(values, number, rng, always=frozenset()):
    """Return a stable sample of the values with all required ones."""
    values = sorted(values - always)
    return sorted(always) + rng.sample(values, min(number, len(values)))


@pytest.mark.parametrize(
    ("place", "pattern", "methods"), PATTERNS, ids=[place for place, _, _ in PATTERNS]
)
def test_a_pattern_takes_linear_time(place, pattern, methods):
    for make in hostile(pattern):
        for method in methods:
            assert not is_slow(pattern, method, make), f"{method} of {place} on {make(60)!r}"


@pytest.mark.parametrize(
    ("text", "method"),
    (
        ("(a+)+b", "match"),
        ("(a|a)*b", "search"),
        (r"\s+$", "search"),
        (r"<svg\s([^>]*)>", "search"),
        (rb"\xff+[^\x00\xd0-\xd7\xff]", "search"),
        (r"\[([^\]]*)\]\([^)]*\)", EACH),
        (r"(?s)!\[.*\]\((\S+?)>?(\s+.*)?\)", "fullmatch"),
        (r"(?m)^\W*series", "search"),
    ),
)
def test_a_slow_pattern_is_detected(text, method):
    pattern = re.compile(text)
    assert any(is_slow(pattern, method, make) for make in hostile(pattern))


def test_every_pattern_can_be_tested():
    """A pattern built from other values needs an entry in `SEARCHES` or must be literal."""
    assert {name for name, _ in UNKNOWN} == {"flaskr.text.search_query"}
    assert len(PATTERNS) > 100


def repeats_a_group_possessively(tree):
    """Return True if a pattern has a part like `(?:…)*+`."""
    for kind, value in tree:
        if kind is ops.POSSESSIVE_REPEAT and not is_one_character(value[2]):
            return True
        if any(map(repeats_a_group_possessively, subpatterns(value))):
            return True
    return False


def is_one_character(tree):
    return len(tree) == 1 and tree[0][0] in (ops.ANY, ops.IN, ops.LITERAL, ops.NOT_LITERAL)


def subpatterns(value):
    if isinstance(value, parser.SubPattern):
        yield value
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from subpatterns(part)


def test_patterns_mean_the_same_in_every_version_of_python():
    # Before Python 3.11.5, which Debian 12 has not, `(?:…)*+` misses matches (CPython, issue
    # 106052). `(?>(?:…)*)` is the same.
    assert repeats_a_group_possessively(parser.parse("(?=(a|(?:b*)*+))"))
    places = [
        place
        for place, pattern, _ in PATTERNS
        if repeats_a_group_possessively(parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE))
    ]
    assert places == []
