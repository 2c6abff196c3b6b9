"""Time a list of posts in the API beside the HTML page, and the memory of an export.

`python tests/benchmarks/api.py --posts 100000` fills a blog by plain SQL and prints the CPU time of
one request in milliseconds, and by how much the export raised the peak of the process's memory.
"""

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path
from statistics import median

import pages

from flaskr import create_app
from flaskr.models import tokens
from flaskr.models.permissions import SYSTEM

ROUNDS = 50
REQUESTS = {
    "HTML page": "/",
    "list": "/api/v1/posts",
    "list of 10, with the text": "/api/v1/posts?limit=10&include=body",
    "list of a tag and an author": "/api/v1/posts?tag=baking&author=ada",
    "list of a rare tag": "/api/v1/posts?tag=rare",
    "list of an author": "/api/v1/posts?author=ada",
    "list of a rare tag, in HTML": "/tag/rare",
    "deep in the list": "/api/v1/posts?before=2000-01-05T00:00:00~96",
    "one post": "/api/v1/posts/1",
}


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=1_000)
    posts = parser.parse_args().posts
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FLASKR_INSTANCE_PATH"] = folder
        pages.fill(Path(folder), posts)
        for megabytes in (64, 0):
            app = create_app({"PAGE_CACHE_MB": megabytes})
            for name, path in REQUESTS.items():
                milliseconds = time_request(app, path)
                print(f"{name:28} {'cached' if megabytes else 'uncached':9} {milliseconds:8.3f} ms")
        print(f"export: {export(app):,.0f} KiB more memory")


def time_request(app, path: str) -> float:
    """Return the median CPU time of a request."""
    client, times = app.test_client(), []
    for _ in range(ROUNDS):
        start = time.thread_time()
        response = client.get(path)
        times.append(time.thread_time() - start)
        assert response.status_code == 200, response.text
    return median(times) * 1000


def export(app) -> float:
    """Return by how many kibibytes an export raises the peak of memory."""
    with app.app_context():
        owner = {**SYSTEM, "id": 1}
        secret = tokens.create(owner, name="export", scopes=["read"])
    client = app.test_client()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    headers = {"Authorization": f"Bearer {secret}"}
    response = client.get("/api/v1/export", headers=headers, base_url="https://localhost")
    lines = sum(chunk.count(b"\n") for chunk in response.response)
    print(f"export: {lines:,} lines")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before


if __name__ == "__main__":
    main()
