"""Prove that two web machines with one PostgreSQL show no stale page, whatever happens to it.

Run `python -m tests.benchmarks.machines`. A primary and a standby that confirms each commit run in
temporary folders, and the blog on two servers with instance folders of their own. A writer commits
numbers through both (by the rules) and by plain SQL; readers check what both answer. Meanwhile the
connections are cut, the primary is restarted, and the standby takes its place.
"""

import argparse
import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import psycopg

from flaskr import create_app
from flaskr.db import get_db
from flaskr.db import init_db
from flaskr.models import posts
from flaskr.models.permissions import SYSTEM
from flaskr.web.error_pages import MESSAGES

from ..postgresql import Server
from . import freshness

SENTENCE = MESSAGES[503].encode()


class Outcome(freshness.Published):
    """The number announced to the readers, and the answers by their status."""

    def __init__(self) -> None:
        super().__init__()
        self.statuses: Counter[bytes] = Counter()
        self.failed = 0


def fill(url: str) -> None:
    """Create a blog with the post that the writers change."""
    app = create_app({"DATABASE": url})
    with app.app_context():
        init_db()
        get_db().executescript("INSERT INTO \"user\" (username, password) VALUES ('ada', '!')")
        fields = {"title": "number 0", "body": "words", "slug": "fresh", "tags": ["Fresh"]}
        posts.create(author_id=1, user=SYSTEM, **fields)


def write(url: str, folders: list[Path], outcome: Outcome) -> None:
    """Commit one number after another, through each machine and by plain SQL."""
    apps = []
    for folder in folders:
        os.environ["FLASKR_INSTANCE_PATH"] = str(folder)
        apps.append(create_app({"DATABASE": url}))
    for number, app in enumerate(cycle([*apps, None]), 1):
        if outcome.is_over:
            return
        try:
            if app:
                with app.app_context():
                    title = f"number {number}"
                    posts.update(1, SYSTEM, title=title, body="words", tags=["Fresh"])
            else:
                with closing(connect(url)) as db:
                    db.execute(freshness.UPDATE.format("%s::text"), (number,))
        except Exception:
            # It may have been committed, but nobody was told so.
            outcome.failed += 1
            time.sleep(0.05)
        else:
            outcome.number = number
        time.sleep(0.005)


def connect(url: str) -> psycopg.Connection:
    """Open a connection to the primary that commits each statement."""
    return psycopg.connect(url, target_session_attrs="read-write", autocommit=True)


def read(asker: freshness.Asker, outcome: Outcome) -> None:
    """Request pages of one machine and check them until the proof is over."""
    while not outcome.is_over:
        try:
            with asker() as ask:
                while not outcome.is_over:
                    check(ask, outcome)
        except OSError as error:
            outcome.stale.append(repr(error))


def check(ask: freshness.Ask, outcome: Outcome) -> None:
    """Request each page: it must have the announced number, or be an error with a sentence."""
    for path in freshness.PATHS:
        known = outcome.number
        answer = ask(path)
        status = answer.split(b" ", 2)[1]
        outcome.statuses[status] += 1
        found = freshness.NUMBER.search(answer)
        is_fresh = found is not None and int(found[1]) >= known
        if not (is_fresh if status == b"200" else status == b"503" and SENTENCE in answer):
            outcome.stale.append(f"{path}: {status!r} {found and found[1]!r}, known: {known}")


@contextmanager
def served(url: str, folders: list[Path]) -> Iterator[list[freshness.Asker]]:
    """Serve the blog from each folder."""
    os.environ["FLASKR_DATABASE"] = url
    with freshness.served(folders[0]) as first, freshness.served(folders[1]) as second:
        yield [first, second]


def main() -> None:
    """Run the proof once and print what was answered."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=4, help="between what happens")
    seconds = parser.parse_args().seconds
    primary, standby = Server(), Server()
    with tempfile.TemporaryDirectory() as folder:
        folders = [Path(folder, name) for name in ("first", "second")]
        primary.start()
        standby.follow(primary)
        with closing(primary.connect()) as db:
            db.execute("CREATE DATABASE machines")
        primary.wait_for_standby()
        url = f"postgresql://flaskr@/machines?host={primary.folder},{standby.folder}"
        try:
            outcome = prove(url, folders, primary, standby, seconds)
        finally:
            for server in (primary, standby):
                server.stop()
                server.delete()
    print(f"{outcome.number} numbers committed, {outcome.failed} failed")
    print({status.decode(): count for status, count in sorted(outcome.statuses.items())})
    print(f"{len(outcome.stale)} stale or wrong answers", *outcome.stale[:9], sep="\n")
    raise SystemExit(bool(outcome.stale))


def prove(
    url: str, folders: list[Path], primary: Server, standby: Server, seconds: float
) -> Outcome:
    """Read and write while connections are cut, the primary restarts and the standby takes over."""
    os.environ["FLASKR_INSTANCE_PATH"] = str(folders[0])
    fill(url)
    outcome = Outcome()
    with served(url, folders) as askers:
        threads = [threading.Thread(target=write, args=(url, folders, outcome))]
        threads += [threading.Thread(target=read, args=(asker, outcome)) for asker in askers * 2]
        for thread in threads:
            thread.start()
        for happen in (
            primary.disconnect,
            lambda: (primary.stop(), primary.start()),
            lambda: (primary.stop(), standby.promote()),
        ):
            time.sleep(seconds)
            happen()
        time.sleep(seconds)
        outcome.is_over = True
        for thread in threads:
            thread.join()
    return outcome


if __name__ == "__main__":
    main()
