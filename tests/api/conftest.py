"""Programs that use the API with tokens."""

import pytest

from flaskr.db import get_db
from flaskr.models import tokens
from flaskr.models import users


class Program:
    """A program that sends JSON to the API with a token, or without one."""

    def __init__(self, client, token=""):
        self._client = client
        self.token = token
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def __call__(self, method, path, json=None, *, headers=(), **options):
        return self._client.open(
            path if path.startswith("/api") else f"/api/v1{path}",
            method=method,
            json=json,
            headers={**self._headers, **dict(headers)},
            **options,
        )


@pytest.fixture
def program(app):
    """Makes the program of a user, by default the first author with all scopes."""

    def program(user_id=1, scopes=tokens.SCOPES, role="author"):
        with app.app_context():
            get_db().execute('UPDATE "user" SET role = ? WHERE id = ?', (role, user_id))
            get_db().commit()
            token = tokens.create(users.find(user_id), name="Program", scopes=scopes)
        return Program(app.test_client(), token)

    return program


@pytest.fixture
def visitor(app):
    """A program without a token."""
    return Program(app.test_client())


@pytest.fixture
def api(program):
    """The program of the first author."""
    return program()


@pytest.fixture
def owner(program):
    """The program of the first author, who is the owner."""
    return program(role="owner")
