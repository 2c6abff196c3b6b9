"""A disk that fills up or a database that is locked loses no text, and the blog goes on afterwards.

`LOCK_SECONDS=20 pytest tests/reliability/test_faults.py` locks the database for longer.
"""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from threading import Timer

import pytest

from .blogs import Blog
from .blogs import Client

PICTURE_BYTES = 3_000_000
LOCK_SECONDS = float(os.environ.get("LOCK_SECONDS", "0.5"))
# A save waits for so long.
PATIENCE_SECONDS = 5
TEXT = "Typed for an hour. " * 20_000


@pytest.fixture
def small_disk(tmp_path):
    """Return a disk of 4 MB and a function that enlarges it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        mount("-t", "tmpfs", "-o", "size=4m", "none", folder)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("NOT TESTED with a full disk: only root can mount one.")
    yield folder, lambda: mount("-o", "remount,size=60m", folder)
    subprocess.run(["umount", "--lazy", folder], check=True)  # noqa: S607  # wherever it is


def mount(*arguments):
    command = ["mount", *arguments]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def start():
    """Return a function that starts a blog, and the client of its owner."""
    blogs, clients = [], []

    def start(folder, wrapper=()):
        blogs.append(Blog(folder, wrapper=wrapper))
        blogs[0].create()
        blogs[0].start()
        clients.append(Client(blogs[0]))
        clients[0].log_in()
        return blogs[0], clients[0]

    yield start
    for client in clients:
        client.close()
    for blog in blogs:
        blog.kill()


def write_until_refused(client):
    """Publish long posts, and return the first response that is not a redirect."""
    for number in range(60):
        status, page = client.submit("/create", title=f"Post {number}", body=TEXT)
        if status != 302:
            return number, status, page.decode()
    raise AssertionError("The disk is not full.")


def check_that_everything_is_there(blog, count):
    rows = blog.query("SELECT title FROM post WHERE body = ? ORDER BY id", TEXT)
    assert rows == [(f"Post {number}",) for number in range(count)]
    assert blog.query("PRAGMA integrity_check") == [("ok",)]


def test_full_disk_keeps_the_text_in_the_form(small_disk, start):
    folder, enlarge = small_disk
    blog, client = start(folder / "blog")
    written, status, page = write_until_refused(client)
    assert status == 503
    assert "The disk is full." in page
    assert page.count(TEXT.strip()) == 1
    assert client.upload("a.txt", b"a" * PICTURE_BYTES) in (400, 413, 503)
    assert client.ask("GET", "/")[0] == 200
    check_that_everything_is_there(blog, written)
    enlarge()
    assert client.submit("/create", title=f"Post {written}", body=TEXT)[0] == 302
    check_that_everything_is_there(blog, written + 1)


@pytest.mark.skipif(not shutil.which("prlimit"), reason="NOT TESTED with limited files: no prlimit")
def test_limited_files_keep_the_text_in_the_form(tmp_path, start):
    blog, client = start(tmp_path / "blog", wrapper=("prlimit", "--fsize=4000000"))
    written, status, page = write_until_refused(client)
    assert status == 503
    assert page.count(TEXT.strip()) == 1
    assert client.ask("GET", "/")[0] == 200
    client.close()
    blog.kill()
    blog.wrapper = ()
    blog.start()
    assert client.submit("/create", title=f"Post {written}", body=TEXT)[0] == 302
    check_that_everything_is_there(blog, written + 1)


def test_locked_database_delays_a_save_or_gives_the_text_back(tmp_path, start):
    blog, client = start(tmp_path / "blog")
    database = tmp_path / "blog" / "flaskr.sqlite"
    options = {"isolation_level": None, "check_same_thread": False}
    with closing(sqlite3.connect(database, **options)) as other, Client(blog) as visitor:
        other.execute("BEGIN IMMEDIATE")
        unlock = Timer(LOCK_SECONDS, other.execute, ("COMMIT",))
        unlock.start()
        status, page = client.submit("/create", title="Post 0", body=TEXT)
        assert visitor.ask("GET", "/")[0] == 200
        if LOCK_SECONDS > PATIENCE_SECONDS:
            assert (status, page.decode().count(TEXT.strip())) == (503, 1)
            assert "busy with another change" in page.decode()
            unlock.join()
            status, _ = client.submit("/create", title="Post 0", body=TEXT)
        unlock.join()
    assert status == 302
    check_that_everything_is_there(blog, 1)
