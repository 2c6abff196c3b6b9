from collections import Counter

import pytest

from flaskr.importers import containers
from flaskr.importers.code_spans import Masks


def convert(text):
    masks, left_out = Masks(), Counter()
    found = containers.convert(masks.hide_code(text), left_out, masks)
    return masks.restore(found).strip("\n"), left_out


@pytest.mark.parametrize(
    ("text", "expected"),
    (
        ("::: tip\nText\n:::", "> [!TIP]\n> Text"),
        (":::danger[Hot stuff]\nText\n:::", "> [!CAUTION]\n> **Hot stuff**\n>\n> Text"),
        (':::note{title="Why"}\nText\n:::', "> [!NOTE]\n> **Why**\n>\n> Text"),
        ("::: {.warning}\nText\n:::", "> [!WARNING]\n> Text"),
        ("::: details More\nText\n:::", "<details><summary>More</summary>\n\nText\n\n</details>"),
        ("::::info\n:::tip\nIn\n:::\n::::", "> [!NOTE]\n>\n> > [!TIP]\n> > In"),
        (":::tabs\n:::tab[One]\n    Text\n:::\n:::", "**One**\n\nText"),
        ("::: tip\n```js\na\n```\n:::", "> [!TIP]\n> ```js\n> a\n> ```"),
        ('::github{repo="a/b.c"}', "[a/b.c](https://github.com/a/b.c)"),
        ("It is :spoiler[the **end**].", "It is the **end**."),
        ("a:spoiler[x] ::spoiler[x]", "a:spoiler[x] ::spoiler[x]"),
        ("::: tip\n:::", ""),
        ("::: tip\nnot closed", "::: tip\nnot closed"),
        ("a :::\n\n```\n::: tip\n:::\n```", "a :::\n\n```\n::: tip\n:::\n```"),
    ),
)
def test_containers_become_quotes_and_details(text, expected):
    assert convert(text) == (expected, Counter())


def test_the_text_of_an_unknown_container_stays():
    assert convert("::: stage\nText\n:::\nEnd") == ("Text\n\nEnd", Counter({":::stage": 1}))
