"""Back up a blog while others write, upload and delete, and check each backup.

`python tests/reliability/backups_under_load.py --seconds 20 --writers 4` makes one backup after the
other. Each has to pass `verify`, which includes that no media file of its database is missing, and
its posts have to be a state that the blog was in: writers add their posts in pairs.
"""

import argparse
import io
import os
import random
import sqlite3
import tempfile
import threading
import time
from contextlib import closing
from contextlib import suppress
from pathlib import Path

from flask import Flask
from PIL import Image

from flaskr import create_app
from flaskr import errors
from flaskr.backups import creation
from flaskr.backups import current_blog
from flaskr.backups import verification
from flaskr.db import get_db
from flaskr.db import init_db
from flaskr.db import transaction
from flaskr.models import media
from flaskr.models import posts
from flaskr.models import users
from flaskr.models.permissions import SYSTEM


def main() -> None:
    """Start the writers, and make backups until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--writers", type=int, default=4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FLASKR_INSTANCE_PATH"] = str(Path(folder, "blog"))
        app = create_app()
        with app.app_context():
            init_db()
            users.register("ada", "secret-secret", password_min_length=8)
        end = time.monotonic() + options.seconds
        threads = [
            threading.Thread(target=write, args=(app, end, seed)) for seed in range(options.writers)
        ]
        for thread in threads:
            thread.start()
        made = 0
        while time.monotonic() < end:
            check(app, Path(folder))
            made += 1
        for thread in threads:
            thread.join()
        with app.app_context():
            written = get_db().execute("SELECT count(*) FROM post").fetchone()[0]
        print(f"{made} backups during {written} posts, no fault")


def write(app: Flask, end: float, seed: int) -> None:
    """Add pairs of posts, upload pictures, and delete some of them at once."""
    choose = random.Random(seed)
    while time.monotonic() < end:
        with app.app_context(), suppress(errors.Unavailable):
            with transaction():
                for _ in range(2):
                    posts.create(author_id=1, user=SYSTEM, title="A", body="text")
            color = choose.randbytes(3)
            out = io.BytesIO()
            Image.new("RGB", (60, 40), tuple(color)).save(out, "PNG")
            medium = media.add(out.getvalue(), name="a.png", user_id=1, max_bytes=10**6)
            if choose.random() < 0.7:
                media.delete(medium["id"], SYSTEM)


def check(app: Flask, folder: Path) -> None:
    """Make a backup and verify it."""
    with app.app_context():
        backup = creation.Backup(current_blog())
        stream = io.BytesIO(b"".join(backup.chunks()))
    assert backup.missing == [], backup.missing
    with tempfile.TemporaryDirectory(dir=folder) as unpacked:
        database = Path(unpacked, "flaskr.sqlite")
        found = verification.verify(
            stream,
            Path(unpacked),
            lambda _: create_app({"DATABASE": str(database), "BACKUP_DIR": ""}),
            lambda done: None,
        )
        assert found.faults == [], found.faults
        with closing(sqlite3.connect(database)) as db:
            assert db.execute("SELECT count(*) FROM post").fetchone()[0] % 2 == 0


if __name__ == "__main__":
    main()
