"""Measure exporting and freezing a real blog, beside Hugo and Pelican if they are installed.

    python tests/benchmarks/freezing.py FOLDER --posts 1000

The folder is that of any site which flaskr imports. If it has fewer posts, copies of them follow.
Figures are the whole time, the processor time of all processes, and the former in relation to the
first, which renders the Markdown. "unchanged" finds nothing to write.

Hugo and Pelican get the exported folder, Hugo with two bare templates, Pelican with its own theme.
On some disks, creating files takes several times as long for minutes after many were deleted, as
at the end of this program. `TMPDIR=/dev/shm` writes into memory.
"""

import argparse
import itertools
import os
import shutil
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path

ADDRESS = "https://blog.example"
COPIED = "author_id, title, body, created, language, cover"
HUGO_PAGE = "<html><title>{{ .Title }}</title><body>{{ .Content }}</body></html>"
HUGO_LIST = (
    "<html><body>{{ range .Pages }}<a href={{ .Permalink }}>{{ .Title }}</a>{{ end }}</body></html>"
)


def fill(folder, number):
    """Import the folder, and copy its posts until there are enough. Returns their number."""
    from flaskr.db import get_db
    from flaskr.db import transaction
    from flaskr.models import posts
    from flaskr.models import static_sites
    from flaskr.site_export.entries import ignore_progress
    from flaskr.site_import import importing

    importing.run(folder, "UTC", importing.Options(), ignore_progress)
    rows = get_db().execute(f"SELECT {COPIED} FROM post WHERE status = 'published'").fetchall()
    missing = max(0, number - len(static_sites.visible_ids()))
    with transaction():
        for row in itertools.islice(itertools.cycle(rows), missing):
            posts.create(**{**row, "body": f"{row['body']}\n\nA copy."})
        # The import has rendered some.
        get_db().execute("DELETE FROM rendered")
    return len(static_sites.visible_ids())


def measure(name, work, first=None):
    """Run a function, print the seconds, and return them."""
    began, began_cpu = time.perf_counter(), sum(os.times()[:4])
    work()
    cpu, whole = sum(os.times()[:4]) - began_cpu, time.perf_counter() - began
    ratio = f"{whole / first:5.2f}" if first else ""
    print(f"{name:22} {whole:6.1f} s, {cpu:6.1f} s of processor {ratio}", flush=True)
    return whole


def prepare_hugo(made):
    """Return the command that renders the exported folder with Hugo."""
    layouts = made / "hugo" / "_default"
    layouts.mkdir(parents=True)
    (layouts / "single.html").write_text(HUGO_PAGE)
    (layouts / "list.html").write_text(HUGO_LIST)
    (made / "export" / "config.toml").write_text(f"baseURL = '{ADDRESS}'\nlayoutDir = '../hugo'")
    return ["hugo", "--quiet", "-s", made / "export", "-d", made / "with-hugo"]


def prepare_pelican(made):
    """Return the command that renders the exported posts with Pelican."""
    posts = made / "pelican"
    posts.mkdir()
    for file in (made / "export" / "content").rglob("*.md"):
        text = file.read_text(encoding="utf-8").split("---\n", 2)
        fields = [line for line in text[1].split("\n") if line.startswith(("title", "date"))]
        (posts / file.name).write_text("\n".join([*fields, f"slug: {file.stem}", "", text[2]]))
    return ["pelican", posts, "-o", made / "with-pelican", "-q"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--posts", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        made = Path(made)
        os.environ["FLASKR_INSTANCE_PATH"] = f"{made}/instance"
        from flaskr import create_app
        from flaskr.db import init_db
        from flaskr.site_export import entries
        from flaskr.site_export import files
        from flaskr.site_export import freeze

        silent = entries.ignore_progress

        def freeze_to(name):
            freeze.freeze(made / name, ADDRESS, silent, processes=options.processes)

        with create_app().app_context():
            init_db()
            print(f"{fill(options.folder, options.posts):,} posts")
            first = measure("freeze, first", partial(freeze_to, "a"))
            measure("freeze, new folder", partial(freeze_to, "b"), first)
            measure("freeze, unchanged", partial(freeze_to, "b"), first)
            export = partial(files.export_markdown, made / "export", entries.Options(), silent)
            measure("export", export, first)
        for program, prepare in (("hugo", prepare_hugo), ("pelican", prepare_pelican)):
            if shutil.which(program):
                command = prepare(made)
                measure(program, partial(subprocess.run, command, check=True), first)


if __name__ == "__main__":
    main()
