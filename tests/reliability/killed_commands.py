"""Kill `flaskr backup`, `restore`, `upgrade`, `upgrade --undo`, `import` and `freeze`, and check.

`python tests/reliability/killed_commands.py --rounds 25` kills each of them so many times by
SIGKILL, at random moments. After each kill, the blog has to be whole: either as before the command
or as after it. No file with the name of a backup may be incomplete, and the next command has to
clean up. `--seed` repeats a run. It prints how many kills found the command running, and ends with
status 1 at the first fault.
"""

import argparse
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

DATABASES = Path(__file__).parents[1] / "migrations" / "databases"
FLASKR = [sys.executable, "-m", "flask", "--app", "flaskr"]
OLD_RELEASE = "0.3.0.sql"
POSTS = 3_000
IMPORTED = 200


class Blog:
    """A blog of an older version, with media, its backup, and what belongs to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.instance = folder / "instance"
        self.backup = folder / "other.tar.gz"

    def reset(self) -> None:
        """Start again with the older database and a media file."""
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.instance / "media").mkdir(parents=True)
        with closing(sqlite3.connect(self.instance / "flaskr.sqlite")) as db:
            db.executescript((DATABASES / OLD_RELEASE).read_text(encoding="utf-8"))
            db.executemany(
                "INSERT INTO post (author_id, title, body) VALUES (1, 'old', ?)",
                [(f"text {number} " * 50,) for number in range(POSTS)],
            )
            db.commit()

    def run(self, *arguments: str) -> str:
        """Run a command to its end and return what it printed."""
        done = subprocess.run(
            [*FLASKR, *arguments], env=self.environment(), capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def kill(self, seconds: float, *arguments: str) -> bool:
        """Start a command, kill it after a time, and return True if it was still running."""
        process = subprocess.Popen(
            [*FLASKR, *arguments],
            env=self.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
        )
        time.sleep(seconds)
        process.kill()
        return process.wait() != 0

    def environment(self) -> dict[str, str]:
        """Return the environment of its commands."""
        return {**os.environ, "FLASKR_INSTANCE_PATH": str(self.instance)}

    def state(self) -> tuple[int, int]:
        """Return the version and the number of posts, after checking the database."""
        with closing(sqlite3.connect(self.instance / "flaskr.sqlite")) as db:
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            version = db.execute("PRAGMA user_version").fetchone()[0]
            return version, db.execute("SELECT count(*) FROM post").fetchone()[0]


def kill_upgrade(blog: Blog, seconds: float) -> bool:
    """Kill an upgrade: the database is the old or the new one, and can be upgraded."""
    blog.reset()
    before = blog.state()
    was_running = blog.kill(seconds, "upgrade")
    found = blog.state()
    assert found[1] == before[1], found
    blog.run("upgrade")
    assert blog.state()[0] > before[0]
    return was_running


def kill_undo(blog: Blog, seconds: float) -> bool:
    """Kill the undo of an upgrade: the database is the new or the old one."""
    blog.reset()
    before = blog.state()
    blog.run("upgrade")
    upgraded = blog.state()
    was_running = blog.kill(seconds, "upgrade", "--undo", "--yes")
    found = blog.state()
    assert found in (before, upgraded), found
    if found == upgraded:
        blog.run("upgrade", "--undo", "--yes")
    assert blog.state() == before
    return was_running


def kill_backup(blog: Blog, seconds: float) -> bool:
    """Kill a backup: a file with its final name is whole, and the next backup cleans up."""
    blog.reset()
    blog.run("upgrade")
    was_running = blog.kill(seconds, "backup", "a.tar.gz")
    file = blog.folder / "a.tar.gz"
    if file.exists():
        blog.run("verify", str(file))
    blog.run("backup", str(file))
    left = [*blog.folder.glob("*.part"), *blog.instance.glob("unfinished-*")]
    assert left == [], left
    return was_running


def kill_restore(blog: Blog, seconds: float) -> bool:
    """Kill a restore: the next command finds the former blog or the restored one."""
    blog.reset()
    blog.run("upgrade")
    former = blog.state()
    blog.run("backup", str(blog.backup))
    with closing(sqlite3.connect(blog.instance / "flaskr.sqlite")) as db:
        db.execute("DELETE FROM post WHERE title = 'old'")
        db.commit()
    changed = blog.state()
    was_running = blog.kill(seconds, "restore", str(blog.backup))
    blog.run("user", "list")
    assert blog.state() in (changed, former), blog.state()
    blog.run("restore", str(blog.backup))
    assert blog.state() == former
    assert not list(blog.instance.glob("unfinished-*"))
    return was_running


def kill_import(blog: Blog, seconds: float) -> bool:
    """Kill an import: each post is there once or not at all, and the next import completes it."""
    blog.reset()
    blog.run("upgrade")
    site = blog.folder / "site"
    site.mkdir()
    for number in range(IMPORTED):
        (site / f"{number}.md").write_text(f"# Imported {number}\n\n{'text ' * 100}\n")
    before = blog.state()[1]
    was_running = blog.kill(seconds, "import", str(site))
    assert before <= blog.state()[1] <= before + IMPORTED, blog.state()
    blog.run("import", str(site))
    assert blog.state()[1] == before + IMPORTED, blog.state()
    return was_running


def kill_freeze(blog: Blog, seconds: float) -> bool:
    """Kill a freeze: the next one leaves the same files as one that was not killed."""
    blog.reset()
    blog.run("upgrade")
    with closing(sqlite3.connect(blog.instance / "flaskr.sqlite")) as db:
        db.execute("DELETE FROM post WHERE id % 20")
        db.commit()
    address = "--url=https://blog.example"
    was_running = blog.kill(seconds, "freeze", str(blog.folder / "a"), address)
    for name in ("a", "b"):
        blog.run("freeze", str(blog.folder / name), address)
    assert files_in(blog.folder / "a") == files_in(blog.folder / "b")
    return was_running


def files_in(folder: Path) -> dict[str, bytes]:
    """Return the content of each file."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


ATTEMPTS = (kill_backup, kill_restore, kill_upgrade, kill_undo, kill_import, kill_freeze)


def main() -> None:
    """Kill each command several times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--seconds", type=float, default=1.5, help="The longest time to a kill.")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    moments = random.Random(options.seed)
    print(f"seed {options.seed}")
    with tempfile.TemporaryDirectory() as folder:
        blog = Blog(Path(folder, "blog"))
        for attempt in ATTEMPTS:
            killed = sum(
                attempt(blog, moments.uniform(0.25, options.seconds)) for _ in range(options.rounds)
            )
            print(f"{attempt.__name__}: {options.rounds} rounds, {killed} killed, no fault")


if __name__ == "__main__":
    main()
