import os
import re
from io import BytesIO

import pytest

from flaskr.db import get_db
from flaskr.models import media
from flaskr.models import media_folder
from flaskr.models import posts
from flaskr.models import trash
from flaskr.models.permissions import SYSTEM

from ..markup import Page

JSON = {"Accept": "application/json"}
PDF = b"%PDF-1.7 "
HTML = b"<html><script>alert(document.domain)</script>"


@pytest.fixture
def folder(instance_path):
    return instance_path / "media"


def log_in(client, user_id):
    with client.session_transaction() as session:
        session["user_id"] = user_id


def fetch(client, url, **headers):
    """Return the response with its whole body read."""
    return client.get(url, headers=headers, buffered=True)


@pytest.fixture
def upload(client):
    """Return a function that uploads files, given as pairs of name and content."""
    log_in(client, 1)

    def upload(*files, headers=JSON, kind=None, **fields):
        parts = [(BytesIO(content), name, kind) for name, content in files]
        return client.post("/media", data={"files": parts, **fields}, headers=headers)

    return upload


def rows(app):
    with app.app_context():
        return [dict(row) for row in get_db().execute("SELECT * FROM media ORDER BY id")]


@pytest.mark.parametrize(
    ("method", "path"),
    (("get", "/media"), ("post", "/media"), ("post", "/media/x"), ("post", "/media/x/deletion")),
)
def test_visitors_are_redirected_to_login(client, method, path):
    assert getattr(client, method)(path).headers["Location"].startswith("/auth/login")


def test_upload_after_the_session_ended_is_refused_in_json(client):
    response = client.post("/media", data={"files": (BytesIO(PDF), "a.pdf")}, headers=JSON)
    assert (response.status_code, response.json["error"][:26]) == (
        401,
        "You are logged out. Log in",
    )


def test_form_uploads_several_files_without_a_script(app, upload, draw, browse):
    response = upload(("a.pdf", PDF), ("b.png", draw()), headers={})
    assert response.headers["Location"] == "/media"
    page = browse("/media")
    for words in (
        "Uploaded 2 files.",
        "a.pdf",
        "b.png",
        "60 \u00d7 40",
        "Not used",
        "<code>![](/media/",
    ):
        assert words in page
    assert [row["user_id"] for row in rows(app)] == [1, 1]


def test_json_response_contains_the_markdown(upload, draw):
    response = upload(("b.png", draw()), ("a.pdf", PDF), alt="Teal [1]")
    picture, file = response.json["media"]
    url = picture["url"]
    assert response.status_code == 201
    assert picture == {
        "name": "b.png",
        "url": url,
        "markdown": rf"![Teal \[1\]]({url})",
        "alt": "Teal [1]",
        "width": 60,
        "height": 40,
        "kind": "image",
        "thumbnail": url.replace(".png", "-60.webp"),
    }
    assert file["markdown"] == f"[a.pdf]({file['url']})"


def test_picker_lists_files_that_can_be_inserted(client, upload, draw, folder):
    upload(("tree.png", draw()), ("sea.pdf", PDF), ("gone.pdf", PDF + b"2"))
    gone = client.get("/media/picker?q=gone").json["media"][0]
    (folder / gone["url"].rpartition("/")[2]).unlink()
    answer = client.get("/media/picker").json
    assert [file["name"] for file in answer["media"]] == ["sea.pdf", "tree.png"]
    assert answer["older"] is None
    for query in ("q=TREE", "pictures=1"):
        (file,) = client.get(f"/media/picker?{query}").json["media"]
        assert (file["name"], file["kind"]) == ("tree.png", "image")
    assert client.get("/media/picker?before=x").status_code == 404


def test_picker_has_pages(client, upload, monkeypatch):
    monkeypatch.setattr(media, "PER_PAGE", 1)
    upload(("a.pdf", PDF), ("b.pdf", PDF + b"2"))
    first = client.get("/media/picker").json
    second = client.get(f"/media/picker?before={first['older']}").json
    assert [page["media"][0]["name"] for page in (first, second)] == ["b.pdf", "a.pdf"]
    assert second["older"] is None


def test_valid_files_are_stored_and_others_reported(client, upload):
    response = upload(("a.pdf", PDF), ("b.png", b""), headers={})
    assert "Uploaded 1 file." in response.text
    assert Page(response.text).texts('[role="alert"]') == ["b.png: The file is empty."]
    answer = upload(("a.pdf", PDF), ("b.png", b"")).json
    assert [file["name"] for file in answer["media"]] == ["a.pdf"]
    assert answer["refused"] == [{"name": "b.png", "error": "The file is empty."}]


@pytest.mark.parametrize(
    ("files", "status", "sentence"),
    (
        ((), 422, "Choose a file first."),
        ((("", PDF),), 422, "Choose a file first."),
        ((("a.png", b"\x89PNG\r\n\x1a\n"),), 422, "a.png: The image is broken"),
        ((("a.pdf", PDF * 100),), 413, "a.pdf: The file is too large"),
        ((("a.pdf", bytes(9000)),), 413, "These files are too large together"),
    ),
)
def test_refused_upload_explains_why(app, upload, monkeypatch, files, status, sentence):
    monkeypatch.setattr("flaskr.web.security.MULTIPART_OVERHEAD_BYTES", 1000)
    app.config["MAX_UPLOAD"] = 500
    response = upload(*files)
    assert response.status_code == status
    assert response.json["error"].startswith(sentence)
    form = upload(*files, headers={})
    assert form.status_code == (413 if status == 413 else 200)
    assert sentence in form.text
    assert rows(app) == []


def test_upload_may_be_larger_than_other_forms(app, upload):
    app.config["MAX_CONTENT_LENGTH"] = 1000
    assert upload(("a.pdf", PDF + bytes(5000))).status_code == 201


@pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning")
def test_interrupted_upload_leaves_nothing(app, client, folder):
    log_in(client, 1)
    body = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n' + PDF
    response = client.post(
        "/media",
        input_stream=BytesIO(body),
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": "99999"},
    )
    assert response.status_code == 400
    assert rows(app) == []
    assert not folder.exists()


def test_full_disk_is_reported(upload, monkeypatch, caplog):
    def write(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(media_folder, "_write", write)
    response = upload(("a.pdf", PDF))
    assert (response.status_code, response.json["error"]) == (
        503,
        "a.pdf: The disk is full. Free some space, then try again.",
    )
    assert "The disk is full." in caplog.text
    assert "The disk is full." in upload(("a.pdf", PDF), headers={}).text


def test_disk_that_fills_up_during_the_upload_is_reported(app, upload, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(app.request_class, "_get_file_stream", full)
    assert upload(("a.pdf", PDF)).json["error"].startswith("The disk is full.")


def test_images_are_public_and_cacheable(app, upload, draw):
    url = upload(("a.png", draw())).json["media"][0]["url"]
    client = app.test_client()
    response = fetch(client, url)
    assert response.data.startswith(b"\x89PNG")
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["Content-Disposition"] == "inline; filename=a.png"
    again = fetch(client, url, If_None_Match=response.headers["ETag"])
    assert again.status_code == 304


def test_byte_range_is_served(client, upload):
    url = upload(("a.pdf", PDF)).json["media"][0]["url"]
    response = fetch(client, url, Range="bytes=1-3")
    assert (response.status_code, response.data) == (206, b"PDF")


def test_cacheable_files_carry_no_cookie(client, upload, draw):
    url = upload(("a.png", draw())).json["media"][0]["url"]
    with client.session_transaction() as session:
        session.permanent = True
    response = fetch(client, url, Accept="text/html")
    assert not {"Set-Cookie", "Vary"} & set(response.headers.keys())
    assert "Set-Cookie" in client.get("/media", headers={"Accept": "text/html"}).headers


def test_narrower_images_are_served(client, upload, draw):
    url = upload(("a.jpg", draw("JPEG", (900, 600)))).json["media"][0]["url"]
    response = fetch(client, url.replace(".jpg", "-480.webp"))
    assert response.mimetype == "image/webp"
    assert response.data[8:12] == b"WEBP"
    assert client.get(url.replace(".jpg", "-99.webp")).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "mimetype"),
    (
        ("a.pdf", PDF + HTML, "application/pdf"),
        ("a.html", HTML, "application/octet-stream"),
        ("a.png", b"<!-- %PDF-1.7 -->" + HTML, "application/octet-stream"),
        ("a.jpg", b"<svg onload='alert(1)'></svg>", "image/svg+xml"),
        ("a.mp3", b"ID3\4" + HTML, "audio/mpeg"),
        ("a.js", b"PK\3\4*/alert(1)", "application/zip"),
    ),
)
def test_files_other_than_images_are_downloads(client, upload, name, content, mimetype):
    url = upload((name, content), kind="text/html").json["media"][0]["url"]
    response = fetch(client, url)
    assert response.mimetype == mimetype
    assert response.headers["Content-Disposition"] == f"attachment; filename={name}"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("kind", ("GIF", "JPEG", "PNG", "WEBP"))
def test_image_that_is_also_a_script_is_served_as_an_image(client, upload, draw, kind):
    content = draw(kind, **({"comment": HTML} if kind in ("GIF", "JPEG") else {})) + HTML
    url = upload(("a.html", content), kind="text/html").json["media"][0]["url"]
    response = fetch(client, url)
    assert response.mimetype == f"image/{kind.lower()}"
    assert b"<script>" not in response.data


@pytest.mark.parametrize(
    "name", ("../../x.png", "a\0.png", "x" * 300 + ".png", "<script>.png", "\u202egnp.png", "'\t")
)
def test_hostile_file_names_are_harmless(app, upload, folder, draw, name, browse):
    assert upload((name, draw())).status_code == 201
    assert all(re.fullmatch(r"[0-9a-f]{32}(-60)?\.(png|webp)", one) for one in os.listdir(folder))
    assert not os.path.lexists(folder.parent.parent / "x.png")
    page = browse("/media")
    assert "<script>" not in page
    assert "\u202e" not in page


def test_hostile_file_name_is_quoted_in_the_download_header(client, upload):
    url = upload(("<ä>;\u202e.pdf", PDF)).json["media"][0]["url"]
    assert fetch(client, url).headers["Content-Disposition"] == (
        "attachment; filename=\"<a>;.pdf\"; filename*=UTF-8''%3C%C3%A4%3E%3B.pdf"
    )


def test_alt_text_is_stored_and_escaped(client, upload, draw, browse):
    url = upload(("a.png", draw())).json["media"][0]["url"]
    hostile = '"><script>alert(1)</script>'
    response = client.post(f"{url}?q=a&unused=1", data={"alt": hostile})
    assert response.headers["Location"] == "/media?q=a&unused=1#file-1"
    page = browse(response.headers["Location"])
    assert [field.get("value") for field in page.select('[name="alt"]')] == [hostile]


def test_alt_text_that_is_too_long_stays_in_its_field(client, upload, draw):
    url = upload(("a.png", draw())).json["media"][0]["url"]
    response = client.post(url, data={"alt": "x" * 1001})
    assert response.status_code == 413
    page = Page(response.text)
    assert page.texts("#alt-1-error") == ["Description is too long: at most 1000 characters."]
    assert page.value("alt-1") == "x" * 1001


def test_library_can_be_searched_and_filtered(app, client, upload):
    for name in ("sea.pdf", "hill.pdf"):
        upload((name, PDF + name.encode()))
    with app.app_context():
        medium = media.newest(search="sea").media[0]
        posts.create(author_id=1, title="By the <sea>", body=f"/media/{medium['name']}")
    assert "hill.pdf" not in client.get("/media?q=SEA").text
    assert "sea.pdf" not in client.get("/media?unused=1").text
    assert "By the &lt;sea&gt;</a></span>" in client.get("/media").text
    assert "No files found." in client.get("/media?q=x").text


def test_file_that_a_post_shows_by_its_name_is_used(write, upload, browse):
    url = upload(("sea.pdf", PDF)).json["media"][0]["url"]
    write(body="![[sea.pdf]]")
    assert "Used in a post, by its name" in browse("/media").texts("span")
    assert "A post shows this file by its name" in browse(f"{url}/deletion")


def test_library_has_a_pager(client, upload, monkeypatch, browse):
    monkeypatch.setattr(media, "PER_PAGE", 1)
    for number in range(3):
        upload((f"{number}.pdf", PDF + str(number).encode()))
    page = browse("/media?before=3")
    assert "1.pdf" in page
    assert page.select('[href="/media?after=2"]')
    assert page.select('[href="/media?before=2"]')
    assert client.get("/media?before=x").status_code == 404


def test_empty_library_says_what_will_appear(client, browse):
    log_in(client, 1)
    page = browse("/media")
    assert "Your images and other files will appear here." in page
    assert not page.select('[type="search"]')
    assert browse("/").texts('[href="/media"]') == ["Media"]


def test_missing_file_is_reported(client, upload, folder, draw):
    url = upload(("a.png", draw())).json["media"][0]["url"]
    folder.joinpath(url.removeprefix("/media/")).unlink()
    assert client.get(url).status_code == 404
    assert "This file is missing from the disk." in client.get("/media").text


def test_deletion_lists_the_posts_that_use_the_file(app, client, upload, draw, browse):
    url = upload(("a.png", draw())).json["media"][0]["url"]
    assert "No post uses this file." in client.get(f"{url}/deletion").text
    with app.app_context():
        posts.create(author_id=1, title="Holidays", body=f"![]({url})")
        posts.create(author_id=2, title="Secret", body=f"![]({url})", status="draft")
    page = browse(f"{url}/deletion")
    assert "2 posts use this file" in page
    assert "Holidays" in page
    assert "Secret" not in page
    assert fetch(client, url).status_code == 200
    assert client.post(f"{url}/deletion?q=a").headers["Location"] == "/media?q=a"
    assert "Deleted a.png." in client.get("/media").text
    assert client.get(url).status_code == 404


def test_use_by_a_post_in_the_trash_is_shown(app, client, upload, browse):
    url = upload(("a.pdf", PDF)).json["media"][0]["url"]
    with app.app_context():
        trash.put(posts.create(author_id=1, title="Old", body=url), SYSTEM)
    assert "Used by a post in the trash" in client.get("/media").text
    assert "in the trash" in browse(f"{url}/deletion").texts("li")


def test_long_list_of_uses_is_shortened(app, client, upload, monkeypatch, browse):
    url = upload(("a.pdf", PDF)).json["media"][0]["url"]
    monkeypatch.setattr("flaskr.admin.media.MAX_LISTED_POSTS", 1)
    with app.app_context():
        for number in range(5):
            posts.create(author_id=1, title=f"Post {number}", body=url)
    assert "and 4 more" in browse(f"{url}/deletion").texts("li")
    assert "and 2 more" in client.get("/media").text


def test_media_of_other_users_can_be_seen_but_not_changed(client, upload, browse):
    url = upload(("a.pdf", PDF), alt="Notes on it").json["media"][0]["url"]
    log_in(client, 2)
    page = browse("/media")
    assert "Notes on it" in page
    assert f"{url}/deletion" not in page
    for path in (url, f"{url}/deletion"):
        assert client.post(path).status_code == 403
    assert client.post("/media/x/deletion").status_code == 404


def test_cross_site_upload_is_refused(client):
    log_in(client, 1)
    response = client.post("/media", headers={"Sec-Fetch-Site": "cross-site", **JSON})
    assert response.status_code == 403


def test_upload_by_script_flashes_a_message_if_asked(client, auth, draw):
    auth.login()
    for flash, times in (({}, 0), ({"flash": "1"}, 1)):
        data = {"files": (BytesIO(draw()), "crate.png"), **flash}
        assert client.post("/media", data=data, headers=JSON).status_code == 201
        assert client.get("/media").text.count("Uploaded 1 file.") == times
