"""Find the stems of English words with the porter stemmer of SQLite's full-text search."""

import sqlite3
import threading
from collections.abc import Iterable

from ..db.sqlite import Connection

MAX_KNOWN_WORDS = 20_000


class _Stemmer(threading.local):
    """A full-text index in memory, which contains only the words to stem."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self._db = sqlite3.connect(
            ":memory:", isolation_level=None, check_same_thread=False, factory=Connection
        )
        self._db.execute(
            "CREATE VIRTUAL TABLE word USING fts5 (text, content = '', tokenize = 'porter ascii')"
        )
        self._db.execute("CREATE VIRTUAL TABLE stem USING fts5vocab ('word', 'instance')")

    def learn(self, words: list[str]) -> None:
        """Find the stems of the words."""
        self._db.execute("INSERT INTO word (text) VALUES (?)", (" ".join(words),))
        rows = self._db.execute("SELECT term FROM stem ORDER BY offset").fetchall()
        self._db.execute("INSERT INTO word (word) VALUES ('delete-all')")
        self.known.update(zip(words, (row[0] for row in rows), strict=True))


_stemmer = _Stemmer()


def stem(words: Iterable[str]) -> dict[str, str]:
    """Return the stem of each word, which has ASCII letters only."""
    words = {*words}
    if len(_stemmer.known) > MAX_KNOWN_WORDS:
        _stemmer.known.clear()
    if missing := [word for word in words if word not in _stemmer.known]:
        _stemmer.learn(missing)
    return {word: _stemmer.known[word] for word in words}
