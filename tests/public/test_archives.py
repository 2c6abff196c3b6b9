import pytest

from flaskr import create_app
from flaskr.db import get_db
from flaskr.models import posts
from flaskr.models import profiles
from flaskr.models import series
from flaskr.models import tags
from flaskr.models import users
from flaskr.models.permissions import SYSTEM

from ..databases import orphans
from ..markup import Page


def test_tag_page_lists_its_posts(write, browse):
    write("Tagged", tags=["Flask & Web"])
    for path in ("/", "/tagged", "/tag"):
        assert browse(path).select('[href="/tag/flask-web"]')
    page = browse("/tag/flask-web")
    assert page.texts("h1") == ["Flask & Web"]
    assert page.select('[href="/tagged"]')
    assert "test title" not in page


def test_count_of_a_tag_with_many_posts_is_capped(browse, monkeypatch, write):
    monkeypatch.setattr(tags, "MAX_COUNT", 2)
    write(tags=["Many"])
    assert browse("/tag").texts(".cloud .count") == ["1"]
    for _ in range(2):
        write(tags=["Many"])
    assert browse("/tag").texts(".cloud .count") == ["2+"]


def test_former_slug_of_a_tag_redirects(app, client, write):
    write(tags=["Old"])
    with app.app_context():
        tags.rename(1, "New", SYSTEM)
    response = client.get("/tag/old?before=x")
    assert (response.status_code, response.location) == (301, "/tag/new?before=x")


@pytest.mark.parametrize("fields", ({"status": "draft"}, {"created": "2999-01-01 00:00:00"}))
def test_unpublished_posts_are_in_no_list(client, fields, write):
    write("Hidden", tags=["Secret"], series="Secret", **fields)
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


def test_lists_with_only_a_coauthor_or_a_page_are_visible(app, client, write):
    with app.app_context():
        get_db().execute("INSERT INTO coauthor (post_id, user_id, position) VALUES (1, 2, 1)")
        get_db().commit()
    write("About", tags=["Facts"], kind="page", user=SYSTEM)
    for path in ("/user/other", "/tag/facts", "/user/other/feed.xml", "/tag/facts/feed.atom"):
        assert client.get(path).status_code == 200


def test_only_the_owner_sees_the_link_to_change_tags(app, client, auth, browse):
    assert "Tags will appear here" in client.get("/tag").text
    assert not browse("/tag").select('[href="/tags"]')
    with app.app_context():
        users.set_role("test", "owner")
    auth.login()
    assert browse("/tag").select('[href="/tags"]')


def test_author_page_shows_bio_and_posts(app, client, browse):
    with app.app_context():
        profiles.update(1, display_name="Ada <L>", bio="I *write*. <script>alert(1)</script>")
    page = browse("/user/test")
    for words in ("Ada &lt;L&gt;</h1>", "I <em>write</em>.", "test title"):
        assert words in page
    assert "<script>alert" not in page
    assert "by Ada &lt;L&gt; on 2018-01-01" in client.get("/").text
    assert browse("/1").select('[rel="author"][href="/user/test"]')


@pytest.mark.parametrize(
    ("path", "location"), (("/user/TEST", "/user/test"), ("/user/1?after=x", "/user/test?after=x"))
)
def test_author_page_redirects_to_its_canonical_url(app, client, path, location):
    app.test_cli_runner().invoke(args=["init-db"])
    response = client.get(path)
    assert (response.status_code, response.location) == (301, location)


def test_author_page_uses_the_id_if_the_name_fits_no_url(app, browse):
    with app.app_context():
        get_db().executescript("UPDATE \"user\" SET username = 'a/b' WHERE id = 1")
    assert browse("/1").select('[href="/user/1"]')
    assert browse("/user/1").texts("h1") == ["a/b"]


def test_post_links_to_all_its_authors(app, client, browse):
    with app.app_context():
        get_db().executescript(
            "INSERT INTO coauthor (post_id, user_id, position) VALUES (1, 2, 1);"
            "UPDATE post SET author_id = 1;"
        )
    page = browse("/1")
    assert "by test and other on 1 January 2018" in page
    assert page.select('[href="/user/other"]')
    assert "test title" in client.get("/user/other").text


@orphans
def test_post_of_a_deleted_author_is_readable(app, client, browse):
    with app.app_context():
        get_db().executescript("PRAGMA foreign_keys = OFF; UPDATE post SET author_id = 99;")
    page = browse("/1")
    assert "by someone on 1 January 2018" in page
    assert "More by" not in page
    assert client.get("/user/99").status_code == 404


def test_archive_counts_years_and_months(write, browse):
    for created in ("2018-03-01 00:00:00", "2018-03-02 00:00:00"):
        write(created=created)
    page = browse("/archive")
    assert page.texts(".year h2") == ["2018 3 posts"]
    assert page.texts(".year li") == ["March (2)", "January (1)"]
    assert page.select('.year h2 a[href="/2018/"]')
    assert page.select('.year li a[href="/2018/03/"]')


def test_empty_archive_says_what_will_appear(app, client):
    with app.app_context():
        get_db().executescript("DELETE FROM post")
    assert "Posts will appear here by year and month." in client.get("/archive").text


@pytest.mark.parametrize(
    ("path", "heading"), (("/2018/", "2018</h1>"), ("/2018/01/", "January 2018</h1>"))
)
def test_year_and_month_list_their_posts(path, heading, write, browse):
    write("Another", created="2019-02-01 00:00:00")
    page = browse(path)
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


def test_year_without_a_slash_is_a_post_id(app, client, browse):
    with app.app_context():
        get_db().executescript("UPDATE post SET id = 2018")
    assert "<h1" in client.get("/2018").text
    assert "by test on 1 January 2018" in client.get("/2018").text
    assert browse("/2018/").texts("h1") == ["2018"]
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
def test_lists_have_pages_of_thirty(client, path, write, browse):
    for day in range(1, 32):
        write(f"Post {day}", created=f"2020-01-{day:02} 00:00:00", tags=["a"])
    first = browse(path)
    assert first.link("prev") is None
    second = browse(first.link("next"))
    assert (len(first.select(".titles li")), second.texts(".title")[0]) == (30, "Post 1")
    assert client.get(second.link("prev")).location == path or "Post 31" in first.texts(".title")
    past = client.get(f"{path}?before=1999-01-01T00:00:00~1")
    assert (past.status_code, "no more posts" in past.text.lower()) == (200, path != "/user/test")
    assert client.get(f"{path}?after=2999-01-01T00:00:00~1").location == path
    for position in ("nonsense", "%00", "%FF"):
        assert client.get(f"{path}?before={position}").status_code == 404


def test_parts_of_a_series_link_to_each_other(write, browse):
    for day in (1, 2, 3):
        write(f"Part {day}", created=f"2020-01-{day:02} 00:00:00", series="Learning <b>")
    page = browse("/part-2")
    assert "Part 2 of 3 in Learning <b>" in " ".join(page.texts("article"))
    assert page.texts('a[href="/series/learning-b"]') == ["Learning <b>"]
    assert (page.link("prev"), page.link("next")) == ("/part-1", "/part-3")
    page = browse("/series/learning-b")
    assert page.texts(".parts .title") == ["Part 1", "Part 2", "Part 3"]
    assert "Series in 3 parts" in page.texts(".kicker")


def test_long_series_has_a_pager(client, monkeypatch, write, browse):
    monkeypatch.setattr("flaskr.models.series.PER_PAGE", 2)
    for day in (1, 2, 3):
        write(f"Part {day}", created=f"2020-01-{day:02} 00:00:00", series="S")
    page = browse(browse("/series/s").link("next"))
    assert page.select('[start="3"]')
    assert page.texts(".parts .title") == ["Part 3"]
    assert page.texts(".pager a") == ["← First part"]
    for after in ("1", "99", str(10**30)):
        assert client.get(f"/series/s?after={after}").status_code == 404
    assert "Part 1" in browse("/series/s?after=x").texts(".title")


def test_author_adds_a_post_to_a_series(client, auth, write, browse):
    write("Part 1", series="Learning")
    auth.login()
    form = browse("/create")
    assert form.select('option[value="Learning"]')
    client.post("/create", data={"title": "Draft", "body": "", "series": "learning", "part": "7"})
    assert browse("/3/update").select('[value="7"]')
    assert "Part 1 of 2" in client.get("/draft").text
    client.post("/3/update", data={"title": "Draft", "body": "", "series": "", "part": ""})
    assert "Part 1 of 1" in client.get("/part-1").text


def test_part_must_be_a_number(client, auth):
    auth.login()
    data = {"title": "Post", "body": "", "series": "S", "part": "two"}
    page = Page(client.post("/create", data=data).text)
    assert page.texts("#part-error") == ["Part must be a number."]
    assert page.select("details.settings[open]")


def test_author_of_a_draft_sees_its_series(client, auth, write):
    write("Draft", status="draft", series="Learning")
    auth.login()
    assert "In the series <bdi>Learning</bdi>" in client.get("/draft").text


def test_post_links_to_adjacent_and_related_posts(client, write, browse):
    for day in (1, 2, 3, 4):
        write(f"Post {day}", day=day, tags=["a"])
    assert browse("/post-2").texts("nav.onward a") == ["Older Post 1", "Newer Post 3", "Post 4"]
    assert browse("/post-4").texts("nav.onward .related a") == ["Post 2", "Post 1"]


def test_long_post_has_a_table_of_contents(write, browse):
    body = "".join(f"## Chapter {n}\n\n### Part {n}\n\n{'word ' * 400}\n\n" for n in (1, 2, 3))
    write("Long", body)
    page = browse("/long")
    assert '<a href="#part-2">Part 2</a>' in page
    assert page.select('[id="part-2"]')
    write("Short", body.replace("word ", ""))
    assert not browse("/short").select('details[class="contents"]')


@pytest.mark.parametrize(("body", "has"), (("```\ncode\n```", True), ("`code`", False)))
def test_copy_script_is_loaded_only_with_code(client, body, has, write):
    write("Code", body)
    assert ("copy.js" in client.get("/code").text) is has


@pytest.mark.parametrize("path", ("/tag", "/tag/sea", "/user/test", "/archive", "/2018/"))
def test_lists_name_their_canonical_url_and_feed(app, client, path, browse):
    with app.app_context():
        posts.update(1, SYSTEM, title="test title", body="", tags=["Sea"])
    page = browse(path)
    assert page.select(f'link[rel="canonical"][href="http://localhost{path}"]')
    has_feed = path.startswith(("/tag/", "/user/"))
    assert (f'href="{path}/feed.xml"' in page) is has_feed
    assert "canonical" not in client.get(f"{path}?x=1").text


def test_lists_have_a_description(app, write, browse):
    write(tags=["Tea & cake"], series="A series")
    with app.app_context():
        profiles.update(2, display_name="", bio="I *bake*.")
        posts.create(author_id=2, title="Cake", body="", created="2018-01-01 00:00:00")
    for path, about in (
        ("/", "The newest posts on Flaskr."),
        ("/tag", "Tags of the posts on Flaskr."),
        ("/tag/tea-cake", "Posts about Tea & cake on Flaskr."),
        ("/user/test", "Posts by test on Flaskr."),
        ("/user/other", "I bake."),
        ("/archive", "All posts on Flaskr by year and month."),
        ("/2018/", "Posts on Flaskr from 2018."),
        ("/2018/01/", "Posts on Flaskr from January 2018."),
        ("/series/a-series", "A series: a series on Flaskr."),
    ):
        assert browse(path).select(f'meta[name="description"][content="{about}"]')
