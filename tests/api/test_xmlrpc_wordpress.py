"""The methods of WordPress and Movable Type, for editors on a computer."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from xmlrpc import client as xmlrpc

import pytest
from defusedxml import ElementTree

from flaskr.models import posts
from flaskr.models import settings
from flaskr.models import tags
from flaskr.models.permissions import SYSTEM

HTML = """<p>Tides &amp; <em>*waves*</em></p>

<!--more-->

<pre>
    kept

    lines
</pre>
<figure>
    <img src="/media/a.png" alt="">
</figure>"""


@pytest.fixture
def stored(app):
    """Returns a post with the names of its tags."""

    def stored(post_id):
        with app.app_context():
            names = [tag["name"] for tag in tags.for_post(int(post_id))]
            return {**posts.get_stored(int(post_id)), "tags": names}

    return stored


def names_of(terms):
    return [term["name"] for term in terms]


def test_pages_lead_editors_to_the_blog(app, client, browse):
    assert browse("/").select('link[rel="EditURI"]') == []
    app.config["XMLRPC"] = True
    (link,) = browse("/").select('link[rel="EditURI"]')
    assert (link.get("type"), link.get("href")) == (
        "application/rsd+xml",
        "http://localhost/xmlrpc",
    )
    response = client.get(link.get("href"))
    assert response.mimetype == "application/rsd+xml"
    rsd = ElementTree.fromstring(response.text)
    apis = [api.attrib for api in rsd.iter("{http://archipelago.phrasewise.com/rsd}api")]
    assert [api["name"] for api in apis] == ["MetaWeblog", "Movable Type", "WordPress"]
    assert {api["apiLink"] for api in apis} == {"http://localhost/xmlrpc"}


def test_editors_that_know_only_the_path_of_wordpress_work(app, client, editor):
    assert client.get("/xmlrpc.php").mimetype == "application/rsd+xml"
    body = xmlrpc.dumps(editor.credentials, "wp.getUsersBlogs")
    (blogs,), _ = xmlrpc.loads(client.post("/xmlrpc.php", data=body).data)
    assert blogs[0]["xmlrpc"] == "http://localhost/xmlrpc"
    app.config["XMLRPC"] = False
    assert client.post("/xmlrpc.php", data=body).status_code == 404


def test_post_of_all_fields_is_created_and_read(editor, stored):
    content = {
        "post_type": "post",
        "post_status": "publish",
        "post_title": "Tides",
        "post_content": HTML,
        "post_excerpt": "About it",
        "post_name": "the-tides",
        "post_date_gmt": xmlrpc.DateTime("20200102T03:04:05"),
        "terms_names": {"category": ["Sea"], "post_tag": ["salt"]},
    }
    post_id = editor("wp.newPost", content)
    post = stored(post_id)
    assert (post["title"], post["status"], post["slug"]) == ("Tides", "published", "the-tides")
    assert (post["stored_created"], post["tags"]) == ("2020-01-02 03:04:05", ["Sea", "salt"])
    found = editor("wp.getPost", post_id)
    same = ("post_title", "post_content", "post_excerpt", "post_name", "post_status", "post_type")
    assert {name: found[name] for name in same} == {name: content[name] for name in same}
    assert names_of(found["terms"]) == ["Sea", "salt"]


def test_html_comes_back_as_it_was_sent(editor, client, stored):
    post_id = editor("wp.newPost", {"post_title": "T", "post_content": HTML})
    assert stored(post_id)["status"] == "draft"
    assert editor.send("metaWeblog.getPost", post_id, *editor.credentials)["description"] == HTML
    for name in ("post_content", "description"):
        assert editor("wp.editPost", post_id, {name: HTML, "post_status": "publish"}) is True
        assert editor("wp.getPost", post_id)["post_content"] == HTML
    shown = client.get(f"/{stored(post_id)['slug']}").text
    assert "<em>*waves*</em>" in shown
    assert "    kept\n\n    lines" in shown


def test_edit_that_sends_everything_back_changes_nothing(editor, stored, write):
    post_id = write("Draft", "Words", status="draft", tags=["Sea", "Salt"])
    before = stored(post_id)
    found = editor("wp.getPost", str(post_id))
    terms = {"category": [term["term_id"] for term in found.pop("terms")]}
    editor("wp.editPost", str(post_id), {**found, "terms": terms})
    after = stored(post_id)
    assert {**after, "updated": None, "saved": None} == {**before, "updated": None, "saved": None}


@pytest.mark.parametrize(
    ("content", "expected"),
    (
        ({}, ["Sea"]),
        ({"terms_names": {"post_tag": []}, "mt_keywords": ""}, ["Sea"]),
        ({"terms_names": {"post_tag": ["Salt"]}}, ["Sea", "Salt"]),
        ({"mt_keywords": "Salt, Sea"}, ["Sea", "Salt"]),
        ({"terms": {"category": []}}, []),
        ({"terms": {"category": ["1"]}, "terms_names": {"post_tag": ["New"]}}, ["Sea", "New"]),
        ({"categories": ["New"]}, ["New"]),
    ),
)
def test_tags_stay_unless_categories_are_sent(editor, stored, write, content, expected):
    post_id = write("Tides", tags=["Sea"])
    editor("wp.editPost", str(post_id), content)
    assert stored(post_id)["tags"] == expected


def test_local_time_of_the_blog_is_understood(app, editor, stored):
    with app.app_context():
        settings.change({"TIMEZONE": "Europe/Berlin"}, SYSTEM)
    date = xmlrpc.DateTime("20200702T03:04:05")
    post_id = editor("wp.newPost", {"post_title": "T", "post_date": date})
    assert stored(post_id)["stored_created"] == "2020-07-02 01:04:05"
    found = editor("wp.getPost", post_id, ["post_date", "post_date_gmt"])
    assert found == {
        "post_id": post_id,
        "post_date": date,
        "post_date_gmt": xmlrpc.DateTime("20200702T01:04:05"),
    }
    assert editor("wp.getOptions", ["time_zone"])["time_zone"]["value"] in ("1", "2")


def test_posts_are_listed_by_kind_status_and_position(make_editor, write):
    later = f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d %H:%M:%S}"
    write("Later", created=later)
    write("Draft", status="draft")
    write("About", kind="page")
    write("Another's", author_id=2)
    editor = make_editor()

    def titles(**wanted):
        return [post["post_title"] for post in editor("wp.getPosts", wanted, ["post_title"])]

    assert titles() == ["Later", "Draft", "test title"]
    assert titles(number=1, offset=1) == ["Draft"]
    assert titles(offset=10**9) == titles(number=0) == []
    assert titles(post_type="page") == ["About"]
    assert titles(post_type="attachment") == []
    for status, expected in (("future", "Later"), ("draft", "Draft"), ("publish", "test title")):
        assert titles(post_status=status) == [expected]
    assert "Another's" in [post["post_title"] for post in make_editor(2)("wp.getPosts")]
    assert [post["title"] for post in editor("mt.getRecentPostTitles", 2)] == ["Later", "Draft"]


def test_whole_post_can_be_asked_for(editor, write):
    post_id = str(write())
    assert editor("wp.getPost", post_id, ["post", "terms"]) == editor("wp.getPost", post_id)


def test_page_is_written_by_whoever_may(make_editor, stored):
    content = {"post_type": "page", "post_title": "About", "post_status": "publish"}
    assert make_editor().refuse("wp.newPost", content) == 403
    page = stored(make_editor(role="owner")("wp.newPost", content))
    assert (page["kind"], page["slug"]) == ("page", "about")


def test_post_is_published_and_deleted(editor, stored, write):
    post_id = str(write("Draft", status="draft"))
    assert editor.send("mt.publishPost", post_id, *editor.credentials) is True
    assert stored(post_id)["status"] == "published"
    assert editor("wp.deletePost", post_id) is True
    assert editor.refuse("wp.getPost", post_id) == 404


def test_categories_of_a_post_are_replaced(editor, stored, write):
    write("Other", tags=["Sea", "Salt"])
    post_id = str(write("Tides"))
    known = {tag["categoryName"]: tag["categoryId"] for tag in editor("mt.getCategoryList")}
    wanted = [{"categoryId": known["Salt"]}, {"categoryId": known["Sea"], "isPrimary": True}]
    assert editor.send("mt.setPostCategories", post_id, *editor.credentials, wanted) is True
    found = editor.send("mt.getPostCategories", post_id, *editor.credentials)
    assert [(one["categoryName"], one["isPrimary"]) for one in found] == [
        ("Sea", True),
        ("Salt", False),
    ]


def test_terms_are_the_tags(editor, write):
    write("Tides", tags=["Sea & salt"])
    assert [one["name"] for one in editor("wp.getTaxonomies")] == ["category", "post_tag"]
    for taxonomy in ("category", "post_tag"):
        (term,) = editor("wp.getTerms", taxonomy)
        assert (term["name"], term["taxonomy"], term["count"]) == ("Sea & salt", taxonomy, 1)
    (tag,) = editor("wp.getTags")
    assert (tag["slug"], tag["html_url"]) == ("sea-salt", "http://localhost/tag/sea-salt")
    (category,) = editor("wp.getCategories")
    assert category["categoryName"] == "Sea & salt"
    assert editor.refuse("wp.getTerms", "link_category") == 422


def test_files_are_listed(editor, draw):
    sizes = (10, 20, 30)
    for width in sizes:
        bits = xmlrpc.Binary(draw(size=(width, 10)))
        assert editor("wp.uploadFile", {"name": f"{width}.png", "bits": bits})["url"]
    editor("wp.uploadFile", {"name": "a.pdf", "bits": xmlrpc.Binary(b"%PDF-1.4")})

    def listed(**wanted):
        return [file["title"] for file in editor("wp.getMediaLibrary", wanted)]

    assert listed() == ["a.pdf", "30.png", "20.png", "10.png"]
    assert listed(number=1, offset=1, mime_type="image") == ["20.png"]
    (file,) = editor("wp.getMediaLibrary", {"number": 1, "offset": 1})
    assert (file["metadata"]["width"], file["type"]) == (30, "image/png")


def test_files_are_listed_beyond_a_page(app, editor):
    for number in range(30):
        editor("wp.uploadFile", {"bits": xmlrpc.Binary(b"%%PDF-1.4 %d" % number)})
    assert len(editor("wp.getMediaLibrary", {"offset": 3})) == 27


def test_editor_learns_about_the_blog_and_its_people(editor):
    options = editor("wp.getOptions")
    assert options["blog_title"] == {"desc": "Blog title", "readonly": True, "value": "Flaskr"}
    assert editor("wp.getOptions", ["home_url", "x"])["home_url"]["value"] == "http://localhost/"
    (blog,) = editor.send("wp.getUsersBlogs", *editor.credentials)
    assert (blog["blogName"], blog["isAdmin"]) == ("Flaskr", False)
    assert [one["user_login"] for one in editor("wp.getAuthors")] == ["other", "test"]
    profile = editor("wp.getProfile")
    assert (profile["username"], profile["url"]) == ("test", "http://localhost/user/test")
    assert editor("blogger.getUserInfo")["nickname"] == "test"
    assert set(editor("wp.getPostStatusList")) == {"draft", "publish", "future"}
    assert set(editor("wp.getPostFormats")) == {"standard"}


def test_methods_are_listed_for_everybody(editor):
    methods = editor.send("system.listMethods")
    assert {"wp.getPosts", "mt.publishPost", "system.listMethods"} <= set(methods)
    assert set(methods) - set(editor.send("mt.supportedMethods")) == {"system.listMethods"}
    assert editor.send("mt.supportedTextFilters")[0]["key"] == "markdown"
    assert editor.refuse("system.listMethods") == -32602


@pytest.mark.parametrize(
    ("method", "parameters", "lacking"),
    (
        ("wp.getPosts", [], "read"),
        ("wp.getPost", ["1"], "read"),
        ("wp.getMediaLibrary", [], "read"),
        ("wp.getAuthors", [], "read"),
        ("wp.getProfile", [], "read"),
        ("wp.newPost", [{"post_title": "T"}], "write"),
        ("wp.newPost", [{"post_title": "T", "post_status": "publish"}], "publish"),
        ("wp.editPost", ["1", {}], "publish"),
        ("wp.deletePost", ["1"], "publish"),
        ("wp.uploadFile", [{}], "media"),
    ),
)
def test_method_needs_its_scope(make_editor, method, parameters, lacking):
    scopes = {"read", "write", "publish", "media"} - {lacking}
    assert make_editor(scopes=scopes).refuse(method, *parameters) == 403


@pytest.mark.parametrize(
    ("method", "parameters", "code"),
    (
        ("wp.newPost", ["text"], 422),
        ("wp.newPost", [{"post_type": "attachment"}], 422),
        ("wp.newPost", [{"terms": {"category": ["9" * 30]}}], 422),
        ("wp.newPost", [{"terms": {"category": "1"}}], 422),
        ("wp.newPost", [{"terms": ["1"]}], 422),
        ("wp.newPost", [{"terms_names": {"category": [1]}}], 422),
        ("wp.newPost", [{"post_date": "soon"}], 422),
        ("wp.getPosts", [["x"]], 422),
        ("wp.getPosts", [{"post_status": ["publish"]}], 422),
        ("wp.getPosts", [{}, "post"], 422),
        ("wp.getPost", ["9" * 30], 404),
        ("wp.getPost", ["1", {"a": 1}], 422),
        ("wp.getOptions", ["blog_title"], 422),
        ("wp.getMediaLibrary", ["x"], 422),
        ("wp.editPost", ["1", {"post_name": "settings"}], 409),
        ("wp.deletePost", [[]], 422),
    ),
)
def test_wrong_value_has_a_fault(editor, method, parameters, code):
    assert editor.refuse(method, *parameters) == code


def test_post_of_another_cannot_be_changed(make_editor):
    editor = make_editor(2)
    assert editor.refuse("wp.editPost", "1", {"post_title": "Mine"}) == 403
    assert editor.refuse("wp.deletePost", "1") == 403
