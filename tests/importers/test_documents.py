import os
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from flaskr.errors import Invalid
from flaskr.importers import documents
from flaskr.importers import sites


def read(root, name, content, zone=UTC):
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return documents.parse(documents.load(file), file, sites.detect(root, zone))


def test_a_zola_post_is_parsed(tmp_path):
    post = read(
        tmp_path,
        "content/Rust-1.1.md",
        '+++\npath = "2015/06/25/Rust-1.1"\ntitle = "Rust 1.1"\nauthors = ["Ada", "Grace"]\n'
        'aliases = ["releases/1.1"]\ndescription = "News"\n'
        '[taxonomies]\ntags = ["rust"]\nseries = ["Releases"]\n'
        '[extra]\npart = 2\ncover = {image = "cover.png", alt = "A crab"}\n+++\n\nText\n',
    )
    assert post == {
        "kind": "post",
        "source": str(tmp_path / "content" / "Rust-1.1.md"),
        "title": "Rust 1.1",
        "body": "Text",
        "created": "2015-06-25 00:00:00",
        "dated": True,
        "updated": None,
        "status": "published",
        "slug": "Rust-1.1",
        "summary": "News",
        "tags": ["rust"],
        "authors": ["Ada", "Grace"],
        "language": "",
        "translation": "Rust-1.1",
        "addresses": ["/2015/06/25/Rust-1.1"],
        "aliases": ["/releases/1.1"],
        "cover": "cover.png",
        "cover_alt": "A crab",
        "series": "Releases",
        "part": 2,
        "chosen": False,
        "reasons": [],
        "warnings": [],
        "remarks": [],
    }


def test_a_jekyll_post_is_parsed(tmp_path):
    (tmp_path / "_config.yml").write_text("timezone: Europe/Berlin")
    content = "---\r\ndate: 2015-06-25 23:30 -0500\r\n---\r\nA\r\n{% raw %}B{% endraw %}\rC"
    post = read(tmp_path, "_posts/2015-06-25-hello-world.md", content)
    assert post["title"] == "Hello world"
    assert post["body"] == "A\nB\nC"
    assert post["created"] == "2015-06-26 04:30:00"
    assert post["addresses"] == ["/2015/06/26/hello-world"]


def test_a_hugo_post_is_parsed(tmp_path):
    content = "---\ndate: 2024-01-02\nlastmod: 2024-02-03\ndraft: true\ntitle: A\n---\n{{< x >}}"
    post = read(tmp_path, "content/posts/a/index.md", content, ZoneInfo("Europe/Berlin"))
    assert (post["created"], post["updated"]) == ("2024-01-01 23:00:00", "2024-02-02 23:00:00")
    assert (post["status"], post["slug"]) == ("draft", "a")
    assert post["remarks"] == ["“x” is not Markdown and shown as code."]


@pytest.mark.parametrize(
    ("content", "title", "body"),
    (
        ("# A *B* [c](/d) `e` #\n\nText", "A B c e", "Text"),
        ("A\n===\n\nText", "A", "Text"),
        ("\ufeffIntro\n\n# A\n\nText", "A", "Intro\n\n# A\n\nText"),
        ("Text", "My first post", "Text"),
        ("---\ntitle: B\n---\n# A\n", "B", "# A"),
        ("", None, None),
    ),
)
def test_a_title_is_found(tmp_path, content, title, body):
    if title is None:
        with pytest.raises(documents.NotAPost, match="no title and no text"):
            read(tmp_path, "my-first_post.md", content)
    else:
        post = read(tmp_path, "my-first_post.md", content)
        assert (post["title"], post["body"]) == (title, body)


@pytest.mark.parametrize(
    ("name", "created", "slug"),
    (
        ("2015-06-25-a.md", "2015-06-25 00:00:00", "a"),
        ("2015-06-25-a/index.md", "2015-06-25 00:00:00", "a"),
        ("2015/06/25/a.md", "2015-06-25 00:00:00", "a"),
        ("2015-06-25.md", "2015-06-25 00:00:00", "2015-06-25"),
    ),
)
def test_a_date_is_found(tmp_path, name, created, slug):
    post = read(tmp_path, name, "Text")
    assert (post["created"], post["dated"]) == (created, True)
    assert slug in post["slug"]


def test_the_modification_time_replaces_a_missing_date(tmp_path):
    file = tmp_path / "a.md"
    file.write_text("Text")
    os.utime(file, (0, 86400))
    post = documents.parse(b"Text", file, sites.detect(file, UTC))
    assert (post["created"], post["dated"]) == ("1970-01-02 00:00:00", False)
    assert post["warnings"] == ["It has no date; the modification time of the file is used."]


@pytest.mark.parametrize(
    ("front_matter", "slug"),
    (
        ("slug: Other", "Other"),
        ("permalink: /x/Last.html", "Last"),
        ("path: /x/last/index.html", "last"),
        ("title: Title", "name"),
    ),
)
def test_a_slug_is_found(tmp_path, front_matter, slug):
    assert read(tmp_path, "name.md", f"---\n{front_matter}\n---\nText")["slug"] == slug


@pytest.mark.parametrize(
    ("name", "content", "status"),
    (
        ("a.md", "---\npublished: false\n---\nA", "draft"),
        ("_drafts/a.md", "A", "draft"),
        ("_posts/2015-06-25-a.md", "---\ndraft: false\n---\nA", "published"),
    ),
)
def test_drafts_are_recognized(tmp_path, name, content, status):
    assert read(tmp_path, name, content)["status"] == status


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    (
        ("_index.md", "---\ntitle: A\n---\n", "the page of a section"),
        ("README.md", "# A\n\nText", "a document of the project"),
        ("latest.md", '+++\ntemplate = "latest.html"\n+++\n', "no title and no text"),
        ("a.md", "---\ntitle: A\nredirect_to: /b\n---\nA", "a redirect"),
    ),
)
def test_a_file_that_is_not_a_post_has_a_reason(tmp_path, name, content, reason):
    with pytest.raises(documents.NotAPost) as error:
        read(tmp_path, name, content)
    assert error.value.message == reason


@pytest.mark.parametrize(
    ("content", "sentence"),
    (
        (b"A\nB\xe9\xe9", "It is not UTF-8 text (byte E9 on line 2); save it as UTF-8."),
        (b"A long line\n\x81", "It is not UTF-8 text (byte 81 on line 2); save it as UTF-8."),
        (b"A\n\0", "It is not a text file: it has a NUL character on line 2."),
        (b" " * (20 * 1024 * 1024), "It is too large for a post: 20 MB, at most 5 MB."),
    ),
)
def test_an_unreadable_file_is_refused_with_a_message(tmp_path, content, sentence):
    with pytest.raises(Invalid) as error:
        read(tmp_path, "a.md", content)
    assert sentence in error.value.message


def test_old_encodings_are_read_with_a_remark(tmp_path):
    post = read(tmp_path, "a.md", "---\ntitle: Für dich\n---\nText".encode("cp1252"))
    assert post["title"] == "Für dich"
    assert post["warnings"][0] == documents.UNDECLARED
    assert read(tmp_path, "b.md", "---\ntitle: ü\n---\nText".encode("utf-16"))["title"] == "ü"


@pytest.mark.parametrize(
    ("name", "date", "created", "status"),
    (
        ("a.md", "soon", None, "draft"),
        ("2020-01-02-a.md", "2024-02-30", "2020-01-02 00:00:00", "published"),
        ("a.md", "0001-01-01T00:00:00Z", None, "published"),
        ("a.md", "git Last Modified", None, "published"),
        ("0001-01-01-a.md", "soon", None, "draft"),
    ),
)
def test_a_broken_date_is_told(tmp_path, name, date, created, status):
    post = read(tmp_path, name, f"---\ntitle: A\ndate: {date}\n---\nText")
    assert post["status"] == status
    assert post["warnings"]
    assert created in (None, post["created"])
    assert post["dated"] is (created is not None)


def test_a_broken_date_of_the_last_change_is_told(tmp_path):
    post = read(tmp_path, "a.md", "---\ndate: 2020-01-02\nupdated: soon\n---\nText")
    assert (post["status"], post["updated"]) == ("published", None)
    assert "left out" in post["warnings"][0]


def test_what_is_too_long_is_cut(tmp_path):
    head = f"title: {'t' * 600}\ndescription: {'d' * 1200}\ntags: [{'x' * 200}, y]"
    post = read(tmp_path, "2020-01-02-a.md", f"---\n{head}\n---\nText")
    assert (len(post["title"]), len(post["summary"]), post["tags"]) == (500, 1000, ["y"])
    assert len(post["warnings"]) == 3


def test_a_page_of_templates_only_is_no_post(tmp_path):
    with pytest.raises(documents.NotAPost, match="the generator fills"):
        read(tmp_path, "about.md", "---\ntitle: About\n---\n<!-- nothing -->")


def test_the_front_page_becomes_a_draft(tmp_path):
    assert read(tmp_path, "index.md", "---\ntitle: Home\n---\nWelcome")["status"] == "draft"


def test_a_path_that_is_not_a_file_is_refused(tmp_path):
    (tmp_path / "loop.md").symlink_to(tmp_path / "loop.md")
    for name in ("gone.md", "loop.md", "nul\0.md"):
        with pytest.raises(Invalid, match="It cannot be read: "):
            documents.load(tmp_path / name)
    with pytest.raises(Invalid, match="It is not a regular file"):
        documents.load(tmp_path)


def test_addresses_of_hugo_have_the_date_as_written(tmp_path):
    (tmp_path / "hugo.toml").write_text("[permalinks]\nposts = '/:year/:month/:day/'")
    content = "---\ndate: 2019-05-06T23:30:00-04:00\n---\nA"
    post = read(tmp_path, "content/posts/a.md", content)
    assert (post["created"], post["addresses"][0]) == ("2019-05-07 03:30:00", "/2019/05/06")


@pytest.mark.parametrize("fields", ("draft: true\nDraft: false", "draft: true\ndraft: false"))
def test_a_post_that_contradicts_itself_is_a_draft(tmp_path, fields):
    post = read(tmp_path, "a.md", f"---\n{fields}\ntitle: A\n---\nText")
    assert (post["status"], post["reasons"]) == (
        "draft",
        ["It is a draft now, because “draft” is given twice."],
    )


def test_data_in_astro_becomes_a_draft(tmp_path):
    (tmp_path / "astro.config.mjs").touch()
    post = read(tmp_path, "src/content/authors/ada.md", "---\nname: Ada\n---\nText")
    assert (post["status"], "“authors”" in post["reasons"][0]) == ("draft", True)


def test_lists_of_eleventy_are_no_tags_and_taxonomies_are(tmp_path):
    (tmp_path / "eleventy.config.js").touch()
    post = read(tmp_path, "a.md", "---\ntitle: A\ntags: [posts, rivers]\n---\nText")
    assert post["tags"] == ["rivers"]
    (tmp_path / "zola").mkdir()
    (tmp_path / "zola" / "zola.toml").write_text(
        "taxonomies = [{name = 'tags'}, {name = 'places'}]"
    )
    content = "+++\n[taxonomies]\nplaces = ['Oslo']\n+++\nText"
    assert read(tmp_path / "zola", "content/a.md", content)["tags"] == ["Oslo"]


def test_a_title_that_is_a_date_stays_as_it_is(tmp_path):
    assert read(tmp_path, "2023-05-06.md", "Text")["title"] == "2023-05-06"
