import math
import sqlite3
from contextlib import closing
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from flaskr import db as database
from flaskr import migrations
from flaskr.db import get_db
from flaskr.models import post_lists
from flaskr.models import posts
from flaskr.models import rate_limits
from flaskr.models import sessions
from flaskr.models.permissions import SYSTEM
from flaskr.page_cache import version

from ..databases import damaged_files
from ..databases import plans

# Every column, by whether a public page shows it. A new column must be added here and, if it is
# visible, to `version.VISIBLE_COLUMNS`.
VISIBLE = {
    "user": "id username display_name bio picture links",
    "post": "id author_id created title body status slug summary updated language kind"
    " menu_position dated cover",
    "coauthor": "post_id user_id position",
    "tag": "id name name_key slug",
    "post_tag": "post_id tag_id position",
    "series": "id name name_key slug",
    "series_post": "post_id series_id part",
    "setting": "name value",
    "card": "url title site image fetched",
    "media": "id hash name type original_name alt words user_id created size width height animated"
    " widths",
}
HIDDEN = {
    "user": "password role username_key",
    "content": "id version changed",
    # Redirects and "Deleted" pages are not cached.
    "old_address": "path post_id",
    "former_slug": "slug post_id",
    "redirect": "id path target created",
    "not_found": "path hits last_seen",
    # Translations of a post are stored, but not shown yet.
    "translation": "post_id key",
    "former_tag": "slug tag_id",
    "former_series": "slug series_id",
    "import_source": "path post_id file_hash post_hash",
    "session": "id token_hash user_id created last_seen address user_agent",
    "token": "id user_id name hash scopes created expires last_used last_address client_id",
    "authorization_code": "hash user_id grant_json expires token_id",
    "throttle": "key hits ends",
    "rendered": "body_hash version html excerpt minutes",
    # Pages of results are not cached.
    "search_text": "post_id text form",
    "trash": "post_id author_id title deleted content",
    "websub": "hub announced failures retry error",
    "revision": "id post_id editor_id created title step delta form autosave",
    "media_use": "hash post_id current",
    # Written once and never changed.
    "site": "id uuid",
    # `setting` stores the hash of the icon.
    "icon": "name content",
    # Triggers copy them from posts, whose own columns are visible.
    "coauthor": "listed",
    "post_tag": "listed",
    "series_post": "listed",
    "unsaved": "user_id key post_id base fields kept discarded",
    "undo": "key user_id created change",
}
# New values for columns that allow only certain values.
VALUES = {
    ("post", "status"): "draft",
    ("post", "kind"): "page",
    ("content", "id"): 1,
    ("site", "id"): 1,
}
# Those of PostgreSQL.
KINDS = {"bigint": "INTEGER", "timestamp without time zone": "TIMESTAMP"}
COLUMNS = """
    SELECT column_name, data_type, is_nullable, column_default, is_identity
    FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = ?
"""
FOREIGN_KEYS = """
    SELECT conrelid::regclass, conname FROM pg_constraint
    WHERE contype = 'f' AND connamespace = 'public'::regnamespace
"""


def pairs(declared):
    return [(table, column) for table, columns in declared.items() for column in columns.split()]


@pytest.fixture(scope="module")
def db(postgresql_databases):
    """Return a database with the current schema, whose rows may refer to missing ones."""
    if postgresql_databases:
        with closing(database.connect(postgresql_databases.make("columns"))) as db:
            for table, name in db.execute(FOREIGN_KEYS).fetchall():
                db.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            yield db
        return
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        for statement in migrations.statements((migrations.SCHEMA).read_text()):
            db.execute(statement)
        for trigger in version.triggers().values():
            db.execute(trigger)
        yield db


def columns_of(db, table):
    """Return each column's name and type, and whether an inserted row has to name it."""
    if isinstance(db, sqlite3.Connection):
        return [
            (name, kind, (must and default is None) or (key and kind != "INTEGER"))
            for _, name, kind, must, default, key, *_ in db.execute(
                f'PRAGMA table_xinfo("{table}")'
            )
        ]
    return [
        (name, KINDS.get(kind, "TEXT"), must == "NO" and default is None and generated == "NO")
        for name, kind, must, default, generated in db.execute(COLUMNS, (table,))
    ]


def run(db, query, *values):
    db.execute(query, values)
    db.commit()


def renew_row(db, table):
    """Replace all rows by one with a value in every column that needs one."""
    if table in ("content", "site"):
        return
    run(db, f'DELETE FROM "{table}"')
    columns = [(name, kind) for name, kind, must in columns_of(db, table) if must]
    names = ", ".join(name for name, _ in columns)
    values = [1 if kind == "INTEGER" else "2020-01-01 00:00:00" for _, kind in columns]
    marks = ", ".join("?" * len(values))
    query = f'INSERT INTO "{table}" ({names}) VALUES ({marks})'
    run(db, query if columns else f'INSERT INTO "{table}" DEFAULT VALUES', *values)


def read_version(db):
    return db.execute("SELECT version FROM content").fetchone()[0]


def test_every_column_is_declared_visible_or_hidden(db):
    # Those of the search have a column named `rowid`, and are no tables on SQLite.
    tables = """
        SELECT tablename
        FROM pg_tables
        WHERE schemaname = 'public' AND NOT EXISTS (
            SELECT FROM information_schema.columns
            WHERE table_name = tablename AND column_name = 'rowid'
        )
    """
    if isinstance(db, sqlite3.Connection):
        tables = """
            SELECT name
            FROM pragma_table_list
            WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'
        """
    columns = [
        (table, name)
        for (table,) in db.execute(tables).fetchall()
        for name, *_ in columns_of(db, table)
        if table != "schema_version"
    ]
    assert sorted(columns) == sorted(pairs(VISIBLE) + pairs(HIDDEN))


def change(db, table, column):
    renew_row(db, table)
    (kind,) = [kind for name, kind, _ in columns_of(db, table) if name == column]
    value = "2021-01-01 00:00:00" if kind == "TIMESTAMP" else "77"
    before = read_version(db)
    run(db, f'UPDATE "{table}" SET {column} = ?', VALUES.get((table, column), value))
    return read_version(db) != before


@pytest.mark.parametrize(("table", "column"), pairs(VISIBLE))
def test_changing_a_visible_column_changes_the_version(db, table, column):
    assert change(db, table, column)


@pytest.mark.parametrize(
    ("table", "column"), tuple(pair for pair in pairs(HIDDEN) if pair[0] != "content")
)
def test_changing_a_hidden_column_keeps_the_version(db, table, column):
    assert not change(db, table, column)


@pytest.mark.parametrize("table", VISIBLE)
def test_inserting_or_deleting_a_visible_row_changes_the_version(db, table):
    renew_row(db, table)
    before = read_version(db)
    run(db, f'DELETE FROM "{table}"')
    without = read_version(db)
    renew_row(db, table)
    assert len({before, without, read_version(db)}) == 3


def test_draft_changes_the_version_only_when_published(context):
    before = read_version(get_db())
    draft = posts.create(author_id=1, title="Not yet", body="", status="draft")
    posts.update(draft, SYSTEM, title="Not yet", body="more")
    assert read_version(get_db()) == before
    posts.update(draft, SYSTEM, title="Now", body="more", status="published")
    assert read_version(get_db()) != before


def test_rollback_keeps_the_version(context):
    before = read_version(get_db())
    with pytest.raises(ZeroDivisionError), database.transaction():
        posts.create(author_id=1, title="Never", body="")
        1 / 0  # noqa: B018
    assert read_version(get_db()) == before


@pytest.fixture
def watcher(context):
    watcher = version.VersionWatcher(context.config["DATABASE"], use_wal_index=False)
    yield watcher
    watcher.close()


@pytest.fixture(params=(False, True), ids=("pragma", "map"))
def any_watcher(request, context):
    watcher = version.VersionWatcher(context.config["DATABASE"], use_wal_index=request.param)
    yield watcher
    watcher.close()


def in_hours(hours):
    return database.format_timestamp(datetime.now(UTC) + timedelta(hours=hours))


def test_version_changes_with_visible_commits_only(any_watcher):
    before = any_watcher.current()
    assert before.token == read_version(get_db())
    sessions.start(1, address="", user_agent="")
    rate_limits.record("someone", limit=9, seconds=9)
    assert any_watcher.current() is before
    posts.create(author_id=1, title="New", body="")
    assert any_watcher.current().token not in (before.token, None)
    assert any_watcher.current() is any_watcher.current()


def test_commit_marker_changes_with_each_commit(any_watcher):
    before = any_watcher.commit_marker()
    assert any_watcher.commit_marker() == before
    sessions.start(1, address="", user_agent="")
    assert any_watcher.commit_marker() != before


def test_version_is_valid_until_the_next_scheduled_post(watcher):
    assert watcher.current().valid_until == math.inf
    posts.create(author_id=1, title="Later", body="", created=in_hours(2))
    soon = in_hours(1)
    posts.create(author_id=1, title="Soon", body="", user=SYSTEM, kind="page", created=soon)
    valid_until = watcher.current().valid_until
    assert database.format_timestamp(datetime.fromtimestamp(valid_until, UTC)) == soon


def test_scheduled_post_changes_the_version_at_its_second(watcher, monkeypatch):
    posts.create(author_id=1, title="Soon", body="", created=in_hours(1))
    before = watcher.current()
    monkeypatch.setattr(version.time, "time", lambda: before.valid_until - 0.001)
    assert watcher.current() == before
    monkeypatch.setattr(version.time, "time", lambda: before.valid_until)
    after = watcher.current()
    assert (after.valid_until, after.changed_at) == (math.inf, before.valid_until)


def test_setting_the_clock_back_restores_the_former_version(watcher, monkeypatch):
    posts.create(author_id=1, title="Soon", body="", created=in_hours(1))
    before = watcher.current()
    with monkeypatch.context() as wrong:
        wrong.setattr(version.time, "time", lambda: before.valid_until + 10**9)
        assert watcher.current().valid_until == math.inf
    assert watcher.current() == before


def test_last_change_is_never_in_the_future(context):
    get_db().executescript("UPDATE content SET changed = '2099-01-01 00:00:00'")
    assert version.last_changed() <= datetime.now(UTC)


def test_missing_database_has_no_version_and_is_not_created(context, tmp_path):
    watcher = version.VersionWatcher(str(tmp_path / "none.sqlite"), use_wal_index=True)
    assert watcher.current() is watcher.commit_marker() is None
    assert not (tmp_path / "none.sqlite").exists()


@pytest.mark.parametrize("change", ("DROP TABLE content", "DELETE FROM content"))
def test_database_without_content_row_has_no_version(context, change):
    get_db().executescript(change)
    watcher = version.VersionWatcher(context.config["DATABASE"], use_wal_index=True)
    assert watcher.current() is None
    watcher.close()


@damaged_files
def test_replacing_the_database_file_changes_the_version(
    any_watcher, context, tmp_path, monkeypatch
):
    before = any_watcher.current()
    copy = tmp_path / "copy.sqlite"
    with closing(sqlite3.connect(copy)) as other:
        get_db().backup(other)
        other.execute("UPDATE post SET title = 'Swapped'")
        other.commit()
    copy.replace(context.config["DATABASE"])
    later = version.time.time() + 1
    monkeypatch.setattr(version.time, "time", lambda: later)
    assert any_watcher.current().token != before.token


@plans
@pytest.mark.parametrize("query", (version.NEXT_SCHEDULED_QUERY, version.NEWEST_QUERY))
def test_publication_dates_are_read_from_the_index(context, query):
    plan = get_db().execute(f"EXPLAIN QUERY PLAN {query}", ("post", in_hours(0))).fetchall()
    assert [row["detail"].partition(" (")[0] for row in plan] == [
        "SEARCH post USING COVERING INDEX post_newest"
    ]


def test_position_must_name_an_existing_post(context):
    (post,) = post_lists.newest().posts
    position = f"{post['stored_created'].replace(' ', 'T')}~{post['id']}"
    assert post_lists.position_exists(position)
    for other in (position + "0", "2018-01-01T00:00:00~2", "nonsense", f"{position[:-1]}9"):
        assert not post_lists.position_exists(other)
