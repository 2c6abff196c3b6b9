import pytest
import yaml

from flaskr import create_app
from flaskr.models import posts
from flaskr.models.permissions import SYSTEM


@pytest.fixture(autouse=True)
def post(app):
    with app.app_context():
        return posts.create(
            author_id=1,
            title='A "title": ゆき',
            address="a-post",
            body="# Hi\n\n*text*",
            tags=["Sea", "b"],
            summary="Short",
            user=SYSTEM,
        )


@pytest.mark.parametrize(
    ("path", "accept"),
    (
        ("/a-post.md", "*/*"),
        ("/a-post", "text/markdown, text/html;q=0.9"),
        ("/a-post", "text/markdown, text/html, */*"),
        ("/a-post", "text/markdown;variant=GFM;Q=0.9, */*;q=0.1"),
        ("/a-post", "text/html;q=0.2, text/markdown;q=0.3"),
    ),
)
def test_a_post_is_sent_as_markdown_with_front_matter(client, path, accept):
    response = client.get(path, headers={"Accept": accept})
    assert response.content_type == "text/markdown; charset=utf-8"
    _, front_matter, body = response.text.split("---\n", 2)
    fields = yaml.safe_load(front_matter)
    assert fields["title"] == 'A "title": ゆき'
    assert fields["url"] == "http://localhost/a-post"
    assert sorted(fields["tags"]) == ["Sea", "b"]
    assert (fields["authors"], fields["summary"]) == (["test"], "Short")
    assert body == "\n# Hi\n\n*text*\n"
    assert response.headers["Link"] == '<http://localhost/a-post>; rel="canonical"'


@pytest.mark.parametrize(
    "accept",
    (
        "*/*",
        "text/html",
        "text/html, text/markdown",
        "",
        "text/markdown;q=0",
        "text/markdown;q=0.5, text/*;q=0.9",
        "x," * 2000 + "text/markdown",
        "text/markdown-x",
    ),
)
def test_a_post_is_sent_as_a_page_to_others(client, accept):
    response = client.get("/a-post", headers={"Accept": accept})
    assert response.mimetype == "text/html"
    assert "Accept" in response.headers["Vary"]
    assert '<link rel="alternate" type="text/markdown" href="/a-post.md">' in response.text


def test_markdown_and_pages_are_cached_apart(app):
    cached = create_app({"TESTING": True, "PAGE_CACHE_MB": 4}).test_client()
    for _ in range(2):
        for accept, kind in (("text/html", "text/html"), ("text/markdown", "text/markdown")):
            response = cached.get("/a-post", headers={"Accept": accept})
            assert response.mimetype == kind
            headers = {"Accept": accept, "If-None-Match": response.headers["ETag"]}
            assert cached.get("/a-post", headers=headers).status_code == 304
    tag = cached.get("/a-post.md").headers["ETag"]
    assert cached.get("/a-post.md", headers={"If-None-Match": tag}).status_code == 304


def test_llms_txt_lists_posts_and_pages(app, client):
    with app.app_context():
        posts.create(author_id=1, title="[About] us", body="x", kind="page", user=SYSTEM)
    lines = client.get("/llms.txt").text.splitlines()
    assert lines[0] == "# Flaskr"
    assert '- [A "title": ゆき](http://localhost/a-post.md): Short' in lines
    assert "- [(About) us](http://localhost/about-us.md)" in lines


def test_international_host_names_are_in_ascii(app):
    blog = create_app({"TESTING": True, "SITE_URL": "https://bücher.example:8443/blog"})
    for path in ("/a-post", "/sitemap.xml", "/feed.xml", "/feed.json", "/llms.txt", "/robots.txt"):
        text = blog.test_client().get(path, headers={"Host": "xn--bcher-kva.example"}).text
        assert "https://xn--bcher-kva.example:8443/blog" in text
        assert "bücher" not in text
