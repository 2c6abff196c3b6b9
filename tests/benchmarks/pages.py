"""How many requests a second the pages answer, beside a bare application on the same server.

Run it with `python tests/benchmarks/pages.py` where the package and its `test` extra are installed;
`--posts 10 1000` chooses the sizes, `--seconds 2` how long each measurement lasts, `--rounds 5`
how many there are. It talks to this machine alone and takes about three minutes as it is.

For each size a blog of its own is filled by plain SQL and served by Granian (WSGI, one worker, four
threads). Beside it, on the same kind of server, runs a bare WSGI application that returns the very
bytes and headers of each page from memory. The two are asked in turn, round after round, so that
what else the machine does meets both, and the medians are compared.

How to read the table: `of bare` is what the page reaches of what the server could do at all;
`of the smallest` is the speed beside the same page of the blog with the fewest posts. That one has
to stay near 1: a page must not get slower because there are more posts. The numbers of requests a
second are this machine's, and nobody else's. Nothing here passes or fails.
"""

import argparse
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
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

CONNECTIONS = 8
BODY = "Some **words** that make up a post of a usual length, with `code` in them.\n\n" * 27
GRANIAN = ("--interface", "wsgi", "--workers", "1", "--blocking-threads", "4", "--no-ws")
BARE = """
import json, pathlib
folder = pathlib.Path({folder!r})
pages = dict(json.loads((folder / "pages.json").read_text()))
pages = {{path: (headers, (folder / name).read_bytes()) for path, (headers, name) in pages.items()}}

def app(environ, start_response):
    query = environ.get("QUERY_STRING")
    headers, body = pages[environ["PATH_INFO"] + ("?" + query if query else "")]
    start_response("200 OK", [tuple(header) for header in headers])
    return [body]
"""


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, nargs="+", default=[10, 1_000, 100_000])
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(f"{'posts':>7}  {'page':<6} {'a second':>9} {'bare':>9} {'of bare':>8} of the smallest")
    smallest: dict[str, float] = {}
    for posts in options.posts:
        for page, speed, bare in measure(posts, options.seconds, options.rounds):
            share = speed / smallest.setdefault(page, speed)
            print(
                f"{posts:>7}  {page:<6} {speed:>9.0f} {bare:>9.0f} {speed / bare:>8.3f} {share:.2f}"
            )


def measure(posts: int, seconds: int, rounds: int) -> Iterator[tuple[str, float, float]]:
    """Each page of a blog with so many posts, its speed and the bare one's: medians."""
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder), posts)
        with serve(folder, "flaskr:create_app", "--factory") as blog:
            paths = pages_to_ask(blog)
            keep(Path(folder), blog, paths)
            with serve(folder, "bare:app") as bare:
                speeds = {(page, port): [] for page in paths for port in (blog, bare)}
                for _ in range(rounds):
                    for (page, port), measured in speeds.items():
                        measured.append(load(port, paths[page], seconds))
                for page in paths:
                    yield page, median(speeds[page, blog]), median(speeds[page, bare])


def fill(folder: Path, posts: int) -> None:
    """Make a blog in the folder, with so many posts an hour apart."""
    init_db(folder)
    with sqlite3.connect(folder / "flaskr.sqlite") as db:
        db.execute("INSERT INTO \"user\" (username, password) VALUES ('ada', '!')")
        db.executemany(
            "INSERT INTO post (author_id, created, title, body)"
            " VALUES (1, datetime('2000-01-01', ? || ' hours'), ?, ?)",
            ((number, f"Post {number}", f"{BODY}{number}") for number in range(posts)),
        )
    db.close()
    # The posts get their addresses.
    init_db(folder)


def init_db(folder: Path) -> None:
    """Make the database ready, as the command does."""
    command = [sys.executable, "-m", "flask", "--app", "flaskr", "init-db"]
    subprocess.run(command, check=True, env=environment(folder), stdout=subprocess.DEVNULL)


def environment(folder: Path | str) -> dict[str, str]:
    """The variables for a blog in this folder."""
    return {**os.environ, "FLASKR_INSTANCE_PATH": str(folder), "PYTHONPATH": str(folder)}


@contextmanager
def serve(folder: str, *application: str) -> Iterator[int]:
    """A server of this application on the port that is given back."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "granian", *GRANIAN, "--port", str(port), *application],
        env=environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_for(port: int) -> None:
    """Return when something listens there."""
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("The server did not start.")


def ask(port: int, path: str) -> tuple[list[tuple[str, str]], str]:
    """The headers and the text of a page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{path} answered {answer.status}.")
    return answer.getheaders(), text


def pages_to_ask(port: int) -> dict[str, str]:
    """The first page, the page with the oldest posts, and the page of a post."""
    front = ask(port, "/")[1]
    post = re.search(r'<h2[^>]*><a href="([^"]+)"', front)
    # Before the twelfth hour there are as many posts as fill a page, and no more.
    return {
        "first": "/",
        "last": "/?before=2000-01-01T10:00:00~11",
        "post": post[1] if post else "/",
    }


def keep(folder: Path, port: int, paths: dict[str, str]) -> None:
    """Write the bare application, and the pages that it returns."""
    kept = {}
    for page, path in paths.items():
        headers, text = ask(port, path)
        (folder / page).write_text(text, encoding="utf-8")
        left = [h for h in headers if h[0].lower() not in ("date", "server", "connection")]
        kept[path] = (left, page)
    (folder / "pages.json").write_text(json.dumps(kept))
    (folder / "bare.py").write_text(BARE.format(folder=str(folder)))


def load(port: int, path: str, seconds: int) -> float:
    """Requests a second, asked by another process over a few connections."""
    if shutil.which("wrk"):
        return load_with_wrk(f"http://127.0.0.1:{port}{path}", seconds)
    command = [sys.executable, str(Path(__file__).with_name("client.py")), str(port), path]
    ran = subprocess.run([*command, str(seconds)], check=True, capture_output=True, text=True)
    return float(ran.stdout)


def load_with_wrk(url: str, seconds: int) -> float:
    """What wrk, a load generator in C, counts."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", url]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    found = re.search(r"Requests/sec:\s*([\d.]+)", ran.stdout)
    if found is None or "Non-2xx" in ran.stdout:
        raise SystemExit(f"wrk could not measure {url}:\n{ran.stdout}")
    return float(found[1])


if __name__ == "__main__":
    main()
