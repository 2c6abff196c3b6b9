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

# Each column of each table: whether a public page shows something of it. A new one needs its place
# here and, where it is shown, in `content.SHOWN`.
SHOWN = {
    "user": "id username display_name bio",
    "post": "id author_id created title body status slug summary updated language kind"
    " menu_position dated cover",
    "coauthor": "post_id user_id position",
    "tag": "id name name_key slug",
    "post_tag": "post_id tag_id",
    "series": "id name name_key slug",
    "series_post": "post_id series_id part",
    "setting": "name value",
    "media": "id hash name type original_name alt words user_id created size width height animated"
    " widths",
}
NOT_SHOWN = {
    "user": "password role username_key",
    "content": "id version changed",
    # Redirects and "it was deleted" are answered anew each time.
    "old_address": "path post_id",
    "former_slug": "slug post_id",
    "former_tag": "slug tag_id",
    "former_series": "slug series_id",
    "import_source": "path post_id file_hash post_hash",
    "session": "id token_hash user_id created last_seen address user_agent",
    "throttle": "key hits ends",
    "rendered": "body_hash version html excerpt minutes",
    "trash": "post_id author_id title deleted content",
    "revision": "id post_id editor_id created title step delta",
    "media_use": "hash post_id current",
    # Made once, never changed.
    "site": "id uuid",
    # `setting` holds the hash of the picture.
    "icon": "name content",
    "unsaved": "user_id key post_id base fields kept discarded",
}
# What a column that takes only certain values is set to.
VALUES = {
    ("post", "status"): "draft",
    ("post", "kind"): "page",
    ("content", "id"): 1,
    ("site", "id"): 1,
}


def pairs(declared):
    return [(table, column) for table, columns in declared.items() for column in columns.split()]


@pytest.fixture
def db():
    """The schema of today with a row in every table."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        for statement in migrations.statements((migrations.SCHEMA).read_text()):
            db.execute(statement)
        for trigger in version.triggers().values():
            db.execute(trigger)
        for table in {**SHOWN, **NOT_SHOWN}:
            insert_row(db, table)
        yield db


def insert_row(db, table):
    """A row with something in every column that wants it."""
    columns = [
        (name, kind)
        for _, name, kind, must, default, key in db.execute(f'PRAGMA table_info("{table}")')
        if (must and default is None) or (key and kind != "INTEGER")
    ]
    names = ", ".join(name for name, _ in columns)
    values = [1 if kind == "INTEGER" else "2020-01-01 00:00:00" for _, kind in columns]
    if table == "content" or db.execute(f'SELECT 1 FROM "{table}"').fetchone():
        return
    marks = ", ".join("?" * len(values))
    query = f'INSERT INTO "{table}" ({names}) VALUES ({marks})'
    db.execute(query if columns else f'INSERT INTO "{table}" DEFAULT VALUES', values)


def read_version(db):
    return db.execute("SELECT version FROM content").fetchone()[0]


def test_every_column_is_declared_shown_or_not_shown(db):
    tables = db.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
        " AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    columns = [
        (table, row[1])
        for (table,) in tables
        for row in db.execute(f'PRAGMA table_xinfo("{table}")')
    ]
    assert sorted(columns) == sorted(pairs(SHOWN) + pairs(NOT_SHOWN))


def change(db, table, column):
    assert db.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0], table
    before = read_version(db)
    db.execute(f'UPDATE "{table}" SET {column} = ?', (VALUES.get((table, column), 77),))
    return read_version(db) != before


@pytest.mark.parametrize(("table", "column"), pairs(SHOWN))
def test_a_column_that_is_shown_changes_the_version(db, table, column):
    assert change(db, table, column)


@pytest.mark.parametrize(
    ("table", "column"), tuple(pair for pair in pairs(NOT_SHOWN) if pair[0] != "content")
)
def test_a_column_that_is_not_shown_leaves_the_version(db, table, column):
    assert not change(db, table, column)


@pytest.mark.parametrize("table", SHOWN)
def test_a_row_that_comes_or_goes_changes_the_version(db, table):
    before = read_version(db)
    db.execute(f'DELETE FROM "{table}"')
    without = read_version(db)
    insert_row(db, table)
    assert len({before, without, read_version(db)}) == 3


def test_a_draft_is_nothing_to_see_until_it_is_published(context):
    before = read_version(get_db())
    draft = posts.create(author_id=1, title="Not yet", body="", status="draft")
    posts.update(draft, SYSTEM, title="Not yet", body="more")
    assert read_version(get_db()) == before
    posts.update(draft, SYSTEM, title="Now", body="more", status="published")
    assert read_version(get_db()) != before


def test_a_change_that_was_rolled_back_leaves_the_version(context):
    before = read_version(get_db())
    with pytest.raises(ZeroDivisionError), database.transaction():
        posts.create(author_id=1, title="Never", body="")
        1 / 0  # noqa: B018
    assert read_version(get_db()) == before


@pytest.fixture
def watch(context):
    watch = version.VersionWatcher(context.config["DATABASE"], mapped=False)
    yield watch
    watch.close()


@pytest.fixture(params=(False, True), ids=("pragma", "map"))
def either(request, context):
    watch = version.VersionWatcher(context.config["DATABASE"], mapped=request.param)
    yield watch
    watch.close()


def in_hours(hours):
    return database.format_timestamp(datetime.now(UTC) + timedelta(hours=hours))


def test_what_others_commit_is_another_state_and_all_else_is_the_same(either):
    before = either.state()
    assert before.version == read_version(get_db())
    sessions.start(1, address="", user_agent="")
    rate_limits.record("someone", limit=9, seconds=9)
    assert either.state() is before
    posts.create(author_id=1, title="New", body="")
    assert either.state().version not in (before.version, None)
    assert either.state() is either.state()


def test_a_state_lasts_until_the_next_scheduled_post(watch):
    assert watch.state().until == math.inf
    posts.create(author_id=1, title="Later", body="", created=in_hours(2))
    soon = in_hours(1)
    posts.create(author_id=1, title="Soon", body="", user=SYSTEM, kind="page", created=soon)
    until = watch.state().until
    assert database.format_timestamp(datetime.fromtimestamp(until, UTC)) == soon


def test_a_scheduled_post_makes_another_state_at_its_second(watch, monkeypatch):
    posts.create(author_id=1, title="Soon", body="", created=in_hours(1))
    before = watch.state()
    monkeypatch.setattr(version.time, "time", lambda: before.until - 0.001)
    assert watch.state() == before
    monkeypatch.setattr(version.time, "time", lambda: before.until)
    after = watch.state()
    assert (after.until, after.since) == (math.inf, before.until)


def test_a_clock_that_is_set_back_hides_a_scheduled_post_again(watch, monkeypatch):
    posts.create(author_id=1, title="Soon", body="", created=in_hours(1))
    before = watch.state()
    with monkeypatch.context() as wrong:
        wrong.setattr(version.time, "time", lambda: before.until + 10**9)
        assert watch.state().until == math.inf
    assert watch.state() == before


def test_nothing_changed_later_than_now(context):
    get_db().executescript("UPDATE content SET changed = '2099-01-01 00:00:00'")
    assert version.last_change() <= datetime.now(UTC)


def test_without_a_database_there_is_no_state_and_no_file_is_made(context, tmp_path):
    watch = version.VersionWatcher(str(tmp_path / "none.sqlite"), mapped=True)
    assert watch.state() is None
    assert not (tmp_path / "none.sqlite").exists()


@pytest.mark.parametrize("change", ("DROP TABLE content", "DELETE FROM content"))
def test_a_database_without_a_version_has_no_state(context, change):
    get_db().executescript(change)
    watch = version.VersionWatcher(context.config["DATABASE"], mapped=True)
    assert watch.state() is None
    watch.close()


def test_a_file_put_in_the_place_of_the_database_is_noticed(either, context, tmp_path, monkeypatch):
    before = either.state()
    copy = tmp_path / "copy.sqlite"
    with closing(sqlite3.connect(copy)) as other:
        get_db().backup(other)
        other.execute("UPDATE post SET title = 'Swapped'")
        other.commit()
    copy.replace(context.config["DATABASE"])
    later = version.time.time() + 1
    monkeypatch.setattr(version.time, "time", lambda: later)
    assert either.state().version != before.version


@pytest.mark.parametrize("query", (version.COMING, version.NEWEST))
def test_the_dates_are_found_without_reading_the_posts(context, query):
    plan = get_db().execute(f"EXPLAIN QUERY PLAN {query}", ("post", in_hours(0))).fetchall()
    assert [row["detail"].partition(" (")[0] for row in plan] == [
        "SEARCH post USING COVERING INDEX post_newest"
    ]


def test_a_position_names_a_post_or_not(context):
    (post,) = post_lists.newest().posts
    position = f"{post['stored_created'].replace(' ', 'T')}~{post['id']}"
    assert post_lists.position_exists(position)
    for other in (position + "0", "2018-01-01T00:00:00~2", "nonsense", f"{position[:-1]}9"):
        assert not post_lists.position_exists(other)
