import sys

import pytest

from flaskr.errors import Invalid
from flaskr.importers import front_matter


@pytest.mark.parametrize(
    ("text", "fields", "body"),
    (
        ("---\ntitle: A\n---\nText", {"title": "A"}, "Text"),
        ("---\ntitle: A\n...\n\n\nText\n", {"title": "A"}, "Text"),
        ("---  \nTitle: 1.10\n---\n", {"title": "1.10"}, ""),
        ("---\ndate: 2015-13-45\n---", {"date": "2015-13-45"}, ""),
        ("---\ntitle: ~\nslug: null\n---\nText", {}, "Text"),
        ("---\n---\nText", {}, "Text"),
        ("+++\ntitle = 'A'\ndraft = true\n+++\nText", {"title": "A", "draft": True}, "Text"),
        ("\n# A\n\nText\n", {}, "# A\n\nText"),
        ("----\nText", {}, "----\nText"),
        ("", {}, ""),
    ),
)
def test_front_matter_is_split_from_the_body(text, fields, body):
    assert front_matter.split(text) == (fields, body)


@pytest.mark.parametrize(
    ("text", "sentence"),
    (
        ("---\ntitle: A\n", "begins with --- on line 1 is not closed"),
        ("+++\ntitle = 'A'\n---\n", "begins with +++ on line 1 is not closed"),
        ("---\ntitle: A\nb: c: d\n---\n", "broken on line 3"),
        ("---\ntitle: A\nb: '\x07'\n---\n", "broken on line 3"),
        ("---\n- one\n- two\n---\n", "not a list of fields with values"),
        ("+++\ntitle = 'A'\nb = \n+++\n", "line 3"),
        ("---\na: &a [*a]\n---\n", "broken on line 2"),
        (f"---\na: {'[' * 3000}\n---\n", "The front matter is"),
        (f"---\n{'- ' * 20000}x\n---\n", "nested too deeply"),
        (f"+++\na = {'[' * 3000}\n+++\n", "nested too deeply"),
    ),
)
def test_an_error_in_front_matter_names_the_line(text, sentence):
    with pytest.raises(Invalid) as error:
        front_matter.split(text)
    assert sentence in error.value.message


def test_deep_nesting_is_refused_without_the_c_parser_too(monkeypatch):
    monkeypatch.setattr(front_matter, "LOADER", front_matter.yaml.BaseLoader)
    with pytest.raises(Invalid, match="nested too deeply"):
        front_matter.split(f"---\na: {'[' * sys.getrecursionlimit()}\n---\n")


def test_long_front_matter_is_parsed():
    fields, _ = front_matter.split("---\n" + "".join(f"f{n}: [x]\n" for n in range(500)) + "---\n")
    assert len(fields) == 500


def test_nested_yaml_aliases_are_cheap():
    lines = ["a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    fields, _ = front_matter.split("\n".join(["---", *lines, "---", ""]))
    assert len(fields) == 30
