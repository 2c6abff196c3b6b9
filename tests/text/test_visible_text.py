import pytest

from flaskr import text
from flaskr.text.visible_text import visible_text


@pytest.mark.parametrize(
    ("body", "visible"),
    (
        ("**bold**ness of `co`de", "boldness of code"),
        ("# One\n\n- two\n- [x] three\n\n> four", "One two three four"),
        ("[link](https://x.org) <b title='t'>b</b> & <", "link b & <"),
        ("a\\\nb", "a b"),
        ("|a|b|\n|-|-|\n|c|d|", "a b c d"),
        ("```rust\nfn main() {}\n```", "fn main() {}"),
        ("$x^2$", "x2"),
        ("noted[^1].\n\n[^1]: The note.", "noted. The note."),
        ('![A "cat"](/media/cat.png)', 'A "cat"'),
        ("", ""),
    ),
)
def test_visible_text_is_what_readers_see(body, visible):
    assert visible_text(text.render(body).html) == visible
