"""Values and texts that templates put into posts."""

from datetime import UTC

import pytest

from flaskr.importers import documents
from flaskr.importers import sites


@pytest.fixture
def convert(tmp_path):
    (tmp_path / "_config.yml").write_text("title: Walks", encoding="utf-8")
    (tmp_path / "_posts").mkdir()
    (tmp_path / "_includes").mkdir()

    def convert(body, fields="title: A"):
        file = tmp_path.resolve() / "_posts" / "2024-03-02-a.md"
        file.write_text(f"---\n{fields}\n---\n{body}", encoding="utf-8")
        return documents.parse(file.read_bytes(), file, sites.detect(tmp_path, UTC))["body"]

    return convert


@pytest.mark.parametrize(
    ("written", "shown"),
    (
        ('{{ page.date | date: "%Y/%m" }}', "2024/03"),
        ("{{ page.date | date_to_string }}", "02 Mar 2024"),
        ('{{ "2020-05-06" | date: "%d.%m.%Y" | escape }}', "06.05.2020"),
        ('{{ page.date | date: "%" }}', '`{{ page.date | date: "%" }}`'),
        ("{{ page.date | date }}", "`{{ page.date | date }}`"),
        ('{{ page.title | date: "%Y" }}', '`{{ page.title | date: "%Y" }}`'),
        ('{{ page.date | date: "%Y" | times: 2 }}', '`{{ page.date | date: "%Y" | times: 2 }}`'),
    ),
)
def test_dates_are_formatted(convert, written, shown):
    assert convert(written) == shown


def test_gallery_in_the_front_matter_is_shown(convert):
    rows = "\n- {url: /a.png, alt: A}\n- {image_path: /b.png}\n- {alt: none}\n- text"
    written = '1{% include gallery id="Small" %}2{% include gallery %}3'
    assert convert(written, f"small:{rows}\ngallery: x") == (
        "1\n\n![A](/a.png)\n![](/b.png)\n\n2`{% include gallery %}`3"
    )


def test_the_present_year_is_that_of_the_import(convert):
    assert len(convert('{{ "now" | date: "%Y" }}')) == 4


def test_captured_text_is_shown_where_it_is_used(convert):
    body = "{% capture a %}**{{ page.title }}**{% endcapture %}1 {{ a }} {{ a | markdownify }}"
    assert convert(body) == "1 **A** **A**"


def test_captured_blocks_are_apart_from_the_element_around_them(convert):
    body = "{% capture a %}\n#### A\n\n* b\n{% endcapture %}<div>{{ a | markdownify }}</div>"
    assert convert(body) == "<div>\n\n#### A\n\n* b\n\n</div>"


def test_captured_text_does_not_contain_itself(convert):
    assert convert("{% capture a %}x{{ a }}{% endcapture %}{{ a }}") == "x`{{ a }}`"


def test_included_text_gets_its_parameters(convert, tmp_path):
    (tmp_path / "_includes" / "hi.md").write_text("Hi {{ include.name }}!", encoding="utf-8")
    assert convert('{% include hi.md name="Bo" %}') == "Hi Bo!"
    (tmp_path / "_posts" / "part.txt").write_text("Part", encoding="utf-8")
    assert convert("{% include_relative part.txt %}") == "Part"


@pytest.mark.parametrize("text", ("{% unknown %}", "{% include a.md %}"))
def test_included_text_with_unknown_tags_is_left(convert, tmp_path, text):
    (tmp_path / "_includes" / "a.md").write_text(text, encoding="utf-8")
    assert convert("{% include a.md %}") == "`{% include a.md %}`"


@pytest.mark.parametrize("name", ("../../secret.md", "gone.md", "../_config.yml"))
def test_only_texts_of_the_site_are_included(convert, tmp_path, name):
    (tmp_path.parent / "secret.md").write_text("Secret", encoding="utf-8")
    assert convert(f"{{% include {name} %}}") == f"`{{% include {name} %}}`"


@pytest.mark.parametrize(
    "style", ("background-image: url('/a.png')", "color:red;background:#fff url(/a.png) top")
)
def test_background_pictures_become_pictures(convert, style):
    body = f'<div class="hero" style="{style}"></div>'
    assert convert(body) == body.replace("></div>", '><img src="/a.png" alt=""></div>')


@pytest.mark.parametrize(
    ("fields", "title"), (("title: {de: Weg, en: Way}", "Way"), ("title: {xx: Only}", "Only"))
)
def test_title_in_a_table_is_read(tmp_path, fields, title):
    file = tmp_path.resolve() / "a.md"
    file.write_text(f"---\n{fields}\n---\nText", encoding="utf-8")
    assert documents.parse(file.read_bytes(), file, sites.detect(tmp_path, UTC))["title"] == title
