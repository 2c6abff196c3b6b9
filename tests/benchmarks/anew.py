"""Time pages rendered for a visitor without the page cache, and opening a connection.

Run `python tests/benchmarks/anew.py --posts 1000`. `--cpu` measures processor time instead of wall
time, for use on a busy machine.
"""

import argparse
import os
import re
import tempfile
import time
from pathlib import Path
from statistics import median

import pages

from flaskr import create_app
from flaskr import db

clock = time.perf_counter


def main() -> None:
    """Fill a blog and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--cpu", action="store_true")
    options = parser.parse_args()
    if options.cpu:
        globals()["clock"] = time.thread_time
    with tempfile.TemporaryDirectory() as folder:
        pages.fill(Path(folder), options.posts)
        os.environ["FLASKR_INSTANCE_PATH"] = folder
        measure(options.rounds)


def measure(rounds: int) -> None:
    """Request each page in turn, several times."""
    app = create_app({"PAGE_CACHE_MB": 0})
    client = app.test_client(use_cookies=False)
    post = re.search(r'<h2[^>]*><a[^>]* href="([^"]+)"', client.get("/").text)
    assert post
    paths = ["/", post[1], "/tag/baking", "/archive", "/feed.xml", "/search?q=post"]
    seconds: dict[str, list[float]] = {path: [] for path in ["open a connection", *paths]}
    for _ in range(rounds):
        with app.app_context():
            began = clock()
            db.get_db().execute("SELECT 1 FROM post LIMIT 1").fetchone()
            seconds["open a connection"].append(clock() - began)
        for path in paths:
            began = clock()
            client.get(path)
            seconds[path].append(clock() - began)
    for name, measured in seconds.items():
        print(f"  {name:<20} {median(measured) * 1000:7.2f} ms")


if __name__ == "__main__":
    main()
