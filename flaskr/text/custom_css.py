"""Check style rules that the owner writes, which no page may use to reach other hosts."""

import re

from .. import errors

MAX_CHARS = 20_000
ESCAPE = re.compile(r"\\(?:([0-9a-f]{1,6})[ \t\r\n\f]?|(.))", re.IGNORECASE | re.DOTALL)
BLANKS = re.compile(r"[\t\r\n\f]")
# Browsers read a backslash in the URL of a page's resource as a slash. Between two asterisks, the
# slashes end a comment and begin the next one.
OTHER_HOST = re.compile(r"(?<!\*)[/\\]{2}|[/\\]{2}(?!\*)|https?:|ftp:")
# The name of SVG in the URL of an inline image is no request. The end of its element ends no style
# sheet in a page, either.
INLINE_SVG = re.compile(r"""xmlns=(\\?["']|%2[27])http://www\.w3\.org/2000/svg\1|</(?=svg>)""")
FORBIDDEN = {
    "@import": "@import is not allowed. Paste the rules themselves.",
    "@charset": "@charset is not allowed. Style rules are always in UTF-8.",
    "</": "HTML is not allowed. Enter style rules only.",
    "<!--": "HTML is not allowed. Enter style rules only.",
}


def check(css: str) -> str:
    """Return the style rules without outer blanks.

    Raises `Invalid` for HTML and for anything, even in a comment, that may load from another host.
    """
    css = css.strip()
    if len(css) > MAX_CHARS:
        raise errors.Invalid(f"This is too long: at most {MAX_CHARS:,} characters.")
    # URLs lose line breaks and tabs, and names may be written with escapes.
    for form in (css, BLANKS.sub("", css), BLANKS.sub("", ESCAPE.sub(_unescape, css))):
        _check(form.lower())
    return css


def _unescape(escape: re.Match[str]) -> str:
    if escape[2] is not None:
        return "" if escape[2] in "\n\r\f" else escape[2]
    code = int(escape[1], 16)
    return chr(code) if 0 < code <= 0x10FFFF else "\ufffd"


def _check(css: str) -> None:
    css = INLINE_SVG.sub("svg", css)
    for part, message in FORBIDDEN.items():
        if part in css:
            raise errors.Invalid(message)
    if OTHER_HOST.search(css):
        raise errors.Invalid(
            "Addresses of other sites are not allowed, not even in comments. Upload images under"
            " Media, and use their addresses, such as url(/media/…)."
        )
