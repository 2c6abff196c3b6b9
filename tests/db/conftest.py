import itertools
from contextlib import closing

import pytest

from flaskr import create_app
from flaskr.db import init_db
from flaskr.db import postgres
from tests.postgresql import find_program

DATABASE_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def find_postgresql_program():
    """Returns the path of a program of PostgreSQL."""
    return find_program


@pytest.fixture(scope="session")
def postgresql_folder(postgresql_server):
    """The folder with the socket of a PostgreSQL that runs for these tests."""
    return postgresql_server.folder


@pytest.fixture(scope="session")
def connect_to_postgresql(postgresql_server):
    """Opens a connection that commits each statement."""
    return postgresql_server.connect


@pytest.fixture
def new_url(postgresql_server):
    """Creates an empty database and returns its URL."""

    def create(options=""):
        name = f"new{next(DATABASE_NUMBERS)}"
        with closing(postgresql_server.connect()) as db:
            db.execute(f"CREATE DATABASE {name} {options}")
        return postgresql_server.url(name)

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
