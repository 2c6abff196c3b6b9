"""Measure the requests a second of pages, and compare them with the same server's limits.

A blog of each size is filled by plain SQL and served by `flaskr serve` with one worker: with the
page cache, with the page cache but without the mapped WAL index (each request then reads `PRAGMA
data_version`), and without the page cache. For comparison there are bare applications that return
the same bytes and headers from memory over RSGI, the interface of `serve`, and over WSGI; Flask's
"hello"; and nginx, if installed, with the page as a file. All are measured in turn, round after
round, so that the load of the machine affects each of them, and medians are compared. Only the
ratios mean something on another machine. Nothing here passes or fails.
"""

import http.client
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from contextlib import ExitStack
from contextlib import closing
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median

CONNECTIONS = 8
BODY = "Some **words** that make up a post of a usual length, with `code` in them.\n\n" * 27
GRANIAN = ("--workers", "1", "--no-ws", "--http", "1")
THREADS = 4
BARE = """
import json, pathlib
folder = pathlib.Path({folder!r})
pages = dict(json.loads((folder / "pages.json").read_text()))
pages = {{path: (headers, (folder / name).read_bytes()) for path, (headers, name) in pages.items()}}

def find(path, query):
    headers, body = pages[path + ("?" + query if query else "")]
    return [tuple(header) for header in headers], body

def wsgi(environ, start_response):
    headers, body = find(environ["PATH_INFO"], environ.get("QUERY_STRING"))
    start_response("200 OK", headers)
    return [body]

async def rsgi(scope, protocol):
    headers, body = find(scope.path, scope.query_string)
    protocol.response_bytes(200, headers, body)
"""
HELLO = """
from flask import Flask
app = Flask(__name__)
app.route("/")(lambda: "Hello, World!")
"""
# The worker of the server is a fork, so the replacement applies to it as well.
WITHOUT_MAP = """
from flaskr import create_app
from flaskr.page_cache import wal_index
wal_index.find = lambda database, file: None
"""
NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 64; }}
http {{
  access_log off;
  sendfile on;
  keepalive_requests 1000000000;
  server {{ listen 127.0.0.1:{port}; root {folder}; default_type text/html; }}
}}
"""
CONTENT = "UPDATE post SET updated = datetime('now') WHERE id = 1"
OTHER = "INSERT INTO throttle (key, hits, ends) VALUES (hex(randomblob(8)), 1, datetime('now'))"
SEARCH = "/search?q=post+length"
COMMITS = ((1, CONTENT), (10, CONTENT), (50, CONTENT), (50, OTHER))


def measure(posts: int, seconds: int, rounds: int, threads: int = THREADS) -> dict[str, float]:
    """Return the median requests a second of each page and server, for a blog of this size."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        fill(Path(folder), posts)

        def start(*options: str, app: str = "flaskr", **variables: str) -> int:
            blog = serve(folder, "--threads", str(threads), *options, app=app, **variables)
            return servers.enter_context(blog)

        def start_bare(interface: str, application: str, *options: str) -> int:
            return servers.enter_context(serve_bare(folder, interface, application, *options))

        blog = start()
        silent = start("--no-access-log")
        uncached = start(FLASKR_PAGE_CACHE_MB="0")
        paths = pages_to_ask(blog)
        keep(Path(folder), blog, paths)
        bare = start_bare("rsgi", "bare:rsgi")
        bare_wsgi = start_bare("wsgi", "bare:wsgi", "--blocking-threads", str(threads))
        hello = start_bare("wsgi", "hello:app", "--blocking-threads", str(threads))
        without_map = start(app="without_map:create_app")
        etag = dict(ask(blog, "/")[0])["etag"]
        asked = {"hello": partial(load, hello, "/", seconds)}
        for page, path in paths.items():
            asked[f"{page}, cached"] = partial(load, blog, path, seconds)
            asked[f"{page}, uncached"] = partial(load, uncached, path, seconds)
            asked[f"{page}, bare"] = partial(load, bare, path, seconds)
        asked["front, bare WSGI"] = partial(load, bare_wsgi, "/", seconds)
        asked["front, cached, no access log"] = partial(load, silent, "/", seconds)
        asked["front, cached, by PRAGMA"] = partial(load, without_map, "/", seconds)
        asked["search, uncached"] = partial(load, blog, SEARCH, seconds)
        if shutil.which("nginx"):
            files = servers.enter_context(serve_files(Path(folder)))
            asked["front, nginx"] = partial(load, files, "/front", seconds)
        asked["front, 304"] = partial(load, blog, "/", seconds, f"If-None-Match:{etag}")
        asked["front, gzip"] = partial(load, blog, "/", seconds, "Accept-Encoding:gzip")
        for often, statement in COMMITS:
            name = "content" if statement is CONTENT else "other"
            asked[f"front, {often} {name} commits a second"] = partial(
                load_beside_writer, Path(folder), statement, often, blog, "/", seconds
            )
        speeds: dict[str, list[float]] = {name: [] for name in asked}
        for _ in range(rounds):
            for name, once in asked.items():
                speeds[name].append(once())
    return {name: median(measured) for name, measured in speeds.items()}


def load_beside_writer(
    folder: Path, statement: str, often: int, port: int, path: str, seconds: int
) -> float:
    """Return the requests a second while a writer commits so many times a second."""
    over = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(folder / "flaskr.sqlite", timeout=30)) as db:
            while not over.wait(1 / often):
                with db:
                    db.execute(statement)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        return load(port, path, seconds)
    finally:
        over.set()
        writer.join()


@contextmanager
def serve_files(folder: Path) -> Iterator[int]:
    """Run nginx with the pages as files and yield its port."""
    port = free_port()
    # nginx reads as another user if root starts it.
    folder.chmod(0o755)
    (folder / "nginx.conf").write_text(NGINX.format(port=port, folder=folder))
    server = subprocess.Popen(
        [shutil.which("nginx") or "", "-p", str(folder), "-c", str(folder / "nginx.conf")],
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=30)


def fill(folder: Path, posts: int) -> None:
    """Create a blog in the folder with posts an hour apart, a third of them tagged."""
    init_db(folder)
    with sqlite3.connect(folder / "flaskr.sqlite") as db:
        db.execute("INSERT INTO \"user\" (username, password) VALUES ('ada', '!')")
        db.executemany(
            "INSERT INTO post (author_id, created, title, body)"
            " VALUES (1, datetime('2000-01-01', ? || ' hours'), ?, ?)",
            ((number, f"Post {number}", f"{BODY}{number}") for number in range(posts)),
        )
        db.execute("INSERT INTO tag (name, name_key, slug) VALUES ('Baking', 'baking', 'baking')")
        db.execute("INSERT INTO post_tag (post_id, tag_id) SELECT id, 1 FROM post WHERE id % 3 = 0")
        # The oldest posts have a tag that no other has.
        db.execute("INSERT INTO tag (name, name_key, slug) VALUES ('Rare', 'rare', 'rare')")
        db.execute("INSERT INTO post_tag (post_id, tag_id) SELECT id, 2 FROM post WHERE id <= 5")
    db.close()
    # Posts written by plain SQL get their slugs now.
    init_db(folder)


def init_db(folder: Path) -> None:
    """Create or upgrade the database with the command."""
    command = [sys.executable, "-m", "flask", "--app", "flaskr", "init-db"]
    subprocess.run(command, check=True, env=environment(folder), stdout=subprocess.DEVNULL)


def environment(folder: Path | str) -> dict[str, str]:
    """Return the environment variables for a blog in this folder."""
    path = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "FLASKR_INSTANCE_PATH": str(folder), "PYTHONPATH": path}


def serve(folder: str, *options: str, app: str, **variables: str) -> AbstractContextManager[int]:
    """Run `flaskr serve` and yield its port."""
    command = (sys.executable, "-m", "flask", "--app", app, "serve", "--port")
    return running(folder, *command, *options, **variables)


def serve_bare(
    folder: str, interface: str, application: str, *options: str
) -> AbstractContextManager[int]:
    """Run another application on the same server and yield its port."""
    command = (sys.executable, "-m", "granian", *GRANIAN, "--interface", interface)
    return running(folder, *command, "--port", application, *options)


@contextmanager
def running(folder: str, *command: str, **variables: str) -> Iterator[int]:
    """Run a command with a free port after its option `--port` and yield the port."""
    port = free_port()
    place = command.index("--port") + 1
    server = subprocess.Popen(
        [*command[:place], str(port), *command[place:]],
        env={**environment(folder), **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=30)


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    """Return once a server listens on the port."""
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("The server did not start.")


def ask(port: int, path: str) -> tuple[list[tuple[str, str]], str]:
    """Return the headers and the text of a page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{path} answered {answer.status}.")
    return answer.getheaders(), text


def pages_to_ask(port: int) -> dict[str, str]:
    """Return the path of each page to measure, by name."""
    front = ask(port, "/")[1]
    post = re.search(r'<h2[^>]*><a[^>]* href="([^"]+)"', front)
    # The page of the oldest posts, which begins after the sixth post.
    return {
        "front": "/",
        "last": "/?before=2000-01-01T05:00:00~6",
        "post": post[1] if post else "/",
        "tag": "/tag/baking",
        "archive": "/archive",
        "feed": "/feed.xml",
    }


def keep(folder: Path, port: int, paths: dict[str, str]) -> None:
    """Write the bare application and the pages that it returns."""
    kept = {}
    for page, path in paths.items():
        headers, text = ask(port, path)
        (folder / page).write_text(text, encoding="utf-8")
        left = [h for h in headers if h[0].lower() not in ("date", "server", "connection")]
        kept[path] = (left, page)
    (folder / "pages.json").write_text(json.dumps(kept))
    (folder / "bare.py").write_text(BARE.format(folder=str(folder)))
    (folder / "hello.py").write_text(HELLO)
    (folder / "without_map.py").write_text(WITHOUT_MAP)


def load(port: int, path: str, seconds: int, *headers: str) -> float:
    """Return the requests a second, made by another process over a few connections."""
    if shutil.which("wrk"):
        return load_with_wrk(f"http://127.0.0.1:{port}{path}", seconds, *headers)
    command = [sys.executable, str(Path(__file__).with_name("client.py")), str(port), path]
    ran = subprocess.run(
        [*command, str(seconds), *headers], check=True, capture_output=True, text=True
    )
    return float(ran.stdout)


def load_with_wrk(url: str, seconds: int, *headers: str) -> float:
    """Return the requests a second that wrk, a load generator in C, measures."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", url]
    for header in headers:
        command += ["-H", header]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    found = re.search(r"Requests/sec:\s*([\d.]+)", ran.stdout)
    if found is None or "Non-2xx" in ran.stdout:
        raise SystemExit(f"wrk could not measure {url}:\n{ran.stdout}")
    return float(found[1])
