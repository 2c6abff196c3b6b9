"""Time searches among many posts by kind of query, and measure the size of the index.

The words of the posts are distributed as in a natural language: the n-th word is 1/n as frequent as
the first. Each search is a request with a connection of its own. Run `python
tests/benchmarks/search.py --posts 100000`, with `--database URL` for an empty PostgreSQL.
"""

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime
from datetime import timedelta
from functools import cache
from itertools import accumulate
from itertools import chain
from pathlib import Path

from flaskr import create_app
from flaskr.db import get_db
from flaskr.db import init_db
from flaskr.db import is_postgres
from flaskr.models import posts
from flaskr.models import search_texts
from flaskr.models.permissions import SYSTEM

VOCABULARY = 60_000
LENGTH = 2000
ROUNDS = 20
FIRST = datetime(2000, 1, 1)
SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo zu".split()
CJK = "".join(map(chr, range(0x4E00, 0x4F00)))
FTS = {"post_words": 2, "post_titles": 1, "post_letters": 2, "tag_words": 1}
POSTGRES = ("post_words", "post_titles", "post_letters")
clock = time.perf_counter


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, nargs="+", default=[1_000, 100_000])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--folder", type=Path)
    parser.add_argument(
        "--indexing", type=float, default=3600, metavar="SECONDS", help="stop indexing after these"
    )
    parser.add_argument("--database", metavar="URL", help="of a PostgreSQL, empty or filled before")
    parser.add_argument("--cpu", action="store_true", help="on a busy machine")
    options = parser.parse_args()
    if options.cpu:
        globals()["clock"] = time.thread_time
    for number in options.posts:
        kept = nullcontext(options.folder) if options.folder else tempfile.TemporaryDirectory()
        with kept as folder:
            measure(Path(folder), number, options)


def measure(folder: Path, number: int, options: argparse.Namespace) -> None:
    """Fill a blog in the folder, search it and write to it."""
    os.environ["FLASKR_INSTANCE_PATH"] = str(folder)
    settings = {"DATABASE": options.database} if options.database else {}
    app = create_app({"RATELIMIT_ENABLED": False, **settings})
    words = vocabulary()
    with app.app_context():
        init_db()
        is_filled = get_db().execute("SELECT 1 FROM post LIMIT 1").fetchone()
        filled = 0.0 if is_filled else fill(words, number)
        began = clock()
        while search_texts.update_next():
            if clock() - began > options.indexing:
                print("There are more posts to index: start again with the same --folder.")
                return
        indexed = clock() - began
        text, index = sizes()
        print(
            f"{number} posts, {text:.0f} MB: written in {filled:.1f} s, indexed in {indexed:.1f} s,"
            f" index {index:.0f} MB"
        )
    client = app.test_client()
    client.get("/search?q=warm")
    if options.cpu and options.database:
        with app.app_context():
            globals()["clock"] = clock_with_server()
    times: dict[str, list[float]] = {}
    for _ in range(options.rounds):
        for kind, query in queries(words):
            began = clock()
            status = client.get("/search", query_string={"q": query}).status_code
            times.setdefault(kind, []).append(clock() - began)
            assert status == 200
    for kind, measured in [*times.items(), ("all", list(chain.from_iterable(times.values())))]:
        print(f"  {kind:<22}" + "".join(f"  {name} {value}" for name, value in summary(measured)))
    saves = list(save(app, words))
    print(f"  {'a save':<22}" + "".join(f"  {name} {value}" for name, value in summary(saves)))


def clock_with_server() -> Callable[[], float]:
    """Return a clock of the processor time of this thread and of a PostgreSQL on this machine."""
    query = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
    files = [Path(f"/proc/{row['pid']}/schedstat") for row in get_db().execute(query)]
    return lambda: (
        time.thread_time() + sum(int(file.read_text().split()[0]) for file in files) / 1e9
    )


def vocabulary() -> list[str]:
    """Return the words, the most frequent first. One in fifty is Chinese."""
    chance = random.Random(1)
    return [
        "".join(chance.choices(CJK, k=6))
        if number % 50 == 49
        else "".join(chance.choices(SYLLABLES, k=1 + min(4, number.bit_length() // 4)))
        for number in range(VOCABULARY)
    ]


def fill(words: list[str], number: int) -> float:
    """Write the posts and return the seconds that took. One in twenty has Chinese words."""
    chance = random.Random(2)
    latin = [word for word in words if word.isascii()]
    seconds = 0.0
    db = get_db()
    db.execute("INSERT INTO \"user\" (username, password) VALUES ('ada', '!')")
    db.execute("INSERT INTO tag (name, name_key, slug) VALUES ('Baking', 'baking', 'baking')")
    for start in range(0, number, 1000):
        rows = [
            (
                f"{FIRST + timedelta(hours=post)}",
                *written(chance, words if post % 20 == 0 else latin),
                f"post-{post}",
            )
            for post in range(start, min(number, start + 1000))
        ]
        began = clock()
        db.executemany(
            "INSERT INTO post (author_id, created, title, body, slug) VALUES (1, ?, ?, ?, ?)",
            rows,
        )
        seconds += clock() - began
    db.execute("INSERT INTO post_tag (post_id, tag_id) SELECT id, 1 FROM post WHERE id % 3 = 0")
    began = clock()
    db.commit()
    return seconds + clock() - began


@cache
def weights(number: int) -> list[float]:
    """Return the cumulative frequencies of the words."""
    return list(accumulate(1 / (rank + 1) for rank in range(number)))


def written(chance: random.Random, words: list[str]) -> tuple[str, str]:
    """Return a title and a body."""
    chosen = chance.choices(words, cum_weights=weights(len(words)), k=400)
    return " ".join(chosen[:5]), " ".join(chosen)[:LENGTH]


def sizes() -> tuple[float, float]:
    """Return the size of the text and of the index, in megabytes."""
    db = get_db()
    text = db.execute("SELECT sum(length(title) + length(body)) FROM post").fetchone()[0]
    index = 0
    if is_postgres():
        tables = ", ".join(f"'{table}'" for table in ("search_word", "search_text", *POSTGRES))
        query = f"SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relname IN ({tables})"
        return text / 1e6, db.execute(query).fetchone()[0] / 1e6
    for table, number in FTS.items():
        query = f"SELECT coalesce(sum(length(block)), 0) FROM {table}_data"
        index += db.execute(query).fetchone()[0]
        columns = " || ".join(f"c{column}" for column in range(number))
        query = f"SELECT coalesce(sum(length(CAST({columns} AS BLOB))), 0) FROM {table}_content"
        index += db.execute(query).fetchone()[0]
    index += db.execute("SELECT coalesce(sum(length(text)), 0) FROM search_text").fetchone()[0]
    return text / 1e6, index / 1e6


def queries(words: list[str]) -> Iterator[tuple[str, str]]:
    """Yield a random query of each kind."""
    common, usual, rare = words[:12], words[50:500], words[20_000:]
    pick = random.choice
    chinese = next(word for word in iter(lambda: pick(words), None) if not word.isascii())
    yield "a common word", pick(common)
    yield "two common words", f"{pick(common)} {pick(common)}"
    yield "a usual word", pick(usual)
    yield "three usual words", f"{pick(usual)} {pick(usual)} {pick(usual)}"
    yield "a rare word", pick(rare)
    yield "no word", "xyzzyx"
    yield "a misspelled word", (lambda word: f"{word[:3]}{word[2:]}")(pick(usual))
    yield "a missing word", f"{pick(rare)[:5]}q{pick(rare)[:5]}"
    yield "a hyphen", f"{pick(usual)}-{pick(usual)}"
    yield "hyphens", " ".join(f"{pick(common)}-{pick(common)}" for _ in range(8))
    yield "one letter", pick("abcdefgh")
    yield "a beginning", pick(usual)[:3]
    yield "a phrase", f'"{pick(common)} {pick(common)}"'
    yield "a phrase of many", '"' + " ".join(random.choices(common, k=5)) + '"'
    yield "a long phrase", '"' + " ".join(random.choices(common, k=40)) + '"'
    yield "one word repeated", '"' + " ".join([pick(common)] * 60) + '"'
    yield "many phrases", " ".join(f'"{pick(common)} {pick(common)}"' for _ in range(8))
    yield "without a phrase", f'{pick(common)} -"{pick(common)} {pick(common)} {pick(common)}"'
    yield "two letters", pick(usual)[:2]
    yield "without", f"{pick(common)} -{pick(common)}"
    yield "with a tag", f"baking {pick(usual)}"
    yield "without a tag", f"{pick(common)} -baking"
    yield "Chinese", chinese[1:5]
    yield "Chinese, two letters", chinese[:2]
    yield "Chinese and a word", f"{chinese[:3]} {pick(common)}"
    yield "a sign", "🎉"
    yield "a name", "C++ .NET"
    yield "many words", " ".join(random.choices(words[:200], k=30))


def save(app: object, words: list[str]) -> Iterator[float]:
    """Yield the seconds that saving each changed post took."""
    with app.app_context():  # type: ignore[attr-defined]
        for number in range(1, 51):
            post = posts.get_stored(number)
            began = clock()
            posts.update(
                number, SYSTEM, title=post["title"], body=f"{post['body']} {random.choice(words)}"
            )
            yield clock() - began


def summary(seconds: list[float]) -> list[tuple[str, str]]:
    """Return the median, the 99th percentile and the maximum, in milliseconds."""
    ordered = sorted(seconds)
    at = {"median": len(ordered) // 2, "p99": int(len(ordered) * 0.99), "longest": len(ordered) - 1}
    return [(name, f"{ordered[place] * 1000:6.1f} ms") for name, place in at.items()]


if __name__ == "__main__":
    main()
