import pytest

from flaskr.models import search
from flaskr.models import search_index


def test_every_page_links_to_the_search(browse):
    assert browse("/").select('[href="/search"]')
    page = browse("/search")
    assert "Use quotes" in page
    assert page.select('meta[name="description"]')


def test_search_engines_list_the_search_but_no_results(browse):
    robots = 'meta[name="robots"][content="noindex"]'
    assert not browse("/search").select(robots)
    assert browse("/search?q=test").select(robots)


def test_results_are_shown_in_context(write, browse):
    write("A <b>crème</b>", "Some <script>alert(1)</script> words and **Crème** & more.")
    page = browse("/search?q=creme")
    assert page.texts(".hits .title") == ["A <b>crème</b>"]
    assert page.texts(".hits mark") == ["crème", "Crème"]
    assert "Some words and Crème & more." in page.texts(".hits p")
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


def test_number_of_results_may_be_unknown(client, monkeypatch, write):
    monkeypatch.setattr(search, "MAX_NEWEST", 11)
    monkeypatch.setattr(search_index, "MAX_CANDIDATES", 12)
    for number in range(13):
        write(f"Needle {number}", "thread")
    assert "At least 11 results. The best come first" in client.get("/search?q=thread").text
    assert "At least 12 results. There may be more" in client.get("/search?q=thread&page=2").text
    assert "in the newest posts" in client.get("/search?q=日").text


def test_pages_of_people_series_and_tags_are_offered_above_the_posts(write, browse):
    write("One", "by ann", tags=["Tests"], series="Testing", language="en")
    page = browse("/search?q=test")
    assert page.texts(".found a") == ["test", "Testing", "Tests"]
    assert page.texts(".found .count") == ["Author", "Series", "Tag"]
    assert [link.get("href") for link in page.select(".found a")] == [
        "/user/test",
        "/series/testing",
        "/tag/tests",
    ]
    assert not browse("/search?q=ann").select(".found")


def test_near_words_are_suggested_if_nothing_is_found(write, browse):
    write("Rules", "Good governance.")
    page = browse("/search?q=good+goverance")
    assert page.select('[role="status"] [href="/search?q=good+governance"]')
    assert page.texts('[role="status"]') == [
        "No results for “good goverance”. Did you mean good governance?"
    ]


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
