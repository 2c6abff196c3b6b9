"""Accessibility and layout of every page, light and dark, narrow and wide."""

import itertools

import pytest

PUBLIC_PAGES = {
    "front": "/",
    "post": "/a-post-with-everything",
    "wide": "/" + "w" * 80,
    "arabic": "/11",
    "japanese": "/12",
    "chapters": "/a-post-with-chapters",
    "tag": "/tag/a-tag",
    "tag-index": "/tag",
    "person": "/user/ada",
    "archive": "/archive",
    "feeds": "/feeds",
    "year": "/2020/",
    "month": "/2020/03/",
    "series": "/series/a-series",
    "search": "/search?q=post",
    "search-wide": "/search?q=" + "w" * 150,
    "search-nothing": "/search?q=nothing",
    "register": "/auth/register",
    "login": "/auth/login",
    "not-found": "/nothing-here",
}
ADMIN_PAGES = {
    "own-front": "/",
    "own-post": "/a-post-with-everything",
    "new": "/create",
    "edit": "/13/update",
    "edit-wide": "/10/update",
    "password": "/auth/password",
    "account": "/account",
    "tokens": "/account/tokens",
    "desk": "/posts",
    "drafts": "/posts?show=drafts",
    "trash": "/posts?show=trash",
    "versions": "/13/revisions",
    "tags": "/tags",
    "media": "/media",
    "settings": "/settings",
    "design": "/settings/design",
}
LOOKS = tuple(itertools.product(("light", "dark"), (320, 1280)))


@pytest.mark.parametrize("name", PUBLIC_PAGES)
def test_public_pages_are_accessible_and_fit(full_blog, visitor, axe, name):
    reader = visitor(full_blog, reduced_motion="reduce")
    assert reader.open(PUBLIC_PAGES[name]).ok is (name != "not-found")
    assert_accessible(reader, axe, name)


@pytest.mark.parametrize("name", ADMIN_PAGES)
def test_admin_pages_are_accessible_and_fit(full_blog, visitor, axe, name, cookies_of_ada):
    ada = visitor(full_blog, reduced_motion="reduce", storage_state=cookies_of_ada)
    ada.open(ADMIN_PAGES[name])
    assert ada.page.get_by_role("link", name="Log Out").count() == 1
    assert_accessible(ada, axe, name)


def assert_accessible(person, axe, name):
    page = person.page
    assert (page.locator("h1").count(), page.get_by_role("main").count()) == (1, 1)
    for scheme, width in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        person.screenshot(f"page-{scheme}-{width}-{name}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        assert axe(page) == [], (scheme, width)


FOLDED = "<details><summary>More</summary><p>Folded in.</p></details>"


def test_printed_post_shows_what_is_folded_in(full_blog, visitor):
    reader = visitor(full_blog)
    reader.open("/a-post-with-chapters")
    page = reader.page
    page.locator(".text").evaluate(
        "(text, html) => text.insertAdjacentHTML('beforeend', html)", FOLDED
    )
    assert not page.get_by_text("Folded in.").is_visible()
    page.emulate_media(media="print")
    assert page.get_by_text("Folded in.").is_visible()
    headings = page.locator(".text :is(h2, summary)")
    breaks = headings.evaluate_all("all => all.map((one) => getComputedStyle(one).breakAfter)")
    assert set(breaks) == {"avoid"}


@pytest.mark.parametrize("name", ("post", "wide", "not-found"))
def test_skip_link_leads_to_the_content(full_blog, visitor, name):
    reader = visitor(full_blog)
    reader.open(PUBLIC_PAGES[name])
    reader.page.keyboard.press("Tab")
    skip = reader.page.get_by_role("link", name="Skip to content")
    assert skip.bounding_box()["y"] >= 0
    reader.page.keyboard.press("Enter")
    assert reader.page.evaluate("document.activeElement.tagName") == "MAIN"


@pytest.mark.parametrize("system", ("light", "dark"))
def test_theme_switch_is_remembered(full_blog, visitor, system):
    reader = visitor(full_blog, color_scheme=system)
    reader.open()
    switch = reader.page.locator("[data-theme-switch]")
    before = background(reader.page)
    switch.click()
    chosen = background(reader.page)
    reader.open("/auth/login")
    assert background(reader.page) == chosen != before
    switch.click()
    assert background(reader.page) == before


def background(page):
    return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")


def test_paper_is_light_even_if_the_reader_chose_dark(full_blog, visitor):
    reader = visitor(full_blog, color_scheme="light")
    reader.open()
    light = background(reader.page)
    reader.page.locator("[data-theme-switch]").click()
    assert background(reader.page) != light
    reader.page.emulate_media(media="print")
    assert background(reader.page) == light


def test_theme_switch_is_hidden_without_scripts(full_blog, visitor):
    reader = visitor(full_blog, java_script_enabled=False)
    reader.open()
    assert not reader.page.locator("[data-theme-switch]").is_visible()


def test_pager_leads_to_older_posts_and_back(full_blog, visitor):
    reader = visitor(full_blog)
    reader.open()
    reader.follow("Older")
    assert reader.sees("Post 0")
    reader.follow("Newer")
    assert reader.sees("By SQL")


def test_wide_tables_and_code_scroll(full_blog, visitor):
    reader = visitor(full_blog, viewport={"width": 320, "height": 800})
    reader.open(PUBLIC_PAGES["wide"])
    for box in (".table", "pre"):
        wide = reader.page.locator(f"main {box}").first
        assert wide.evaluate("box => box.scrollWidth > box.clientWidth")
        wide.focus()
        reader.page.keyboard.press("ArrowRight")
        reader.page.wait_for_function("box => box.scrollLeft > 0", arg=wide.element_handle())


def test_footnote_links_there_and_back(full_blog, visitor):
    reader = visitor(full_blog)
    reader.open(PUBLIC_PAGES["post"])
    reader.page.locator("sup a").click()
    target = reader.page.locator(":target")
    assert "And this is the note." in target.inner_text()
    target.get_by_role("link").click()
    assert reader.page.locator(":target").inner_text() == "1"


def test_copy_button_copies_code_and_says_so(full_blog, visitor):
    reader = visitor(full_blog)
    reader.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    reader.open(PUBLIC_PAGES["post"])
    button = reader.page.get_by_role("button", name="Copy this code")
    button.focus()
    reader.page.keyboard.press("Enter")
    reader.sees("Code copied.")
    copied = reader.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("def hello(name: str) -> str:\n    # The greeting of old.")


def test_copy_button_works_without_the_clipboard_api(full_blog, visitor):
    reader = visitor(full_blog)
    reader.page.add_init_script("delete Navigator.prototype.clipboard")
    reader.page.add_init_script("document.addEventListener('copy', () => window.copied = 1)")
    reader.open(PUBLIC_PAGES["post"])
    reader.page.get_by_role("button", name="Copy this code").click()
    reader.sees("Code copied.")
    assert reader.page.evaluate("[window.copied, getSelection().toString().slice(0, 9)]") == [
        1,
        "def hello",
    ]


def test_table_of_contents_links_to_headings(full_blog, visitor):
    reader = visitor(full_blog, java_script_enabled=False)
    reader.open(PUBLIC_PAGES["chapters"])
    reader.page.get_by_text("Contents", exact=True).click()
    reader.page.get_by_role("navigation", name="Contents").get_by_role("link", name="Two").click()
    assert reader.page.locator(":target").inner_text() == "Two"
