"""Every address that a page, feed or header contains is a valid URI."""

import html
import json
import re
from urllib.parse import quote
from urllib.parse import urljoin
from urllib.parse import urlsplit

import pytest

from flaskr.db import get_db
from flaskr.models import settings
from flaskr.models.permissions import SYSTEM
from flaskr.public import archives

# The grammar of RFC 3986, but for the parts of a host.
PCHAR = r"(?:[\w.~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
URI = re.compile(
    rf"(?:[a-z][a-z0-9+.-]*:)?(?://[\w.~%:@\[\]-]*)?(?:{PCHAR}|/)*(?:\?(?:{PCHAR}|[/?])*)?"
    rf"(?:#(?:{PCHAR}|[/?])*)?",
    re.ASCII,
)
IN_MARKUP = re.compile(
    r'(?: (?:href|src|action|value|content)="((?:/|https?:)[^"]*)"'
    r"|<(?:loc|link|uri)>([^<]*)</|<!\[CDATA\[(http[^\]]*))"
)
IN_JSON = re.compile(r'"(?:url|@id|home_page_url|feed_url)": ?("[^"]*")')
IN_MARKDOWN = re.compile(r"\]\((http.*)\)(?=:|$)", re.MULTILINE)
ODD = "Zoë b%20c%?d#e\"f'g<h>[i]|^`{}~+&;=:@"
NO_PAGES = ("/static", "/micropub", "/auth/authorization", "/auth/token")
STARTS = ("/", "/archive", "/tag", "/sitemap.xml", "/llms.txt", "/feed.xml", "/feed.atom")


@pytest.fixture
def odd_names(app, write, monkeypatch):
    """Give a person, a tag, a series and a post names with every kind of character."""
    monkeypatch.setattr(archives, "POSTS_PER_PAGE", 1)
    for number in range(2):
        write(
            f"{ODD} {number}",
            "Some *text*.",
            tags=["odd"],
            series="odd",
            cover="https://x.example/a",
        )
    write("A page", kind="page")
    with app.app_context():
        settings.change({"POSTS_PER_PAGE": "1"}, SYSTEM)
        db = get_db()
        db.execute('UPDATE "user" SET username = ?, username_key = ? WHERE id = 1', (ODD, ODD))
        for table in ("tag", "series"):
            db.execute(f"UPDATE {table} SET name = ?, slug = ?", (ODD, ODD))
        db.execute("UPDATE post SET slug = ? WHERE id = 2", (ODD,))
        db.commit()


def addresses(response):
    """Return the addresses in a response, as a client reads them."""
    text = "" if response.mimetype == "image/png" else response.text
    found = [next(filter(None, groups)) for groups in IN_MARKUP.findall(text) if any(groups)]
    found = [html.unescape(one) for one in found]
    found += [*map(json.loads, IN_JSON.findall(text)), *IN_MARKDOWN.findall(text)]
    found += [response.location] if response.location else []
    return [*found, *re.findall("<([^>]*)>", response.headers.get("Link", ""))]


def crawl(client, starts):
    """Return each address found from the start pages, with the page that contains it."""
    found, waiting = {}, list(starts)
    seen = set(waiting)
    while waiting:
        page = waiting.pop()
        response = client.get(page, buffered=True)
        assert response.status_code in (200, 301, 302), page
        for address in addresses(response):
            found.setdefault(address, page)
            parts = urlsplit(urljoin(f"http://localhost{page}", address))
            target = f"{parts.path}?{parts.query}" if parts.query else parts.path
            # Programs send tokens and parameters of their own.
            is_page = parts.netloc == "localhost" and not parts.path.startswith(NO_PAGES)
            if is_page and target not in seen:
                seen.add(target)
                waiting.append(target)
    return found


def test_every_address_is_a_valid_uri(client, odd_names):
    found = crawl(client, STARTS)
    assert [(page, one) for one, page in found.items() if not URI.fullmatch(one)] == []
    assert sum("Zo%C3%AB" in one for one in found) >= 20


@pytest.mark.parametrize("place", ("user", "tag"))
def test_redirect_to_the_first_page_is_a_valid_uri(client, odd_names, place):
    response = client.get(f"/{place}/{quote(ODD)}?after=2999-01-01T00:00:00~1")
    assert response.status_code == 302
    assert URI.fullmatch(response.location)
    assert client.get(response.location).status_code == 200
