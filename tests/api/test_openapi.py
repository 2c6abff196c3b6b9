import re
import shlex
from urllib.parse import urlsplit

import pytest

from flaskr.api.openapi import EXAMPLE_VALUES
from flaskr.api.v1 import OPERATIONS

PNG = "@sea.png"


@pytest.fixture
def document(visitor):
    return visitor("GET", "/openapi.json").json


def test_the_document_is_valid(document):
    validator = pytest.importorskip("openapi_spec_validator")
    validator.validate(document)


def test_the_document_describes_exactly_the_routes(app, document):
    described = {
        (method.upper(), re.sub(r"\{(\w+)\}", r"<\1>", f"/api/v1{path}"))
        for path, methods in document["paths"].items()
        for method in methods
    }
    routes = {
        (method, re.sub(r"<\w+:", "<", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.endpoint.startswith("api.")
    }
    assert routes - described == {("GET", "/api/v1/"), ("GET", "/api/v1/openapi.json")}
    assert described <= routes


def test_answers_have_only_documented_members(document, owner, write):
    write("Sea", tags=["Sea"], series="Tides")
    for operation in OPERATIONS:
        if operation.method == "GET" and operation.is_list:
            known = {field.name for field in operation.returns.fields}
            for found in owner("GET", operation.path.replace("{id}", "1")).json:
                assert found.keys() <= known, operation.name


def test_every_operation_is_on_the_page_in_the_look_of_the_site(browse):
    page = browse("/api/v1/")
    assert page.texts("h3 code") == [f"{one.method} {one.path}" for one in in_sections(OPERATIONS)]


def in_sections(operations):
    """Return the operations in the order of the page."""
    names = list(dict.fromkeys(one.path.split("/")[1] for one in operations))
    return sorted(operations, key=lambda one: names.index(one.path.split("/")[1]))


def read_command(command, token):
    """Return the method, URL, headers and data of a command for curl."""
    words = shlex.split(command.replace("$TOKEN", token).replace(" \\ ", " "))[1:]
    url, method, headers, data = words.pop(0), "", {}, None
    while words:
        option, value = words.pop(0), words.pop(0)
        if option == "-H":
            headers.update([value.split(": ", 1)])
        elif option == "-X":
            method = value
        else:
            assert option in ("-d", "--data-binary")
            data = value
    return method or ("POST" if data else "GET"), urlsplit(url), headers, data


def place_in_order(command):
    """Sort deletions after what they delete, and restorations after them."""
    deletes = "-X DELETE" in command and "publication" not in command
    return 2 if "restoration" in command else int(deletes)


def test_the_commands_on_the_page_work(browse, owner, write, draw):
    write("Sea", tags=["sea"], series="Sea")
    page = write("Page", kind="page")
    owner("PATCH", "/posts/1", {"body": "changed"})
    owner("PUT", f"/unsaved/{EXAMPLE_VALUES['key']}", {"title": "T", "body": "B"})
    file = owner("POST", "/media", data=draw(), content_type="image/png").json["name"]
    commands = browse("/api/v1/").texts("pre code")
    for command in sorted(commands, key=place_in_order):
        method, url, headers, data = read_command(command, owner.token)
        path = f"{url.path}?{url.query}".replace("/pages/1", f"/pages/{page}")
        response = owner(
            method,
            path.replace("NAME.png", file),
            data=draw() if data == PNG else data,
            headers=headers,
        )
        assert response.status_code < 300, (command, response.text)
