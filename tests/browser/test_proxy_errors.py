"""Error messages of the scripts when a proxy answers instead of the blog."""

import pytest

from .conftest import text_of

PROXY_PAGE = {"content_type": "text/html", "body": "<h1>nginx</h1>"}
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg"
)
PASTE = """(field, content) => {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    const files = new DataTransfer();
    files.items.add(new File([bytes], "crate.png", { type: "image/png" }));
    field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: files, bubbles: true }));
}"""
MESSAGES = {
    413: "larger than the web server in front of the blog accepts",
    502: "It may be restarting",
    503: "It may be restarting",
    504: "It may be restarting",
    401: "requires its own login",
    403: "The web server in front of the blog refused the request",
    405: "error 405",
    500: "error 500",
    200: "Something other than the blog responded",
}


@pytest.fixture
def ada(serve, visitor):
    """The owner of a new blog below a URL prefix, logged in."""
    ada = visitor(serve(URL_PREFIX="/blog"))
    ada.page.goto(ada.server.setup_link())
    ada.register()
    assert ada.sees("Your posts will appear here.")
    yield ada
    # Chromium logs the failed requests of these tests.
    ada.problems.clear()


def wait_for_alert(ada, words):
    alert = ada.page.get_by_role("alert").last
    alert.wait_for()
    ada.page.wait_for_function(
        "words => [...document.querySelectorAll('[role=alert]')].some(alert =>"
        " alert.textContent.includes(words))",
        arg=words,
    )
    assert "logged out" not in alert.inner_text()


def wait_for_status(ada, words):
    ada.page.wait_for_function(
        "words => document.querySelector('[data-status]').textContent.includes(words)", arg=words
    )
    assert "logged out" not in ada.page.locator("[data-status]").inner_text()


def test_failed_upload_explains_why(ada):
    ada.open("/create")
    for status, words in MESSAGES.items():
        ada.page.route(
            "**/media", lambda route, _, status=status: route.fulfill(status=status, **PROXY_PAGE)
        )
        ada.page.get_by_label("Body", exact=True).evaluate(PASTE, PNG)
        wait_for_alert(ada, words)
        ada.page.unroute("**/media")
    ada.page.route("**/media", lambda route: route.abort())
    ada.page.get_by_label("Body", exact=True).evaluate(PASTE, PNG)
    wait_for_alert(ada, "The server is not responding.")


def test_media_page_explains_failures_and_confirms_uploads(ada):
    ada.open("/media")
    file = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"Notes."}
    ada.page.get_by_label("Images and other files").set_input_files(file)
    for status in (413, 502, 200):
        respond = lambda route, _, status=status: route.fulfill(status=status, **PROXY_PAGE)  # noqa: E731
        ada.page.route("**/media", respond)
        ada.press("Upload")
        wait_for_alert(ada, MESSAGES[status])
        ada.page.unroute("**/media")
    ada.press("Upload")
    assert ada.sees("Uploaded 1 file.")
    assert ada.sees("notes.txt")


def test_failed_autosave_explains_why_and_keeps_the_text(ada):
    ada.open("/create")
    for status in (502, 413, 200):
        respond = lambda route, _, status=status: route.fulfill(status=status, **PROXY_PAGE)  # noqa: E731
        ada.page.route("**/unsaved/*", respond)
        ada.fill(Title=f"Title {status}", Body="Typed.")
        ada.press("Publish")
        wait_for_alert(ada, MESSAGES[status])
        wait_for_alert(ada, "Your text is stored in this browser.")
        ada.page.unroute("**/unsaved/*")
    assert text_of(ada.page) == "Typed."
    ada.press("Publish")
    ada.page.wait_for_url("**/blog/title-200")
    assert ada.sees("Typed.")


def test_saving_works_behind_a_proxy_that_blocks_put(ada):
    ada.page.route("**/unsaved/*", lambda route: route.fulfill(status=405, **PROXY_PAGE))
    ada.open("/create")
    ada.fill(Title="Saved all the same", Body="Typed.")
    ada.press("Publish")
    assert ada.sees("Published.")
    assert ada.sees("Saved all the same")


def test_editor_works_below_a_url_prefix(ada):
    ada.open("/create")
    ada.fill(Title="Below a path")
    ada.page.get_by_label("Body", exact=True).evaluate(PASTE, PNG)
    ada.page.get_by_label("Alt text", exact=True).fill("the crate")
    ada.page.keyboard.press("Enter")
    ada.press("Preview")
    ada.page.locator("[data-preview] img[src^='/blog/media/']").wait_for()
    wait_for_status(ada, "Saved ")
    ada.press("Publish")
    assert ada.sees("Published.")
    picture = ada.page.get_by_alt_text("the crate")
    assert picture.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") == 1
    ada.open("/search")
    ada.page.locator("[data-suggestions]").press_sequentially("below")
    ada.page.locator("datalist option[value='Below a path']").wait_for(state="attached")
    assert ada.problems == []
