import pytest

from flaskr import text
from flaskr.db import get_db
from flaskr.models import media
from flaskr.models import posts
from flaskr.models import rendered_html
from flaskr.text import wiki_links as names

from ..markup import Page

pytestmark = pytest.mark.usefixtures("context")


def shown(body):
    return Page(rendered_html.render_unstored(body, 7).html)


@pytest.mark.parametrize(
    ("body", "href", "words"),
    (
        ("[[Spring Walk]]", "/spring-walk", "Spring Walk"),
        ("[[spring walk|the walk]]", "/spring-walk", "the walk"),
        ("[[spring-walk]]", "/spring-walk", "spring-walk"),
        ("[[folder/Spring Walk#What's new?]]", "/spring-walk#whats-new", "folder/Spring Walk"),
        ("[[Spring Walk#A#B b]]", "/spring-walk#b-b", "Spring Walk"),
        ("[[Spring Walk#^block]]", "/spring-walk", "Spring Walk"),
        ("![[Spring Walk]]", "/spring-walk", "Spring Walk"),
        ("|a|\n|-|\n|[[Spring Walk\\|b]]|", "/spring-walk", "b"),
        ("# See [[Spring Walk]]", "/spring-walk", "Spring Walk"),
        ("[[春]]", "/3", "春"),
    ),
)
def test_a_name_in_brackets_leads_to_the_post(write, body, href, words):
    write(title="Spring Walk")
    get_db().execute("INSERT INTO post (author_id, title, body) VALUES (1, '春', '')")
    (link,) = [one for one in shown(body).select("a") if one.get("class") != "anchor"]
    assert (link.get("href"), "".join(link.itertext())) == (href, words)


@pytest.mark.parametrize(
    "body", ("[[Nothing]]", "[[Draft]]", "[[a/Nothing]] ![[no.png]]", "[[C++]]")
)
def test_the_name_of_nothing_is_text(write, body):
    write(title="Draft", status="draft")
    write(title="C")
    html = shown(body)
    assert html.select("a") == html.select("span") == []
    assert "[" not in html


@pytest.mark.parametrize(
    "body",
    (
        "[[1]]",
        "[[ -f x ]]",
        "[[a]](/b)",
        "[[a]][b]",
        "[[a]]\n\n[a]: /b",
        '[[ "$a" == b ]]',
        "`[[a]]`",
        "[x [[a]]](/b)",
        "[[^1]]",
        "[[]]",
        "[[[a]]]",
        "[[[a]]",
        "[[a\nb]]",
    ),
)
def test_other_brackets_stay_as_they_are(body):
    assert "<span" not in text.render(body).html


def test_a_link_works_as_soon_as_there_is_the_post(write):
    first = posts.get(write(title="First", body="[[Second]]" + "\n\nword" * 900), None)
    assert Page(rendered_html.for_page(first).html).select("a") == []
    write(title="Second")
    ready = rendered_html.for_posts([first])[first["id"]]
    assert [link.get("href") for link in Page(ready.excerpt).select("a")] == ["/second"]
    assert 'href="/second"' in rendered_html.for_feed([first], text.AS_TYPED)[first["id"]]


def test_headings_of_the_same_post_are_ordinary_links():
    html = shown("[[#What's new?]] [[#^block|b]]\n\n# What's new?")
    assert [one.get("href") for one in html.select("p a")] == ["#p7-whats-new", "#"]


@pytest.mark.parametrize(
    ("body", "attributes"),
    (
        ("![[a b.png]]", {"alt": "A hill", "width": "90", "height": "60"}),
        ("![[folder/a b.png|30]]", {"alt": "A hill", "width": "30", "height": "20"}),
        ("![[a b.png|30x20]]", {"alt": "A hill", "width": "30", "height": "20"}),
        ("![[a b.png|A & b]]", {"alt": "A & b"}),
    ),
)
def test_a_picture_is_found_by_its_name(draw, body, attributes):
    medium = media.add(draw(size=(90, 60)), name="a b.png", user_id=1, max_bytes=10**6)
    get_db().execute("UPDATE media SET alt = 'A hill'")
    (picture,) = shown(body).select("img")
    assert attributes.items() <= dict(picture.items()).items()
    assert picture.get("src") == f"/media/{medium['name']}"


@pytest.mark.parametrize(
    ("type", "element"), (("audio/mpeg", "audio"), ("video/mp4", "video"), ("application/pdf", "a"))
)
def test_other_files_have_a_player_or_a_link(type, element):
    get_db().execute(
        """
        INSERT INTO media (hash, name, type, original_name, size)
        VALUES ('0', '0.bin', ?, 'a.bin', 1)
        """,
        (type,),
    )
    assert shown("![[a.bin]]").select(element)
    assert "/media/0.bin" in shown("![[a.bin]]")


@pytest.mark.parametrize("name", ("<script>alert(1)</script>", '" onload="x', "a&lt;b", "a<b>c"))
def test_names_are_harmless(name):
    html = shown(f"[[{name}]] ![[{name}.png]] [[a|{name}]]")
    assert html.select("script") == html.select("[onload]") == []


def test_the_element_of_a_name_cannot_be_forged():
    html = text.render('<span data-post="a">b</span><span data-file="a|">b</span>').html
    assert not names.LINK.search(html)
    assert "data-" not in html
