import pytest

from flaskr.models import search


def test_every_page_links_to_the_search(browse):
    assert browse("/").select('[href="/search"]')
    page = browse("/search")
    assert "Use quotes" in page
    assert page.select('meta[name="robots"][content="noindex"]')


def test_results_are_shown_in_context(write, browse):
    write("A <b>crème</b>", "Some <script>alert(1)</script> words and **Crème** & more.")
    page = browse("/search?q=creme")
    assert page.texts(".hits .title") == ["A <b>crème</b>"]
    assert page.texts(".hits mark") == ["crème", "Crème"]
    assert "Some alert(1) words and Crème & more." in page.texts(".hits p")
    assert page.texts('[role="status"]') == ["1 result."]
    assert "by test on " in page


def test_search_without_results_offers_a_next_step(browse):
    page = browse("/search?q=%3Ci%3Enothing")
    assert page.texts('[role="status"]') == ["No results for “<i>nothing”."]
    assert page.select('[value="<i>nothing"]')
    assert "Try fewer or different words" in page


def test_results_have_pages_of_ten(write, browse):
    for number in range(12):
        write(f"Needle {number}")
    first = browse("/search?q=needle")
    assert first.texts('[role="status"]') == ["12 results."]
    assert first.select('[href="/search?q=needle&page=2"]')
    second = browse("/search?q=needle&page=2")
    assert len(second.select(".hits li")) == 2
    assert second.select('[href="/search?q=needle"]')
    assert second.select('.hits[start="11"]')


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
