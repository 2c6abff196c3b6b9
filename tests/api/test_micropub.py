"""Micropub: the cases of micropub.rocks for servers, from its descriptions, and then ours."""

import json
import re
from io import BytesIO
from urllib.parse import unquote
from urllib.parse import urlsplit

import pytest

from flaskr.db import get_db
from flaskr.models import posts
from flaskr.models import settings
from flaskr.models import tags
from flaskr.models import tokens
from flaskr.models import users
from flaskr.models.permissions import SYSTEM

from ..markup import Page

PHOTO = "https://example.org/sea.jpg"
URL = "http://localhost/tides"


@pytest.fixture
def secret(app):
    """Makes the token of a user, by default the first author's with all scopes."""

    def secret(scopes=tokens.SCOPES, user_id=1):
        with app.app_context():
            return tokens.create(users.find(user_id), name="Program", scopes=scopes)

    return secret


@pytest.fixture
def send(client, secret):
    """Sends a request with a token: a form or, as the argument `json`, JSON."""

    def send(data=None, path="/micropub", *, token=None, method="POST", **options):
        headers = {"Authorization": f"Bearer {token or secret()}"}
        return client.open(path, method=method, data=data, headers=headers, **options)

    return send


@pytest.fixture
def ask(send):
    """Sends a query and returns the JSON."""
    return lambda query, **options: send(path=f"/micropub?{query}", method="GET", **options).json


@pytest.fixture
def stored(app):
    """Returns the newest post, with the names of its tags."""

    def stored():
        with app.app_context():
            (post_id,) = get_db().execute("SELECT max(id) FROM post").fetchone()
            names = [tag["name"] for tag in tags.for_post(post_id)]
            return {**posts.get_stored(post_id), "tags": names}

    return stored


@pytest.fixture
def tides(write):
    """A public post."""
    return write("Tides", "Words", day=2, tags=["Sea", "Salt"], summary="About it")


def entry(**properties):
    return {"type": ["h-entry"], "properties": properties}


def update(**operations):
    return {"action": "update", "url": URL, **operations}


def refusal(response):
    return response.status_code, response.json["error"]


CREATED = (
    ({"h": "entry", "content": "Hello"}, {"body": "Hello", "title": "Hello"}),  # 100
    ({"h": "entry", "content": "x", "category[]": ["a", "b"]}, {"tags": ["a", "b"]}),  # 101
    ({"h": "entry", "content": "x", "photo": PHOTO}, {"body": f"x\n\n![]({PHOTO})"}),  # 104
    ({"h": "entry", "content": "x", "category": "a"}, {"tags": ["a"]}),  # 107
    (entry(content=["Hello"]), {"body": "Hello"}),  # 200
    (entry(content=["x"], category=["a", "b"]), {"tags": ["a", "b"]}),  # 201
    (entry(content=[{"html": "<p>A <b>b</b></p>"}]), {"body": "<p>A <b>b</b></p>"}),  # 202
    (entry(content=["x"], photo=[PHOTO]), {"body": f"x\n\n![]({PHOTO})"}),  # 203
    (entry(content=["x"], checkin=[entry(name=["Port"])]), {"body": "x"}),  # 204
    (
        entry(content=["x"], photo=[{"value": PHOTO, "alt": "A [sea]"}]),
        {"body": f"x\n\n![A \\[sea\\]]({PHOTO})"},
    ),  # 205
    (entry(photo=[PHOTO, "/media/a.png"]), {"body": f"![]({PHOTO})\n\n![](/media/a.png)"}),  # 206
    # Ours: other ways to say the same, and all fields.
    ({"content": "x"}, {"body": "x", "status": "published"}),
    ({"content[html]": "a\n\n*b*"}, {"body": "<div>a\n*b*</div>"}),
    (
        {"content": "x", "photo[]": PHOTO, "mp-photo-alt[]": "Sea"},
        {"body": f"x\n\n![Sea]({PHOTO})"},
    ),
    ({"properties": {"name": "T", "content": "x", "post-status": "draft"}}, {"status": "draft"}),
    (entry(content=[{"value": "x"}], summary=None, name=[]), {"body": "x", "title": "x"}),
    (entry(content=["x"], visibility=["private"]), {"status": "draft"}),
    (entry(content=[{"html": "<pre>a\n\nb</pre>"}]), {"body": "<div><pre>a\n\nb</pre></div>"}),
    (entry(photo=["http://localhost/media/a (1).png"]), {"body": "![](/media/a%20%281%29.png)"}),
    (entry(photo=[{"value": PHOTO, "alt": "The sea"}]), {"title": "The sea"}),
    (entry(photo=[PHOTO]), {"title": "Photo"}),
    (entry(content=["word " * 20]), {"title": ("word " * 12).strip() + "…"}),
    (entry(content=["字" * 70]), {"title": "字" * 60 + "…"}),
    (
        entry(name=["T"], content=["x"], summary=["S"], published=["2020-01-02T03:04:05+01:00"]),
        {"title": "T", "summary": "S", "stored_created": "2020-01-02 02:04:05"},
    ),
    (entry(content=["x"], **{"mp-slug": ["The Sea!"]}), {"slug": "the-sea"}),
    (entry(content=["a\ud800\0b"]), {"body": "ab"}),
)


@pytest.mark.parametrize(("sent", "expected"), CREATED)
def test_post_is_created(send, stored, sent, expected):
    is_json = "properties" in sent
    response = send(json=sent) if is_json else send(sent)
    assert response.status_code == 201
    found = stored()
    assert {name: found[name] for name in expected} == expected
    if found["status"] == "published":
        assert unquote(response.location) == f"http://localhost/{found['slug']}"


@pytest.mark.parametrize("name", ("photo", "photo[]"))
def test_post_is_created_with_files(client, send, stored, draw, name):  # 300, 301
    files = [(BytesIO(draw(size=(10, width))), "sea.png") for width in (10, 20)]
    data = {"h": "entry", "content": "x", name: files, "mp-photo-alt": "The sea", "photo": PHOTO}
    data[name] = files if name != "photo" else [*files, PHOTO]
    assert send(data, content_type="multipart/form-data").status_code == 201
    found = re.fullmatch(
        rf"x\n\n!\[The sea\]\((/media/\w+\.png)\)\n\n!\[\]\(/media/\w+\.png\)\n\n!\[\]\({PHOTO}\)",
        stored()["body"],
    )
    with client.get(found[1]) as response:
        assert response.mimetype == "image/png"


CHANGED = (
    (update(replace={"content": ["New"]}), {"body": "New", "title": "Tides"}),  # 400
    (update(add={"category": ["New"]}), {"tags": ["New", "Salt", "Sea"]}),  # 401
    (update(add={"photo": [PHOTO]}), {"body": f"Words\n\n![]({PHOTO})"}),  # 402
    (update(delete={"category": ["Sea"]}), {"tags": ["Salt"]}),  # 403
    (update(delete=["category"]), {"tags": [], "summary": "About it"}),  # 404
    (update(replace={"content": "New", "name": "T"}), {"body": "New", "title": "T"}),
    (update(add={"photo": PHOTO}, delete={"photo": [PHOTO, []]}), {"body": "Words"}),
    (update(delete=["summary", "published", "post-status", "x"]), {"summary": "", "body": "Words"}),
    (update(replace={"published": ["2021-01-01"]}), {"stored_created": "2021-01-01 00:00:00"}),
)


@pytest.mark.parametrize(("sent", "expected"), CHANGED)
def test_post_is_updated(send, stored, tides, sent, expected):
    response = send(json=sent)
    assert (response.status_code, response.data) == (204, b"")
    found = stored()
    found["tags"].sort()
    assert {name: found[name] for name in expected} == expected


def test_update_that_moves_a_post_tells_its_new_url(send, tides):
    response = send(json=update(replace={"mp-slug": ["The waves"]}))
    assert (response.status_code, response.location) == (201, "http://localhost/the-waves")
    # The former URL still names the post.
    assert send(json=update(replace={"content": ["New"]})).status_code == 204


def test_photos_below_a_text_can_be_changed_alone(send, stored, ask, tides):
    photos = [{"value": PHOTO, "alt": "A *sea*"}, "http://localhost/media/a.png"]
    send(json=update(replace={"photo": photos}))
    found = ask(f"q=source&url={URL}")["properties"]
    assert (found["photo"], found["content"]) == (photos, ["Words"])
    send(json=update(replace={"content": ["New"]}, delete={"photo": [PHOTO]}))
    assert stored()["body"] == "New\n\n![](/media/a.png)"


def test_pictures_of_a_text_stay_as_they_were_written(app, send, stored, tides):
    photos = f"![a](b.png)\n\n![*c*]({PHOTO})"
    with app.app_context():
        get_db().execute("UPDATE post SET body = ? WHERE id = ?", (f"Words\n\n{photos}", tides))
        get_db().commit()
    send(json=update(replace={"content": ["New"]}))
    assert stored()["body"] == f"New\n\n![*c*]({PHOTO})"
    send(json=update(replace={"content": ["New\n\n![a](b.png)"]}, delete=["photo"]))
    assert stored()["body"] == "New\n\n![a](b.png)"


@pytest.mark.parametrize("form", ("data", "json"))
def test_post_is_deleted_and_undeleted(client, send, tides, form):  # 500 to 503
    for action, status in (("delete", 410), ("undelete", 200)):
        assert send(**{form: {"action": action, "url": URL}}).status_code == 204
        assert client.get("/tides").status_code == status


@pytest.mark.parametrize("action", ("delete", "undelete"))
def test_url_with_an_id_names_a_post(send, tides, action):
    send({"action": "delete", "url": f"http://localhost/{tides}"})
    status = send({"action": action, "url": f"http://localhost/{tides}"}).status_code
    assert status == (204 if action == "undelete" else 404)


def test_configuration_is_told(ask, tides):  # 600, 601
    found = ask("q=config")
    assert found["media-endpoint"] == "http://localhost/micropub/media"
    assert ask("") == ask("q=") == found
    assert ask("q=syndicate-to") == {"syndicate-to": []}
    assert ask("q=media-endpoint") == {"media-endpoint": found["media-endpoint"]}
    assert ask("q=category") == {"categories": ["Salt", "Sea"]}


def test_source_of_a_post_is_told(ask, tides):  # 602, 603
    found = ask(f"q=source&url={URL}")
    assert found["type"] == ["h-entry"]
    assert found["properties"]["content"] == ["Words"]
    assert found["properties"]["published"] == ["2020-01-02T00:00:00Z"]
    assert found["properties"]["post-status"] == ["published"]
    wanted = ask(f"q=source&properties[]=category&properties[]=x&url={URL}")
    assert wanted == {"properties": {"category": found["properties"]["category"]}}
    assert ask(f"q=source&properties=name&url={URL}") == {"properties": {"name": ["Tides"]}}


def test_sources_are_listed_page_by_page(ask, secret, write):
    write("Draft", status="draft", day=3)
    write("Another's", author_id=2, status="draft")
    token = secret()
    first = ask("q=source&limit=1", token=token)
    names = [one["properties"]["name"] for one in first["items"]]
    second = ask(f"q=source&limit=1&after={first['paging']['after']}", token=token)
    names += [one["properties"]["name"] for one in second["items"]]
    assert (names, second["paging"]) == ([["Draft"], ["test title"]], {})


@pytest.mark.parametrize(("kind", "type"), (("JPEG", "jpeg"), ("PNG", "png"), ("GIF", "gif")))
def test_file_is_uploaded(client, send, draw, kind, type):  # 700 to 702
    assert send(path="/micropub/media?q=last", method="GET").json == {}
    response = send({"file": (BytesIO(draw(kind)), "sea")}, "/micropub/media")
    assert response.status_code == 201
    with client.get(urlsplit(response.location).path) as found:
        assert found.mimetype == f"image/{type}"
    last = send(path="/micropub/media?q=last", method="GET").json
    assert last == {"url": response.location}


def test_token_may_be_in_the_form(client, secret, send):  # 800 to 804
    data = {"content": "x", "access_token": secret()}
    assert client.post("/micropub", data=data).status_code == 201
    assert refusal(send(data)) == (400, "invalid_request")
    twice = {**data, "access_token": [secret()] * 2}
    assert refusal(client.post("/micropub", data=twice)) == (400, "invalid_request")
    options = ({"json": data}, {"data": data, "content_type": "multipart/form-data"})
    for option in (*options, {"query_string": data}, {"data": {**data, "access_token": "x"}}, {}):
        response = client.post("/micropub", **option)
        assert refusal(response) == (401, "unauthorized")
        assert response.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("scopes", "sent"),
    (
        (("read", "publish"), entry(content=["x"])),  # 803
        (("write",), entry(content=["x"], **{"post-status": ["published"]})),
        (("write",), update(replace={"content": ["x"]})),
        (("write",), {"action": "delete", "url": URL}),
    ),
)
def test_request_needs_its_scope(app, send, secret, stored, tides, scopes, sent):
    response = send(json=sent, token=secret(scopes))
    assert refusal(response) == (403, "insufficient_scope")
    assert response.json["scope"] in ("write", "publish")
    assert (stored()["id"], stored()["body"]) == (tides, "Words")


def test_queries_and_files_need_their_scopes(send, secret, draw):
    token = secret(("write", "publish"))
    file = {"photo": (BytesIO(draw()), "a.png")}
    for response in (
        send(path="/micropub?q=source", method="GET", token=token),
        send(path="/micropub/media?q=last", method="GET", token=token),
        send(file, token=token),
        send({"file": (BytesIO(draw()), "a.png")}, "/micropub/media", token=token),
    ):
        assert refusal(response) == (403, "insufficient_scope")


def test_undeleting_a_public_post_needs_the_scope_to_publish(send, secret, client, tides):
    send({"action": "delete", "url": URL})
    response = send({"action": "undelete", "url": URL}, token=secret(("write",)))
    assert refusal(response) == (403, "insufficient_scope")
    assert client.get("/tides").status_code == 410


def test_another_users_post_cannot_be_changed(send, secret, write, tides):
    write("Draft", status="draft")
    token = secret(user_id=2)
    assert refusal(send({"action": "delete", "url": URL}, token=token)) == (403, "forbidden")
    assert refusal(send(json=update(replace={"name": ["x"]}), token=token)) == (403, "forbidden")
    draft = {"action": "delete", "url": "http://localhost/draft"}
    assert refusal(send(draft, token=token)) == (404, "invalid_request")
    send({"action": "delete", "url": URL})
    undelete = {"action": "undelete", "url": URL}
    assert refusal(send(undelete, token=token)) == (404, "invalid_request")


def test_token_that_may_not_publish_writes_drafts(client, send, secret, stored):
    token = secret(("read", "write"))
    response = send({"name": "Waves", "content": "x"}, token=token)
    assert stored()["status"] == "draft"
    path = urlsplit(response.location).path
    shared = client.get(path)
    page = Page(shared.text)
    assert page.texts("h1") == ["Waves"]
    assert page.select('meta[name="robots"][content="noindex"]')
    assert shared.headers["Cache-Control"] == "no-store"
    assert client.get("/waves").status_code == client.get(f"{path[:-1]}!").status_code == 404


def test_link_to_a_draft_names_it_and_leads_on_when_it_is_public(client, send, ask, stored):
    draft = send({"content": "x", "post-status": "draft"}).location
    assert ask(f"q=source&url={draft}")["properties"]["url"] == [draft]
    publish = {"action": "update", "url": draft, "replace": {"post-status": ["published"]}}
    published = send(json=publish)
    assert (published.status_code, published.location) == (201, "http://localhost/x")
    assert client.get(urlsplit(draft).path).location == "/x"
    # A draft again, it has another date.
    send(json={**publish, "replace": {"visibility": ["private"]}})
    with client.application.app_context():
        get_db().execute("UPDATE post SET created = '2020-01-01 00:00:00'")
        get_db().commit()
    assert client.get(urlsplit(draft).path).status_code == 404


def test_front_page_names_the_endpoint(browse):
    def endpoint(path):
        return [one.get("href") for one in browse(path).select('link[rel="micropub"]')]

    assert (endpoint("/"), endpoint("/archive")) == (["/micropub"], [])


DEEP = '{"properties":{"content":' + "[" * 100_000 + "]" * 100_000 + "}}"
NESTED = json.loads("[" * 300 + "]" * 300)
WRONG = (
    {},
    [],
    5,
    {"properties": []},
    {"type": ["h-event"], "properties": {"name": ["x"]}},
    {"type": NESTED, "properties": {"name": ["x"]}},
    {"action": "publish", "url": URL},
    {"action": ["delete"], "url": URL},
    {"action": NESTED},
    {"action": "delete"},
    {"action": "delete", "url": [URL]},
    entry(summary=["Nothing else"]),
    entry(content=[5]),
    entry(content=NESTED),
    entry(content=[{"html": 5}]),
    entry(content=[{}]),
    entry(name=["x" * 600], content=["x"]),
    entry(name=[{"a": 1}], content=["x"]),
    entry(content=["x"], category=[{"type": ["h-card"]}]),
    entry(content=["x"], published=["99999999T99:99:99"]),
    entry(content=["x"], **{"post-status": ["secret"]}),
    entry(content=["x"], **{"post-status": ["draft", "published"]}),
    entry(content=["x"], **{"mp-photo-alt": [5]}),
    entry(content=["x"], visibility=[NESTED]),
    entry(photo=["javascript:alert(1)"]),
    entry(photo=["//example.org/a.png"]),
    entry(photo=[{"alt": "x"}]),
    entry(photo=[{"value": PHOTO, "alt": ["x"]}]),
    entry(photo=[PHOTO] * 101),
    update(),
    update(replace="This is not an object."),  # 405
    update(replace=["content"]),
    update(delete="content"),
    update(delete=[["content"]]),
    update(delete=["name"]),
    update(replace={"content": [NESTED]}),
    update(add={"photo": NESTED}, delete={"photo": NESTED}),
    update(replace={"photo": 5}),
)


@pytest.mark.parametrize("sent", WRONG)
def test_wrong_request_is_refused(send, stored, tides, sent):
    status, error = refusal(send(json=sent))
    assert (status in (400, 413), error) == (True, "invalid_request")
    assert (stored()["id"], stored()["body"]) == (tides, "Words")


@pytest.mark.parametrize(
    "body", (b"", b"\0", b"{", b'{"a":1,"a":2}', b"\xff\xfe", DEEP, b"9" * 5000, b'{"a":NaN}')
)
def test_broken_json_is_refused(send, body):
    assert refusal(send(body, content_type="application/json")) == (400, "invalid_request")


@pytest.mark.parametrize(
    "url",
    (
        "http://localhost/nothing",
        "http://localhost/" + "9" * 31,
        "http://localhost/archive",
        "http://localhost/",
        "http://localhost/tag/sea/",
        "http://localhost/%ff%00",
        "http://localhost/a\0",
        "https://example.org/tides",
        "http://[",
        "tides",
        "",
        "http://localhost/preview/" + "9" * 31 + "/x",
    ),
)
@pytest.mark.parametrize("action", ("delete", "undelete"))
def test_url_of_no_post_is_refused(send, url, action):
    assert refusal(send({"action": action, "url": url})) == (404, "invalid_request")
    response = send(path="/micropub", method="GET", query_string={"q": "source", "url": url})
    assert refusal(response) == (404, "invalid_request")


def test_front_page_is_a_post_if_the_owner_chose_one(app, ask, write):
    page_id = write("Welcome", "Hello", kind="page")
    with app.app_context():
        settings.change({"FRONT_PAGE": str(page_id)}, SYSTEM)
    found = ask("q=source&url=http://localhost/")
    assert found["properties"]["name"] == ["Welcome"]


@pytest.mark.parametrize("query", ("?q=x", "?q=q", "?q=source&after=x"))
def test_wrong_query_is_refused(send, query):
    status, error = refusal(send(path=f"/micropub{query}", method="GET"))
    assert (status in (400, 404), error) == (True, "invalid_request")


def test_wrong_files_are_refused(app, send, draw):
    broken, many = draw()[:50], [(BytesIO(b"%PDF-1.4"), "a.pdf") for _ in range(11)]
    app.config["MAX_UPLOAD"] = 1000
    for data, path, status in (
        ({"file": "text"}, "/micropub/media", 400),
        ({"file": (BytesIO(broken), "a.png")}, "/micropub/media", 400),
        ({"file": (BytesIO(b"x" * 2000), "a.png")}, "/micropub/media", 413),
        ({"photo": (BytesIO(b""), "a.png")}, "/micropub", 400),
        ({"photo": many}, "/micropub", 400),
    ):
        response = send(data, path, content_type="multipart/form-data")
        assert refusal(response) == (status, "invalid_request")
    assert refusal(send(path="/micropub/media", method="GET")) == (400, "invalid_request")


def test_long_requests_are_refused(client, send, secret):
    long = "x" * 10 * 1024 * 1024
    for response in (send(json=entry(content=[long])), send({"content": long})):
        assert refusal(response) == (413, "invalid_request")
    response = client.post("/micropub", data={"access_token": secret(), "content": long})
    assert refusal(response) == (413, "invalid_request")
    response.close()


def test_other_errors_have_the_form_of_micropub(app, send, secret):
    assert refusal(send(method="PUT")) == (405, "invalid_request")
    assert refusal(send(path="/micropub/nothing")) == (404, "invalid_request")
    app.config |= {"TOKEN_REQUESTS_PER_MINUTE": 1, "RATELIMIT_ENABLED": True}
    token = secret()
    # A minute may begin between two of them.
    sent = [send({"content": "x"}, token=token) for _ in range(3)]
    response = next(one for one in sent if one.status_code != 201)
    assert refusal(response) == (429, "temporarily_unavailable")
    assert int(response.headers["Retry-After"]) > 0
