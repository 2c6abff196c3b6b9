"""The rows of a blog are the same on the other engine, and after the way back."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from flaskr import create_app
from flaskr import errors
from flaskr import migrations
from flaskr.db import copying
from flaskr.db import get_db
from flaskr.db import init_db
from flaskr.db import postgres
from flaskr.db import postgres_schema
from flaskr.db import tables
from flaskr.db import triggers

DATABASES = Path(__file__).parents[1] / "migrations" / "databases"
# Plain SQL can store all of this in a file of SQLite.
ANYTHING = """
UPDATE post SET title = 'nul' || char(0) || 'nul', updated = 'yesterday' WHERE id = 1;
UPDATE post SET body = CAST(x'61FF62' AS TEXT), updated = '2020-01-02 03:04:05.678' WHERE id = 2;
UPDATE post SET title = x'C3A4', menu_position = 'third', dated = 9e99 WHERE id = 3;
INSERT INTO post (id, author_id, created, title, body)
VALUES (4611686018427387904, 1, '0001-02-03 04:05:06', 'Far', '𝄞');
INSERT INTO revision (id, post_id, created, title, step, delta)
VALUES (9223372036854775806, -5, '9999-12-31 23:59:59', '', -9223372036854775808, x'00FF');
INSERT INTO coauthor (post_id, user_id, position) VALUES (1, 4711, 0);
INSERT INTO media (hash, name, type, original_name, user_id, size)
VALUES ('abc', 'abc.png', 'image/png', 'abc', 4711, 1);
"""


@pytest.fixture(scope="module")
def blog(tmp_path_factory):
    """The file of a blog with something of everything, and a post without an author."""
    path = tmp_path_factory.mktemp("old") / "flaskr.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(max(DATABASES.glob("*.sql")).read_text(encoding="utf-8"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLASKR_INSTANCE_PATH", str(path.parent))
        with create_app({"TESTING": True}).app_context():
            init_db()
    return path


@pytest.fixture
def database(blog, tmp_path):
    """The path of a copy of that file."""
    return shutil.copy(blog, tmp_path / "old.sqlite")


@pytest.fixture
def copy(url, database):
    """Copies the blog to a PostgreSQL, and opens that."""
    opened = []

    def copy(source=str(database)):
        with create_app({"TESTING": True, "DATABASE": url}).app_context():
            init_db()
            target = get_db()
            target.begin()
            with copying.open_source(source) as db:
                done = copying.copy(db, target)
            target.commit()
        opened.append(postgres.Connection(url))
        return opened[0], done

    yield copy
    for one in opened:
        one.close()


def contents(path):
    """Return the rows of each table of a file that are copied, in order."""
    with closing(sqlite3.connect(path)) as db:
        return {
            table.name: sorted(db.execute(table.select(with_orphans=True)).fetchall(), key=repr)
            for table in tables.read_tables(db)
            if table.name != "theirs"
        }


def edit(database, script):
    with closing(sqlite3.connect(database)) as db:
        db.executescript(script)


def test_rows_and_counters_are_the_same_after_the_way_back(database, copy, url, tmp_path):
    edit(
        database,
        "DELETE FROM post WHERE author_id NOT IN (SELECT id FROM user);"
        " INSERT INTO token (id, user_id, name, hash, scopes) VALUES (77, 1, '', '', '');"
        " DELETE FROM token WHERE id = 77;"
        " INSERT INTO throttle WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1"
        " FROM numbers WHERE n < 450) SELECT n, n, '2020-01-01 00:00:00' FROM numbers",
    )
    _, done = copy()
    assert done.notes == []
    back = tmp_path / "back.sqlite"
    with create_app({"TESTING": True, "DATABASE": url}).app_context():
        copying.copy_to_file(url, back, triggers())
    found, wanted = contents(back), contents(database)
    assert found == wanted
    assert done.rows == sum(map(len, wanted.values())) > 40
    query = "SELECT name, max(seq) FROM sqlite_sequence WHERE seq > 0 GROUP BY name"
    with closing(sqlite3.connect(back)) as db, closing(sqlite3.connect(database)) as old:
        assert db.execute(query).fetchall() == old.execute(query).fetchall()
        listed = "SELECT post_id, tag_id, listed FROM post_tag ORDER BY post_id, tag_id"
        assert db.execute(listed).fetchall() == old.execute(listed).fetchall()


def test_values_that_only_sqlite_stores_become_what_readers_see(database, copy):
    edit(database, ANYTHING)
    db, done = copy()
    query = "SELECT title, body, CAST(updated AS TEXT), menu_position, dated FROM post"
    rows = [tuple(row) for row in db.execute(f"{query} WHERE id <= 3 ORDER BY id")]
    assert rows[0][:3:2] == ("nul\ufffdnul", "1970-01-01 00:00:00")
    assert rows[1][1:3] == ("a\ufffdb", "2020-01-02 03:04:05")
    assert (rows[2][0], *rows[2][3:]) == ("ä", 0, 2**63 - 1)
    (far,) = db.execute("SELECT created, body FROM post WHERE id = ?", (2**62,))
    assert (f"{far['created']}", far["body"]) == ("0001-02-03 04:05:06", "𝄞")
    (revision,) = db.execute("SELECT id, step, delta FROM revision WHERE post_id = -5")
    assert tuple(revision) == (2**63 - 2, -(2**63), b"\x00\xff")
    assert "Invalid text or dates were replaced in post.title: 1." in done.notes
    assert "Invalid text or dates were replaced in post.updated: 2." in done.notes


def test_posts_without_an_author_get_one_and_other_orphans_are_left_out(database, copy):
    edit(database, ANYTHING)
    db, done = copy()
    (row,) = db.execute(
        """
        SELECT DISTINCT username, password
        FROM "user"
        JOIN post ON author_id = "user".id
        WHERE author_id = 99
        """
    )
    assert tuple(row) == ("someone-99", "!")
    assert "Posts whose author was missing belong to: someone-99." in done.notes
    assert "Rows of coauthor that refer to missing ones were left out: 1." in done.notes
    assert db.execute("SELECT user_id FROM media WHERE hash = 'abc'").fetchone()[0] is None


def test_post_whose_author_is_not_an_integer_belongs_to_the_nearest_one(database, copy):
    edit(database, "UPDATE post SET author_id = 1.5 WHERE id = 1")
    db, done = copy()
    (row,) = db.execute("SELECT author_id FROM post WHERE id = 1").fetchall()
    assert tuple(row) == (1,)
    assert "Invalid text or dates were replaced in post.author_id: 1." in done.notes


def test_rows_that_the_target_refuses_are_reported(database, copy):
    edit(
        database, "INSERT INTO not_found (path) VALUES (CAST(x'FF' AS TEXT)), (CAST(x'FE' AS TEXT))"
    )
    with pytest.raises(errors.Conflict, match="not_found cannot be copied"):
        copy()


def test_difference_after_copying_is_noticed(database, copy, url):
    with create_app({"TESTING": True, "DATABASE": url}).app_context():
        init_db()
        get_db().execute_script(
            """
            CREATE FUNCTION change() RETURNS TRIGGER LANGUAGE plpgsql
            AS $$ BEGIN NEW.name = 'other'; RETURN NEW; END $$;
            CREATE TRIGGER change BEFORE INSERT ON tag FOR EACH ROW EXECUTE FUNCTION change();
            """
        )
    with pytest.raises(errors.Conflict, match="table tag are others"):
        copy()


def test_file_of_an_earlier_version_is_created(tmp_path):
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as db:
        migrations.create(db, 22)
        assert migrations.version(db) == 22
        names = {table.name for table in tables.read_tables(db)}
    assert "websub" in names
    assert "authorization_code" not in names
    assert postgres_schema.SCHEMA.is_file()
