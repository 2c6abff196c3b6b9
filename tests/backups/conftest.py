"""A blog with something of everything, and backups of it, good and bad."""

import gzip
import hashlib
import io
import json
import tarfile

import pytest

from flaskr import create_app
from flaskr.backups import archives
from flaskr.backups import creation
from flaskr.backups import current_blog
from flaskr.models import media
from flaskr.models import users

INFO = {"format": 1, "flaskr": "0.6.0", "created": "2026-01-02 03:04:05", "bytes": 1}


@pytest.fixture
def upload(app, draw):
    """Uploads a picture of a color and returns its row."""

    def upload(color):
        with app.app_context():
            content = draw(colours=(color,))
            return media.add(content, name=f"{color}.png", user_id=1, max_bytes=10**6)

    return upload


@pytest.fixture
def blog(app, instance_path, upload, write):
    """A blog with posts, an owner, a file, settings, a template and a secret key."""
    with app.app_context():
        users.set_role("test", "owner")
    upload("teal")
    write("Second", body="**Bold** text")
    (instance_path / "config.py").write_text("SITE_TITLE = 'Mine'\n")
    (instance_path / "templates" / "blog").mkdir(parents=True)
    (instance_path / "templates" / "blog" / "extra.html").write_text("extra")
    with app.app_context():
        return current_blog()


@pytest.fixture
def make(blog):
    """Returns a backup of the blog as a file in memory."""

    def make(**options):
        return io.BytesIO(b"".join(creation.Backup(blog, **options).chunks()))

    return make


@pytest.fixture
def open_app(monkeypatch):
    """Creates the application of the blog in a folder."""

    def open_app(folder, **config):
        with monkeypatch.context() as patch:
            patch.setenv("FLASKR_INSTANCE_PATH", str(folder))
            return create_app({"TESTING": True, "PROPAGATE_EXCEPTIONS": False, **config})

    return open_app


def names(backup):
    """Return the names of the members, as `tar` lists them."""
    with tarfile.open(fileobj=io.BytesIO(backup.getvalue())) as archive:
        return archive.getnames()


def content(backup, name):
    with tarfile.open(fileobj=io.BytesIO(backup.getvalue())) as archive:
        return archive.extractfile(name).read()


def forge(files, *, info=None, manifest=None, members=()):
    """Return a backup with a right trailer, whatever is in it."""
    files = {archives.INFO: json.dumps(info or INFO).encode(), **files}
    listed = {
        name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in files.items()
    }
    manifest = {"members": listed, "counts": {}, "missing": [], **(manifest or {})}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files.items():
            _add(archive, name, data)
        for member in members:
            archive.addfile(member)
        _add(archive, archives.MANIFEST, json.dumps(manifest).encode())
    return seal(out.getvalue())


def _add(archive, name, data):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    archive.addfile(info, io.BytesIO(data))


def seal(tar):
    """Return a tar archive as a backup."""
    body = gzip.compress(tar)
    digest = hashlib.sha256(body).digest()
    return io.BytesIO(body + archives.TRAILER_START + digest + archives.TRAILER_END)
