import io

import pytest

from flaskr.backups import archives
from flaskr.backups import creation
from flaskr.backups import current_blog
from flaskr.backups import records
from flaskr.models import users


@pytest.fixture
def owner(app, writer):
    with app.app_context():
        users.set_role("test", "owner")
    return writer


@pytest.fixture
def blog(app):
    with app.app_context():
        return current_blog()


def test_owner_downloads_a_backup_with_the_password(owner):
    response = owner.post("/settings/backup", data={"password": "test"})
    assert response.mimetype == "application/gzip"
    assert response.headers["Cache-Control"] == "no-store"
    assert "attachment; filename=flaskr-backup-" in response.headers["Content-Disposition"]
    received = []
    archives.read(io.BytesIO(response.data), lambda name, chunks: received.append((name, *chunks)))
    assert "flaskr.sqlite" in {name for name, *_ in received}
    assert "secret_key" not in {name for name, *_ in received}


def test_secret_key_is_added_if_the_owner_wants_it(owner):
    form = {"password": "test", "with_secrets": "1"}
    received = []
    backup = io.BytesIO(owner.post("/settings/backup", data=form).data)
    archives.read(backup, lambda name, chunks: received.append((name, *chunks)))
    assert "secret_key" in {name for name, *_ in received}


@pytest.mark.parametrize("password", ("wrong", "", "\0", "x" * 5000))
def test_wrong_password_downloads_nothing(owner, browse, password):
    response = owner.post("/settings/backup", data={"password": password})
    assert response.mimetype == "text/html"
    assert '<p class="flash error" id="password-error" role="alert">Incorrect' in response.text


def test_passwords_cannot_be_guessed(owner, app):
    app.config["RATELIMIT_ENABLED"] = True
    statuses = {owner.post("/settings/backup").status_code for _ in range(11)}
    assert statuses == {200, 429}


def test_disk_error_has_a_page_of_its_own(owner, monkeypatch):
    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(creation.scratch.tempfile, "mkdtemp", fail)
    response = owner.post("/settings/backup", data={"password": "test"})
    assert (response.status_code, "The disk is full." in response.text) == (503, True)


def test_page_shows_the_last_backup(app, owner, browse, blog, tmp_path):
    sentence = "No backup has been stored here yet. Downloads do not count."
    assert sentence in browse("/settings/backup").texts("main p")
    with app.app_context():
        made = creation.write(blog, tmp_path / "a.tar.gz")
    page = browse("/settings/backup")
    assert page.texts("section code")[:2] == [str(made.file), "BACKUP_DIR"]
    made.file.unlink()
    assert browse("/settings/backup").texts("section .notice") == ["The file is no longer there."]


def test_page_shows_why_the_last_backup_failed(owner, browse, blog):
    records.add_error(blog.instance, "The disk is full.")
    (text,) = browse("/settings/backup").texts("main .error")
    assert text.endswith("failed: The disk is full.")


def test_page_tells_how_often_backups_are_made(app, owner, browse):
    app.config.update(BACKUP_DIR="/somewhere", BACKUP_EVERY=1, BACKUP_KEEP=1)
    assert "A backup is made every hour. The newest one is kept." in browse("/settings/backup")
    app.config.update(BACKUP_EVERY=24, BACKUP_KEEP=7)
    assert "A backup is made every 24 hours. The newest 7 are kept." in browse("/settings/backup")


def test_settings_lead_to_the_page(owner, browse):
    assert browse("/settings").select('main a[href="/settings/backup"]')
