import pytest

from flaskr import create_app
from flaskr.db import get_db
from flaskr.models import posts
from flaskr.models import users

from .databases import other_types


def count(app):
    with app.app_context():
        return get_db().execute("SELECT count(*) FROM post").fetchone()[0]


def test_visitor_sees_posts_and_login(browse):
    page = browse("/")
    for words in ("Log In", "Register", "test title", "by test on 2018-01-01", "test\nbody"):
        assert words in page
    assert not page.select('[href="/1/update"]')


def test_author_sees_edit_only_on_own_posts(app, writer, write, browse):
    write()
    with app.app_context():
        get_db().execute("UPDATE post SET author_id = 2 WHERE id = 2")
        get_db().commit()
    page = browse("/")
    for words in ("Log Out", "New", 'href="/1/update"'):
        assert words in page
    assert not page.select('[href="/2/update"]')


def test_owner_edits_and_deletes_every_post(app, client, auth, browse):
    with app.app_context():
        users.set_role("other", "owner")
    auth.login("other", "other")
    assert browse("/").select('[href="/1/update"]')
    client.post("/1/update", data={"title": "mended", "body": ""})
    assert "mended" in client.get("/").text
    client.post("/1/delete")
    assert count(app) == 0


def test_new_post_is_published(app, writer):
    assert writer.get("/create").status_code == 200
    response = writer.post("/create", data={"title": "created", "body": ""})
    assert response.headers["Location"] == "/"
    assert count(app) == 2
    assert "created" in writer.get("/").text


def test_post_is_updated(app, writer):
    assert "test title" in writer.get("/1/update").text
    response = writer.post("/1/update", data={"title": "updated", "body": "new"})
    assert response.headers["Location"] == "/"
    with app.app_context():
        assert posts.get(1, None)["title"] == "updated"


@pytest.mark.parametrize("path", ("/create", "/1/update"))
def test_form_with_an_error_keeps_its_input(writer, path):
    response = writer.post(path, data={"title": "", "body": "</textarea><b>kept"})
    assert response.status_code == 200
    assert "Title is required." in response.text
    assert "&lt;/textarea&gt;&lt;b&gt;kept" in response.text


def test_missing_fields_are_left_unchanged(app, writer):
    assert "Title is required." in writer.post("/create").text
    writer.post("/1/update", data={"title": "New"})
    with app.app_context():
        assert posts.get(1, None)["body"] == "test\nbody"


def test_empty_first_line_is_preserved(writer, write):
    post_id = write(body="\n\nlate")
    assert ">\n\n\nlate</textarea>" in writer.get(f"/{post_id}/update").text


@pytest.mark.parametrize("size", (5 * 1024 * 1024 + 1, 6_000_000))
def test_text_that_is_too_long_is_returned(writer, size):
    response = writer.post("/create", data={"title": "long", "body": "x" * size})
    assert response.status_code == 413
    assert "Body is too long: at most 5 MB." in response.text
    assert "x" * size in response.text


def multipart(**fields):
    """Return the body and content type of a multipart form, as browsers send it."""
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    return {
        "data": f"{''.join(parts)}--edge--\r\n".encode(),
        "content_type": "multipart/form-data; boundary=edge",
    }


@pytest.mark.parametrize("form", (lambda **fields: {"data": fields}, multipart))
def test_five_megabytes_are_saved_in_either_encoding(app, writer, form):
    body = "ゆき " * (512 * 1024 + 512 * 1024 // 3)
    assert writer.post("/create", **form(title="long", body=body)).location == "/"
    with app.app_context():
        assert posts.get(2, None)["body"] == body


@pytest.mark.parametrize("size", (20_000_000, 70_000_000))
def test_request_body_that_is_too_large_is_refused(app, writer, size):
    response = writer.post("/create", data={"title": "long", "body": "x" * size})
    assert response.status_code == 413
    assert "your text is still in your browser" in response.text
    assert count(app) == 1


def test_deleted_post_is_gone(app, writer):
    assert writer.post("/1/delete").headers["Location"] == "/"
    assert count(app) == 0
    assert writer.get("/test-title").status_code == 404


@pytest.mark.parametrize("path", ("/1/update", "/1/delete"))
def test_posts_of_other_authors_are_forbidden(app, client, auth, path):
    auth.login("other", "other")
    assert client.post(path, data={"title": "x", "body": "typed"}).status_code == 403
    assert count(app) == 1


@pytest.mark.parametrize("path", ("/2/update", "/2/delete", "/0/update", f"/{10**30}/delete"))
def test_missing_post_is_not_found_and_the_text_is_returned(writer, path):
    response = writer.post(path, data={"title": "mine", "body": "typed <b>"})
    assert response.status_code == 404
    assert "typed &lt;b&gt;" in response.text


@pytest.mark.parametrize(
    "path", ("/0", "/2", "/-1", f"/{10**30}", "/nothing", "/%00", "/%FF", "/a/b")
)
def test_missing_page_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_post_has_its_own_page(client, write, browse):
    write("What is new?", "# Heading", tags=["Flask", "Web"])
    page = browse("/what-is-new")
    for words in ("What is new?", "by test on ", "Heading</", "Flask", "Web"):
        assert words in page
    assert "/what-is-new" in client.get("/").text


def test_post_id_redirects_to_the_slug(client, write):
    write("What is new?")
    response = client.get("/2")
    assert response.headers["Location"] == "/what-is-new"
    assert response.headers["Cache-Control"] == "no-cache"


def test_post_without_a_slug_is_shown_at_its_id(app, client, browse):
    assert "test\nbody" in client.get("/1").text
    assert browse("/").select('[href="/1"]')
    app.test_cli_runner().invoke(args=["init-db"])
    assert client.get("/1").headers["Location"] == "/test-title"


@pytest.mark.parametrize("fields", ({"status": "draft"}, {"created": "2999-01-01 00:00:00"}))
def test_unpublished_post_is_not_found_under_any_url(client, auth, fields, write):
    write("Hidden", **fields)
    for path in ("/2", "/hidden"):
        assert client.get(path).status_code == 404
    auth.login()
    assert client.get("/2").headers["Location"] == "/hidden"
    assert "Hidden" in client.get("/hidden").text
    auth.login("other", "other")
    assert client.post("/2/update", data={"title": "x"}).status_code == 404


def test_list_has_pages_of_ten(client, write, browse):
    for number in range(11, 32):
        write(f"Post {number}", created=f"2020-01-{number:02} 00:00:00")
    first = browse("/")
    assert len(first.select("article")) == 10
    assert first.link("prev") is None
    second = browse(first.link("next"))
    assert "Post 21" in second
    third = browse(second.link("next"))
    assert len(third.select("article")) == 2
    assert third.link("next") is None
    assert browse(third.link("prev")) == second
    assert client.get(second.link("prev")).headers["Location"] == "/"


def test_page_after_the_last_post_offers_a_next_step(client, browse):
    page = browse("/?before=1999-01-01T00:00:00~1")
    assert "There are no more posts." in page
    assert client.get("/?before=nonsense").status_code == 404


def test_long_post_is_cut_in_the_list(client, write, browse):
    write("Long", "\n\n".join(f"Paragraph {number}. " + "word " * 60 for number in range(20)))
    page = browse("/")
    assert "Paragraph 0." in page
    assert "Paragraph 19." not in page
    assert page.select('[href="/long"][aria-label="Continue reading “Long”"]')
    assert "Paragraph 19." in client.get("/long").text


def test_dates_use_the_time_zone_of_the_blog(app):
    with app.app_context():
        get_db().executescript("UPDATE post SET created = '2018-01-01 23:30:00'")
    zoned = create_app({"TESTING": True, "TIMEZONE": "Europe/Berlin"})
    assert "by test on 2018-01-02" in zoned.test_client().get("/").text


def test_last_possible_date_is_accepted(app, writer):
    with app.app_context():
        get_db().executescript("UPDATE post SET created = '9999-12-31 23:59:59'")
    zoned = create_app({"TESTING": True, "TIMEZONE": "Asia/Tokyo"})
    client = zoned.test_client()
    client.post("/auth/login", data={"username": "test", "password": "test"})
    assert "by test on 31 December 9999" in client.get("/1").text


def test_empty_blog_invites_its_author_to_write(app, writer):
    writer.post("/1/delete")
    assert "Write your first post" in writer.get("/").text
    assert "There are no posts yet." in app.test_client().get("/").text


def test_post_names_all_its_authors(app, client):
    with app.app_context():
        users.create_without_password("third")
        get_db().executescript(
            "INSERT INTO coauthor (post_id, user_id, position) VALUES (1, 2, 1), (1, 3, 2)"
        )
    assert "by test, other and third on 1 January 2018" in client.get("/1").text


@pytest.mark.parametrize("path", ("/2018/01/01/old.html", "/2018/01/01/old", "/old/", "/old"))
def test_old_url_redirects_to_the_post(app, client, path):
    with app.app_context():
        get_db().executescript("INSERT INTO old_address VALUES ('/2018/01/01/old', 1), ('/old', 1)")
    response = client.get(path)
    assert (response.status_code, response.headers["Location"]) == (301, "/1")


HOSTILE = [
    "<script>alert(1)</script>",
    "a\0b",
    "\u202eright to left",
    "🌱" * 100,
    "'; DROP TABLE post; --",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_escaped(app, writer, text):
    writer.post("/create", data={"title": text, "body": text})
    writer.post("/2/update", data={"title": text, "body": f"{text}\n\nagain"})
    for path in ("/", "/2/update"):
        page = writer.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
    assert count(app) == 2


def test_invalid_utf8_is_accepted(app, writer):
    broken = b"title=%ff%fe&body=%c3%28"
    response = writer.post("/create", data=broken, content_type="application/x-www-form-urlencoded")
    assert response.headers["Location"] == "/"
    assert writer.get("/").status_code == 200


@other_types
def test_blob_in_a_text_column_is_shown(app, client):
    with app.app_context():
        get_db().executescript("UPDATE post SET title = x'61ff', body = x'62ff'")
    assert client.get("/").status_code == client.get("/1").status_code == 200


@other_types
@pytest.mark.parametrize("column", ("title", "body", "slug", "summary", "language", "cover"))
def test_bytes_in_a_text_column_break_no_page(app, client, column):
    """Plain SQL can store them."""
    with app.app_context():
        get_db().execute(f"UPDATE post SET {column} = x'ff3c41'")
        get_db().commit()
    for path in (
        "/",
        "/1",
        "/feed.xml",
        "/feed.json",
        "/archive",
        "/search?q=test",
        "/sitemap-0.xml",
    ):
        assert client.get(path, follow_redirects=True).status_code in (200, 404), path
