"""Show titles, which are plain text but for `code` between backticks."""

import re

from markupsafe import Markup
from markupsafe import escape

from . import clean

CODE = re.compile("(?<!`)`([^`]+)`(?!`)")


def to_html(title: str) -> Markup:
    """Return a title as HTML, with `code` elements."""
    escaped = str(escape(clean(title)))
    return Markup(CODE.sub(r'<code dir="auto">\1</code>', escaped))  # noqa: S704  # it is escaped


def to_text(title: str) -> str:
    """Return a title as plain text, without the backticks of code."""
    return CODE.sub(r"\1", clean(title))
