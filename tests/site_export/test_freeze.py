import json
import multiprocessing
import os
import shutil

import pytest

from flaskr import create_app
from flaskr import images
from flaskr.db import get_db
from flaskr.errors import Conflict
from flaskr.exporters import search_files
from flaskr.models import media
from flaskr.models import posts
from flaskr.models import redirects
from flaskr.models import settings
from flaskr.models import static_sites
from flaskr.models import tags
from flaskr.models.permissions import SYSTEM
from flaskr.site_export import freeze
from flaskr.site_export import searched_posts
from flaskr.site_export.entries import ignore_progress
from flaskr.site_export.folders import Folder
from flaskr.web.social_cards import Card

from ..markup import Page

URL = "https://blog.example"


@pytest.fixture
def freeze_to(context, tmp_path):
    """Freeze the blog to a folder, and return what was done."""
    return lambda url=URL: freeze.freeze(tmp_path / "out", url, ignore_progress)


@pytest.fixture
def read(tmp_path):
    return lambda name: Page((tmp_path / "out" / name).read_text(encoding="utf-8"))


def names(tmp_path):
    return {
        str(file.relative_to(tmp_path / "out"))
        for file in (tmp_path / "out").rglob("*")
        if file.is_file()
    }


def test_every_public_page_becomes_a_file_and_nothing_else(full_blog, freeze_to, tmp_path):
    done = freeze_to()
    found = names(tmp_path)
    assert {
        *("index.html", "404.html", "archive/index.html", "tag/index.html", "tag/ocean/index.html"),
        *(
            "series/ebb/index.html",
            "user/test/index.html",
            "2020/01/index.html",
            "about/index.html",
        ),
        *("feed.xml", "feed.atom", "feed.json", "tag/ocean/feed.json", "user/test/feed.atom"),
        *("sitemap.xml", "robots.txt"),
        *("renamed/index.html", "renamed.md", "llms.txt", "search/index.html", "favicon.ico"),
    } <= found
    assert not any("later" in name or "draft" in name or "auth" in name for name in found)
    assert [broken.url for broken in done.broken] == ["/draft"]
    assert done.unfit == ["/../x", "/a/../b"]


def test_old_addresses_lead_to_the_pages(full_blog, freeze_to, read):
    freeze_to()
    assert read("moved/index.html").select('a[href="https://example.com/?a=b"]')
    assert read("second/index.html").select('a[href="/renamed/"]')
    assert read("second.html").select('link[rel="canonical"][href="/renamed/"]')
    assert read("series/tides/index.html").select('a[href="/series/ebb/"]')


def test_link_to_a_feed_of_a_renamed_tag_writes_no_page_in_its_place(write, freeze_to, tmp_path):
    write("One", tags=["Old"], body="Read [the feed](/tag/old/feed.xml).")
    tags.rename(tags.get_by_slug("old")["id"], "New", SYSTEM)
    freeze_to()
    assert "tag/new/feed.xml" in names(tmp_path)
    assert "tag/old/feed.xml" not in names(tmp_path)


def test_media_of_public_posts_is_copied_and_no_other(full_blog, freeze_to, tmp_path, draw):
    private = media.add(draw(size=(9, 9)), name="x.png", user_id=1, max_bytes=10**6)
    freeze_to()
    found = {name for name in names(tmp_path) if name.startswith("media/")}
    assert found
    assert f"media/{private['name']}" not in found


def test_social_cards_become_files_that_are_drawn_once(
    full_blog, freeze_to, read, tmp_path, write, monkeypatch
):
    write("Without pictures")
    freeze_to()
    (element,) = read("without-pictures/index.html").select('meta[property="og:image"]')
    file = tmp_path / "out" / element.get("content").removeprefix(f"{URL}/")
    assert file.read_bytes().startswith(b"\x89PNG")
    monkeypatch.delattr(Card, "draw")
    tags.rename(tags.get_by_slug("ocean")["id"], "Sea", SYSTEM)
    done = freeze_to()
    assert file.is_file()
    assert [broken.url for broken in done.broken] == ["/draft"]


def test_pages_link_to_files_and_not_to_the_log_in(full_blog, freeze_to, read):
    freeze_to()
    page = read("index.html")
    assert page.select('a[href="/renamed/"]')
    assert "Log In" not in page.texts("nav a")
    assert read("404.html").select('a[href="/"]')


def test_long_lists_are_pages_that_lead_to_each_other(write, freeze_to, read, tmp_path):
    for day in range(1, 22):
        write(f"Post {day}", day=day)
    freeze_to()
    older = read("index.html").link("next")
    page = read(f"{older.strip('/')}/index.html")
    assert page.link("prev") == "/"
    assert sum("before~" in name for name in names(tmp_path)) >= 2
    assert not any("after~" in name for name in names(tmp_path))


def test_posts_may_link_into_a_list(write, freeze_to, read):
    # The second position is that of a page, and the others are those of none.
    positions = ("x", "2020-01-14T00:00:00~28", "2020-01-02T00:00:00~4", "")
    links = "\n\n".join(f"[a page](/?before={position})" for position in positions)
    for number in range(2, 58):
        write(f"Post {number}", links if number in (9, 57) else "", day=number // 2)
    freeze_to()
    shown, address = [], "/"
    while address:
        page = read(f"{address}/index.html".lstrip("/"))
        shown += page.texts("article h2")
        address = page.link("next")
    assert sorted(shown) == sorted(["test title", *(f"Post {number}" for number in range(2, 58))])


def test_blog_under_a_path_keeps_it(write, freeze_to, read):
    write("A post", "[other](/test-title)", day=1)
    freeze_to(f"{URL}/blog")
    assert read("a-post/index.html").select('a[href="/blog/"]')
    assert json.loads(read("search/pages.json"))["2"][0] == "/blog/a-post/"


def test_only_changes_are_written_and_files_of_vanished_posts_removed(write, freeze_to, tmp_path):
    post_id = write("A post", day=1)
    freeze_to()
    again = freeze_to().folder
    assert (again.written, again.removed) == (0, 0)
    get_db().execute("DELETE FROM post WHERE id = ?", (post_id,))
    get_db().commit()
    assert freeze_to().folder.removed >= 2
    assert not any(name.startswith("a-post") for name in names(tmp_path))


def test_front_page_of_the_owner_is_the_index(write, freeze_to, read, app):
    write("Welcome", "hello there", kind="page")
    app.config["FRONT_PAGE"] = "welcome"
    freeze_to()
    assert read("index.html").texts("h1") == ["Welcome"]
    assert read("welcome/index.html").select('a[href="/"]')
    assert read("posts/all/index.html").select("article")


def test_post_without_a_slug_has_its_id(freeze_to, read):
    freeze_to()
    assert read("1/index.html").texts("h1") == ["test title"]


def test_search_has_a_script_and_an_index_and_a_sentence_without(write, freeze_to, read):
    post_id = write("Über die See", "Wellen", day=3, tags=["wind"])
    freeze_to()
    page = read("search/index.html")
    assert page.select('form[data-search-index="/search/"]')
    assert [one.get("src").rpartition("/")[2] for one in page.select('script[type="module"]')] == [
        "frozen_search.js"
    ]
    assert "needs JavaScript" in page.texts("[data-hits-status]")[0]
    for word in ("uber", "wellen", "wind"):
        words = json.loads(read(f"search/words/{search_files.key(word)}.json"))
        assert words[word] == [post_id]


def test_host_is_told_the_content_security_policy(freeze_to, read):
    freeze_to()
    assert "Content-Security-Policy: default-src" in read("_headers")


def test_style_sheets_of_the_design_are_there(freeze_to, read, tmp_path):
    settings.change({"LOOK": "photo", "CUSTOM_CSS": "b { color: red }"}, SYSTEM)
    freeze_to()
    style, look, own = (
        tmp_path / "out" / link.get("href").lstrip("/")
        for link in read("index.html").select('link[rel="stylesheet"]')
    )
    assert style.is_file()
    assert look.name == "photo.css"
    assert look.is_file()
    assert own.read_text() == "b { color: red }"


def test_slug_that_looks_like_a_file_is_a_folder(freeze_to, read):
    get_db().execute("UPDATE post SET slug = 'notes.txt'")
    get_db().commit()
    freeze_to()
    assert read("notes.txt/index.html").texts("h1") == ["test title"]


def test_missing_media_are_broken_links(write, freeze_to):
    write("A post", f"![](/media/{'0' * 32}.png)", day=1)
    assert [broken.page for broken in freeze_to().broken][:1] == ["/a-post/"]


def test_slug_that_is_no_file_is_left_out(freeze_to):
    posts.create(author_id=1, user=SYSTEM, title="x", body="x")
    get_db().execute("UPDATE post SET slug = '..' WHERE id = 1")
    get_db().commit()
    assert "/.." in freeze_to().unfit


def test_redirect_that_cannot_be_a_file_is_left_out_and_all_else_is_written(freeze_to, read):
    impossible = [
        *("/.flaskr-freeze", "/.flaskr-freeze.part/x", "/feed.xml/b", "/_headers", "/robots.txt"),
        *("/" + "é" * 200, "/a\\b", "/tab\there", "/1/index.html/c", "/search/pages.json"),
    ]
    possible = ["/index.html.part", "/A", "/a", "/a/b", "/archive/old", "/CON", "/search"]
    get_db().executemany(
        "INSERT INTO redirect (path, target) VALUES (?, '/1')",
        [(path,) for path in impossible + possible],
    )
    get_db().commit()
    done = freeze_to()
    assert sorted(done.unfit) == sorted(impossible)
    assert read("1/index.html").texts("h1") == ["test title"]
    assert read("search/index.html").select("form[data-search-index]")
    assert read("_headers")
    for path in possible[:-1]:
        assert read(f"{path[1:]}/index.html").select('a[href="/1/"]')


def test_post_in_the_place_of_a_file_for_hosts_stops_nothing(freeze_to, read):
    get_db().execute("UPDATE post SET slug = '_headers'")
    get_db().commit()
    assert "/_headers" in freeze_to().unfit
    assert read("_headers/index.html").texts("h1") == ["test title"]


def test_links_to_pages_for_writers_lead_nowhere(write, freeze_to, tmp_path):
    private = ["/media", "/create", "/1/update", "/settings/export", "/auth/login"]
    write("A post", " ".join(f"[x]({url})" for url in private), day=1)
    done = freeze_to()
    assert sorted(broken.url for broken in done.broken) == sorted(private)
    assert done.unfit == []
    assert not any(name.startswith(("media/", "create/", "1/u")) for name in names(tmp_path))


def test_relative_links_lead_to_the_same_pages_as_on_the_blog(write, freeze_to, read):
    write("A page", "[one](1) [two](./1#x) [list](?before=x) [bad](http://[)", kind="page")
    freeze_to()
    links = [link.get("href") for link in read("a-page/index.html").select("main p a")]
    assert links == ["/user/test/", "/1/", "/1/#x", "/a-page?before=x", None]
    write("A post", "[one](./1) [up](../2)", day=2)
    freeze_to(f"{URL}/blog")
    for name in ("a-post/index.html", "index.html"):
        assert read(name).select('main p a[href="/blog/1/"]')
        assert read(name).select('main p a[href="/2"]')


def test_files_that_templates_style_sheets_and_scripts_name_are_there(
    app, instance_path, draw, tmp_path
):
    files = {
        "templates/_head.html": """{% include "flaskr/_head.html" %}<script defer
            src='{{ url_for("static", filename="own.js") }}'></script><link crossorigin rel=icon
            href=/static/a.svg><link rel="stylesheet"
            href="/static/own.css"><p title='<img src="/static/no.svg">'>""",
        "static/own.js": 'import { x } from "./parts/x.js"; import("/static/y.js"); // from "z"',
        "static/parts/x.js": "import '../w.js'",
        "static/own.css": "@import 'b.css'; a { background: url( \"b.svg\" ) url(#x) url(data:x) }",
        **dict.fromkeys(("static/y.js", "static/w.js", "static/b.css", "static/no.svg"), ""),
        **dict.fromkeys(("static/a.svg", "static/b.svg", "static/c.svg"), "<svg/>"),
    }
    for name, text in files.items():
        (instance_path / name).parent.mkdir(parents=True, exist_ok=True)
        (instance_path / name).write_text(text)
    with create_app({"TESTING": True}).app_context():
        css = "b { background: url('/static/c.svg') }"
        settings.change({"CUSTOM_CSS": css}, SYSTEM)
        settings.set_icons(images.make_icons(draw()), SYSTEM)
        assert freeze.freeze(tmp_path / "out", URL, ignore_progress).broken == []
    found = {name.rpartition("/")[2] for name in names(tmp_path)}
    assert {"own.js", "x.js", "y.js", "w.js", "own.css", "b.css"} <= found
    assert {"a.svg", "b.svg", "c.svg"} <= found
    assert {"32.png", "192.png", "512.png"} <= found
    assert "no.svg" not in found


@pytest.mark.parametrize("kind", ("xml", "atom", "json"))
def test_feeds_have_no_archives_because_files_have_no_queries(write, freeze_to, read, kind):
    for number in range(30):
        write(f"Post {number}", day=number % 28 + 1)
    freeze_to()
    assert "before=" not in read(f"feed.{kind}")


def test_person_may_be_named_like_a_feed(freeze_to, tmp_path):
    get_db().execute("""UPDATE "user" SET username = 'feed.xml' WHERE id = 1""")
    get_db().commit()
    assert freeze_to().broken == []
    assert {f"user/feed.xml/feed.{kind}" for kind in ("xml", "atom", "json")} <= names(tmp_path)


def test_page_with_the_name_of_the_folder_of_cards_is_rendered_again(freeze_to, read):
    get_db().execute("UPDATE post SET slug = 'social-card', title = 'One'")
    get_db().commit()
    freeze_to()
    get_db().execute("UPDATE post SET title = 'Two'")
    get_db().commit()
    freeze_to()
    assert read("social-card/index.html").texts("h1") == ["Two"]


def test_post_named_like_the_file_of_the_front_page_does_not_replace_it(freeze_to, read):
    get_db().execute("UPDATE post SET slug = 'index.html'")
    get_db().commit()
    assert freeze_to().unfit == ["/index.html"]
    assert read("index.html").select('link[rel="canonical"][href="/"]')


def test_damaged_card_is_drawn_again(freeze_to, tmp_path):
    freeze_to()
    (card,) = (tmp_path / "out" / "social-card").iterdir()
    content = card.read_bytes()
    card.write_bytes(content[:99])
    freeze_to()
    assert card.read_bytes() == content


@pytest.mark.parametrize("name", (freeze.MANIFEST, f"{freeze.MANIFEST}.note"))
def test_damaged_list_or_note_is_replaced(freeze_to, tmp_path, name):
    freeze_to()
    file = tmp_path / "out" / name
    content = file.read_bytes()
    file.write_bytes(content + b"\xff")
    freeze_to()
    assert file.read_bytes() == content


def test_only_one_process_writes_into_a_folder(freeze_to, tmp_path):
    freeze_to()
    with (
        Folder(tmp_path / "out", freeze.MANIFEST).hold(),
        pytest.raises(Conflict, match="Another command is writing"),
    ):
        freeze_to()
    assert freeze_to().folder.written == 0


def change_nothing(tmp_path):
    """Do nothing."""


@pytest.mark.parametrize(
    ("change", "is_rendered"),
    (
        (change_nothing, False),
        (lambda _: settings.store("TAGLINE", "New"), True),
        (lambda _: redirects.add("/was", "/test-title", SYSTEM), True),
        (lambda path: (path / "out" / "index.html").unlink(), True),
        (lambda path: (path / "out" / "feed.xml").write_text("mine"), True),
        (lambda path: (path / "out" / f"{freeze.MANIFEST}.note").write_text("damaged"), True),
    ),
    ids=("nothing", "setting", "redirect", "vanished file", "other content", "damaged note"),
)
def test_pages_are_only_rendered_again_after_a_change(
    full_blog, freeze_to, tmp_path, monkeypatch, change, is_rendered
):
    first, before = freeze_to(), contents(tmp_path)
    change(tmp_path)
    rendered = []
    monkeypatch.setattr(
        freeze.Freezer, "run", lambda *arguments: rendered.append(1) or RUN(*arguments)
    )
    again = freeze_to()
    assert bool(rendered) is is_rendered
    assert before.keys() <= contents(tmp_path).keys()
    assert (again.broken, again.unfit, again.pages) == (first.broken, first.unfit, first.pages)
    if not is_rendered:
        assert (again.folder.unchanged, again.folder.written) == (len(before) - 1, 0)


def test_scheduled_post_appears_without_a_change(write, freeze_to, tmp_path, monkeypatch):
    write("A post", day=1)
    freeze_to()
    monkeypatch.setattr(static_sites, "visible_ids", lambda: [1])
    assert freeze_to().folder.removed


RUN = freeze.Freezer.run


def contents(tmp_path):
    """Return the content of each file but the lock and the note, which tells times."""
    found = names(tmp_path) - {f"{freeze.MANIFEST}.note", f"{freeze.MANIFEST}.lock"}
    return {name: (tmp_path / "out" / name).read_bytes() for name in found}


READ = searched_posts.read


def die(site, ids):
    """Read posts, but not in another process, which ends at once."""
    if multiprocessing.parent_process() is not None:
        os._exit(1)
    return READ(site, ids)


@pytest.mark.parametrize("read", (READ, die), ids=("work", "die"))
def test_processes_give_the_same_files(full_blog, freeze_to, tmp_path, monkeypatch, read):
    # The processes draw cards with the machine's fonts, and the tests with a font of their own.
    settings.store("SOCIAL_CARDS", "off")
    first = freeze_to()
    alone = contents(tmp_path)
    shutil.rmtree(tmp_path / "out")
    monkeypatch.setattr(freeze, "MIN_POSTS_FOR_PROCESSES", 1)
    monkeypatch.setattr(searched_posts, "read", read)
    again = freeze.freeze(tmp_path / "out", URL, ignore_progress, processes=2)
    assert contents(tmp_path) == alone
    assert (again.broken, again.unfit, again.failed) == (first.broken, first.unfit, [])
