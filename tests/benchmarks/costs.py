"""What the blog costs beside its pages: start, memory, an import, many who write at once."""

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import pages

BODY = "Some **words** that make up a post of two kilobytes, with `code` in them.\n\n" * 27
WRITERS = 8


def start(rounds: int) -> tuple[float, float]:
    """Seconds until the application is made, and until Flask alone is imported."""
    programs = ("import flaskr; flaskr.create_app()", "import flask")
    with tempfile.TemporaryDirectory() as folder:
        runs = [[run(program, folder) for program in programs] for _ in range(rounds)]
    own, flask = (median(times) for times in zip(*runs, strict=True))
    return own, flask


def run(program: str, folder: str) -> float:
    """Seconds that a new Python takes for it, without its own start."""
    program = f"import time; t = time.perf_counter(); {program}; print(time.perf_counter() - t)"
    command = [sys.executable, "-c", program]
    ran = subprocess.run(
        command, check=True, capture_output=True, text=True, env=pages.environment(folder)
    )
    return float(ran.stdout)


def memory(posts: int) -> float | None:
    """Megabytes that the server's processes hold after some reading; None where nobody tells."""
    with tempfile.TemporaryDirectory() as folder:
        pages.fill(Path(folder), posts)
        with pages.serve(folder, "flaskr:create_app", "--factory") as port:
            for path in pages.pages_to_ask(port).values():
                pages.load(port, path, 1)
            found = [
                int(line.split()[1])
                for status in Path("/proc").glob("[0-9]*/status")
                if f"--port\0{port}\0".encode() in read(status.with_name("cmdline"))
                for line in read(status).decode().splitlines()
                if line.startswith("VmRSS:")
            ]
    return max(found) / 1024 if found else None


def read(file: Path) -> bytes:
    """What a file says; nothing where it is gone."""
    try:
        return file.read_bytes()
    except OSError:
        return b""


def imported(posts: int) -> float:
    """Seconds to import so many files of two kilobytes."""
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder, "files")
        files.mkdir()
        for number in range(posts):
            text = f"---\ntitle: Post {number}\ndate: 2020-01-01\n---\n{BODY}{number}\n"
            (files / f"post-{number}.md").write_text(text, encoding="utf-8")
        pages.init_db(Path(folder))
        flaskr = [sys.executable, "-m", "flask", "--app", "flaskr"]
        subprocess.run(
            [*flaskr, "user", "add", "ada"],
            check=True,
            input="correct horse\ncorrect horse\n",
            text=True,
            env=pages.environment(folder),
            stdout=subprocess.DEVNULL,
        )
        began = time.perf_counter()
        subprocess.run(
            [*flaskr, "import", str(files)],
            check=True,
            env=pages.environment(folder),
            stdout=subprocess.DEVNULL,
        )
        return time.perf_counter() - began


def write(folder: str, seconds: int) -> int:
    """How many posts one process stores in this time, by the rules of the blog."""
    os.environ["FLASKR_INSTANCE_PATH"] = folder
    from flaskr import create_app
    from flaskr.models import posts

    ends, count = time.monotonic() + seconds, 0
    with create_app().app_context():
        while time.monotonic() < ends:
            posts.create(author_id=1, title=f"Post {count} of {os.getpid()}", body=BODY)
            count += 1
    return count


def writes(processes: int, seconds: int) -> float:
    """Posts a second that so many processes store at once; none of them fails."""
    with tempfile.TemporaryDirectory() as folder:
        pages.fill(Path(folder), 10)
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            return sum(pool.starmap(write, [(folder, seconds)] * processes)) / seconds
