"""Programs that use the API with tokens."""

from xmlrpc import client as xmlrpc

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
            path if path.startswith(("/api", "/micropub")) else f"/api/v1{path}",
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


class Editor:
    """An editor that calls methods of WordPress by XML-RPC."""

    def __init__(self, client, name, token):
        self._client = client
        self.credentials = (name, token)

    def __call__(self, method, *parameters):
        return self.send(method, "1", *self.credentials, *parameters)

    def send(self, method, *parameters):
        """Call a method with exactly these parameters."""
        response = self._client.post("/xmlrpc", data=xmlrpc.dumps(parameters, method))
        (result,), _ = xmlrpc.loads(response.data)
        return result

    def refuse(self, method, *parameters):
        """Return the code of the fault with which a call is refused."""
        with pytest.raises(xmlrpc.Fault) as refusal:
            self(method, *parameters)
        return refusal.value.faultCode


@pytest.fixture
def make_editor(app, program):
    """Makes the editor of a user, by default the first author with all scopes."""
    app.config["XMLRPC"] = True
    names = {1: "test", 2: "other"}

    def make_editor(user_id=1, **options):
        return Editor(app.test_client(), names[user_id], program(user_id, **options).token)

    return make_editor


@pytest.fixture
def editor(make_editor):
    """The editor of the first author."""
    return make_editor()
