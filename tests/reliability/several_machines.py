"""Let web machines share a PostgreSQL, break one part after the other, and check what people saw.

`python tests/reliability/several_machines.py --seconds 60` starts PostgreSQL with a standby that
has each commit, web machines with instance folders of their own, and nginx in front of them. While
people write and read, a web machine is killed, PostgreSQL is restarted, and then killed for good,
so that the standby takes over. No acknowledged change may be lost, no machine may show a page from
before it, and each error has to be a sentence. `tests/reliability/test_several_machines.py` runs a
short version.
"""

import argparse
import hashlib
import itertools
import os
import random
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import closing
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path

import psycopg

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.postgresql import Server
from tests.reliability.blogs import Blog
from tests.reliability.blogs import Client
from tests.reliability.blogs import free_port

# What users and visitors read while the database is away.
SENTENCES = (b"Try again in a moment.", b"This blog is not available right now.")
PAUSE_SECONDS = 0.2
KEY_CHARS = 22
NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  upstream blog {{ {servers} }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://blog;
      proxy_set_header Host $http_host;
      proxy_connect_timeout 2s;
    }}
  }}
}}
"""


class Machines:
    """Web machines that share a database, behind nginx."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder = folder
        self.primary, self.standby = Server(), Server()
        self.count = count
        self.blogs: list[Blog] = []
        self.port = free_port()
        self._nginx: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """The address of whichever PostgreSQL can be written to."""
        hosts = f"{self.primary.folder},{self.standby.folder}"
        return f"postgresql://flaskr@/blog?host={hosts}"

    def start(self) -> None:
        """Start all machines with a new blog."""
        self.primary.start()
        self.standby.follow(self.primary)
        self.primary.wait_for_standby()
        with closing(self.primary.connect()) as db:
            db.execute("CREATE DATABASE blog TEMPLATE template0")
        key = secrets.token_hex()
        for number in range(self.count):
            blog = Blog(self.folder / f"web{number}")
            blog.environment |= {"FLASKR_DATABASE": self.url, "FLASKR_SECRET_KEY": key}
            self.blogs.append(blog)
        self.blogs[0].create()
        for blog in self.blogs:
            blog.start()
        self._start_nginx()

    def _start_nginx(self) -> None:
        servers = " ".join(f"server 127.0.0.1:{blog.port} fail_timeout=1s;" for blog in self.blogs)
        config = self.folder / "nginx.conf"
        config.write_text(NGINX.format(folder=self.folder, servers=servers, port=self.port))
        nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        self._nginx = subprocess.Popen([nginx, "-c", str(config), "-e", "stderr"])
        while not any(self.folder.glob("nginx.pid")):
            time.sleep(0.05)

    def query(self, statement: str, *values: object) -> list[tuple]:
        """Return the rows of a query on the database."""
        with closing(psycopg.connect(self.url, target_session_attrs="read-write")) as db:
            return db.execute(statement, values).fetchall()

    def stop(self) -> None:
        """Stop everything."""
        self._nginx.terminate()
        self._nginx.wait()
        for blog in self.blogs:
            blog.kill()
        for server in (self.primary, self.standby):
            server.stop()
            server.delete()


class Person:
    """A person who writes a post, changes it, and looks at it on each machine."""

    def __init__(self, machines: Machines, cookie: str, number: int) -> None:
        self.machines = machines
        self.number = number
        self.title = f"Post of person {number}"
        self.client = Client(machines, cookie, timeout=60)
        self.visitors = [Client(blog) for blog in machines.blogs]
        self.possible: set[str | None] = {None}
        self.post_id, self.slug = 0, ""
        self.statuses: Counter[str] = Counter()
        self.errors: list[str] = []

    def write_until(self, end: float) -> None:
        """Write and look until the end."""
        rng = random.Random(self.number)  # the same every time
        with ExitStack() as stack:
            for client in (self.client, *self.visitors):
                stack.enter_context(client)
            for version in itertools.count(1):
                if time.monotonic() > end or self.errors:
                    return
                body = f"This is version {version}, and nothing else."
                if self.save(body):
                    self.look_at(body)
                time.sleep(PAUSE_SECONDS * rng.uniform(0.5, 1.5))

    def save(self, body: str) -> bool:
        """Publish the post, or its new text. Return True if that was acknowledged."""
        self.possible.add(body)
        key = hashlib.sha256(self.title.encode()).hexdigest()[:KEY_CHARS]
        path = f"/{self.post_id}/update" if self.post_id else "/create"
        try:
            status, page = self.client.submit(path, title=self.title, body=body, key=key)
        except OSError:
            self.statuses["connection lost"] += 1
            return False
        self.statuses[f"{status} to a change"] += 1
        if status == 302:
            self.possible = {body}
            self.find()
        elif status in (502, 504):
            # nginx says so while a machine is down.
            pass
        elif not is_excuse(status, page) or body.encode() not in page:
            self.errors.append(f"{status} without the text: {page!r}")
        return status == 302 and self.post_id > 0

    def find(self) -> None:
        """Learn the address of the post, if the database answers."""
        with suppress(psycopg.Error):
            query = "SELECT id, slug FROM post WHERE title = %s"
            ((self.post_id, self.slug),) = self.machines.query(query, self.title)

    def look_at(self, body: str) -> None:
        """Read the post as a visitor of each machine."""
        for machine, visitor in enumerate(self.visitors):
            try:
                status, page = visitor.ask("GET", f"/{self.slug}")
            except OSError:
                continue
            self.statuses[f"{status} to a visitor"] += 1
            is_fresh = status == 200 and body.encode() in page
            if not is_fresh and not is_excuse(status, page):
                self.errors.append(
                    f"machine {machine} answers {status}, and not {body!r}: {page!r}"
                )

    def check(self) -> None:
        """Compare the database with what was acknowledged."""
        assert not self.errors, self.errors[0]
        rows = self.machines.query("SELECT body FROM post WHERE title = %s", self.title)
        found = [body for (body,) in rows] or [None]
        assert len(found) == 1, f"{self.title} is there {len(found)} times"
        assert found[0] in self.possible, f"{found[0]!r} is not one of {self.possible}"


def is_excuse(status: int, page: bytes) -> bool:
    """Return True if a page says that the database is away."""
    return status == 503 and any(sentence in page for sentence in SENTENCES)


def read_until(machines: Machines, end: float, statuses: Counter[str]) -> None:
    """Read the front page and a list, one after the other."""
    with Client(machines) as client:
        while time.monotonic() < end:
            for path in ("/", "/archive"):
                try:
                    status, _ = client.ask("GET", path)
                    statuses[f"{status} to a reader"] += 1
                except OSError:
                    statuses["connection lost"] += 1
                time.sleep(PAUSE_SECONDS)


def breakdowns(machines: Machines) -> Iterator[str]:
    """Break one part after the other, and name it."""
    machines.blogs[-1].kill()
    yield "A web machine was killed"
    machines.blogs[-1].start()
    yield "It was started again"
    machines.primary.restart()
    yield "PostgreSQL was restarted"
    machines.primary.stop()
    machines.standby.promote()
    yield "PostgreSQL was killed, and its standby took over"


@contextmanager
def running(folder: Path, machines: int) -> Iterator[Machines]:
    """Run machines."""
    several = Machines(folder, machines)
    several.start()
    try:
        yield several
    finally:
        several.stop()


def run(folder: Path, *, machines: int, writers: int, readers: int, seconds: float) -> Counter[str]:
    """Let people write and read for some seconds, in which everything breaks once."""
    statuses: Counter[str] = Counter()
    with running(folder, machines) as several:
        with Client(several) as client:
            cookie = client.log_in()
        end = time.monotonic() + seconds
        people = [Person(several, cookie, number) for number in range(writers)]
        threads = [threading.Thread(target=person.write_until, args=(end,)) for person in people]
        threads += [
            threading.Thread(target=read_until, args=(several, end, statuses))
            for _ in range(readers)
        ]
        for thread in threads:
            thread.start()
        for happened in breakdowns(several):
            print(happened, flush=True)
            time.sleep(seconds / 6)
        for thread in threads:
            thread.join()
        for person in people:
            person.check()
            statuses += person.statuses
    return statuses


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--machines", type=int, default=3)
    parser.add_argument("--writers", type=int, default=16)
    parser.add_argument("--readers", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=60)
    options = vars(parser.parse_args())
    with tempfile.TemporaryDirectory() as folder:
        statuses = run(Path(folder), **options)
    print("Nothing was lost, nobody saw an old page:", dict(sorted(statuses.items())))


if __name__ == "__main__":
    main()
