"""Kill `backup`, `restore`, `upgrade`, `upgrade --undo`, `import`, `freeze` and `doctor --fix`.

`python tests/reliability/killed_commands.py --rounds 25` kills each of them so many times by
SIGKILL, at random moments of its work. After each kill, the blog has to be whole: either as before
the command or as after it. No file with the name of a backup may be incomplete, and the next
command has to clean up. It also starts two restores at once: one has to do it. `--seed` repeats a
run. It prints how many kills found the command running, and ends with status 1 at the first fault.
"""

import argparse
import hashlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

DATABASES = Path(__file__).parents[1] / "migrations" / "databases"
# It says when everything is loaded, as that takes longer than the work of some commands.
COMMAND = """
import sys
from flaskr import cli
from flaskr import create_app
from flaskr.backups import restoration
from flaskr.site_export import freeze
from flaskr.site_import import importing

print("ready", flush=True)
sys.stdin.readline()
cli.main()
"""
FLASKR = [sys.executable, "-c", COMMAND]
OLD_RELEASE = "0.3.0.sql"
POSTS = 3_000
IMPORTED = 200
LEFT_FILES = 200


class Blog:
    """A blog of an older version, with media, its backup, and what belongs to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.instance = folder / "instance"
        self.backup = folder / "other.tar.gz"
        # The seconds that each command works.
        self.durations: dict[str, float] = {}

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

    def run(self, *arguments: str, is_checked: bool = True) -> str:
        """Run a command to its end and return what it printed."""
        done = subprocess.run(
            [*FLASKR, *arguments],
            env=self.environment(),
            input="\n",
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0 or not is_checked, done.stderr
        return done.stdout

    def kill(self, share: float, *arguments: str) -> bool:
        """Kill a command after a share of its work, and return True if it was still running.

        The first time, it runs to its end, to see how long that takes.
        """
        name = " ".join(arguments[:2] if arguments[0] == "upgrade" else arguments[:1])
        with self.start(*arguments) as process:
            go(process)
            began = time.perf_counter()
            if name not in self.durations:
                process.communicate()
                self.durations[name] = time.perf_counter() - began
            else:
                time.sleep(share * self.durations[name])
                process.kill()
        return process.returncode == -signal.SIGKILL

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start a command, and wait until it has loaded everything; see `go`."""
        process = subprocess.Popen(
            [*FLASKR, *arguments],
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.folder,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    def environment(self) -> dict[str, str]:
        """Return the environment of its commands."""
        return {**os.environ, "FLASKR_INSTANCE_PATH": str(self.instance)}

    def add_medium(self, digest: str) -> None:
        """Store the row of a media file."""
        with closing(sqlite3.connect(self.instance / "flaskr.sqlite")) as db:
            db.execute(
                "INSERT INTO media (hash, name, type, original_name, size)"
                " VALUES (?, ?, 'image/png', 'a.png', 1)",
                (digest, f"{digest}.png"),
            )
            db.commit()

    def state(self) -> tuple[int, int]:
        """Return the version and the number of posts, after checking the database."""
        with closing(sqlite3.connect(self.instance / "flaskr.sqlite")) as db:
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            version = db.execute("PRAGMA user_version").fetchone()[0]
            return version, db.execute("SELECT count(*) FROM post").fetchone()[0]


def go(process: "subprocess.Popen[str]") -> None:
    """Let a command begin that has loaded everything."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def kill_upgrade(blog: Blog, share: float) -> bool:
    """Kill an upgrade: the database is the old or the new one, and can be upgraded."""
    blog.reset()
    before = blog.state()
    was_running = blog.kill(share, "upgrade")
    found = blog.state()
    assert found[1] == before[1], found
    blog.run("upgrade")
    assert blog.state()[0] > before[0]
    return was_running


def kill_undo(blog: Blog, share: float) -> bool:
    """Kill the undo of an upgrade: the database is the new or the old one."""
    blog.reset()
    before = blog.state()
    blog.run("upgrade")
    upgraded = blog.state()
    was_running = blog.kill(share, "upgrade", "--undo", "--yes")
    found = blog.state()
    assert found in (before, upgraded), found
    if found == upgraded:
        blog.run("upgrade", "--undo", "--yes")
    assert blog.state() == before
    return was_running


def kill_backup(blog: Blog, share: float) -> bool:
    """Kill a backup: a file with its final name is whole, and the next backup cleans up."""
    blog.reset()
    blog.run("upgrade")
    was_running = blog.kill(share, "backup", "a.tar.gz")
    file = blog.folder / "a.tar.gz"
    if file.exists():
        blog.run("verify", str(file))
    blog.run("backup", str(file))
    left = [*blog.folder.glob("*.part"), *blog.instance.glob("unfinished-*")]
    assert left == [], left
    return was_running


def kill_restore(blog: Blog, share: float) -> bool:
    """Kill a restore: the next command finds the former blog or the restored one."""
    blog.reset()
    blog.run("upgrade")
    former = blog.state()
    blog.run("backup", str(blog.backup))
    with closing(sqlite3.connect(blog.instance / "flaskr.sqlite")) as db:
        db.execute("DELETE FROM post WHERE title = 'old'")
        db.commit()
    changed = blog.state()
    was_running = blog.kill(share, "restore", str(blog.backup))
    blog.run("user", "list")
    assert blog.state() in (changed, former), blog.state()
    blog.run("restore", str(blog.backup))
    assert blog.state() == former
    assert not list(blog.instance.glob("unfinished-*"))
    return was_running


def kill_import(blog: Blog, share: float) -> bool:
    """Kill an import: each post is there once or not at all, and the next import completes it."""
    blog.reset()
    blog.run("upgrade")
    site = blog.folder / "site"
    site.mkdir()
    for number in range(IMPORTED):
        (site / f"{number}.md").write_text(f"# Imported {number}\n\n{'text ' * 100}\n")
    before = blog.state()[1]
    was_running = blog.kill(share, "import", str(site))
    assert before <= blog.state()[1] <= before + IMPORTED, blog.state()
    blog.run("import", str(site))
    assert blog.state()[1] == before + IMPORTED, blog.state()
    return was_running


def kill_freeze(blog: Blog, share: float) -> bool:
    """Kill a freeze: the next one leaves the same files as one that was not killed."""
    blog.reset()
    blog.run("upgrade")
    with closing(sqlite3.connect(blog.instance / "flaskr.sqlite")) as db:
        db.execute("DELETE FROM post WHERE id % 20")
        db.commit()
    address = "--url=https://blog.example"
    was_running = blog.kill(share, "freeze", str(blog.folder / "a"), address)
    for name in ("a", "b"):
        blog.run("freeze", str(blog.folder / name), address)
    assert files_in(blog.folder / "a") == files_in(blog.folder / "b")
    return was_running


def files_in(folder: Path) -> dict[str, bytes]:
    """Return the content of each file but the note, which tells when they were written."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and file.suffix != ".note"
    }


def kill_tidy_up(blog: Blog, share: float) -> bool:
    """Kill the removal of files that killed uploads left: it removes no others, and then all."""
    blog.reset()
    blog.run("upgrade")
    # The author of one is missing, and `doctor` stops after it says so.
    with closing(sqlite3.connect(blog.instance / "flaskr.sqlite")) as db:
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("DELETE FROM post")
        db.commit()
    media = blog.instance / "media"
    known = [hashlib.sha256(b"%d" % number).hexdigest()[:32] for number in range(LEFT_FILES * 2)]
    for number, digest in enumerate(known):
        (media / f"{digest}.png").write_text("x")
        (media / f"{digest}.{'0' * 16}.part").touch()
        if number % 2:
            blog.add_medium(digest)
    was_running = blog.kill(share, "doctor", "--fix")
    kept = {f"{digest}.png" for digest in known[1::2]}
    assert kept <= set(os.listdir(media))
    blog.run("doctor", "--fix", is_checked=False)
    assert set(os.listdir(media)) == kept
    return was_running


def restore_twice(blog: Blog, share: float) -> bool:
    """Start two restores at once: one does it, and the other says so or does it after that."""
    blog.reset()
    blog.run("upgrade")
    former = blog.state()
    blog.run("backup", str(blog.backup))
    both = [blog.start("restore", str(blog.backup)) for _ in range(2)]
    go(both[0])
    time.sleep(share / 10)
    go(both[1])
    said = [error for process in both for _, error in [process.communicate()] if process.returncode]
    assert len(said) < 2, said
    assert all("Another command is restoring" in error for error in said), said
    assert blog.state() == former
    assert not list(blog.instance.glob("unfinished-*"))
    return bool(said)


ATTEMPTS = (
    *(kill_backup, kill_restore, kill_upgrade, kill_undo, kill_import, kill_freeze),
    *(kill_tidy_up, restore_twice),
)


def main() -> None:
    """Kill each command several times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    moments = random.Random(options.seed)
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        blog = Blog(Path(folder, "blog"))
        for attempt in ATTEMPTS:
            hits = 0
            # The first round measures.
            for number in range(options.rounds + 1):
                hits += attempt(blog, moments.random())
                line = f"{attempt.__name__}: {number} of {options.rounds} rounds, {hits} hits"
                print(line, flush=True)
    print("No fault.")


if __name__ == "__main__":
    main()
