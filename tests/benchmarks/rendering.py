"""Measure the processor time of rendering a folder of Markdown, with this checkout and another.

    git worktree add /tmp/before v0.5
    python tests/benchmarks/rendering.py FOLDER --before /tmp/before

Each round runs both in turn, in processes of their own. Front matter is rendered as well.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]


def render_all(folder):
    """Return the seconds of processor time, without those of the highlighting process."""
    from flaskr import text

    bodies = [file.read_text(encoding="utf-8") for file in sorted(folder.rglob("*.md"))]
    text.render("# warm *up*\n\nhttp://example.org")
    began = time.process_time()
    for body in bodies:
        text.render(body)
    return len(bodies), time.process_time() - began


def run(checkout, folder):
    """Render the folder with a checkout, and return the number of texts and the seconds."""
    command = [sys.executable, __file__, str(folder), "--once"]
    environ = {**os.environ, "PYTHONPATH": str(checkout)}
    words = subprocess.run(command, env=environ, check=True, capture_output=True).stdout.split()
    return int(words[0]), float(words[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--before", type=Path, help="another checkout to compare with")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.once:
        print(*render_all(options.folder))
        return
    checkouts = [path for path in (options.before, ROOT) if path]
    seconds = {path: [] for path in checkouts}
    for _ in range(options.rounds):
        for path in checkouts:
            number, spent = run(path, options.folder)
            seconds[path].append(spent)
    medians = [statistics.median(seconds[path]) for path in checkouts]
    for path, median in zip(checkouts, medians, strict=True):
        print(f"{path}: {number} texts in {median:.2f} s ({min(seconds[path]):.2f} at best)")
    if options.before:
        print(f"{medians[1] / medians[0] - 1:+.1%}")


if __name__ == "__main__":
    main()
