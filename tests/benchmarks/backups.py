"""Measure the speed and memory of backup, verify and restore, beside tar with gzip and zstd.

Run `python tests/benchmarks/backups.py --megabytes 500 --posts 1000`. The media files are random
bytes, as incompressible as pictures. Each figure is the fastest of `--rounds`.
"""

import argparse
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pages

FILE_BYTES = 1_000_000
FLASKR = [sys.executable, "-m", "flask", "--app", "flaskr"]


def main() -> None:
    """Fill a blog, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--posts", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        blog, work = Path(folder, "blog"), Path(folder, "work")
        blog.mkdir()
        work.mkdir()
        pages.fill(blog, options.posts)
        add_media(blog, options.megabytes)
        size = sum(path.stat().st_size for path in blog.rglob("*") if path.is_file())
        print(f"{size / 1e6:,.0f} MB, {os.cpu_count()} cores")
        measure(blog, work, size, options.rounds)


def add_media(blog: Path, megabytes: int) -> None:
    """Write files of random bytes, with their rows."""
    (blog / "media").mkdir(exist_ok=True)
    with closing(sqlite3.connect(blog / "flaskr.sqlite")) as db:
        for _ in range(megabytes):
            name = secrets.token_hex(16)
            (blog / "media" / f"{name}.jpg").write_bytes(os.urandom(FILE_BYTES))
            db.execute(
                """
                INSERT INTO media (hash, name, type, original_name, alt, words, size)
                VALUES (?, ?, 'image/jpeg', 'a.jpg', '', '', ?)
                """,
                (name, f"{name}.jpg", FILE_BYTES),
            )
        db.commit()


def measure(blog: Path, work: Path, size: int, rounds: int) -> None:
    """Time each command."""
    backup, restored = work / "a.tar.gz", work / "restored"
    commands = {
        "flaskr backup": [*FLASKR, "backup", str(backup)],
        "flaskr verify": [*FLASKR, "verify", str(backup)],
        "flaskr restore": [*FLASKR, "restore", str(backup)],
        "tar, no compression": tar(blog, work / "b.tar", "cat"),
        "tar | gzip": tar(blog, work / "b.tar.gz", "gzip"),
        "tar | gzip -1": tar(blog, work / "b1.tar.gz", "gzip -1"),
        "tar | zstd": tar(blog, work / "b.tar.zst", "zstd -q"),
        "zstd | tar": ["sh", "-c", f"zstd -dqc {work}/b.tar.zst | tar xC {restored}; sync"],
        "gzip | tar": ["sh", "-c", f"gzip -dc {work}/b.tar.gz | tar xC {restored}; sync"],
    }
    print(f"{'':<20} {'seconds':>8} {'MB/s':>6} {'peak MB':>8}")
    for name, command in commands.items():
        took = []
        for _ in range(rounds):
            shutil.rmtree(restored, ignore_errors=True)
            restored.mkdir()
            instance = restored if name == "flaskr restore" else blog
            took.append(run(command, instance))
        seconds, peak = min(took)
        print(f"{name:<20} {seconds:8.2f} {size / 1e6 / seconds:6.0f} {peak / 1e3:8.0f}")


def tar(blog: Path, target: Path, program: str) -> list[str]:
    """Return a command that packs the blog, and waits for the disk as a backup does."""
    return ["sh", "-c", f"tar cC {blog} . | {program} > {target}; sync {target}"]


def run(command: list[str], instance: Path) -> tuple[float, int]:
    """Return the seconds that a command took, and its peak memory in kilobytes."""
    environment = {**os.environ, "FLASKR_INSTANCE_PATH": str(instance)}
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return time.perf_counter() - began, usage.ru_maxrss


if __name__ == "__main__":
    main()
