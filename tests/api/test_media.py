from io import BytesIO
from urllib.parse import urlsplit

import pytest


@pytest.fixture
def uploaded(api, draw):
    """The answer to an upload of a picture as the body."""
    return api("POST", "/media?name=sea.png&alt=The+sea", data=draw(), content_type="image/png")


def test_a_file_is_uploaded_as_the_body(api, client, uploaded):
    found = uploaded.json
    assert uploaded.status_code == 201
    assert (found["file_name"], found["alt"], found["type"]) == ("sea.png", "The sea", "image/png")
    assert (found["width"], found["height"]) == (60, 40)
    assert api("GET", urlsplit(uploaded.location).path).json == found
    assert client.get(urlsplit(found["url"]).path).data.startswith(b"\x89PNG")
    assert found["markdown"] == f"![The sea](/media/{found['name']})"


def test_a_file_is_uploaded_with_a_form(api, draw):
    form = {"file": (BytesIO(draw()), "sea.png"), "alt": "The sea"}
    found = api("POST", "/media", data=form).json
    assert (found["file_name"], found["alt"]) == ("sea.png", "The sea")
    assert [one["name"] for one in api("GET", "/media?q=sea").json] == [found["name"]]


def test_program_that_may_not_read_learns_nothing_of_the_same_file(program, uploaded, draw):
    stranger = program(2, scopes=["media"])
    found = stranger("POST", "/media?name=b.png&alt=Mine", data=draw()).json
    assert (found["url"], found["file_name"]) == (uploaded.json["url"], "b.png")
    assert found["markdown"] == f"![Mine](/media/{found['name']})"


def test_wrong_uploads_are_refused(app, api):
    app.config["MAX_UPLOAD"] = 1000
    for data, content_type, status in (
        (b"", "image/png", 422),
        (b"x" * 2000, "image/png", 413),
        (b"x" * (12 * 1024 * 1024), "image/png", 413),
        ({"alt": "no file"}, "multipart/form-data", 422),
        (b"--x", "multipart/form-data; boundary=y", 422),
        (b"--x", "multipart/form-data", 422),
    ):
        response = api("POST", "/media", data=data, content_type=content_type)
        found = (response.status_code, response.mimetype)
        assert found == (status, "application/problem+json"), content_type


def test_only_the_one_who_uploaded_a_file_changes_it(api, program, uploaded):
    path = f"/media/{uploaded.json['name']}"
    stranger = program(2)
    for method, body in (("PATCH", {"alt": "Mine"}), ("DELETE", None)):
        assert stranger(method, path, body).status_code == 403
    assert api("PATCH", path, {"alt": "New"}).json["alt"] == "New"
    assert api("PATCH", path, {"alt": "x" * 2000}).json["errors"][0]["pointer"] == "#/alt"
    assert api("DELETE", path).status_code == 204
    assert api("GET", path).status_code == 404
