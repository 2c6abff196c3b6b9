"""Kill the server at random moments, and check that every acknowledged action is there once.

`python tests/reliability/kills.py --kills 1000` writes, edits, autosaves, uploads and deletes on
several connections, kills `flaskr serve` with SIGKILL, starts it again and compares the database
and the media folder with what the server had acknowledged. It prints the actions checked.
`tests/reliability/test_kills.py` runs a short version.
"""

import argparse
import hashlib
import io
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PIL import Image

try:
    from .blogs import Blog
    from .blogs import Client
except ImportError:  # run as a program
    from blogs import Blog
    from blogs import Client

WRITERS = 4
MAX_SECONDS_BEFORE_KILL = 0.6
KEY_CHARS = 22


class Writer:
    """A person with a session. Remembers what the server must have, and what it may have."""

    def __init__(self, blog: Blog, cookie: str, number: int, seed: int) -> None:
        self.blog = blog
        self.client = Client(blog, cookie)
        self.rng = random.Random(f"{seed} {number}")  # the same every time
        self.number = number
        self.made = 0
        # Possible bodies by title; one of them must be stored. None stands for no post.
        self.posts: dict[str, set[str | None]] = {}
        self.drafts: dict[str, set[str | None]] = {}
        self.deleted: dict[str, bool] = {}
        self.uploads: dict[str, bool] = {}
        self.removed: list[str] = []
        self.acknowledged: Counter[str] = Counter()
        self.errors: list[Exception] = []

    def act_until_killed(self) -> None:
        """Act until the server does not answer."""
        actions = (self.write, self.write, self.edit, self.edit, self.autosave, self.upload)
        try:
            while True:
                self.rng.choice((*actions, self.delete, self.remove))()
        except OSError:
            self.client.close()
        except Exception as error:
            self.errors.append(error)

    def _new_name(self) -> str:
        self.made += 1
        return f"w{self.number}n{self.made}"

    def _succeed(self, action: str) -> None:
        self.acknowledged[action] += 1

    def write(self) -> None:
        """Publish a new post."""
        title = self._new_name()
        key = hashlib.sha256(title.encode()).hexdigest()[:KEY_CHARS]
        self.posts[title] = {None, f"body of {title}"}
        status, _ = self.client.submit("/create", title=title, body=f"body of {title}", key=key)
        assert status == 302, status
        self.posts[title] = {f"body of {title}"}
        self._succeed("posts")

    def edit(self) -> None:
        """Change a post that is there."""
        titles = [title for title, bodies in self.posts.items() if None not in bodies]
        if not titles:
            return
        title, body = self.rng.choice(titles), f"text {self._new_name()}"
        post_id = self._post_id(title)
        self.posts[title].add(body)
        status, _ = self.client.submit(f"/{post_id}/update", title=title, body=body)
        assert status == 302, status
        self.posts[title] = {body}
        self._succeed("edits")

    def _post_id(self, title: str) -> int:
        ((post_id,),) = self.blog.query("SELECT id FROM post WHERE title = ?", title)
        return post_id

    def autosave(self) -> None:
        """Save a new text as the editor does, and then more of it."""
        title = self._new_name()
        key = hashlib.sha256(title.encode()).hexdigest()[:KEY_CHARS]
        base = ""
        for body in (f"start of {title}", f"start of {title}, and more"):
            self.drafts.setdefault(title, {None}).add(body)
            status, answer = self.client.save(key, title=title, body=body, base=base)
            assert status == 200, (status, answer)
            base = str(answer["base"])
            self.drafts[title] = {body}
            self._succeed("autosaves")

    def upload(self) -> None:
        """Upload a picture that nobody has uploaded."""
        name = f"{self._new_name()}.png"
        color = tuple(self.rng.randrange(256) for _ in range(3))
        content = io.BytesIO()
        size = (self.rng.randrange(500, 1500), self.rng.randrange(50, 90))
        Image.new("RGB", size, color).save(content, "PNG")
        self.uploads[name] = False
        status = self.client.upload(name, content.getvalue())
        assert status == 201, status
        self.uploads[name] = True
        self._succeed("uploads")

    def delete(self) -> None:
        """Move a post to the trash."""
        titles = [title for title, bodies in self.posts.items() if None not in bodies]
        if not titles:
            return
        title = self.rng.choice(titles)
        post_id = self._post_id(title)
        self.posts.pop(title)
        self.deleted[title] = False
        status, _ = self.client.submit(f"/{post_id}/delete")
        assert status == 302, status
        self.deleted[title] = True
        self._succeed("deletions")

    def remove(self) -> None:
        """Delete a file from the media library."""
        names = [name for name, is_certain in self.uploads.items() if is_certain]
        if not names:
            return
        name = self.rng.choice(names)
        ((stored,),) = self.blog.query("SELECT name FROM media WHERE original_name = ?", name)
        # It may be there or not until the server has answered.
        self.uploads[name] = False
        status, _ = self.client.submit(f"/media/{stored}/deletion")
        assert status == 302, status
        del self.uploads[name]
        self.removed.append(name)
        self._succeed("files deleted")

    def check(self, stored: "Stored") -> None:
        """Compare what is stored with what the server has acknowledged, and go on from there."""
        for error in self.errors:
            raise error
        for expected in (self.posts, self.drafts):
            for title, bodies in expected.items():
                found = stored.bodies.get(title, [None])
                assert len(found) == 1, f"{title} is there {len(found)} times"
                assert found[0] in bodies, f"{title} has {found[0]!r}, not one of {bodies}"
                expected[title] = {found[0]}
        for title, is_certain in self.deleted.items():
            trashed = stored.trashed[title]
            assert trashed + len(stored.bodies.get(title, [])) == 1, title
            assert trashed or not is_certain, f"{title} is not in the trash"
        for name, is_certain in self.uploads.items():
            assert stored.files[name] <= 1, name
            assert stored.files[name] or not is_certain, f"{name} is missing"
        for name in self.removed:
            assert not stored.files[name], f"{name} was deleted"


class Stored(NamedTuple):
    """Everything that the database holds. One query for each action would take minutes."""

    bodies: dict[str, list[str | None]]
    trashed: Counter[str]
    files: Counter[str]


def read(blog: Blog) -> Stored:
    """Read all posts, trash and files."""
    bodies: dict[str, list[str | None]] = {}
    for title, body in blog.query("SELECT title, body FROM post"):
        bodies.setdefault(title, []).append(body)
    trashed = Counter(title for (title,) in blog.query("SELECT title FROM trash"))
    files = Counter(name for (name,) in blog.query("SELECT original_name FROM media"))
    return Stored(bodies, trashed, files)


def check_files(blog: Blog) -> None:
    """Check the database file, and that files and rows of the media library belong together."""
    assert blog.query("PRAGMA integrity_check") == [("ok",)]
    assert blog.query("PRAGMA foreign_key_check") == []
    wanted = set()
    for digest, name, widths in blog.query("SELECT hash, name, widths FROM media"):
        wanted |= {name, *(f"{digest}-{width}.webp" for width in widths.split())}
    folder = blog.folder / "media"
    there = {path.name for path in folder.iterdir()} if folder.exists() else set()
    assert wanted <= there, f"missing: {wanted - there}"
    assert there <= wanted, f"without a row: {there - wanted}"


def run(
    folder: Path, kills: int, seed: int = 0, show: Callable[[str], None] = lambda line: None
) -> Counter[str]:
    """Kill a server many times, and return how many acknowledged actions were checked."""
    rng = random.Random(seed)  # the same every time
    blog = Blog(folder)
    blog.create()
    blog.start()
    with Client(blog) as client:
        cookie = client.log_in()
    writers = [Writer(blog, cookie, number, seed) for number in range(WRITERS)]
    try:
        for number in range(1, kills + 1):
            threads = [threading.Thread(target=writer.act_until_killed) for writer in writers]
            for thread in threads:
                thread.start()
            time.sleep(rng.uniform(0.05, MAX_SECONDS_BEFORE_KILL))
            blog.kill()
            for thread in threads:
                thread.join()
            blog.start()
            stored = read(blog)
            for writer in writers:
                writer.check(stored)
            check_files(blog)
            checked = sum(writer.acknowledged.total() for writer in writers)
            show(f"{number} of {kills} kills survived, {checked} actions checked")
    finally:
        blog.kill()
        for writer in writers:
            writer.client.close()
    return sum((writer.acknowledged for writer in writers), Counter())


def show_line(line: str) -> None:
    """Print a line at once, also into a file."""
    print(line, flush=True)


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    show_line(f"Seed {options.seed}")
    with tempfile.TemporaryDirectory() as folder:
        checked = run(Path(folder, "blog"), options.kills, options.seed, show_line)
    actions = ", ".join(f"{count} {name}" for name, count in sorted(checked.items()))
    print(f"{options.kills} kills survived. Acknowledged and found: {actions}.")


if __name__ == "__main__":
    main()
