from datetime import UTC

import pytest

from flaskr.importers import site_redirects
from flaskr.importers import sites
from flaskr.importers.link_index import Entry
from flaskr.importers.link_index import Index
from flaskr.importers.locations import Locations

LINES = """
# Comments and others are left out.
/old  /posts/a/  301
/older /old
/loop /loop2
/loop2 /loop
/app/* /index.html 200
/rewritten /posts/a/ 200
/many/* /posts/a/
/blog/:slug /posts/:slug
/elsewhere https://other.example/
/own https://old.example/posts/a/#top 302!
/file /a.pdf
/ /posts/a/
/gone /posts/gone/
/posts/a /about
/news /tags/x/
"""
ASTRO = """
export default {
  base: '/d',
  redirects: {
    '/old': '/posts/a/',
    "/older": { status: 302, destination: '/posts/a' },
    '/[many]': '/other',
  },
  server: { '/api': '/posts/a/' },
}
"""


def add(root, files):
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content, encoding="utf-8")
    site = sites.detect(root, UTC)._replace(host="old.example")
    entries = [Entry(str(root / "content/posts/a.md"), "/a-post", ["/posts/a"])]
    index = Index(site, entries, Locations(site, [], {"X": "x"}, {}))
    return site_redirects.add(index, site), index


@pytest.mark.parametrize("name", ("static/_redirects", "content/_redirects", "_redirects"))
def test_redirects_of_the_host_lead_to_posts_and_lists(tmp_path, name):
    found, index = add(tmp_path, {"hugo.toml": "", "content/x.md": "", name: LINES})
    expected = {"/old": "/a-post", "/older": "/a-post", "/own": "/a-post#top", "/news": "/tag/x"}
    assert found == expected
    assert index.addresses["/old"] == "/a-post"


@pytest.mark.parametrize(
    ("name", "content"),
    (
        ("netlify.toml", "[[redirects]]\nfrom = '/old'\nto = '/posts/a'\nstatus = 301\n"),
        ("vercel.json", '{"redirects": [{"source": "/old", "destination": "/posts/a"}, "x"]}'),
        ("vercel.json", '{"redirects": "x"}'),
    ),
)
def test_redirects_of_other_hosts_are_read(tmp_path, name, content):
    found, _ = add(tmp_path, {"hugo.toml": "", "content/x.md": "", name: content})
    assert found == ({"/old": "/a-post"} if "old" in content else {})


def test_redirects_of_astro_are_below_its_base(tmp_path):
    found, _ = add(tmp_path, {"astro.config.mjs": ASTRO, "src/content/x.md": ""})
    assert found == dict.fromkeys(("/old", "/d/old", "/older", "/d/older"), "/a-post")
