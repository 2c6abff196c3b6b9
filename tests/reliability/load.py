"""Let many people write and read at once, and print how long each had to wait.

`python tests/reliability/load.py --writers 16 --readers 32 --seconds 60 --stalled 200` starts
`flaskr serve --workers 2`. Every person waits for a response, pauses and goes on. No response may
be a server error, and no log line may say that the database is locked.
`tests/reliability/test_load.py` runs a short version.
"""

import argparse
import itertools
import random
import statistics
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

try:
    from . import slow_clients
    from .blogs import Blog
    from .blogs import Client
except ImportError:  # run as a program
    import slow_clients
    from blogs import Blog
    from blogs import Client

PATHS = ("/", "/archive", "/feed.atom", "/search?q=paragraph", "/tag", "/posts/all")
AUTOSAVES = 5
TEXT = "A paragraph of a post that grows while it is written. "


class Result(NamedTuple):
    """Durations in seconds, and the number of responses by status."""

    saves: list[float]
    reads: list[float]
    statuses: Counter[int]


def run(
    folder: Path, *, writers: int, readers: int, seconds: float, pause: float, stalled: int = 0
) -> Result:
    """Start a blog, let people write and read, and return what they saw."""
    blog = Blog(folder, "--workers", "2")
    blog.create()
    blog.start()
    with Client(blog) as client:
        cookie = client.log_in()
    result = Result([], [], Counter())
    end = time.monotonic() + seconds
    people = [
        *(
            threading.Thread(target=write, args=(blog, cookie, n, pause, end, result))
            for n in range(writers)
        ),
        *(
            threading.Thread(target=read, args=(blog, n, pause, end, result))
            for n in range(readers)
        ),
    ]
    with ExitStack() as stack:
        stack.callback(blog.stop)
        if stalled:
            stack.enter_context(slow_clients.stalled(blog.port, [*slow_clients.KINDS], stalled))
        for person in people:
            person.start()
        for person in people:
            person.join()
    assert "locked" not in blog.log.read_text()
    assert blog.query("PRAGMA integrity_check") == [("ok",)]
    return result


def write(blog: Blog, cookie: str, number: int, pause: float, end: float, result: Result) -> None:
    """Write posts: autosave each a few times, publish it, and begin another."""
    rng = random.Random(number)  # the same every time
    posts = itertools.takewhile(lambda _: time.monotonic() < end, itertools.count(1))
    with Client(blog, cookie) as client:
        for post in posts:
            write_post(client, rng, f"{number:011}{post:011}", pause, result)


def write_post(client: Client, rng: random.Random, key: str, pause: float, result: Result) -> None:
    """Write a post with a few autosaves, and publish it."""
    title, body, base = f"Post {key}", "", ""
    for _ in range(AUTOSAVES):
        body += TEXT * rng.randrange(1, 10)
        began = time.perf_counter()
        status, answer = client.save(key, title=title, body=body, base=base)
        result.saves.append(time.perf_counter() - began)
        result.statuses[status] += 1
        base = str(answer.get("base", base))
        time.sleep(pause * rng.uniform(0.5, 1.5))
    began = time.perf_counter()
    status, _ = client.submit("/create", title=title, body=body, key=key)
    result.saves.append(time.perf_counter() - began)
    result.statuses[status] += 1


def read(blog: Blog, number: int, pause: float, end: float, result: Result) -> None:
    """Read one page after the other."""
    rng = random.Random(-number)  # the same every time
    with Client(blog) as client:
        while time.monotonic() < end:
            began = time.perf_counter()
            status, _ = client.ask("GET", rng.choice(PATHS))
            result.reads.append(time.perf_counter() - began)
            result.statuses[status] += 1
            time.sleep(pause * rng.uniform(0.5, 1.5))


def describe(name: str, durations: list[float]) -> str:
    """Return a line with the number of durations, their median and their 99th percentile."""
    percentiles = statistics.quantiles(durations, n=100)
    return (
        f"{len(durations)} {name}: median {percentiles[49] * 1000:.0f} ms,"
        f" p99 {percentiles[98] * 1000:.0f} ms, longest {max(durations) * 1000:.0f} ms"
    )


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--writers", type=int, default=16)
    parser.add_argument("--readers", type=int, default=32)
    parser.add_argument("--stalled", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pause", type=float, default=0.2, help="seconds between requests")
    options = vars(parser.parse_args())
    with tempfile.TemporaryDirectory() as folder:
        result = run(Path(folder, "blog"), **options)
    print(describe("saves", result.saves))
    print(describe("reads", result.reads))
    print("Statuses:", dict(sorted(result.statuses.items())))


if __name__ == "__main__":
    main()
