import re

import pytest

from flaskr.models import search


def test_every_page_links_to_the_search(client):
    assert 'href="/search"' in client.get("/").text
    page = client.get("/search").text
    assert "Use quotes" in page
    assert '<meta name="robots" content="noindex">' in page


def test_results_are_shown_in_context(client, write):
    write("A <b>crème</b>", "Some <script>alert(1)</script> words and **Crème** & more.")
    page = client.get("/search?q=creme").text
    assert "A &lt;b&gt;<mark>crème</mark>&lt;/b&gt;</a>" in page
    assert "Some alert(1) words and <mark>Crème</mark> &amp; more." in page
    assert re.search(r"<p[^>]*role=\"status\">1 result\.\s*</p>", page)
    assert "by test on 20" in page


def test_search_without_results_offers_a_next_step(client):
    page = client.get("/search?q=%3Ci%3Enothing").text
    assert 'No results for “<span dir="auto">&lt;i&gt;nothing</span>”.' in page
    assert 'value="&lt;i&gt;nothing"' in page
    assert "Try fewer or different words" in page


def test_results_have_pages_of_ten(client, write):
    for number in range(12):
        write(f"Needle {number}")
    first = client.get("/search?q=needle").text
    assert "12 results." in first
    assert 'href="/search?q=needle&amp;page=2"' in first
    second = client.get("/search?q=needle&page=2").text
    assert second.count("<li>") == 2
    assert 'href="/search?q=needle"' in second
    assert '<ol class="rows hits" start="11">' in second


def test_number_of_results_is_capped(client, monkeypatch, write):
    monkeypatch.setattr(search, "MAX_PAGES", 1)
    monkeypatch.setattr(search, "MAX_NEWEST", 5)
    for number in range(12):
        write(f"Needle {number}", "thread")
    assert (
        "Showing the best 10 results. There may be more. Add a word to narrow your search."
        in client.get("/search?q=needle").text
    )
    assert "5 results. There may be more" in client.get("/search?q=thread").text
    assert "in the newest posts" in client.get("/search?q=日").text


@pytest.mark.parametrize(
    "page", ("0", "2", "999", "1000", "x", "", "-1", "1.0", "9" * 30, "%00", "%D9%A1", "%ff")
)
def test_missing_page_of_results_is_not_found(client, page):
    assert client.get(f"/search?q=test&page={page}").status_code == 404


@pytest.mark.parametrize(
    "query",
    ("%00", "%ff%fe", "%22", "%27", "*", "-", "()", "AND", "a" * 10_000, "%F0%9F%8E%89", "日", "+"),
)
def test_any_query_is_answered(client, query):
    for path in ("/search", "/search/suggestions"):
        assert client.get(f"{path}?q={query}").status_code == 200


def test_suggestions_are_titles_with_urls(client, write):
    write("Crème brûlée")
    answer = client.get("/search/suggestions?q=creme+bru")
    assert answer.json == [{"title": "Crème brûlée", "url": "/creme-brulee"}]
    assert client.get("/search/suggestions").json == []


@pytest.mark.parametrize("path", ("/search", "/search?q=test", "/search/suggestions?q=test"))
def test_unchanged_results_are_not_modified(client, path):
    etag = client.get(path).headers["ETag"]
    answer = client.get(path, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.data) == (304, b"")
