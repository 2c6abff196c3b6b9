import io
import json
import re
import time
import zipfile
from pathlib import Path

import pytest

from flaskr.db import get_db
from flaskr.models import users
from flaskr.site_import import background
from flaskr.site_import import importing

JSON = {"Accept": "application/json"}


@pytest.fixture
def owner(empty_app):
    with empty_app.app_context():
        users.register("ada", "secret-secret", password_min_length=8)
    client = empty_app.test_client()
    client.post("/auth/login", data={"username": "ada", "password": "secret-secret"})
    return client


def zipped(**files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"{name}.md", content)
    stream.seek(0)
    return stream


def upload(client, stream, name="blog.zip", **fields):
    return client.post("/settings/import", data={"site": (stream, name), **fields})


def wait(client):
    for _ in range(1200):
        state = client.get("/settings/import", headers=JSON).json
        if not state.get("running"):
            return state
        time.sleep(0.05)
    raise AssertionError("The import does not end.")


def titles(app):
    with app.app_context():
        return [row["title"] for row in get_db().execute("SELECT title FROM post ORDER BY id")]


def test_zip_is_imported(empty_app, owner):
    response = upload(owner, zipped(a="---\ntitle: A\n---\nText", b="---\ndraft: 1\n---\nB"))
    assert response.location == "/settings/import"
    state = wait(owner)
    assert state["report"]["summary"] == "2 files: 1 post, 1 draft."
    assert titles(empty_app) == ["A", "B"]
    page = owner.get("/settings/import").text
    assert re.search(r'<p role="status">Imported 2 posts', page)
    assert "b.md: It is a draft now" in page
    with owner.get("/settings/import/report") as whole:
        assert "# Import report" in whole.text
    assert not list(Path(empty_app.instance_path, "import").glob("blog*"))


def test_dry_run_stores_nothing(empty_app, owner):
    upload(owner, zipped(a="A"), dry_run="1")
    assert wait(owner)["report"]["outcome"].startswith("Would import 1 post")
    assert titles(empty_app) == []
    assert owner.get("/settings/import/report").status_code == 404


def test_same_zip_again_updates_its_posts(empty_app, owner):
    for text in ("Text", "More"):
        upload(owner, zipped(a=f"---\ntitle: A\n---\n{text}"))
        wait(owner)
    assert titles(empty_app) == ["A"]


def test_no_file_is_asked_for(owner):
    response = owner.post("/settings/import")
    assert 'role="alert">Choose a zip file first.' in response.text


def test_broken_zip_is_reported(owner):
    response = upload(owner, io.BytesIO(b"no zip"))
    assert 'role="alert">This is no zip file, or it is damaged.' in response.text
    assert "running" not in owner.get("/settings/import", headers=JSON).json


def test_what_is_left_out_of_a_zip_is_reported(owner):
    upload(owner, zipped(**{"a": "A", "../b": "B"}))
    wait(owner)
    page = owner.get("/settings/import").text
    assert "Left out of the zip (1)" in page
    assert "../b.md: Its path leads out of the zip." in page


def test_zip_that_is_being_unpacked_keeps_others_out(owner, monkeypatch):
    answers = []

    def unpack(*_):
        answers.append(upload(owner, zipped(a="A")).text)
        raise background.errors.Unavailable("Full.")

    monkeypatch.setattr(background.uploads, "unpack", unpack)
    assert "Full." in upload(owner, zipped(a="A")).text
    assert "An import is running." in answers[0]


def test_too_large_zip_is_refused(empty_app, owner, monkeypatch):
    monkeypatch.setattr("flaskr.web.security.max_upload_bytes", lambda _: 100)
    response = upload(owner, io.BytesIO(bytes(1000)))
    assert response.status_code == 413
    assert "The file is too large." in response.text


def write_state(app, **values):
    folder = Path(app.instance_path, "import")
    folder.mkdir(exist_ok=True)
    (folder / background.STATE_FILE).write_text(json.dumps(values))


def test_running_import_shows_its_progress(empty_app, owner):
    write_state(empty_app, running=True, phase="Files", done=3, total=9, updated=time.time())
    page = owner.get("/settings/import").text
    assert '<p role="status">Files: 3 of 9</p>' in page
    assert '<progress max="9" value="3"' in page
    assert "An import is running." in upload(owner, zipped(a="A")).text


def test_import_whose_process_died_can_be_started_again(empty_app, owner):
    write_state(empty_app, running=True, phase="Files", updated=0)
    assert "The import has stopped." in owner.get("/settings/import").text
    assert upload(owner, zipped(a="A")).status_code == 302
    wait(owner)


@pytest.mark.parametrize("content", ("", "[]", "{"))
def test_damaged_state_is_no_state(empty_app, owner, content):
    write_state(empty_app)
    Path(empty_app.instance_path, "import", background.STATE_FILE).write_text(content)
    assert owner.get("/settings/import", headers=JSON).json == {}


@pytest.mark.parametrize("error", (background.errors.Unavailable("Full."), ZeroDivisionError()))
def test_failed_import_says_so(owner, monkeypatch, error):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(importing, "run", fail)
    upload(owner, zipped(a="A"))
    assert wait(owner)["error"] in ("Full.", "The import failed. The log says why.")
    assert 'role="alert"' in owner.get("/settings/import").text
