"""A PostgreSQL that runs for the tests in a temporary folder, with a database for each test.

Making a database takes 40 ms. Deleting the rows of an earlier test takes 10, and the database gets
another name then, so that threads that the earlier test has left behind cannot write to it.
"""

import itertools
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import closing
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

# PostgreSQL refuses to run as root. Debian's package creates this user.
ACCOUNT = "postgres"
TEMPLATE = "template_blog"
SYNCHRONOUS = {"synchronous_commit": "remote_apply", "synchronous_standby_names": "'*'"}
# A state is a schema with copies of the tables that had rows. A change of the schema is noted.
STATES = """
CREATE SCHEMA states;
CREATE TABLE states.alteration (command TEXT);

CREATE FUNCTION states.save(state TEXT) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name TEXT;
    found BOOLEAN;
BEGIN
    EXECUTE format('DROP SCHEMA IF EXISTS %I CASCADE; CREATE SCHEMA %I', state, state);
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO found;
        IF found THEN
            EXECUTE format('CREATE TABLE %I.%I AS TABLE public.%I', state, name, name);
        END IF;
    END LOOP;
    EXECUTE format('CREATE TABLE %I.sequences AS TABLE pg_sequences', state);
END $$;

CREATE FUNCTION states.restore(state TEXT) RETURNS void LANGUAGE plpgsql
SET session_replication_role = replica AS $$
DECLARE
    name TEXT;
    names TEXT;
BEGIN
    FOR name, names IN
        SELECT relname, string_agg(quote_ident(attname), ', ') FILTER (WHERE attgenerated = '')
        FROM pg_class
        JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        GROUP BY relname
    LOOP
        EXECUTE format('DELETE FROM public.%I', name);
        IF to_regclass(format('%I.%I', state, name)) IS NOT NULL THEN
            EXECUTE format(
                'INSERT INTO public.%I (%s) SELECT %s FROM %I.%I', name, names, names, state, name
            );
        END IF;
    END LOOP;
    EXECUTE format(
        'SELECT setval(
            format(''public.%%I'', sequencename)::regclass,
            coalesce(last_value, start_value),
            last_value IS NOT NULL
        )
        FROM %I.sequences
        WHERE schemaname = ''public''',
        state
    );
END $$;

CREATE FUNCTION states.note() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO states.alteration VALUES (tg_tag);
END $$;
"""
NOTE = "CREATE EVENT TRIGGER note ON ddl_command_end EXECUTE FUNCTION states.note()"


def missing(reason):
    """Skip the test with a message, or fail it in CI."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"PostgreSQL is needed, but {reason}")
    pytest.skip(f"Not tested with PostgreSQL, because {reason}")


def find_program(name):
    """Return the path of a program of PostgreSQL, from the newest version of Debian's package."""
    folders = [*Path("/usr/lib/postgresql").glob("*/bin")]
    newest = sorted(folders, key=lambda folder: int(folder.parent.name), reverse=True)
    found = [shutil.which(name, path=folder) for folder in [*newest, os.environ["PATH"]]]
    if not any(found):
        missing("it is not installed (Debian's package is named postgresql).")
    return next(filter(None, found))


class Server:
    """A PostgreSQL with a socket in a folder of its own."""

    def __init__(self):
        # Folders of pytest can be read by their owner only.
        self.folder = Path(tempfile.mkdtemp(prefix="flaskr-postgresql-"))
        if os.getuid() == 0:
            shutil.chown(self.folder, ACCOUNT, ACCOUNT)
        self._run(
            find_program("initdb"),
            *("-D", self.folder / "data", "-U", "flaskr", "-A", "trust", "-N"),
            "--locale=C.UTF-8",
        )

    def _run(self, *command):
        as_account = {}
        if os.getuid() == 0:
            as_account = {"user": ACCOUNT, "group": ACCOUNT, "extra_groups": []}
        subprocess.run(  # noqa: S603  # our own words
            [*map(str, command)],
            check=True,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            **as_account,
        )

    def _control(self, *command):
        folder = self.folder
        pg_ctl = find_program("pg_ctl")
        self._run(pg_ctl, "-D", folder / "data", "-w", "-s", "-l", folder / "log", *command)

    def start(self):
        """Start it without caring for the disk."""
        settings = {
            "listen_addresses": "''",
            "unix_socket_directories": self.folder,
            "fsync": "off",
            "full_page_writes": "off",
            "autovacuum": "off",
        }
        self._control("start", "-o", " ".join(f"-c {name}={settings[name]}" for name in settings))

    def stop(self):
        """Stop it, as if it were killed, if it runs."""
        if (self.folder / "data" / "postmaster.pid").exists():
            self._control("stop", "-m", "immediate")

    def follow(self, primary):
        """Start it as a standby of another one."""
        shutil.rmtree(self.folder / "data")
        copy = find_program("pg_basebackup")
        self._run(copy, "-h", primary.folder, "-U", "flaskr", "-D", "data", "-c", "fast", "-R")
        self.start()

    def restart(self):
        """End all connections, and start again."""
        self._control("restart", "-m", "fast")

    def wait_for_standby(self):
        """From now on, confirm a commit when the standby shows it."""
        with closing(self.connect()) as db:
            for name, value in SYNCHRONOUS.items():
                db.execute(f"ALTER SYSTEM SET {name} = {value}")
            db.execute("SELECT pg_reload_conf()")

    def promote(self):
        """Let it take the place of the one that it has followed."""
        self._control("promote")

    def disconnect(self):
        """End all connections."""
        with self.connect() as db:
            db.execute(
                """
                SELECT pg_terminate_backend(pid)
                FROM pg_stat_activity
                WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
                """
            )

    def processor_seconds(self):
        """Return the seconds of processor time that it and its ended connections have used."""
        number = (self.folder / "data" / "postmaster.pid").read_text().split()[0]
        with closing(self.connect()) as db:
            query = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
            while db.execute(query).fetchone()[0] > 1:
                time.sleep(0.1)
        values = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
        # They are user and system time, its own and that of the processes that it waited for.
        return sum(map(int, values[11:15])) / os.sysconf("SC_CLK_TCK")

    def delete(self):
        """Delete its files."""
        shutil.rmtree(self.folder)

    def connect(self, name="postgres"):
        """Open a connection that commits each statement."""
        return psycopg.connect(host=str(self.folder), user="flaskr", dbname=name, autocommit=True)

    def url(self, name):
        """Return the address of a database, a value of DATABASE."""
        return f"postgresql://flaskr@/{name}?host={self.folder}"


class Databases:
    """The databases of the tests: one that is empty, and one with the tables of a blog."""

    def __init__(self, server):
        self._server = server
        self._numbers = itertools.count(1)
        self._admin = server.connect()
        self._empty = None
        self._blog = ""
        self._others = []

    def close(self):
        """Close the connections to the server."""
        self._admin.close()
        if self._empty:
            self._empty.close()

    def make_template(self, fill):
        """Let `fill` make the tables in an empty database, and then some rows."""
        self._create(TEMPLATE, "template0")
        for state in ("new", "filled"):
            fill(self._server.url(TEMPLATE), state)
            with closing(self._server.connect(TEMPLATE)) as db:
                db.execute(STATES if state == "new" else "")
                db.execute("SELECT states.save(%s)", (state,))
        with closing(self._server.connect(TEMPLATE)) as db:
            db.execute(NOTE)
        self._disconnect(TEMPLATE)

    def empty(self):
        """Return the URL of a database without tables, at the beginning of a test."""
        while self._others:
            self._drop(self._others.pop())
        query = "SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        if self._empty and self._empty.execute(query).fetchone() is not None:
            used = self._empty.info.dbname
            self._empty.close()
            self._empty = None
            self._drop(used)
        if self._empty is None:
            name = self._next_name()
            self._create(name, "template0")
            self._empty = self._server.connect(name)
        return self._server.url(self._empty.info.dbname)

    def blog(self, state):
        """Return the URL of a database in a state, which no earlier test knew by this name."""
        former, self._blog = self._blog, self._next_name()
        if former and self._restore(former, state):
            self._rename(former, self._blog)
        else:
            self._drop(former)
            self._create(self._blog, TEMPLATE)
            self._restore(self._blog, state)
        return self._server.url(self._blog)

    def _rename(self, former, name):
        # A thread that an earlier test has left behind may connect at any moment.
        with suppress(psycopg.errors.ObjectInUse):
            self._disconnect(former)
            self._admin.execute(f"ALTER DATABASE {former} RENAME TO {name}")
            return
        self._rename(former, name)

    def another(self):
        """Return the URL of another new database, for this test only."""
        self._others.append(self._next_name())
        return self.make(self._others[-1])

    def make(self, name):
        """Make a new database and return its URL."""
        self._create(name, TEMPLATE)
        self._restore(name, "new")
        return self._server.url(name)

    def save(self, state):
        """Save the rows of the blog."""
        with closing(self._server.connect(self._blog)) as db:
            db.execute("SELECT states.save(%s)", (state,))
            db.execute("DELETE FROM states.alteration")

    def _restore(self, name, state):
        """Bring the rows of a database back to a state. Return False if its tables have changed."""
        self._disconnect(name)
        with closing(self._server.connect(name)) as db:
            if db.execute("SELECT FROM states.alteration").fetchone() is not None:
                return False
            db.execute("SELECT states.restore(%s)", (state,))
        return True

    def restore_blog(self, state):
        """Bring the rows of the blog back to a state that was saved."""
        assert self._restore(self._blog, state)

    def _next_name(self):
        return f"blog_{next(self._numbers)}"

    def _create(self, name, template):
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")

    def _drop(self, name):
        if name:
            self._admin.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _disconnect(self, name):
        """End all connections to a database."""
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        # PostgreSQL itself would look again only after a tenth of a second.
        while self._admin.execute(query, (name,)).fetchall():
            time.sleep(0.001)
