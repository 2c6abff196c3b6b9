from collections import Counter

import pytest

from flaskr.importers import wordpress_tags
from flaskr.importers.code_spans import Masks


def convert(text):
    masks, remaining = Masks(), Counter()
    return masks.restore(wordpress_tags.convert(text, remaining, masks)), remaining


@pytest.mark.parametrize(
    ("text", "expected"),
    (
        ('[caption id="a" width="300"]![b](c.png) Words[/caption]', "![b](c.png) Words"),
        ('\\[caption id="a"\\]![b](c.png)\\[/caption\\]', "![b](c.png)"),
        ("[youtube https://youtu.be/x]", "<https://youtu.be/x>"),
        ("[embed]https://x.example/a[/embed]", "https://x.example/a"),
        ('[audio src="a.mp3"] [audio mp3="b.mp3"][/audio]',
         '<audio src="a.mp3" controls></audio> <audio src="b.mp3" controls></audio>'),
        ('[sourcecode language="php"]\necho [1];\n[/sourcecode]', "```php\necho [1];\n```"),
        ("[code lang='x y']a[/code]", "```\na\n```"),
        ("[gallery](https://x.example) [a] [code]", "[gallery](https://x.example) [a] [code]"),
        ("plain", "plain"),
    ),
)  # fmt: skip
def test_shortcodes_of_wordpress_become_markdown(text, expected):
    assert convert(text) == (expected, Counter())


@pytest.mark.parametrize("text", ('[gallery ids="1,2"]', "[embed]no address[/embed]", "[video]"))
def test_others_are_shown_as_code_and_counted(text):
    found, remaining = convert(text)
    assert found.startswith("`[")
    assert remaining.total() == 1
