import re

import pytest

from flaskr import create_app
from flaskr.web import static_files


def addresses(page):
    return re.findall(r'(?:href|src)="(/static/[^"]+)"', page)


def test_hashed_urls_are_immutable(client):
    found = addresses(client.get("/").text)
    assert len(found) == 4
    for address in found:
        answer = client.get(address)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.status_code == 200


@pytest.mark.parametrize("path", ("/static/style.css", "/static/0123456789ab/style.css"))
def test_other_urls_send_the_current_file_and_are_revalidated(client, path):
    answer = client.get(path)
    assert "--paper" in answer.text
    assert answer.headers["Cache-Control"] == "no-cache"
    etag = answer.headers["ETag"]
    with client.get(path, headers={"If-None-Match": etag}) as again:
        assert again.status_code == 304


def test_missing_file_is_not_immutable(client):
    address = addresses(client.get("/").text)[0].rpartition("/")[0] + "/none.css"
    answer = client.get(address)
    assert answer.status_code == 404
    assert "immutable" not in answer.headers["Cache-Control"]


def test_hash_changes_with_the_files(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "one.css").write_text("a")
    before = static_files.hash_folders(tmp_path)
    (tmp_path / "folder" / "one.css").write_text("b")
    assert static_files.hash_folders(tmp_path) != before


def test_debug_mode_uses_no_hash(monkeypatch):
    monkeypatch.setenv("FLASK_DEBUG", "1")
    with create_app({"TESTING": True}).test_request_context() as context:
        assert context.app.url_for("static", filename="style.css") == "/static/style.css"
