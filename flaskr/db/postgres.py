"""PostgreSQL-specific code: connections that rules use like those of SQLite.

Values are bound to `?`, rows are read by name or number, times are naive datetimes in UTC, and
errors are those of the module `sqlite3`. psycopg is imported only if DATABASE names a PostgreSQL.
"""

import atexit
import itertools
import os
import re
import sqlite3
import time
from collections import defaultdict
from collections import deque
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from typing import Any
from typing import ClassVar
from typing import Self

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap
from psycopg.adapt import Dumper
from psycopg.adapt import Loader
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.types.string import StrDumperUnknown

from . import sqlite

# A statement that waits longer for another one, or takes longer, fails. So does a transaction that
# does nothing for this long, since everybody waits for it.
LOCK_TIMEOUT_SECONDS = sqlite.BUSY_TIMEOUT_SECONDS
STATEMENT_TIMEOUT_SECONDS = 30
IDLE_TIMEOUT_SECONDS = 60
CONNECT_TIMEOUT_SECONDS = 5
# A server that answers nothing for this long, not even its machine, is given up.
SILENCE_TIMEOUT_SECONDS = 5
# After connecting has timed out, it is not tried again for this long: requests would queue.
RETRY_SECONDS = 2
# The connections of one process that are kept open while nobody uses them.
MAX_IDLE = 16
# Whoever writes holds this advisory lock, so that writers take turns as in SQLite, and rules need
# not expect that another process writes between their statements.
WRITERS = 0x666C61736B72
PLACEHOLDER = re.compile(r"'[^']*'|\"[^\"]*\"|--[^\n]*|\?")
WRITES = re.compile(r"\s*(?:INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
BUSY = sqlite.ERROR_MESSAGES[sqlite3.SQLITE_BUSY]
UNREACHABLE = "The database cannot be reached. Try again in a moment."
INVALID_URL = (
    "DATABASE is not a valid PostgreSQL address, such as postgresql://user:password@host/name."
    " Percent-encode special characters in the password."
)
# The beginnings of codes in the PostgreSQL manual's appendix on error codes. Visitors may see this.
ERROR_MESSAGES = {
    "08": UNREACHABLE,
    "25006": "The database is read-only. Try again in a moment.",
    "40": BUSY,
    "42501": "The database refused this. Make the blog's database user the owner of its tables.",
    "53100": sqlite.ERROR_MESSAGES[sqlite3.SQLITE_FULL],
    "53300": "The database has too many connections. Try again in a moment.",
    "53": "The database has run out of memory. Try again in a moment.",
    "54": "A text is too long for the database. Shorten it.",
    "55P03": BUSY,
    "57014": "The database took too long to answer. Try again in a moment.",
    "57P": UNREACHABLE,
    "58": sqlite.ERROR_MESSAGES[sqlite3.SQLITE_IOERR],
    "XX001": "The database is damaged. Restore it from a backup with flaskr restore.",
    "XX002": "An index of the database is damaged. Rebuild it with REINDEX.",
}


class Unavailable(sqlite3.OperationalError):
    """Raised if the database is the cause of an error, with a sentence for people.

    `reason` is the message of PostgreSQL, for operators only.
    """

    def __init__(self, sentence: str, reason: str = "") -> None:
        super().__init__(sentence)
        self.reason = reason

    @property
    def sentence(self) -> str:
        """Return the sentence."""
        return str(self)


class Row(tuple[Any, ...]):
    """A row with its values by name and by number, like `sqlite3.Row`."""

    __slots__ = ()
    _numbers: ClassVar[dict[str, int]]

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(self._numbers[key] if isinstance(key, str) else key)

    def keys(self) -> list[str]:
        """Return the names of the columns."""
        return list(self._numbers)


def _make_rows(cursor: Any) -> type[Row]:
    # `cursor.description` makes an object for each column, which took 8 % of a search.
    result = cursor.pgresult
    return _row_type(tuple(map(result.fname, range(result.nfields))) if result else ())


@lru_cache(1000)
def _row_type(names: tuple[bytes, ...]) -> type[Row]:
    """Return the class of the rows with these columns."""
    numbers = {name.decode(): number for number, name in enumerate(names)}
    return type("Row", (Row,), {"__slots__": (), "_numbers": numbers})


class _TimestampLoader(Loader):
    """Reads times as SQLite's connections do, without an error for a time before the year 1."""

    def load(self, data: Buffer) -> datetime:
        return sqlite.parse_timestamp(bytes(data))


class _NumberLoader(Loader):
    """Reads sums, which are of any size, as ordinary numbers."""

    def load(self, data: Buffer) -> int | float:
        digits = bytes(data)
        return int(digits) if digits.lstrip(b"-").isdigit() else float(digits)


class _TextDumper(StrDumperUnknown):
    """Writes text without NUL, which PostgreSQL cannot store."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(obj.replace("\0", "\ufffd"))


class _BooleanDumper(Dumper):
    """Writes booleans as the integers that the schema has instead."""

    oid = psycopg.postgres.types["int2"].oid

    def dump(self, obj: bool) -> Buffer:
        return b"1" if obj else b"0"


ADAPTERS = AdaptersMap(psycopg.adapters)
ADAPTERS.register_loader("timestamp", _TimestampLoader)
ADAPTERS.register_loader("numeric", _NumberLoader)
ADAPTERS.register_dumper(str, _TextDumper)
ADAPTERS.register_dumper(bool, _BooleanDumper)


@lru_cache(1000)
def number_placeholders(query: str) -> str:
    """Replace each `?` outside of quotes by `$1`, `$2` …"""
    numbers = itertools.count(1)
    return PLACEHOLDER.sub(
        lambda match: f"${next(numbers)}" if match[0] == "?" else match[0], query
    )


@contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        raise _translate(error) from error


def _translate(error: psycopg.Error) -> sqlite3.Error:
    # An error while connecting has no code.
    code = error.sqlstate or ("08" if isinstance(error, psycopg.OperationalError) else "")
    for start, sentence in ERROR_MESSAGES.items():
        if code.startswith(start):
            return Unavailable(sentence, str(error))
    # Both modules follow Python's database API, which names these classes.
    names = [kind.__name__ for kind in type(error).__mro__]
    kind = next(getattr(sqlite3, name) for name in names if hasattr(sqlite3, name))
    translated: sqlite3.Error = kind(str(error))
    return translated


class _DriverConnection(psycopg.Connection[Any]):
    """A connection that closes when its thread or the program ends."""

    def __del__(self, _: Any = None) -> None:
        # A connection that failed to open cannot be closed.
        with suppress(AttributeError):
            self.close()


class Connection:
    """A connection that is used like `sqlite3.Connection`, and is kept open for the next one."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._is_open = False
        with _translate_errors():
            self._db = _take(url)
        self._is_open = True

    @property
    def in_transaction(self) -> bool:
        """True between the beginning of a transaction and its end."""
        return self._db.info.transaction_status in (
            TransactionStatus.INTRANS,
            TransactionStatus.INERROR,
        )

    def execute(self, query: str, values: Sequence[Any] = ()) -> psycopg.RawCursor[Row]:
        """Run a statement. Before one that writes, begin a transaction."""
        self._begin_if_needed(query)
        with _translate_errors():
            return self._cursor().execute(number_placeholders(query), values)

    def executemany(self, query: str, rows: Iterable[Sequence[Any]]) -> psycopg.RawCursor[Row]:
        """Run a statement for each row of values."""
        self._begin_if_needed(query)
        cursor = self._cursor()
        with _translate_errors():
            cursor.executemany(number_placeholders(query), rows)
        return cursor

    def executescript(self, script: str) -> psycopg.RawCursor[Row]:
        """Run several statements, which have no values, in one transaction of their own."""
        self.commit()
        return self.execute_script(script)

    def execute_script(self, script: str) -> psycopg.RawCursor[Row]:
        """Run several statements, which have no values, in the current transaction if any."""
        with _translate_errors():
            return self._cursor().execute(script)

    def _cursor(self) -> psycopg.RawCursor[Row]:
        return psycopg.RawCursor(self._db, row_factory=_make_rows)

    def _begin_if_needed(self, query: str) -> None:
        if not self.in_transaction and WRITES.match(query):
            self.begin()

    def begin(self, wait: bool = True) -> None:
        """Begin to write, when others are done; with `wait=False`, fail if somebody is writing."""
        lock = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
        try:
            with _translate_errors():
                self._db.execute("BEGIN")
                answer = self._db.execute(f"SELECT {lock}({WRITERS})").fetchone()
            if answer == (False,):
                raise Unavailable(BUSY)
        except BaseException:
            with suppress(psycopg.Error):
                self._db.rollback()
            raise

    def commit(self) -> None:
        """Commit the transaction, if there is one. Raises an error if nothing was committed."""
        # After an error, PostgreSQL would roll back without a word.
        is_failed = self._db.info.transaction_status == TransactionStatus.INERROR
        with _translate_errors():
            self._db.execute("ROLLBACK") if is_failed else self._db.commit()
        if is_failed:
            raise sqlite3.OperationalError("The transaction was rolled back after an error.")

    def rollback(self) -> None:
        """Roll the transaction back, if there is one."""
        with _translate_errors():
            self._db.rollback()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        if kind is None:
            self.commit()
        else:
            self.rollback()

    @property
    def version(self) -> int:
        """The version of the schema; 0 if there is none."""
        (table,) = self.execute("SELECT to_regclass('schema_version')").fetchone() or (None,)
        row = self.execute("SELECT version FROM schema_version").fetchone() if table else None
        return row["version"] if row else 0

    def create_function(self, *args: Any, **options: Any) -> None:
        """Do nothing: schema.postgresql.sql has the functions."""

    def close(self) -> None:
        """Keep the connection for the next caller."""
        is_open, self._is_open = self._is_open, False
        if is_open:
            _give_back(self._url, self._db)


_retry_at: defaultdict[str, float] = defaultdict(float)
# Idle connections by database and process: a forked process must not use those of its parent.
_idle: defaultdict[tuple[str, int], deque[_DriverConnection]] = defaultdict(deque)


def _take(url: str) -> _DriverConnection:
    idle = _idle[url, os.getpid()]
    # Another thread may take the last one meanwhile.
    with suppress(IndexError):
        while True:
            db = idle.pop()
            try:
                db.execute("")
            except psycopg.Error:
                # PostgreSQL may have been restarted.
                db.close()
            else:
                return db
    return _connect(url)


def _connect(url: str) -> _DriverConnection:
    settings = {
        "lock_timeout": f"{LOCK_TIMEOUT_SECONDS}s",
        "statement_timeout": f"{STATEMENT_TIMEOUT_SECONDS}s",
        "idle_in_transaction_session_timeout": f"{IDLE_TIMEOUT_SECONDS}s",
        "timezone": "UTC",
        "datestyle": "ISO",
        # Compiling takes longer than any query of the blog.
        "jit": "off",
    }
    try:
        conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # Its message may have the password.
        raise Unavailable(INVALID_URL, "The address cannot be read.") from None
    if time.monotonic() < _retry_at[url]:
        raise psycopg.errors.ConnectionTimeout("Connecting has just timed out.")
    try:
        return _DriverConnection.connect(
            url,
            autocommit=True,
            context=ADAPTERS,
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            client_encoding="utf8",
            options=" ".join(f"-c {name}={value}" for name, value in settings.items()),
            # A standby is not up to date.
            target_session_attrs="read-write",
            tcp_user_timeout=SILENCE_TIMEOUT_SECONDS * 1000,
            keepalives_idle=SILENCE_TIMEOUT_SECONDS,
            keepalives_interval=1,
            keepalives_count=3,
        )
    except psycopg.errors.ConnectionTimeout:
        _retry_at[url] = time.monotonic() + RETRY_SECONDS
        raise


def _give_back(url: str, db: _DriverConnection) -> None:
    idle = _idle[url, os.getpid()]
    with suppress(psycopg.Error):
        db.rollback()
        if len(idle) < MAX_IDLE and not db.closed:
            idle.append(db)
            return
    db.close()


@atexit.register
def close_idle() -> None:
    """Close the idle connections."""
    for (_, pid), idle in _idle.items():
        while idle and pid == os.getpid():
            idle.pop().close()
