import re

from flaskr import text
from flaskr.db import get_db
from flaskr.models import posts
from flaskr.models import rendered_html
from flaskr.models import trash
from flaskr.models.permissions import SYSTEM

from ..databases import another_writer

FRENCH = text.Style("fr")


def stored():
    return get_db().execute("SELECT count(*) FROM rendered").fetchone()[0]


def html(post_id):
    return rendered_html.for_posts([posts.get(post_id, None)])[post_id].html


def test_equal_bodies_are_rendered_once(context):
    first = posts.create(author_id=1, title="one", body="# Same[^1]\n\n[^1]: note")
    second = posts.create(author_id=1, title="two", body="# Same[^1]\n\n[^1]: note")
    assert html(first).replace(f"p{first}-", f"p{second}-") == html(second)
    assert f'id="p{first}-same' in html(first)
    assert stored() == 1


def test_ids_are_plain_on_the_posts_own_page(context):
    post_id = posts.create(author_id=1, title="one", body="# Same\n\n# Same\n\n[l](#same-1)")
    whole = rendered_html.for_page(posts.get(post_id, None)).html
    assert re.findall('id="([^"]*)"', whole) == [
        "same",
        f"p{post_id}-same",
        "same-1",
        f"p{post_id}-same-2",
        "same-2",
    ]
    assert 'href="#same-1" ' not in whole
    assert '<a href="#same-1">l</a>' in whole


def test_cached_html_is_read(context, monkeypatch):
    made = html(1)
    monkeypatch.setattr(text, "render", None)
    assert html(1) == made


def test_page_is_shown_while_the_database_is_locked(context):
    with another_writer(context):
        assert "<p>" in html(1)
    assert stored() == 0


def test_no_posts_have_no_html(context):
    assert rendered_html.for_posts([]) == {}


def test_html_of_a_replaced_body_is_deleted(context):
    html(1)
    posts.update(1, SYSTEM, title="test title", body="other")
    assert stored() == 0
    html(1)
    trash.put(1, SYSTEM)
    assert stored() == 0


def test_html_of_an_older_renderer_is_deleted(context):
    html(1)
    get_db().execute("UPDATE rendered SET version = version - 1")
    get_db().commit()
    rendered_html.delete_outdated()
    assert stored() == 0


def test_typography_follows_the_language_of_the_post(context):
    german = posts.create(author_id=1, title="one", body='"a"', language="de")
    english = posts.create(author_id=1, title="two", body='"a"')
    rows = [posts.get(german, None), posts.get(english, None)]
    shown = rendered_html.for_posts(rows, text.Style("en", is_typographic=True))
    assert [shown[post_id].html for post_id in (german, english)] == ["<p>„a“</p>", "<p>“a”</p>"]
    assert rendered_html.for_page(rows[0]).html == '<p>"a"</p>'
    assert stored() == 3
    rendered_html.invalidate('"a"')
    assert stored() == 0


def test_titles_of_callouts_follow_the_language_of_the_post(context):
    german = posts.create(author_id=1, title="one", body="> [!NOTE]\n> a", language="de")
    french = posts.create(author_id=1, title="two", body="> [!TIP]\n> a")
    shown = rendered_html.for_posts([posts.get(german, None), posts.get(french, None)], FRENCH)
    assert "<strong>Hinweis</strong>" in shown[german].html
    assert "<strong>Astuce</strong>" in shown[french].html
    rendered_html.invalidate("> [!TIP]\n> a")
    assert stored() == 1
