import json

import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.models import media
from flaskr.web import fetching

PAGE = b'<meta property="og:title" content="A page"><meta property="og:image" content="/i.png">'


@pytest.fixture
def network(monkeypatch, auth):
    """Answer requests to other sites from a dictionary of media types and contents by URL."""
    auth.login()
    answers = {}

    def fetch(url, *, max_bytes):
        if url not in answers:
            raise errors.Invalid(fetching.UNREACHABLE, "url")
        return fetching.Fetched(url, *answers[url])

    monkeypatch.setattr(fetching, "fetch", fetch)
    return answers


def stored(app, url):
    with app.app_context():
        return get_db().execute("SELECT image FROM card WHERE url = ?", (url,)).fetchone()


def send(client, url, **options):
    return client.post("/media/cards", data={"url": url}, **options)


def test_a_page_is_fetched_with_its_picture(app, client, network, draw):
    network["https://a.example/b"] = ("text/html", PAGE)
    network["https://a.example/i.png"] = ("image/png", draw())
    assert "Stored “A page” from a.example." in send(client, "https://a.example/b").text
    row = stored(app, "https://a.example/b")
    assert row["image"].startswith("/media/")
    assert client.get(row["image"], buffered=True).status_code == 200


@pytest.mark.parametrize(
    "image", (None, b"%PDF-1.4", b"x" * 4_000_000, b"<svg xmlns='http://www.w3.org/2000/svg'/>")
)
def test_a_page_without_a_usable_picture_has_none(app, client, network, image):
    network["https://a.example/b"] = ("text/html", PAGE if image else b"<title>A</title>")
    network["https://a.example/i.png"] = ("image/png", image)
    send(client, "https://a.example/b")
    assert stored(app, "https://a.example/b")["image"] == ""
    with app.app_context():
        assert media.newest().media == []


def test_a_picture_that_cannot_be_fetched_is_left_out(app, client, network):
    network["https://a.example/b"] = ("text/html", PAGE)
    send(client, "https://a.example/b")
    assert stored(app, "https://a.example/b")["image"] == ""


def test_known_sites_are_asked_for_json(client, network):
    found = json.dumps({"title": "A film", "provider_name": "YouTube"}).encode()
    network["https://www.youtube.com/oembed?format=json&url=https%3A%2F%2Fyoutu.be%2F1"] = (
        "",
        found,
    )
    response = send(client, "https://youtu.be/1", headers={"Accept": "application/json"})
    assert response.json == {
        "title": "A film",
        "site": "YouTube",
        "image": "",
        "url": "https://youtu.be/1",
        "picture": "",
    }


def test_a_page_that_its_site_does_not_describe_is_read(client, network):
    network["https://www.youtube.com/watch?v=1"] = ("text/html", b"<title>Private film</title>")
    headers = {"Accept": "application/json"}
    response = send(client, "https://www.youtube.com/watch?v=1", headers=headers)
    assert (response.json["title"], response.json["site"]) == ("Private film", "youtube.com")


def test_programs_get_the_url_of_a_small_picture(app, client, network, draw):
    network["https://a.example/b"] = ("text/html", PAGE)
    network["https://a.example/i.png"] = ("image/png", draw(size=(900, 600)))
    found = send(client, "https://a.example/b", headers={"Accept": "application/json"}).json
    assert found["picture"].startswith("/media/")
    assert found["picture"] != found["image"]
    assert client.get(found["picture"], buffered=True).status_code == 200
    assert "Used in a link card" in client.get("/media").text
    assert "A link card shows it" in client.get(f"{found['image']}/deletion").text


def test_characters_that_pages_cannot_have_are_left_out(client, network):
    found = json.dumps({"title": "<b>\ud800 A\0\x08 \u202efilm\ufdd0</b>"}).encode()
    network["https://vimeo.com/api/oembed.json?url=https%3A%2F%2Fvimeo.com%2F1"] = ("", found)
    assert (
        "“&lt;b&gt; A film &lt;/b&gt;” from vimeo.com" in send(client, "https://vimeo.com/1").text
    )


def test_an_address_that_cannot_be_fetched_is_explained(client, network):
    network["https://a.example/zip"] = ("application/zip", b"")
    for url, message in (
        ("x", "Enter an address"),
        ("https://a.example/no", "could not be fetched"),
        ("https://a.example/zip", "not a web page"),
        ("https://a.example/" + "a" * 2000, "at most 2,000 characters"),
        ("https://a.example/" + "旅" * 500, "at most 2,000 characters"),
    ):
        page = send(client, url)
        assert message in page.text
        assert f'value="{url}"' in page.text
    assert send(client, "x", headers={"Accept": "application/json"}).status_code == 422


def test_the_form_asks_for_consent_first(client, auth):
    auth.login()
    assert "sees one request" in client.get("/media/cards").text
