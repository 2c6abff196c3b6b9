"""Every error is a problem document that says what is wrong."""

import json
from io import BytesIO

import pytest
from flask import abort

from flaskr import create_app

BODY = {"title": "T", "body": "B"}
MALFORMED = (
    "", "{", "[1,]", '{"title": "a", "title": "b"}', '{"part": NaN}', '{"part": -Infinity}',
    "[" * 100_000, '{"a":' * 100_000, b'{"title": "\xff"}', '{"part": ' + "9" * 5000 + "}",
    b"\xef\xbb\xbf{}", "\0",
)  # fmt: skip
WRONG = (
    ({"title": 1}, "#/title"),
    ({"title": None}, "#/title"),
    ({"title": ["T"]}, "#/title"),
    ({"status": "x"}, "#/status"),
    ({"tags": "a"}, "#/tags"),
    ({"tags": ["a", 1]}, "#/tags/1"),
    ({"tags": ["a" * 101]}, "#/tags"),
    ({"part": True}, "#/part"),
    ({"part": 1.5}, "#/part"),
    ({"part": 10**30}, "#/part"),
    ({"part": -1}, "#/part"),
    ({"created": "2020-01-01"}, "#/created"),
    ({"created": "2020-13-01T00:00:00Z"}, "#/created"),
    ({"created": "0001-01-01T00:00:00+14:00"}, "#/created"),
    ({"language": "?"}, "#/language"),
    ({"cover": "javascript:alert(1)"}, "#/cover"),
    ({"authors": ["nobody"]}, "#/authors"),
    ({"authors": ["other"]}, "#/authors"),
    ({"series": "\ud800"}, "#/series"),
    ({"slug": "A b"}, "#/slug"),
    ({"slug": "tags"}, "#/slug"),
    ({"title": "x" * 501}, "#/title"),
    ({"x/y~z": 1}, "#/x~1y~0z"),
    ({"menu_position": 1}, "#/menu_position"),
    ({"status": "published", "title": ""}, "#/title"),
)
QUERIES = (
    "x=1", "limit=0", "limit=101", "limit=x", "limit=", "limit=1&limit=2", "status=x",
    "fields=x", "include=x", f"limit={10**30}", f"limit={'9' * 5000}", "page=0&q=x",
)  # fmt: skip
MISSING = (
    "/posts/0", "/posts/x", f"/posts/{10**30}", f"/posts/{'9' * 5000}", "/posts/99", "/x",
    "/posts?q=found&page=9", "/posts?before=2020-01-01T00:00:00~" + "9" * 30, "/api/",
)  # fmt: skip


def send(api, data, path="/posts", method="POST", content_type="application/json"):
    return api(method, path, data=data, headers={"Content-Type": content_type})


def assert_is_problem(response, status):
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert response.json["status"] == status
    assert response.json["detail"]
    return response.json


def test_malformed_json_is_refused(api):
    for data in MALFORMED:
        assert_is_problem(send(api, data), 400)


def test_the_wrong_field_is_named(api):
    for changes, pointer in WRONG:
        response = send(api, json.dumps({**BODY, **changes}))
        assert response.status_code in (409, 413, 422), changes
        found = assert_is_problem(response, response.status_code)["errors"][0]["pointer"]
        assert found == pointer


def test_a_body_must_be_an_object(api):
    for data in ("[]", '"x"', "1", "null"):
        assert_is_problem(send(api, data), 422)


def test_a_required_field_is_named(api):
    problem = assert_is_problem(send(api, '{"title": "T"}'), 422)
    assert problem["errors"] == [{"detail": "body is required.", "pointer": "#/body"}]


def test_only_json_is_accepted(api):
    for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        assert_is_problem(send(api, "{}", content_type=content_type), 415)


def test_a_malformed_query_is_refused(visitor):
    for query in QUERIES:
        assert_is_problem(visitor("GET", f"/posts?{query}"), 400)


def test_missing_things_are_not_found(visitor):
    for path in MISSING:
        assert_is_problem(visitor("GET", path), 404)


def test_another_method_is_refused_with_those_allowed(visitor):
    response = visitor("TRACE", "/posts/1")
    assert_is_problem(response, 405)
    assert {"GET", "PUT", "PATCH", "DELETE"} <= set(response.allow)


def test_writing_needs_a_token(visitor):
    response = visitor("POST", "/posts", BODY)
    assert_is_problem(response, 401)
    assert response.www_authenticate.type == "bearer"


def test_the_post_of_another_is_refused(program, write):
    public, draft = write("Public"), write("Draft", status="draft")
    stranger = program(2)
    assert_is_problem(stranger("PATCH", f"/posts/{public}", BODY), 403)
    assert_is_problem(stranger("PATCH", f"/posts/{draft}", BODY), 404)


def test_long_bodies_are_refused(app, api, visitor):
    problem = assert_is_problem(visitor("POST", "/posts", data=b" " * 100_000), 413)
    assert "64 KB" in problem["detail"]
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    response = api(
        "POST", "/posts", input_stream=BytesIO(b" " * 200_000), content_type="application/json"
    )
    assert_is_problem(response, 413)


def test_an_error_without_a_message_of_its_own_has_a_sentence(app, visitor):
    for path, method, status in (("/x", "GET", 404), ("/site", "PUT", 405)):
        assert_is_problem(visitor(method, path), status)["detail"].startswith("Th")
    app.view_functions["api.show_site"] = lambda: abort(409)
    assert assert_is_problem(visitor("GET", "/site"), 409)["detail"] == "Conflict."


@pytest.mark.parametrize("prefix", ("", "/blog"))
def test_an_unknown_host_is_a_problem_too(prefix):
    app = create_app({"TESTING": True, "TRUSTED_HOSTS": ["here"], "URL_PREFIX": prefix})
    options = {"headers": {"Host": "there"}}
    response = app.test_client().get(f"{prefix}/api/v1/posts", **options)
    assert "TRUSTED_HOSTS" in assert_is_problem(response, 400)["detail"]


def test_a_failure_is_a_problem_too(app, visitor):
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.view_functions["api.list_posts"] = lambda: 1 / 0
    assert_is_problem(visitor("GET", "/posts"), 500)


def test_a_limit_says_when_to_try_again(app, program):
    app.config.update(RATELIMIT_ENABLED=True, TOKEN_REQUESTS_PER_MINUTE=1)
    api = program()
    api("GET", "/posts")
    response = api("GET", "/posts")
    assert_is_problem(response, 429)
    assert int(response.headers["Retry-After"]) >= 1


def test_visitors_are_not_told_of_deleted_posts(api, visitor, write):
    post_id = write("Old")
    api("DELETE", f"/posts/{post_id}")
    assert_is_problem(visitor("GET", f"/posts/{post_id}"), 404)
