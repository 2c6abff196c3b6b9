"""Time the lists of a large blog: first and deep pages, archives, tags, series, adjacent posts.

`python tests/benchmarks/lists.py --posts 100000` fills a blog by plain SQL and calls each rule
`--rounds` times on a connection of its own, as a request does. `--folder` keeps the blog for the
next run.
"""

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from statistics import median

from flaskr import create_app
from flaskr.db import get_db
from flaskr.db import init_db
from flaskr.models import archives
from flaskr.models import post_lists
from flaskr.models import posts
from flaskr.models import related_posts
from flaskr.models import series
from flaskr.models import tags

BODY = "Some **words** that make up a post of a usual length, with `code` in them.\n\n" * 27
DAY = "2005-06-01T00:00:00~47450"
# The share of posts that have each tag; `old-` tags are on the oldest posts only.
TAGS = {
    "all": lambda number, total, chance: True,
    "third": lambda number, total, chance: number % 3 == 0,
    "two-percent": lambda number, total, chance: chance.random() < 0.02,
    "one-percent": lambda number, total, chance: chance.random() < 0.01,
    "old-half": lambda number, total, chance: number < total / 2,
    "old-tenth": lambda number, total, chance: number < total / 10,
    "old-fiftieth": lambda number, total, chance: number < total / 50,
    "rare": lambda number, total, chance: number in (1, total // 2, total - 9),
}
OTHER_TAGS = 300
clock = time.perf_counter


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, nargs="+", default=[1_000, 100_000])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--cpu", action="store_true", help="on a busy machine")
    options = parser.parse_args()
    if options.cpu:
        globals()["clock"] = time.thread_time
    for number in options.posts:
        with nullcontext(options.folder) if options.folder else tempfile.TemporaryDirectory() as at:
            measure(Path(at), number, options.rounds)


def measure(folder: Path, number: int, rounds: int) -> None:
    """Fill a blog in the folder if there is none, and time its lists."""
    os.environ["FLASKR_INSTANCE_PATH"] = str(folder)
    app = create_app()
    with app.app_context():
        init_db()
        if not get_db().execute("SELECT 1 FROM post LIMIT 1").fetchone():
            fill(number)
            init_db()
    print(f"{number} posts")
    with app.app_context():
        asked = list(questions())
    for name, ask in [("open a connection", get_db), *asked]:
        seconds = []
        for _ in range(rounds):
            with app.app_context():
                if ask is not get_db:
                    get_db().execute("SELECT count(*) FROM sqlite_master").fetchone()
                began = clock()
                ask()
                if ask is get_db:
                    get_db().execute("SELECT 1 FROM post LIMIT 1").fetchone()
                seconds.append(clock() - began)
        print(
            f"  {name:<32} median {median(seconds) * 1000:7.2f} ms  longest"
            f" {max(seconds) * 1000:7.2f} ms",
            flush=True,
        )


def fill(number: int) -> None:
    """Write posts an hour apart, with tags, co-authors and series."""
    chance = random.Random(3)
    db = get_db()
    db.execute(
        "INSERT INTO \"user\" (username, password) VALUES ('ada', '!'), ('bob', '!'), ('cleo', '!')"
    )
    db.executemany(
        "INSERT INTO post (author_id, created, title, body, status, kind)"
        " VALUES (?, datetime('2000-01-01', ? || ' hours'), ?, ?, ?, ?)",
        (
            (
                1 + (post % 2 if post >= number / 2 else 0) * (post % 50 != 1) + (post % 50 == 1),
                post,
                f"Post {post}",
                f"{BODY}{post}",
                "draft" if post % 100 == 99 else "published",
                "page" if post % (number // 4 or 1) == 5 else "post",
            )
            for post in range(number)
        ),
    )
    names = [*TAGS, *(f"tag-{one}" for one in range(OTHER_TAGS))]
    db.executemany("INSERT INTO tag (name, name_key, slug) VALUES (?1, ?1, ?1)", zip(names))
    weights = [1 / (rank + 1) for rank in range(OTHER_TAGS)]
    for post in range(number):
        own = {place for place, has in enumerate(TAGS.values()) if has(post, number, chance)}
        own |= {len(TAGS) + one for one in chance.choices(range(OTHER_TAGS), weights, k=2)}
        db.executemany(
            "INSERT INTO post_tag (post_id, tag_id) VALUES (?, ?)",
            [(post + 1, place + 1) for place in own],
        )
    coauthors = "SELECT id, 3, 1 FROM post WHERE id % 4 = 0"
    db.execute(f"INSERT INTO coauthor (post_id, user_id, position) {coauthors}")
    db.execute("INSERT INTO series (name, name_key, slug) VALUES ('a', 'a', 'a'), ('b', 'b', 'b')")
    for parts in (
        "SELECT id, 1, NULL FROM post WHERE id % 20 = 0",
        "SELECT id, 2, id FROM post WHERE id % 20 = 1 LIMIT 12",
    ):
        db.execute(f"INSERT INTO series_post (post_id, series_id, part) {parts}")
    db.commit()


def questions() -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield the name of each list and the function that reads it."""
    yield "front page", post_lists.newest
    yield "front page, deep", partial(post_lists.newest, before=DAY)
    yield "front page, back", partial(post_lists.newest, after=DAY)
    yield (
        "year",
        partial(post_lists.between, "2004-01-01 00:00:00", "2005-01-01 00:00:00", per_page=30),
    )
    yield (
        "month",
        partial(post_lists.between, "2004-01-01 00:00:00", "2004-02-01 00:00:00", per_page=30),
    )
    yield "archive", partial(archives.months, "Europe/Berlin")
    for place, name in enumerate(TAGS):
        yield f"tag {name}", partial(post_lists.with_tag, place + 1, per_page=30)
        yield f"tag {name}, deep", partial(post_lists.with_tag, place + 1, before=DAY, per_page=30)
        yield f"tag {name}, back", partial(post_lists.with_tag, place + 1, after=DAY, per_page=30)
    for user, name in enumerate(("first half and more", "newest half", "few, and co-author")):
        yield f"person, {name}", partial(post_lists.by_author, user + 1, per_page=30)
        yield (
            f"person, {name}, deep",
            partial(post_lists.by_author, user + 1, before=DAY, per_page=30),
        )
        yield (
            f"person, {name}, back",
            partial(post_lists.by_author, user + 1, after=DAY, per_page=30),
        )
    yield "all tags", tags.list_public
    yield "tag counts for writers", tags.list_all
    yield "tag names by use", tags.names_by_use
    count = get_db().execute("SELECT count(*) FROM post").fetchone()[0]
    for post_id in (count // 2 + 1, 20, count - 1):
        post = posts.get_stored(post_id)
        yield f"adjacent to {post_id}", partial(related_posts.find_adjacent, post)
        yield f"related to {post_id}", partial(related_posts.find_related, post_id)
    for series_id, post_id in ((1, count // 40 * 20 + 20), (2, 21)):
        yield f"series {series_id}", partial(series.page, series_id)
        yield f"series {series_id}, deep", partial(series.page, series_id, post_id)
        yield f"series {series_id}, one part", partial(series.find_part, series_id, post_id)


if __name__ == "__main__":
    main()
