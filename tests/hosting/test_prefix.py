"""Test that a blog with a path prefix works completely, whichever program strips the prefix."""

import json
import re
from html import unescape
from html.parser import HTMLParser
from io import BytesIO
from urllib.parse import urljoin
from urllib.parse import urlsplit

import pytest

from flaskr import create_app
from flaskr import images
from flaskr.db import get_db
from flaskr.db import init_db
from flaskr.models import posts
from flaskr.models import settings
from flaskr.models.permissions import SYSTEM

from ..conftest import DATA

HOST = "http://localhost"
ICONS = ("favicon.ico", "180.png", *(f"{size}.png" for size in images.ICON_SIZES))
WHOLE_OR_QUOTED = r"http://localhost[^\s<>\"'\\]*|(?<=\")/[^\s<>\"]+"
ADDRESSES = {"href", "src", "action", "poster", "data", "srcset"}
TEXT = """\
![A crate]({media}) [A link](/b-post), [outside](https://example.org/), [here](#end).
[By the path of the host](/blog/1).

<video src="/media/none.mp4" poster="{media}"></video>
"""


class Addresses(HTMLParser):
    """A parser that collects the URLs of a page."""

    def __init__(self, page):
        super().__init__()
        self.found = set()
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        for name, value in attributes:
            if name == "srcset":
                self.found |= {one.split()[0] for one in value.split(",")}
            elif name in ADDRESSES or name.startswith("data-") or name == "content":
                self.found.add(value or "")
        if tag == "meta" and named.get("property") != "og:url":
            self.found.discard(named.get("content"))


@pytest.fixture
def blog(instance_path, draw):
    """Create a blog below /blog with posts, tags, a series, an icon, menu links and a picture."""
    blog = create_app({"TESTING": True, "URL_PREFIX": "/blog", "PAGE_CACHE_MB": 1})
    with blog.app_context():
        init_db()
        get_db().executescript(DATA)
        get_db().executescript("UPDATE \"user\" SET role = 'owner' WHERE id = 1")
        settings.change(
            {"MENU_LINKS": "About /b-post\nElsewhere https://example.org/", "FOOTER": "[Up](/)"},
            SYSTEM,
            icons=dict.fromkeys(ICONS, draw()),
        )
    return blog


@pytest.fixture
def owner(blog):
    """Return the owner's client after writing posts and uploading a picture."""
    owner = blog.test_client()
    owner.post("/blog/auth/login", data={"username": "test", "password": "test"})
    picture = uploaded(owner)
    with blog.app_context():
        for number in range(12):
            posts.create(
                author_id=1,
                title=f"{'ab'[number % 2]} post",
                body=TEXT.replace("{media}", picture),
                tags=["A tag", "日本語"],
                series="A series",
                cover=picture,
            )
        posts.create(author_id=1, title="A page", body="", kind="page", menu_position=1)
        posts.create(author_id=1, title="A draft", body="", status="draft")
    return owner


def uploaded(client):
    """Return the URL of a picture that the editor inserts."""
    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (1200, 900), "teal").save(out, "PNG")
    out.seek(0)
    answer = client.post(
        "/blog/media",
        data={"files": (out, "crate.png")},
        headers={"Accept": "application/json"},
    )
    medium = answer.json["media"][0]
    assert medium["markdown"] == f"![]({medium['url']})"
    return medium["url"]


def addresses(answer, path):
    """Return the URLs on this host in a response, as paths with queries."""
    if answer.mimetype == "text/html":
        found = Addresses(answer.text).found
    elif answer.mimetype.endswith(("xml", "json")):
        found = set(
            re.findall(r"http://localhost[^\s<>\"'\\]*|(?<=\")/[^\s<>\"]+", unescape(answer.text))
        )
    elif answer.mimetype == "text/plain" and path.endswith("robots.txt"):
        found = set(re.findall(r"Sitemap: (.*)", answer.text))
    else:
        return set()
    whole = {urljoin(HOST + path, one) for one in found if re.match(r"[/?.]|http://localhost", one)}
    parts = {urlsplit(one) for one in whole}
    return {part.path + (f"?{part.query}" if part.query else "") for part in parts}


# Deleting and logging out would end the walk, and previews need a form. The editor gets URLs as
# posts store them, without the prefix. Programs send tokens and parameters of their own.
LEFT_OUT = re.compile(
    r"/(logout|delete|deletion|unsaved|picker|titles|micropub|authorization|userinfo)\b"
    r"|/media/none.mp4|/preview$"
)
START = ("/blog/", "/blog/feed.xml", "/blog/robots.txt", "/blog/sitemap.xml", "/blog/favicon.ico")


def crawl(client):
    """Visit all reachable URLs; return the status of each, and the page that links to it."""
    waiting, seen = dict.fromkeys(START, ""), {}
    while waiting:
        path, source = waiting.popitem()
        assert path.startswith("/blog/"), (path, source)
        answer = client.get(path)
        seen[path] = (answer.status_code, source)
        found = addresses(answer, path)
        if "Location" in answer.headers:
            found |= {urljoin(path, answer.headers["Location"])}
        answer.close()
        waiting |= {one: path for one in found if one not in seen and not LEFT_OUT.search(one)}
    return seen


# These URLs accept only POST.
BY_FORM = {405}


@pytest.mark.parametrize("who", ("visitor", "owner"))
def test_every_link_on_every_page_works(blog, owner, who):
    seen = crawl(owner if who == "owner" else blog.test_client())
    wrong = {p: s for p, s in seen.items() if s[0] >= 400 and s[0] not in BY_FORM}
    assert wrong == {}
    assert len(seen) > 50
    expected = {"b-post", "tag/a-tag", "archive", "settings/site.webmanifest"}
    if who == "owner":
        expected |= {"create", "media", "settings", "1/update"}
    assert {f"/blog/{path}" for path in expected} - seen.keys() == set()


def test_text_is_stored_without_the_prefix_and_shown_with_it(blog, owner):
    page = blog.test_client().get("/blog/b-post").text
    assert re.search(r'src="/blog/media/\w+\.png"', page)
    assert re.search(r'srcset="/blog/media/\w+-\d+\.webp \d+w, /blog/media/', page)
    assert re.search(r'poster="/blog/media/\w+\.png"', page)
    assert 'href="/blog/1"' in page
    assert "/blog/blog" not in page
    with blog.app_context():
        stored = get_db().execute("SELECT body, cover FROM post WHERE slug = 'b-post'").fetchone()
    assert "](/media/" in stored["body"]
    assert stored["cover"].startswith("/media/")


def test_cover_url_may_include_the_prefix(blog, owner):
    picture = uploaded(owner)
    owner.post("/blog/1/update", data={"title": "x", "body": "", "cover": f"/blog{picture}"})
    with blog.app_context():
        assert get_db().execute("SELECT cover FROM post WHERE id = 1").fetchone()[0] == picture


@pytest.mark.parametrize("path", ("/create", "/1/update", "/media?q=x", "/settings"))
def test_login_redirects_back(blog, path):
    client = blog.test_client()
    client.get(f"/blog{path}", follow_redirects=False)
    to_log_in = client.get(f"/blog{path}").headers["Location"]
    assert to_log_in.startswith("/blog/auth/login?next=")
    answer = client.post(to_log_in, data={"username": "test", "password": "test"})
    assert answer.headers["Location"] == f"/blog{path}"


@pytest.mark.parametrize(
    "target", ("/create", "/other", "//evil.example", "/blog", "/blogger/create", "/blog/../x")
)
def test_login_redirects_to_no_other_site(blog, target):
    client = blog.test_client()
    answer = client.post(
        "/blog/auth/login",
        query_string={"next": target},
        data={"username": "test", "password": "test"},
    )
    assert answer.headers["Location"] == "/blog/"


def test_redirects_and_errors_stay_below_the_prefix(blog, owner):
    answers = [
        owner.post("/blog/create", data={"title": "One more", "body": ""}),
        owner.post("/blog/1/delete"),
        owner.get("/blog/auth/logout"),
        owner.get("/blog/create"),
        owner.get("/blog/2"),
    ]
    for answer in answers:
        assert answer.headers["Location"].startswith("/blog/")
    page = owner.get("/blog/nothing")
    assert page.status_code == 404
    assert all(path.startswith("/blog/") for path in addresses(page, "/blog/nothing"))


@pytest.mark.parametrize("path", ("/", "/create", "/health", "/blogger", "/BLOG/"))
def test_other_paths_name_the_url_of_the_blog(blog, path):
    answer = blog.test_client().get(path)
    assert answer.status_code == 404
    assert 'href="/blog/"' in answer.text


def test_prefix_without_slash_redirects(blog):
    client = blog.test_client()
    assert client.get("/blog").headers["Location"] == "/blog/"
    assert client.get("/blog?before=x").headers["Location"] == "/blog/?before=x"


@pytest.mark.parametrize(
    "options",
    (
        {"headers": {"X-Forwarded-Prefix": "/blog"}},
        {"headers": {"X-Forwarded-Prefix": "/blog/"}},
        {"environ_overrides": {"SCRIPT_NAME": "/blog"}},
    ),
)
@pytest.mark.parametrize("prefix", ("", "/blog"))
def test_proxy_or_server_may_strip_the_prefix(app, prefix, options):
    app = create_app({"TESTING": True, "TRUSTED_PROXIES": "127.0.0.1", "URL_PREFIX": prefix})
    page = app.test_client().get("/auth/login", **options)
    assert page.status_code == 200
    assert all(path.startswith("/blog/") for path in addresses(page, "/blog/auth/login"))


@pytest.mark.parametrize(
    ("site_url", "prefix", "start"),
    (
        ("https://example.org", "/blog", "https://example.org/blog/"),
        ("https://example.org/blog", "/blog", "https://example.org/blog/"),
        ("https://example.org/blog/", "", "https://example.org/blog/"),
        ("https://example.org/blog", "/inside", "https://example.org/blog/"),
        ("", "/blog", "http://localhost/blog/"),
        ("", "", "http://localhost/"),
    ),
)
def test_absolute_urls_include_the_public_prefix(app, site_url, prefix, start):
    app = create_app({"TESTING": True, "SITE_URL": site_url, "URL_PREFIX": prefix})
    with app.app_context():
        posts.create(author_id=1, title="x", body="![](/media/x.png)", cover="")
    client = app.test_client()
    whole = re.findall(r"https?://[^\s<\"&]+", client.get(f"{prefix}/feed.xml").text)
    whole += re.findall(r"<loc>(.*?)<", client.get(f"{prefix}/sitemap.xml").text)
    whole += [json.loads(client.get(f"{prefix}/feed.json").text)["feed_url"]]
    whole += re.findall(r'canonical" href="(.*?)"', client.get(f"{prefix}/").text)
    whole += re.findall(r"Sitemap: (.*)", client.get(f"{prefix}/robots.txt").text)
    ours = [one for one in whole if not re.match("http://(www|purl|search.yahoo)", one)]
    assert len(ours) > 8
    assert [one for one in ours if not one.startswith(start)] == []
    assert f"Disallow: {prefix}/auth/" in client.get(f"{prefix}/robots.txt").text
