import pytest

from flaskr.exporters import markdown
from flaskr.importers import exported_blogs

POST = {
    "id": 7,
    "title": "A title",
    "body": "text",
    "created": "2020-01-02 03:04:05",
    "updated": "",
    "status": "published",
    "kind": "post",
    "menu_position": 0,
    "dated": False,
    "part": None,
    "slug": "a-title",
    "summary": "",
    "language": "",
    "cover": "",
    "series": "",
    "translation": "",
    "authors": [],
    "tags": [],
    "addresses": [],
    "former_slugs": [],
    "deleted": "",
}


@pytest.mark.parametrize(
    ("changes", "path"),
    (
        ({}, "content/_posts/2020-01-02-a-title.md"),
        ({"status": "draft"}, "content/_drafts/a-title.md"),
        ({"kind": "page"}, "content/a-title.md"),
        ({"created": "soon"}, "content/_posts/1970-01-01-a-title.md"),
        ({"slug": "../../etc"}, "content/_posts/2020-01-02-etc~7.md"),
        ({"slug": "a\0b/c"}, "content/_posts/2020-01-02-a-b-c~7.md"),
        ({"slug": ""}, "content/_posts/2020-01-02-post~7.md"),
    ),
)
def test_path_of_a_post(changes, path):
    assert markdown.path({**POST, **changes}) == path


@pytest.mark.parametrize(
    "changes",
    (
        {},
        {"body": "---\ntitle: another\n---\n\n"},
        {"body": "\n\n  indented\n\n"},
        {"body": ""},
        {"title": "null"},
        {"title": 'quotes " and \\ and --- and # and : '.strip()},
        {"slug": "../x", "former_slugs": ["old", "../y"], "addresses": ["/a/../b", "/c"]},
        {"kind": "page", "menu_position": 3, "status": "draft", "dated": True, "part": 0},
        {"tags": ["~", "a, b", "[c]"], "authors": ["Zoë, Jr."], "series": "true", "language": "de"},
        {"updated": "2021-01-01 00:00:00", "translation": "ab", "deleted": "2021-01-02 00:00:00"},
    ),
)
def test_post_is_read_as_it_was_written(changes):
    post = {**POST, **changes}
    assert exported_blogs.parse_post(markdown.write_post(post).decode()) == post


def test_generators_get_no_address_that_leads_out_of_their_folder():
    post = {**POST, "slug": "../x", "former_slugs": ["../y"], "addresses": ["/a/../b", "/ok"]}
    fields, _ = exported_blogs.split(markdown.write_post(post).decode())
    assert not {"slug", "url", "permalink", "path"} & fields.keys()
    assert fields["aliases"] == ["/ok"]


def test_jekyll_leaves_braces_as_they_are():
    fields, _ = exported_blogs.split(markdown.write_post({**POST, "body": "{{ x }}"}).decode())
    assert fields["render_with_liquid"] == "false"
