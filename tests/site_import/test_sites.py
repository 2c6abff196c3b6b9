"""Each generator has a small site in `sites/`, whose posts are to arrive as they were."""

import pytest

from flaskr.db import get_db
from flaskr.models import tags
from flaskr.models import translations

EXPECTED = {
    "hugo": {
        "site": "This is a Hugo site. Its posts are in content.",
        "states": {
            "content/about.md": "page",
            "content/embargoed/secret.md": "draft",
            "content/loose.md": "post",
            "content/news/deep/report.md": "post",
            "content/posts/cascade/inner.md": "draft",
            "content/posts/expired.md": "draft",
            "content/posts/first/index.de.md": "post",
            "content/posts/first/index.md": "post",
            "content/posts/html-post.html": "post",
            "content/posts/later.md": "post",
            "content/posts/never.md": "draft",
            "content/posts/second.md": "post",
        },
        "no_posts": [
            "content/README.md",
            "content/_index.md",
            "content/posts/_index.md",
            "content/posts/cascade/_index.md",
            "content/posts/first/aside.md",
            "content/posts/headless/index.md",
            "content/posts/org-post.org",
            "content/search.md",
        ],
        "addresses": {
            "/2021/03/first-walk/": "/first",
            "/notes/2021/03/first-walk/": "/first",
            "/de/2021/03/first-walk/": "/first-walk",
            "/2021/04/walk-two/": "/walk-two",
            "/posts/old-first": 404,
            "/2021/03/old-first": "/first",
            "/very/old/first.html": "/first",
            "/with%20space/": "/first",
            "/?p=42": "/first",
            "/?p=43": 200,
            "/?page_id=42": 200,
            "/?x=1": 200,
            "/deep/09/report/": "/report",
            "/about-me/": "/about-me",
            "/about-me": 200,
            "/index.xml": "/feed.xml",
            "/posts/index.xml": "/feed.xml",
            "/tags/two-words/": "/tag/two-words",
            "/notes/categories/field-notes/index.xml": "/tag/field-notes/feed.xml",
            "/posts/": "/",
            "/de/": "/",
            "/2021/06/later/": 404,
            "/posts/never/": 404,
        },
        "links": ["The link to “/2020/01/gone/” leads to no post."],
        "files": ["The file “nowhere.png” was not found."],
    },
    "zola": {
        "site": "This is a Zola site. Its posts are in content.",
        "states": {
            "content/blog/2020-01-02-hello-world.ar.md": "post",
            "content/blog/2020-01-02-hello-world.md": "post",
            "content/blog/hidden.md": "draft",
            "content/blog/own-path.md": "post",
            "content/drafts-of-mine/inner.md": "draft",
            "content/hello-world.md": "page",
        },
        "no_posts": [
            "content/_index.md",
            "content/blog/_index.md",
            "content/drafts-of-mine/_index.md",
        ],
        "addresses": {
            "/hello-world/": "/hello-world",
            "/hello-world": 200,
            "/blog/hello-world/": "/hello-world-2",
            "/ar/blog/hello-world/": "/hello-world-3",
            "/old/hello.html": "/hello-world-2",
            "/2020/02/own/": "/own",
            "/atom.xml": "/feed.atom",
            "/tags/rust/": "/tag/rust",
            "/blog/": "/",
        },
        "links": ["The link to “@/blog/gone.md” leads to no post."],
        "files": [],
    },
    "jekyll": {
        "site": "This is a Jekyll site.",
        "states": {
            "_drafts/idea.md": "draft",
            "_pages/contact.md": "page",
            "_posts/2021-03-04-First Walk.md": "post",
            "_posts/2021-03-05-second-walk.md": "post",
            "_posts/2021-03-06-html-post.html": "post",
            "_posts/2021-03-08-nothing.md": "draft",
            "_posts/inner/2021-03-09-unpublished.md": "draft",
            "_posts/star/2021-03-09-unpublished.md": "draft",
            "_posts/undated.md": "draft",
            "_recipes/soup.md": "post",
            "about.md": "page",
            "en/_posts/2021-03-10-hello.md": "post",
            "fr/_posts/2021-03-10-bonjour.md": "post",
        },
        "no_posts": [
            "AGENTS.md",
            "README.md",
            "_posts/2021-03-07-textile.textile",
            "feed.html",
            "index.html",
            "plain.html",
            "tags.md",
        ],
        "addresses": {
            "/field%20notes/First-Walk/": "/first-walk",
            "/blog/field%20notes/First-Walk/": "/first-walk",
            "/old/first/": "/first-walk",
            "/food/soup/": "/soup",
            "/2021/hello.html": "/hello-2",
            "/feed": "/feed.xml",
        },
        "links": ["The link to “2000-01-01-gone” leads to no post."],
        "files": [],
    },
    "hexo": {
        "site": "This is a Hexo site. Its posts are in source.",
        "states": {
            "source/_drafts/idea.md": "draft",
            "source/_posts/_half.md": "draft",
            "source/_posts/first-walk.md": "post",
            "source/_posts/locked.md": "draft",
            "source/_posts/second-walk.md": "post",
            "source/about/index.md": "page",
        },
        "no_posts": ["source/tags/index.md"],
        "addresses": {"/2020/01/01/first-walk/": "/first-walk", "/posts/own/": "/own"},
        "links": [],
        "files": [],
    },
    "eleventy": {
        "site": "This is an Eleventy site.",
        "states": {
            "about.md": "page",
            "posts/2020-01-02-first.md": "post",
            "posts/excluded.md": "draft",
            "posts/not-written.md": "draft",
            "posts/second.md": "post",
            "posts/third.md": "post",
            "secret/inner.md": "draft",
        },
        "no_posts": ["README.md", "archive.md"],
        "addresses": {
            "/writing/first/": "/first",
            "/2021/05/third-walk/": "/third",
            "/posts/second/": "/second",
        },
        "links": [],
        "files": [],
    },
    "astro": {
        "site": "This is an Astro site. Its posts are in src/content, src/pages.",
        "states": {
            "src/content/posts/_hidden.md": "draft",
            "src/content/posts/_parts/part.mdx": "draft",
            "src/content/posts/de/zweite.md": "post",
            "src/content/posts/draft.md": "draft",
            "src/content/posts/first-walk.mdx": "post",
            "src/content/posts/second-walk.md": "post",
            "src/pages/about.md": "page",
        },
        "no_posts": [],
        "addresses": {
            "/blog/first-walk/": "/first-walk",
            "/posts/second-walk/": "/second-walk",
            "/blog/de/zweite": "/zweite",
        },
        "links": [],
        "files": [],
    },
    "pelican": {
        "site": "This is a Pelican site. Its posts are in content.",
        "states": {
            "content/document.html": "post",
            "content/hidden.md": "draft",
            "content/pages/about.md": "page",
            "content/travel/first.md": "post",
            "content/travel/second-fr.md": "post",
            "content/travel/second.md": "post",
        },
        "no_posts": ["content/post.rst"],
        "addresses": {
            "/posts/2014/first-walk/": "/first-walk",
            "/second-walk-fr.html": "/second-walk-2",
            "/pages/about.html": "/about",
            "/author/ada": "/user/Ada",
        },
        "links": [],
        "files": [],
    },
    "folder": {
        "site": "This is an Obsidian site.",
        "states": {
            "2013/10/03/dated.md": "post",
            "October.md": "post",
            "Other note.md": "post",
            "about.md": "page",
            "index.de.md": "post",
        },
        "no_posts": ["README.md"],
        "addresses": {"/2013/10/03/dated": "/dated"},
        "links": ["The link to “Nowhere” leads to no post."],
        "files": [],
    },
}


@pytest.mark.parametrize("name", EXPECTED)
def test_whole_site_arrives(import_site, name):
    expected = EXPECTED[name]
    site = import_site(name)
    assert site.report.site == expected["site"]
    assert site.states() == expected["states"]
    assert site.no_posts() == expected["no_posts"]
    assert (site.findings("links"), site.findings("files")) == (
        expected["links"],
        expected["files"],
    )
    found = {address: site.follow(address) for address in expected["addresses"]}
    assert found == expected["addresses"]


@pytest.mark.parametrize("name", EXPECTED)
def test_nothing_becomes_public_that_was_not(import_site, name):
    site = import_site(name)
    public = get_db().execute(
        "SELECT title FROM post WHERE status = 'published' AND created <= CURRENT_TIMESTAMP"
        " AND title || summary || body LIKE '%SECRET%'"
    )
    assert public.fetchall() == []
    hidden = [post for name, post in site.posts().items() if "SECRET" in post["body"]]
    assert len(site.report.findings["private"]) >= len(hidden)


@pytest.mark.parametrize("name", EXPECTED)
def test_numbers_of_the_report_add_up(import_site, name):
    report = import_site(name).report
    assert report.files == (
        sum(report.states.values())
        + len(report.findings["failed"])
        + len(report.findings["no_posts"])
    )


@pytest.mark.parametrize("name", EXPECTED)
def test_dry_run_tells_the_same(import_site, copy_site, tmp_path, name):
    dry = import_site(name, dry_run=True)
    assert dry.posts() == {}
    root = dry.root.rename(tmp_path / "moved").rename(dry.root)
    real = type(dry)(dry.app, root)
    assert dry.report.findings == real.report.findings
    assert dry.report.summary() == real.report.summary()
    assert (dry.report.media, dry.report.pictures) == (real.report.media, real.report.pictures)
    assert dry.report.markdown() != real.report.markdown()


@pytest.mark.parametrize("name", EXPECTED)
def test_importing_a_site_again_changes_nothing(import_site, name):
    site = import_site(name)
    before = {file: tuple(post) for file, post in site.posts().items()}
    again = type(site)(site.app, site.root)
    assert {file: tuple(post) for file, post in again.posts().items()} == before
    assert again.report.counts["unchanged"] == len(before)
    assert again.report.states == site.report.states


def test_bodies_of_hugo(import_site):
    site = import_site("hugo")
    body = site.body("content/posts/first/index.md")
    assert body.count("/media/") == 7
    assert "[relative](/walk-two) [absolute](/walk-two) [file](/walk-two#end)" in body
    assert "[own](/walk-two)" in body
    assert "[tag](/tag/rivers)" in body
    assert '{{< figure src="shown.png" >}} ![code](map.png)' in body
    assert '"At the bridge")' in body
    assert site.body("content/about.md") == "I walk. See /first and [the first](/first#end)."
    assert "> [!TIP]\n> Take **water**." in site.body("content/posts/second.md")
    assert "`{{< unheard >}}`" in site.body("content/posts/second.md")
    assert site.body("content/posts/html-post.html") == "<div>\n<p>Taken as it is.</p>\n</div>"
    assert site.posts()["content/posts/first/index.md"]["cover"].startswith("/media/")
    assert [
        tag["name"] for tag in tags.for_post(site.posts()["content/posts/first/index.md"]["id"])
    ] == [
        "Rivers",
        "Two Words",
        "Field Notes",
    ]


def test_bodies_of_jekyll(import_site):
    body = import_site("jekyll").body("_posts/2021-03-04-First Walk.md")
    assert body.count("/media/") == 3
    assert "[other](/second-walk#end) [file](/second-walk)" in body
    assert "Shown" in body
    assert "{:" not in body
    assert "```liquid\n{{ page.title }}\n```" in body


def test_bodies_of_astro(import_site):
    body = import_site("astro").body("src/content/posts/first-walk.mdx")
    assert body.startswith("![A map](/media/")
    assert '<div class="x">Kept text </div>' in body
    assert "[second](/second-walk) [there](/second-walk)" in body
    assert "```jsx\n<Chart {...kept} />\n```" in body


def test_bodies_of_the_others(import_site):
    site = import_site("hexo")
    body = site.body("source/_posts/first-walk.md")
    assert body.startswith("![A map](/media/")
    assert "[There](/own)" in body
    assert "```js\nx()\n```" in body


def test_links_of_pelican_lead_to_posts_and_files(import_site):
    body = import_site("pelican").body("content/travel/first.md")
    assert body.startswith("See [the second](/second-walk) and ![a map](/media/")


def test_wiki_links_lead_to_notes_and_files(import_site):
    body = import_site("folder").body("October.md")
    assert body.strip().startswith("![](/media/")
    assert "[there](/other-note#two-words) Nowhere ![paren](/media/" in body


@pytest.mark.parametrize(
    ("name", "file", "other", "language"),
    (
        ("hugo", "content/posts/first/index.md", "content/posts/first/index.de.md", "en"),
        ("jekyll", "en/_posts/2021-03-10-hello.md", "fr/_posts/2021-03-10-bonjour.md", "en"),
        ("pelican", "content/travel/second.md", "content/travel/second-fr.md", "en"),
        ("zola", "content/blog/2020-01-02-hello-world.md",
         "content/blog/2020-01-02-hello-world.ar.md", "en"),
    ),
)  # fmt: skip
def test_translations_are_stored(import_site, name, file, other, language):
    posts = import_site(name).posts()
    assert posts[file]["language"] == language
    assert [row["id"] for row in translations.find(posts[file]["id"])] == [posts[other]["id"]]


def test_authors_have_names_and_no_addresses(import_site):
    import_site("jekyll")
    import_site("zola")
    names = [row["username"] for row in get_db().execute('SELECT username FROM "user"')]
    assert {"Ada Lovelace", "Grace"} <= set(names)
    assert not any("@" in name for name in names)


def test_zone_of_the_site_is_offered(import_site):
    assert "Asia/Tokyo" in import_site("hugo").report.hints[0]


def test_pattern_of_addresses_can_be_given(import_site):
    site = import_site("folder", permalink="/:year/:slug/")
    assert site.follow("/2013/october/") == "/october"


@pytest.mark.parametrize("place", (".", "content", "content/posts"))
def test_site_is_found_from_the_folder_around_it_and_from_within(copy_site, empty_app, place):
    from .conftest import Imported

    root = copy_site("hugo")
    with empty_app.app_context():
        site = Imported(empty_app, root.parent if place == "." else root / place)
    assert "Hugo" in site.report.site


def test_unmarked_notes_are_drafts_if_others_are_marked(import_site):
    site = import_site("folder")
    (site.root / "Public.md").write_text("---\npublish: true\n---\nText")
    (site.root / "Other.md").write_text("Text")
    again = type(site)(site.app, site.root)
    assert (again.states()["Public.md"], again.states()["Other.md"]) == ("post", "draft")
    assert any("publish: true" in message for message in again.findings("private"))
