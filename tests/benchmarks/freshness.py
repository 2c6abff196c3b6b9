"""Prove that a page is never older than the last commit before its request.

Run `python tests/benchmarks/freshness.py --answers 1000000`; `tests/page_cache/test_freshness.py`
runs a part of it. A writer commits a number and then announces it. Readers note the announced
number, request a page, and check that it shows that number or a later one. The blog runs on a
server with two workers of four threads each, or in the process of the readers.
"""

import argparse
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import AbstractContextManager
from contextlib import closing
from contextlib import contextmanager
from contextlib import suppress
from functools import partial
from pathlib import Path

# Every page here shows the title of the post.
PATHS = ("/", "/fresh", "/tag/fresh", "/user/ada", "/feed.xml")
READERS = 4
NUMBER = re.compile(rb"number (\d+)")
UPDATE = "UPDATE post SET title = 'number ' || {} WHERE slug = 'fresh'"
WRITER = f"""
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
number = int(sys.argv[2])
while True:
    number += 1
    db.execute("BEGIN IMMEDIATE")
    db.execute("{UPDATE.format("?")}", (number,))
    db.execute("COMMIT")
    print(number, flush=True)
"""


class Published:
    """The number announced to the readers, the count of responses, and the stale ones."""

    def __init__(self) -> None:
        self.number = 0
        self.answers = 0
        self.stale: list[str] = []
        self.is_over = False


Ask = Callable[[str], bytes]
Asker = Callable[[], AbstractContextManager[Ask]]
Write = Callable[[Path, Published], None]


def fill(folder: Path) -> Path:
    """Create a blog in the folder and return the path of its database."""
    command = [sys.executable, "-m", "flask", "--app", "flaskr", "init-db"]
    subprocess.run(command, check=True, env=environment(folder), stdout=subprocess.DEVNULL)
    database = folder / "flaskr.sqlite"
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("INSERT INTO \"user\" (username, password) VALUES ('ada', '!')")
        db.executemany(
            "INSERT INTO post (author_id, title, body, slug, created)"
            " VALUES (1, ?, 'words', ?, datetime('now', '-1 day', ? || ' minutes'))",
            [*((f"Post {n}", f"post-{n}", n) for n in range(20)), ("number 0", "fresh", 30)],
        )
        db.execute("INSERT INTO tag (name, name_key, slug) VALUES ('Fresh', 'fresh', 'fresh')")
        db.execute(
            "INSERT INTO post_tag (post_id, tag_id) SELECT id, 1 FROM post WHERE slug = 'fresh'"
        )
    return database


def environment(folder: Path) -> dict[str, str]:
    """Return the environment variables for a blog in this folder."""
    return {**os.environ, "FLASKR_INSTANCE_PATH": str(folder)}


@contextmanager
def served(folder: Path) -> Iterator[Asker]:
    """Run the blog on a server and yield a function that opens a connection to it."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "flask", "--app", "flaskr", "serve", f"--port={port}"]
    server = subprocess.Popen(
        [*command, "--workers=2", "--threads=4"],
        env=environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            with suppress(OSError), connect(port) as ask:
                ask("/health")
                break
            time.sleep(0.05)
        yield lambda: connect(port)
    finally:
        server.terminate()
        server.wait(timeout=30)


@contextmanager
def connect(port: int) -> Iterator[Ask]:
    """Yield a function that requests pages over one connection."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)

    def ask(path: str) -> bytes:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: blog\r\n\r\n".encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += receive(connection)
        head, _, body = answer.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        while length and len(body) < int(length[1]):
            body += receive(connection)
        return head + body

    with connection:
        yield ask


def receive(connection: socket.socket) -> bytes:
    """Return some bytes. Raises `OSError` at the end of the stream."""
    part = connection.recv(1 << 16)
    if not part:
        raise OSError("The server hung up.")
    return part


def read(asker: Asker, published: Published) -> None:
    """Request pages and check them until the test is over."""
    with asker() as ask:
        while not published.is_over:
            compare(ask, published)


def compare(ask: Ask, published: Published) -> None:
    """Request each page and record those older than the number announced before."""
    for path in PATHS:
        known = published.number
        answer = ask(path)
        found = NUMBER.search(answer)
        if found is None or int(found[1]) < known:
            seen = found[1] if found else answer[:1000]
            published.stale.append(f"{path}: {seen!r} where {known} was known")
        published.answers += 1


def prove(asker: Asker, database: Path, write: Write, seconds: float) -> Published:
    """Read while a writer runs and return the results."""
    published = Published()
    with closing(sqlite3.connect(database)) as db:
        published.number = int(
            db.execute("SELECT max(substr(title, 8)) FROM post WHERE slug = 'fresh'").fetchone()[0]
        )
    race(published, asker, partial(write, database), seconds)
    return published


def race(
    published: Published, asker: Asker, write: Callable[[Published], None], seconds: float
) -> None:
    """Read and write on threads and collect the results."""
    began = published.number

    def run(step: Callable[..., None], *arguments: object) -> None:
        try:
            step(*arguments)
        except Exception as error:
            published.stale.append(f"{step}: {error!r}")

    threads = [threading.Thread(target=run, args=(write, published))]
    threads += [threading.Thread(target=run, args=(read, asker, published)) for _ in range(READERS)]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    published.is_over = True
    for thread in threads:
        thread.join()
    if published.number == began:
        published.stale.append("Nothing was written.")


def other_process(database: Path, published: Published) -> None:
    """Write from another process."""
    with writer(database, published.number) as process:
        while not published.is_over:
            published.number = int(process.stdout.readline())


@contextmanager
def writer(database: Path, number: int) -> Iterator[subprocess.Popen[str]]:
    """Run a process that commits one number after another and prints each."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(database), str(number)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def killed(database: Path, published: Published) -> None:
    """Write from processes that are killed while they write."""
    while not published.is_over:
        # The previous writer may have committed numbers that it could not print.
        with writer(database, published.number + 1000) as process:
            ends = time.monotonic() + random.uniform(0.1, 0.4)  # no secret
            while time.monotonic() < ends:
                published.number = int(process.stdout.readline())
            process.send_signal(signal.SIGKILL)


def this_process(database: Path, published: Published) -> None:
    """Write from the process of the readers."""
    with closing(sqlite3.connect(database, timeout=30)) as db:
        while not published.is_over:
            with db:
                db.execute(UPDATE.format("?"), (published.number + 1,))
            published.number += 1
            time.sleep(0.002)


def shell(database: Path, published: Published) -> None:
    """Write from the `sqlite3` shell."""
    with subprocess.Popen(
        [shutil.which("sqlite3") or "", str(database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdin.write(".timeout 30000\n")
        while not published.is_over:
            number = published.number + 1
            process.stdin.write(f"{UPDATE.format(number)};\nSELECT 'done';\n")
            process.stdin.flush()
            assert process.stdout.readline() == "done\n"
            published.number = number
        process.stdin.close()


def upkeep(database: Path, published: Published) -> None:
    """Run checkpoints and `VACUUM` next to a writer."""
    beside = threading.Thread(target=this_process, args=(database, published))
    beside.start()
    with closing(sqlite3.connect(database, timeout=30, isolation_level=None)) as db:
        while not published.is_over:
            for statement in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM"):
                with suppress(sqlite3.OperationalError):
                    db.execute(statement)
            time.sleep(0.02)
    beside.join()


def restore(database: Path, published: Published) -> None:
    """Restore copies with SQLite's backup API."""
    while not published.is_over:
        with (
            tempfile.TemporaryDirectory() as folder,
            closing(sqlite3.connect(Path(folder, "copy"), isolation_level=None)) as copy,
            closing(sqlite3.connect(database, timeout=30)) as db,
        ):
            db.backup(copy)
            copy.execute(UPDATE.format("?"), (published.number + 1,))
            copy.backup(db)
        published.number += 1


def swap(database: Path, published: Published) -> None:
    """Replace the file of the database, which the blog notices within a second."""
    copy = database.with_name("copy")
    with closing(sqlite3.connect(database)) as db, closing(sqlite3.connect(copy)) as other:
        db.backup(other)
        with other:
            other.execute(UPDATE.format("?"), (published.number + 1,))
    for end in ("-wal", "-shm"):
        Path(f"{database}{end}").unlink(missing_ok=True)
    copy.replace(database)
    time.sleep(1.2)
    published.number += 1
    this_process(database, published)


WAYS: dict[str, Write] = {
    "another process": other_process,
    "the same process": this_process,
    "checkpoints and VACUUM": upkeep,
    "killed writers": killed,
    "restored copies": restore,
    "a swapped file": swap,
}
if shutil.which("sqlite3"):
    WAYS["the sqlite3 shell"] = shell


def prove_scheduled(ask: Ask, database: Path) -> list[str]:
    """Request pages around the time of a scheduled post and return the errors."""
    moment = int(time.time()) + 2
    with closing(sqlite3.connect(database)) as db, db:
        db.execute(
            "INSERT INTO post (author_id, title, body, created)"
            " VALUES (1, ?, '', datetime(?, 'unixepoch'))",
            (f"At {moment}", moment),
        )
    wrong = []
    while time.time() < moment + 0.3:
        before = time.time()
        seen = f"At {moment}".encode() in ask("/")
        if before >= moment and not seen:
            wrong.append(f"not yet there {before - moment:.3f} s after its time")
        if time.time() < moment and seen:
            wrong.append(f"there {moment - time.time():.3f} s before its time")
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("DELETE FROM post WHERE title LIKE 'At %'")
    return wrong


def main() -> None:
    """Repeat all ways of writing until there were enough responses."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--answers", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=10, help="for each way in turn")
    options = parser.parse_args()
    total, stale = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        database = fill(Path(folder))
        with served(Path(folder)) as asker:
            while total < options.answers:
                for name, write in WAYS.items():
                    published = prove(asker, database, write, options.seconds)
                    total += published.answers
                    stale += len(published.stale)
                    print(f"{name:<24} {published.answers:>9} answers", *published.stale[:3])
                with asker() as ask:
                    wrong = prove_scheduled(ask, database)
                stale += len(wrong)
                print("scheduled posts", *wrong[:3])
                print(f"{total} answers, {stale} of them stale", flush=True)
    raise SystemExit(bool(stale))


if __name__ == "__main__":
    main()
