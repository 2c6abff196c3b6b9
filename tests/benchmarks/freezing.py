"""Measure exporting and freezing a blog made of a folder of Markdown files.

    python tests/benchmarks/freezing.py FOLDER --posts 1000

The files are imported as they are, over and over until there are enough posts. Figures are
processor time of all processes; "first" renders the Markdown, and "again" finds nothing to write.
"""

import argparse
import os
import random
import tempfile
import time
from pathlib import Path


def write_posts(folder, number):
    """Make posts of the files, with three tags each."""
    from flaskr.db import transaction
    from flaskr.models import posts
    from flaskr.models import users

    bodies = [file.read_text(encoding="utf-8") for file in sorted(folder.rglob("*.md"))]
    author_id = users.create_without_password("Ann")
    random.seed(1)
    with transaction():
        for at in range(number):
            posts.create(
                author_id=author_id,
                title=f"Post {at}",
                body=f"{bodies[at % len(bodies)]}\n\n{at}",
                created=f"{2000 + at // 360}-{at // 30 % 12 + 1:02}-{at % 28 + 1:02} 12:00:00",
                tags=random.sample([f"tag {tag}" for tag in range(40)], 3),
            )


def measure(name, work):
    """Run a function and print the seconds."""
    began, began_cpu = time.perf_counter(), sum(os.times()[:4])
    work()
    cpu = sum(os.times()[:4]) - began_cpu
    print(f"{name:15} {cpu:6.1f} s of processor, {time.perf_counter() - began:6.1f} s in all")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--posts", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        os.environ["FLASKR_INSTANCE_PATH"] = f"{made}/instance"
        from flaskr import create_app
        from flaskr.db import init_db
        from flaskr.site_export import entries
        from flaskr.site_export import files
        from flaskr.site_export import freeze

        with create_app().app_context():
            init_db()
            write_posts(options.folder, options.posts)
            silent = entries.ignore_progress

            def export():
                files.export_markdown(Path(made, "export"), entries.Options(), silent)

            measure("export", export)
            for name, target in (("freeze, first", "a"), ("new folder", "b"), ("again", "b")):
                target = Path(made, target)
                measure(
                    name,
                    lambda to=target: freeze.freeze(
                        to, "https://blog.example", silent, processes=options.processes
                    ),
                )


if __name__ == "__main__":
    main()
