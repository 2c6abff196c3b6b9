"""Measure an import, the memory of the server, its start, and concurrent writers.

Run `python tests/benchmarks/costs.py --posts 100000`; `--only` selects measurements. Each run also
measures a baseline where there is one: bare inserts of the same texts into the tutorial's table for
the import, an empty Flask application for the start, and a single writer.
"""

import argparse
import json
import multiprocessing
import os
import random
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.parse import quote

import pages
import search

WRITERS = 8
SECONDS = 5
COSTS = ("import", "memory", "start", "writes")
TUTORIAL = """
CREATE TABLE post (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  author_id INTEGER NOT NULL,
  created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  title TEXT NOT NULL,
  body TEXT NOT NULL
)
"""
PROGRAM = """
import time
wall, cpu = time.perf_counter(), time.process_time()
{}
print(time.perf_counter() - wall, time.process_time() - cpu)
"""
STARTS = {
    "flaskr": "import flaskr; flaskr.create_app()",
    "an empty Flask application": "import flask; flask.Flask('empty')",
}


def main() -> None:
    """Run the selected measurements."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=COSTS, default=COSTS)
    options = parser.parse_args()
    report(options.posts, options.rounds, options.only)


def report(posts: int, rounds: int, only: tuple[str, ...] = COSTS) -> None:
    """Measure and print the figures."""
    if "start" in only:
        print_start(rounds)
    if "writes" in only:
        print_writes()
    if "import" in only or "memory" in only:
        with tempfile.TemporaryDirectory() as folder:
            print_import(Path(folder), posts)
            if "memory" in only:
                print_memory(folder, posts)


def print_start(rounds: int) -> None:
    """Print the time to create the application and an empty one."""
    with tempfile.TemporaryDirectory() as folder:
        # The first run writes the bytecode, as an installation does.
        _, *runs = (
            {name: run(program, folder) for name, program in STARTS.items()}
            for _ in range(rounds + 1)
        )
    wall, cpu = (
        {name: median(times[name][kind] for times in runs) for name in STARTS} for kind in range(2)
    )
    own, empty = STARTS
    print(
        f"start: {wall[own]:.2f} s, {cpu[own]:.2f} s of CPU;"
        f" {wall[own] / wall[empty]:.1f} times that of {empty} ({wall[empty]:.2f} s)"
    )


def run(program: str, folder: str) -> tuple[float, float]:
    """Return the wall and processor seconds of a program in a new Python, without its start."""
    variables = pages.environment(folder) | {"PYTHONPYCACHEPREFIX": folder}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(program)],
        check=True,
        capture_output=True,
        text=True,
        env=variables,
    )
    wall, cpu = map(float, ran.stdout.split())
    return wall, cpu


class Post(NamedTuple):
    """A post for the bare inserts."""

    created: str
    title: str
    body: str


def print_import(folder: Path, posts: int) -> None:
    """Import files of two kilobytes: first a tenth of them, then all into another blog."""
    files = folder / "files"
    texts = list(write_files(files, posts))
    bare = insert_bare(folder / "bare.sqlite", texts)
    for number in sorted({max(1, posts // 10), posts}):
        blog = folder / f"blog-{number}"
        pages.init_db(blog)
        some = folder / f"files-{number}"
        some.mkdir()
        for file in sorted(files.iterdir())[:number]:
            os.link(file, some / file.name)
        seconds, cpu, memory = imported(blog, some)
        least = bare * number / posts
        print(
            f"import of {number} posts: {seconds:.1f} s, {cpu:.1f} s of CPU, at most"
            f" {memory:.0f} MB of memory; {seconds / least:.0f} times bare inserts ({least:.2f} s)",
            flush=True,
        )
    for file in (folder / f"blog-{posts}").glob("flaskr.sqlite*"):
        file.rename(folder / file.name)


def write_files(folder: Path, posts: int) -> Iterator[Post]:
    """Write Markdown files with front matter, three tags and words as frequent as in a language."""
    folder.mkdir()
    chance = random.Random(3)
    words = [word for word in search.vocabulary() if word.isascii()]
    for number in range(posts):
        title, text = search.written(chance, words)
        created = f"{datetime(2005, 1, 1) + timedelta(hours=number):%Y-%m-%d %H:%M:%S}"
        paragraphs = re.sub(r"((?:\S+ ){60})", r"\1\n\n", text[:1850])
        body = f"{paragraphs}\n\n## {title}\n\n- **{title}** and `code`\n- <https://example.org>\n"
        head = {
            "title": title,
            "date": created,
            "author": "ada",
            "tags": chance.sample(words[:500], 3),
        }
        lines = "".join(f"{name}: {json.dumps(value)}\n" for name, value in head.items())
        (folder / f"post-{number:07}.md").write_text(f"---\n{lines}---\n{body}", encoding="utf-8")
        yield Post(created, title, body)


def insert_bare(file: Path, posts: list[Post]) -> float:
    """Return the seconds to store the texts in the tutorial's table, in one transaction."""
    with closing(sqlite3.connect(file)) as db:
        db.execute(TUTORIAL)
        began = time.perf_counter()
        db.executemany(
            "INSERT INTO post (author_id, created, title, body) VALUES (1, ?, ?, ?)", posts
        )
        db.commit()
        return time.perf_counter() - began


def imported(blog: Path, files: Path) -> tuple[float, float, float]:
    """Return the wall seconds, processor seconds and peak megabytes of the import."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "flaskr", "import", str(files)],
        env=pages.environment(blog),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, megabytes(process.pid, "status", "VmHWM"))
        time.sleep(0.1)
    assert process.returncode == 0
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, peak


def print_memory(folder: str, posts: int) -> None:
    """Print the memory of the server's processes, at first and after all kinds of pages."""
    with serve(folder) as (process, port):
        print_processes("at the start", process)
        for path in everywhere(port, posts):
            pages.ask(port, path)
        print_processes(f"after all kinds of pages, of {posts} posts", process)


@contextmanager
def serve(folder: str) -> Iterator[tuple[int, int]]:
    """Run `flaskr serve` and yield the id of its process and its port."""
    port = pages.free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "flaskr", "serve", "--port", str(port)],
        env=pages.environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        pages.wait_for(port)
        yield server.pid, port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)


def everywhere(port: int, posts: int) -> Iterator[str]:
    """Yield URLs of all kinds of pages."""
    chance = random.Random(4)
    older = "/"
    for _ in range(30):
        yield older
        found = re.search(r'href="(/\?before=[^"]+)"', pages.ask(port, older)[1])
        older = quote(found[1], "/?=~:") if found else "/"
    for _ in range(300):
        yield f"/post-{chance.randrange(posts):07}"
    yield from ("/archive", "/2005/", "/2005/01/", "/tag", "/user/ada")
    yield from ("/feed.xml", "/feed.atom", "/feed.json")
    sitemap = pages.ask(port, "/sitemap.xml")[1]
    yield from ("/sitemap.xml", *re.findall(r"<loc>https?://[^/]+(/sitemap[^<]*)", sitemap))
    words = search.vocabulary()
    yield from (f"/search?q={quote(word)}" for word in chance.sample(words[:2000], 30))


def print_processes(when: str, parent: int) -> None:
    """Print the memory of each process and of all together, counting shared memory once."""
    processes = family(parent)
    resident, shared = (
        [megabytes(process, "smaps_rollup", kind) for process in processes]
        for kind in ("Rss", "Pss")
    )
    each = " and ".join(f"{size:.0f}" for size in resident)
    print(f"memory {when}: {each} MB; together {sum(shared):.0f} MB", flush=True)


def family(process: int) -> list[int]:
    """Return the ids of a process and its descendants."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(member for child in children for member in family(int(child)))]


def megabytes(process: int, file: str, kind: str) -> float:
    """Return the memory of a process as Linux counts it, or 0 once it has ended."""
    try:
        told = Path(f"/proc/{process}/{file}").read_text()
    except OSError:
        return 0
    found = re.search(rf"^{kind}:\s+(\d+)", told, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0


def print_writes() -> None:
    """Print the posts saved a second by one process and by several at once."""
    one, many = writes(1), writes(WRITERS)
    for _, failed, lost in (one, many):
        assert not failed, f"{failed} failed"
        assert not lost, f"{lost} lost"
    print(
        f"posts saved a second: {one[0] / SECONDS:.0f} by one process,"
        f" {many[0] / SECONDS:.0f} by {WRITERS} at once; none failed, none lost"
    )


def writes(processes: int) -> tuple[int, int, int]:
    """Return how many posts the processes stored, and how many failed or were lost."""
    with tempfile.TemporaryDirectory() as folder:
        pages.fill(Path(folder), 0)
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            counts = pool.starmap(write, [(folder,)] * processes)
        with closing(sqlite3.connect(Path(folder, "flaskr.sqlite"))) as db:
            (found,) = db.execute("SELECT count(*) FROM post").fetchone()
    stored = sum(stored for stored, _ in counts)
    return stored, sum(failed for _, failed in counts), stored - found


def write(folder: str) -> tuple[int, int]:
    """Store posts for a while and return how many were stored and how many failed."""
    os.environ["FLASKR_INSTANCE_PATH"] = folder
    from flaskr import create_app
    from flaskr import errors
    from flaskr.models import posts

    ends, stored, failed = time.monotonic() + SECONDS, 0, 0
    app = create_app()
    while time.monotonic() < ends:
        # Each post gets a context of its own, as in a request.
        with app.app_context():
            try:
                posts.create(author_id=1, title=f"Post {stored}", body=pages.BODY)
                stored += 1
            except errors.Unavailable:
                failed += 1
    return stored, failed


if __name__ == "__main__":
    main()
