import pytest

from flaskr.db import get_db
from flaskr.models import rendered_html

from ..databases import dump
from ..markup import Page

BODY = "Some *stress*.\n\n## Part\n\nA note[^1].\n\n[^1]: Here."
TEXT = {"title": "A <b>title</b>", "body": BODY}


def test_preview_matches_the_published_post(app, writer):
    preview = writer.post("/preview", data=TEXT)
    assert "<html" not in preview.text
    assert "A &lt;b&gt;title&lt;/b&gt;" in preview.text
    writer.post("/create", data=TEXT)
    with app.app_context():
        post = {"id": 2, "body": BODY, "language": None}
        html = rendered_html.for_posts([post])[2].html
    assert html.replace('"p2-', '"p0-').replace('"#p2-', '"#p0-') in preview.text


@pytest.mark.parametrize("path", ("/preview", "/preview/page"))
def test_preview_stores_nothing(app, writer, path):
    with app.app_context():
        before = dump()
        writer.post(path, data={**TEXT, "key": "a-key-of-a-form-1"})
        assert dump() == before


def test_preview_of_an_empty_form_works(writer):
    assert "Untitled" in writer.post("/preview").text


@pytest.mark.parametrize("path", ("/preview", "/preview/page", "/preview/page?post=1"))
def test_preview_is_sanitized(writer, path):
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>[x](javascript:alert(1))"
    page = Page(writer.post(path, data={"title": hostile, "body": hostile}).text)
    shown = page.split("<textarea")[0]
    assert "<script>alert" not in page
    assert "onerror=alert(1)>" not in shown.replace("&gt;", "")
    assert 'href="javascript:' not in page


def test_preview_starts_with_the_cover(writer):
    cover = 'src="https://example.org/a.png"'
    for path in ("/preview", "/preview/page"):
        page = Page(writer.post(path, data={**TEXT, "cover": "https://example.org/a.png"}).text)
        assert cover in page
        assert '<p class="cover">' not in writer.post(path, data={**TEXT, "cover": "a.png"}).text


def test_post_starts_with_its_cover(writer, browse):
    data = {**TEXT, "cover": "https://example.org/a.png"}
    writer.post("/1/update", data=data)
    page = browse("/1", follow_redirects=True)
    assert page.select('.cover img[src="https://example.org/a.png"]')
    assert browse("/1/update").select('[value="https://example.org/a.png"]')
    page = Page(writer.post("/1/update", data={**TEXT, "cover": "<a.png"}).text)
    assert page.texts("#cover-error")[0].startswith("Cover isn't an image in the media library.")
    assert page.select('[value="<a.png"]')


def test_first_post_can_start_with_an_example(app, client, auth, writer, browse):
    assert "Start with an example" not in writer.get("/create").text
    auth.login("other", "other")
    assert browse("/create").texts('[href="/create?example=1"]') == ["Start with an example"]
    page = browse("/create?example=1")
    assert ">\nThis example shows what a post can contain." in page
    assert "&gt; [!NOTE]" in page
    with app.app_context():
        assert get_db().execute("SELECT count(*) FROM post").fetchone()[0] == 1


def test_form_suggests_tags_and_covers(writer, browse):
    writer.post("/create", data={**TEXT, "tags": "Sea <b>, Sky"})
    writer.post("/create", data={**TEXT, "tags": "sky"})
    page = browse("/create")
    names = [option.get("value") for option in page.select("datalist[data-tags] option")]
    assert names == ["Sky", "Sea <b>"]


def test_preview_page_shows_the_form_below(writer, browse):
    assert browse("/create").select('[formaction="/preview/page"]')
    page = Page(writer.post("/preview/page", data={**TEXT, "key": "a-key-of-a-form-1"}).text)
    assert "Some <em>stress</em>." in page
    assert page.select('[action="/create"]')
    assert page.select('[value="a-key-of-a-form-1"]')
    assert "Some *stress*." in page
    assert "autofocus" not in page


def test_preview_page_of_a_post_continues_editing_it(writer, browse):
    assert browse("/1/update").select('[formaction="/preview/page?post=1"]')
    page = Page(writer.post("/preview/page?post=1", data={"title": "changed", "body": ""}).text)
    assert page.select('[action="/1/update"]')
    assert "changed" in page


@pytest.mark.parametrize(("post", "status"), ((1, 403), (2, 404)))
def test_preview_page_of_another_author_is_refused(client, auth, post, status):
    auth.login("other", "other")
    response = client.post(f"/preview/page?post={post}", data=TEXT)
    assert response.status_code == status
    assert "test title" not in response.text


@pytest.mark.parametrize("path", ("/preview", "/preview/page"))
def test_visitors_are_redirected_to_login(client, path):
    assert client.post(path, data=TEXT).headers["Location"] == "/auth/login"
