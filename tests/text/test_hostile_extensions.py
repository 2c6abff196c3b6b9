"""Each extension of Markdown takes less than a second for 100 kB of hostile text."""

import random
import time

import pytest

from flaskr import text

from .test_text import assert_harmless

CHARS = 100_000
BUSY_SECONDS = 5
HOSTILE = {
    "schemes": "http://",
    "hosts": "http://a_b.",
    "one host": "x" * 10 + "://",
    "colons": "a:",
    "URLs": "http://a.b ",
    "URL with parentheses": "http://a.b/" + "(" * 5000 + ")" * 6000,
    "URL with punctuation": "http://a.b/" + "." * 9000,
    "entities in a URL": "http://a.b/" + "&a;" * 3000,
    "www": "www.",
    "www hosts": "www.a-_",
    "at signs": "a@",
    "hosts of addresses": "a@b.c-",
    "long names": "a" * 999 + "@b",
    "equals signs": "==a=",
    "marks": "==a== ",
    "open marks": " ==a",
    "carets": "^a",
    "tildes": "~a",
    "escaped": "^\\^",
    "emoji": ":a",
    "real emoji": ":rocket:",
    "dollars": "$a",
    "escaped dollars": "$\\$",
    "spaced dollars": "$a $",
    "formulas": "$x$ ",
    "displayed": "$$x$$\n\n",
    "open blocks": "$$\na\n\n",
    "dollar lines": "$$a\n",
    "braces in a formula": "$" + "{" * 990 + "}" * 990 + "$ ",
    "commands in a formula": "$" + r"\sqrt" * 390 + "$ ",
    "raised in a formula": "$" + "x^" * 990 + "$ ",
    "macros": r"$\def\a{\a\a}\a$ ",
    "containers": ":::note\n",
    "closed containers": "::: note\na\n:::\n",
    "nested containers": "".join(":" * count + " note\n" for count in range(400, 3, -1)),
    "admonitions": "!!! note\n",
    "nested admonitions": "".join("    " * depth + "!!! note\n" for depth in range(200)),
    "collapsible": "??? a\n    b\n",
    "alerts": "> [!note] a\n\n",
    "nested alerts": "> " * 9 + "[!note]\n\n",
    "definitions": "a\n: b\n\n",
    "colon lines": ": a\n",
    "terms": "a\n\n: b\n",
    "nested definitions": "".join(
        "  " * depth + "a\n" + "  " * depth + ": b\n" for depth in range(150)
    ),
    "braces": "{",
    "lists of attributes": "{.a} ",
    "attributes": "*a*{.a}",
    "open attributes": "*a*{.a",
    "long lists of attributes": "*a*{" + ".a " * 90 + "}",
    "blocks of attributes": "{.a}\n\n",
    "attributes of blocks": "a {#a}\n\n",
    "spans": "[a]{.a}",
    "brackets of spans": "[{.a}",
    "rows of attributes": "|a|\n|-|\n" + "|{.a}\n" * 50 + "\n",
    "emphasis in Chinese": "**中。*",
    "unknown tags": "<T>",
    "unknown end tags": "a</a-b>",
    "blocks of unknown tags": "<T>\n\n",
    "names with hyphens": "<a-b></a-b>",
    "contents": "[toc]\n\n# a\n\n",
    "lists of contents": "* a\n{:toc}\n\n",
    "quotation marks": "\"a' ",
    "only quotation marks": "\"'",
    "hyphens": "a--b---",
    "dots": "...a",
    "galleries": "![](a)![](b)\n\n",
    "one gallery": "![](a) ",
    "films": "![](a.mp4)",
    "charts": "```chart\na,b\nc,1\n```\n",
    "a long chart": "```chart\na,b\n" + "c,1\n" * 400 + "```\n",
    "headings": "# a\n",
    "containers with attributes": "::: {.note #a}\n",
    "containers with labels": ":::note[",
    "containers of unequal length": "".join(
        ":" * count + "\n" + ":" * count + " note\n" for count in range(3, 300)
    ),
    "containers with fences": "::: note\n```\n:::\n",
    "titles of containers": "::: note " + "[" * 190 + "\n",
    "alerts with metadata": "> [!a|b] c\n\n",
    "long alerts": "> [!" + "a" * 60 + "\n\n",
    "exclamations": "!!! a b c\n",
    "indented exclamations": "!!! a\n    b\n",
    "spaces in admonitions": "!!! a" + " " * 90 + "b\n",
    "comments": "%%a%% ",
    "open comments": "%%a ",
    "comment lines": "%%a\n\n",
    "comment blocks": "%%\na\n%%\n",
    "comments in lists": "- %%a\n",
    "comment without end": "%%\n" + "a\n\n" * 9000 + "b%%c",
    "percent signs": "%",
    "spans in spans": "[" * 190 + "a" + "]{.a}" * 190,
    "many brackets": "[a] ",
    "spans with links": "[a](b){.a}[c]{.d}",
    "notes in the text": "^[a] ",
    "notes in notes": "^[" * 190 + "a" + "]" * 190,
    "open notes": "^[a ",
    "struck": "~a~ ",
    "open struck": " ~a",
    "ranges": "5~10 ",
    "faces": "^_^ ",
    "raised marks": "a^*b*^ ",
    "raised in raised": "a^b~c^d~",
    "marks over lines": "==a\n",
    "emoji in a row": ":x:" * 30 + " ",
    "nearly emoji in a row": ":x:" * 30 + ":a ",
    "lines before terms": "a\nb\nc\n",
    "terms of a definition": "a\nb\nc\nd\n: e\n\n",
    "terms before lists": "a\nb\n: c\nd\ne\n",
    "old elements": "<center>a",
    "aligned": '<p align="center">a</p>\n\n',
    "long tags": "<p " + "a" * 1900,
    "styles": '<img style="' + "width:" * 200 + '">',
    "letters": "<U>",
    "letters with ends": "<U></U>",
    "sizes of pictures": "![a|1](b) ",
    "played": "![](https://youtu.be/a) ",
    "tags in formulas": "$" + r"\tag{" * 90 + "$ ",
    "names in URLs": "http://a:b",
    "users in URLs": "http://" + "a" * 90 + "@",
    "languages in braces": "```{" + "a " * 140 + "\na\n```\n",
    "contents in braces": "* a\n{:toc " + "a" * 90 + "}\n\n",
    "mail after colons": ":a@b.c",
    "hashes after headings": "# a " + "#" * 90 + "{#b}\n",
    "styles in attributes": '*a*{style="' + "width:" * 30 + '"}',
    "references": "a\n{: b}\n\n",
    "different headings": "".join(f"# {number}\n" for number in range(9000)),
}


def repeat(piece):
    return (piece * (CHARS // len(piece) + 1))[:CHARS]


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
def test_repeated_syntax_renders_in_time_and_is_safe(piece):
    body = repeat(piece)
    began = time.thread_time()
    rendered = text.render(body, text.Style("en", is_typographic=True))
    assert time.thread_time() - began < BUSY_SECONDS
    assert_harmless(rendered.html, generated={"math", "svg"})


def test_mixed_syntax_renders_in_time_and_is_safe():
    dice = random.Random(12)  # noqa: S311 - the same mixtures every time, nothing secret
    pieces = [*HOSTILE.values(), "\n", "\n\n", " ", "> ", "- ", "*", "`", "<b>", "|"]
    for _ in range(300):
        body = "".join(piece[: dice.randrange(1, 40)] for piece in dice.choices(pieces, k=30))
        assert_harmless(text.render(body).html, generated={"math", "svg"})
