"""Style sheets use nothing that browsers of 2021 lack (Chrome 87, Firefox 78, Safari 14.1).

A browser ignores a declaration it does not know, and a rule if it does not know one of its
selectors. It parses a value that contains var() too late to fall back to an earlier declaration.
"""

import gzip
from pathlib import Path

import pytest
import tinycss2

import flaskr
from flaskr.models import looks
from flaskr.public import branding

STATIC = Path(flaskr.__file__).with_name("static")
SHEETS = {
    str(path.relative_to(STATIC)): path.read_text()
    for path in STATIC.rglob("*.css")
    if "vendor" not in path.parts
} | {"accent": branding.STYLE.format(color="#0a6560")}
NEWER_FUNCTIONS = {"light-dark", "color-mix", "contrast-color", "oklch", "oklab", "lch", "lab"}
NEWER_UNITS = {f"{size}v{side}" for size in "dsl" for side in ("h", "w", "i", "b", "min", "max")}
NEWER_WORDS = {("content", "/"), ("float", "inline-start"), ("float", "inline-end")}
NEWER_SELECTORS = {"has", "dir", "focus-visible", "file-selector-button"}
KNOWN_AT_RULES = {"media", "supports", "page"}


def find_problems(css):
    """List what older browsers would lose."""
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    return list(_problems_of_rules(rules, supported=""))


def _problems_of_rules(rules, supported):
    for rule in rules:
        if rule.type == "error":
            yield rule.message
        elif rule.type == "qualified-rule":
            yield from _problems_of_selectors(rule.prelude, supported)
            yield from _problems_of_declarations(rule.content, supported)
        elif rule.type == "at-rule":
            yield from _problems_of_at_rule(rule, supported)


def _problems_of_at_rule(rule, supported):
    condition = tinycss2.serialize(rule.prelude)
    is_range = rule.at_keyword == "media" and set(condition) & set("<>")
    if rule.at_keyword not in KNOWN_AT_RULES or is_range:
        yield f"@{rule.at_keyword} {condition}"
    elif rule.at_keyword != "page":
        rules = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
        supported += condition if rule.at_keyword == "supports" else ""
        yield from _problems_of_rules(rules, supported)


def _problems_of_selectors(prelude, supported):
    text = tinycss2.serialize(prelude)
    if any(_is_forbidden(token) for token in _flatten(prelude)):
        yield f"selector: {text}"
    newer = [_newer_selectors(selector, supported) for selector in _split(prelude)]
    if any(names != newer[0] for names in newer):
        yield f"would be lost with the others: {text}"


def _is_forbidden(token):
    """Return True for a selector without which a rule is lost, whatever else it says."""
    if token.type != "function":
        return False
    has_list = any(part == "," for part in token.arguments)
    return token.lower_name in ("is", "where") or (token.lower_name == "not" and has_list)


def _split(prelude):
    """Split a list of selectors at its commas."""
    selectors = [[]]
    for token in prelude:
        if token == ",":
            selectors.append([])
        else:
            selectors[-1].append(token)
    return selectors


def _newer_selectors(selector, supported):
    words = {token.lower_value for token in _flatten(selector) if token.type == "ident"}
    names = NEWER_SELECTORS & (words | _function_names(selector))
    return {name for name in names if f":{name}" not in supported}


def _function_names(tokens):
    return {token.lower_name for token in _flatten(tokens) if token.type == "function"}


def _problems_of_declarations(content, supported):
    plain = set()
    for node in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
        if node.type != "declaration":
            yield f"nested: {node.serialize()}"
            continue
        newer = {name for name in _newer_features(node) if name not in supported}
        if not newer:
            plain.add(node.lower_name)
        elif _is_parsed_late(node) or node.lower_name not in plain:
            yield f"{', '.join(newer)}: {node.serialize()}"


def _is_parsed_late(node):
    return "var" in _function_names(node.value) or node.name.startswith("--")


def _newer_features(node):
    for token in _flatten(node.value):
        if token.type == "function" and token.lower_name in NEWER_FUNCTIONS:
            yield token.lower_name
        if token.type == "dimension" and token.lower_unit in NEWER_UNITS:
            yield token.lower_unit
        if token.type in ("ident", "literal") and (node.lower_name, token.value) in NEWER_WORDS:
            yield token.value


def _flatten(tokens):
    """Yield the tokens, and those inside of functions and brackets."""
    for token in tokens:
        yield token
        yield from _flatten(getattr(token, "arguments", getattr(token, "content", None)) or [])


@pytest.mark.parametrize("name", SHEETS)
def test_older_browsers_can_read_the_style_sheet(name):
    assert find_problems(SHEETS[name]) == []


@pytest.mark.parametrize(
    "css",
    (
        "a { color: light-dark(red, blue) }",
        "a { height: 100dvh; height: 100vh }",
        "a { height: 90vh; height: calc(100dvh - var(--bar)) }",
        "@media print { :root { --height: 100dvh } }",
        'a::after { content: "·" / "" }',
        "a, b:has(i) { color: red }",
        "a:hover, a:focus-visible { color: red }",
        ":is(a, b) { color: red }",
        "a:not(b, i) { color: red }",
        "a { &:hover { color: red } }",
        "@layer base { a { color: red } }",
        "@media (width > 40rem) { a { color: red } }",
    ),
)
def test_what_older_browsers_lose_is_found(css):
    assert len(find_problems(css)) == 1


@pytest.mark.parametrize(
    "css",
    (
        "a { height: 90vh; height: 90dvh }",
        "@supports (height: 1dvh) { a { height: calc(90dvh - var(--bar)) } }",
        "a:not(:has(b)), i:has(b) { color: red }",
        "@supports selector(:has(*)) { a, b:has(i) { color: red } }",
    ),
)
def test_newer_features_may_be_added(css):
    assert find_problems(css) == []


@pytest.mark.parametrize("name", looks.LOOKS)
def test_style_sheets_of_readers_are_small(name):
    css = (SHEETS["style.css"], SHEETS[f"looks/{name}.css"], SHEETS["accent"])
    assert sum(len(gzip.compress(sheet.encode())) for sheet in css) < 14_000
