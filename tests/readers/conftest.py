"""A blog with everything that feeds tell, and its feeds as files for programs that read them."""

import os
import shutil
import sqlite3
import subprocess

import pytest

from flaskr.models import media
from flaskr.models import posts
from flaskr.models import settings
from flaskr.models.permissions import SYSTEM

BODY = """\
Text with *stress* & a note.[^1]

```python
print("<b>")
```

- [x] done

![A talk](/media/{})

[^1]: The note.
"""
KINDS = ("xml", "atom", "json")


def missing(reason):
    """Skip the test with a message, or fail it in CI."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"Real feed readers are needed, but {reason}")
    pytest.skip(f"NOT TESTED with this feed reader, because {reason}")


def program(name, package):
    """Return the path of a program from a Debian package."""
    return shutil.which(name) or missing(f"{name} is not installed: apt-get install {package}")


@pytest.fixture
def blog(app, draw, write):
    """Write 30 posts, among them a full one, an empty one and one in Arabic."""
    with app.app_context():
        settings.change({"DESCRIPTION": "Bread & <engines>."}, SYSTEM)
        settings.set_icons({"192.png": b"x"}, SYSTEM)
        talk = media.add(b"ID3\x03" + bytes(400), name="a.mp3", user_id=1, max_bytes=9999)
        cover = media.add(draw(), name="a.png", user_id=1, max_bytes=9999)
        for day in range(1, 28):
            write(f"Post {day}", "Text.", day=day, tags=["Bread"], series="Loaves")
        write("", "", day=28, status="draft")
        posts.create(
            author_id=1, user=SYSTEM, title="Empty", body="", created="2020-01-29 00:00:00"
        )
        write("عنوان", "نص", day=30, language="ar", summary="A <summary> & more")
        write(
            "Full & <whole>",
            BODY.format(talk["name"]),
            day=31,
            tags=["Bread", "C++ & <C>"],
            cover=f"/media/{cover['name']}",
            series="Loaves",
        )
    return app


@pytest.fixture
def save(blog, client, tmp_path):
    """Save the response to a path in a file, and return the file."""

    def save(path):
        file = tmp_path / path.strip("/").replace("/", "-")
        file.write_bytes(client.get(path).data)
        return file

    return save


@pytest.fixture
def change_everything(blog):
    """Change what may change without making a post a new one: titles, addresses, texts, tags."""

    def change():
        with blog.app_context():
            settings.change({"SITE_TITLE": "Another title", "POSTS_PER_FEED": "25"}, SYSTEM)
            for post in posts_by_title("Full & <whole>", "Post 27"):
                posts.update(
                    post, SYSTEM, title="Renamed", body="Other words.", address="", tags=["Else"]
                )

    return change


def posts_by_title(*titles):
    from flaskr import db

    marks = ", ".join("?" * len(titles))
    return [row["id"] for row in db.all(f"SELECT id FROM post WHERE title IN ({marks})", *titles)]


@pytest.fixture
def newsboat(tmp_path):
    """Let newsboat fetch a feed from a file, and return its items as it stores them."""
    command = [program("newsboat", "newsboat"), "-C", os.devnull]
    command += ["-u", str(tmp_path / "urls"), "-c", str(tmp_path / "cache.db")]

    def fetch(file):
        (tmp_path / "urls").write_text(f"{file.as_uri()}\n")
        subprocess.run(  # noqa: S603  # our own words
            [*command, "-x", "reload"],
            check=True,
            timeout=60,
            env={**os.environ, "HOME": str(tmp_path), "TERM": "dumb"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
        with sqlite3.connect(tmp_path / "cache.db") as cache:
            cache.row_factory = sqlite3.Row
            items = cache.execute("SELECT * FROM rss_item ORDER BY pubDate DESC").fetchall()
            cache.execute("UPDATE rss_item SET unread = 0")
        cache.close()
        return items

    return fetch


@pytest.fixture
def sfeed():
    """Let a program of sfeed read bytes, and return its lines as lists of their fields."""

    def run(name, content, *arguments):
        done = subprocess.run(  # noqa: S603  # our own words
            [program(name, "sfeed"), *arguments],
            input=content,
            check=True,
            timeout=60,
            capture_output=True,
        )
        return [line.split("\t") for line in done.stdout.decode().splitlines()]

    return run
