import sys
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
        ("---\ntitle: A\ndraft:true\n---\n", {"title": "A", "draft": "true"}, ""),
        ("---\ndraft:true\n---\nText", {"draft": "true"}, "Text"),
        ("---\ndraft\uff1atrue\n---\nText", {"draft": "true"}, "Text"),
        (
            "---\nx: &x {draft: 1}\n<<: *x\n---\nText",
            {"x": {"draft": "1"}, "<<": {"draft": "1"}, "draft": "1"},
            "Text",
        ),
        (
            "---\nx: &x {a: 1}\n<<: [*x, y]\n---\n",
            {"x": {"a": "1"}, "<<": [{"a": "1"}, "y"], "a": "1"},
            "",
        ),
        ("\n# A\n\nText\n", {}, "# A\n\nText"),
        ("----\nText", {}, "----\nText"),
        (
            "---\n\nText after a rule.\n\n---\n\nMore",
            {},
            "---\n\nText after a rule.\n\n---\n\nMore",
        ),
        ("\n\n<!-- lint off -->\n---\ntitle: A\n---\nText", {"title": "A"}, "Text"),
        ("-----\ntitle: A\n-----\nText", {"title": "A"}, "Text"),
        (" ---\ntitle: A\n---# Head", {"title": "A"}, "# Head"),
        ("---toml\ntitle = 'A'\n---\nText", {"title": "A"}, "Text"),
        ('---json\n{"title": "A"}\n---\nText', {"title": "A"}, "Text"),
        ('{"title": "A"}\n\nText', {"title": "A"}, "Text"),
        (';;;\n"title": "A",\n;;;\nText', {"title": "A"}, "Text"),
        ('"title": "A"\n;;;\nText', {"title": "A"}, "Text"),
        ("title: A\ntags: [b]\n---\nText", {"title": "A", "tags": ["b"]}, "Text"),
        ("Title: A: b\nTags: c\n\nText", {"title": "A: b", "tags": "c"}, "Text"),
        ("Title: A\nis a heading\n---\nText", {}, "Title: A\nis a heading\n---\nText"),
        ("Author: of a sentence.\n\nText", {}, "Author: of a sentence.\n\nText"),
        ("Tea: hot\n---\nText", {}, "Tea: hot\n---\nText"),
        ("---\ntags:\n\t- a\ntitle:\xa0B\n---\n", {"tags": ["a"], "title": "B"}, ""),
        ("", {}, ""),
    ),
)
def test_front_matter_is_split_from_the_body(text, fields, body):
    assert front_matter.split(text)[:2] == (fields, body)


@pytest.mark.parametrize(
    ("text", "sentence"),
    (
        ("---\ntitle: A\n", "begins with --- on line 1 is not closed"),
        ("+++\ntitle = 'A'\n---\n", "begins with +++ on line 1 is not closed"),
        ("---\ntitle: A\nb: '\x07'\n---\n", "broken on line 3"),
        ("---\n- one\n- two\n---\n", "not a list of fields with values"),
        ("+++\n[\n+++\n", "line 2"),
        ('{"title": ', "broken"),
        ("---json\n{,}\n---\n", "broken"),
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
    fields, *_ = front_matter.split("---\n" + "".join(f"f{n}: [x]\n" for n in range(500)) + "---\n")
    assert len(fields) == 500


def test_nested_yaml_aliases_are_cheap():
    lines = ["a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    fields, *_ = front_matter.split("\n".join(["---", *lines, "---", ""]))
    assert len(fields) == 30


@pytest.mark.parametrize(
    ("line", "field"),
    (
        ("title: Rivers: a walk", "Rivers: a walk"),
        ("title: @home", "@home"),
        ("title: `code` first", "`code` first"),
        ('title: "Quoted" words', '"Quoted" words'),
        ("title: *starred*", "*starred*"),
        ("title: [Draft] a plan", "[Draft] a plan"),
        ("title: {{ page.title }}", "{{ page.title }}"),
        ('title: "C:\\Users"', "C:\\Users"),
        ("title: &a [*a]", "&a [*a]"),
    ),
)
def test_mistakes_in_yaml_are_read_line_by_line(line, field):
    found = front_matter.split(f"---\n{line}\n draft: true\nnonsense\n---\nText")
    assert (found.fields, found.body) == ({"title": field, "draft": "true"}, "Text")
    assert "has a mistake on line" in found.remarks[0]


def test_mistakes_in_toml_are_read_line_by_line():
    text = "+++\ntitle = 'it''s'\ntitle = 'B'\nx = 1\n[extra]\ny = 2\n[x]\nz = 3\n?\n+++\nText"
    found = front_matter.split(text)
    assert found.fields == {"title": "it's", "x": 1, "extra": {"y": 2}}
    assert "has a mistake on line 2" in found.remarks[0]


@given(st.text(max_size=200), st.sampled_from(("---", "+++", ";;;", "{", "Title: ", "---toml")))
def test_no_text_makes_the_parser_fail(text, mark):
    with suppress(Invalid):
        fields, body, *_ = front_matter.split(f"{mark}\n{text}\n{mark}\nText")
        assert isinstance(fields, dict)
        assert isinstance(body, str)


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,9}", fullmatch=True),
        st.text(st.characters(categories=("L", "N")), min_size=1, max_size=20),
        min_size=1,
    )
)
def test_quoted_values_stay_as_they_are(fields):
    lines = [f'{name}: "{value}"' for name, value in fields.items()]
    text = "\n".join(["---", *lines, "---", "Text"])
    expected = {
        name: value for name, value in fields.items() if value not in front_matter.NULL_TEXTS
    }
    assert front_matter.split(text)[:2] == (expected, "Text")


@pytest.mark.parametrize(
    ("text", "fields"),
    (
        ("% A Walk\n% Ann; Bo\n% 2024-03-02\n\nText", {
            "title": "A Walk", "authors": ["Ann", "Bo"], "date": "2024-03-02"}),
        ("% A long\n  walk\n\nText", {"title": "A long walk"}),
        ("%\n% Ann\nText", {"authors": ["Ann"]}),
    ),
)  # fmt: skip
def test_title_block_of_pandoc_is_read(text, fields):
    parts = front_matter.split(text)
    assert (parts.fields, parts.body) == (fields, "Text")


def test_front_matter_in_javascript_is_read():
    parts = front_matter.split("---js\n{\n  title: 'A',\n  draft: true,\n}\n---\nText")
    assert (parts.fields, parts.body) == ({"title": "A", "draft": "true"}, "Text")
