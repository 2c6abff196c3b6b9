import pytest

from flaskr.db import get_db
from flaskr.models import posts
from flaskr.models import redirects
from flaskr.models import tags
from flaskr.models.permissions import SYSTEM

# The addresses of feeds in Hugo, Zola, Jekyll, WordPress and Ghost.
OLD_FEEDS = """
/index.xml                        /feed.xml
/atom.xml                         /feed.atom
/rss.xml                          /feed.xml
/feed/                            /feed.xml
/feed                             /feed.xml
/feed/atom/                       /feed.atom
/feed/rss2/                       /feed.xml
/feed/rdf/                        /feed.xml
/feed/feed.xml                    /feed.xml
/rss/                             /feed.xml
/rss/feed.xml                     /feed.xml
/RSS                              /feed.xml
/index.json                       /feed.json
/feed.xml/                        /feed.xml
/posts/index.xml                  /feed.xml
/blog/atom.xml                    /feed.atom
/blog/rss/                        /feed.xml
/tags/index.xml                   /feed.xml
/tag/slow-bread/feed/             /tag/slow-bread/feed.xml
/tag/slow-bread/feed/atom/        /tag/slow-bread/feed.atom
/tag/slow-bread/rss/              /tag/slow-bread/feed.xml
/tag/bread/feed/                  /tag/slow-bread/feed.xml
/tags/Slow%20Bread/index.xml      /tag/slow-bread/feed.xml
/tags/slow-bread/atom.xml         /tag/slow-bread/feed.atom
/categories/slow-bread/index.xml  /tag/slow-bread/feed.xml
/category/food/slow-bread/feed/   /tag/slow-bread/feed.xml
/author/test/rss/                 /user/test/feed.xml
/authors/test/index.xml           /user/test/feed.xml
/series/a-series/index.xml        /series/a-series/feed.xml
/feed/?paged=2                    /feed.xml?paged=2
"""
NO_FEEDS = """
/about/feed/ /x/y/feed/ /tag/rss /tags/feed/ /tag/none/feed/ /series/none/rss.xml /json
/author/nobody/rss/
/index.xml.bak /comments/feed/ /x/index.xml /tag/%00/feed/ /user/nobody/feed.xml
/tag/none/feed.xml /feed/none
""".split()


@pytest.fixture(autouse=True)
def imported(context, write):
    write("Bread", tags=["Bread"], series="A series")
    tags.rename(tags.get_by_slug("bread")["id"], "Slow bread", SYSTEM)


@pytest.mark.parametrize(("old", "new"), [line.split() for line in OLD_FEEDS.strip().splitlines()])
def test_old_address_of_a_feed_leads_to_the_new_one(client, old, new):
    response = client.get(old)
    assert (response.status_code, response.location) == (301, new)
    assert client.get(new).status_code == 200


@pytest.mark.parametrize(("query", "kind"), (("rss2", "xml"), ("atom", "atom"), ("rdf", "xml")))
def test_feed_in_the_query_of_wordpress_leads_to_the_new_one(client, query, kind):
    response = client.get(f"/?feed={query}")
    assert (response.status_code, response.location) == (301, f"/feed.{kind}")


@pytest.mark.parametrize("query", ("comments-rss2", "", "\0", "x" * 3000, "http://evil.example"))
def test_other_queries_show_the_front_page(client, query):
    assert client.get("/", query_string={"feed": query}).status_code == 200


@pytest.mark.parametrize("path", (*NO_FEEDS, f"/tag/{'x' * 5000}/feed/"))
def test_other_addresses_are_not_found(client, path):
    assert client.get(path).status_code == 404


def test_posts_and_redirects_at_these_addresses_come_first(client, write):
    write("Atom", address="atom")
    redirects.add("/rss", "/bread", SYSTEM)
    get_db().execute("INSERT INTO old_address (path, post_id) VALUES ('/tag/slow-bread/feed', 1)")
    get_db().commit()
    assert client.get("/atom").status_code == 200
    assert client.get("/rss/").location == "/bread"
    assert client.get("/tag/slow-bread/feed/").location == "/1"


def test_feeds_of_unpublished_lists_are_not_revealed(client):
    posts.update(2, SYSTEM, title="Bread", body="", status="draft")
    for path in ("/tag/slow-bread/feed/", "/tag/bread/rss/", "/series/a-series/index.xml"):
        assert client.get(path).status_code == 404
