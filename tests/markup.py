"""Find elements in the HTML of a response."""

import re
from functools import cached_property
from html.parser import HTMLParser
from xml.etree.ElementTree import Element
from xml.etree.ElementTree import TreeBuilder

VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
COMPOUND = re.compile(r'(?:[^\s\[]|\[(?:"[^"]*"|[^"\]])*\])+')
SIMPLE = re.compile(r'([#.]?)([\w-]+)|\[([\w-]+)(?:="([^"]*)")?\]')


class Page(str):
    """HTML as a string, with its elements."""

    @cached_property
    def root(self):
        builder = _Builder()
        builder.feed(self)
        return builder.finish()

    def select(self, selector):
        """Return the elements that match a CSS selector like `nav .older[href="/x"]`."""
        found = [self.root]
        for compound in COMPOUND.findall(selector):
            found = [
                inner
                for outer in found
                for inner in outer.iter()
                if inner is not outer and _matches(inner, compound)
            ]
        return list(dict.fromkeys(found))

    def texts(self, selector):
        """Return the text of each of these elements."""
        return [" ".join("".join(found.itertext()).split()) for found in self.select(selector)]

    def value(self, field_id):
        """Return the value of a form field."""
        (field,) = self.select(f"#{field_id}")
        if field.tag == "textarea":
            return "".join(field.itertext()).removeprefix("\n")
        if field.tag == "select":
            (field,) = self.select(f"#{field_id} option[selected]")
        return field.get("value")

    def link(self, rel):
        """Return the URL of the only link with this relation, or None."""
        links = {found.get("href") for found in self.select(f'a[rel="{rel}"]')}
        assert len(links) < 2
        return next(iter(links), None)


def _matches(element: Element, compound: str) -> bool:
    return all(_matches_simple(element, *match.groups()) for match in SIMPLE.finditer(compound))


def _matches_simple(
    element: Element, sign: str | None, name: str | None, attribute: str | None, value: str | None
) -> bool:
    if attribute:
        return element.get(attribute) is not None and value in (None, element.get(attribute))
    if sign == "#":
        return element.get("id") == name
    return name in (element.get("class", "").split() if sign else [element.tag])


class _Builder(HTMLParser):
    def __init__(self):
        super().__init__()
        self._tree = TreeBuilder()
        self._open = ["page"]
        self._tree.start("page", {})

    def handle_starttag(self, tag, attrs):
        self._tree.start(tag, {name: value or "" for name, value in attrs})
        if tag in VOID:
            self._tree.end(tag)
        else:
            self._open.append(tag)

    def handle_endtag(self, tag):
        while tag in self._open:
            self._tree.end(self._open[-1])
            if self._open.pop() == tag:
                break

    def handle_data(self, data):
        self._tree.data(data)

    def finish(self):
        self.close()
        while self._open:
            self._tree.end(self._open.pop())
        return self._tree.close()
