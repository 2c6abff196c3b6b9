import itertools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest

from flaskr import create_app
from flaskr.db import init_db
from flaskr.db import postgres

# PostgreSQL refuses to run as root. Debian's package creates this user.
ACCOUNT = "postgres"


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


@pytest.fixture(scope="session")
def find_postgresql_program():
    """Returns the path of a program of PostgreSQL."""
    return find_program


@pytest.fixture(scope="session")
def postgresql_folder():
    """The folder with the socket of a PostgreSQL that runs for these tests."""
    initdb, pg_ctl = find_program("initdb"), find_program("pg_ctl")
    # Folders of pytest can be read by their owner only.
    folder = Path(tempfile.mkdtemp(prefix="flaskr-postgresql-"))
    as_account = {}
    if os.getuid() == 0:
        shutil.chown(folder, ACCOUNT, ACCOUNT)
        as_account = {"user": ACCOUNT, "group": ACCOUNT, "extra_groups": []}

    def run(*command):
        command = [*map(str, command)]
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, **as_account)  # noqa: S603  # our own words

    control = [pg_ctl, "-D", folder / "data", "-w", "-s", "-l", folder / "log"]
    run(initdb, "-D", folder / "data", "-U", "flaskr", "-A", "trust", "-N", "--locale=C.UTF-8")
    settings = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    run(*control, "-o", settings, "start")
    yield folder
    run(*control, "-m", "immediate", "stop")
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def connect_to_postgresql(postgresql_folder):
    """Opens a connection that commits each statement."""
    return lambda: psycopg.connect(
        host=str(postgresql_folder), user="flaskr", dbname="postgres", autocommit=True
    )


DATABASE_NUMBERS = itertools.count(1)


@pytest.fixture
def new_url(connect_to_postgresql, postgresql_folder):
    """Creates an empty database and returns its URL."""

    def create(options=""):
        name = f"new{next(DATABASE_NUMBERS)}"
        with connect_to_postgresql() as db:
            db.execute(f"CREATE DATABASE {name} {options}")
        return f"postgresql://flaskr@/{name}?host={postgresql_folder}"

    yield create
    postgres.close_idle()


@pytest.fixture
def url(new_url):
    """The URL of an empty database."""
    return new_url()


@pytest.fixture
def postgres_app(url):
    """A blog on PostgreSQL that nobody has registered at."""
    app = create_app({"TESTING": True, "DATABASE": url})
    with app.app_context():
        init_db()
    return app
