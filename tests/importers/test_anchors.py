import pytest

from flaskr.importers import anchors

BODY = """\
## 1. The *First* [part](/x)

## Part
## Part

## Named {#own-name}

<a id="by-hand"></a>

```
## Code
```
"""


@pytest.mark.parametrize(
    ("fragment", "anchor"),
    (
        ("1-the-first-part", "1-the-first-part"),
        ("the-first-part", "1-the-first-part"),
        ("The_First_Part", "1-the-first-part"),
        ("part", "part"),
        ("part-1", "part-1"),
        ("own-name", "own-name"),
        ("by-hand", "by-hand"),
        ("code", "code"),
        ("gone", "gone"),
    ),
)
def test_fragments_fit_the_headings_of_the_blog(fragment, anchor):
    assert anchors.fit(fragment, anchors.find(BODY)) == anchor
