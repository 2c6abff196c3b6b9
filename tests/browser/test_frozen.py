"""The search of a frozen blog, which has no server to ask."""

import functools
import http.server
import threading
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest

from flaskr.models import posts
from flaskr.site_export import entries
from flaskr.site_export import freeze


@pytest.fixture
def frozen(context, tmp_path):
    """Serve the files of a frozen blog, with the headers that it asks its host for."""
    titles = ("Über die Wellen", "日本語の記事", "<b>Bold</b>", "Other", "Straße Q")
    for day, title in enumerate(titles, 1):
        posts.create(author_id=1, title=title, body="wind", created=f"2020-01-0{day} 00:00:00")
    freeze.freeze(tmp_path / "out", "https://blog.example", entries.ignore_progress)
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=tmp_path / "out")
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield SimpleNamespace(address=f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()


class Handler(http.server.SimpleHTTPRequestHandler):
    def end_headers(self):
        with open(f"{self.directory}/_headers", encoding="utf-8") as file:
            for line in file.read().splitlines()[1:]:
                self.send_header(*line.strip().split(": ", 1))
        super().end_headers()

    def log_message(self, *arguments):
        """Print nothing."""


def test_words_are_found_regardless_of_case_accents_and_script(frozen, visitor):
    reader = visitor(frozen)
    reader.open("/search/")
    field = reader.page.get_by_role("searchbox", name="Search posts")
    found = reader.page.locator("[data-hits] a")
    for typed, titles in (
        ("UBER wel", ["Über die Wellen"]),
        ("strasse Q", ["Straße Q"]),
        ("q", ["Straße Q"]),
        ("本語", ["日本語の記事"]),
        ("bold", ["<b>Bold</b>"]),
        ("wind", ["Straße Q", "Other", "<b>Bold</b>", "日本語の記事", "Über die Wellen"]),
    ):
        field.fill(typed)
        reader.press("Search")
        query = urlencode({"q": typed})
        reader.page.wait_for_url(lambda url, query=query: url.endswith(query))
        reader.page.locator("[data-hits][data-ready]").wait_for(state="attached")
        assert found.all_inner_texts() == titles
    found.first.click()
    reader.page.wait_for_url("**/strasse-q/")


def test_page_says_so_without_scripts(frozen, visitor):
    reader = visitor(frozen, java_script_enabled=False)
    reader.open("/search/")
    assert reader.page.get_by_text("Search needs JavaScript.").is_visible()
    assert not reader.page.get_by_role("searchbox").is_visible()
