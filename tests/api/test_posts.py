from urllib.parse import urlsplit

import pytest
from werkzeug.http import parse_options_header

from flaskr.db import get_db
from flaskr.db import transaction
from flaskr.models import conflicts

KEY = {"Idempotency-Key": "0f5a7c1e-29d4-4b4e-8c39-5a2f8f1d2b6a"}


def titles(response):
    return [post["title"] for post in response.json]


def links(response):
    """Return the paths in the header Link by relation."""
    found = {}
    for part in filter(None, response.headers.get("Link", "").split(", ")):
        url, options = parse_options_header(part)
        found[options["rel"]] = "?".join(urlsplit(url.strip("<>"))[2:4]).rstrip("?")
    return found


@pytest.fixture
def three(write):
    """Three posts with titles, the newest last."""
    return [write(title, day=day) for day, title in enumerate(("One", "Two", "Three"), 1)]


def test_published_posts_are_listed_without_a_token(visitor, write):
    write("Draft", status="draft")
    write("Later", created="2999-01-01 00:00:00")
    write("Page", kind="page")
    response = visitor("GET", "/posts")
    assert titles(response) == ["test title"]
    assert "body" not in response.json[0]
    assert titles(visitor("GET", "/pages")) == ["Page"]


def test_a_post_has_all_its_fields(visitor, write):
    post_id = write("Sea", "*text*", 3, tags=["a", "b"], series="Tides", part=2, language="en")
    assert visitor("GET", f"/posts/{post_id}").json == {
        "id": post_id, "url": "http://localhost/sea", "title": "Sea", "status": "published",
        "created": "2020-01-03T00:00:00Z", "updated": None, "slug": "sea", "summary": "",
        "language": "en", "cover": "", "tags": ["a", "b"], "authors": ["test"],
        "series": "Tides", "part": 2, "body": "*text*",
    }  # fmt: skip


def test_links_lead_through_the_pages_of_a_list(visitor, write):
    for day, title in enumerate(("One", "Two", "Three"), 1):
        write(title, day=day)
    first = visitor("GET", "/posts?limit=2&fields=title")
    second = visitor("GET", links(first)["next"])
    back = visitor("GET", links(second)["prev"])
    assert titles(first) == titles(back) == ["Three", "Two"]
    assert titles(second) == ["One", "test title"]
    assert first.json[0] == {"title": "Three"}
    assert "prev" not in links(first)


@pytest.mark.parametrize(
    "query",
    ("tag=sea", "series=tides", "author=other", "tag=sea&series=tides&author=other", "q=waves"),
)
def test_lists_are_filtered(visitor, write, three, query):
    write("Found", "Waves", author_id=2, tags=["Sea"], series="Tides")
    assert titles(visitor("GET", f"/posts?{query}")) == ["Found"]


def test_filters_that_match_nothing_are_not_found(visitor):
    for query in ("tag=x", "series=x", "author=x", "before=x"):
        assert visitor("GET", f"/posts?{query}").status_code == 404


def test_a_renamed_tag_is_found_by_its_former_name(app, visitor, write):
    write("Found", tags=["Sea"])
    with app.app_context():
        get_db().execute("INSERT INTO former_tag (slug, tag_id) SELECT 'ocean', id FROM tag")
        get_db().commit()
    assert titles(visitor("GET", "/posts?tag=ocean")) == ["Found"]


def test_results_of_a_search_have_pages(visitor, write):
    for number in range(11):
        write(f"Wave {number}")
    first = visitor("GET", "/posts?q=wave")
    second = visitor("GET", links(first)["next"])
    assert (len(first.json), len(second.json)) == (10, 1)
    assert set(links(second)) == {"prev"}
    assert visitor("GET", "/posts?q=wave&tag=x").status_code == 400


@pytest.mark.parametrize(
    ("status", "own"),
    (("draft", ["Draft"]), ("scheduled", ["Later"]), ("any", ["Later", "Draft", "test title"])),
)
def test_unpublished_posts_are_listed_for_those_who_may_read_them(
    visitor, program, write, status, own
):
    write("Draft", status="draft")
    write("Later", created="2999-01-01 00:00:00")
    public = [title for title in own if title == "test title"]
    assert titles(program()("GET", f"/posts?status={status}")) == own
    assert titles(program(2)("GET", f"/posts?status={status}")) == public
    assert titles(program(2, role="owner")("GET", f"/posts?status={status}")) == own
    assert visitor("GET", f"/posts?status={status}").status_code == 401
    assert program(scopes=["write"])("GET", f"/posts?status={status}").status_code == 403


def test_a_draft_is_hidden_from_others(visitor, program, write):
    path = f"/posts/{write('Draft', status='draft')}"
    assert program()("GET", path).status_code == 200
    for stranger in (visitor, program(2), program(scopes=["write"])):
        assert stranger("GET", path).status_code == 404


def test_html_is_included_with_absolute_urls(visitor, write):
    post_id = write("Sea", "[x](/y) <script>alert(1)</script>")
    html = visitor("GET", f"/posts/{post_id}?include=html").json["html"]
    assert 'href="http://localhost/y"' in html
    assert "<script" not in html
    assert visitor("GET", f"/posts/{post_id}?fields=body,id").json.keys() == {"body", "id"}


def test_a_created_post_is_a_draft_with_a_location(api, visitor):
    response = api("POST", "/posts", {"title": "Sea", "body": "text", "tags": ["a"]})
    assert response.status_code == 201
    assert response.json["status"] == "draft"
    assert api("GET", urlsplit(response.location).path).json == response.json
    assert visitor("GET", urlsplit(response.location).path).status_code == 404


def test_a_post_is_published_at_once_with_its_own_date_and_slug(api, visitor):
    sent = {
        "title": "Sea", "body": "b", "status": "published", "slug": "my-sea", "series": "Tides",
        "created": "2020-01-01T01:00:00.5+01:00", "part": 3, "summary": "s", "language": "de",
    }  # fmt: skip
    created = api("POST", "/posts", sent).json
    assert created.items() >= {**sent, "created": "2020-01-01T00:00:00Z"}.items()
    assert titles(visitor("GET", "/posts?series=tides")) == ["Sea"]


def test_a_repeated_request_creates_one_post(api):
    first, second = (
        api("POST", "/posts", {"title": "Sea", "body": ""}, headers=KEY) for _ in range(2)
    )
    assert (second.status_code, second.json) == (201, first.json)
    other = api("POST", "/posts", {"title": "Other", "body": ""}, headers=KEY)
    assert other.json["id"] != first.json["id"]


def test_a_malformed_idempotency_key_is_refused(api):
    response = api("POST", "/posts", {"title": "", "body": ""}, headers={"Idempotency-Key": "x"})
    assert response.status_code == 400


def test_a_replaced_post_loses_what_is_left_out(api, write):
    path = f"/posts/{write('Old', tags=['a'], summary='s', series='Tides', part=1, day=1)}"
    found = api("PUT", path, {"title": "New", "body": "new"}).json
    assert (found["tags"], found["summary"], found["series"], found["part"]) == ([], "", "", None)
    assert (found["title"], found["slug"], found["status"]) == ("New", "old", "published")
    assert found["created"] == "2020-01-01T00:00:00Z"


def test_a_post_can_be_sent_back_as_it_came(api, write):
    path = f"/posts/{write('Old', tags=['a'], series='Tides', part=1)}"
    before = api("GET", path).json
    after = api("PUT", path, before).json
    assert {**before, "revision": 0} == {**after, "revision": 0}


def test_a_patch_changes_only_what_it_names(api, write):
    path = f"/posts/{write('Old', 'body', tags=['a'], series='Tides', part=1, status='draft')}"
    assert api("PATCH", path, {"part": None, "slug": "sea"}).json.items() >= {
        "title": "Old", "body": "body", "tags": ["a"], "series": "Tides", "part": None,
        "slug": "sea",
    }.items()  # fmt: skip
    headers = {"Content-Type": "application/merge-patch+json"}
    assert api("PATCH", path, {"series": ""}, headers=headers).json["series"] == ""


@pytest.mark.parametrize(("scopes", "expected"), ((["publish"], "Tides"), (["settings"], "TIDES")))
def test_another_spelling_renames_a_series_if_the_scope_allows_it(
    program, visitor, write, scopes, expected
):
    write("Part", series="Tides")
    draft = {"title": "Draft", "body": "", "series": "TIDES"}
    owner = program(scopes=["read", "write", *scopes], role="owner")
    path = f"/posts/{owner('POST', '/posts', draft).json['id']}"
    assert owner("PATCH", path, {"series": "TIDES"}).json["series"] == expected
    assert [found["name"] for found in visitor("GET", "/series").json] == [expected]


def test_a_lost_update_is_refused(api, write):
    path = f"/posts/{write('Old')}"
    etag = {"If-Match": api("GET", f"{path}?fields=title").headers["ETag"]}
    assert api("PATCH", path, {"title": "Mine"}, headers=etag).status_code == 200
    for method, body in (("PATCH", {"title": "Yours"}), ("DELETE", None)):
        response = api(method, path, body, headers=etag)
        assert response.status_code == 412
        assert response.mimetype == "application/problem+json"
    assert api("PATCH", path, {"title": "Any"}, headers={"If-Match": "*"}).status_code == 200


def test_an_unchanged_post_is_not_sent_again(api, visitor, write):
    path = f"/posts/{write('Old')}"
    for who in (api, visitor):
        etag = {"If-None-Match": who("GET", path).headers["ETag"]}
        response = who("GET", path, headers=etag)
        assert (response.status_code, response.data) == (304, b"")
    api("PATCH", path, {"title": "New"})
    assert visitor("GET", path, headers=etag).status_code == 200


@pytest.mark.parametrize(("scopes", "code"), ((["write"], 409), (["write", "publish"], 204)))
def test_post_published_during_a_change_needs_the_scope_publish(
    program, write, monkeypatch, scopes, code
):
    def publish(*_):
        with transaction() as db:
            db.execute("UPDATE post SET status = 'published' WHERE title = 'Draft'")
        return "Draft", "Changed"

    path = f"/posts/{write('Draft', status='draft')}"
    monkeypatch.setattr(conflicts, "merge", publish)
    response = program(scopes=scopes)("PATCH", f"{path}?base=1", {"body": "Changed"})
    assert response.status_code == code


def test_changes_of_others_are_merged_from_a_base(api, write):
    path = f"/posts/{write('Old', 'one' + chr(10) * 2 + 'two')}"
    base = api("PATCH", path, {"body": "one\n\ntwo\n\nthree"}).json["revision"]
    api("PATCH", path, {"body": "ONE\n\ntwo\n\nthree"})
    merged = api("PATCH", f"{path}?base={base}", {"body": "one\n\ntwo\n\nTHREE"})
    assert merged.json["body"] == "ONE\n\ntwo\n\nTHREE"
    conflict = api("PATCH", f"{path}?base={base}", {"body": "uno\n\ntwo\n\nthree"})
    assert conflict.status_code == 409
    assert conflict.json["revision"] == merged.json["revision"]


def test_an_answer_can_be_minimal(api):
    prefer = {"Prefer": "respond-async, return=minimal"}
    created = api("POST", "/posts", {"title": "T", "body": ""}, headers=prefer)
    assert (created.status_code, created.data) == (201, b"")
    assert created.headers["Preference-Applied"] == "return=minimal"
    path = urlsplit(created.location).path
    changed = api("PATCH", path, {"title": "U"}, headers=prefer)
    assert (changed.status_code, changed.data) == (204, b"")
    assert changed.headers["ETag"] == api("GET", path).headers["ETag"]


def test_a_token_that_may_not_read_gets_no_text_from_a_change(program, write):
    writer, draft = program(scopes=["write", "publish"]), write("Secret", status="draft")
    created = writer("POST", "/posts", {"title": "T", "body": ""})
    assert (created.status_code, created.data) == (201, b"")
    assert created.location == f"http://localhost/api/v1/posts/{draft + 1}"
    changed = writer("PATCH", f"/posts/{draft}", {})
    assert (changed.status_code, changed.data) == (204, b"")
    assert "Preference-Applied" not in changed.headers


def test_a_post_is_published_and_unpublished(api, visitor, write):
    path = f"/posts/{write('Draft', status='draft')}"
    assert api("POST", f"{path}/publication").json["status"] == "published"
    assert visitor("GET", path).status_code == 200
    assert api("DELETE", f"{path}/publication").json["status"] == "draft"
    assert visitor("GET", path).status_code == 404


def test_a_deleted_post_is_restored_from_the_trash(api, program, write):
    post_id = write("Old")
    assert api("DELETE", f"/posts/{post_id}").status_code == 204
    assert [post["id"] for post in api("GET", "/trash").json] == [post_id]
    writer = program(scopes=["write"])
    assert writer("POST", f"/trash/{post_id}/restoration").status_code == 403
    assert api("POST", f"/trash/{post_id}/restoration").json["title"] == "Old"
    assert api("GET", "/trash").json == []


def test_a_token_that_may_only_write_changes_no_public_post(program, write):
    writer = program(scopes=["write"])
    draft, public = (f"/posts/{write('Old', status=status)}" for status in ("draft", "published"))
    assert writer("PATCH", draft, {"title": "New"}).status_code == 204
    for method, path, body in (
        ("PATCH", public, {"title": "New"}),
        ("PATCH", draft, {"status": "published"}),
        ("POST", f"{draft}/publication", None),
        ("DELETE", f"{public}/publication", None),
        ("DELETE", public, None),
        ("POST", "/posts", {"title": "T", "body": "", "status": "published"}),
    ):
        response = writer(method, path, body)
        assert response.status_code == 403
        assert response.www_authenticate.parameters["scope"] == "publish"


def test_posts_and_pages_are_apart(owner, write):
    page = write("Page", kind="page", menu_position=3)
    assert owner("GET", f"/pages/{page}").json["menu_position"] == 3
    for method, body in (("GET", None), ("PATCH", {"title": "x"}), ("DELETE", None)):
        assert owner(method, f"/posts/{page}", body).status_code == 404
    created = owner("POST", "/pages", {"title": "P", "body": "", "menu_position": 2})
    assert owner("PUT", f"/pages/{created.json['id']}", created.json).json["menu_position"] == 2


def test_versions_of_a_post_are_listed_and_read(api, write):
    post_id = write("Old", "one")
    api("PATCH", f"/posts/{post_id}", {"body": "two"})
    newest, oldest = api("GET", f"/posts/{post_id}/revisions").json
    assert (newest["title"], newest["editor"]) == ("Old", "test")
    found = api("GET", f"/posts/{post_id}/revisions/{oldest['id']}").json
    assert found["body"] == "one"


def test_long_lists_of_versions_have_pages(api, write):
    post_id = write("Old", "one")
    for number in range(51):
        api("PATCH", f"/posts/{post_id}", {"body": str(number)})
    first = api("GET", f"/posts/{post_id}/revisions")
    assert len(api("GET", links(first)["next"]).json) == 2


def test_long_trash_has_pages(api, write):
    for number in range(31):
        api("DELETE", f"/posts/{write(str(number))}")
    first = api("GET", "/trash")
    second = api("GET", links(first)["next"])
    assert (len(first.json), len(second.json)) == (30, 1)
    assert len(api("GET", links(second)["prev"]).json) == 30


def test_markdown_is_previewed(api):
    html = api("POST", "/preview", {"body": "*sea* <script>x</script>"}).json["html"]
    assert "<em>sea</em>" in html
    assert "<script" not in html
