import pytest


@pytest.fixture(scope="session")
def postgresql_folder(postgresql_server):
    """The folder with the socket of a PostgreSQL that runs for these tests."""
    return postgresql_server.folder


@pytest.fixture(scope="session")
def connect_to_postgresql(postgresql_server):
    """Opens a connection that commits each statement."""
    return postgresql_server.connect
