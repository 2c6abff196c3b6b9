import pytest

from flaskr import errors
from flaskr import text
from flaskr.models import cards
from flaskr.models import media
from flaskr.models import posts
from flaskr.models import rendered_html
from flaskr.models.permissions import SYSTEM

pytestmark = pytest.mark.usefixtures("context")
URL = "https://video.example/watch?v=1&t=<2>"
STORED = "https://video.example/watch?v=1&t=%3C2%3E"


def shown(body):
    return cards.add_cards({1: text.render(body)})[1].html


def store(**fields):
    values = {"title": "A <b> film", "site": "Video", "image": ""} | fields
    cards.store(cards.check_url("https://video.example/watch?v=1&t=%3C2%3E"), user=SYSTEM, **values)


def test_a_link_alone_on_its_line_becomes_a_card():
    store()
    html = shown(f"before\n\n{STORED}\n\nafter")
    assert '<p class="card"><a href="https://video.example/watch?v=1&amp;t=%3C2%3E" rel=' in html
    assert "<strong>A &lt;b&gt; film</strong> <span>Video</span></a></p>" in html


@pytest.mark.parametrize("body", (f"See {STORED}", f"- {STORED}", "https://other.example/", "a"))
def test_other_links_stay_links(body):
    store()
    assert "card" not in shown(body)


def test_a_card_shows_its_picture_while_the_library_has_it(draw):
    medium = media.add(draw(), name="a", user_id=1, max_bytes=10**6)
    store(image=f"/media/{medium['name']}")
    post_id = posts.create(author_id=1, title="a", body=STORED)
    html = rendered_html.for_page(posts.get(post_id, None)).html
    assert f'<img src="/media/{medium["name"]}" alt="" loading="lazy"' in html
    assert 'width="60"' in html
    store(image="/media/gone.png")
    assert "<img" not in shown(STORED)


def test_an_excerpt_has_cards():
    store()
    body = f"{STORED}\n\n" + "word " * 120 + "\n\n" + "more " * 500
    assert 'class="card"' in cards.add_cards({1: text.render(body)})[1].excerpt


@pytest.mark.parametrize(
    "url",
    ("", "a", "ftp://a.example", "https://", "https://[", "https://a b", "https://a/" + "b" * 3000),
)
def test_other_addresses_are_refused(url):
    with pytest.raises(errors.Invalid):
        cards.check_url(url)


def test_visitors_cannot_store_cards():
    with pytest.raises(errors.Forbidden):
        cards.store(STORED, title="a", site="b", image="", user=None)
