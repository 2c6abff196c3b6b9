from datetime import UTC
from datetime import datetime
from datetime import timedelta
from xmlrpc import client as xmlrpc

import pytest

from flaskr.db import get_db
from flaskr.db import is_postgres
from flaskr.models import posts
from flaskr.models import tags
from flaskr.models import tokens
from flaskr.models import users
from flaskr.web import security

from ..databases import dump

NOT_WELL_FORMED, NO_SUCH_METHOD, WRONG_PARAMETERS = -32700, -32601, -32602


@pytest.fixture
def app(app):
    app.config["XMLRPC"] = True
    return app


@pytest.fixture
def token(app):
    """Makes a token of a user."""

    def token(*scopes, user_id=1):
        with app.app_context():
            return tokens.create(users.find(user_id), name="MarsEdit", scopes=scopes)

    return token


@pytest.fixture
def secret(token):
    return token("read", "write", "publish", "media")


def post_body(client, body, **options):
    response = client.post("/xmlrpc", data=body, content_type="text/xml", **options)
    assert (response.status_code, response.mimetype) == (200, "text/xml")
    (result,), _ = xmlrpc.loads(response.data)
    return result


@pytest.fixture
def call(client):
    """Calls a method as an editor does, and returns the result."""
    return lambda method, *parameters: post_body(client, xmlrpc.dumps(parameters, method))


@pytest.fixture
def fault(client):
    """Sends a call and returns the code of the fault."""

    def fault(method, *parameters, body=None):
        with pytest.raises(xmlrpc.Fault) as refusal:
            post_body(client, body or xmlrpc.dumps(parameters, method, allow_none=True))
        return refusal.value.faultCode

    return fault


def stored(app, post_id):
    with app.app_context():
        post = dict(posts.get_stored(int(post_id)))
        post["tags"] = [tag["name"] for tag in tags.for_post(int(post_id))]
    return post


def test_it_is_turned_off_by_default(app, client):
    app.config["XMLRPC"] = False
    response = client.post("/xmlrpc", data=b"<a/>")
    assert response.status_code == 404
    with pytest.raises(xmlrpc.Fault, match="turned off"):
        xmlrpc.loads(response.data)


def test_editor_finds_the_blog(call, secret):
    (blog,) = call("blogger.getUsersBlogs", "app", "test", secret)
    assert (blog["blogName"], blog["xmlrpc"]) == ("Flaskr", "http://localhost/xmlrpc")


def test_post_is_published_with_all_its_fields(app, call, secret):
    content = {
        "title": "Tides",
        "description": "The *sea*",
        "mt_text_more": "and more",
        "mt_excerpt": "About it",
        "categories": ["Sea"],
        "mt_keywords": "salt, , waves",
        "wp_slug": "the-tides",
        "dateCreated": xmlrpc.DateTime("20200102T03:04:05Z"),
    }
    post = stored(app, call("metaWeblog.newPost", "1", "test", secret, content, True))
    assert (post["title"], post["body"]) == ("Tides", "The *sea*\n\nand more")
    assert (post["summary"], post["slug"]) == ("About it", "the-tides")
    assert (post["status"], post["stored_created"]) == ("published", "2020-01-02 03:04:05")
    assert sorted(post["tags"]) == ["Sea", "salt", "waves"]


@pytest.mark.parametrize(
    ("status", "publish", "expected"),
    (
        (None, False, "draft"),
        (None, True, "published"),
        ("draft", True, "draft"),
        ("publish", False, "published"),
        ("unknown", True, "published"),
    ),
)
def test_state_of_a_post_is_that_of_the_editor(app, call, secret, status, publish, expected):
    content = {"title": "T", "description": "B"} | ({"post_status": status} if status else {})
    post_id = call("metaWeblog.newPost", "1", "test", secret, content, publish)
    assert stored(app, post_id)["status"] == expected


def test_edit_changes_only_what_is_sent(app, call, secret, write):
    post_id = str(write("Tides", "Words", tags=["Sea"], summary="About it"))
    assert call("metaWeblog.editPost", post_id, "test", secret, {"description": "New"}, True)
    post = stored(app, post_id)
    assert (post["title"], post["body"], post["tags"]) == ("Tides", "New", ["Sea"])
    assert post["summary"] == "About it"


def test_post_comes_back_as_it_was_stored(call, secret, write):
    body = "<b>&amp; ]]> ねこ\n\n  code"
    post_id = write("A & B", body, tags=["Sea"], created="2020-01-02 03:04:05")
    post = call("metaWeblog.getPost", str(post_id), "test", secret)
    assert (post["postid"], post["title"], post["description"]) == (str(post_id), "A & B", body)
    assert (post["categories"], post["post_status"]) == (["Sea"], "publish")
    assert post["dateCreated"].value == "20200102T03:04:05Z"
    assert post["link"] == "http://localhost/a-b"


def test_characters_that_xml_cannot_contain_are_left_out(app, call, secret):
    with app.app_context():
        get_db().execute(
            "UPDATE post SET body = ?", ("a\x01b\ufffec" + "\0" * (not is_postgres()),)
        )
        get_db().commit()
    assert call("metaWeblog.getPost", "1", "test", secret)["description"] == "abc"


def test_recent_posts_are_those_that_the_user_may_edit(call, token, write):
    later = f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d %H:%M:%S}"
    write("Later", created=later)
    write("Draft", status="draft")
    write("Page", kind="page", status="draft")
    write("Another's", author_id=2)
    for number in range(31):
        write(f"Old {number}", created="2001-01-01 00:00:00")
    secret = token("read")
    found = call("metaWeblog.getRecentPosts", "1", "test", secret, 100)
    assert [(post["title"], post["post_status"]) for post in found[:3]] == [
        ("Later", "future"),
        ("Draft", "draft"),
        ("test title", "publish"),
    ]
    assert len(found) == 3 + 31
    for count, length in ((2, 2), (0, 0), (-1, 0), (10**6, 34), ("x", 34)):
        assert len(call("metaWeblog.getRecentPosts", "1", "test", secret, count)) == length


@pytest.mark.parametrize("method", ("blogger.deletePost", "metaWeblog.deletePost"))
def test_deleted_post_is_in_the_trash(app, call, secret, method):
    assert call(method, "app", "1", "test", secret, True) is True
    with app.app_context():
        assert get_db().execute("SELECT post_id FROM trash").fetchone()["post_id"] == 1


def test_categories_are_the_tags(call, secret, write):
    write(tags=["Sea & salt"])
    (category,) = call("metaWeblog.getCategories", "1", "test", secret)
    assert category["categoryName"] == "Sea & salt"
    assert category["htmlUrl"] == "http://localhost/tag/sea-salt"


def test_categories_of_drafts_need_the_scope_read(call, token, write):
    write(tags=["Sea"])
    write("Draft", tags=["Secret"], status="draft")
    categories = call("metaWeblog.getCategories", "1", "test", token("media"))
    assert [category["categoryName"] for category in categories] == ["Sea"]


def test_file_is_uploaded(client, call, secret, draw):
    content = {"name": "../a b.png", "type": "text/html", "bits": xmlrpc.Binary(draw())}
    file = call("metaWeblog.newMediaObject", "1", "test", secret, content)
    assert (file["file"], file["type"]) == ("a b.png", "image/png")
    path = file["url"].removeprefix("http://localhost")
    assert client.get(path, buffered=True).mimetype == "image/png"


@pytest.mark.parametrize(
    ("scopes", "method", "parameters"),
    (
        (("write",), "metaWeblog.getPost", ["1"]),
        (("write",), "metaWeblog.getRecentPosts", ["1"]),
        (("read", "publish"), "metaWeblog.newPost", ["1", {"title": "T"}, False]),
        (("write",), "metaWeblog.newPost", ["1", {"title": "T"}, True]),
        (("write",), "metaWeblog.newPost", ["1", {"title": "T", "post_status": "future"}, False]),
        (("write",), "metaWeblog.editPost", ["1", {}, True]),
        (("write",), "metaWeblog.editPost", ["1", {}, False]),
        (("write",), "metaWeblog.deletePost", ["1", "1", True]),
        (("write", "publish"), "metaWeblog.newMediaObject", ["1", {}]),
    ),
)
def test_method_needs_its_scope(app, fault, token, scopes, method, parameters):
    position = 2 if "delete" in method else 1
    parameters[position:position] = ["test", token(*scopes)]
    with app.app_context():
        before = dump()
    assert fault(method, *parameters) == 403
    with app.app_context():
        changed = set(dump()) ^ set(before)
    assert {table for table, *_ in changed} <= {"token"}


def test_another_users_post_cannot_be_changed(fault, token, write):
    write("Draft", status="draft")
    secret = token(*tokens.SCOPES, user_id=2)
    assert fault("metaWeblog.editPost", "1", "other", secret, {"title": "x"}, True) == 403
    assert fault("metaWeblog.deletePost", "1", "1", "other", secret, True) == 403
    assert fault("metaWeblog.getPost", "2", "other", secret) == 404


@pytest.mark.parametrize(
    ("name", "password"),
    (("test", "test"), ("other", None), ("", None), ("test", ""), ("test", "flaskr_" + "0" * 64)),
)
def test_only_a_token_with_its_users_name_is_accepted(fault, secret, name, password):
    wrong = secret if password is None else password
    assert fault("metaWeblog.getPost", "1", name, wrong) == 401


def test_session_of_a_browser_does_not_count(writer, fault):
    assert fault("metaWeblog.getPost", "1", "test", "test") == 401


def test_wrong_tokens_are_limited(app, fault):
    app.config["RATELIMIT_ENABLED"] = True
    codes = [fault("metaWeblog.getPost", "1", "test", "x") for _ in range(31)]
    assert codes == [401] * 30 + [429]


@pytest.mark.parametrize(
    ("method", "parameters", "code"),
    (
        ("system.shutdown", [], NO_SUCH_METHOD),
        ("", [], NO_SUCH_METHOD),
        ("__class__", [], NO_SUCH_METHOD),
        ("metaWeblog.getPost", [], WRONG_PARAMETERS),
        ("metaWeblog.getPost", ["1"], WRONG_PARAMETERS),
        ("metaWeblog.getPost", ["1", "test"], WRONG_PARAMETERS),
        ("metaWeblog.getPost", ["1", "test", "x", "y", "z"], WRONG_PARAMETERS),
        ("metaWeblog.getPost", ["1", 5, None], 422),
        ("metaWeblog.getPost", ["1", {"a": 1}, [1]], 422),
    ),
)
def test_wrong_call_has_a_fault(fault, method, parameters, code):
    assert fault(method, *parameters) == code


@pytest.mark.parametrize(
    ("post_id", "content", "code"),
    (
        ("9" * 30, {}, 404),
        ("-1", {}, 404),
        ("\u0661", {}, 404),
        ("1", "text", 422),
        ("1", {"title": 5}, 422),
        ("1", {"title": ""}, 422),
        ("1", {"title": "x" * 600}, 413),
        ("1", {"description": ["x"]}, 422),
        ("1", {"categories": "Sea"}, 422),
        ("1", {"categories": [{}]}, 422),
        ("1", {"mt_keywords": 5}, 422),
        ("1", {"dateCreated": xmlrpc.DateTime("99999999T99:99:99")}, 422),
        ("1", {"wp_slug": "settings"}, 409),
    ),
)
def test_wrong_value_has_a_fault(fault, secret, post_id, content, code):
    assert fault("metaWeblog.editPost", post_id, "test", secret, content, True) == code


@pytest.mark.parametrize("bits", ("text", 5, None))
def test_wrong_file_has_a_fault(fault, secret, bits):
    content = {"name": "a.png", "bits": bits}
    assert fault("metaWeblog.newMediaObject", "1", "test", secret, content) == 422
    assert fault("metaWeblog.newMediaObject", "1", "test", secret, bits) == 422


def test_broken_picture_has_a_fault(fault, secret, draw):
    content = {"name": "a.png", "bits": xmlrpc.Binary(draw()[:50])}
    assert fault("metaWeblog.newMediaObject", "1", "test", secret, content) == 422


BOMB = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>
<methodCall><methodName>&b;</methodName></methodCall>"""
OUTSIDE = b"""<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<methodCall><methodName>&a;</methodName></methodCall>"""


@pytest.mark.parametrize(
    "body",
    (
        b"",
        b"\0",
        b"not XML",
        b"<a>",
        b"<methodCall><params><param><value><int>x</int></value></param></params></methodCall>",
        b"<methodCall><params><param><value><int>"
        + b"9" * 5000
        + b"</int></value></param></params>",
        b"<methodCall><params></array></params></methodCall>",
        b"<methodCall><params><param><value><base64>?</base64></value></param></params>",
        b"<methodCall>" + b"<value><array><data>" * 3000,
        "<methodCall/>".encode("utf-16"),
        BOMB,
        OUTSIDE,
    ),
)
def test_what_is_no_call_has_a_fault(fault, body):
    assert fault("", body=body or b" ") in (NOT_WELL_FORMED, NO_SUCH_METHOD)


DEEP_LIST = f"{'<array><data><value>' * 1000}x{'</value></data></array>' * 1000}"


@pytest.mark.parametrize("member", ("title", "post_status", "dateCreated", "categories"))
def test_deep_values_have_a_fault(fault, secret, member):
    struct = f"<struct><member><name>{member}</name><value>{DEEP_LIST}</value></member></struct>"
    values = ("1", "test", secret, struct)
    body = "<methodCall><methodName>metaWeblog.newPost</methodName><params>"
    body += "".join(f"<param><value>{value}</value></param>" for value in values)
    assert fault("", body=f"{body}</params></methodCall>".encode()) == 422


@pytest.mark.parametrize("position", (0, 1, 2))
def test_deep_parameters_have_a_fault(fault, secret, position):
    values = ["1", "test", secret]
    values[position] = DEEP_LIST
    body = "<methodCall><methodName>metaWeblog.getPost</methodName><params>"
    body += "".join(f"<param><value>{value}</value></param>" for value in values)
    assert fault("", body=f"{body}</params></methodCall>".encode()) == 422


def test_long_call_needs_a_valid_token_at_its_beginning(app, client, call, fault, secret):
    content = {"title": "Long", "description": "word " * 20_000}
    post_id = call("metaWeblog.newPost", "1", "test", secret, content, True)
    assert len(stored(app, post_id)["body"]) > security.MAX_ANONYMOUS_BODY_BYTES
    unknown = "flaskr_" + "0" * 64
    for wrong in ("x", unknown, "x" * 20_000 + secret):
        assert fault("metaWeblog.newPost", "1", "test", wrong, content, True) == 401


def test_length_of_a_call_is_limited(app, fault):
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/xmlrpc"}
    assert security.body_limit(app, environ) == app.config["MAX_CONTENT_LENGTH"]
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    assert fault("", body=b"x" * 100_001) == 413


def test_early_error_is_a_fault(client, fault):
    response = client.put("/xmlrpc")
    assert (response.status_code, response.mimetype) == (405, "text/xml")
    with pytest.raises(xmlrpc.Fault, match="does not answer this method"):
        xmlrpc.loads(response.data)


def test_calls_of_other_sites_pages_are_refused(client):
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/xmlrpc", data=b"<a/>", headers=headers).status_code == 403
