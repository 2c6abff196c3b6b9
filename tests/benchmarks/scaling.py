"""Measure what a page from memory costs when several web machines share a PostgreSQL.

Run `python -m tests.benchmarks.scaling`. Web machines are servers with instance folders of their
own. All run on this computer, so pages a second say little: the processor time of a page does. If
that of the web machines stays the same with each one that is added, they scale until PostgreSQL,
which answers a question for each page, uses up its own machine.
"""

import argparse
import os
import resource
import tempfile
import threading
from contextlib import ExitStack
from contextlib import closing
from itertools import cycle
from pathlib import Path

from flaskr.db import postgres

from ..postgresql import Server
from . import freshness
from . import machines

PATHS = ("/", "/fresh", "/feed.atom")
READERS = 2


def main() -> None:
    """Measure a machine with SQLite, then one and more with PostgreSQL."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=9000, help="requested from each machine")
    parser.add_argument("--machines", type=int, default=3)
    options = parser.parse_args()
    server = Server()
    server.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), server, options.pages, options.machines)
    finally:
        server.stop()
        server.delete()


def measure(folder: Path, server: Server, pages: int, most: int) -> None:
    """Print the processor time of a page."""
    os.environ["FLASKR_INSTANCE_PATH"] = str(folder)
    with closing(server.connect()) as db:
        db.execute("CREATE DATABASE machines")
    url = server.url("machines")
    for database in ("flaskr.sqlite", url):
        machines.fill(database)
    postgres.close_idle()
    alone, _ = page_costs("flaskr.sqlite", [folder], server, pages)
    print(f"a page with SQLite: {alone:.0f} microseconds of processor time")
    for number in range(1, most + 1):
        folders = [folder / str(machine) for machine in range(number)]
        web, shared = page_costs(url, folders, server, pages)
        print(
            f"with PostgreSQL and {number} web machine{'s' * (number > 1)}: {web:.0f} and"
            f" {shared:.0f} of PostgreSQL,"
            f" one core of which is enough for {web / shared:.1f} of theirs"
        )


def page_costs(
    database: str, folders: list[Path], server: Server, pages: int
) -> tuple[float, float]:
    """Return the microseconds of web machines and of PostgreSQL, without those of starting."""
    few = pages // 10
    (web, shared), (web_start, shared_start) = (
        run(database, folders, server, number) for number in (pages, few)
    )
    scale = 1e6 / (len(folders) * (pages - few))
    return (web - web_start) * scale, (shared - shared_start) * scale


def run(database: str, folders: list[Path], server: Server, pages: int) -> tuple[float, float]:
    """Request pages of each machine. Return the seconds that they and PostgreSQL worked."""
    os.environ["FLASKR_DATABASE"] = database
    web, shared = ended_processes(), server.processor_seconds()
    with ExitStack() as stack:
        askers = [stack.enter_context(freshness.served(folder)) for folder in folders]
        readers = [
            threading.Thread(target=read, args=(asker, pages // READERS))
            for asker in askers * READERS
        ]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
    return ended_processes() - web, server.processor_seconds() - shared


def ended_processes() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def read(asker: freshness.Asker, pages: int) -> None:
    """Request pages over one connection."""
    with asker() as ask:
        for path, _ in zip(cycle(PATHS), range(pages), strict=False):
            if not ask(path).startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"{path} failed.")


if __name__ == "__main__":
    main()
