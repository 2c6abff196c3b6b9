"""A blog with its media in a bucket, which may be slow or gone."""

import shutil
import threading
from io import BytesIO

import pytest

from flaskr import errors
from flaskr.models import media
from flaskr.models import media_bucket
from flaskr.models import media_storage
from flaskr.models.permissions import SYSTEM

from .. import s3_service
from ..markup import Page

pytestmark = pytest.mark.usefixtures("bucket_address")
PDF = b"%PDF-1.7 "
JSON = {"Accept": "application/json"}
SILENT = "The media store cannot be reached. Try again in a moment."


@pytest.fixture
def upload(writer):
    def upload(content=PDF, name="a.pdf", headers=JSON, **fields):
        data = {"files": (BytesIO(content), name), **fields}
        return writer.post("/media", data=data, headers=headers)

    return upload


@pytest.fixture
def copies(instance_path):
    return instance_path / "media-cache"


def bucket(app):
    with app.app_context():
        return media_storage.store()


def add(content=PDF, user_id=1):
    return media.add(content, name="a.pdf", user_id=user_id, max_bytes=10**7)


def test_uploaded_picture_is_served_with_its_variants(app, upload, draw, client, instance_path):
    url = upload(draw("JPEG", (900, 600)), "sea.jpg").json["media"][0]["url"]
    names = sorted(bucket(app).files())
    assert len(names) == 4
    for name in names:
        response = client.get(f"/media/{name}")
        assert (response.status_code, len(response.data)) == (200, response.content_length)
    assert client.get(url).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert not (instance_path / "media").exists()
    assert bucket(app).notes() == {}


def test_picture_is_fetched_once_and_its_copy_may_go(app, s3, upload, client, copies):
    url = upload().json["media"][0]["url"]
    assert client.get(url).data == PDF
    s3.requests.clear()
    assert client.get(url).data == PDF
    assert s3.requests == []
    shutil.rmtree(copies)
    assert client.get(url).data == PDF
    assert len(s3.requests) == 2


def test_visitor_can_seek_in_a_film(app, s3, upload, client, monkeypatch):
    monkeypatch.setattr(media_bucket, "MAX_WHOLE_BYTES", 4)
    monkeypatch.setattr(media_bucket, "PART_BYTES", 4)
    url = upload(b"%PDF-0123456789").json["media"][0]["url"]
    s3.requests.clear()
    response = client.get(url, headers={"Range": "bytes=-3"})
    assert (response.status_code, response.data) == (206, b"789")
    assert response.headers["Content-Range"] == "bytes 12-14/15"
    assert [method for method, _ in s3.requests] == ["HEAD", "GET"]
    assert client.get(url).data == b"%PDF-0123456789"
    head = client.head(url)
    assert (head.content_length, head.headers["Accept-Ranges"]) == (15, "bytes")
    assert client.get(url, headers={"Range": "bytes=99-"}).status_code == 416


def test_conditional_request_is_answered_without_the_content(upload, client):
    url = upload().json["media"][0]["url"]
    tag = client.get(url).headers["ETag"]
    response = client.get(url, headers={"If-None-Match": tag})
    assert (response.status_code, response.data) == (304, b"")


def test_missing_file_is_not_found(app, upload, client):
    url = upload().json["media"][0]["url"]
    bucket(app).delete([url.rpartition("/")[2]])
    response = client.get(url)
    assert (response.status_code, "This file is missing." in response.text) == (404, True)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    (
        (s3_service.cut, SILENT),
        (s3_service.fail("403 Forbidden"), "The media store refuses access."),
        (s3_service.fail("500 Broken"), "The media store has an error (500)."),
    ),
)
def test_page_of_a_file_says_that_the_store_fails(s3, upload, client, fault, sentence, caplog):
    url = upload().json["media"][0]["url"]
    s3.fault = fault
    response = client.get(url)
    assert response.status_code == 503
    assert sentence in response.text
    assert sentence in caplog.text
    for secret in (s3_service.KEY, s3_service.SECRET, "Signature"):
        assert secret not in response.text + caplog.text


def test_upload_form_says_that_the_store_fails(s3, upload, app):
    s3.fault = s3_service.cut
    response = upload(headers={})
    assert response.status_code == 503
    assert Page(response.text).texts("#files-error") == [f"a.pdf: {SILENT}"]
    assert upload().json["error"] == f"a.pdf: {SILENT}"
    s3.fault = None
    assert upload().status_code == 201


def test_posts_are_shown_and_written_without_the_store(s3, upload, client, write, draw):
    url = upload(draw("JPEG", (900, 600)), "sea.jpg").json["media"][0]["url"]
    s3.fault = s3_service.cut
    s3.requests.clear()
    write("With a picture", f"![Sea]({url})")
    (image,) = Page(client.get("/with-a-picture").text).select("img[srcset]")
    assert (image.get("src"), image.get("width")) == (url, "900")
    assert "sea.jpg" in client.get("/media").text
    assert s3.requests == []


def test_deleted_file_leaves_the_bucket(app, upload, writer, client, copies):
    url = upload().json["media"][0]["url"]
    client.get(url)
    assert writer.post(f"{url}/deletion").status_code == 302
    assert bucket(app).files() == {}
    assert list(copies.iterdir()) == []


def test_deletion_without_the_store_deletes_nothing(s3, upload, writer):
    url = upload().json["media"][0]["url"]
    s3.fault = s3_service.cut
    response = writer.post(f"{url}/deletion")
    assert (response.status_code, SILENT in response.text) == (503, True)
    s3.fault = None
    assert writer.get(url).data == PDF


def test_file_that_cannot_be_deleted_is_tidied_up_later(app, s3, context, monkeypatch):
    medium = add()
    s3.fault = s3_service.fail("500 Broken", "POST")
    media.delete(medium["id"], SYSTEM)
    s3.fault = None
    assert set(bucket(app).files()) == {medium["name"]}
    assert len(bucket(app).notes()) == 1
    media.tidy_up()
    assert set(bucket(app).files()) == {medium["name"]}
    monkeypatch.setattr(media_storage, "MAX_UPLOAD_SECONDS", -5)
    assert len(media.leftovers()) == 2
    media.tidy_up()
    assert (bucket(app).files(), bucket(app).notes()) == ({}, {})


def test_files_of_a_process_killed_before_its_row_are_tidied_up(app, context, monkeypatch):
    def die(*_):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(media, "_insert", die)
        with pytest.raises(SystemExit):
            add()
    assert (len(bucket(app).files()), len(bucket(app).notes())) == (1, 1)
    assert media.leftovers() == []
    monkeypatch.setattr(media_storage, "MAX_UPLOAD_SECONDS", -5)
    media.tidy_up()
    assert (bucket(app).files(), bucket(app).notes()) == ({}, {})


def test_note_of_a_stored_file_goes_and_the_file_stays(app, context, monkeypatch):
    medium = add()
    media_storage.store().add_note(medium["hash"])
    monkeypatch.setattr(media_storage, "MAX_UPLOAD_SECONDS", -5)
    media.tidy_up()
    assert set(bucket(app).files()) == {medium["name"]}
    assert bucket(app).notes() == {}


def test_upload_that_took_too_long_is_given_up(context, monkeypatch):
    monkeypatch.setattr(media_storage, "MAX_UPLOAD_SECONDS", -5)
    with pytest.raises(errors.Unavailable, match="The upload took too long"):
        add()


def test_same_file_is_uploaded_by_many_at_once(app):
    def run(user_id):
        with app.app_context():
            added.append(add(user_id=user_id)["id"])

    added = []
    threads = [threading.Thread(target=run, args=(number % 2 + 1,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(added), len(set(added))) == (4, 1)
    assert len(bucket(app).files()) == 1
    assert bucket(app).notes() == {}


def test_server_tidies_up_in_the_process_that_serves(app, s3, context, runner, monkeypatch, caplog):
    bucket(app).add_note("0" * 32)
    monkeypatch.setattr(media_storage, "MAX_UPLOAD_SECONDS", -5)
    s3.requests.clear()
    assert runner.invoke(args=["init-db"]).exit_code == 0
    assert s3.requests == []
    s3.fault = s3_service.cut
    media.tidy_up_bucket()
    assert f"Media could not be tidied up: {SILENT}" in caplog.text
    s3.fault = None
    media.tidy_up_bucket()
    assert bucket(app).notes() == {}


def test_doctor_lists_what_is_wrong_in_the_bucket(app, runner, monkeypatch):
    with app.app_context():
        medium = add()
        bucket(app).delete([medium["name"]])
        bucket(app).write("mine.txt", b"x")
        bucket(app).add_note("0" * 32)
    monkeypatch.setattr(media_storage, "MAX_UPLOAD_SECONDS", -5)
    output = runner.invoke(args=["doctor"]).output
    assert f"a.pdf is missing: {medium['name']}." in output
    assert "1 file in the bucket blog-" in output
    assert "1 file of killed uploads or deletions is left in the bucket blog-" in output


def test_doctor_says_that_the_store_fails(s3, runner):
    s3.fault = s3_service.fail("403 Forbidden")
    output = runner.invoke(args=["doctor"]).output
    assert "The media store refuses access. Check the credentials of the blog." in output
    assert "Check the setting MEDIA" in output


def test_doctor_cannot_repair_without_the_store(app, runner, monkeypatch):
    def fail():
        raise errors.Unavailable(SILENT)

    with app.app_context():
        bucket(app).add_note("0" * 32)
    monkeypatch.setattr(media_storage, "MAX_UPLOAD_SECONDS", -5)
    monkeypatch.setattr(media, "tidy_up", fail)
    output = runner.invoke(args=["doctor", "--fix"]).output
    assert f"It could not be repaired. {SILENT}" in output


def test_export_and_static_pages_contain_the_files(app, runner, upload, draw, write, tmp_path):
    name = upload(draw(), "sea.png").json["media"][0]["url"].rpartition("/")[2]
    write("With a picture", f"![Sea](/media/{name})")
    with app.app_context(), media_storage.store().open(name).file as file:
        content = file.read()
    assert runner.invoke(args=["export", str(tmp_path / "out")]).exit_code == 0
    assert (tmp_path / "out" / "static" / "media" / name).read_bytes() == content
    assert runner.invoke(args=["export", str(tmp_path / "out.zip")]).exit_code == 0
    frozen = ["freeze", str(tmp_path / "site"), "--url", "https://blog.example"]
    assert runner.invoke(args=frozen).exit_code == 0
    assert (tmp_path / "site" / "media" / name).read_bytes() == content
