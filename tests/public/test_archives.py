import pytest

from flaskr import create_app
from flaskr.db import get_db
from flaskr.models import posts
from flaskr.models import profiles
from flaskr.models import series
from flaskr.models import tags
from flaskr.models import users
from flaskr.models.permissions import SYSTEM


def write(app, title="A title", body="text", **fields):
    with app.app_context():
        return posts.create(author_id=1, title=title, body=body, **fields)


def link(page, rel):
    return page.split(f'rel="{rel}" href="')[1].split('"')[0]


def test_tag_page_lists_its_posts(app, client):
    write(app, "Tagged", tags=["Flask & Web"])
    for path in ("/", "/tagged", "/tag"):
        assert 'href="/tag/flask-web"' in client.get(path).text
    page = client.get("/tag/flask-web").text
    assert "Flask &amp; Web</h1>" in page
    assert 'href="/tagged"' in page
    assert "test title" not in page


def test_count_of_a_tag_with_many_posts_is_capped(app, client, monkeypatch):
    monkeypatch.setattr(tags, "MAX_COUNT", 2)
    write(app, tags=["Many"])
    assert '<span class="count">1</span>' in client.get("/tag").text
    for _ in range(2):
        write(app, tags=["Many"])
    assert '<span class="count">2+</span>' in client.get("/tag").text


def test_former_slug_of_a_tag_redirects(app, client):
    write(app, tags=["Old"])
    with app.app_context():
        tags.rename(1, "New", SYSTEM)
    response = client.get("/tag/old?before=x")
    assert (response.status_code, response.location) == (301, "/tag/new?before=x")


@pytest.mark.parametrize("fields", ({"status": "draft"}, {"created": "2999-01-01 00:00:00"}))
def test_unpublished_posts_are_in_no_list(app, client, fields):
    write(app, "Hidden", tags=["Secret"], series="Secret", **fields)
    for path in ("/tag", "/user/test", "/archive"):
        assert "Hidden" not in client.get(path).text
    assert "Secret" not in client.get("/tag").text


HIDDEN = (
    "/tag/secret",
    "/tag/secret?before=2030-01-01T00:00:00~1",
    "/tag/former",
    "/tag/secret/feed.xml",
    "/tag/former/feed.json",
    "/series/secret",
    "/series/former",
    "/user/other",
    "/user/OTHER",
    "/user/2",
    "/user/other/feed.atom",
    "/user/OTHER/feed.xml",
    "/2031/",
    "/2031/02/",
)


@pytest.mark.parametrize("fields", ({"status": "draft"}, {"created": "2999-01-01 00:00:00"}))
def test_lists_without_published_posts_are_hidden_from_visitors(app, client, auth, fields):
    with app.app_context():
        posts.create(
            author_id=2,
            title="Hidden",
            body="",
            tags=["Former"],
            series="Former",
            **{"created": "2031-02-03 00:00:00"} | fields,
        )
        tags.rename(1, "Secret", SYSTEM)
        series.rename(1, "Secret", SYSTEM)
    assert [path for path in HIDDEN if client.get(path).status_code != 404] == []
    auth.login()
    assert client.get("/tag/secret").status_code == 200
    assert client.get("/user/other").status_code == 200


def test_lists_with_only_a_coauthor_or_a_page_are_visible(app, client):
    with app.app_context():
        get_db().execute("INSERT INTO coauthor VALUES (1, 2, 1)")
        get_db().commit()
    write(app, "About", tags=["Facts"], kind="page", user=SYSTEM)
    for path in ("/user/other", "/tag/facts", "/user/other/feed.xml", "/tag/facts/feed.atom"):
        assert client.get(path).status_code == 200


def test_only_the_owner_sees_the_link_to_change_tags(app, client, auth):
    assert "Tags will appear here" in client.get("/tag").text
    assert 'href="/tags"' not in client.get("/tag").text
    with app.app_context():
        users.set_role("test", "owner")
    auth.login()
    assert 'href="/tags"' in client.get("/tag").text


def test_author_page_shows_bio_and_posts(app, client):
    with app.app_context():
        profiles.update(1, display_name="Ada <L>", bio="I *write*. <script>alert(1)</script>")
    page = client.get("/user/test").text
    for words in ("Ada &lt;L&gt;</h1>", "I <em>write</em>.", "test title"):
        assert words in page
    assert "<script>alert" not in page
    assert "by Ada &lt;L&gt; on 2018-01-01" in client.get("/").text
    assert 'rel="author" href="/user/test"' in client.get("/1").text


@pytest.mark.parametrize(
    ("path", "location"), (("/user/TEST", "/user/test"), ("/user/1?after=x", "/user/test?after=x"))
)
def test_author_page_redirects_to_its_canonical_url(app, client, path, location):
    app.test_cli_runner().invoke(args=["init-db"])
    response = client.get(path)
    assert (response.status_code, response.location) == (301, location)


def test_author_page_uses_the_id_if_the_name_fits_no_url(app, client):
    with app.app_context():
        get_db().executescript("UPDATE user SET username = 'a/b' WHERE id = 1")
    assert 'href="/user/1"' in client.get("/1").text
    assert "a/b</h1>" in client.get("/user/1").text


def test_post_links_to_all_its_authors(app, client):
    with app.app_context():
        get_db().executescript(
            "INSERT INTO coauthor VALUES (1, 2, 1); UPDATE post SET author_id = 1;"
        )
    page = client.get("/1").text
    assert "by test and other on 2018-01-01" in page
    assert 'href="/user/other"' in page
    assert "test title" in client.get("/user/other").text


def test_post_of_a_deleted_author_is_readable(app, client):
    with app.app_context():
        get_db().executescript("PRAGMA foreign_keys = OFF; UPDATE post SET author_id = 99;")
    page = client.get("/1").text
    assert "by someone on 2018-01-01" in page
    assert "More by" not in page
    assert client.get("/user/99").status_code == 404


def test_archive_counts_years_and_months(app, client):
    for created in ("2018-03-01 00:00:00", "2018-03-02 00:00:00"):
        write(app, created=created)
    page = client.get("/archive").text
    assert page.index("March</a>") < page.index("January</a>")
    for words in ('href="/2018/"', 'href="/2018/03/"', "3 posts", '<span class="count">2</span>'):
        assert words in page


def test_empty_archive_says_what_will_appear(app, client):
    with app.app_context():
        get_db().executescript("DELETE FROM post")
    assert "Posts will appear here by year and month." in client.get("/archive").text


@pytest.mark.parametrize(
    ("path", "heading"), (("/2018/", "2018</h1>"), ("/2018/01/", "January 2018</h1>"))
)
def test_year_and_month_list_their_posts(app, client, path, heading):
    write(app, "Another", created="2019-02-01 00:00:00")
    page = client.get(path).text
    assert heading in page
    assert "test title" in page
    assert "Another" not in page


def test_years_and_months_use_the_time_zone(app):
    with app.app_context():
        get_db().executescript("UPDATE post SET created = '2017-12-31 23:30:00'")
    client = create_app({"TESTING": True, "TIMEZONE": "Europe/Berlin"}).test_client()
    assert "test title" in client.get("/2018/01/").text
    assert client.get("/2017/").status_code == 404


@pytest.mark.parametrize(
    ("path", "location"),
    (
        ("/2018/1/", "/2018/01/"),
        ("/2018/001/?before=x", "/2018/01/?before=x"),
        ("/02018/", "/2018/"),
        ("/2018/01", "http://localhost/2018/01/"),
    ),
)
def test_month_redirects_to_its_canonical_url(client, path, location):
    response = client.get(path)
    assert response.status_code in (301, 308)
    assert response.location == location


def test_year_without_a_slash_is_a_post_id(app, client):
    with app.app_context():
        get_db().executescript("UPDATE post SET id = 2018")
    assert "<h1" in client.get("/2018").text
    assert "by test on 2018-01-01" in client.get("/2018").text
    assert "2018</h1>" in client.get("/2018/").text
    assert "test title" in client.get("/user/test").text


@pytest.mark.parametrize(
    "path",
    (
        "/0/",
        "/0000/",
        "/99999/",
        f"/{10**30}/",
        "/2018/13/",
        "/2018/0/",
        f"/2018/{10**30}/",
        "/1999/",
        "/2018/02/",
        "/9999/12/",
        "/tag/nothing",
        "/tag/%00",
        "/tag/%FF",
        "/user/nobody",
        "/user/%00",
        "/user/%FF",
        f"/user/{10**30}",
        "/series/nothing",
        "/series/%00",
    ),
)
@pytest.mark.parametrize("method", ("get", "head"))
def test_missing_list_is_not_found(client, path, method):
    assert getattr(client, method)(path).status_code == 404


PAGES = ("/tag", "/tag/a", "/user/test", "/archive", "/2018/", "/2018/01/", "/series/s", "/1")


@pytest.mark.parametrize("path", PAGES)
def test_lists_answer_head_requests(app, client, path):
    with app.app_context():
        posts.update(1, SYSTEM, title="test title", body="", tags=["a"], series="S")
        get_db().executescript("UPDATE post SET slug = NULL")
    response = client.head(path)
    assert (response.status_code, response.data) == (200, b"")


@pytest.mark.parametrize("path", ("/tag/a", "/user/test", "/2020/", "/2020/01/"))
def test_lists_have_pages_of_thirty(app, client, path):
    for day in range(1, 32):
        write(app, f"Post {day}", created=f"2020-01-{day:02} 00:00:00", tags=["a"])
    first = client.get(path).text
    assert 'rel="prev"' not in first
    second = client.get(link(first, "next")).text
    assert ("Post 1<" in second, "Post 1<" in first) == (True, False)
    assert client.get(link(second, "prev")).location == path or "Post 31<" in first
    past = client.get(f"{path}?before=1999-01-01T00:00:00~1")
    assert (past.status_code, "no more posts" in past.text.lower()) == (200, path != "/user/test")
    assert client.get(f"{path}?after=2999-01-01T00:00:00~1").location == path
    for position in ("nonsense", "%00", "%FF"):
        assert client.get(f"{path}?before={position}").status_code == 404


def test_parts_of_a_series_link_to_each_other(app, client):
    for day in (1, 2, 3):
        write(app, f"Part {day}", created=f"2020-01-{day:02} 00:00:00", series="Learning <b>")
    page = client.get("/part-2").text
    assert 'Part 2 of 3 in <a href="/series/learning-b" dir="auto">Learning &lt;b&gt;</a>' in page
    assert page.count('href="/part-1"') == page.count('href="/part-3"') == 2
    page = client.get("/series/learning-b").text
    assert page.index("Part 1<") < page.index("Part 2<") < page.index("Part 3<")
    assert "Series in 3 parts" in page


def test_owner_renames_a_series(app, client, auth):
    write(app, "Part 1", series="Learning")
    assert "Rename" not in client.get("/series/learning").text
    assert client.post("/series/learning/name").location == "/auth/login"
    auth.login()
    assert "Rename" not in client.get("/series/learning").text
    assert client.post("/series/learning/name", data={"series": "X"}).status_code == 403
    with app.app_context():
        users.set_role("test", "owner")
    assert "Rename" in client.get("/series/learning").text
    page = client.post("/series/learning/name", data={"series": " "}).text
    assert "Name is required." in page
    answer = client.post("/series/learning/name", data={"series": "Tea & cake"})
    assert answer.location == "/series/tea-cake"
    assert "Renamed Learning to Tea &amp; cake." in client.get(answer.location).text
    assert client.get("/series/learning?after=x").location == "/series/tea-cake?after=x"


def test_long_series_has_a_pager(app, client, monkeypatch):
    monkeypatch.setattr("flaskr.models.series.PER_PAGE", 2)
    for day in (1, 2, 3):
        write(app, f"Part {day}", created=f"2020-01-{day:02} 00:00:00", series="S")
    page = client.get(link(client.get("/series/s").text, "next")).text
    assert 'start="3"' in page
    assert "Part 3<" in page
    assert "First part" in page
    for after in ("1", "99", str(10**30)):
        assert client.get(f"/series/s?after={after}").status_code == 404
    assert "Part 1<" in client.get("/series/s?after=x").text


def test_author_adds_a_post_to_a_series(app, client, auth):
    write(app, "Part 1", series="Learning")
    auth.login()
    form = client.get("/create").text
    assert '<option value="Learning">' in form
    client.post("/create", data={"title": "Draft", "body": "", "series": "learning", "part": "7"})
    assert 'value="7"' in client.get("/3/update").text
    assert "Part 1 of 2" in client.get("/draft").text
    client.post("/3/update", data={"title": "Draft", "body": "", "series": "", "part": ""})
    assert "Part 1 of 1" in client.get("/part-1").text


def test_part_must_be_a_number(client, auth):
    auth.login()
    data = {"title": "Post", "body": "", "series": "S", "part": "two"}
    page = client.post("/create", data=data).text
    assert "Part must be a number." in page
    assert '<details class="settings" open>' in page


def test_author_of_a_draft_sees_its_series(app, client, auth):
    write(app, "Draft", status="draft", series="Learning")
    auth.login()
    assert "In the series <bdi>Learning</bdi>" in client.get("/draft").text


def test_post_links_to_adjacent_and_related_posts(app, client):
    for day in (1, 2, 3):
        write(app, f"Post {day}", created=f"2020-01-{day:02} 00:00:00", tags=["a"])
    page = client.get("/post-2").text
    for words in ("Older</span>", "Newer</span>", "Related posts"):
        assert words in page
    assert page.count('href="/post-1"') == page.count('href="/post-3"') == 2
    assert "Newer</span>" not in client.get("/post-3").text


def test_long_post_has_a_table_of_contents(app, client):
    body = "".join(f"## Chapter {n}\n\n### Part {n}\n\n{'word ' * 400}\n\n" for n in (1, 2, 3))
    write(app, "Long", body)
    page = client.get("/long").text
    assert '<a href="#part-2">Part 2</a>' in page
    assert 'id="part-2"' in page
    write(app, "Short", body.replace("word ", ""))
    assert '<details class="contents">' not in client.get("/short").text


@pytest.mark.parametrize(("body", "has"), (("```\ncode\n```", True), ("`code`", False)))
def test_copy_script_is_loaded_only_with_code(app, client, body, has):
    write(app, "Code", body)
    assert ("copy.js" in client.get("/code").text) is has


@pytest.mark.parametrize("path", ("/tag", "/tag/sea", "/user/test", "/archive", "/2018/"))
def test_lists_name_their_canonical_url_and_feed(app, client, path):
    with app.app_context():
        posts.update(1, SYSTEM, title="test title", body="", tags=["Sea"])
    page = client.get(path).text
    assert f'<link rel="canonical" href="http://localhost{path}">' in page
    has_feed = path.startswith(("/tag/", "/user/"))
    assert (f'href="{path}/feed.xml"' in page) is has_feed
    assert "canonical" not in client.get(f"{path}?x=1").text


def test_lists_have_a_description(app, client):
    write(app, tags=["Tea & cake"], series="A series")
    with app.app_context():
        profiles.update(2, display_name="", bio="I *bake*.")
        posts.create(author_id=2, title="Cake", body="", created="2018-01-01 00:00:00")
    for path, about in (
        ("/", "The newest posts on Flaskr."),
        ("/tag", "Tags of the posts on Flaskr."),
        ("/tag/tea-cake", "Posts about Tea &amp; cake on Flaskr."),
        ("/user/test", "Posts by test on Flaskr."),
        ("/user/other", "I bake."),
        ("/archive", "All posts on Flaskr by year and month."),
        ("/2018/", "Posts on Flaskr from 2018."),
        ("/2018/01/", "Posts on Flaskr from January 2018."),
        ("/series/a-series", "A series: a series on Flaskr."),
    ):
        assert f'<meta name="description" content="{about}">' in client.get(path).text
