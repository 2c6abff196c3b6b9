"""The story of a post in Firefox and WebKit, which have keyboards and clipboards of their own."""

import shutil

import pytest

from . import engines
from .conftest import PASSWORD
from .conftest import import_or_skip
from .conftest import skip

ENGINES = {
    "Firefox": (engines.open_firefox, ("firefox-esr",), "firefox-esr"),
    "WebKit": (engines.open_webkit, ("WebKitWebDriver", "Xvfb"), "webkit2gtk-driver xvfb"),
}
IS_READY = "document.querySelector('form.write')?.dataset.ready === ''"
TEXT = "new FormData(document.querySelector('form.write')).get('body')"


@pytest.fixture(params=ENGINES)
def browser(request, tmp_path):
    open_browser, programs, packages = ENGINES[request.param]
    import_or_skip("websockets", "pip install '.[test]'")
    if not all(map(shutil.which, programs)):
        skip(f"{request.param} is not installed: apt-get install {packages}")
    folder = tmp_path / "browser"
    folder.mkdir()
    with open_browser(folder) as browser:
        yield browser
        assert not browser.errors


def test_post_is_written_saved_pasted_published_read_and_found(full_blog, browser):
    log_in(browser, full_blog)
    copy_text(browser, f"{full_blog.address}/a-post-with-everything")
    write_and_save(browser)
    paste(browser)
    publish_and_read(browser)
    find(browser)


def log_in(browser, server):
    browser.open(f"{server.address}/auth/login")
    browser.click("document.querySelector('#username')")
    browser.type(f"ada\t{PASSWORD}\n")
    browser.wait_for("location.pathname === '/'")


def copy_text(browser, url):
    browser.open(url)
    browser.evaluate("getSelection().selectAllChildren(document.querySelector('.text'))")
    browser.press("Control", "c")


def write_and_save(browser):
    browser.follow("New")
    browser.wait_for(IS_READY)
    browser.wait_for("document.activeElement.name === 'title'")
    browser.type("Other engines\n")
    browser.wait_for("document.activeElement.matches('.cm-content')")
    browser.type("Typed *words*.\n\n- one\ntwo\n\n")
    assert browser.evaluate(TEXT) == "Typed *words*.\n\n- one\n- two\n\n"
    browser.press("Control", "s")
    browser.wait_for("location.pathname.endsWith('/update')")
    browser.wait_for("document.querySelector('.state').innerText.startsWith('Saved ')")
    assert browser.evaluate("document.activeElement.matches('.cm-content')")


def paste(browser):
    browser.press("Control", "v")
    browser.wait_for(f"{TEXT}.includes('## How it came')")
    pasted = browser.evaluate(TEXT)
    assert pasted.startswith("Typed *words*.\n\n- one\n- two\n\n")
    for part in (
        "with *stress*, `code`, a [link](https://example.org/)",
        "> Words of",
        "```python",
    ):
        assert part in pasted


def publish_and_read(browser):
    browser.click("document.querySelector('[data-publish]')")
    browser.wait_for("document.querySelector('.flash')?.innerText.startsWith('Published.')")
    assert browser.evaluate("document.querySelector('.text em').innerText") == "words"
    assert browser.evaluate("document.querySelector('.text h2').innerText") == "How it came"


def find(browser):
    browser.follow("Search")
    browser.click("document.querySelector('main input[type=search]')")
    browser.type("typed other\n")
    browser.wait_for("document.querySelector('main .title')?.innerText === 'Other engines'")
